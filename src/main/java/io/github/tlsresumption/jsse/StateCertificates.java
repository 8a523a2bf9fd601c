package io.github.tlsresumption.jsse;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.security.cert.CertificateEncodingException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPInputStream;

/**
 * The client's certificates in a session's state. They are needed while a ticket is opened, when SunJSSE has not read the state yet;
 * but how it writes one changes with its releases. So, when a state is sealed, we put behind it where in it they are:
 *
 * <pre>
 *   state | local 3 bits | 0                                            no certificates
 *   state | offset 2 | local 3 bits | count 5 bits (1 to 30)            each behind its length in 4 bytes, from there on
 *   state | certificates, as above | their length 4 | local | 31        where the state does not have them in this manner
 * </pre>
 *
 * Numbers are big-endian; the offset is that in the uncompressed state. {@code local} is the number of the {@link LocalChain} that was
 * taken out of the state, 0 for none.
 */
final class StateCertificates
{
    private static final int COUNT_BITS = 5;
    private static final int EMBEDDED = (1 << COUNT_BITS) - 1;
    private static final int MAX_OFFSET = 0xFFFF;
    private static final int MAX_STATE_BYTES = 256 * 1024;

    private StateCertificates()
    {
    }

    /**
     * @param state the state as SunJSSE writes it, or what is left of it
     * @param chain the client's certificate chain in it, its own first
     * @param local the number of the server's chain that is no more in it, or 0
     * @return the state with what {@link #read} and {@link #local} need behind it
     */
    static byte[] append(byte[] state, List<X509Certificate> chain, int local) throws CertificateEncodingException
    {
        int last = local << COUNT_BITS;
        if (chain.isEmpty())
        {
            return ByteBuffer.allocate(state.length + 1).put(state).put((byte)last).array();
        }
        ByteArrayOutputStream framed = new ByteArrayOutputStream();
        for (X509Certificate certificate : chain)
        {
            byte[] encoded = certificate.getEncoded();
            framed.writeBytes(ByteBuffer.allocate(Integer.BYTES).putInt(0, encoded.length).array());
            framed.writeBytes(encoded);
        }
        byte[] certificates = framed.toByteArray();
        int offset = indexOf(uncompressed(state, state.length), certificates);
        if (offset >= 0 && offset <= MAX_OFFSET && chain.size() < EMBEDDED)
        {
            return ByteBuffer.allocate(state.length + 3).put(state).putShort((short)offset).put((byte)(last | chain.size())).array();
        }
        return ByteBuffer.allocate(state.length + certificates.length + 5).put(state).put(certificates).putInt(certificates.length)
            .put((byte)(last | EMBEDDED)).array();
    }

    /**
     * @param sealed what {@link #append} gave
     * @return the state alone
     */
    static byte[] strip(byte[] sealed)
    {
        return Arrays.copyOf(sealed, stateLength(sealed));
    }

    /**
     * @param sealed what {@link #append} gave
     * @return the number of the server's chain that is not in it, 0 for none
     */
    static int local(byte[] sealed)
    {
        return (sealed[sealed.length - 1] & 0xFF) >>> COUNT_BITS;
    }

    /**
     * @param sealed what {@link #append} gave
     * @return the client's certificate chain
     * @throws CertificateException when it cannot be read
     */
    static List<X509Certificate> read(byte[] sealed) throws CertificateException
    {
        try
        {
            int count = count(sealed);
            if (count == 0)
            {
                return List.of();
            }
            int length = stateLength(sealed);
            if (count == EMBEDDED)
            {
                return certificates(ByteBuffer.wrap(sealed, length, sealed.length - length - 5), Integer.MAX_VALUE);
            }
            int offset = ByteBuffer.wrap(sealed).getShort(length) & 0xFFFF;
            byte[] plain = uncompressed(sealed, length);
            return certificates(ByteBuffer.wrap(plain, offset, plain.length - offset), count);
        }
        catch (BufferUnderflowException | IndexOutOfBoundsException | UncheckedIOException e)
        {
            throw new CertificateException("no certificates where they should be", e);
        }
    }

    private static List<X509Certificate> certificates(ByteBuffer in, int atMost) throws CertificateException
    {
        CertificateFactory factory = CertificateFactory.getInstance("X.509");
        List<X509Certificate> chain = new ArrayList<>();
        while (in.hasRemaining() && chain.size() < atMost)
        {
            int length = in.getInt();
            if (length < 0 || length > in.remaining())
            {
                throw new BufferUnderflowException();
            }
            byte[] encoded = new byte[length];
            in.get(encoded);
            chain.add((X509Certificate)factory.generateCertificate(new ByteArrayInputStream(encoded)));
        }
        return chain;
    }

    private static int count(byte[] sealed)
    {
        return sealed[sealed.length - 1] & EMBEDDED;
    }

    private static int stateLength(byte[] sealed)
    {
        return switch (count(sealed))
        {
            case 0 -> sealed.length - 1;
            case EMBEDDED -> sealed.length - 5 - ByteBuffer.wrap(sealed).getInt(sealed.length - 5);
            default -> sealed.length - 3;
        };
    }

    static byte[] uncompressed(byte[] state, int length)
    {
        if (StateFormat.start(state) != 1)
        {
            return Arrays.copyOf(state, length);
        }
        try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(state, 0, length)))
        {
            return in.readNBytes(MAX_STATE_BYTES);
        }
        catch (IOException e)
        {
            throw new UncheckedIOException(e);
        }
    }

    private static int indexOf(byte[] state, byte[] part)
    {
        for (int i = 0; i <= state.length - part.length; i++)
        {
            if (Arrays.equals(state, i, i + part.length, part, 0, part.length))
            {
                return i;
            }
        }
        return -1;
    }
}
