package io.github.tlsresumption.jsse;

import java.lang.reflect.Field;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.KeyStore;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;

import io.github.tlsresumption.crypto.SelfSignedCertificate;
import io.github.tlsresumption.crypto.SelfSignedCertificate.Algorithm;
import io.github.tlsresumption.engine.ForwardingTickets;
import io.github.tlsresumption.engine.MemoryHandshake;
import io.github.tlsresumption.engine.OpenedTicket;
import io.github.tlsresumption.engine.SessionOrigin;
import io.github.tlsresumption.engine.TicketProtector;
import io.github.tlsresumption.engine.TlsSession;
import io.github.tlsresumption.jsse.Peers.Connection;
import io.github.tlsresumption.jsse.Peers.HostKeys;
import io.github.tlsresumption.keys.KeyRotation;
import io.github.tlsresumption.keys.TicketKeyRing;
import io.github.tlsresumption.policy.ConnectorTerms;
import io.github.tlsresumption.policy.ResumptionMode;
import io.github.tlsresumption.policy.Rules;
import io.github.tlsresumption.resumption.ConnectorResumption;
import io.github.tlsresumption.resumption.HandshakeResult;
import io.github.tlsresumption.resumption.RefusalReason;
import io.github.tlsresumption.resumption.ResumptionStatistics;
import io.github.tlsresumption.resumption.Resumptions;
import io.github.tlsresumption.ticket.Protocol;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * What SunJSSE does when left alone, and what this project makes of it. Each test fails without its mend.
 */
@ExtendWith(SunJsseProviders.class)
class SunJsseTrapsTest
{
    private static final String ONE = "one.test";
    private static final String TWO = "two.test";
    private static final Duration DURATION = Duration.ofHours(1);

    private final AtomicReference<Duration> ahead = new AtomicReference<>(Duration.ZERO);
    private final ResumptionStatistics statistics = new ResumptionStatistics();
    private TicketKeyRing ring;
    private ConnectorResumption tickets;
    private SSLContext client;

    @BeforeEach
    void setUp() throws Exception
    {
        ring = KeyRotation.DEFAULT.next(TicketKeyRing.empty(), Instant.now());
        tickets = resumption(ResumptionMode.TICKET, "scope");
        client = Peers.client();
    }

    private ConnectorResumption resumption(ResumptionMode mode, String scope)
    {
        Clock clock = Clock.tick(new ShiftedClock(), Duration.ofNanos(1));
        return Resumptions.of(scope, new ConnectorTerms(mode, mode, DURATION), () -> ring, clock, statistics);
    }

    /**
     * The system's clock, moved.
     */
    private final class ShiftedClock extends Clock
    {
        @Override
        public ZoneOffset getZone()
        {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone)
        {
            return this;
        }

        @Override
        public Instant instant()
        {
            return Instant.now().plus(ahead.get());
        }
    }

    @Test
    void thisJdkPassesTheSelfTest()
    {
        assertEquals(Optional.empty(), SunJsse.obstacle());
        assertEquals(Optional.empty(), SunJsse.sharingObstacle());
        assertEquals(Optional.empty(), SunJsse.singleUseObstacle());
    }

    @ParameterizedTest
    @CsvSource({"TLSv1.3,TICKET", "TLSv1.3,CACHE", "TLSv1.2,TICKET", "TLSv1.2,CACHE"})
    void aSessionIsResumedAgainAndAgainUnderOneId(String protocol, ResumptionMode mode) throws Exception
    {
        SSLContext server = Peers.server(resumption(mode, "scope"), ONE);
        TlsSession established = Peers.connect(server, client, protocol, ONE).session();
        assertFalse(established.resumed());
        assertEquals(mode.toString(), established.mode());
        for (int i = 0; i < 5; i++)
        {
            TlsSession resumed = Peers.connect(server, client, protocol, ONE).session();
            assertTrue(resumed.resumed());
            assertEquals(established.id(), resumed.id());
            assertEquals(established.established(), resumed.established());
            assertEquals(established.deadline(), resumed.deadline());
        }
    }

