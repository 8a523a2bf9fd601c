package io.github.tlsresumption.resumption;

import java.util.Locale;

/**
 * How a handshake went.
 */
public enum HandshakeResult
{
    /** A session was established. */
    FULL,
    /** A session was resumed by a ticket under a key of the ring. */
    TICKET,
    /** A session was resumed by a ticket under a session key. */
    CACHE,
    /** A session was resumed out of the engine's own cache, by its session id. */
    SESSION_ID;

    /**
     * @return the name as metrics and request attributes show it, such as {@code session-id}
     */
    @Override
    public String toString()
    {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
