package io.github.tlsresumption.resumption;

import io.github.tlsresumption.policy.Deadline;
import io.github.tlsresumption.policy.ResumptionMode;
import io.github.tlsresumption.policy.SessionTerms;
import io.github.tlsresumption.sessions.SessionKey;
import io.github.tlsresumption.ticket.SessionRecord;

/**
 * A session that a ticket of a handshake continues or begins.
 *
 * @param record as in the ticket
 * @param key the session's own key, null in mode {@code ticket}
 * @param terms in force now, which may be stricter than they were
 */
record TicketSession(SessionRecord record, SessionKey key, SessionTerms terms)
{
    ResumptionMode mode()
    {
        return key == null ? ResumptionMode.TICKET : ResumptionMode.CACHE;
    }

    Deadline deadline()
    {
        return deadline(record).under(terms);
    }

    /**
     * @return the deadline that a record keeps, whatever the terms are now
     */
    static Deadline deadline(SessionRecord record)
    {
        return new Deadline(record.established(), record.deadline());
    }
}
