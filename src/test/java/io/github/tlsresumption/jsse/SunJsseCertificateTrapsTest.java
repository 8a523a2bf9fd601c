package io.github.tlsresumption.jsse;

import java.security.KeyStore;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import javax.net.ssl.TrustManager;

import io.github.tlsresumption.crypto.SelfSignedCertificate;
import io.github.tlsresumption.crypto.SelfSignedCertificate.Algorithm;
import io.github.tlsresumption.engine.MemoryHandshake;
import io.github.tlsresumption.engine.TicketProtector;
import io.github.tlsresumption.jsse.Peers.Connection;
import io.github.tlsresumption.jsse.Peers.HostKeys;
import io.github.tlsresumption.policy.ResumptionMode;
import io.github.tlsresumption.resumption.RefusalReason;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * What SunJSSE does with the certificates of both sides when left alone, and what this project makes of it. Each test fails without its
 * fix.
 */
class SunJsseCertificateTrapsTest extends SunJsseTrapsBase
{
    private static final String TWO = "two.test";

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
    void everyHostOfAServerWithSeveralCertificatesResumesUnderItsOwn(String protocol) throws Exception
    {
        HostKeys keys = new HostKeys(ONE, TWO);
        SSLContext server = Peers.server(tickets, keys, List.of());
        for (String host : List.of(ONE, TWO))
        {
            SSLContext fresh = Peers.client();
            assertFalse(Peers.connect(server, fresh, protocol, host).resumed());
            for (int resumption = 1; resumption <= 3; resumption++)
            {
                Connection resumed = Peers.connect(server, fresh, protocol, host);
                assertTrue(resumed.resumed(), host);
                assertServedAs(keys.certificate(host), resumed);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
    void aStateWithoutAChainThatTheServerDoesNotHaveIsNotResumed(String protocol) throws Exception
    {
        HostKeys keys = new HostKeys(ONE);
        // The last byte's upper bits are the number of the chain that is not there: 5, that of DSA.
        UnaryOperator<byte[]> other = state ->
        {
            byte[] changed = state.clone();
            changed[changed.length - 1] = (byte)(5 << 5);
            return changed;
        };
        Peers.connect(Peers.server(new FailingTickets(tickets, null, null, other), keys, List.of()), client, protocol, ONE);
        assertFalse(Peers.connect(Peers.server(tickets, keys, List.of()), client, protocol, ONE).resumed());
        assertTrue(Peers.connect(Peers.server(tickets, keys, List.of()), client, protocol, ONE).resumed());
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
    void aContextThatIsInitializedAgainServesAndBindsByItsNewKeys(String protocol) throws Exception
    {
        SSLContext server = Peers.server(tickets, ONE);
        assertFalse(Peers.connect(server, client, protocol, ONE).resumed());
        HostKeys keys = new HostKeys(ONE);
        server.init(new KeyManager[]{keys}, new TrustManager[]{new Peers.Anchors(List.of())}, null);

        Connection first = Peers.connect(server, client, protocol, ONE);
        assertFalse(first.resumed());
        assertServedAs(keys.certificate(ONE), first);
        Connection second = Peers.connect(server, client, protocol, ONE);
        assertTrue(second.resumed());
        assertServedAs(keys.certificate(ONE), second);
        assertTrue(Peers.connect(Peers.server(tickets, keys, List.of()), client, protocol, ONE).resumed());
    }

    @Test
    void aServerWithKeysOfTwoTypesShowsTheCertificateOfTheSession() throws Exception
    {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        Map<String, X509Certificate> certificates = new HashMap<>();
        for (Algorithm algorithm : List.of(Algorithm.EC_P256, Algorithm.RSA_2048))
        {
            SelfSignedCertificate own = SelfSignedCertificate.create(ONE, algorithm, Clock.systemUTC());
            store.setKeyEntry(algorithm.name(), own.privateKey(), new char[0], new X509Certificate[]{own.certificate()});
            certificates.put(own.privateKey().getAlgorithm(), own.certificate());
        }
        KeyManagerFactory factory = KeyManagerFactory.getInstance("PKIX");
        factory.init(store, new char[0]);
        SSLContext server = Peers.server(tickets, factory.getKeyManagers()[0], List.of());
        Map<String, String> suites =
            Map.of("EC", "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", "RSA", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256");
        for (Map.Entry<String, X509Certificate> one : certificates.entrySet())
        {
            SSLContext fresh = Peers.client();
            for (int i = 0; i < 3; i++)
            {
                Connection connection = Peers.connect(server, fresh, "TLSv1.2", ONE,
                    parameters -> parameters.setCipherSuites(new String[]{suites.get(one.getKey())}), engine ->
                    {
                    });
                assertEquals(i > 0, connection.resumed());
                assertServedAs(one.getValue(), connection);
            }
        }
    }

    @Test
    void afterARenegotiationTheCertificatesAreThoseThatSunJsseTells() throws Exception
    {
        HostKeys keys = new HostKeys(ONE);
        SSLContext server = Peers.server(tickets, keys, List.of());
        Peers.connect(server, client, "TLSv1.2", ONE);
        Connection resumed = Peers.connect(server, client, "TLSv1.2", ONE);
        assertTrue(resumed.resumed());
        SSLSession before = ((ResumptionSSLEngine)resumed.server()).delegate().getSession();
        resumed.client().getSession().invalidate();
        MemoryHandshake.run(resumed.server(), resumed.client());
        SSLSession after = ((ResumptionSSLEngine)resumed.server()).delegate().getSession();
        assertNotSame(before, after);
        assertNotNull(after.getLocalCertificates());
        assertServedAs(keys.certificate(ONE), resumed);
    }

    @ParameterizedTest
    @CsvSource({"TLSv1.3,TICKET", "TLSv1.3,CACHE", "TLSv1.2,TICKET", "TLSv1.2,CACHE"})
    void aTicketDoesNotCarryTheServersCertificates(String protocol, ResumptionMode mode) throws Exception
    {
        HostKeys keys = new HostKeys(ONE);
        HostKeys clientKeys = new HostKeys("client");
        List<byte[]> states = new ArrayList<>();
        SSLContext server = Peers.server(recording(states, mode), keys, List.of());
        SSLContext authenticated = Peers.client(clientKeys);
        for (int i = 0; i < 4; i++)
        {
            Connection connection = connect(server, authenticated, protocol, engine -> engine.setNeedClientAuth(true));
            assertEquals(i > 0, connection.resumed());
            assertServedAs(keys.certificate(ONE), connection);
            assertArrayEquals(new X509Certificate[]{clientKeys.certificate("client")},
                connection.server().getSession().getPeerCertificates());
        }
        assertEquals(4, states.size());
        assertTrue(states.stream().noneMatch(state -> holds(state, keys.certificate(ONE))));
    }

    private TicketProtector recording(List<byte[]> states, ResumptionMode mode)
    {
        return new FailingTickets(resumption(mode, "scope"), null, null, state ->
        {
            states.add(state);
            return state;
        });
    }

    private static boolean holds(byte[] state, X509Certificate certificate)
    {
        try
        {
            return HexFormat.of().formatHex(state).contains(HexFormat.of().formatHex(certificate.getEncoded()));
        }
        catch (CertificateEncodingException e)
        {
            throw new AssertionError(e);
        }
    }

    @Test
    void onThisJdkBothProtocolsResumeWithoutTheServersCertificates()
    {
        assertEquals(Set.of("TLSv1.3", "TLSv1.2"), SelfTest.cutting());
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
    void whereAStateWithoutCertificatesCouldNotBeReadTheyStay(String protocol) throws Exception
    {
        HostKeys keys = new HostKeys(ONE);
        List<byte[]> states = new ArrayList<>();
        SSLContext server = Peers.serverThatKeepsChains(recording(states, ResumptionMode.TICKET), keys);
        for (int i = 0; i < 3; i++)
        {
            Connection connection = Peers.connect(server, client, protocol, ONE);
            assertEquals(i > 0, connection.resumed());
            assertServedAs(keys.certificate(ONE), connection);
        }
        if (SunJsseShape.writesServerCertificates())
        {
            assertTrue(states.stream().allMatch(state -> holds(state, keys.certificate(ONE))));
        }
        // Its tickets are good for a node that cuts; what that one has cut is not good for it.
        SSLContext cutting = Peers.server(tickets, keys, List.of());
        for (int i = 0; i < 2; i++)
        {
            Connection connection = Peers.connect(cutting, client, protocol, ONE);
            assertTrue(connection.resumed());
            assertServedAs(keys.certificate(ONE), connection);
        }
        SSLContext other = Peers.client();
        Peers.connect(cutting, other, protocol, ONE);
        if (SunJsseShape.writesServerCertificates())
        {
            assertFalse(Peers.connect(server, other, protocol, ONE).resumed());
        }
        assertTrue(Peers.connect(server, other, protocol, ONE).resumed());
    }

    @Test
    void aStateThatDoesNotEndAsExpectedIsNotSealed() throws Exception
    {
        HostKeys keys = new HostKeys(ONE);
        // The chain, that of EC keys, is said to be missing and is not: so the state of the resumed session does not end with its key.
        UnaryOperator<byte[]> missing = state ->
        {
            byte[] changed = state.clone();
            changed[changed.length - 1] = (byte)(1 << 5);
            return changed;
        };
        Peers.connect(Peers.serverThatKeepsChains(new FailingTickets(tickets, null, null, missing), keys), client, "TLSv1.3", ONE);
        SSLContext server = Peers.server(tickets, keys, List.of());
        assertTrue(Peers.connect(server, client, "TLSv1.3", ONE).resumed());
        assertFalse(Peers.connect(server, client, "TLSv1.3", ONE).resumed());
        assertTrue(Peers.connect(server, client, "TLSv1.3", ONE).resumed());
    }

    /**
     * It may ask more in a handshake than at a resumption; see {@link CertificateRenewalTest} for that of the JDK.
     */
    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
    void otherIssuersOfATrustManagerThatIsNotTheJdksTakeTheTicket(String protocol) throws Exception
    {
        HostKeys keys = new HostKeys(ONE);
        HostKeys authorities = new HostKeys("ca1", "ca2");
        HostKeys clientKeys = new HostKeys("client");
        SSLContext authenticated = Peers.client(clientKeys);
        SSLContext first = Peers.server(tickets, keys, List.of(authorities.certificate("ca1")));
        SSLContext second = Peers.server(tickets, keys, List.of(authorities.certificate("ca2")));
        connect(first, authenticated, protocol, engine -> engine.setNeedClientAuth(true));
        assertFalse(connect(second, authenticated, protocol, engine -> engine.setNeedClientAuth(true)).resumed());
        assertEquals(1, statistics.refusals(RefusalReason.WRONG_CONTEXT));
        SSLContext same = Peers.server(tickets, keys, List.of(authorities.certificate("ca2")));
        Connection resumed = connect(same, authenticated, protocol, engine -> engine.setNeedClientAuth(true));
        assertTrue(resumed.resumed());
        X509Certificate peer = (X509Certificate)resumed.server().getSession().getPeerCertificates()[0];
        assertEquals(clientKeys.certificate("client"), peer);
    }

    /**
     * SunJSSE does not ask the trust manager again when it resumes.
     */
    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
    void aTicketIsNotGoodOnceItsClientCertificateIsRefused(String protocol) throws Exception
    {
        HostKeys keys = new HostKeys(ONE);
        HostKeys clientKeys = new HostKeys("client");
        Peers.RevokingTrust revoking = new Peers.RevokingTrust();
        SSLContext server = Peers.server(tickets, keys, new Peers.RevokingTrust());
        SSLContext later = Peers.server(tickets, keys, revoking);
        SSLContext authenticated = Peers.client(clientKeys);
        connect(server, authenticated, protocol, engine -> engine.setNeedClientAuth(true));
        assertTrue(connect(later, authenticated, protocol, engine -> engine.setNeedClientAuth(true)).resumed());

        SSLContext last = Peers.server(tickets, keys, revoking);
        revoking.revoke(clientKeys.certificate("client"));
        assertThrows(SSLException.class, () -> connect(last, authenticated, protocol, engine -> engine.setNeedClientAuth(true)));
        assertEquals(1, statistics.refusals(RefusalReason.CERTIFICATE));
    }

    /**
     * The bytes that this costs are in the budget of the envelope.
     */
    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
    void theClientsCertificatesAreInTheStateWhereWeLook(String protocol) throws Exception
    {
        AtomicReference<byte[]> sealed = new AtomicReference<>();
        TicketProtector recording = new FailingTickets(tickets, null, null, state ->
        {
            sealed.set(state);
            return state;
        });
        SSLContext server = Peers.server(recording, new HostKeys(ONE), List.of());
        HostKeys clientKeys = new HostKeys("client");
        connect(server, Peers.client(clientKeys), protocol, engine -> engine.setNeedClientAuth(true));

        assertEquals(List.of(clientKeys.certificate("client")), StateCertificates.read(sealed.get()));
        assertEquals(3, sealed.get().length - StateCertificates.strip(sealed.get()).length);
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
    void aTicketIsNotGoodUnderAnotherClientAuthSetting(String protocol) throws Exception
    {
        HostKeys keys = new HostKeys(ONE);
        SSLContext server = Peers.server(tickets, keys, List.of());
        SSLContext authenticated = Peers.client(new HostKeys("client"));
        connect(server, authenticated, protocol, engine -> engine.setNeedClientAuth(true));
        assertFalse(connect(server, authenticated, protocol, engine -> engine.setWantClientAuth(true)).resumed());
        assertFalse(connect(server, authenticated, protocol, engine ->
        {
        }).resumed());
        assertEquals(2, statistics.refusals(RefusalReason.WRONG_CONTEXT));
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
    void aTicketIsNotGoodAfterTheServersCertificateHasChanged(String protocol) throws Exception
    {
        SSLContext before = Peers.server(tickets, ONE);
        SSLContext after = Peers.server(tickets, ONE);
        Peers.connect(before, client, protocol, ONE);
        assertFalse(Peers.connect(after, client, protocol, ONE).resumed());
        assertEquals(1, statistics.refusals(RefusalReason.WRONG_CONTEXT));
    }

    /**
     * SunJSSE goes by the setting of when the handshake began.
     */
    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
    void aClientThatWasAskedBeforeTheSettingWasTakenBackHasItsCertificate(String protocol) throws Exception
    {
        HostKeys clientKeys = new HostKeys("client");
        SSLContext server = Peers.server(tickets, new HostKeys(ONE), new Peers.RevokingTrust());
        Connection connection = connect(server, Peers.client(clientKeys), protocol, engine ->
        {
            engine.setNeedClientAuth(true);
            try
            {
                engine.beginHandshake();
            }
            catch (SSLException e)
            {
                throw new AssertionError(e);
            }
            engine.setNeedClientAuth(false);
        });
        SSLSession session = connection.server().getSession();
        assertEquals(clientKeys.certificate("client"), session.getPeerCertificates()[0]);
        assertEquals(clientKeys.certificate("client").getSubjectX500Principal(), session.getPeerPrincipal());
    }

    @Test
    void aClientThatIsAskedInARenegotiationHasItsCertificate() throws Exception
    {
        HostKeys clientKeys = new HostKeys("client");
        SSLContext server = Peers.server(tickets, new HostKeys(ONE), new Peers.RevokingTrust());
        Connection connection = Peers.connect(server, Peers.client(clientKeys), "TLSv1.2", ONE);
        assertThrows(SSLPeerUnverifiedException.class, connection.server().getSession()::getPeerCertificates);
        connection.server().setNeedClientAuth(true);
        MemoryHandshake.run(connection.server(), connection.client());
        assertEquals(clientKeys.certificate("client"), connection.server().getSession().getPeerCertificates()[0]);
    }

    @Test
    void aSessionIdIsNotGoodUnderAnotherClientAuthSetting() throws Exception
    {
        HostKeys clientKeys = new HostKeys("client");
        SSLContext server = Peers.server(tickets, new HostKeys(ONE), new Peers.RevokingTrust());
        SSLContext authenticated = Peers.clientWithoutTickets(clientKeys);
        assertFalse(connect(server, authenticated, "TLSv1.2", engine -> engine.setWantClientAuth(true)).resumed());
        Connection again = connect(server, authenticated, "TLSv1.2", engine -> engine.setWantClientAuth(true));
        assertTrue(again.resumed());
        assertEquals(clientKeys.certificate("client"), again.server().getSession().getPeerCertificates()[0]);
        Connection notAsked = Peers.connect(server, authenticated, "TLSv1.2", ONE);
        assertFalse(notAsked.resumed());
        assertEquals(1, statistics.refusals(RefusalReason.WRONG_CONTEXT));
        assertThrows(SSLPeerUnverifiedException.class, notAsked.server().getSession()::getPeerCertificates);
    }
}
