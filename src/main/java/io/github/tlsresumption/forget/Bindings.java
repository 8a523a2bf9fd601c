package io.github.tlsresumption.forget;

import io.github.tlsresumption.forget.ForgetLogEntry.Bind;

/**
 * The rows that bind sessions to principals, by the session. Of a session and a principal the earliest binding counts. Stateless; a reader
 * waits for no writer.
 */
final class Bindings
{
    static final int MAX_PRINCIPALS = 8;
    static final int PRINCIPAL = 0;
    static final int AT = 1;
    static final int ESTABLISHED = 2;

    private static final int COLUMNS = 3;

    private Bindings()
    {
    }

    static LongRows none()
    {
        return new LongRows(COLUMNS, 0);
    }

    /**
     * @return whether binding the session to the principal would change nothing
     */
    static boolean isBound(LongRows rows, long session, long principal)
    {
        int principals = 0;
        for (int slot = rows.find(session); slot != LongRows.NONE; slot = rows.findAfter(slot, session))
        {
            if (rows.get(slot, PRINCIPAL) == principal || ++principals > MAX_PRINCIPALS)
            {
                return true;
            }
        }
        return false;
    }

    /**
     * Merges a binding with the one that the session and the principal have already.
     *
     * @return whether they have none, so that it needs a row; a session of too many principals, which is forgotten, needs no more
     */
    static boolean needsRow(LongRows rows, Bind bind)
    {
        int principals = 0;
        for (int slot = rows.find(bind.session()); slot != LongRows.NONE; slot = rows.findAfter(slot, bind.session()))
        {
            if (rows.get(slot, PRINCIPAL) == bind.principal())
            {
                rows.set(slot, AT, Math.min(bind.at().toEpochMilli(), rows.get(slot, AT)));
                return false;
            }
            principals++;
        }
        // One more than the limit is what says that the limit was passed.
        return principals <= MAX_PRINCIPALS;
    }

    /**
     * Adds a binding that needs a row to a table that is not full.
     */
    static void add(LongRows rows, Bind bind)
    {
        rows.add(bind.session(), bind.principal(), bind.at().toEpochMilli(), bind.established().toEpochMilli());
    }
}
