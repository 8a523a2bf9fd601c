package io.github.tlsresumption.openssl;

import java.nio.ByteBuffer;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;

/**
 * What a ticket has beside the state of a library that seals by itself: the session's secret, which that state then does without, so that
 * it may be sealed under the session's own key; and the client's whole chain, of which that state has one certificate.
 *
 * @param secret of the session
 * @param chain the client's certificates, its own first; empty without
 */
record SessionSupplement(SessionSecret secret, List<X509Certificate> chain)
{
    /*
     *   cipher suite 2 | length of the secret 2 | secret | chain
     */

    private static final int HEAD_BYTES = 2 * Short.BYTES;

    /**
     * @return the bytes, to be overwritten
     * @throws CertificateException when a certificate cannot be encoded
     */
    byte[] encode() throws CertificateException
    {
        byte[] certificates = ClientChain.encode(chain);
        byte[] bytes = secret.secret();
        return ByteBuffer.allocate(HEAD_BYTES + bytes.length + certificates.length)
            .putShort((short)secret.cipherSuite()).putShort((short)bytes.length).put(bytes).put(certificates).array();
    }

    /**
     * @param encoded what {@link #encode} gave
     * @return the client's certificates in it
     * @throws CertificateException when it is something else
     */
    static List<X509Certificate> chain(byte[] encoded) throws CertificateException
    {
        int start = HEAD_BYTES + secretLength(encoded);
        return ClientChain.decode(Arrays.copyOfRange(encoded, start, encoded.length));
    }

    /**
     * @param encoded what {@link #encode} gave
     * @return the secret in it, to be destroyed
     * @throws CertificateException when it is something else
     */
    static SessionSecret secret(byte[] encoded) throws CertificateException
    {
        int length = secretLength(encoded);
        return new SessionSecret(Arrays.copyOfRange(encoded, HEAD_BYTES, HEAD_BYTES + length),
            Short.toUnsignedInt(ByteBuffer.wrap(encoded).getShort()));
    }

    private static int secretLength(byte[] encoded) throws CertificateException
    {
        try
        {
            int length = Short.toUnsignedInt(ByteBuffer.wrap(encoded).getShort(Short.BYTES));
            if (length > 0 && length <= encoded.length - HEAD_BYTES)
            {
                return length;
            }
        }
        catch (IndexOutOfBoundsException e)
        {
            throw new CertificateException("what a ticket has beside its session is torn", e);
        }
        throw new CertificateException("what a ticket has beside its session is torn");
    }

    /**
     * @return nothing of the secret
     */
    @Override
    public String toString()
    {
        return "SessionSupplement[%d certificates]".formatted(chain.size());
    }
}
