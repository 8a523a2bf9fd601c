package io.github.tlsresumption.crypto;

import java.security.SecureRandom;

/**
 * Bytes from the platform's own generator, for keys, nonces and identifiers. Safe for use by many threads.
 */
public final class Random
{
    private static final SecureRandom GENERATOR = new SecureRandom();

    private Random()
    {
    }

    /**
     * @param count how many bytes, 0 or more
     * @return a new array of that many unpredictable bytes
     */
    public static byte[] bytes(int count)
    {
        byte[] bytes = new byte[count];
        GENERATOR.nextBytes(bytes);
        return bytes;
    }
}
