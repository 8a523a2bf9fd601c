package io.github.tlsresumption.jsse;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSession;

import io.github.tlsresumption.FakeClock;
import io.github.tlsresumption.engine.MemoryHandshake;
import io.github.tlsresumption.engine.TlsSession;
import io.github.tlsresumption.forget.ForgetList;
import io.github.tlsresumption.forget.ForgetLog;
import io.github.tlsresumption.jsse.Peers.Connection;
import io.github.tlsresumption.keys.KeyRotation;
import io.github.tlsresumption.keys.TicketKeyRing;
import io.github.tlsresumption.policy.Client;
import io.github.tlsresumption.policy.ClientIdentities;
import io.github.tlsresumption.policy.ResumptionMode;
import io.github.tlsresumption.policy.SessionTerms;
import io.github.tlsresumption.resumption.ConnectorResumption;
import io.github.tlsresumption.resumption.Forgetting;
import io.github.tlsresumption.resumption.HandshakeResult;
import io.github.tlsresumption.resumption.ResumptionStatistics;
import io.github.tlsresumption.resumption.Resumptions;
import io.github.tlsresumption.sessions.HeapSessionKeyStore;
import io.github.tlsresumption.sessions.SessionKeyStore;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * Sessions of TLS 1.2 clients without tickets, which SunJSSE keeps in its own cache.
 */
@ExtendWith(SunJsseProviders.class)
class SessionIdTest
{
    private static final String HOST = "one.test";
    private static final String OTHER_HOST = "two.test";
    private static final Duration HOUR = Duration.ofHours(1);

    private final FakeClock clock = new FakeClock(Instant.now());
    private final AtomicReference<SessionTerms> terms = new AtomicReference<>(new SessionTerms(ResumptionMode.TICKET, HOUR));
    private final ResumptionStatistics statistics = new ResumptionStatistics();
    private Forgetting forgetting;
    private ResumptionSSLContext server;
    private SSLContext client;

    @BeforeEach
    void setUp() throws Exception
    {
        TicketKeyRing ring = KeyRotation.DEFAULT.next(TicketKeyRing.empty(), clock.instant());
        SessionKeyStore keys = new HeapSessionKeyStore(100, clock);
        ForgetList list = new ForgetList(ForgetLog.none(), SessionTerms.LONGEST, 100, 100, clock);
        forgetting = new Forgetting(list, new ClientIdentities(ring::identityKey, 32, 64), keys, clock, Duration.ofMinutes(2),
            Runnable::run, Runnable::run);
        ConnectorResumption tickets = Resumptions.of("scope", (Client client) -> terms.get(), () -> ring, keys, forgetting, clock,
            statistics);
        server = (ResumptionSSLContext)Peers.server(tickets, HOST, OTHER_HOST);
        client = Peers.clientWithoutTickets();
    }

    private Connection connect() throws SSLException
    {
        return Peers.connect(server, client, "TLSv1.2", HOST);
    }

    private static SSLSession inner(Connection connection)
    {
        return ((ResumptionSSLEngine)connection.server()).delegate().getSession();
    }

    private int cached()
    {
        return Collections.list(server.getServerSessionContext().getIds()).size();
    }

    /**
     * Why a session may not be resumed any more.
     */
    enum End
    {
        NONE
        {
            @Override
            void happen(SessionIdTest test)
            {
                // The session may be resumed, but nobody sees who offers it.
            }
        },
        FORGOTTEN
        {
            @Override
            void happen(SessionIdTest test) throws Exception
            {
                test.forgetting.forgetEveryone();
            }
        },
        CLIENT_FORGOTTEN
        {
            @Override
            void happen(SessionIdTest test) throws Exception
            {
                test.forgetting.forgetClient("192.0.2.1");
            }
        },
        OFF
        {
            @Override
            void happen(SessionIdTest test)
            {
                test.terms.set(new SessionTerms(ResumptionMode.OFF, HOUR));
            }
        },
        SINGLE_USE
        {
            @Override
            void happen(SessionIdTest test)
            {
                test.terms.set(new SessionTerms(ResumptionMode.CACHE, HOUR, true, "once"));
            }
        },
        SHORTER
        {
            @Override
            void happen(SessionIdTest test)
            {
                test.clock.advance(Duration.ofMinutes(2));
                test.terms.set(new SessionTerms(ResumptionMode.TICKET, Duration.ofMinutes(1)));
            }
        },
        DEADLINE
        {
            @Override
            void happen(SessionIdTest test)
            {
                test.clock.advance(HOUR.plusMinutes(1));
            }
        };

        abstract void happen(SessionIdTest test) throws Exception;
    }

