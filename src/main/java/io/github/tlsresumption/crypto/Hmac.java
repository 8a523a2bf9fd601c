package io.github.tlsresumption.crypto;

import java.nio.ByteBuffer;
import java.security.InvalidKeyException;
import java.security.Key;
import java.security.NoSuchAlgorithmException;
import java.security.Provider;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * HMAC with SHA-256 (RFC 2104, FIPS 180-4). Safe for use by many threads.
 */
public final class Hmac
{
    private static final String ALGORITHM = "HmacSHA256";
    /** Asked for once, as {@link AesCiphers} does. Two threads that find nothing choose the same. */
    private static volatile Provider provider;

    private Hmac()
    {
    }

    /**
     * @param key any bytes but none
     * @param message any bytes
     * @return 32 bytes
     * @throws IllegalArgumentException when the key is empty
     */
    public static byte[] sha256(byte[] key, byte[] message)
    {
        try
        {
            return keyed(new SecretKeySpec(key, ALGORITHM)).doFinal(message);
        }
        catch (NoSuchAlgorithmException | InvalidKeyException e)
        {
            throw new IllegalStateException("every Java platform has HMAC with SHA-256, this one has not", e);
        }
    }

    private static Mac keyed(Key key) throws NoSuchAlgorithmException, InvalidKeyException
    {
        Provider chosen = provider;
        Mac mac = chosen == null ? Mac.getInstance(ALGORITHM) : Mac.getInstance(ALGORITHM, chosen);
        mac.init(key);
        if (chosen == null)
        {
            // JCA chooses when it knows the key.
            provider = mac.getProvider();
        }
        return mac;
    }

    /**
     * To be called when the list of providers has changed.
     */
    static void chooseAgain()
    {
        provider = null;
    }

    /**
     * @param key as for {@link #sha256}
     * @param label what the hash is for; different labels never share an input
     * @param value any bytes
     * @return the first 64 bits of the HMAC over {@link Digests#sha256} of label and value, big-endian
     * @throws IllegalArgumentException when the key is empty
     */
    public static long sha256ToLong(byte[] key, String label, byte[] value)
    {
        return ByteBuffer.wrap(sha256(key, Digests.sha256(label, value))).getLong();
    }
}
