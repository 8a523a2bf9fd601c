package io.github.tlsresumption.resumption;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

import io.github.tlsresumption.engine.OpenedTicket;
import io.github.tlsresumption.engine.SessionOrigin;

/**
 * The tickets that a handshake has opened. Confined to it.
 */
final class OpenedTickets
{
    private final List<Entry> entries = new ArrayList<>(1);

    /**
     * @param handle what the engine has of it
     * @param ticket as it was offered
     * @param associatedData with which it was opened
     * @param content what it held
     * @param session that it continues
     * @param opensUntil when its ticket key ends
     */
    record Entry(OpenedTicket handle, byte[] ticket, byte[] associatedData, TicketContent content, TicketSession session,
        Instant opensUntil)
    {
        /**
         * @return whether the ticket opens once more, whenever the session may be resumed
         */
        boolean staysGood()
        {
            // One of a single use has been used up, and its session has another key.
            return session.key() == content.key() && !opensUntil.isBefore(content.record().deadline());
        }
    }

    void add(Entry entry)
    {
        entries.add(entry);
    }

    boolean isEmpty()
    {
        return entries.isEmpty();
    }

    /**
     * After a HelloRetryRequest the same ticket comes a second time.
     */
    Optional<Entry> find(byte[] ticket, byte[] associatedData)
    {
        return first(entry -> Arrays.equals(entry.ticket(), ticket) && Arrays.equals(entry.associatedData(), associatedData));
    }

    /**
     * @return the ticket whose session the handshake resumes, if it is that of one
     */
    Optional<Entry> find(SessionOrigin origin)
    {
        return origin instanceof SessionOrigin.Ticket ticket ? find(ticket.opened()) : Optional.empty();
    }

    Optional<Entry> find(OpenedTicket handle)
    {
        return first(entry -> entry.handle() == handle);
    }

    private Optional<Entry> first(Predicate<Entry> wanted)
    {
        for (Entry entry : entries)
        {
            if (wanted.test(entry))
            {
                return Optional.of(entry);
            }
        }
        return Optional.empty();
    }

    /**
     * A connection may last for hours; states and keys shall not.
     */
    void clear()
    {
        entries.clear();
    }
}
