package io.github.tlsresumption.openssl;

import java.lang.ref.WeakReference;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.function.ToIntFunction;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLEngineResult.Status;
import javax.net.ssl.SSLException;
import javax.net.ssl.TrustManager;

import io.github.tlsresumption.engine.TicketProtector;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * The engine and its callbacks with a library that does as the test says: what is made is freed once, on every way out.
 */
class EngineTest
{
    private static final Certificates.Identity SERVER = Certificates.of(Certificates.Kind.P256);
    /** A ClientHello of TLS 1.3 that takes ecdsa_secp256r1_sha256, and a ticket that nobody has sealed. */
    private static final byte[] HELLO = HexFormat.of().parseHex(
        "0303" + "00".repeat(32) + "00" + "00021301" + "0100" + "000f" + "002b0003020304" + "000d000400020403");

    private final FakeLib lib = new FakeLib();
    private final LiveObjects live = new LiveObjects();
    private final TestSessions sessions = new TestSessions();
    private NativeContext context = context(sessions);
    private NativeSslEngine engine = context.newEngine(null, -1);

    private NativeContext context(TicketProtector protector)
    {
        return context(protector, new Certificates.Keys(SERVER));
    }

    private NativeContext context(TicketProtector protector, KeyManager keys)
    {
        NativeContext.Sessions shared =
            new NativeContext.Sessions(protector, new SessionCache(protector, Clock.systemUTC()), new byte[0]);
        return new NativeContext(lib, new KeyManager[]{keys}, new TrustManager[0], shared, 1,
            Clock.systemUTC(), live);
    }

    @AfterEach
    void nothingIsLeft()
    {
        engine.close();
        context.close();
        lib.assertEmpty();
        assertEquals("contexts=0, connections=0, credentials=0", live.toString());
    }

    /** A record of the client, whatever it holds. */
    private HandshakeStatus record() throws SSLException
    {
        return engine.unwrap(ByteBuffer.wrap(new byte[]{22, 3, 3, 0, 1, 0}), ByteBuffer.allocate(20_000)).getHandshakeStatus();
    }

    private HandshakeStatus step(ToIntFunction<SslCallbacks> step) throws SSLException
    {
        lib.steps.add(step);
        return record();
    }

    private Status wrap() throws SSLException
    {
        return engine.wrap(ByteBuffer.allocate(0), ByteBuffer.allocate(20_000)).getStatus();
    }

    @ParameterizedTest
    @ValueSource(strings = {"certificate", "key"})
    void whatACredentialNeedsIsFreedWhenItCannotBeMade(String kind)
    {
        context.close();
        lib.refused = kind;
        assertThrows(TlsLibraryException.class, () -> context(sessions));
    }

    @ParameterizedTest
    @ValueSource(strings = {"context", "setDefaultCertificate", "connection"})
    void aConnectionThatCannotBeMade(String kind) throws SSLException
    {
        lib.refused = kind;
        SSLException failure = assertThrows(SSLException.class, this::record);
        assertTrue(failure.getMessage().contains("no " + kind), failure.getMessage());
        assertEquals(Status.CLOSED, wrap());
    }

    @Test
    void aProtectorThatThrows()
    {
        context.close();
        context = context(handshake ->
        {
            throw new IllegalStateException("no sessions");
        });
        engine = context.newEngine(null, -1);
        assertThrows(SSLException.class, this::record);
        assertEquals(1, lib.made.get("connection"));
        assertEquals(0, live.connections());
    }

    @Test
    void aCertificateThatTheLibraryRefuses()
    {
        context.close();
        context = context(sessions, Certificates.Keys.choosingTheSecond(SERVER, Certificates.of(Certificates.Kind.CLIENT)));
        engine = context.newEngine(null, -1);
        lib.refused = "setCertificate";
        SSLException failure = assertThrows(SSLException.class, () -> step(callbacks ->
        {
            callbacks.received(HELLO);
            assertThrows(TlsLibraryException.class, callbacks::clientHello);
            return LibSsl.FAILED;
        }));
        assertTrue(failure.getMessage().contains("because"), failure.getMessage());
        assertEquals(0, live.connections());
        assertEquals(1, sessions.abandoned.get());
    }

