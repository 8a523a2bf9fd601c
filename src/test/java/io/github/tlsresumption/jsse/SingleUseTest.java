package io.github.tlsresumption.jsse;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLParameters;

import io.github.tlsresumption.FakeClock;
import io.github.tlsresumption.engine.TlsSession;
import io.github.tlsresumption.jsse.Peers.Connection;
import io.github.tlsresumption.keys.KeyRotation;
import io.github.tlsresumption.keys.TicketKeyRing;
import io.github.tlsresumption.policy.ResumptionMode;
import io.github.tlsresumption.policy.SessionTerms;
import io.github.tlsresumption.resumption.RefusalReason;
import io.github.tlsresumption.resumption.ResumptionStatistics;
import io.github.tlsresumption.resumption.Resumptions;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * Tickets of one use, and those who have only seen them.
 */
@ExtendWith(SunJsseProviders.class)
class SingleUseTest
{
    private static final String HOST = "one.test";
    private static final Duration HELD = Duration.ofSeconds(2);

    private final FakeClock clock = new FakeClock(Instant.now());
    private final ResumptionStatistics statistics = new ResumptionStatistics();
    private SSLContext server;
    private SSLContext client;

    @BeforeEach
    void setUp() throws Exception
    {
        TicketKeyRing ring = KeyRotation.DEFAULT.next(TicketKeyRing.empty(), clock.instant());
        SessionTerms once = new SessionTerms(ResumptionMode.CACHE, Duration.ofHours(1), true, "once");
        server = Peers.server(Resumptions.of("scope", any -> once, () -> ring, clock, statistics), HOST);
        client = Peers.client();
    }

    private Connection connect(String protocol) throws SSLException
    {
        return Peers.connect(server, client, protocol, HOST);
    }

    private SSLEngine serverEngine()
    {
        return Peers.serverEngine(server, "192.0.2.1");
    }

    private SSLEngine clientEngine(String protocol)
    {
        return Peers.clientEngine(client, protocol, HOST, "cache-key");
    }

    /**
     * A connection whose messages the test carries.
     */
    private final class Wire
    {
        private final SSLEngine client;
        private final SSLEngine server;
        private final ByteBuffer toServer = ByteBuffer.allocate(1 << 17);
        private final ByteBuffer toClient = ByteBuffer.allocate(1 << 17);

        private Wire(SSLEngine client, SSLEngine server) throws SSLException
        {
            this.client = client;
            this.server = server;
            client.beginHandshake();
            server.beginHandshake();
            Peers.step(client, toClient, toServer);
        }

        private byte[] hello()
        {
            byte[] hello = new byte[toServer.position()];
            toServer.duplicate().flip().get(hello);
            return hello;
        }

        private void serverTurn() throws SSLException
        {
            for (int i = 0; i < 10; i++)
            {
                Peers.step(server, toServer, toClient);
            }
        }

        private boolean finish() throws SSLException
        {
            for (int i = 0; i < 20; i++)
            {
                Peers.step(server, toServer, toClient);
                Peers.step(client, toClient, toServer);
            }
            assertEquals(HandshakeStatus.NOT_HANDSHAKING, client.getHandshakeStatus());
            return ((TlsSession)server.getSession().getValue(TlsSession.NAME)).resumed();
        }
    }

    private SSLEngine replay(byte[] records) throws SSLException
    {
        SSLEngine engine = serverEngine();
        engine.beginHandshake();
        ByteBuffer in = ByteBuffer.allocate(1 << 16).put(records);
        ByteBuffer out = ByteBuffer.allocate(1 << 17);
        for (int i = 0; i < 10; i++)
        {
            Peers.step(engine, in, out);
        }
        return engine;
    }

