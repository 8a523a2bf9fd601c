package io.github.tlsresumption.engine;

/**
 * Where the session of a handshake comes from.
 */
public sealed interface SessionOrigin
{
    /**
     * The handshake is full: it establishes the session.
     */
    SessionOrigin FULL_HANDSHAKE = new FullHandshake();

    /**
     * The handshake establishes the session.
     */
    record FullHandshake() implements SessionOrigin
    {
    }

    /**
     * The handshake resumes the session of a ticket.
     *
     * @param opened the ticket
     */
    record Ticket(OpenedTicket opened) implements SessionOrigin
    {
    }

    /**
     * The handshake resumes a session of the engine's own cache.
     *
     * @param session the session
     */
    record Cache(CachedSession session) implements SessionOrigin
    {
    }

    /**
     * @return whether the handshake resumes a session
     */
    default boolean isResumed()
    {
        return !(this instanceof FullHandshake);
    }
}
