package io.github.tlsresumption.cli.tls;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;

import io.github.tlsresumption.crypto.SelfSignedCertificate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * The client against a server of the JDK, over loopback.
 */
class TlsClientTest
{
    private static final String HOST = "one.test";
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @ParameterizedTest
    @EnumSource(Suite.class)
    void everySuiteShakesHandsAndResumes(Suite suite) throws Exception
    {
        Protocol protocol = suite.isFor(Protocol.TLS_1_3) ? Protocol.TLS_1_3 : Protocol.TLS_1_2;
        SelfSignedCertificate certificate = suite.name().contains("RSA") ? Server.RSA : Server.EC;
        try (Server server = new Server(certificate, suite.name(), protocol, false))
        {
            Offer offer = new Offer(protocol, Optional.of(HOST), true, Optional.empty());
            Outcome first = server.connect(offer);
            ClientSession session = first.session().orElseThrow();
            Outcome second = server.connect(offer.resuming(session));
            Outcome third = server.connect(offer.resuming(second.session().orElseThrow()));
            Outcome tampered = server.connect(offer.resuming(session.tampered()));

            assertAll(
                () -> assertEquals(suite.name(), first.suite()),
                () -> assertEquals(certificate.certificate(), first.chain().get(0)),
                () -> assertFalse(first.resumed()),
                () -> assertTrue(first.answered()),
                () -> assertEquals(protocol == Protocol.TLS_1_3 ? Outcome.How.PSK : Outcome.How.TICKET, second.how()),
                () -> assertTrue(second.chain().isEmpty()),
                () -> assertTrue(third.resumed()),
                () -> assertFalse(tampered.resumed()),
                () -> assertEquals(86_400, first.tickets().get(0).lifetime()));
        }
    }

    @Test
    void sessionIdsResume() throws Exception
    {
        try (Server server = new Server(Server.EC, Suite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256.name(), Protocol.TLS_1_2, false))
        {
            Offer offer = new Offer(Protocol.TLS_1_2, Optional.of(HOST), false, Optional.empty());
            Outcome first = server.connect(offer);
            Outcome second = server.connect(offer.resuming(first.session().orElseThrow()));

            assertTrue(first.tickets().isEmpty());
            assertEquals(Outcome.How.SESSION_ID, second.how());
        }
    }

    @ParameterizedTest
    @EnumSource(Protocol.class)
    void aServerThatWantsACertificateGetsNone(Protocol protocol) throws Exception
    {
        Suite suite = protocol == Protocol.TLS_1_3 ? Suite.TLS_AES_128_GCM_SHA256 : Suite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256;
        try (Server server = new Server(Server.EC, suite.name(), protocol, true))
        {
            Outcome outcome = server.connect(new Offer(protocol, Optional.empty(), true, Optional.empty()));

            assertTrue(outcome.clientCertificate());
            assertTrue(outcome.answered());
        }
    }

    @Test
    void aVersionThatIsNotSpokenIsSaid() throws Exception
    {
        try (Server server = new Server(Server.EC, Suite.TLS_AES_128_GCM_SHA256.name(), Protocol.TLS_1_3, false))
        {
            Offer offer = new Offer(Protocol.TLS_1_2, Optional.of(HOST), true, Optional.empty());
            TlsFailure failure = assertThrows(TlsFailure.class, () -> server.connect(offer));

            assertTrue(failure.saysNotSupported(), failure::getMessage);
        }
    }

    @Test
    void nothingOfASecretIsInWords()
    {
        ClientSession session = new ClientSession(Protocol.TLS_1_3, Suite.TLS_AES_128_GCM_SHA256, new byte[]{1, 2, 3},
            Optional.of(new Ticket(new byte[]{4, 5, 6}, 1, 0, new byte[0])), new byte[0], 0);

        assertEquals("session of TLSv1.3, Optional[ticket of 3 bytes]", session.toString());
    }

    /**
     * Answers one request on each connection.
     */
    private static final class Server implements AutoCloseable
    {
        static final SelfSignedCertificate EC;
        static final SelfSignedCertificate RSA;

        static
        {
            try
            {
                EC = SelfSignedCertificate.create(HOST, Clock.systemUTC());
                RSA = SelfSignedCertificate.create(HOST, SelfSignedCertificate.Algorithm.RSA_2048, Clock.systemUTC());
            }
            catch (GeneralSecurityException e)
            {
                throw new ExceptionInInitializerError(e);
            }
        }

        private final SSLServerSocket listening;

        Server(SelfSignedCertificate certificate, String suite, Protocol protocol, boolean wantsClientCertificate) throws Exception
        {
            KeyStore keys = KeyStore.getInstance("PKCS12");
            keys.load(null, null);
            keys.setKeyEntry(HOST, certificate.privateKey(), new char[0], new Certificate[]{certificate.certificate()});
            KeyManagerFactory factory = KeyManagerFactory.getInstance("PKIX");
            factory.init(keys, new char[0]);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(factory.getKeyManagers(), null, null);
            listening = (SSLServerSocket)context.getServerSocketFactory().createServerSocket(0, 50, InetAddress.getLoopbackAddress());
            listening.setEnabledProtocols(new String[]{protocol.toString()});
            listening.setEnabledCipherSuites(new String[]{suite});
            listening.setWantClientAuth(wantsClientCertificate);
            Thread thread = new Thread(this::serve, "server of a test");
            thread.setDaemon(true);
            thread.start();
        }

        Outcome connect(Offer offer) throws IOException
        {
            return TlsClient.connect((InetSocketAddress)listening.getLocalSocketAddress(), offer, Optional.of(HOST), PATIENCE);
        }

        private void serve()
        {
            while (!listening.isClosed())
            {
                try (SSLSocket socket = (SSLSocket)listening.accept())
                {
                    InputStream in = socket.getInputStream();
                    int last = 0;
                    int next;
                    while ((next = in.read()) >= 0 && (last << 8 | next) != ('\n' << 8 | '\r'))
                    {
                        last = next;
                    }
                    socket.getOutputStream().write("HTTP/1.1 204 No Content\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                }
                catch (IOException e)
                {
                    // The client has seen enough, or the test is over.
                    continue;
                }
            }
        }

        @Override
        public void close() throws IOException
        {
            listening.close();
        }
    }
}
