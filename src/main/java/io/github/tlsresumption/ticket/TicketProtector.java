package io.github.tlsresumption.ticket;

import java.util.Optional;

/**
 * Protects the session state that a TLS engine puts into tickets (RFC 5077 section 4).
 * <p>
 * This is all that an engine's integration knows of tickets: it asks for one {@link Tickets} per handshake,
 * and hands it states to seal and tickets to open. Implementations are thread-safe; a {@link Tickets} is
 * confined to its handshake.
 */
public interface TicketProtector
{
    /**
     * @param handshake what is known of the handshake, asked again at each call
     * @return the tickets of that handshake
     */
    Tickets begin(TlsHandshake handshake);

    /**
     * Says whether a session of the engine's own session-id cache has ended: its deadline has passed, it was forgotten, or the policy
     * does not let its client resume any more. The engine asks when no handshake does.
     *
     * @param cached that session
     * @return whether it is to leave the cache
     */
    default boolean isOver(CachedSession cached)
    {
        return false;
    }

    /**
     * Forgets a session for good, with all its tickets, here and wherever else they are opened.
     *
     * @param session a session that an application has invalidated
     */
    default void forget(TlsSession session)
    {
    }

    /**
     * The tickets of one handshake.
     */
    interface Tickets
    {
        /**
         * Opens a ticket that the client offers.
         *
         * @param ticket the ticket as {@link #seal} returned it, or anything else that a client may send
         * @param associatedData what must be the same as at {@link #seal}
         * @param stateFormat the 23-bit mark of the format that the engine reads
         * @return the state that was sealed, or empty: then the engine must do a full handshake
         */
        Optional<byte[]> open(byte[] ticket, byte[] associatedData, int stateFormat);

        /**
         * To be asked for each ticket that is offered, before it is opened; that there are too many is a refusal, and counted as one.
         *
         * @param offered how many there were in this handshake, this one included, whether or not {@link #open} was asked
         * @return whether nothing more is opened, whatever it is: the engine may pass it over
         */
        boolean isExhausted(int offered);

        /**
         * Seals a state into a new ticket.
         *
         * @param state the session state as the engine writes it
         * @param associatedData what must be the same when the ticket is opened
         * @param stateFormat the 23-bit mark of the format that the engine writes
         * @return the ticket, longer than the state; or empty when there must be none that can be opened
         */
        Optional<byte[]> seal(byte[] state, byte[] associatedData, int stateFormat);

        /**
         * To be asked in TLS 1.2, where a client keeps the ticket that it has offered (RFC 5077 section 3.3), once the engine has
         * chosen to resume the session of a ticket.
         *
         * @return whether the client needs a new ticket, as the one that was opened does not open for the rest of the session's life
         */
        default boolean renews()
        {
            return true;
        }

        /**
         * @param protocol the negotiated protocol as JSSE names it
         * @return whether a session of this handshake may ever be resumed; if not, the engine shall issue no ticket
         * and keep nothing in a cache of its own
         */
        boolean resumable(String protocol);

        /**
         * Says that a session of the engine's own session-id cache is about to be asked for by its id.
         *
         * @param cached that session
         * @return whether it may be resumed
         */
        boolean resumableById(CachedSession cached);

        /**
         * Says that a handshake is complete that resumed a session, so that its client has the session's secret. To be called before
         * {@link #finished}.
         *
         * @return whether the ticket was this handshake's to use; if not, another one has used it meanwhile, and the engine must end the
         * connection
         */
        default boolean proven()
        {
            return true;
        }

        /**
         * Says that the client sends early data (RFC 8446 section 4.2.10), as it may with another server's ticket, which the engine can
         * neither read nor leave out: the connection is lost.
         */
        default void earlyData()
        {
        }

        /**
         * Says that the handshake has resumed nothing, or will not be complete. What was held for it is free again.
         */
        default void abandoned()
        {
        }

        /**
         * Says that the handshake is complete.
         *
         * @param sessionId the session id in the engine's own cache
         * @return what is now known of the session
         */
        TlsSession finished(byte[] sessionId);

        /**
         * Says that one more handshake of a connection whose first is complete has established a session, which is not resumed.
         *
         * @return what is known of that session
         */
        default TlsSession renegotiated()
        {
            throw new UnsupportedOperationException();
        }
    }
}
