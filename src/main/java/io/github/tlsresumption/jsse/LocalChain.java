package io.github.tlsresumption.jsse;

import java.io.ByteArrayOutputStream;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

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
 * for a digest of it binds the session to its context. Newer JDKs write no more than checksums.
 * <p>
 * The state of a resumed session of TLS 1.3 without local certificates ends with the pre-shared key once more, for which SunJSSE reads
 * other lengths than it writes, so that it could not read it again:
 *
 * <pre>
 *   2 | name of the algorithm, length 1 | key, length 4 | identity, length 4
 * </pre>
 *
 * Immutable.
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
     * @param state any
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
        return withoutEnd(state, end.length);
    }

    /**
     * @param state of a resumed session of TLS 1.3 that has no local certificates
     * @return that state without its last part, or empty when that is not as expected
     */
    static Optional<byte[]> withoutPreSharedKey(byte[] state)
    {
        try
        {
            ByteBuffer in = ByteBuffer.wrap(state);
            // Version and cipher suite, then the local and the peer's signature schemes.
            in.getInt();
            part(in, 2 * (in.get() & 0xFF));
            part(in, 2 * (in.get() & 0xFF));
            ByteBuffer algorithm = part(in, in.getShort());
            ByteBuffer key = part(in, in.getShort());
            ByteBuffer identity = part(in, in.get() & 0xFF);
            int length = 2 + algorithm.remaining() + 2 * Integer.BYTES + key.remaining() + identity.remaining();
            ByteBuffer last = part(in.position(Math.max(in.position(), state.length - length)), length);
            boolean expected = key.hasRemaining()
                && last.get() == 2
                && last.get() == algorithm.remaining() && part(last, algorithm.remaining()).equals(algorithm)
                && last.getInt() == key.remaining() && part(last, key.remaining()).equals(key)
                && last.getInt() == identity.remaining() && last.equals(identity);
            return expected ? Optional.of(withoutEnd(state, length)) : Optional.empty();
        }
        catch (BufferUnderflowException e)
        {
            return Optional.empty();
        }
    }

    private static ByteBuffer part(ByteBuffer in, int length)
    {
        if (length < 0 || length > in.remaining())
        {
            throw new BufferUnderflowException();
        }
        ByteBuffer part = in.slice().limit(length);
        in.position(in.position() + length);
        return part;
    }

    private static byte[] withoutEnd(byte[] state, int length)
    {
        byte[] cut = Arrays.copyOf(state, state.length - length + 1);
        cut[cut.length - 1] = 0;
        return cut;
    }
}
