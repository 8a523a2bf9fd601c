package io.github.tlsresumption.openssl;

import java.util.Optional;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSession;

/**
 * Decides about the sessions of one connection. Confined to it: its methods are called one after the other, by whatever thread drives the
 * engine. None blocks, except in a {@link Opening.Deferred}.
 */
public interface ConnectionSessions
{
    /**
     * Asked once, when the ClientHello is known and nothing is decided.
     *
     * @return how sessions of this connection may be resumed, and established for that
     */
    Terms terms();

    /**
     * @return seals and opens tickets, asked for only where {@link Terms#tickets} says so
     */
    StateTickets tickets();

    /**
     * @return keeps and finds sessions by their ids, asked for only where {@link Terms#sessionIds} says so
     */
    SessionIds sessionIds();

    /**
     * The handshake is complete.
     *
     * @param resumed whether a session that was opened or found was resumed
     * @param session the session as applications see it, for values to be bound to it
     * @return the id that applications see, or empty for the library's
     * @throws SSLException when the connection must end, such as on a second use of a ticket
     */
    Optional<byte[]> established(boolean resumed, SSLSession session) throws SSLException;

    /**
     * The handshake has failed, or the connection has ended before it was complete. Not called after {@link #established}.
     */
    void abandoned();

    /**
     * An application has invalidated the session. May be called more than once, by any thread.
     */
    void invalidated();

    /**
     * How the sessions of a connection may be resumed.
     *
     * @param tickets whether tickets are taken and issued
     * @param sessionIds whether sessions of TLS 1.2 are taken and kept by their ids
     * @param context up to 32 bytes that the library puts into a session; where they differ, it does not resume
     */
    record Terms(boolean tickets, boolean sessionIds, byte[] context)
    {
    }
}
