package io.github.tlsresumption.openssl;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.function.Consumer;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLPeerUnverifiedException;

import io.github.tlsresumption.crypto.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Handshakes in memory with SunJSSE as the client.
 */
@EnabledIf("io.github.tlsresumption.openssl.Library#isThere")
class HandshakeTest
{
    private static final Certificates.Identity SERVER = Certificates.of(Certificates.Kind.P256);
    private static final Consumer<SSLParameters> AS_IS = parameters ->
    {
    };

    private final LiveObjects live = new LiveObjects();
    private final TestSessions sessions = new TestSessions();
    private NativeContext context = Peer.server(sessions, live, 1, null, SERVER);
    private SSLContext clientContext = Peer.client(new Certificates.Trust(SERVER));

    @AfterEach
    void nothingIsLeft()
    {
        context.close();
        assertEquals("contexts=0, connections=0, credentials=0", live.toString());
    }

    private Peer[] connect(Consumer<SSLParameters> ofClient, Consumer<SSLParameters> ofServer) throws SSLException
    {
        Peer client = Peer.client(clientContext, ofClient);
        Peer server = Peer.server(context, ofServer);
        Peer.pump(client, server);
        assertTrue(client.finished, "client");
        assertTrue(server.finished, "server");
        return new Peer[]{client, server};
    }

    private void close(Peer[] peers) throws SSLException
    {
        peers[0].engine.closeOutbound();
        peers[1].engine.closeOutbound();
        Peer.pump(peers[0], peers[1]);
        assertTrue(peers[1].engine.isInboundDone());
        assertTrue(peers[1].engine.isOutboundDone());
        assertEquals(0, live.connections());
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void dataGoesBothWays(String protocol) throws SSLException
    {
        Peer[] peers = connect(Peer.protocol(protocol), AS_IS);
        assertEquals(protocol, peers[1].engine.getSession().getProtocol());
        assertEquals(peers[0].engine.getSession().getCipherSuite(), peers[1].engine.getSession().getCipherSuite());
        for (int size : new int[]{1, 1000, 16_384, 16_385, 300_000})
        {
            byte[] up = Random.bytes(size);
            byte[] down = Random.bytes(size);
            peers[0].send(up);
            peers[1].send(down);
            Peer.pump(peers[0], peers[1]);
            assertArrayEquals(up, peers[1].take());
            assertArrayEquals(down, peers[0].take());
        }
        close(peers);
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void aTicketResumes(String protocol) throws SSLException
    {
        close(connect(Peer.protocol(protocol), AS_IS));
        assertEquals(1, sessions.sealed.get());
        close(connect(Peer.protocol(protocol), AS_IS));
        assertEquals(1, sessions.opened.get());
        assertEquals(1, sessions.resumed.get());
        sessions.answer = opening -> Opening.REFUSED;
        close(connect(Peer.protocol(protocol), AS_IS));
        assertEquals(2, sessions.opened.get());
        assertEquals(1, sessions.resumed.get());
        assertEquals(3, sessions.established.get());
        assertEquals(0, sessions.abandoned.get());
    }

    @ParameterizedTest
    @EnumSource(names = {"P256", "P384", "P521", "RSA", "ED25519"})
    void keysOfTheServer(Certificates.Kind kind) throws SSLException
    {
        Certificates.Identity identity = Certificates.of(kind);
        context.close();
        context = Peer.server(sessions, live, 1, null, identity);
        clientContext = Peer.client(new Certificates.Trust(identity));
        for (String protocol : new String[]{"TLSv1.3", "TLSv1.2"})
        {
            close(connect(Peer.protocol(protocol), AS_IS));
        }
        assertEquals(2, sessions.established.get());
    }

    @Test
    void aClientsCertificateIsAskedFor() throws SSLException
    {
        Certificates.Identity known = Certificates.of(Certificates.Kind.CLIENT);
        context.close();
        context = Peer.server(sessions, live, 1, new Certificates.Trust(known), SERVER);
        clientContext = Peer.client(new Certificates.Trust(SERVER), known);
        for (String protocol : new String[]{"TLSv1.3", "TLSv1.2"})
        {
            Peer[] peers = connect(Peer.protocol(protocol), parameters -> parameters.setNeedClientAuth(true));
            assertEquals(known.certificate(), peers[1].engine.getSession().getPeerCertificates()[0]);
            assertEquals(1, peers[1].tasks);
            close(peers);
            Peer[] again = connect(Peer.protocol(protocol), parameters -> parameters.setNeedClientAuth(true));
            assertEquals(known.certificate(), again[1].engine.getSession().getPeerCertificates()[0]);
            close(again);
        }
        assertEquals(2, sessions.resumed.get());
    }

    @Test
    void withoutCertificateAClientIsNobody() throws SSLException
    {
        Peer[] peers = connect(AS_IS, parameters -> parameters.setWantClientAuth(true));
        assertThrows(SSLPeerUnverifiedException.class, () -> peers[1].engine.getSession().getPeerCertificates());
        assertNotNull(peers[1].engine.getSession().getLocalCertificates());
        close(peers);
    }
}
