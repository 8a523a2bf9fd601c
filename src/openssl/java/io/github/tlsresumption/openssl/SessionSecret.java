package io.github.tlsresumption.openssl;

import java.util.Arrays;

/**
 * What a client must have to resume a session. To be overwritten by {@link #destroy} when it has been used.
 *
 * @param secret in TLS 1.3 the pre-shared key, over which the binder of a ClientHello is made (RFC 8446 section 4.2.11.2); in TLS 1.2 the
 * master secret
 * @param cipherSuite the number of the session's cipher suite, which says the hash
 */
record SessionSecret(byte[] secret, int cipherSuite)
{
    /**
     * Overwrites the secret.
     */
    public void destroy()
    {
        Arrays.fill(secret, (byte)0);
    }

    /**
     * @return nothing of the secret
     */
    @Override
    public String toString()
    {
        return "SessionSecret[%04x]".formatted(cipherSuite);
    }
}
