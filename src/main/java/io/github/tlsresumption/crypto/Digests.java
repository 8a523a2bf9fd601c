package io.github.tlsresumption.crypto;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * SHA-256 (FIPS 180-4), mostly over several values, so that no two different lists of values give the same input. Stateless.
 */
public final class Digests
{
    private Digests()
    {
    }

    /**
     * @param label what the digest is for; different labels never share an input
     * @param parts the values in order, each of any length
     * @return 32 bytes: SHA-256 of the label in UTF-8 and the parts, each behind its length in 4 bytes, big-endian
     */
    public static byte[] sha256(String label, byte[]... parts)
    {
        MessageDigest digest = newSha256();
        update(digest, label.getBytes(StandardCharsets.UTF_8));
        for (byte[] part : parts)
        {
            update(digest, part);
        }
        return finish(digest);
    }

    /**
     * @param label as for {@link #sha256}
     * @param parts as for {@link #sha256}
     * @return the first 64 bits of {@link #sha256}, big-endian
     */
    public static long sha256ToLong(String label, byte[]... parts)
    {
        return ByteBuffer.wrap(sha256(label, parts)).getLong();
    }

    /**
     * A digest as others compute it, of one value and nothing else, such as a fingerprint that an operator has copied.
     *
     * @param bytes any bytes
     * @return 32 bytes: SHA-256 of just these
     */
    public static byte[] fingerprint(byte[] bytes)
    {
        MessageDigest digest = newSha256();
        digest.update(bytes);
        return finish(digest);
    }

    /**
     * @param left any bytes
     * @param right any bytes
     * @return whether both are equal, in a time that depends on the lengths alone
     */
    public static boolean equal(byte[] left, byte[] right)
    {
        return MessageDigest.isEqual(left, right);
    }

    private static void update(MessageDigest digest, byte[] part)
    {
        digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(0, part.length));
        digest.update(part);
    }

    private static byte[] finish(MessageDigest digest)
    {
        byte[] value = digest.digest();
        // Else the last block, which may be of a secret, stays in it until somebody uses it again.
        digest.reset();
        return value;
    }

    private static MessageDigest newSha256()
    {
        try
        {
            return MessageDigest.getInstance("SHA-256");
        }
        catch (NoSuchAlgorithmException e)
        {
            throw new IllegalStateException("every Java platform has SHA-256, this one has not", e);
        }
    }
}
