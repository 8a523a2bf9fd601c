package io.github.tlsresumption.sessions;

import java.time.Instant;
import java.util.Arrays;

import io.github.tlsresumption.crypto.Random;
import io.github.tlsresumption.crypto.Xaes256Gcm;

/**
 * The key of one session of mode {@code cache}. Immutable until it is destroyed, and thread-safe.
 */
public final class SessionKey
{
    private final Xaes256Gcm cipher;
    private final long deadline;

    private SessionKey(Xaes256Gcm cipher, long deadline)
    {
        this.cipher = cipher;
        this.deadline = deadline;
    }

    /**
     * @param deadline when the session ends
     * @return a new random key
     */
    public static SessionKey generate(Instant deadline)
    {
        byte[] secret = Random.bytes(Xaes256Gcm.KEY_BYTES);
        try
        {
            return new SessionKey(new Xaes256Gcm(secret), deadline.toEpochMilli());
        }
        finally
        {
            Arrays.fill(secret, (byte)0);
        }
    }

    /**
     * @return what seals and opens with this key
     */
    public Xaes256Gcm cipher()
    {
        return cipher;
    }

    /**
     * @return when the session ends
     */
    public Instant deadline()
    {
        return Instant.ofEpochMilli(deadline);
    }

    /**
     * Overwrites the key: what it has sealed cannot be opened any more, by anybody.
     */
    public void destroy()
    {
        cipher.destroy();
    }

    /**
     * @return the deadline; nothing of the key
     */
    @Override
    public String toString()
    {
        return "SessionKey[deadline=%s]".formatted(deadline());
    }
}
