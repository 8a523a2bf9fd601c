package io.github.tlsresumption.jsse;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import javax.net.ssl.SSLContext;

import io.github.tlsresumption.engine.ForwardingTickets;
import io.github.tlsresumption.engine.OpenedTicket;
import io.github.tlsresumption.engine.SessionOrigin;
import io.github.tlsresumption.engine.Tickets;
import io.github.tlsresumption.jsse.Peers.Connection;
import io.github.tlsresumption.keys.KeyRotation;
import io.github.tlsresumption.keys.TicketKeyRing;
import io.github.tlsresumption.policy.ConnectorTerms;
import io.github.tlsresumption.policy.ResumptionMode;
import io.github.tlsresumption.policy.SessionPolicy;
import io.github.tlsresumption.policy.SessionTerms;
import io.github.tlsresumption.resumption.ConnectorResumption;
import io.github.tlsresumption.resumption.ResumptionStatistics;
import io.github.tlsresumption.resumption.Resumptions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * A resumption has a new ticket where the client needs one, and in TLS 1.2 nowhere else.
 */
@Timeout(value = 60, threadMode = ThreadMode.SEPARATE_THREAD)
class TicketOfferTest
{
    private static final String HOST = "one.test";
    private static final String TLS12 = "TLSv1.2";
    private static final String TLS13 = "TLSv1.3";
    private static final int RESUMPTIONS = 10;
    private static final Duration HOUR = Duration.ofHours(1);
    /** Longer than the first key of a ring opens. */
    private static final Duration DAYS = Duration.ofDays(6);

    private final TicketKeyRing ring = KeyRotation.DEFAULT.next(TicketKeyRing.empty(), Instant.now());
    private final AtomicInteger seals = new AtomicInteger();

    @BeforeAll
    static void acquire()
    {
        StekProvider.acquire();
    }

    @AfterAll
    static void release()
    {
        StekProvider.release();
    }

    private SSLContext server(SessionPolicy policy) throws Exception
    {
        ConnectorResumption decision = Resumptions.of("scope", policy, () -> ring, Clock.systemUTC(), new ResumptionStatistics());
        return Peers.server(handshake -> new Counting(decision.begin(handshake), seals), HOST);
    }

    private static ConnectorTerms terms(ResumptionMode mode, Duration duration)
    {
        return new ConnectorTerms(mode, mode, duration);
    }

    /**
     * @return how many of so many connections of one client resumed
     */
    private static long resumed(SSLContext server, String protocol) throws Exception
    {
        SSLContext client = Peers.client();
        assertFalse(Peers.connect(server, client, protocol, HOST).resumed());
        long resumed = 0;
        for (int i = 0; i < RESUMPTIONS; i++)
        {
            resumed += Peers.connect(server, client, protocol, HOST).resumed() ? 1 : 0;
        }
        return resumed;
    }

    @Test
    void thisJdkResumesWithoutANewTicket()
    {
        assertTrue(SelfTest.withdrawing());
    }

    @ParameterizedTest
    @EnumSource(value = ResumptionMode.class, names = {"TICKET", "CACHE"})
    void aTicketThatStaysGoodIsKeptInTls12(ResumptionMode mode) throws Exception
    {
        SSLContext server = server(terms(mode, HOUR));
        assertEquals(RESUMPTIONS, resumed(server, TLS12));
        assertEquals(1, seals.get());
        assertEquals(List.of(), Collections.list(server.getServerSessionContext().getIds()), "SunJSSE's cache has none of them");
    }

    @ParameterizedTest
    @EnumSource(value = ResumptionMode.class, names = {"TICKET", "CACHE"})
    void eachConnectionOfTls13HasATicketOfItsOwn(ResumptionMode mode) throws Exception
    {
        assertEquals(RESUMPTIONS, resumed(server(terms(mode, HOUR)), TLS13));
        assertEquals(1 + RESUMPTIONS, seals.get());
    }

