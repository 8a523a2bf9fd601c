package io.github.tlsresumption.status;

/**
 * How many completed handshakes went one way.
 *
 * @param protocol {@code TLSv1.3}, {@code TLSv1.2} or {@code other}
 * @param result {@code full}, {@code ticket}, {@code cache} or {@code session-id}
 * @param count how many
 */
public record HandshakeCount(String protocol, String result, long count)
{
    /**
     * @return whether a session was resumed
     */
    public boolean isResumption()
    {
        return !"full".equals(result);
    }
}
