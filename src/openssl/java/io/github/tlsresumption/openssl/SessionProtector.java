package io.github.tlsresumption.openssl;

/**
 * Decides about sessions: one for a context, asked once for each connection. Thread-safe.
 */
@FunctionalInterface
public interface SessionProtector
{
    /**
     * @param handshake what is known of the handshake, asked again at each call
     * @return who decides about that connection's sessions
     */
    ConnectionSessions begin(HandshakeInfo handshake);
}
