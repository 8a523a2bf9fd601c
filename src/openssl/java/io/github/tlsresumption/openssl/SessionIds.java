package io.github.tlsresumption.openssl;

/**
 * Keeps sessions of TLS 1.2 for clients without tickets, which offer a session id (RFC 5246 section 7.3). Confined to its connection;
 * what is behind it is not. What a method throws is a refusal.
 */
public interface SessionIds
{
    /**
     * @param id 32 bytes that the client will offer
     * @param state the session's state, with its secret; kept or not
     */
    void add(byte[] id, byte[] state);

    /**
     * Asked once for each id.
     *
     * @param id up to 32 bytes, anything that a client may send
     * @return the answer; a {@link Opening.Deferred} one puts it off to a delegated task
     */
    Opening find(byte[] id);
}
