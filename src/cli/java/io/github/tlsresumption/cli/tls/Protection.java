package io.github.tlsresumption.cli.tls;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * One direction of a protected connection: RFC 8446 section 5.2, RFC 5288, RFC 7905.
 */
final class Protection
{
    private static final int IV_BYTES = 12;
    private static final int TAG_BITS = 128;
    private static final int EXPLICIT_BYTES = 8;
    private static final int HANDSHAKE_FRAGMENT_TYPE = 23;

    private final Suite suite;
    private final byte[] key;
    private final byte[] iv;
    private final boolean tls13;
    private long sequence;

    Protection(Suite suite, byte[] key, byte[] iv, boolean tls13)
    {
        this.suite = suite;
        this.key = key;
        this.iv = iv;
        this.tls13 = tls13;
    }

    static Protection tls13(Suite suite, byte[] trafficSecret) throws GeneralSecurityException
    {
        byte[] none = {};
        return new Protection(suite, Kdf.expandLabel(suite.hash(), trafficSecret, "key", none, suite.keyBytes()),
            Kdf.expandLabel(suite.hash(), trafficSecret, "iv", none, IV_BYTES), true);
    }

    /**
     * What a record is, and what it holds.
     *
     * @param type its content type
     * @param content in clear
     */
    record Fragment(int type, byte[] content)
    {
    }

    /**
     * @return the record's type on the wire and its fragment
     */
    Fragment seal(int type, byte[] content) throws GeneralSecurityException
    {
        if (tls13)
        {
            byte[] inner = Wire.join(content, new byte[]{(byte)type});
            byte[] header = header(HANDSHAKE_FRAGMENT_TYPE, inner.length + TAG_BITS / 8);
            return new Fragment(HANDSHAKE_FRAGMENT_TYPE, crypt(Cipher.ENCRYPT_MODE, masked(), header, inner));
        }
        byte[] explicit = ByteBuffer.allocate(EXPLICIT_BYTES).putLong(sequence).array();
        byte[] nonce = suite.chaCha() ? masked() : Wire.join(iv, explicit);
        byte[] associated = Wire.join(explicit, header(type, content.length));
        byte[] sealed = crypt(Cipher.ENCRYPT_MODE, nonce, associated, content);
        return new Fragment(type, suite.chaCha() ? sealed : Wire.join(explicit, sealed));
    }

    Fragment open(int type, byte[] fragment) throws GeneralSecurityException
    {
        if (tls13)
        {
            byte[] inner = crypt(Cipher.DECRYPT_MODE, masked(), header(type, fragment.length), fragment);
            int end = inner.length - 1;
            while (end > 0 && inner[end] == 0)
            {
                end--;
            }
            if (end < 0)
            {
                throw new GeneralSecurityException("an empty record");
            }
            return new Fragment(inner[end], Arrays.copyOf(inner, end));
        }
        byte[] number = ByteBuffer.allocate(EXPLICIT_BYTES).putLong(sequence).array();
        ByteBuffer in = ByteBuffer.wrap(fragment);
        byte[] nonce = suite.chaCha() ? masked() : Wire.join(iv, Wire.raw(in, EXPLICIT_BYTES));
        byte[] sealed = Wire.raw(in, in.remaining());
        byte[] associated = Wire.join(number, header(type, sealed.length - TAG_BITS / 8));
        return new Fragment(type, crypt(Cipher.DECRYPT_MODE, nonce, associated, sealed));
    }

    private byte[] masked()
    {
        byte[] nonce = iv.clone();
        for (int i = 0; i < EXPLICIT_BYTES; i++)
        {
            nonce[IV_BYTES - 1 - i] ^= (byte)(sequence >>> 8 * i);
        }
        return nonce;
    }

    private byte[] crypt(int mode, byte[] nonce, byte[] associated, byte[] data) throws GeneralSecurityException
    {
        Cipher cipher = Cipher.getInstance(suite.chaCha() ? "ChaCha20-Poly1305" : "AES/GCM/NoPadding");
        cipher.init(mode, new SecretKeySpec(key, suite.chaCha() ? "ChaCha20" : "AES"),
            suite.chaCha() ? new IvParameterSpec(nonce) : new GCMParameterSpec(TAG_BITS, nonce));
        cipher.updateAAD(associated);
        sequence++;
        return cipher.doFinal(data);
    }

    private static byte[] header(int type, int length)
    {
        return new Wire.Writer().number(1, type).number(2, Protocol.TLS_1_2.id()).number(2, length).bytes();
    }
}
