package io.github.tlsresumption.crypto;

/**
 * A key of AES-256-GCM (NIST SP 800-38D), for few messages: with random nonces section 8.3 allows 2<sup>32</sup>. For any number, and
 * for keys that machines share, there is {@link Xaes256Gcm}.
 */
public final class Aes256Gcm extends AesGcmKey
{
    /**
     * Length of a nonce.
     */
    public static final int NONCE_BYTES = GCM_NONCE_BYTES;

    /**
     * @param key exactly {@link #KEY_BYTES} bytes, which are copied; whoever loads keys asks {@link #isWeak} first
     * @throws IllegalArgumentException when the length is another
     */
    public Aes256Gcm(byte[] key)
    {
        super(key);
    }

    @Override
    String algorithm()
    {
        return "AES-256-GCM";
    }

    @Override
    int nonceBytes()
    {
        return NONCE_BYTES;
    }

    @Override
    byte[] messageKey(byte[] key, byte[] nonce)
    {
        return key;
    }
}
