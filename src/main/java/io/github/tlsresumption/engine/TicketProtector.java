package io.github.tlsresumption.engine;

/**
 * Decides which sessions a TLS engine resumes, and protects the states that it puts into tickets (RFC 5077 section 4).
 * <p>
 * This is all that an engine knows of it: it asks for one {@link Tickets} per handshake. Implementations are thread-safe; a {@link Tickets}
 * is confined to its handshake.
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
}
