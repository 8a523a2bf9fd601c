package io.github.tlsresumption.openssl;

import java.nio.ByteBuffer;
import java.security.cert.CertificateEncodingException;
import java.time.Clock;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.ToIntFunction;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLEngineResult.Status;
import javax.net.ssl.SSLException;
import javax.net.ssl.TrustManager;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * The engine with a library that waits for no answer, except to the ClientHello: what may block runs in a delegated task, with the library.
 */
class BlockingStepTest
{
    private static final Certificates.Identity SERVER = Certificates.of(Certificates.Kind.P256);
    private static final Certificates.Identity CLIENT = Certificates.of(Certificates.Kind.CLIENT);
    private static final String TLS12_HELLO = "0303" + "00".repeat(32) + "00" + "0002c02b" + "0100";
    private static final byte[] HELLO = HexFormat.of().parseHex(TLS12_HELLO + "0008" + "000d000400020403");
    private static final byte[] HELLO_WITH_TICKET = HexFormat.of().parseHex(TLS12_HELLO + "000d" + "000d000400020403" + "0023000107");

    private final FakeLib lib = new FakeLib();
    private final LiveObjects live = new LiveObjects();
    private final TestSessions sessions = new TestSessions();
    private final NativeContext context = new NativeContext(lib, new KeyManager[]{new Certificates.Keys(SERVER)},
        new TrustManager[]{new Certificates.Trust(CLIENT)}, new NativeContext.Sessions(sessions,
            new SessionCache(sessions, Clock.systemUTC()), new byte[0]), 1, Clock.systemUTC(), live);
    private final NativeSslEngine engine = context.newEngine(null, -1);

    private BlockingStepTest()
    {
        lib.sealsTickets = true;
    }

    @AfterEach
    void nothingIsLeft()
    {
        engine.close();
        context.close();
        lib.assertEmpty();
        assertEquals("contexts=0, connections=0, credentials=0", live.toString());
    }

    private HandshakeStatus record(int type) throws SSLException
    {
        byte[] record = {(byte)type, 3, 3, 0, 1, 1};
        return engine.unwrap(ByteBuffer.wrap(record), ByteBuffer.allocate(20_000)).getHandshakeStatus();
    }

    private HandshakeStatus step(ToIntFunction<SslCallbacks> step) throws SSLException
    {
        lib.steps.add(step);
        return record(22);
    }

    private Status wrap() throws SSLException
    {
        return engine.wrap(ByteBuffer.allocate(0), ByteBuffer.allocate(20_000)).getStatus();
    }

    /**
     * Steps of another thread.
     */
    private interface Steps
    {
        void run() throws SSLException;
    }

    private static void elsewhere(Steps steps)
    {
        FutureTask<Void> task = new FutureTask<>(() ->
        {
            steps.run();
            return null;
        });
        new Thread(task, "elsewhere").start();
        try
        {
            task.get();
        }
        catch (InterruptedException | ExecutionException e)
        {
            throw new AssertionError(e);
        }
    }

    private void offerATicket() throws SSLException
    {
        assertEquals(HandshakeStatus.NEED_TASK, step(callbacks ->
        {
            callbacks.received(HELLO_WITH_TICKET);
            assertEquals(SslCallbacks.Answer.LATER, callbacks.clientHello());
            return LibSsl.WAITS;
        }));
    }

    @Test
    void aTicketIsJudgedInATask() throws SSLException
    {
        offerATicket();
        assertEquals(HandshakeStatus.NEED_TASK, record(22));
        lib.steps.add(callbacks ->
        {
            assertEquals(SslCallbacks.Answer.YES, callbacks.clientHello());
            assertThrows(IllegalStateException.class, this::wrap);
            // Nobody waits for it, and nobody gets at the library meanwhile.
            elsewhere(() ->
            {
                assertEquals(HandshakeStatus.NEED_TASK, engine.getHandshakeStatus());
                assertEquals(HandshakeStatus.NEED_TASK, record(22));
                assertEquals(Status.OK, wrap());
                assertNull(engine.getDelegatedTask());
                assertEquals("NONE", engine.getHandshakeSession().getProtocol());
            });
            lib.pending += 100;
            return LibSsl.WANTS_INPUT;
        });
        Runnable task = engine.getDelegatedTask();
        assertNull(engine.getDelegatedTask());
        task.run();
        task.run();
        assertEquals(HandshakeStatus.NEED_WRAP, engine.getHandshakeStatus());
        assertEquals(Status.OK, wrap());
        assertEquals(HandshakeStatus.FINISHED, step(callbacks -> LibSsl.DONE));
    }

