package io.github.tlsresumption.openssl;

import java.nio.ByteBuffer;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLPeerUnverifiedException;

import io.github.tlsresumption.crypto.Random;
import io.github.tlsresumption.engine.TlsHandshake;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

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
        sessions.answer = opening -> Optional.empty();
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

    /** Some libraries keep the client's own certificate only. */
    @ParameterizedTest
    @CsvSource({"TLSv1.3, true", "TLSv1.2, true", "TLSv1.2, false"})
    void theWholeChainOfAClientIsResumed(String protocol, boolean tickets) throws SSLException
    {
        Certificates.Identity known = Certificates.of(Certificates.Kind.CLIENT);
        X509Certificate[] chain = {known.certificate(), Certificates.of(Certificates.Kind.RSA).certificate()};
        Certificates.Keys keys = new Certificates.Keys(known)
        {
            @Override
            public X509Certificate[] getCertificateChain(String alias)
            {
                return chain.clone();
            }
        };
        context.close();
        context = Peer.server(sessions, live, 1, new Certificates.Trust(known), SERVER);
        Certificates.Trust trust = new Certificates.Trust(SERVER);
        clientContext = tickets ? Peer.client(trust, keys) : Peer.clientWithoutTickets(trust, keys);
        for (int i = 0; i < 3; i++)
        {
            Peer[] peers = connect(Peer.protocol(protocol), parameters -> parameters.setNeedClientAuth(true));
            assertArrayEquals(chain, peers[1].engine.getSession().getPeerCertificates());
            assertEquals(List.of(chain), sessions.last.peerCertificates());
            close(peers);
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

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void aStrangersCertificateIsRefused(String protocol) throws SSLException
    {
        context.close();
        context = Peer.server(sessions, live, 1, new Certificates.Trust(Certificates.of(Certificates.Kind.CLIENT)), SERVER);
        clientContext = Peer.client(new Certificates.Trust(SERVER), Certificates.of(Certificates.Kind.STRANGER));
        SSLException refusal = fails(Peer.protocol(protocol), parameters -> parameters.setWantClientAuth(true));
        assertTrue(refusal.getCause().getMessage().startsWith("a stranger"), refusal.getCause().toString());
        assertEquals(1, sessions.abandoned.get());
        assertEquals(0, sessions.established.get());
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void aClientWithoutCertificateIsRefused(String protocol) throws SSLException
    {
        fails(Peer.protocol(protocol), parameters -> parameters.setNeedClientAuth(true));
        assertEquals(1, sessions.abandoned.get());
    }

    /**
     * @return what the server has thrown; the client has got an alert
     */
    private SSLException fails(Consumer<SSLParameters> ofClient, Consumer<SSLParameters> ofServer) throws SSLException
    {
        Peer client = Peer.client(clientContext, ofClient);
        Peer server = Peer.server(context, ofServer);
        SSLException failure = assertThrows(SSLException.class, () -> Peer.pump(client, server));
        server.wrap();
        assertTrue(server.engine.isOutboundDone());
        assertTrue(server.engine.isInboundDone());
        assertEquals(0, live.connections());
        SSLException told = assertThrows(SSLException.class, () -> Peer.pump(client, server));
        assertTrue(told.getMessage().contains("fatal alert"), told.getMessage());
        return failure;
    }

    @Test
    void anEd25519CertificateOfAClientIsTaken() throws SSLException
    {
        Certificates.Identity known = Certificates.of(Certificates.Kind.CLIENT_ED25519);
        context.close();
        context = Peer.server(sessions, live, 1, new Certificates.Trust(known), SERVER);
        clientContext = Peer.client(new Certificates.Trust(SERVER), known);
        Peer[] peers = connect(AS_IS, parameters -> parameters.setNeedClientAuth(true));
        assertEquals(known.certificate(), peers[1].engine.getSession().getPeerCertificates()[0]);
        close(peers);
    }

    @Test
    void aClientWithoutTicketsResumesByItsId() throws SSLException
    {
        clientContext = Peer.clientWithoutTickets(new Certificates.Trust(SERVER));
        close(connect(Peer.protocol("TLSv1.2"), AS_IS));
        assertEquals(1, sessions.kept.get());
        Peer[] peers = connect(Peer.protocol("TLSv1.2"), AS_IS);
        assertEquals(1, sessions.resumed.get());
        assertEquals(1, sessions.found.get());
        assertEquals(0, sessions.sealed.get());
        assertEquals(1, peers[1].tasks);
        close(peers);
        sessions.resumableById = false;
        close(connect(Peer.protocol("TLSv1.2"), AS_IS));
        assertEquals(1, sessions.resumed.get());
        assertEquals(2, sessions.kept.get());
        sessions.resumable = false;
        close(connect(Peer.protocol("TLSv1.2"), AS_IS));
        assertEquals(1, sessions.resumed.get());
        assertEquals(2, sessions.kept.get());
        assertEquals(4, sessions.established.get());
    }

    @Test
    void aSessionLeavesTheCache() throws SSLException
    {
        clientContext = Peer.clientWithoutTickets(new Certificates.Trust(SERVER));
        close(connect(Peer.protocol("TLSv1.2"), AS_IS));
        context.cache().endOver();
        close(connect(Peer.protocol("TLSv1.2"), AS_IS));
        assertEquals(1, sessions.resumed.get());
        assertFalse(context.cache().hasExpired(Instant.now()));
        assertTrue(context.cache().hasExpired(Instant.now().plusSeconds(3601)));
        sessions.over = true;
        context.cache().endOver();
        close(connect(Peer.protocol("TLSv1.2"), AS_IS));
        assertEquals(1, sessions.resumed.get());
        context.cache().clear();
        close(connect(Peer.protocol("TLSv1.2"), AS_IS));
        assertEquals(1, sessions.resumed.get());
        context.cache().setSessionTimeout(1);
        close(connect(Peer.protocol("TLSv1.2"), AS_IS));
        assertEquals(2, sessions.resumed.get());
        Peer[] peers = connect(Peer.protocol("TLSv1.2"), AS_IS);
        peers[1].engine.getSession().invalidate();
        close(peers);
        assertEquals(3, sessions.resumed.get());
        close(connect(Peer.protocol("TLSv1.2"), AS_IS));
        assertEquals(3, sessions.resumed.get());
        assertEquals(1, sessions.forgotten.get());
    }

    @Test
    void whereNothingIsToBeResumedNothingIsIssued() throws SSLException
    {
        sessions.resumable = false;
        for (String protocol : new String[]{"TLSv1.2", "TLSv1.3"})
        {
            close(connect(Peer.protocol(protocol), AS_IS));
            close(connect(Peer.protocol(protocol), AS_IS));
        }
        assertEquals(0, sessions.resumed.get() + sessions.sealed.get() + sessions.opened.get());
        assertEquals(0, sessions.kept.get() + sessions.found.get());
        assertEquals(4, sessions.established.get());
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void aTicketMayBeOpenedLater(String protocol) throws SSLException
    {
        close(connect(Peer.protocol(protocol), AS_IS));
        Peer[] peers = connect(Peer.protocol(protocol), AS_IS);
        assertEquals(1, peers[1].tasks);
        assertEquals(1, sessions.opened.get());
        assertEquals(1, sessions.resumed.get());
        close(peers);
        sessions.answer = opening ->
        {
            throw new IllegalStateException("the store is gone");
        };
        close(connect(Peer.protocol(protocol), AS_IS));
        assertEquals(1, sessions.resumed.get());
        sessions.answer = opening -> Optional.of(TestSessions.opened(new byte[]{1, 2, 3}));
        close(connect(Peer.protocol(protocol), AS_IS));
        assertEquals(1, sessions.resumed.get());
        assertEquals(4, sessions.established.get());
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void aRefusedTicketIsADecoyOrNone(String protocol) throws SSLException
    {
        sessions.refuseSeal = true;
        close(connect(Peer.protocol(protocol), AS_IS));
        assertEquals(1, sessions.sealed.get());
        close(connect(Peer.protocol(protocol), AS_IS));
        // In TLS 1.3 the client has offered what it got; in TLS 1.2 it got none.
        assertEquals(protocol.equals("TLSv1.3") ? 1 : 0, sessions.opened.get());
        assertEquals(0, sessions.resumed.get());
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void aSessionOfAnotherContextIsNotResumed(String protocol) throws SSLException
    {
        close(connect(Peer.protocol(protocol), AS_IS));
        context.close();
        context = Peer.server(sessions, "others", live, 1, null, SERVER);
        close(connect(Peer.protocol(protocol), AS_IS));
        assertEquals(1, sessions.opened.get());
        assertEquals(0, sessions.resumed.get());
        assertEquals(2, sessions.established.get());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 3})
    void ticketsOfAHandshakeAreAsManyAsSet(int tickets) throws SSLException
    {
        context.close();
        context = Peer.server(sessions, live, tickets, null, SERVER);
        close(connect(Peer.protocol("TLSv1.3"), AS_IS));
        assertEquals(tickets, sessions.sealed.get());
    }

    @ParameterizedTest
    @EnumSource(names = {"P256", "RSA", "ED25519"})
    void aKeyThatStaysWhereItIsSigns(Certificates.Kind kind) throws SSLException
    {
        LockedKeys.install();
        context.close();
        if (!Library.load().lib().asksForSignatures())
        {
            TlsLibraryException refusal = assertThrows(TlsLibraryException.class,
                () -> Peer.server(sessions, live, 1, null, Certificates.of(kind).locked()));
            LockedKeys.remove();
            assertTrue(refusal.getMessage().contains("alias 0"), refusal.getMessage());
            assertTrue(refusal.getMessage().contains("PKCS#11"), refusal.getMessage());
            return;
        }
        try
        {
            context = Peer.server(sessions, live, 1, null, Certificates.of(kind).locked());
            clientContext = Peer.client(new Certificates.Trust(Certificates.of(kind)));
            for (String protocol : new String[]{"TLSv1.3", "TLSv1.2"})
            {
                Peer[] peers = connect(Peer.protocol(protocol), AS_IS);
                assertEquals(1, peers[1].tasks);
                close(peers);
            }
        }
        finally
        {
            LockedKeys.remove();
        }
        // Without its provider it signs nothing.
        sessions.answer = opening -> Optional.empty();
        assertNotNull(fails(AS_IS, AS_IS).getCause());
    }

    @Test
    void aKeyThatTheLibraryDoesNotKnowIsRefusedAtTheStart()
    {
        TlsLibraryException refusal = assertThrows(TlsLibraryException.class,
            () -> Peer.server(sessions, live, 1, null, Certificates.of(Certificates.Kind.ED448)));
        assertTrue(refusal.getMessage().contains("alias 0"), refusal.getMessage());
        assertTrue(refusal.getMessage().contains(Library.file().toString()), refusal.getMessage());
    }

    @Test
    void theCertificateSuitsTheClient() throws SSLException
    {
        Certificates.Identity rsa = Certificates.of(Certificates.Kind.RSA);
        context.close();
        context = Peer.server(sessions, live, 1, null, SERVER, rsa);
        clientContext = Peer.client(new Certificates.Trust(SERVER, rsa));
        Peer[] peers = connect(parameters ->
        {
            parameters.setProtocols(new String[]{"TLSv1.2"});
            parameters.setCipherSuites(new String[]{"TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"});
        }, AS_IS);
        assertEquals(rsa.certificate(), peers[0].engine.getSession().getPeerCertificates()[0]);
        close(peers);
        peers = connect(parameters -> parameters.setSignatureSchemes(new String[]{"rsa_pss_rsae_sha256", "rsa_pkcs1_sha256"}), AS_IS);
        assertEquals(rsa.certificate(), peers[0].engine.getSession().getPeerCertificates()[0]);
        assertEquals(rsa.certificate(), peers[1].engine.getSession().getLocalCertificates()[0]);
        close(peers);
        SSLException refusal = fails(parameters -> parameters.setSignatureSchemes(new String[]{"ed25519"}), AS_IS);
        assertTrue(refusal.getCause().getMessage().contains("no certificate"), refusal.getCause().toString());
    }

    @Test
    void aClientThatGuessedTheGroupIsAskedAgain() throws SSLException
    {
        Consumer<SSLParameters> strange = parameters -> parameters.setNamedGroups(new String[]{"secp521r1"});
        close(connect(parameters -> parameters.setNamedGroups(new String[]{"x25519", "secp521r1"}), strange));
        assertEquals(1, sessions.established.get());
        close(connect(parameters -> parameters.setNamedGroups(new String[]{"x25519", "secp521r1"}), strange));
        assertEquals(1, sessions.resumed.get());
        fails(parameters -> parameters.setNamedGroups(new String[]{"x25519"}), strange);
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void aProtocolIsChosen(String protocol) throws SSLException
    {
        Consumer<SSLParameters> offer = Peer.protocol(protocol).andThen(
            parameters -> parameters.setApplicationProtocols(new String[]{"http/1.1", "h2"}));
        Peer client = Peer.client(clientContext, offer);
        Peer server = Peer.server(context, AS_IS);
        server.engine.setHandshakeApplicationProtocolSelector((engine, offered) ->
        {
            assertEquals(protocol, engine.getHandshakeSession().getProtocol());
            assertTrue(engine.getHandshakeSession().getCipherSuite().startsWith("TLS_"));
            assertEquals(List.of("http/1.1", "h2"), offered);
            return "h2";
        });
        Peer.pump(client, server);
        assertEquals("h2", server.engine.getApplicationProtocol());
        assertEquals("h2", client.engine.getApplicationProtocol());
        close(new Peer[]{client, server});
        Peer[] byParameters = connect(offer, parameters -> parameters.setApplicationProtocols(new String[]{"spdy", "http/1.1"}));
        assertEquals("http/1.1", byParameters[1].engine.getApplicationProtocol());
        close(byParameters);
        Peer[] without = connect(offer, AS_IS);
        assertEquals("", without[1].engine.getApplicationProtocol());
        close(without);
        fails(offer, parameters -> parameters.setApplicationProtocols(new String[]{"spdy"}));
    }

    @Test
    void aHostThatIsNotServedIsRefused() throws SSLException
    {
        Consumer<SSLParameters> host = parameters -> parameters.setServerNames(List.of(new SNIHostName("a.example")));
        Peer[] peers = connect(host, parameters -> parameters.setSNIMatchers(List.of(SNIHostName.createSNIMatcher("a\\.example"))));
        ExtendedSSLSession session = (ExtendedSSLSession)peers[1].engine.getSession();
        assertEquals(List.of(new SNIHostName("a.example")), session.getRequestedServerNames());
        close(peers);
        fails(host, parameters -> parameters.setSNIMatchers(List.of(SNIHostName.createSNIMatcher("b\\.example"))));
    }

    @Test
    void cipherSuitesAreThoseThatAreSet() throws SSLException
    {
        String suite = "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256";
        Peer[] peers = connect(Peer.protocol("TLSv1.2"), parameters -> parameters.setCipherSuites(new String[]{suite}));
        assertEquals(suite, peers[0].engine.getSession().getCipherSuite());
        assertEquals("TLSv1.2", peers[1].engine.getSession().getProtocol());
        close(peers);
        fails(Peer.protocol("TLSv1.3"), Peer.protocol("TLSv1.2"));
        fails(Peer.protocol("TLSv1.2"), Peer.protocol("TLSv1.3"));
    }

    @Test
    void whatCannotBeHonouredIsRefused()
    {
        SSLParameters parameters = new SSLParameters(new String[]{"TLS_AES_128_GCM_SHA256"}, new String[]{"TLSv1.3"});
        IllegalArgumentException refusal = assertThrows(IllegalArgumentException.class, () -> context.check(parameters));
        assertTrue(refusal.getMessage().contains("TLS_CHACHA20_POLY1305_SHA256"), refusal.getMessage());
        assertThrows(IllegalArgumentException.class, () -> context.check(new SSLParameters(null, new String[]{"TLSv1.1"})));
        assertThrows(IllegalArgumentException.class, () -> context.check(new SSLParameters(new String[]{"TLS_X"})));
        SSLParameters groups = new SSLParameters();
        groups.setNamedGroups(new String[]{"ffdhe2048"});
        assertThrows(IllegalArgumentException.class, () -> context.check(groups));
        assertThrows(IllegalArgumentException.class, () -> context.newEngine(null, -1).setUseClientMode(true));
        context.check(NativeSslContext.of(context).getDefaultSSLParameters());
        context.check(NativeSslContext.of(context).getSupportedSSLParameters());
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void aSessionThatIsRefusedAtTheEndEndsTheConnection(String protocol) throws SSLException
    {
        close(connect(Peer.protocol(protocol), AS_IS));
        sessions.proven = false;
        Peer client = Peer.client(clientContext, Peer.protocol(protocol));
        Peer server = Peer.server(context, AS_IS);
        SSLException failure = assertThrows(SSLException.class, () -> Peer.pump(client, server));
        assertTrue(failure.getCause().getMessage().contains("used by another"), failure.getCause().toString());
        server.wrap();
        assertEquals(0, live.connections());
        assertThrows(SSLException.class, () -> Peer.pump(client, server));
    }

    /** By it a client's proof is checked before a ticket is used up (RFC 8446 section 4.2.11.2). */
    @Test
    void theBinderProvesTheSecretOfAState() throws SSLException
    {
        List<byte[]> states = new ArrayList<>();
        sessions.answer = opening ->
        {
            byte[] state = opening.orElseThrow().state();
            assertEquals(TlsHandshake.Proof.GIVEN, sessions.last.proof(state));
            if (!Library.sealsTickets())
            {
                states.forEach(other -> assertEquals(TlsHandshake.Proof.MISSING, sessions.last.proof(other)));
                assertEquals(TlsHandshake.Proof.MISSING, sessions.last.proof(new byte[]{1, 2, 3}));
            }
            states.add(state);
            return opening;
        };
        for (int i = 0; i < 4; i++)
        {
            close(connect(Peer.protocol("TLSv1.3"), AS_IS));
        }
        assertEquals(3, states.size());
        assertThrows(CertificateException.class, () -> sessions.last.peerCertificates(new byte[]{1, 2, 3}));
        close(connect(Peer.protocol("TLSv1.2"), AS_IS));
        sessions.answer = opening ->
        {
            assertEquals(TlsHandshake.Proof.LATER, sessions.last.proof(opening.orElseThrow().state()));
            return opening;
        };
        close(connect(Peer.protocol("TLSv1.2"), AS_IS));
        assertEquals(4, sessions.resumed.get());
    }

    @Test
    void anApplicationInvalidatesASession() throws SSLException
    {
        Peer[] peers = connect(AS_IS, AS_IS);
        peers[1].engine.getSession().invalidate();
        peers[1].engine.getSession().invalidate();
        assertEquals(1, sessions.forgotten.get());
        assertFalse(peers[1].engine.getSession().isValid());
        close(peers);
    }

    @Test
    void ticketsRideWithTheFirstResponse() throws SSLException
    {
        Peer client = Peer.client(clientContext, Peer.protocol("TLSv1.3"));
        Peer server = Peer.server(context, AS_IS);
        client.wrap();
        server.unwrap(client.out);
        server.wrap();
        while (!client.finished)
        {
            client.step(server);
        }
        client.send("request".getBytes());
        client.wrap();
        ByteBuffer plain = ByteBuffer.allocate(20_000);
        SSLEngineResult result = server.engine.unwrap(client.out, plain);
        while (result.bytesProduced() == 0)
        {
            assertTrue(result.bytesConsumed() > 0, result.toString());
            result = server.engine.unwrap(client.out, plain);
        }
        assertEquals(HandshakeStatus.NOT_HANDSHAKING, server.engine.getHandshakeStatus());
        server.send("response".getBytes());
        Peer.pump(client, server);
        assertEquals("response", new String(client.take()));
        close(new Peer[]{client, server});
        close(connect(Peer.protocol("TLSv1.3"), AS_IS));
        assertEquals(1, sessions.resumed.get());
    }
}