    @ParameterizedTest
    @CsvSource({"TLSv1.3,TICKET", "TLSv1.3,CACHE", "TLSv1.2,TICKET", "TLSv1.2,CACHE"})
    void resumptionNeverMovesTheDeadline(String protocol, ResumptionMode mode) throws Exception
    {
        SSLContext server = Peers.server(resumption(mode, "scope"), ONE);
        Peers.connect(server, client, protocol, ONE);
        for (int minutes = 20; minutes < 60; minutes += 20)
        {
            ahead.set(Duration.ofMinutes(minutes));
            assertTrue(Peers.connect(server, client, protocol, ONE).resumed());
        }
        ahead.set(DURATION);
        assertFalse(Peers.connect(server, client, protocol, ONE).resumed());
        assertEquals(1, statistics.refusals(RefusalReason.EXPIRED));
    }

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

    private static void assertServedAs(X509Certificate certificate, Connection connection)
    {
        SSLSession session = connection.server().getSession();
        assertArrayEquals(new X509Certificate[]{certificate}, session.getLocalCertificates());
        assertEquals(certificate.getSubjectX500Principal(), session.getLocalPrincipal());
    }

    @Test
    void aDecoyIsAsLongAsATicket() throws Exception
    {
        HostKeys keys = new HostKeys(ONE);
        List<Integer> offered = new ArrayList<>();
        for (FailingTickets.Failure failure : new FailingTickets.Failure[]{null, FailingTickets.Failure.EMPTY})
        {
            TicketProtector sealing = new FailingTickets(tickets, failure, null, state -> state);
            SSLContext server = Peers.server(handshake -> new ForwardingTickets(sealing.begin(handshake))
            {
                @Override
                public Optional<OpenedTicket> open(byte[] ticket, byte[] associatedData, int stateFormat)
                {
                    offered.add(ticket.length);
                    return super.open(ticket, associatedData, stateFormat);
                }
            }, keys, List.of());
            SSLContext fresh = Peers.client();
            Peers.connect(server, fresh, "TLSv1.3", ONE);
            assertEquals(failure == null, Peers.connect(server, fresh, "TLSv1.3", ONE).resumed());
        }
        assertEquals(2, offered.size());
        assertEquals(offered.get(0), offered.get(1));
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

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
    void valuesThatAKeyManagerBindsStayWithTheConnection(String protocol) throws Exception
    {
        SSLContext server = Peers.server(tickets, ONE);
        Connection connection = Peers.connect(server, client, protocol, ONE);
        assertEquals(ONE, connection.server().getSession().getValue(Peers.SNI_HOST));
        SSLSession inner = ((ResumptionSSLEngine)connection.server()).delegate().getSession();
        assertEquals(0, inner.getValueNames().length);
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
    void valuesThatATrustManagerBindsStayWithTheConnection(String protocol) throws Exception
    {
        SSLContext server = Peers.server(tickets, new HostKeys(ONE), new Peers.BindingTrust());
        SSLContext authenticated = Peers.client(new HostKeys("client"));
        Connection first = connect(server, authenticated, protocol, engine -> engine.setNeedClientAuth(true));
        assertEquals("bound by the trust manager", first.server().getSession().getValue(Peers.SNI_HOST));
        Connection second = connect(server, authenticated, protocol, engine -> engine.setNeedClientAuth(true));
        assertTrue(second.resumed());
        assertEquals("ticket", second.session().mode());
        assertEquals(first.session().id(), second.session().id());
    }

    @Test
    void aValueBoundAfterTheHandshakeMakesNoFurtherTicket() throws Exception
    {
        SSLContext server = Peers.server(tickets, ONE);
        Connection connection = Peers.connect(server, client, "TLSv1.3", ONE);
        connection.server().getSession().putValue("name", "value");
        assertEquals("value", connection.server().getSession().getValue("name"));
        ByteBuffer out = ByteBuffer.allocate(1 << 15);
        connection.server().wrap(ByteBuffer.allocate(0), out);
        // An empty record of application data: 5 + 1 + 16 bytes; a NewSessionTicket is longer than 60.
        assertTrue(out.position() < 40, "wrapped " + out.position() + " bytes");
        assertEquals(HandshakeStatus.NOT_HANDSHAKING, connection.server().getHandshakeStatus());
    }

    @ParameterizedTest
    @CsvSource({"TLSv1.3,EMPTY", "TLSv1.3,EXCEPTION", "TLSv1.3,ERROR", "TLSv1.2,EMPTY", "TLSv1.2,EXCEPTION", "TLSv1.2,ERROR"})
    void aRefusalToSealCostsNoConnection(String protocol, FailingTickets.Failure failure) throws Exception
    {
        SSLContext server = Peers.server(new FailingTickets(tickets, failure, null, state -> state), ONE);
        for (int i = 0; i < 3; i++)
        {
            assertFalse(Peers.connect(server, client, protocol, ONE).resumed());
        }
    }

    @ParameterizedTest
    @CsvSource({"TLSv1.3,EMPTY", "TLSv1.3,EXCEPTION", "TLSv1.3,ERROR", "TLSv1.2,EMPTY", "TLSv1.2,EXCEPTION", "TLSv1.2,ERROR"})
    void aRefusalToOpenIsAFullHandshake(String protocol, FailingTickets.Failure failure) throws Exception
    {
        SSLContext server = Peers.server(new FailingTickets(tickets, null, failure, state -> state), ONE);
        for (int i = 0; i < 3; i++)
        {
            assertFalse(Peers.connect(server, client, protocol, ONE).resumed());
        }
    }

    /**
     * Only a thief of the ticket key can seal one. To SunJSSE it would be the end of the connection, in TLS 1.2 without an alert.
     */
    @ParameterizedTest
    @CsvSource({"TLSv1.3,7F7F", "TLSv1.3,1F8B", "TLSv1.2,7F7F", "TLSv1.2,1F8B"})
    void aStateThatDoesNotBeginAsOneIsAFullHandshake(String protocol, String start) throws Exception
    {
        byte[] hostile = Arrays.copyOf(HexFormat.of().parseHex(start), 40);
        HostKeys keys = new HostKeys(ONE);
        Peers.connect(Peers.server(new FailingTickets(tickets, null, null, state -> hostile), keys, List.of()), client, protocol, ONE);
        assertFalse(Peers.connect(Peers.server(tickets, keys, List.of()), client, protocol, ONE).resumed());
    }

    @ParameterizedTest
    @CsvSource({"TLSv1.3,resumable", "TLSv1.3,finished", "TLSv1.2,resumable", "TLSv1.2,finished"})
    void aFailureToJudgeCostsNoConnection(String protocol, String failing) throws Exception
    {
        TicketProtector protector = handshake -> new ForwardingTickets(tickets.begin(handshake))
        {
            @Override
            public boolean resumable(Optional<Protocol> asked)
            {
                if ("resumable".equals(failing))
                {
                    throw new AssertionError("for a test");
                }
                return super.resumable(asked);
            }

            @Override
            public TlsSession finished(SessionOrigin origin, Optional<byte[]> cachedId)
            {
                if ("finished".equals(failing))
                {
                    throw new AssertionError("for a test");
                }
                return super.finished(origin, cachedId);
            }
        };
        HostKeys keys = new HostKeys(ONE);
        SSLContext server = Peers.server(protector, keys, List.of());
        Connection connection = Peers.connect(server, client, protocol, ONE);
        assertEquals(protocol, connection.server().getSession().getProtocol());
        SSLContext fresh = Peers.client();
        Peers.connect(Peers.server(tickets, keys, List.of()), fresh, protocol, ONE);
        assertServedAs(keys.certificate(ONE), Peers.connect(server, fresh, protocol, ONE));
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
    void withoutAKeyClientsGetFullHandshakesAndTheOperatorACount(String protocol) throws Exception
    {
        ring = TicketKeyRing.empty();
        SSLContext server = Peers.server(tickets, ONE);
        assertFalse(Peers.connect(server, client, protocol, ONE).resumed());
        assertFalse(Peers.connect(server, client, protocol, ONE).resumed());
        assertEquals(2, statistics.refusals(RefusalReason.NO_KEY));
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
    void theCaseOfAHostNameDoesNotMatter(String protocol) throws Exception
    {
        SSLContext server = Peers.server(tickets, ONE);
        Peers.connect(server, client, protocol, ONE);
        assertTrue(Peers.connect(server, client, protocol, "ONE.test").resumed());
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
    void aTicketIsGoodInItsScopeOnly(String protocol) throws Exception
    {
        HostKeys keys = new HostKeys(ONE);
        SSLContext server = Peers.server(tickets, keys, List.of());
        SSLContext same = Peers.server(resumption(ResumptionMode.TICKET, "scope"), keys, List.of());
        SSLContext other = Peers.server(resumption(ResumptionMode.TICKET, "other"), keys, List.of());
        Peers.connect(server, client, protocol, ONE);
        assertTrue(Peers.connect(same, client, protocol, ONE).resumed());
        assertFalse(Peers.connect(other, client, protocol, ONE).resumed());
        assertEquals(1, statistics.refusals(RefusalReason.WRONG_SCOPE));
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

    private Connection connect(SSLContext server, SSLContext peer, String protocol, Consumer<SSLEngine> engine)
        throws SSLException
    {
        return Peers.connect(server, peer, protocol, ONE, parameters ->
        {
        }, engine);
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
    void aNewContextTakesTheTicketsOfAnotherAsItsFirst(String protocol) throws Exception
    {
        HostKeys keys = new HostKeys(ONE);
        Peers.connect(Peers.server(tickets, keys, List.of()), client, protocol, ONE);
        assertTrue(Peers.connect(Peers.server(tickets, keys, List.of()), client, protocol, ONE).resumed());
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
    void ticketsSurviveTheRenewalOfSunJssesKey(String protocol) throws Exception
    {
        HostKeys keys = new HostKeys(ONE);
        ResumptionSSLContext server = (ResumptionSSLContext)Peers.server(tickets, keys, List.of());
        ResumptionSSLContext other = (ResumptionSSLContext)Peers.server(tickets, keys, List.of());
        Peers.connect(server, client, protocol, ONE);
        for (int i = 0; i < 3; i++)
        {
            server.renew();
            assertTrue(Peers.connect(server, client, protocol, ONE).resumed());
            assertTrue(Peers.connect(other, client, protocol, ONE).resumed());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
    void alpnIsNegotiatedAnewOnResumption(String protocol) throws Exception
    {
        SSLContext server = Peers.server(tickets, ONE);
        for (String application : List.of("h2", "http/1.1"))
        {
            AtomicReference<SSLEngine> asked = new AtomicReference<>();
            Connection connection = Peers.connect(server, client, protocol, ONE,
                parameters -> parameters.setApplicationProtocols(new String[]{application}),
                engine -> engine.setHandshakeApplicationProtocolSelector((own, offered) ->
                {
                    asked.set(own);
                    return offered.get(0);
                }));
            assertEquals(application, connection.server().getApplicationProtocol());
            assertEquals(connection.server(), asked.get());
        }
        assertTrue(statistics.handshakes(HandshakeResult.TICKET) >= 1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
    void withModeOffNothingIsIssuedAndNothingResumed(String protocol) throws Exception
    {
        SSLContext server = Peers.server(resumption(ResumptionMode.OFF, "scope"), ONE);
        for (int i = 0; i < 3; i++)
        {
            Connection connection = Peers.connect(server, client, protocol, ONE);
            assertFalse(connection.resumed());
            assertEquals("off", connection.session().mode());
        }
        assertEquals(3, statistics.handshakes(HandshakeResult.FULL));
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
    void ticketsEarnedBeforeModeOffAreRefused(String protocol) throws Exception
    {
        HostKeys keys = new HostKeys(ONE);
        Peers.connect(Peers.server(tickets, keys, List.of()), client, protocol, ONE);
        SSLContext off = Peers.server(resumption(ResumptionMode.OFF, "scope"), keys, List.of());
        assertFalse(Peers.connect(off, client, protocol, ONE).resumed());
        assertEquals(1, statistics.refusals(RefusalReason.POLICY));
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
    void noByteOfATicketCanBeChanged(String protocol) throws Exception
    {
        SSLContext server = Peers.server(tickets, ONE);
        int length = ticketLength(server, protocol);
        // The first are SunJSSE's own: key number, IV, and in newer releases the flag of compression.
        for (int at = 0; at < length; at += at < 24 ? 1 : 37)
        {
            int position = at;
            SSLContext fresh = Peers.client();
            Peers.connect(server, fresh, protocol, ONE);
            Connection tampered = tamper(server, fresh, protocol, ticket ->
            {
                ticket[position] ^= 1;
                return ticket;
            });
            assertNull(tampered, "byte " + at + " was changed");
        }
    }

    private int ticketLength(SSLContext server, String protocol) throws Exception
    {
        AtomicReference<byte[]> seen = new AtomicReference<>();
        SSLContext fresh = Peers.client();
        Peers.connect(server, fresh, protocol, ONE);
        tamper(server, fresh, protocol, ticket ->
        {
            seen.set(ticket.clone());
            return ticket;
        });
        assertNotNull(seen.get());
        return seen.get().length;
    }

    /**
     * Changes the ticket that a client offers on its way. The transcript differs then, and so the handshake does not end well;
     * what is asked is whether the server opened the ticket.
     *
     * @return null when the server did not open it
     */
    private Connection tamper(SSLContext server, SSLContext peer, String protocol, UnaryOperator<byte[]> change) throws Exception
    {
        SSLEngine serverSide = server.createSSLEngine();
        serverSide.setUseClientMode(false);
        SSLEngine clientSide = peer.createSSLEngine("cache-key", 443);
        clientSide.setUseClientMode(true);
        SSLParameters parameters = clientSide.getSSLParameters();
        parameters.setProtocols(new String[]{protocol});
        parameters.setServerNames(List.of(new SNIHostName(ONE)));
        clientSide.setSSLParameters(parameters);
        clientSide.beginHandshake();
        ByteBuffer hello = ByteBuffer.allocate(1 << 15);
        clientSide.wrap(ByteBuffer.allocate(0), hello);
        hello.flip();
        HandshakeObserver observer = new HandshakeObserver();
        observer.received(hello);
        assertEquals(1, observer.hello().tickets().size(), "the client offers no ticket");
        byte[] ticket = observer.hello().tickets().get(0);
        int at = indexOf(hello.array(), ticket);
        byte[] changed = change.apply(ticket.clone());
        System.arraycopy(changed, 0, hello.array(), at, changed.length);
        long failuresBefore = statistics.refusals(RefusalReason.TAMPERED) + statistics.refusals(RefusalReason.UNKNOWN_KEY);
        serverSide.beginHandshake();
        ByteBuffer scratch = ByteBuffer.allocate(1 << 16);
        HandshakeObserver answers = new HandshakeObserver();
        boolean alert = false;
        try
        {
            serverSide.unwrap(hello, scratch);
            Runnable task;
            while ((task = serverSide.getDelegatedTask()) != null)
            {
                task.run();
            }
            ByteBuffer answer = ByteBuffer.allocate(1 << 16);
            while (serverSide.getHandshakeStatus() == HandshakeStatus.NEED_WRAP)
            {
                serverSide.wrap(ByteBuffer.allocate(0), answer);
            }
            answers.sent(answer.flip());
        }
        catch (SSLException e)
        {
            alert = true;
        }
        long failures = statistics.refusals(RefusalReason.TAMPERED) + statistics.refusals(RefusalReason.UNKNOWN_KEY);
        boolean unchanged = Arrays.equals(changed, ticket);
        // A binder over other bytes is a fatal alert (RFC 8446 section 4.2.11): only what was opened gets so far.
        assertFalse(alert && !unchanged, "the server was led to an alert");
        boolean refusedByUs = failures > failuresBefore;
        return refusedByUs || answers.decision() != HandshakeObserver.Decision.RESUMED ? null : new Connection(serverSide, clientSide);
    }

    private static int indexOf(byte[] all, byte[] part)
    {
        for (int i = 0; i + part.length <= all.length; i++)
        {
            if (Arrays.equals(all, i, i + part.length, part, 0, part.length))
            {
                return i;
            }
        }
        throw new AssertionError("not found");
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

    @Test
    void aClientWithoutTicketsResumesByItsSessionIdWithinTheSameBounds() throws Exception
    {
        SSLContext withoutTickets = Peers.clientWithoutTickets();
        ResumptionSSLContext server = (ResumptionSSLContext)Peers.server(tickets, ONE);
        TlsSession first = Peers.connect(server, withoutTickets, "TLSv1.2", ONE).session();
        TlsSession second = Peers.connect(server, withoutTickets, "TLSv1.2", ONE).session();
        assertFalse(first.resumed());
        assertTrue(second.resumed());
        assertEquals("session-id", second.mode());
        assertEquals(first.id(), second.id());
        ahead.set(DURATION);
        assertFalse(Peers.connect(server, withoutTickets, "TLSv1.2", ONE).resumed());
        ahead.set(Duration.ZERO);
        assertTrue(Peers.connect(server, withoutTickets, "TLSv1.2", ONE).resumed());
        server.forgetCachedSessions();
        assertFalse(Peers.connect(server, withoutTickets, "TLSv1.2", ONE).resumed());
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
    void aKeyNumberThatHasDriftedIsSetAgainByTheNextHello(String protocol) throws Exception
    {
        HostKeys keys = new HostKeys(ONE);
        SSLContext drifting = Peers.server(tickets, keys, List.of());
        SSLContext other = Peers.server(tickets, keys, List.of());
        // As SunJSSE does by itself when the wall clock passes its period unseen.
        Field number = drifting.getServerSessionContext().getClass().getDeclaredField("currentKeyID");
        number.setAccessible(true);
        number.setInt(drifting.getServerSessionContext(), number.getInt(drifting.getServerSessionContext()) + 7);
        Peers.connect(drifting, client, protocol, ONE);
        assertTrue(Peers.connect(other, client, protocol, ONE).resumed());
    }

    /**
     * The clock may be set between a ClientHello and the ticket, and nobody needs to connect before.
     */
    @ParameterizedTest
    @CsvSource({"TLSv1.3,PT2H", "TLSv1.2,PT2H", "TLSv1.3,P400D", "TLSv1.2,P400D", "TLSv1.3,PT-2H", "TLSv1.2,PT-2H"})
    void noStepOfTheWallClockKeepsATicketFromAnotherContext(String protocol, Duration step) throws Exception
    {
        HostKeys keys = new HostKeys(ONE);
        SSLContext server = Peers.server(tickets, keys, List.of());
        SSLContext other = Peers.server(tickets, keys, List.of());
        elapse(server, step);
        Peers.connect(server, client, protocol, ONE);
        elapse(other, step);
        assertTrue(Peers.connect(other, client, protocol, ONE).resumed());
        assertTrue(Peers.connect(server, client, protocol, ONE).resumed());
    }

    /**
     * Has the wall clock go on, as SunJSSE's ticket keys see it.
     */
    private static void elapse(SSLContext server, Duration step) throws ReflectiveOperationException
    {
        Field map = server.getServerSessionContext().getClass().getDeclaredField("keyHashMap");
        map.setAccessible(true);
        for (Object key : ((Map<?, ?>)map.get(server.getServerSessionContext())).values())
        {
            Field timeout = key.getClass().getDeclaredField("timeout");
            timeout.setAccessible(true);
            timeout.setLong(key, timeout.getLong(key) - step.toMillis());
        }
    }

    @Test
    void aSessionOfTls13InSunJssesOwnCacheIsNotResumed() throws Exception
    {
        SSLContext server = Peers.server(tickets, ONE);
        Connection first = Peers.connect(server, client, "TLSv1.3", ONE);
        // Past our engine, which no application can do: SunJSSE then issues a ticket of its own kind, which the client prefers.
        SSLEngine inner = ((ResumptionSSLEngine)first.server()).delegate();
        inner.getSession().putValue("name", "value");
        ByteBuffer toClient = ByteBuffer.allocate(1 << 15);
        for (int i = 0; i < 3; i++)
        {
            inner.wrap(ByteBuffer.wrap(new byte[1]), toClient);
        }
        assertTrue(toClient.position() > 100, "SunJSSE has issued no ticket of its own");
        toClient.flip();
        while (toClient.hasRemaining())
        {
            first.client().unwrap(toClient, ByteBuffer.allocate(1 << 15));
        }
        // Newer clients keep both tickets, and offer one after the other.
        for (int i = 0; i < 3; i++)
        {
            Peers.connect(server, client, "TLSv1.3", ONE);
        }
        assertEquals(0, statistics.handshakes(HandshakeResult.SESSION_ID));
        assertEquals(2, statistics.handshakes(HandshakeResult.FULL));
        assertEquals(2, statistics.handshakes(HandshakeResult.TICKET));
    }

    @Test
    void aRenegotiatedSessionIsAnotherAndNotResumed() throws Exception
    {
        SSLContext server = Peers.server(tickets, ONE);
        Connection connection = Peers.connect(server, client, "TLSv1.2", ONE);
        TlsSession first = connection.session();
        MemoryHandshake.run(connection.server(), connection.client());
        TlsSession second = connection.session();
        assertNotEquals(first.id(), second.id());
        assertFalse(second.resumed());
        assertEquals("off", second.mode());
        assertFalse(((ResumptionSSLEngine)connection.server()).delegate().getSession().isValid());
    }

    /**
     * The client chooses the spelling; SunJSSE and Jetty map it before they choose a certificate.
     */
    @ParameterizedTest
    @CsvSource({"TLSv1.3,\uff4f\uff4e\uff45.test", "TLSv1.3,one\u3002test", "TLSv1.3,ONE.test", "TLSv1.2,\uff4f\uff4e\uff45.test",
        "TLSv1.2,one\u3002test", "TLSv1.2,ONE.test"})
    void aRuleForAHostHoldsForEverySpellingOfIt(String protocol, String spelling) throws Exception
    {
        SNIHostName name = new SNIHostName(spelling.getBytes(StandardCharsets.UTF_8));
        Consumer<SSLParameters> spelt = parameters -> parameters.setServerNames(List.of(name));
        Consumer<SSLEngine> same = engine ->
        {
        };
        ConnectorTerms terms = new ConnectorTerms(ResumptionMode.TICKET, ResumptionMode.TICKET, DURATION);
        ConnectorResumption ruled = Resumptions.of("scope", Rules.parse("rules", "one host=one.test mode=off", terms), () -> ring,
            Clock.systemUTC(), statistics);
        SSLContext server = Peers.server(ruled, ONE);
        Peers.connect(server, client, protocol, null, spelt, same);
        assertFalse(Peers.connect(server, client, protocol, null, spelt, same).resumed());
        // A session is that of the host, not of its spelling.
        SSLContext unruled = Peers.server(tickets, ONE);
        SSLContext fresh = Peers.client();
        Peers.connect(unruled, fresh, protocol, null, spelt, same);
        assertTrue(Peers.connect(unruled, fresh, protocol, null, spelt, same).resumed());
    }

    @Test
    void theStableIdIsTheIdOfTheSession() throws Exception
    {
        SSLContext server = Peers.server(tickets, ONE);
        Connection first = Peers.connect(server, client, "TLSv1.2", ONE);
        Connection second = Peers.connect(server, client, "TLSv1.2", ONE);
        assertTrue(second.resumed());
        assertArrayEquals(first.server().getSession().getId(), second.server().getSession().getId());
        assertArrayEquals(first.session().id().bytes(), first.server().getSession().getId());
        // SunJSSE itself takes the one that the client chose.
        SSLSession inner = ((ResumptionSSLEngine)second.server()).delegate().getSession();
        assertFalse(Arrays.equals(inner.getId(), second.server().getSession().getId()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
    void creationTimeIsThatOfTheFullHandshake(String protocol) throws Exception
    {
        SSLContext server = Peers.server(tickets, ONE);
        Connection first = Peers.connect(server, client, protocol, ONE);
        Connection second = Peers.connect(server, client, protocol, ONE);
        assertTrue(second.resumed());
        assertEquals(Peers.creation(first), Peers.creation(second));
        assertEquals(first.session().established(), Peers.creation(first));
    }

    @Test
    void sessionsShowTheKeyManagerTheHostBeforeSunJsseKnowsIt() throws Exception
    {
        SSLContext server = Peers.server(tickets, ONE);
        SSLEngine engine = server.createSSLEngine();
        assertNull(engine.getHandshakeSession());
        Connection connection = Peers.connect(server, client, "TLSv1.3", ONE);
        assertNull(connection.server().getHandshakeSession());
        assertTrue(connection.server().getSession() instanceof ExtendedSSLSession);
    }

    /**
     * SunJSSE gets a cipher for each of them first, which costs more than all that we do: for a ticket too that is too short to be opened,
     * and for one of a hello that we cannot read.
     */
    @ParameterizedTest
    @CsvSource({"60, true, 4", "33, true, 0", "60, false, 0"})
    void ofHundredsOfTicketsInAHelloSunJsseOpensFour(int bytes, boolean readable, int expected) throws Exception
    {
        AtomicInteger opened = new AtomicInteger();
        TicketProtector protector = handshake -> new ForwardingTickets(tickets.begin(handshake))
        {
            @Override
            public Optional<OpenedTicket> open(byte[] ticket, byte[] associatedData, int stateFormat)
            {
                opened.incrementAndGet();
                return super.open(ticket, associatedData, stateFormat);
            }
        };
        SSLContext server = Peers.server(protector, ONE);
        List<Byte> real = ticketOf(server);
        opened.set(0);
        List<byte[]> identities = new ArrayList<>();
        for (int i = 0; i < 300; i++)
        {
            ByteBuffer identity = ByteBuffer.allocate(bytes);
            for (int k = 0; k < Integer.BYTES; k++)
            {
                identity.put(real.get(k));
            }
            identities.add(identity.putInt(i).array());
        }
        SSLEngine engine = server.createSSLEngine();
        engine.setUseClientMode(false);
        byte[] message = readable ? Hellos.clientHelloOfTls13(ONE, identities) : Hellos.unreadableClientHelloOfTls13(identities);
        ByteBuffer hello = ByteBuffer.wrap(Hellos.records(message, 16_384));
        ByteBuffer answer = ByteBuffer.allocate(1 << 16);
        while (hello.hasRemaining())
        {
            engine.unwrap(hello, ByteBuffer.allocate(1 << 15));
        }
        engine.getDelegatedTask().run();
        engine.wrap(ByteBuffer.allocate(0), answer);
        assertEquals(Hellos.HANDSHAKE, answer.get(0));
        assertEquals(expected, opened.get());
        assertEquals(1, statistics.refusals(RefusalReason.TOO_MANY));
        Peers.connect(server, client, "TLSv1.3", ONE);
        assertTrue(Peers.connect(server, client, "TLSv1.3", ONE).resumed());
    }

    @Test
    void everyTicketDiffers() throws Exception
    {
        SSLContext server = Peers.server(tickets, ONE);
        assertNotEquals(ticketOf(server), ticketOf(server));
    }

    private List<Byte> ticketOf(SSLContext server) throws Exception
    {
        AtomicReference<byte[]> seen = new AtomicReference<>();
        SSLContext fresh = Peers.client();
        Peers.connect(server, fresh, "TLSv1.3", ONE);
        tamper(server, fresh, "TLSv1.3", ticket ->
        {
            seen.set(ticket);
            return ticket;
        });
        List<Byte> bytes = new ArrayList<>();
        for (byte b : seen.get())
        {
            bytes.add(b);
        }
        return bytes;
    }
}