    @Test
    void aHandshake() throws SSLException
    {
        assertEquals(HandshakeStatus.NEED_WRAP, step(callbacks ->
        {
            assertNull(engine.getHandshakeSession());
            callbacks.received(HELLO);
            assertEquals(SslCallbacks.Answer.YES, callbacks.clientHello());
            assertEquals("NONE", engine.getHandshakeSession().getProtocol());
            lib.pending += 100;
            return LibSsl.WANTS_INPUT;
        }));
        assertEquals(Status.OK, wrap());
        assertEquals(HandshakeStatus.NEED_UNWRAP, engine.getHandshakeStatus());
        assertEquals(HandshakeStatus.FINISHED, step(callbacks ->
        {
            assertTrue(callbacks.seal(new byte[]{1, 2, 3}).length > 3);
            return LibSsl.DONE;
        }));
        assertEquals(32, engine.getSession().getId().length);
        assertEquals(HandshakeStatus.NOT_HANDSHAKING, engine.getHandshakeStatus());
        lib.readResult = LibSsl.CLOSED;
        assertEquals(HandshakeStatus.NOT_HANDSHAKING, record());
        engine.closeOutbound();
        assertEquals(1, live.connections());
        assertEquals(Status.CLOSED, wrap());
        assertEquals(0, live.connections());
    }

    @Test
    void aConnectionAtRestKeepsNoRoomForWhatWasLarge() throws SSLException
    {
        step(callbacks -> LibSsl.DONE);
        rest();
        assertEquals(0, lib.trimmed);
        engine.wrap(ByteBuffer.allocate(5000), ByteBuffer.allocate(3000));
        engine.wrap(ByteBuffer.allocate(5000), ByteBuffer.allocate(20_000));
        assertEquals(0, lib.pending);
        rest();
        rest();
        assertEquals(1, lib.trimmed);
        engine.wrap(ByteBuffer.allocate(10), ByteBuffer.allocate(20_000));
        rest();
        assertEquals(1, lib.trimmed);
        engine.unwrap(ByteBuffer.allocate(3005).put(new byte[]{23, 3, 3, 3000 >> 8, (byte)(3000 & 0xff)}).rewind(),
            ByteBuffer.allocate(20_000));
        rest();
        assertEquals(2, lib.trimmed);
    }

    /** The client says nothing. */
    private void rest() throws SSLException
    {
        assertEquals(Status.BUFFER_UNDERFLOW, engine.unwrap(ByteBuffer.allocate(0), ByteBuffer.allocate(20_000)).getStatus());
    }

    @Test
    void whatAHandshakeKnowsGoesWithIt() throws SSLException
    {
        List<WeakReference<SslCallbacks>> known = new ArrayList<>();
        step(callbacks ->
        {
            known.add(new WeakReference<>(callbacks));
            return LibSsl.DONE;
        });
        while (known.get(0).get() != null)
        {
            System.gc();
        }
        assertEquals(HandshakeStatus.NOT_HANDSHAKING, engine.getHandshakeStatus());
        assertEquals("", engine.getApplicationProtocol());
        assertNull(engine.getHandshakeApplicationProtocol());
        assertNull(engine.getHandshakeSession());
        engine.getSession().invalidate();
    }

    @Test
    void aStepThatThrowsInTheLibrary() throws SSLException
    {
        RuntimeException thrown = new IllegalStateException("in a callback");
        SSLException failure = assertThrows(SSLException.class, () -> step(callbacks ->
        {
            callbacks.thrown(thrown);
            return LibSsl.FAILED;
        }));
        assertSame(thrown, failure.getCause());
        // The client is told, though the library has not.
        assertEquals(HandshakeStatus.NEED_WRAP, engine.getHandshakeStatus());
        assertEquals(1, live.connections());
        assertEquals(Status.CLOSED, wrap());
        assertEquals(0, live.connections());
    }