    @Test
    void aHelloThatOffersNothingIsAnsweredAtOnce() throws SSLException
    {
        assertEquals(HandshakeStatus.NEED_UNWRAP, step(callbacks ->
        {
            callbacks.received(HELLO);
            assertEquals(SslCallbacks.Answer.YES, callbacks.clientHello());
            return LibSsl.WANTS_INPUT;
        }));
        assertEquals(HandshakeStatus.FINISHED, step(callbacks -> LibSsl.DONE));
    }

    @Test
    void anEngineIsClosedDuringTheStep() throws SSLException
    {
        offerATicket();
        lib.steps.add(callbacks ->
        {
            elsewhere(() ->
            {
                engine.closeOutbound();
                assertEquals(HandshakeStatus.NEED_TASK, engine.getHandshakeStatus());
                assertThrows(SSLException.class, engine::closeInbound);
                engine.close();
                assertEquals(1, live.connections());
            });
            return LibSsl.WANTS_INPUT;
        });
        engine.getDelegatedTask().run();
        assertEquals(0, live.connections());
        assertTrue(engine.isInboundDone() && engine.isOutboundDone());
        assertEquals(HandshakeStatus.NOT_HANDSHAKING, engine.getHandshakeStatus());
        assertEquals(1, sessions.abandoned.get());
    }

    @Test
    void anEngineIsClosedBeforeTheStep() throws SSLException
    {
        offerATicket();
        Runnable task = engine.getDelegatedTask();
        engine.close();
        lib.steps.add(callbacks ->
        {
            throw new AssertionError("there is no connection");
        });
        task.run();
        assertEquals(1, lib.steps.size());
        assertEquals(1, sessions.abandoned.get());
    }

    @Test
    void anEngineIsClosedOutboundBeforeTheStep() throws SSLException
    {
        offerATicket();
        Runnable task = engine.getDelegatedTask();
        engine.closeOutbound();
        assertEquals(Status.CLOSED, wrap());
        task.run();
        assertEquals(HandshakeStatus.NEED_UNWRAP, engine.getHandshakeStatus());
        assertNull(engine.getDelegatedTask());
    }

    @Test
    void aStepThatThrowsIsTheEnd() throws SSLException
    {
        offerATicket();
        lib.steps.add(callbacks ->
        {
            throw new IllegalStateException("in the step");
        });
        engine.getDelegatedTask().run();
        SSLException failure = assertThrows(SSLException.class, this::wrap);
        assertEquals("in the step", failure.getCause().getMessage());
        assertEquals(Status.CLOSED, wrap());
        assertEquals(0, live.connections());
    }

    /** Until the client's certificate is known, each record may hold it. */
    @Test
    void aCertificateIsJudgedInATask() throws SSLException
    {
        engine.setNeedClientAuth(true);
        step(callbacks ->
        {
            callbacks.received(HELLO);
            callbacks.clientHello();
            return LibSsl.WANTS_INPUT;
        });
        // A change of the cipher says nothing.
        lib.steps.add(callbacks -> LibSsl.WANTS_INPUT);
        assertEquals(HandshakeStatus.NEED_UNWRAP, record(20));
        assertEquals(HandshakeStatus.NEED_TASK, step(callbacks ->
        {
            assertEquals(SslCallbacks.Answer.YES, callbacks.verify(BlockingStepTest::chain));
            return LibSsl.WANTS_INPUT;
        }));
        engine.getDelegatedTask().run();
        assertEquals(HandshakeStatus.NEED_UNWRAP, engine.getHandshakeStatus());
        assertEquals(HandshakeStatus.FINISHED, step(callbacks -> LibSsl.DONE));
        assertEquals(CLIENT.certificate(), engine.getSession().getPeerCertificates()[0]);
    }

    private static List<byte[]> chain()
    {
        try
        {
            return List.of(CLIENT.certificate().getEncoded());
        }
        catch (CertificateEncodingException e)
        {
            throw new AssertionError(e);
        }
    }
}
