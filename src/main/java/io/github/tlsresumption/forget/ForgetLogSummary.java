package io.github.tlsresumption.forget;

import java.io.IOException;
import java.time.Instant;

import io.github.tlsresumption.forget.ForgetLogEntry.Bind;
import io.github.tlsresumption.forget.ForgetLogEntry.Forget;
import io.github.tlsresumption.forget.ForgetLogEntry.ForgetEveryone;
import io.github.tlsresumption.forget.ForgetLogEntry.ForgetPrincipal;

/**
 * The fewest entries that say the same as those added. What has expired goes into an entry for everyone as old, which
 * matters only when the clock was wrong. Not thread-safe.
 */
final class ForgetLogSummary
{
    private static final int BEFORE = 0;
    private static final int IS_PRINCIPAL = 1;

    private final long dead;
    private LongRows forgotten = new LongRows(2, 0);
    private LongRows bindings = Bindings.none();
    private long everyone = ForgetTable.NOBODY;
    private long mark = ForgetTable.NOBODY;
    private Bind ring;

    /**
     * @param dead the latest time, in milliseconds since 1970, at which a session that has ended was established
     */
    ForgetLogSummary(long dead)
    {
        this.dead = dead;
    }

    /**
     * Takes the entries.
     */
    interface Sink
    {
        void accept(ForgetLogEntry entry) throws IOException;
    }

    void add(ForgetLogEntry entry)
    {
        if (entry instanceof Forget forget)
        {
            forget(forget.subject(), forget.before().toEpochMilli(), 0);
        }
        else if (entry instanceof ForgetPrincipal forget)
        {
            forget(forget.subject(), forget.before().toEpochMilli(), 1);
        }
        else if (entry instanceof Bind bind && bind.isRingVersion())
        {
            ring = ring == null || bind.principal() >= ring.principal() ? bind : ring;
        }
        else if (entry instanceof Bind bind && bind.isMark())
        {
            mark = Math.max(mark, bind.at().toEpochMilli());
        }
        else if (entry instanceof Bind bind)
        {
            bind(bind);
        }
        else
        {
            everyone = Math.max(everyone, entry.reach().toEpochMilli());
        }
    }

    /**
     * @return how many entries {@link #give} gives
     */
    long count()
    {
        int marks = (everyone == ForgetTable.NOBODY ? 0 : 1) + (mark == ForgetTable.NOBODY ? 0 : 1) + (ring == null ? 0 : 1);
        return marks + count(forgotten, BEFORE) + count(bindings, Bindings.ESTABLISHED);
    }

    /**
     * @throws IOException from the sink
     */
    void give(Sink sink) throws IOException
    {
        if (everyone != ForgetTable.NOBODY)
        {
            sink.accept(new ForgetEveryone(Instant.ofEpochMilli(everyone)));
        }
        if (mark != ForgetTable.NOBODY)
        {
            sink.accept(Bind.mark(Instant.ofEpochMilli(mark)));
        }
        if (ring != null)
        {
            sink.accept(ring);
        }
        for (int slot = 0; slot < forgotten.slots(); slot++)
        {
            if (matters(forgotten, slot, BEFORE))
            {
                Instant before = Instant.ofEpochMilli(forgotten.get(slot, BEFORE));
                long subject = forgotten.key(slot);
                sink.accept(forgotten.get(slot, IS_PRINCIPAL) == 0 ? new Forget(subject, before) : new ForgetPrincipal(subject, before));
            }
        }
        for (int slot = 0; slot < bindings.slots(); slot++)
        {
            if (matters(bindings, slot, Bindings.ESTABLISHED))
            {
                sink.accept(new Bind(bindings.key(slot), Instant.ofEpochMilli(bindings.get(slot, Bindings.ESTABLISHED)),
                    bindings.get(slot, Bindings.PRINCIPAL), Instant.ofEpochMilli(bindings.get(slot, Bindings.AT))));
            }
        }
    }

    private long count(LongRows rows, int time)
    {
        long count = 0;
        for (int slot = 0; slot < rows.slots(); slot++)
        {
            count += matters(rows, slot, time) ? 1 : 0;
        }
        return count;
    }

    private boolean matters(LongRows rows, int slot, int time)
    {
        return rows.isUsed(slot) && rows.get(slot, time) > everyone;
    }

    private void forget(long subject, long before, long isPrincipal)
    {
        if (before <= dead)
        {
            everyone = Math.max(everyone, before);
            return;
        }
        int slot = forgotten.find(subject);
        if (slot != LongRows.NONE)
        {
            forgotten.set(slot, BEFORE, Math.max(before, forgotten.get(slot, BEFORE)));
            forgotten.set(slot, IS_PRINCIPAL, isPrincipal | forgotten.get(slot, IS_PRINCIPAL));
            return;
        }
        forgotten = forgotten.withRoom();
        forgotten.add(subject, before, isPrincipal);
    }

    private void bind(Bind bind)
    {
        long established = bind.established().toEpochMilli();
        if (established <= dead)
        {
            everyone = Math.max(everyone, established);
            return;
        }
        if (Bindings.needsRow(bindings, bind))
        {
            bindings = bindings.withRoom();
            Bindings.add(bindings, bind);
        }
    }
}
