package io.github.tlsresumption.openssl;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * The same steps with SunJSSE and with the native engine, as servers, give the same results.
 */
@EnabledIf("io.github.tlsresumption.openssl.Library#isThere")
class SemanticsTest
{
    private static final Certificates.Identity SERVER = Certificates.of(Certificates.Kind.P256);
    private static final Map<String, Script> SCRIPTS = new TreeMap<>();

    static
    {
        SCRIPTS.put("fresh, closed outbound", run ->
        {
            run.closeOutbound();
            run.wrap();
            run.unwrapNothing();
        });
        SCRIPTS.put("fresh, wrapped", run ->
        {
            run.wrap();
            run.unwrapNothing();
        });
        SCRIPTS.put("open, closed by the server", run ->
        {
            run.handshake();
            run.closeOutbound();
            run.wrap();
            run.wrap();
            run.fromClient("still here");
            run.clientCloses();
            run.wrap();
        });
        SCRIPTS.put("open, closed by the client", run ->
        {
            run.handshake();
            run.clientCloses();
            run.unwrapNothing();
            run.wrapNothing();
            run.closeOutbound();
            run.wrap();
            run.wrap();
        });
        SCRIPTS.put("open, client closes and server goes on", run ->
        {
            run.handshake();
            run.clientCloses();
            run.wrap();
            run.wrap();
        });
        SCRIPTS.put("open, closed inbound too early", run ->
        {
            run.handshake();
            run.closeInbound();
            run.closeInbound();
            run.wrapNothing();
            run.wrapNothing();
            run.unwrapNothing();
        });
        SCRIPTS.put("open, both closed twice", run ->
        {
            run.handshake();
            run.closeOutbound();
            run.closeOutbound();
            run.wrap();
            run.clientCloses();
            run.closeInbound();
            run.closeOutbound();
            run.wrap();
        });
        SCRIPTS.put("open, too small buffers", run ->
        {
            run.handshake();
            run.wrapInto(10);
            run.fromClientInto(10);
            run.unwrapNothing();
        });
    }

    static Stream<Arguments> scripts()
    {
        return SCRIPTS.keySet().stream().flatMap(name -> Stream.of("TLSv1.2", "TLSv1.3").map(protocol -> Arguments.of(name, protocol)));
    }

    @ParameterizedTest
    @MethodSource("scripts")
    void isAsWithSunJsse(String name, String protocol) throws SSLException
    {
        SSLContext jdk = Peer.client(new Certificates.Trust(SERVER), SERVER);
        try (NativeContext context = Peer.server(new TestSessions(), new LiveObjects(), 0, null, SERVER))
        {
            Run expected = new Run(jdk.createSSLEngine(), protocol);
            SCRIPTS.get(name).run(expected);
            Run actual = new Run(context.newEngine(null, -1), protocol);
            SCRIPTS.get(name).run(actual);
            assertEquals(String.join("\n", expected.trace), String.join("\n", actual.trace));
        }
    }

    /** SunJSSE would encrypt nothing and send what it was given in clear. */
    @Test
    void nothingIsSentBeforeAHandshake() throws SSLException
    {
        try (NativeContext context = Peer.server(new TestSessions(), new LiveObjects(), 0, null, SERVER))
        {
            Run run = new Run(context.newEngine(null, -1), "TLSv1.3");
            run.closeInbound();
            run.wrap();
            run.unwrapNothing();
            assertEquals("""
                closeInbound -> NOT_HANDSHAKING, inbound done, outbound done
                wrap: CLOSED, NOT_HANDSHAKING, none consumed, none produced -> NOT_HANDSHAKING, inbound done, outbound done
                unwrap nothing: CLOSED, NOT_HANDSHAKING, none consumed, none produced -> NOT_HANDSHAKING, inbound done, outbound done""",
                String.join("\n", run.trace));
        }
    }

    /** One fatal alert; SunJSSE sends two warnings. */
    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void aHandshakeIsClosedWithAnAlert(String protocol) throws SSLException
    {
        LiveObjects live = new LiveObjects();
        TestSessions sessions = new TestSessions();
        try (NativeContext context = Peer.server(sessions, live, 0, null, SERVER))
        {
            Run run = new Run(context.newEngine(null, -1), protocol);
            run.firstFlight();
            run.closeOutbound();
            run.wrapNothing();
            run.wrapNothing();
            assertEquals("""
                first flight -> NEED_UNWRAP, inbound open, outbound open
                closeOutbound -> NEED_WRAP, inbound open, outbound open
                wrap nothing: CLOSED, NEED_UNWRAP, none consumed, some produced -> NEED_UNWRAP, inbound open, outbound done
                wrap nothing: CLOSED, NEED_UNWRAP, none consumed, none produced -> NEED_UNWRAP, inbound open, outbound done""",
                String.join("\n", run.trace));
            SSLException failure = assertThrows(SSLException.class, run::clientReads);
            String alert = Library.sealsTickets() ? "fatal alert: unexpected_message" : "user_canceled";
            assertTrue(failure.getMessage().contains(alert), failure.getMessage());
            assertEquals(1, live.connections());
            run.closeInbound();
            assertEquals(0, live.connections());
            assertEquals(1, sessions.abandoned.get());
        }
    }

