package io.github.tlsresumption.crypto;

import java.security.GeneralSecurityException;
import javax.crypto.Cipher;
import javax.crypto.spec.SecretKeySpec;

/**
 * A key of XAES-256-GCM, the authenticated encryption of <a href="https://c2sp.org/XAES-256-GCM">c2sp.org/XAES-256-GCM</a>.
 * Its nonce is wide enough to be drawn at random for every message, by any number of machines that share the key.
 */
public final class Xaes256Gcm extends AesGcmKey
{
    /**
     * Length of a nonce.
     */
    public static final int NONCE_BYTES = 24;

    /*
     * Per message:
     *
     *   subkey = CMAC-AES-256(key, 00 01 'X' 00 | nonce[0..12]) | CMAC-AES-256(key, 00 02 'X' 00 | nonce[0..12])
     *   sealed = AES-256-GCM(subkey, nonce[12..24], plaintext, associated data), its tag at the end
     */
    private static final int BLOCK_BYTES = 16;
    private static final int SUBKEY_NONCE_BYTES = NONCE_BYTES - GCM_NONCE_BYTES;

    /**
     * @param key exactly {@link #KEY_BYTES} bytes, which are copied; whoever loads keys asks {@link #isWeak} first
     * @throws IllegalArgumentException when the length is another
     */
    public Xaes256Gcm(byte[] key)
    {
        super(key);
    }

    @Override
    String algorithm()
    {
        return "XAES-256-GCM";
    }

    @Override
    int nonceBytes()
    {
        return NONCE_BYTES;
    }

    /*
     * Each CMAC input is one whole block, so CMAC (NIST SP 800-38B) is one encryption of the block masked with the subkey K1.
     */
    @Override
    byte[] messageKey(byte[] key, byte[] nonce) throws GeneralSecurityException
    {
        Cipher aes = AesCiphers.blocks();
        aes.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(key, "AES"));
        byte[] mask = doubled(aes.doFinal(new byte[BLOCK_BYTES]));
        byte[] blocks = new byte[2 * BLOCK_BYTES];
        for (int counter = 1; counter <= 2; counter++)
        {
            int start = (counter - 1) * BLOCK_BYTES;
            blocks[start + 1] = (byte)counter;
            blocks[start + 2] = 'X';
            System.arraycopy(nonce, 0, blocks, start + 4, SUBKEY_NONCE_BYTES);
            for (int i = 0; i < BLOCK_BYTES; i++)
            {
                blocks[start + i] ^= mask[i];
            }
        }
        return aes.doFinal(blocks);
    }

    /*
     * Times x in GF(2^128), without a branch on key-dependent bits.
     */
    private static byte[] doubled(byte[] block)
    {
        byte[] result = new byte[BLOCK_BYTES];
        int carry = 0;
        for (int i = BLOCK_BYTES - 1; i >= 0; i--)
        {
            result[i] = (byte)(block[i] << 1 | carry);
            carry = (block[i] & 0x80) >>> 7;
        }
        result[BLOCK_BYTES - 1] ^= (byte)(0x87 & -carry);
        return result;
    }
}
