package io.github.tlsresumption.ticket;

import java.time.Instant;

/**
 * What an application may know of the session of its connection.
 *
 * @param id the stable id: the same over all resumptions of a session
 * @param resumed whether this connection's handshake resumed the session
 * @param mode how the session was resumed, or can be: {@code ticket}, {@code cache} (a ticket under a session key),
 * {@code session-id} or {@code off}
 * @param protocol the protocol as JSSE names it
 * @param established when the full handshake was
 * @param deadline from when on the session is not resumed any more
 */
public record TlsSession(StableId id, boolean resumed, String mode, String protocol, Instant established, Instant deadline)
{
    /**
     * The name of the {@link javax.net.ssl.SSLSession} value that holds the {@link TlsSession} of a connection.
     */
    public static final String NAME = "io.github.tlsresumption.session";
}
