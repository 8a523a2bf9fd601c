package io.github.tlsresumption.jsse;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.GZIPOutputStream;

import io.github.tlsresumption.Trials;
import io.github.tlsresumption.crypto.SelfSignedCertificate;
import io.github.tlsresumption.crypto.SelfSignedCertificate.Algorithm;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class StateCertificatesTest
{
    private static final X509Certificate ONE = certificate("one");
    private static final X509Certificate TWO = certificate("two");

    private static X509Certificate certificate(String name)
    {
        try
        {
            return SelfSignedCertificate.create(name, Algorithm.EC_P256, Clock.systemUTC()).certificate();
        }
        catch (Exception e)
        {
            throw new AssertionError(e);
        }
    }

    private static byte[] state(int before, X509Certificate... chain) throws Exception
    {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(new byte[]{3, 4});
        out.writeBytes(new byte[before]);
        out.write(chain.length);
        for (X509Certificate certificate : chain)
        {
            byte[] encoded = certificate.getEncoded();
            out.writeBytes(ByteBuffer.allocate(4).putInt(0, encoded.length).array());
            out.writeBytes(encoded);
        }
        out.writeBytes("and more".getBytes(StandardCharsets.US_ASCII));
        return out.toByteArray();
    }

    private static byte[] compressed(byte[] state) throws IOException
    {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(out))
        {
            gzip.write(state);
        }
        return out.toByteArray();
    }

    private static void assertComesBack(int overhead, byte[] state, X509Certificate... chain) throws Exception
    {
        for (int local = 0; local <= LocalChain.KEY_TYPES.size(); local++)
        {
            byte[] sealed = StateCertificates.append(state, List.of(chain), local);
            assertEquals(overhead, sealed.length - state.length);
            assertArrayEquals(state, StateCertificates.strip(sealed));
            assertEquals(List.of(chain), StateCertificates.read(sealed));
            assertEquals(local, StateCertificates.local(sealed));
        }
    }

    @Test
    void aStateWithoutCertificatesIsOneByteLonger() throws Exception
    {
        assertComesBack(1, state(100));
        assertComesBack(1, compressed(state(100)));
        assertComesBack(1, new byte[0]);
    }

    @Test
    void certificatesAreFoundInTheStateForThreeBytes() throws Exception
    {
        assertComesBack(3, state(0, ONE), ONE);
        assertComesBack(3, state(100, ONE, TWO), ONE, TWO);
        assertComesBack(3, compressed(state(100, ONE, TWO)), ONE, TWO);
        assertComesBack(3, state(0xFFFF - 3, ONE), ONE);
        X509Certificate[] many = Collections.nCopies(30, ONE).toArray(X509Certificate[]::new);
        assertComesBack(3, state(0, many), many);
    }

    @Test
    void certificatesThatAreNotThereAsExpectedTravelBesides() throws Exception
    {
        int length = 5 + 4 + ONE.getEncoded().length;
        assertComesBack(length, state(100), ONE);
        assertComesBack(length, compressed(state(100, TWO)), ONE);
        assertComesBack(length, state(0xFFFF - 2, ONE), ONE);
        X509Certificate[] many = Collections.nCopies(31, ONE).toArray(X509Certificate[]::new);
        assertComesBack(5 + 31 * (4 + ONE.getEncoded().length), state(0, many), many);
    }

    @Test
    void whatCannotBeReadIsACertificateExceptionAndNothingElse() throws Exception
    {
        byte[] state = state(10, ONE);
        for (byte[] end : new byte[][]{{0, 0, 1}, {0, 1, 1}, {(byte)0xFF, (byte)0xFF, 1}, {0, 13, 2}})
        {
            byte[] sealed = Arrays.copyOf(state, state.length + 3);
            System.arraycopy(end, 0, sealed, state.length, 3);
            assertThrows(CertificateException.class, () -> StateCertificates.read(sealed));
        }
        assertThrows(CertificateException.class, () -> StateCertificates.read(new byte[0]), "sealed by who has a ticket key");
        byte[] good = StateCertificates.append(state, List.of(ONE), 0);
        AtomicInteger refused = new AtomicInteger();
        Trials.run(2000, random ->
        {
            byte[] changed = good.clone();
            changed[random.nextInt(changed.length)] ^= (byte)(1 + random.nextInt(255));
            try
            {
                StateCertificates.read(changed);
            }
            catch (CertificateException e)
            {
                refused.incrementAndGet();
            }
        });
        assertTrue(refused.get() > 0);
    }
}
