package io.github.tlsresumption.jsse;

import java.lang.reflect.Field;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSession;

import io.github.tlsresumption.engine.MemoryHandshake;
import io.github.tlsresumption.engine.TlsSession;
import io.github.tlsresumption.jsse.Peers.Connection;
import io.github.tlsresumption.jsse.Peers.HostKeys;
import io.github.tlsresumption.policy.ConnectorTerms;
import io.github.tlsresumption.policy.ResumptionMode;
import io.github.tlsresumption.policy.Rules;
import io.github.tlsresumption.resumption.ConnectorResumption;
import io.github.tlsresumption.resumption.HandshakeResult;
import io.github.tlsresumption.resumption.RefusalReason;
import io.github.tlsresumption.resumption.Resumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * What SunJSSE does with sessions when left alone, and what this project makes of it. Each test fails without its fix.
 */
class SunJsseTrapsTest extends SunJsseTrapsBase
{
    @Test
    void thisJdkPassesTheSelfTest()
    {
        assertEquals(Optional.empty(), SunJsse.obstacle());
        assertEquals(Optional.empty(), KeyNumber.obstacle());
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
}
