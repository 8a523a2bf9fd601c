package io.github.tlsresumption.openssl;

import java.io.ByteArrayOutputStream;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.security.cert.CertificateEncodingException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;

/**
 * A client's certificate chain as bytes, for a library whose tickets have room for one certificate: each in DER behind its length, the
 * client's own first; nothing for a client without. Stateless.
 */
final class ClientChain
{
    private ClientChain()
    {
    }

    /**
     * @throws CertificateEncodingException when a certificate cannot be encoded
     */
    static byte[] encode(List<X509Certificate> chain) throws CertificateEncodingException
    {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (X509Certificate certificate : chain)
        {
            byte[] der = certificate.getEncoded();
            out.writeBytes(ByteBuffer.allocate(Integer.BYTES).putInt(der.length).array());
            out.writeBytes(der);
        }
        return out.toByteArray();
    }

    /**
     * @throws CertificateException when the bytes are none of {@link #encode}
     */
    static List<X509Certificate> decode(byte[] encoded) throws CertificateException
    {
        List<byte[]> certificates = new ArrayList<>();
        ByteBuffer in = ByteBuffer.wrap(encoded);
        try
        {
            while (in.hasRemaining())
            {
                int length = in.getInt();
                if (length < 0 || length > in.remaining())
                {
                    throw new CertificateException("a chain of certificates is torn");
                }
                byte[] der = new byte[length];
                in.get(der);
                certificates.add(der);
            }
        }
        catch (BufferUnderflowException e)
        {
            throw new CertificateException("a chain of certificates is torn", e);
        }
        return ClientCertificates.parse(certificates);
    }
}
