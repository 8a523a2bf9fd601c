package io.github.tlsresumption.engine;

import java.time.Instant;

import io.github.tlsresumption.ticket.StableId;

/**
 * What an application may know of the session of its connection.
 *
 * @param id the stable id: the same over all resumptions of a session
 * @param resumed whether this connection's handshake resumed the session
 * @param mode how the session was resumed, or can be: {@code ticket}, {@code cache} (a ticket under a session key),
 * {@code session-id} or {@code off}
 * @param protocol the protocol as JSSE names it
 * @param established when the full handshake was
 * @param deadline from when on the session is not resumed any more, and its connections are over where they are to end with it; also of a
 * session that is not resumed at all
 * @param clientIdentity a keyed hash of the client's identity, 0 for none
 * @param rule the name of the rule that gave the session its terms, empty when none did
 */
public record TlsSession(StableId id, boolean resumed, String mode, String protocol, Instant established, Instant deadline,
    long clientIdentity, String rule)
{
    /**
     * The name of the {@link javax.net.ssl.SSLSession} value that holds the {@link TlsSession} of a connection.
     */
    public static final String NAME = "io.github.tlsresumption.session";

    /**
     * The name of the value that holds the {@link TlsSession} of a connection's first handshake, which a renegotiation does not replace.
     */
    public static final String FIRST = "io.github.tlsresumption.session.first";

    private static final String OFF = "off";

    /**
     * @param resumed whether the handshake resumed it all the same
     * @param protocol the protocol as JSSE names it
     * @param established when the full handshake was
     * @param deadline when its connections are over
     * @param clientIdentity a keyed hash of the client's identity, 0 for none
     * @param rule the name of the rule that gave the session its terms, empty when none did
     * @return a session that is not resumed any more
     */
    public static TlsSession off(boolean resumed, String protocol, Instant established, Instant deadline, long clientIdentity, String rule)
    {
        return new TlsSession(StableId.random(), resumed, OFF, protocol, established, deadline, clientIdentity, rule);
    }

    /**
     * @return whether the session may be resumed before its deadline
     */
    public boolean isResumable()
    {
        return !OFF.equals(mode);
    }
}
