package io.github.tlsresumption.cli.tls;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * How TLS derives keys: HKDF with labels (RFC 8446 section 7.1), and the PRF of TLS 1.2 (RFC 5246 section 5).
 */
final class Kdf
{
    private Kdf()
    {
    }

    static byte[] digest(String hash, byte[]... parts) throws GeneralSecurityException
    {
        MessageDigest digest = MessageDigest.getInstance(hash);
        for (byte[] part : parts)
        {
            digest.update(part);
        }
        return digest.digest();
    }

    static byte[] hmac(String hash, byte[] key, byte[]... parts) throws GeneralSecurityException
    {
        String algorithm = "Hmac" + hash.replace("-", "");
        Mac mac = Mac.getInstance(algorithm);
        // HMAC pads with zeros, so one is as good as none, which JCE refuses.
        mac.init(new SecretKeySpec(key.length == 0 ? new byte[1] : key, algorithm));
        for (byte[] part : parts)
        {
            mac.update(part);
        }
        return mac.doFinal();
    }

    static byte[] expandLabel(String hash, byte[] secret, String label, byte[] context, int length) throws GeneralSecurityException
    {
        byte[] info = new Wire.Writer().number(2, length)
            .vector(1, ("tls13 " + label).getBytes(StandardCharsets.US_ASCII)).vector(1, context).bytes();
        byte[] out = {};
        byte[] block = {};
        for (int i = 1; out.length < length; i++)
        {
            block = hmac(hash, secret, block, info, new byte[]{(byte)i});
            out = Wire.join(out, block);
        }
        return Arrays.copyOf(out, length);
    }

    /**
     * @param transcript the digest of the messages
     */
    static byte[] derive(Suite suite, byte[] secret, String label, byte[] transcript) throws GeneralSecurityException
    {
        return expandLabel(suite.hash(), secret, label, transcript, suite.hashBytes());
    }

    static byte[] prf(String hash, byte[] secret, String label, byte[] seed, int length) throws GeneralSecurityException
    {
        byte[] labelled = Wire.join(label.getBytes(StandardCharsets.US_ASCII), seed);
        byte[] out = {};
        byte[] a = labelled;
        while (out.length < length)
        {
            a = hmac(hash, secret, a);
            out = Wire.join(out, hmac(hash, secret, a, labelled));
        }
        return Arrays.copyOf(out, length);
    }
}