    @ParameterizedTest
    @EnumSource(End.class)
    void aRenegotiationResumesNothing(End end) throws Exception
    {
        Connection connection = connect();
        SSLSession first = inner(connection);
        end.happen(this);
        MemoryHandshake.run(connection.server(), connection.client());
        assertRenegotiatedInFull(first, connection);
        SSLSession second = inner(connection);
        MemoryHandshake.run(connection.server(), connection.client());
        assertRenegotiatedInFull(second, connection);
        assertEquals(3, statistics.handshakes(HandshakeResult.FULL));
    }

    /**
     * The server asks first, as for a certificate; or the client begins by itself.
     */
    @Test
    void neitherDoesOneThatTheClientBegins() throws Exception
    {
        Connection connection = connect();
        SSLSession first = inner(connection);
        connection.client().beginHandshake();
        exchange(connection.server(), connection.client());
        assertRenegotiatedInFull(first, connection);
    }

    /**
     * It is a common setting of Jetty's, and means the same as none.
     */
    @Test
    void neitherDoesOneUnderAnEmptyIdentificationAlgorithm() throws Exception
    {
        Consumer<SSLEngine> empty = engine ->
        {
            SSLParameters parameters = engine.getSSLParameters();
            parameters.setEndpointIdentificationAlgorithm("");
            engine.setSSLParameters(parameters);
        };
        Connection connection = Peers.connect(server, client, "TLSv1.2", HOST, parameters ->
        {
        }, empty);
        assertTrue(Peers.connect(server, client, "TLSv1.2", HOST, parameters ->
        {
        }, empty).resumed());
        SSLSession first = inner(connection);
        empty.accept(connection.server());
        MemoryHandshake.run(connection.server(), connection.client());
        assertRenegotiatedInFull(first, connection);
    }

    private static void assertRenegotiatedInFull(SSLSession before, Connection connection)
    {
        assertNotSame(before, inner(connection));
        assertFalse(inner(connection).isValid());
        assertEquals("off", connection.session().mode());
        assertFalse(connection.resumed());
    }

    private static void exchange(SSLEngine one, SSLEngine other) throws SSLException
    {
        ByteBuffer there = ByteBuffer.allocate(1 << 17);
        ByteBuffer back = ByteBuffer.allocate(1 << 17);
        for (int i = 0; i < 50; i++)
        {
            Peers.step(one, back, there);
            Peers.step(other, there, back);
        }
    }

    @Test
    void theSessionOfARenegotiatedConnectionIsStillKnown() throws Exception
    {
        Connection connection = connect();
        Object first = connection.server().getSession().getValue(TlsSession.FIRST);
        assertSame(first, connection.session());
        MemoryHandshake.run(connection.server(), connection.client());
        assertSame(first, connection.server().getSession().getValue(TlsSession.FIRST));
        assertEquals(connection.session().established().plus(HOUR), connection.session().deadline());
    }

    @ParameterizedTest
    @EnumSource(value = End.class, mode = EnumSource.Mode.EXCLUDE, names = "NONE")
    void whatHasEndedLeavesTheCacheWithoutBeingOffered(End end) throws Exception
    {
        connect();
        server.endCachedSessions();
        server.endExpiredSessions(clock.instant());
        assertEquals(1, cached());
        end.happen(this);
        if (end == End.DEADLINE)
        {
            server.endExpiredSessions(clock.instant());
        }
        else
        {
            server.endCachedSessions();
        }
        assertEquals(0, cached());
        assertFalse(connect().resumed());
    }

    @Test
    void aPolicyThatFailsEndsNothing() throws Exception
    {
        connect();
        SessionTerms before = terms.getAndSet(null);
        server.endCachedSessions();
        assertFalse(connect().resumed());
        terms.set(before);
        assertEquals(1, cached());
    }

    @Test
    void whatHasNotEndedStays() throws Exception
    {
        connect();
        clock.advance(HOUR.minusSeconds(1));
        server.endCachedSessions();
        server.endExpiredSessions(clock.instant());
        assertTrue(connect().resumed());
        clock.advance(Duration.ofMinutes(1));
        server.endExpiredSessions(clock.instant());
        assertEquals(0, cached());
    }