    private static byte[] ticketIn(byte[] hello)
    {
        HandshakeObserver observer = Hellos.observing(hello);
        assertEquals(1, observer.hello().tickets().size());
        return observer.hello().tickets().get(0);
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
    void ticketsOfOneUseResumeOneAfterTheOther(String protocol) throws Exception
    {
        assertFalse(connect(protocol).resumed());
        for (int i = 0; i < 5; i++)
        {
            assertTrue(connect(protocol).resumed());
        }
        assertEquals(0, statistics.refusals(RefusalReason.REPLAYED));
    }

    @Test
    void aTicketWithoutProofIsNotUsedUp() throws Exception
    {
        connect("TLSv1.3");
        Wire victim = new Wire(clientEngine("TLSv1.3"), serverEngine());
        byte[] ticket = ticketIn(victim.hello());
        for (int i = 0; i < 3; i++)
        {
            SSLEngine engine = replay(Hellos.records(Hellos.clientHelloOfTls13(HOST, List.of(ticket)), 16_384));
            assertEquals(HandshakeStatus.NEED_UNWRAP, engine.getHandshakeStatus(), "a full handshake, and no alert");
        }
        assertEquals(3, statistics.refusals(RefusalReason.REPLAYED));
        assertTrue(victim.finish());
    }

    @Test
    void aTicketWithProofIsUsedUp() throws Exception
    {
        connect("TLSv1.3");
        Wire victim = new Wire(clientEngine("TLSv1.3"), serverEngine());
        byte[] hello = victim.hello();
        assertTrue(victim.finish());
        replay(hello);
        assertEquals(1, statistics.refusals(RefusalReason.REPLAYED));
    }

    @Test
    void aBinderIsCheckedBehindAHelloRetryRequestToo() throws Exception
    {
        connect("TLSv1.3");
        SSLEngine engine = serverEngine();
        SSLParameters parameters = engine.getSSLParameters();
        try
        {
            SSLParameters.class.getMethod("setNamedGroups", String[].class).invoke(parameters, (Object)new String[]{"secp384r1"});
        }
        catch (NoSuchMethodException e)
        {
            Assumptions.abort("this JDK has no groups for an engine");
        }
        engine.setSSLParameters(parameters);
        Wire victim = new Wire(clientEngine("TLSv1.3"), engine);
        victim.serverTurn();
        HandshakeObserver observer = new HandshakeObserver();
        observer.sent(victim.toClient.duplicate().flip());
        assertTrue(victim.toClient.position() > 0);
        assertEquals(HandshakeObserver.Decision.NONE, observer.decision(), "no HelloRetryRequest");
        assertTrue(victim.finish());
    }

    /**
     * In TLS 1.2 the client proves what it has when its Finished comes.
     */
    @Test
    void whoHoldsAHandshakeOpenHoldsTheTicketForTwoSeconds() throws Exception
    {
        connect("TLSv1.2");
        Wire victim = new Wire(clientEngine("TLSv1.2"), serverEngine());
        replay(victim.hello());
        clock.advance(HELD);
        assertTrue(victim.finish());
    }

    @Test
    void meanwhileItsClientDoesAFullHandshake() throws Exception
    {
        connect("TLSv1.2");
        Wire victim = new Wire(clientEngine("TLSv1.2"), serverEngine());
        replay(victim.hello());
        clock.advance(HELD.minusMillis(1));
        assertFalse(victim.finish());
        assertTrue(connect("TLSv1.2").resumed());
    }

    /**
     * How a stranger's handshake ends.
     */
    @ParameterizedTest
    @ValueSource(strings = {"closeInbound", "closeOutbound", "bad Finished", "no suite of the session"})
    void aTicketIsFreeAgainWhenTheHandshakeEnds(String end) throws Exception
    {
        connect("TLSv1.2");
        Wire victim = new Wire(clientEngine("TLSv1.2"), serverEngine());
        byte[] hello = victim.hello();
        switch (end)
        {
            case "closeInbound" -> assertThrows(SSLException.class, replay(hello)::closeInbound);
            case "closeOutbound" -> replay(hello).closeOutbound();
            case "bad Finished" ->
            {
                SSLEngine engine = replay(hello);
                ByteBuffer bad = ByteBuffer.wrap(Hellos.join(Hellos.record(Hellos.CHANGE_CIPHER_SPEC, new byte[]{1}),
                    Hellos.record(Hellos.HANDSHAKE, new byte[40])));
                assertThrows(SSLException.class, () ->
                {
                    while (bad.hasRemaining())
                    {
                        engine.unwrap(bad, ByteBuffer.allocate(1 << 15));
                    }
                });
            }
            default -> replay(Hellos.records(Hellos.clientHelloOfTls12(HOST, new byte[0], new int[]{0xC02B},
                Hellos.extension(Hellos.SESSION_TICKET, ticketIn(hello))), 16_384));
        }
        assertTrue(victim.finish());
    }

    @Test
    void ofParallelOffersOneResumesAndNoneFails() throws Exception
    {
        connect("TLSv1.2");
        List<Wire> parallel = new ArrayList<>();
        for (int i = 0; i < 4; i++)
        {
            parallel.add(new Wire(clientEngine("TLSv1.2"), serverEngine()));
        }
        for (Wire wire : parallel)
        {
            wire.serverTurn();
        }
        AtomicInteger resumed = new AtomicInteger();
        for (Wire wire : parallel)
        {
            if (wire.finish())
            {
                resumed.incrementAndGet();
            }
        }
        assertEquals(1, resumed.get());
    }

    /**
     * It is late, and the ticket is used: there is no full handshake any more, and no second use.
     */
    @Test
    void aProofThatComesWhenAnotherHasUsedTheTicketEndsTheConnection() throws Exception
    {
        connect("TLSv1.2");
        Wire late = new Wire(clientEngine("TLSv1.2"), serverEngine());
        Wire early = new Wire(clientEngine("TLSv1.2"), serverEngine());
        late.serverTurn();
        clock.advance(HELD);
        assertTrue(early.finish());
        assertThrows(SSLHandshakeException.class, late::finish);
        connect("TLSv1.2");
        assertTrue(connect("TLSv1.2").resumed());
    }

    @Test
    void aProofThatComesLateIsGoodIfNobodyElseHasComeMeanwhile() throws Exception
    {
        connect("TLSv1.2");
        Wire late = new Wire(clientEngine("TLSv1.2"), serverEngine());
        late.serverTurn();
        clock.advance(HELD.multipliedBy(10));
        assertTrue(late.finish());
    }
}
