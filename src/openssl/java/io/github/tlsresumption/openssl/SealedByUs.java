package io.github.tlsresumption.openssl;

import java.util.Optional;
import javax.net.ssl.SSLException;

import io.github.tlsresumption.crypto.Aes256Gcm;
import io.github.tlsresumption.engine.OpenedTicket;
import io.github.tlsresumption.engine.Tickets;
import io.github.tlsresumption.ticket.Ticket;

/**
 * The tickets of one handshake with a library that gives its states away: what clients carry is ours, byte for byte. Confined to its
 * handshake.
 */
final class SealedByUs
{
    /** By how much a ticket is longer than its state: sealed twice at most. */
    static final int OVERHEAD_BYTES = Ticket.OVERHEAD_BYTES + Aes256Gcm.TAG_BYTES;

    /** No decoy is longer, and no ticket of a plausible session. */
    private static final int MAX_DECOY_BYTES = 2048;
    private static final byte[] NOTHING = {};

    private final NativeContext context;
    private final HandshakeFacts facts;
    private final Tickets tickets;
    private final HandshakeSessions sessions;

    /**
     * @param context what all connections share
     * @param facts of the handshake
     * @param tickets decides
     * @param sessions of the handshake
     */
    SealedByUs(NativeContext context, HandshakeFacts facts, Tickets tickets, HandshakeSessions sessions)
    {
        this.context = context;
        this.facts = facts;
        this.tickets = tickets;
        this.sessions = sessions;
    }

    /**
     * @param state a session's state
     * @return its ticket; or one that nobody can open, or in TLS 1.2 an empty one (RFC 5077 section 3.3), since the client must get one
     */
    byte[] seal(byte[] state)
    {
        try
        {
            facts.knowPeer();
            Optional<byte[]> ticket = tickets.states().seal(state, NOTHING, context.stateFormat(), sessions.origin());
            if (ticket.isPresent())
            {
                return ticket.get();
            }
        }
        catch (RuntimeException | SSLException e)
        {
            // Not the handshake's failure: it goes on with a decoy.
            context.warn(e);
        }
        return facts.isTls13() ? Ticket.decoy(Math.min(state.length + OVERHEAD_BYTES, MAX_DECOY_BYTES)) : NOTHING;
    }

    /**
     * @return the ticket, if its session may be resumed
     */
    Optional<OpenedTicket> open(byte[] ticket)
    {
        return tickets.states().open(ticket, NOTHING, context.stateFormat());
    }

    /**
     * The library asks about no ticket, but each refusal is counted.
     */
    void refuse()
    {
        Optional<byte[]> ticket = facts.offeredTicket();
        try
        {
            if (ticket.isPresent() && !sessions.isExhausted())
            {
                open(ticket.get());
            }
        }
        catch (RuntimeException e)
        {
            context.warn(e);
        }
        tickets.abandoned();
    }
}
