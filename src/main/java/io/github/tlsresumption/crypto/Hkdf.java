package io.github.tlsresumption.crypto;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * HKDF with SHA-256 (RFC 5869): keys out of one that is random already. Stateless.
 */
public final class Hkdf
{
    private static final int HASH_BYTES = 32;
    private static final int MAX_BYTES = 255 * HASH_BYTES;

    private Hkdf()
    {
    }

    /**
     * @param key input keying material, any bytes
     * @param salt any bytes; none stands for zeros
     * @param info what the result is for, any bytes
     * @param length of the result, 1 to 8160
     * @return that many bytes, to be overwritten by the caller
     * @throws IllegalArgumentException when the length is another
     */
    public static byte[] sha256(byte[] key, byte[] salt, byte[] info, int length)
    {
        byte[] pseudorandom = extract(key, salt);
        try
        {
            return expandSha256(pseudorandom, info, length);
        }
        finally
        {
            Arrays.fill(pseudorandom, (byte)0);
        }
    }

    /**
     * Section 2.3, for a key that is uniformly random already (section 3.3).
     *
     * @param pseudorandom such a key
     * @param info what the result is for, any bytes
     * @param length of the result, 1 to 8160
     * @return that many bytes, to be overwritten by the caller
     * @throws IllegalArgumentException when the length is another
     */
    public static byte[] expandSha256(byte[] pseudorandom, byte[] info, int length)
    {
        if (length < 1 || length > MAX_BYTES)
        {
            throw new IllegalArgumentException("a derived key of " + length + " bytes: make it 1 to " + MAX_BYTES);
        }
        byte[] result = new byte[length];
        byte[] block = new byte[0];
        for (int done = 0, counter = 1; done < length; done += HASH_BYTES, counter++)
        {
            byte[] input = ByteBuffer.allocate(block.length + info.length + 1).put(block).put(info).put((byte)counter).array();
            Arrays.fill(block, (byte)0);
            block = Hmac.sha256(pseudorandom, input);
            Arrays.fill(input, (byte)0);
            System.arraycopy(block, 0, result, done, Math.min(HASH_BYTES, length - done));
        }
        Arrays.fill(block, (byte)0);
        return result;
    }

    /*
     * Section 2.2.
     */
    static byte[] extract(byte[] key, byte[] salt)
    {
        return Hmac.sha256(salt.length == 0 ? new byte[HASH_BYTES] : salt, key);
    }
}
