package io.github.tlsresumption.jsse;

import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import javax.crypto.SecretKey;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLContextSpi;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLEngineResult.Status;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSessionBindingEvent;
import javax.net.ssl.SSLSessionBindingListener;

import io.github.tlsresumption.engine.TicketProtector;
import io.github.tlsresumption.engine.Tickets;
import io.github.tlsresumption.engine.TlsHandshake;
import io.github.tlsresumption.engine.TlsSession;
import io.github.tlsresumption.jsse.Peers.Connection;
import io.github.tlsresumption.keys.KeyRotation;
import io.github.tlsresumption.keys.TicketKeyRing;
import io.github.tlsresumption.policy.ConnectorTerms;
import io.github.tlsresumption.policy.ResumptionMode;
import io.github.tlsresumption.resumption.ConnectorResumption;
import io.github.tlsresumption.resumption.ResumptionStatistics;
import io.github.tlsresumption.resumption.Resumptions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

@Timeout(value = 60, threadMode = ThreadMode.SEPARATE_THREAD)
class ResumptionSSLEngineTest
{
    @BeforeEach
    void acquire()
    {
        StekProvider.acquire();
    }

    @AfterEach
    void release()
    {
        StekProvider.release();
    }

    private static SSLContext server() throws Exception
    {
        TicketKeyRing ring = KeyRotation.DEFAULT.next(TicketKeyRing.empty(), Instant.now());
        Clock clock = Clock.systemUTC();
        ConnectorTerms terms = new ConnectorTerms(ResumptionMode.TICKET, ResumptionMode.TICKET, Duration.ofHours(1));
        ConnectorResumption tickets = Resumptions.of("scope", terms, () -> ring, clock, new ResumptionStatistics());
        return Peers.server(tickets, "one.test");
    }

    private static Connection connect(String protocol) throws Exception
    {
        return Peers.connect(server(), Peers.client(), protocol, "one.test");
    }

    /**
     * The calls of a server's engine in each turn of a handshake.
     *
     * @param unwraps until the client's flight is taken, delegated tasks aside
     * @param wraps until its own flight is given
     */
    private record Turn(int unwraps, int wraps)
    {
    }

    /**
     * Shakes hands as over a network that brings whole flights.
     *
     * @param room bytes for what the server's engine gives in a call
     */
    private static List<Turn> turns(SSLEngine server, SSLEngine client, int room) throws SSLException
    {
        List<Turn> turns = new ArrayList<>();
        ByteBuffer nothing = ByteBuffer.allocate(0);
        ByteBuffer ignored = ByteBuffer.allocate(server.getSession().getApplicationBufferSize());
        ByteBuffer toServer = ByteBuffer.allocate(4 * room);
        ByteBuffer toClient = ByteBuffer.allocate(4 * room).limit(0);
        client.beginHandshake();
        while (client.getHandshakeStatus() != HandshakeStatus.NOT_HANDSHAKING || toClient.hasRemaining())
        {
            // A client may have to answer before it takes the rest of a flight.
            while (client.getHandshakeStatus() == HandshakeStatus.NEED_WRAP || toClient.hasRemaining())
            {
                moved(client.getHandshakeStatus() == HandshakeStatus.NEED_WRAP
                    ? client.wrap(nothing, toServer)
                    : client.unwrap(toClient, ignored));
                runTasks(client);
            }
            toServer.flip();
            int unwraps = 0;
            for (; toServer.hasRemaining(); unwraps++)
            {
                moved(server.unwrap(toServer, ignored));
                runTasks(server);
            }
            toServer.clear();
            toClient.clear();
            int wraps = 0;
            for (; server.getHandshakeStatus() == HandshakeStatus.NEED_WRAP; wraps++)
            {
                ByteBuffer out = ByteBuffer.allocate(room);
                moved(server.wrap(nothing, out));
                toClient.put(out.flip());
            }
            toClient.flip();
            if (unwraps > 0)
            {
                turns.add(new Turn(unwraps, wraps));
            }
        }
        return turns;
    }

    /**
     * What does nothing would be asked for ever.
     */
    private static void moved(SSLEngineResult result)
    {
        assertEquals(Status.OK, result.getStatus());
        assertTrue(result.bytesConsumed() + result.bytesProduced() > 0, result::toString);
    }

