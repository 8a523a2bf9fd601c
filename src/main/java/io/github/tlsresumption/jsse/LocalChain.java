package io.github.tlsresumption.jsse;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;

/**
 * A certificate chain of the server's, for one type of keys. Before JDK 25 (JDK-8357033) SunJSSE puts all of it into a session's state,
 * as the last part:
 *
 * <pre>
 *   1 | count 1 | certificates, each behind its length in 4 bytes
 *   0                                                               where there is none
 * </pre>
 *
 * A client would carry it to and fro, and at each resumption SunJSSE would parse it. But whoever opens the ticket has the same chain,
 * for a digest of it binds the session to its context. In TLS 1.3 it stays: from a session without it SunJSSE makes a state that it
 * cannot read. Newer JDKs write no more than checksums. Immutable.
 */
final class LocalChain
{
    /**
     * The types of keys that a server can have, as key managers name them. A chain's number is its type's place, from 1 on: tickets
     * have it, in three bits.
     */
    static final List<String> KEY_TYPES = List.of("EC", "RSA", "RSASSA-PSS", "EdDSA", "DSA");

    private final int number;
    private final X509Certificate[] certificates;
    private final byte[] end;

    /**
     * @param keyType one of {@link #KEY_TYPES}
     * @param certificates its chain, the server's own certificate first
     * @throws CertificateEncodingException when one has no encoding
     */
    LocalChain(String keyType, X509Certificate[] certificates) throws CertificateEncodingException
    {
        this.number = KEY_TYPES.indexOf(keyType) + 1;
        this.certificates = certificates.clone();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(1);
        out.write(certificates.length);
        for (X509Certificate certificate : certificates)
        {
            byte[] encoded = certificate.getEncoded();
            out.writeBytes(ByteBuffer.allocate(Integer.BYTES).putInt(0, encoded.length).array());
            out.writeBytes(encoded);
        }
        this.end = out.toByteArray();
    }

    int number()
    {
        return number;
    }

    X509Certificate[] certificates()
    {
        return certificates.clone();
    }

    /**
     * @param state of TLS 1.2
     * @return whether this chain is its last part
     */
    boolean isIn(byte[] state)
    {
        int start = state.length - end.length;
        return start > 0 && Arrays.equals(state, start, state.length, end, 0, end.length);
    }

    /**
     * @param state one that it {@linkplain #isIn is in}
     * @return that state without a chain
     */
    byte[] cutFrom(byte[] state)
    {
        byte[] cut = Arrays.copyOf(state, state.length - end.length + 1);
        cut[cut.length - 1] = 0;
        return cut;
    }
}