    @Test
    void aTicketWhoseKeyEndsBeforeTheSessionIsReplaced() throws Exception
    {
        assertEquals(RESUMPTIONS, resumed(server(terms(ResumptionMode.TICKET, DAYS)), TLS12));
        assertEquals(1 + RESUMPTIONS, seals.get());
    }

    @Test
    void aTicketOfOneUseIsReplaced() throws Exception
    {
        assertEquals(RESUMPTIONS, resumed(server(client -> new SessionTerms(ResumptionMode.CACHE, HOUR, true, "")), TLS12));
        assertEquals(1 + RESUMPTIONS, seals.get());
    }

    @Test
    void withoutAccessToSunJsseEachResumptionHasATicket() throws Exception
    {
        ConnectorResumption decision =
            Resumptions.of("scope", terms(ResumptionMode.TICKET, HOUR), () -> ring, Clock.systemUTC(), new ResumptionStatistics());
        SSLContext server = Peers.serverThatKeepsChains(handshake -> new Counting(decision.begin(handshake), seals),
            new Peers.HostKeys(HOST));
        assertEquals(RESUMPTIONS, resumed(server, TLS12));
        assertEquals(1 + RESUMPTIONS, seals.get());
    }

    @Test
    void aDecisionThatFailsCostsANewTicketAndNoMore() throws Exception
    {
        ConnectorResumption decision =
            Resumptions.of("scope", terms(ResumptionMode.TICKET, HOUR), () -> ring, Clock.systemUTC(), new ResumptionStatistics());
        SSLContext server = Peers.server(handshake -> new Counting(decision.begin(handshake), seals)
        {
            @Override
            public boolean renews(OpenedTicket resumed)
            {
                throw new NoClassDefFoundError("for the test");
            }
        }, HOST);
        assertEquals(RESUMPTIONS, resumed(server, TLS12));
        assertEquals(1 + RESUMPTIONS, seals.get());
    }

    /**
     * Both kinds of connections at once, so that what is changed for one handshake is changed for no other.
     */
    @Test
    void parallelHandshakesDoNotDisturbEachOther() throws Exception
    {
        SSLContext server = server(terms(ResumptionMode.CACHE, HOUR));
        List<Optional<Exception>> failures = IntStream.range(0, 8).parallel().mapToObj(i ->
        {
            try
            {
                String protocol = i % 2 == 0 ? TLS12 : TLS13;
                assertEquals(RESUMPTIONS, resumed(server, protocol));
                return Optional.<Exception>empty();
            }
            catch (Exception e)
            {
                return Optional.of(e);
            }
        }).toList();
        assertEquals(List.of(), failures.stream().flatMap(Optional::stream).toList());
        assertEquals(4 + 4 * (1 + RESUMPTIONS), seals.get());
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void theClientsNextFullHandshakeHasATicket(boolean sameClient) throws Exception
    {
        SSLContext server = server(terms(ResumptionMode.TICKET, HOUR));
        SSLContext client = Peers.client();
        Connection first = Peers.connect(server, client, TLS12, HOST);
        assertTrue(Peers.connect(server, client, TLS12, HOST).resumed());
        SSLContext next = sameClient ? client : Peers.client();
        if (sameClient)
        {
            first.client().getSession().invalidate();
            Collections.list(client.getClientSessionContext().getIds())
                .forEach(id -> client.getClientSessionContext().getSession(id).invalidate());
        }
        assertFalse(Peers.connect(server, next, TLS12, HOST).resumed());
        assertEquals(2, seals.get());
        assertTrue(Peers.connect(server, next, TLS12, HOST).resumed());
    }

    /**
     * Does as it is told, and counts the seals.
     */
    private static class Counting extends ForwardingTickets
    {
        private final AtomicInteger seals;

        private Counting(Tickets tickets, AtomicInteger seals)
        {
            super(tickets);
            this.seals = seals;
        }

        @Override
        public Optional<byte[]> seal(byte[] state, byte[] associatedData, int stateFormat, SessionOrigin origin)
        {
            seals.incrementAndGet();
            return super.seal(state, associatedData, stateFormat, origin);
        }
    }
}