    @Test
    void aHandshakeThatWaitsForNothing()
    {
        assertThrows(SSLException.class, () -> step(callbacks -> LibSsl.WAITS));
        assertEquals(0, live.connections());
    }

    @Test
    void aTicketThatIsOpenedInATask() throws SSLException
    {
        sessions.answer = opening -> Optional.of(TestSessions.opened(new byte[]{5}));
        assertEquals(HandshakeStatus.NEED_TASK, step(callbacks ->
        {
            assertTrue(callbacks.open(new byte[0]) instanceof Opening.Deferred);
            return LibSsl.WAITS;
        }));
        Runnable task = engine.getDelegatedTask();
        assertNull(engine.getDelegatedTask());
        assertEquals(HandshakeStatus.NEED_TASK, record());
        lib.steps.add(callbacks ->
        {
            assertArrayEquals(new byte[]{5}, ((Opening.Opened)callbacks.open(new byte[0])).state());
            return LibSsl.DONE;
        });
        task.run();
        assertEquals(HandshakeStatus.NEED_WRAP, engine.getHandshakeStatus());
        assertEquals(HandshakeStatus.FINISHED,
            engine.wrap(ByteBuffer.allocate(0), ByteBuffer.allocate(20_000)).getHandshakeStatus());
        assertEquals(1, sessions.opened.get());
    }

    @Test
    void aTaskAfterWhichTheHandshakeFails() throws SSLException
    {
        step(callbacks ->
        {
            callbacks.open(new byte[0]);
            return LibSsl.WAITS;
        });
        lib.steps.add(callbacks ->
        {
            lib.pending += 7;
            return LibSsl.FAILED;
        });
        engine.getDelegatedTask().run();
        assertEquals(HandshakeStatus.NEED_WRAP, engine.getHandshakeStatus());
        assertThrows(SSLException.class, this::wrap);
        assertEquals(Status.CLOSED, wrap());
        assertEquals(0, live.connections());
    }

    @Test
    void aRecordThatCannotBeWritten() throws SSLException
    {
        step(callbacks -> LibSsl.DONE);
        lib.refused = "write";
        assertThrows(SSLException.class, () -> engine.wrap(ByteBuffer.allocate(10), ByteBuffer.allocate(20_000)));
        assertTrue(engine.isInboundDone());
        assertEquals(0, live.connections());
    }

    @Test
    void aRecordThatIsRefused() throws SSLException
    {
        step(callbacks -> LibSsl.DONE);
        lib.readResult = LibSsl.FAILED;
        assertThrows(SSLException.class, this::record);
        assertEquals(Status.CLOSED, wrap());
        assertEquals(0, live.connections());
        assertEquals(0, sessions.abandoned.get());
    }

    @Test
    void sessionsThatFailAreADecoyOrAFullHandshake() throws SSLException
    {
        sessions.answer = opening ->
        {
            throw new IllegalStateException();
        };
        sessions.refuseSeal = true;
        step(callbacks ->
        {
            callbacks.received(HELLO);
            callbacks.clientHello();
            assertEquals(10 + SealedByUs.OVERHEAD_BYTES, callbacks.seal(new byte[10]).length);
            assertEquals(2048, callbacks.seal(new byte[50_000]).length);
            callbacks.open(new byte[10]);
            return LibSsl.WAITS;
        });
        lib.steps.add(callbacks ->
        {
            assertSame(Opening.REFUSED, callbacks.open(new byte[10]));
            return LibSsl.WANTS_INPUT;
        });
        engine.getDelegatedTask().run();
        engine.close();
        assertEquals(1, sessions.abandoned.get());
        engine.close();
        assertEquals(1, sessions.abandoned.get());
    }
}
