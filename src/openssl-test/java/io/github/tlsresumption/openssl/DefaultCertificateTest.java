package io.github.tlsresumption.openssl;

import java.security.cert.X509Certificate;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;

import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

/**
 * Contexts of the library have a certificate that most connections show, and others do not.
 */
@EnabledIf("io.github.tlsresumption.openssl.Library#isThere")
class DefaultCertificateTest
{
    private static final Certificates.Identity FIRST = Certificates.of(Certificates.Kind.P256);
    private static final Certificates.Identity SECOND = Certificates.of(Certificates.Kind.CLIENT);

    private final LiveObjects live = new LiveObjects();
    private final TestSessions sessions = new TestSessions();

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void anotherCertificateIsShownInItsPlace(String protocol) throws SSLException
    {
        SSLContext clients = Peer.client(new Certificates.Trust(SECOND));
        try (NativeContext context =
            Peer.server(sessions, "", live, 1, null, Certificates.Keys.choosingTheSecond(FIRST, SECOND)))
        {
            for (int i = 0; i < 2; i++)
            {
                Peer client = Peer.client(clients, Peer.protocol(protocol));
                Peer server = Peer.server(context, parameters ->
                {
                });
                Peer.pump(client, server);
                assertArrayEquals(new X509Certificate[]{SECOND.certificate()}, client.engine.getSession().getPeerCertificates());
                assertArrayEquals(new X509Certificate[]{SECOND.certificate()}, server.engine.getSession().getLocalCertificates());
                client.engine.closeOutbound();
                server.engine.closeOutbound();
                Peer.pump(client, server);
            }
        }
        assertEquals(1, sessions.resumed.get());
        assertEquals("contexts=0, connections=0, credentials=0", live.toString());
    }
}
