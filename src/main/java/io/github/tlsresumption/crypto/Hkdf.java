package io.github.tlsresumption.crypto;

import org.bouncycastle.crypto.digests.SHA256Digest;
import org.bouncycastle.crypto.generators.HKDFBytesGenerator;
import org.bouncycastle.crypto.params.HKDFParameters;

/**
 * HKDF with SHA-256 (RFC 5869): keys for several purposes from one secret. Stateless.
 */
public final class Hkdf
{
    /**
     * The longest output: 255 blocks of the hash (RFC 5869 section 2.3).
     */
    public static final int MAX_BYTES = 255 * 32;

    private Hkdf()
    {
    }

    /**
     * Extract, then expand.
     *
     * @param secret the input keying material; it needs entropy, but need not be uniform: not for passphrases, see {@link PassphraseKey}
     * @param salt not secret; empty stands for 32 zero bytes (RFC 5869 section 2.2)
     * @param info what the output is for; outputs for different purposes are independent
     * @param length of the output in bytes, 1 to {@link #MAX_BYTES}
     * @return a new array of that length
     * @throws IllegalArgumentException when the length is out of range
     */
    public static byte[] sha256(byte[] secret, byte[] salt, byte[] info, int length)
    {
        if (length < 1 || length > MAX_BYTES)
        {
            throw new IllegalArgumentException("HKDF-SHA-256 gives 1 to " + MAX_BYTES + " bytes, not " + length);
        }
        HKDFBytesGenerator generator = new HKDFBytesGenerator(new SHA256Digest());
        generator.init(new HKDFParameters(secret, salt, info));
        byte[] output = new byte[length];
        generator.generateBytes(output, 0, length);
        return output;
    }
}