    /** SunJSSE asks for ever to wrap, and gives nothing. */
    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void aHandshakeThatIsClosedInboundEnds(String protocol) throws SSLException
    {
        LiveObjects live = new LiveObjects();
        try (NativeContext context = Peer.server(new TestSessions(), live, 0, null, SERVER))
        {
            Run run = new Run(context.newEngine(null, -1), protocol);
            run.firstFlight();
            run.closeInbound();
            run.wrapNothing();
            assertEquals("""
                first flight -> NEED_UNWRAP, inbound open, outbound open
                closeInbound throws -> NEED_WRAP, inbound done, outbound open
                wrap nothing: CLOSED, NOT_HANDSHAKING, none consumed, some produced -> NOT_HANDSHAKING, inbound done, outbound done""",
                String.join("\n", run.trace));
            assertEquals(0, live.connections());
        }
    }

    private interface Script
    {
        void run(Run run) throws SSLException;
    }

    /**
     * One engine and what it did.
     */
    private static final class Run
    {
        private final List<String> trace = new ArrayList<>();
        private final SSLEngine engine;
        private final Peer server;
        private final Peer client;

        private Run(SSLEngine engine, String protocol)
        {
            this.engine = engine;
            engine.setUseClientMode(false);
            server = new Peer(engine);
            client = Peer.client(Peer.client(new Certificates.Trust(SERVER)), Peer.protocol(protocol));
        }

        private void note(String what)
        {
            trace.add("%s -> %s, inbound %s, outbound %s".formatted(what, engine.getHandshakeStatus(),
                engine.isInboundDone() ? "done" : "open", engine.isOutboundDone() ? "done" : "open"));
        }

        private void handshake() throws SSLException
        {
            Peer.pump(client, server);
            note("handshake");
        }

        private void firstFlight() throws SSLException
        {
            client.wrap();
            server.unwrap(client.out);
            while (engine.getHandshakeStatus() == HandshakeStatus.NEED_TASK)
            {
                engine.getDelegatedTask().run();
            }
            server.wrap();
            note("first flight");
        }

        private void clientReads() throws SSLException
        {
            boolean progress = true;
            while (progress)
            {
                progress = client.step(server);
            }
        }

        private void closeOutbound()
        {
            engine.closeOutbound();
            note("closeOutbound");
        }

        private void closeInbound()
        {
            String outcome = "closeInbound";
            try
            {
                engine.closeInbound();
            }
            catch (SSLException e)
            {
                outcome += " throws";
            }
            note(outcome);
        }

        private void wrap()
        {
            wrap(ByteBuffer.wrap(new byte[]{1, 2, 3}), ByteBuffer.allocate(40_000), "wrap");
        }

        private void wrapNothing()
        {
            wrap(ByteBuffer.allocate(0), ByteBuffer.allocate(40_000), "wrap nothing");
        }

        private void wrapInto(int room)
        {
            wrap(ByteBuffer.wrap(new byte[]{1, 2, 3}), ByteBuffer.allocate(room), "wrap into too little");
        }

        private void wrap(ByteBuffer src, ByteBuffer dst, String what)
        {
            try
            {
                note(what, engine.wrap(src, dst));
            }
            catch (SSLException e)
            {
                note(what + " throws");
            }
            server.out = Peer.append(server.out, dst.flip());
        }

        private void unwrapNothing()
        {
            unwrap(ByteBuffer.allocate(0), 40_000, "unwrap nothing");
        }

        private void unwrap(ByteBuffer src, int room, String what)
        {
            try
            {
                note(what, engine.unwrap(src, ByteBuffer.allocate(room)));
            }
            catch (SSLException e)
            {
                note(what + " throws");
            }
        }

        private void note(String what, SSLEngineResult result)
        {
            // How many bytes a record has is not SunJSSE's to say; whether there is one is.
            note("%s: %s, %s, %s consumed, %s produced".formatted(what, result.getStatus(), result.getHandshakeStatus(),
                result.bytesConsumed() > 0 ? "some" : "none", result.bytesProduced() > 0 ? "some" : "none"));
        }

        private void fromClient(String text) throws SSLException
        {
            client.send(text.getBytes());
            client.wrap();
            ByteBuffer in = client.out;
            unwrap(in, 40_000, "unwrap data");
        }

        private void fromClientInto(int room) throws SSLException
        {
            client.send(new byte[1000]);
            client.wrap();
            unwrap(client.out.duplicate(), room, "unwrap into too little");
        }

        private void clientCloses() throws SSLException
        {
            client.engine.closeOutbound();
            client.wrap();
            unwrap(client.out, 40_000, "unwrap close");
        }
    }
}
