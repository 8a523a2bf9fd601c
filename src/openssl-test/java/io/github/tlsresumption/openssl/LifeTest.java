package io.github.tlsresumption.openssl;

import java.lang.ref.PhantomReference;
import java.lang.ref.ReferenceQueue;
import java.nio.ByteBuffer;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * When native objects are freed: once, however a connection ends.
 */
@EnabledIf("io.github.tlsresumption.openssl.Library#isThere")
class LifeTest
{
    private static final Certificates.Identity SERVER = Certificates.of(Certificates.Kind.P256);
    private static final Certificates.Identity CLIENT = Certificates.of(Certificates.Kind.CLIENT);
    private static final String NOTHING = "contexts=0, connections=0, credentials=0";
    private static final Consumer<SSLParameters> AS_IS = parameters ->
    {
    };

    private final LiveObjects live = new LiveObjects();
    private final TestSessions sessions = new TestSessions();
    private final SSLContext clientContext = Peer.client(new Certificates.Trust(SERVER), CLIENT);

    private NativeContext server()
    {
        return Peer.server(sessions, live, 1, new Certificates.Trust(CLIENT), SERVER);
    }

    @Test
    void anEngineThatIsNotUsedHasNothingNative()
    {
        try (NativeContext context = server())
        {
            context.newEngine(null, -1);
            assertEquals("contexts=0, connections=0, credentials=1", live.toString());
        }
        assertEquals(NOTHING, live.toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void aConnectionMayEndAfterEachStep(String protocol) throws SSLException
    {
        try (NativeContext context = server())
        {
            boolean complete = false;
            for (int steps = 0; !complete; steps++)
            {
                Peer client = Peer.client(clientContext, Peer.protocol(protocol));
                Peer server = Peer.server(context, parameters -> parameters.setNeedClientAuth(true));
                for (int i = 0; i < steps; i++)
                {
                    step(client, server);
                }
                complete = client.finished && server.finished;
                NativeSslEngine engine = (NativeSslEngine)server.engine;
                engine.close();
                engine.close();
                assertEquals(0, live.connections());
                assertTrue(engine.isInboundDone());
                assertTrue(engine.isOutboundDone());
                assertEquals(HandshakeStatus.NOT_HANDSHAKING, engine.getHandshakeStatus());
                engine.closeInbound();
                engine.closeOutbound();
                engine.getSession().getProtocol();
                assertEquals(null, engine.getDelegatedTask());
            }
        }
        assertEquals(NOTHING, live.toString());
        // Each connection that had begun is told of once.
        assertTrue(sessions.established.get() > 0);
        assertEquals(sessions.begun.get(), sessions.established.get() + sessions.abandoned.get());
    }

    /** One call of one engine. */
    private static void step(Peer client, Peer server) throws SSLException
    {
        if (server.engine.getHandshakeStatus() == HandshakeStatus.NEED_TASK)
        {
            server.engine.getDelegatedTask().run();
        }
        else if (server.engine.getHandshakeStatus() == HandshakeStatus.NEED_WRAP)
        {
            server.wrap();
        }
        else if (client.out.hasRemaining())
        {
            server.unwrap(client.out);
        }
        else
        {
            client.step(server);
        }
    }

    @Test
    void aConnectionMayEndWhileItsTaskRuns() throws SSLException
    {
        try (NativeContext context = server())
        {
            Peer client = Peer.client(clientContext, Peer.protocol("TLSv1.3"));
            Peer server = Peer.server(context, parameters -> parameters.setNeedClientAuth(true));
            while (server.engine.getHandshakeStatus() != HandshakeStatus.NEED_TASK)
            {
                step(client, server);
            }
            Runnable task = server.engine.getDelegatedTask();
            assertEquals(null, server.engine.getDelegatedTask());
            assertEquals(HandshakeStatus.NEED_TASK, server.engine.getHandshakeStatus());
            ((NativeSslEngine)server.engine).close();
            assertEquals(0, live.connections());
            task.run();
            assertEquals(HandshakeStatus.NOT_HANDSHAKING, server.engine.getHandshakeStatus());
        }
        assertEquals(NOTHING, live.toString());
        assertEquals(1, sessions.abandoned.get());
    }

    /** As a reload of the key store does, while the ticket is on its way. */
    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void aConnectionThatHasBegunResumesThoughItsContextIsClosed(String protocol) throws SSLException
    {
        NativeContext context = server();
        for (int i = 0; i < 2; i++)
        {
            Peer client = Peer.client(clientContext, Peer.protocol(protocol));
            Peer server = Peer.server(context, parameters -> parameters.setNeedClientAuth(true));
            server.engine.beginHandshake();
            if (i == 1)
            {
                context.close();
            }
            Peer.pump(client, server);
            client.engine.closeOutbound();
            Peer.pump(client, server);
            ((NativeSslEngine)server.engine).close();
        }
        assertEquals(1, sessions.resumed.get());
        assertEquals(NOTHING, live.toString());
    }

    /** Neither another connection nor the engine itself waits for a task. */
    @Test
    void aTaskThatWaitsHoldsNobodyUp() throws SSLException, InterruptedException, ExecutionException
    {
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        try (NativeContext context = server(); ExecutorService thread = Executors.newSingleThreadExecutor())
        {
            Peer.pump(Peer.client(clientContext, AS_IS), Peer.server(context, AS_IS));
            sessions.answer = opening ->
            {
                asked.countDown();
                try
                {
                    goOn.await();
                }
                catch (InterruptedException e)
                {
                    throw new IllegalStateException(e);
                }
                return opening;
            };
            Peer client = Peer.client(clientContext, AS_IS);
            Peer server = Peer.server(context, AS_IS);
            client.wrap();
            server.unwrap(client.out);
            Future<?> task = thread.submit(server.engine.getDelegatedTask());
            asked.await();
            assertEquals(HandshakeStatus.NEED_TASK, server.engine.getHandshakeStatus());
            sessions.answer = opening -> opening;
            Peer other = Peer.server(context, AS_IS);
            Peer.pump(Peer.client(clientContext, AS_IS), other);
            assertTrue(other.finished);
            goOn.countDown();
            task.get();
            Peer.pump(client, server);
            assertTrue(server.finished);
            // The client has had one ticket.
            assertEquals(1, sessions.resumed.get());
            ((NativeSslEngine)server.engine).close();
        }
    }

    /**
     * From where a connection is closed while the library is at work.
     */
    private enum Place
    {
        BEGIN,
        OPEN,
        SELECTOR,
        END
    }

    @ParameterizedTest
    @EnumSource
    void whatTheHandshakeCallsMayCloseIt(Place place) throws SSLException
    {
        try (NativeContext context = server())
        {
            Peer first = Peer.client(clientContext, AS_IS);
            Peer.pump(first, Peer.server(context, AS_IS));
            Peer client = Peer.client(clientContext, parameters -> parameters.setApplicationProtocols(new String[]{"h2"}));
            Peer server = Peer.server(context, AS_IS);
            NativeSslEngine engine = (NativeSslEngine)server.engine;
            Runnable close = () ->
            {
                assertThrows(IllegalStateException.class, () -> engine.wrap(ByteBuffer.allocate(1), ByteBuffer.allocate(20_000)));
                assertThrows(IllegalStateException.class, () -> engine.unwrap(ByteBuffer.allocate(1), ByteBuffer.allocate(20_000)));
                engine.close();
            };
            sessions.answer = opening ->
            {
                if (place == Place.OPEN)
                {
                    engine.close();
                }
                return opening;
            };
            engine.setHandshakeApplicationProtocolSelector((one, offered) ->
            {
                if (place == Place.SELECTOR)
                {
                    close.run();
                }
                return "h2";
            });
            sessions.atEnd = () ->
            {
                if (place == Place.END)
                {
                    engine.close();
                }
            };
            if (place == Place.BEGIN)
            {
                engine.close();
            }
            try
            {
                Peer.pump(client, server);
            }
            catch (SSLException e)
            {
                assertTrue(e.getMessage().contains("closed"), e.getMessage());
            }
            assertTrue(engine.isInboundDone());
            assertTrue(engine.isOutboundDone());
        }
    }

    @Test
    void whatIsDroppedIsFreedInTheEnd() throws SSLException, InterruptedException
    {
        begin(20);
        assertTrue(live.connections() > 0);
        ReferenceQueue<Object> queue = new ReferenceQueue<>();
        for (int i = 0; i < 100 && !NOTHING.equals(live.toString()); i++)
        {
            PhantomReference<Object> sentinel = new PhantomReference<>(new Object(), queue);
            System.gc();
            queue.remove(1000);
            assertFalse(sentinel.enqueue());
        }
        assertEquals(NOTHING, live.toString());
    }

    private void begin(int count) throws SSLException
    {
        NativeContext context = server();
        for (int i = 0; i < count; i++)
        {
            Peer client = Peer.client(clientContext, AS_IS);
            Peer server = Peer.server(context, AS_IS);
            client.wrap();
            server.unwrap(client.out);
        }
        sessions.last = null;
    }

    @Test
    void aKeyStoreIsReloadedWhileHandshakesRun() throws SSLException, InterruptedException, ExecutionException
    {
        AtomicReference<NativeContext> current = new AtomicReference<>(server());
        CountDownLatch half = new CountDownLatch(1);
        try (ExecutorService threads = Executors.newFixedThreadPool(3))
        {
            Future<?>[] done = new Future<?>[3];
            for (int i = 0; i < done.length; i++)
            {
                done[i] = threads.submit(() -> connect(current, half));
            }
            half.await();
            for (int i = 0; i < 30; i++)
            {
                NativeContext old = current.getAndSet(server());
                // A connection of the old one that has begun goes on when that is closed.
                Peer client = Peer.client(clientContext, AS_IS);
                Peer server = Peer.server(old, AS_IS);
                client.wrap();
                server.unwrap(client.out);
                old.close();
                Peer.pump(client, server);
                assertTrue(server.finished);
                ((NativeSslEngine)server.engine).close();
            }
            for (Future<?> one : done)
            {
                one.get();
            }
        }
        current.get().close();
        assertEquals(NOTHING, live.toString());
    }

    private Void connect(AtomicReference<NativeContext> current, CountDownLatch begun) throws SSLException
    {
        for (int i = 0; i < 100; i++)
        {
            Peer client = Peer.client(clientContext, AS_IS);
            Peer server = Peer.server(current.get(), AS_IS);
            try
            {
                Peer.pump(client, server);
                assertTrue(server.finished);
            }
            catch (SSLException e)
            {
                // It was closed before this one had begun.
                assertTrue(e.getMessage().contains("the context is closed"), e.getMessage());
            }
            ((NativeSslEngine)server.engine).close();
            if (i == 10)
            {
                begun.countDown();
            }
        }
        return null;
    }
}