    /**
     * What somebody does who has seen a client's session id, and has not the session's secret.
     */
    enum Stranger
    {
        LEAVES
        {
            @Override
            void act(SessionIdTest test, byte[] id) throws Exception
            {
                SSLEngine engine = test.resuming(id);
                assertThrows(SSLException.class, engine::closeInbound);
            }
        },
        CLOSES
        {
            @Override
            void act(SessionIdTest test, byte[] id) throws Exception
            {
                test.resuming(id).closeOutbound();
            }
        },
        HOLDS_ON
        {
            @Override
            void act(SessionIdTest test, byte[] id) throws Exception
            {
                test.resuming(id);
            }
        },
        FAILS
        {
            @Override
            void act(SessionIdTest test, byte[] id) throws Exception
            {
                SSLEngine engine = test.resuming(id);
                byte[] bad = Hellos.join(Hellos.record(Hellos.CHANGE_CIPHER_SPEC, new byte[]{1}),
                    Hellos.record(Hellos.HANDSHAKE, new byte[40]));
                assertThrows(SSLException.class, () -> feed(engine, bad));
            }
        },
        NAMES_ANOTHER_HOST
        {
            @Override
            void act(SessionIdTest test, byte[] id) throws Exception
            {
                test.answering(Hellos.clientHelloOfTls12(OTHER_HOST, id));
            }
        },
        CANNOT_BE_READ
        {
            @Override
            void act(SessionIdTest test, byte[] id) throws Exception
            {
                test.answering(Hellos.unreadableClientHelloOfTls12(HOST, id));
            }
        },
        OFFERS_A_PRE_SHARED_KEY
        {
            @Override
            void act(SessionIdTest test, byte[] id) throws Exception
            {
                test.answering(Hellos.clientHelloOfTls13(HOST, List.of(id, id)));
            }
        };

        abstract void act(SessionIdTest test, byte[] id) throws Exception;
    }

    @ParameterizedTest
    @EnumSource(Stranger.class)
    void aStrangerWhoOffersASessionIdDoesNotEndTheSession(Stranger stranger) throws Exception
    {
        Connection first = connect();
        for (int i = 0; i < 3; i++)
        {
            stranger.act(this, inner(first).getId());
            assertEquals(1, cached());
        }
        Connection second = connect();
        assertTrue(second.resumed());
        assertEquals(first.session().id(), second.session().id());
        // What comes back is still held to its bounds.
        stranger.act(this, inner(first).getId());
        forgetting.forgetEveryone();
        server.endCachedSessions();
        assertEquals(0, cached());
        assertFalse(connect().resumed());
    }

    @ParameterizedTest
    @EnumSource(value = Stranger.class, names = {"LEAVES", "FAILS", "OFFERS_A_PRE_SHARED_KEY"})
    void whatHasEndedMeanwhileDoesNotComeBack(Stranger stranger) throws Exception
    {
        Connection first = connect();
        byte[] id = inner(first).getId();
        SSLEngine engine = resuming(id);
        server.forgetCachedSessions();
        assertThrows(SSLException.class, engine::closeInbound);
        stranger.act(this, id);
        assertEquals(0, cached());
        assertFalse(connect().resumed());
    }

    @Test
    void anApplicationEndsASessionForGood() throws Exception
    {
        Connection first = connect();
        SSLEngine engine = resuming(inner(first).getId());
        first.server().getSession().invalidate();
        assertThrows(SSLException.class, engine::closeInbound);
        assertEquals(0, cached());
        assertFalse(connect().resumed());
    }

    /**
     * @return an engine of the server that resumes the session, as far as it is concerned
     */
    private SSLEngine resuming(byte[] id) throws SSLException
    {
        SSLEngine engine = answering(Hellos.clientHelloOfTls12(HOST, id));
        if (server.getServerSessionContext().getSession(id) != null)
        {
            assertSame(server.getServerSessionContext().getSession(id),
                ((ResumptionSSLEngine)engine).delegate().getHandshakeSession());
        }
        return engine;
    }

    /**
     * @return an engine of the server that has answered
     */
    private SSLEngine answering(byte[] hello) throws SSLException
    {
        SSLEngine engine = Peers.serverEngine(server, "198.51.100.1");
        engine.beginHandshake();
        feed(engine, Hellos.records(hello, 16_384));
        return engine;
    }

    private static void feed(SSLEngine engine, byte[] records) throws SSLException
    {
        ByteBuffer in = ByteBuffer.wrap(records);
        ByteBuffer out = ByteBuffer.allocate(1 << 16);
        while (in.hasRemaining() || engine.getHandshakeStatus() != HandshakeStatus.NEED_UNWRAP)
        {
            Runnable task;
            while ((task = engine.getDelegatedTask()) != null)
            {
                task.run();
            }
            if (engine.getHandshakeStatus() == HandshakeStatus.NEED_WRAP)
            {
                engine.wrap(ByteBuffer.allocate(0), out);
            }
            else if (in.hasRemaining())
            {
                engine.unwrap(in, ByteBuffer.allocate(1 << 15));
            }
        }
    }
}