    private static void runTasks(SSLEngine engine)
    {
        for (Runnable task = engine.getDelegatedTask(); task != null; task = engine.getDelegatedTask())
        {
            task.run();
        }
    }

    private static SSLEngine[] engines(SSLContext server, SSLContext client, String protocol)
    {
        SSLEngine serverSide = server.createSSLEngine("192.0.2.1", 49152);
        serverSide.setUseClientMode(false);
        SSLEngine clientSide = client.createSSLEngine("cache-key", 443);
        clientSide.setUseClientMode(true);
        clientSide.setEnabledProtocols(new String[]{protocol});
        return new SSLEngine[]{serverSide, clientSide};
    }

    /**
     * @param records for as many there is room in a call
     * @return the turns of a full handshake, and those of one that resumes its session
     */
    private static List<List<Turn>> fullAndResumed(String protocol, int records) throws Exception
    {
        SSLContext server = server();
        SSLContext client = Peers.client();
        List<List<Turn>> handshakes = new ArrayList<>();
        for (boolean resumed : new boolean[]{false, true})
        {
            SSLEngine[] engines = engines(server, client, protocol);
            handshakes.add(turns(engines[0], engines[1], records * engines[0].getSession().getPacketBufferSize()));
            assertEquals(resumed, new Connection(engines[0], engines[1]).resumed());
        }
        return handshakes;
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void aFlightLeavesInOneCallWhereThereIsRoom(String protocol) throws Exception
    {
        for (List<Turn> turns : fullAndResumed(protocol, 2))
        {
            assertTrue(turns.stream().allMatch(turn -> turn.wraps() <= 1), turns::toString);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void aFlightLeavesRecordByRecordWhereThereIsNoRoom(String protocol) throws Exception
    {
        for (List<Turn> turns : fullAndResumed(protocol, 1))
        {
            assertTrue(turns.stream().anyMatch(turn -> turn.wraps() > 1), turns::toString);
        }
    }

    @Test
    void aClientsFlightIsTakenInOneCall() throws Exception
    {
        SSLEngine[] engines = engines(server(), Peers.client(), "TLSv1.3");
        // First the ClientHello, then ChangeCipherSpec and Finished.
        List<Turn> turns = turns(engines[0], engines[1], 2 * engines[0].getSession().getPacketBufferSize());
        assertEquals(List.of(1, 1), turns.stream().map(Turn::unwraps).toList());
    }

    @Test
    @Timeout(value = 20, threadMode = ThreadMode.SEPARATE_THREAD)
    void anEngineThatNeedsToWrapAndHasNothingIsAskedOnce() throws Exception
    {
        Connection connection = connect("TLSv1.2");
        int record = connection.server().getSession().getPacketBufferSize();
        ByteBuffer hello = ByteBuffer.allocate(record);
        connection.client().beginHandshake();
        connection.client().wrap(ByteBuffer.allocate(0), hello);
        moved(connection.server().unwrap(hello.flip(), ByteBuffer.allocate(record)));
        // So does Jetty with a renegotiation that it does not allow, and writes what the application still has.
        assertThrows(SSLException.class, connection.server()::closeInbound);
        runTasks(connection.server());
        ByteBuffer data = ByteBuffer.wrap(new byte[]{1, 2, 3});
        SSLEngineResult result = connection.server().wrap(data, ByteBuffer.allocate(4 * record));
        assertTrue(result.bytesProduced() > 0, result::toString);
    }

    private static Set<String> notDelegated(Class<?> type, Class<?> ours)
    {
        Set<String> missing = new TreeSet<>();
        for (Method method : type.getMethods())
        {
            int modifiers = method.getModifiers();
            if (method.getDeclaringClass() == Object.class || Modifier.isFinal(modifiers) || Modifier.isStatic(modifiers))
            {
                continue;
            }
            boolean there = Stream.<Class<?>>iterate(ours, each -> each != type, Class::getSuperclass)
                .flatMap(each -> Arrays.stream(each.getDeclaredMethods()))
                .anyMatch(own -> own.getName().equals(method.getName())
                    && Arrays.equals(own.getParameterTypes(), method.getParameterTypes()));
            if (!there)
            {
                missing.add(method.getName() + Arrays.stream(method.getParameterTypes()).map(Class::getSimpleName).toList());
            }
        }
        return missing;
    }

    @Test
    void everyMethodOfAnEngineOfThisJdkIsSunJsses()
    {
        // SSLEngine itself leads these to the overloads with arrays.
        Set<String> convenience = Set.of("wrap[ByteBuffer, ByteBuffer]", "wrap[ByteBuffer[], ByteBuffer]", "unwrap[ByteBuffer, ByteBuffer]",
            "unwrap[ByteBuffer, ByteBuffer[]]");
        assertEquals(new TreeSet<>(convenience), notDelegated(SSLEngine.class, ResumptionSSLEngine.class));
    }

    @Test
    void everyMethodOfASessionOfThisJdkIsSunJsses()
    {
        // SSLSession's own throws UnsupportedOperationException, as SunJSSE's does.
        assertEquals(Set.of("getPeerCertificateChain[]"), notDelegated(ExtendedSSLSession.class, ResumptionSSLSession.class));
    }

    @Test
    void everyMethodOfASecurityContextOfThisJdkIsSunJsses()
    {
        Set<String> missing = new TreeSet<>();
        for (Method method : SSLContextSpi.class.getDeclaredMethods())
        {
            boolean open = Modifier.isProtected(method.getModifiers()) && !Modifier.isFinal(method.getModifiers());
            boolean there = Arrays.stream(ResumptionSSLContextSpi.class.getDeclaredMethods()).anyMatch(ours ->
                ours.getName().equals(method.getName()) && Arrays.equals(ours.getParameterTypes(), method.getParameterTypes()));
            if (open && !there)
            {
                missing.add(method.toString());
            }
        }
        assertEquals(Set.of(), missing);
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
    void aSessionTellsWhatSunJssesTells(String protocol) throws Exception
    {
        Connection connection = connect(protocol);
        ExtendedSSLSession session = (ExtendedSSLSession)connection.server().getSession();
        ExtendedSSLSession inner = (ExtendedSSLSession)((ResumptionSSLEngine)connection.server()).delegate().getSession();
        assertEquals(protocol, session.getProtocol());
        assertEquals(inner.getCipherSuite(), session.getCipherSuite());
        assertEquals(inner.getPeerHost(), session.getPeerHost());
        assertEquals(inner.getPeerPort(), session.getPeerPort());
        assertEquals(inner.getCreationTime(), session.getCreationTime());
        assertEquals(inner.getPacketBufferSize(), session.getPacketBufferSize());
        assertEquals(inner.getApplicationBufferSize(), session.getApplicationBufferSize());
        assertEquals(inner.getLocalPrincipal(), session.getLocalPrincipal());
        assertEquals(inner.getSessionContext(), session.getSessionContext());
        assertEquals(inner.getRequestedServerNames(), session.getRequestedServerNames());
        assertEquals(inner.getStatusResponses(), session.getStatusResponses());
        assertArrayEquals(inner.getLocalCertificates(), session.getLocalCertificates());
        assertArrayEquals(inner.getLocalSupportedSignatureAlgorithms(), session.getLocalSupportedSignatureAlgorithms());
        assertArrayEquals(inner.getPeerSupportedSignatureAlgorithms(), session.getPeerSupportedSignatureAlgorithms());
        assertEquals(0, assertThrows(SSLPeerUnverifiedException.class, session::getPeerCertificates).getStackTrace().length);
        assertEquals(0, assertThrows(SSLPeerUnverifiedException.class, session::getPeerPrincipal).getStackTrace().length);
        assertTrue(session.getLastAccessedTime() >= session.getCreationTime());
        assertTrue(session.isValid());
        session.invalidate();
        assertFalse(inner.isValid());
        assertFalse(session.isValid());
    }

    private static ConnectorResumption tickets()
    {
        TicketKeyRing ring = KeyRotation.DEFAULT.next(TicketKeyRing.empty(), Instant.now());
        ConnectorTerms terms = new ConnectorTerms(ResumptionMode.CACHE, ResumptionMode.TICKET, Duration.ofHours(1));
        return Resumptions.of("scope", terms, () -> ring, Clock.systemUTC(), new ResumptionStatistics());
    }

    /**
     * Two nodes that share what they know, and what they have been told to forget.
     */
    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void whatAnApplicationInvalidatesIsForgottenWithAllItsTicketsOnAllNodes(String protocol) throws Exception
    {
        ConnectorResumption tickets = tickets();
        Peers.HostKeys keys = new Peers.HostKeys("one.test");
        SSLContext one = Peers.server(tickets, keys, List.of());
        SSLContext two = Peers.server(tickets, keys, List.of());
        SSLContext client = Peers.client();
        SSLContext other = Peers.client();
        Connection first = Peers.connect(one, client, protocol, "one.test");
        Peers.connect(one, other, protocol, "one.test");
        Connection second = Peers.connect(two, client, protocol, "one.test");
        assertTrue(second.resumed());

        first.server().getSession().invalidate();
        assertFalse(first.server().getSession().isValid());
        assertFalse(Peers.connect(two, client, protocol, "one.test").resumed());
        assertTrue(Peers.connect(one, client, protocol, "one.test").resumed(), "the client's new session");
        assertTrue(Peers.connect(two, other, protocol, "one.test").resumed(), "another client's");
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void whatIsInvalidatedDuringItsHandshakeIsForgottenBehindIt(String protocol) throws Exception
    {
        SSLContext server = Peers.server(tickets(), "one.test");
        SSLContext client = Peers.client();
        Peers.connect(server, client, protocol, "one.test", "cache-key", parameters ->
            parameters.setApplicationProtocols(new String[]{"h2"}), engine ->
            engine.setHandshakeApplicationProtocolSelector((ours, offered) ->
            {
                ours.getHandshakeSession().invalidate();
                return "h2";
            }));
        assertFalse(Peers.connect(server, client, protocol, "one.test").resumed());
        assertTrue(Peers.connect(server, client, protocol, "one.test").resumed());
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void whatSunJsseInvalidatesIsNotForgotten(String protocol) throws Exception
    {
        SSLContext server = Peers.server(tickets(), "one.test");
        SSLContext client = Peers.client();
        Connection first = Peers.connect(server, client, protocol, "one.test");
        ByteBuffer broken = ByteBuffer.wrap(Hellos.record(23, new byte[64]));
        assertThrows(SSLException.class, () -> first.server().unwrap(broken, ByteBuffer.allocate(1 << 15)));
        assertFalse(((ResumptionSSLEngine)first.server()).delegate().getSession().isValid());
        Connection second = Peers.connect(server, client, protocol, "one.test");
        assertTrue(second.resumed());
        second.server().closeOutbound();
        assertTrue(Peers.connect(server, client, protocol, "one.test").resumed());
    }

    @Test
    void aSessionIsForgottenOnce() throws Exception
    {
        ConnectorResumption tickets = tickets();
        List<TlsSession> forgotten = new ArrayList<>();
        SSLContext server = Peers.server(new TicketProtector()
        {
            @Override
            public Tickets begin(TlsHandshake handshake)
            {
                return tickets.begin(handshake);
            }

            @Override
            public void forget(TlsSession session)
            {
                forgotten.add(session);
            }
        }, "one.test");
        Connection connection = Peers.connect(server, Peers.client(), "TLSv1.3", "one.test");
        for (int i = 0; i < 3; i++)
        {
            connection.server().getSession().invalidate();
        }
        assertEquals(List.of(connection.session()), forgotten);
    }

    @Test
    void valuesAreBoundToTheConnectionAndTellTheirListeners() throws Exception
    {
        Connection connection = connect("TLSv1.3");
        SSLSession session = connection.server().getSession();
        List<String> told = new ArrayList<>();
        Listener first = new Listener("first", told);
        Listener second = new Listener("second", told);
        session.putValue("name", first);
        assertEquals(List.of("first bound to name"), told);
        session.putValue("name", second);
        assertEquals(List.of("first bound to name", "second bound to name", "first unbound from name"), told);
        assertEquals(second, session.getValue("name"));
        assertTrue(List.of(session.getValueNames()).contains("name"));
        session.removeValue("name");
        assertEquals("second unbound from name", told.get(3));
        session.removeValue("name");
        assertEquals(4, told.size());
        assertNull(session.getValue("name"));
        assertThrows(IllegalArgumentException.class, () -> session.putValue(null, "value"));
        assertThrows(IllegalArgumentException.class, () -> session.putValue("name", null));
        assertThrows(IllegalArgumentException.class, () -> session.getValue(null));
        assertThrows(IllegalArgumentException.class, () -> session.removeValue(null));
        connection.server().getSession().putValue("again", "value");
        assertEquals("value", session.getValue("again"), "every session that an engine hands out has the same values");
        assertNull(connect("TLSv1.3").server().getSession().getValue("again"), "and no other engine has");
    }

    /**
     * Notes what it is told.
     */
    private record Listener(String name, List<String> told) implements SSLSessionBindingListener
    {
        @Override
        public void valueBound(SSLSessionBindingEvent event)
        {
            told.add(name + " bound to " + event.getName());
        }

        @Override
        public void valueUnbound(SSLSessionBindingEvent event)
        {
            told.add(name + " unbound from " + event.getName());
        }
    }

    @Test
    void sessionsAreEqualAsThoseBehindThem() throws Exception
    {
        Connection connection = connect("TLSv1.3");
        SSLSession session = connection.server().getSession();
        assertEquals(session, connection.server().getSession());
        assertEquals(session.hashCode(), connection.server().getSession().hashCode());
        assertNotEquals(session, connect("TLSv1.3").server().getSession());
        assertEquals(((ResumptionSSLEngine)connection.server()).delegate().getSession().toString(), session.toString());
        assertTrue(session.getValue(TlsSession.NAME) instanceof TlsSession);
    }

    @Test
    void keyingMaterialIsExportedWhereTheJdkCanAndTheSameOnBothSides() throws Exception
    {
        Connection connection = connect("TLSv1.3");
        ResumptionSSLSession session = (ResumptionSSLSession)connection.server().getSession();
        byte[] context = {1, 2};
        // SunJSSE's own: the JDK may declare what an older SunJSSE does not have.
        Optional<Method> exporter = Arrays.stream(connection.client().getSession().getClass().getDeclaredMethods())
            .filter(method -> "exportKeyingMaterialData".equals(method.getName())).findFirst();
        if (exporter.isEmpty())
        {
            assertThrows(UnsupportedOperationException.class, () -> session.exportKeyingMaterialData("EXPORTER-test", context, 32));
            assertThrows(UnsupportedOperationException.class, () -> session.exportKeyingMaterialKey("AES", "EXPORTER-test", context, 32));
            return;
        }
        exporter.get().setAccessible(true);
        byte[] data = session.exportKeyingMaterialData("EXPORTER-test", context, 32);
        assertEquals(32, data.length);
        assertArrayEquals(data, (byte[])exporter.get().invoke(connection.client().getSession(), "EXPORTER-test", context, 32));
        SecretKey key = session.exportKeyingMaterialKey("AES", "EXPORTER-test", context, 32);
        assertArrayEquals(data, key.getEncoded());
        assertThrows(IllegalArgumentException.class, () -> session.exportKeyingMaterialData("EXPORTER-test", context, -1));
    }

    @Test
    void settingsReachTheEngineBehind() throws Exception
    {
        ResumptionSSLEngine engine = (ResumptionSSLEngine)connect("TLSv1.3").server();
        SSLEngine inner = engine.delegate();
        assertEquals("192.0.2.1", engine.getPeerHost());
        assertEquals(49152, engine.getPeerPort());
        engine.setNeedClientAuth(true);
        assertTrue(inner.getNeedClientAuth() && engine.getNeedClientAuth());
        engine.setWantClientAuth(true);
        assertTrue(inner.getWantClientAuth() && engine.getWantClientAuth());
        engine.setEnabledProtocols(new String[]{"TLSv1.2"});
        assertArrayEquals(new String[]{"TLSv1.2"}, inner.getEnabledProtocols());
        assertArrayEquals(inner.getEnabledCipherSuites(), engine.getEnabledCipherSuites());
        assertArrayEquals(inner.getSupportedCipherSuites(), engine.getSupportedCipherSuites());
        engine.setEnableSessionCreation(false);
        assertFalse(inner.getEnableSessionCreation());
        assertNull(engine.getHandshakeApplicationProtocolSelector());
        BiFunction<SSLEngine, List<String>, String> selector = (own, offered) -> null;
        engine.setHandshakeApplicationProtocolSelector(selector);
        assertEquals(selector, engine.getHandshakeApplicationProtocolSelector());
        engine.setHandshakeApplicationProtocolSelector(null);
        assertNull(engine.getHandshakeApplicationProtocolSelector());
        assertFalse(engine.isInboundDone() || engine.isOutboundDone());
        engine.closeOutbound();
        assertEquals(inner.getHandshakeStatus(), engine.getHandshakeStatus());
        assertTrue(engine.toString().startsWith("ResumptionSSLEngine["));
    }
}
