package io.github.tlsresumption.openssl;

import java.nio.ByteBuffer;
import java.time.Clock;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLEngineResult.Status;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManager;

/**
 * A server for fuzz targets, and what must hold of its engines whatever comes: they throw nothing but an {@link SSLException}, say that
 * they are over after one, never go on for ever, and leave nothing native.
 */
final class FuzzedServer
{
    private static final int MAX_CALLS = 10_000;

    final TestSessions sessions = new TestSessions();
    final LiveObjects live = new LiveObjects();
    private final NativeContext context;

    /**
     * @param lib a library
     * @param change what is put before it
     */
    FuzzedServer(LibSsl lib, UnaryOperator<LibSsl> change)
    {
        NativeContext.Sessions shared =
            new NativeContext.Sessions(sessions, new SessionCache(sessions, Clock.systemUTC()), new byte[0]);
        context = new NativeContext(change.apply(lib), new KeyManager[]{new Certificates.Keys(Soak.SERVER)},
            new TrustManager[]{new Certificates.Trust(Soak.SERVER)}, shared, 1, Clock.systemUTC(), live);
    }

    NativeSslEngine newEngine(Consumer<SSLParameters> change)
    {
        return (NativeSslEngine)Peer.server(context, change).engine;
    }

    /**
     * One call of the engine, as the input says.
     *
     * @return whether the engine goes on
     */
    static boolean call(NativeSslEngine engine, FuzzInput input)
    {
        try
        {
            int what = input.next() % 16;
            switch (what)
            {
                case 0 -> engine.closeOutbound();
                case 1 -> engine.closeInbound();
                case 2 -> engine.beginHandshake();
                case 3, 4 -> engine.wrap(ByteBuffer.wrap(input.some()), ByteBuffer.allocate(input.next() * 100));
                case 5 -> engine.unwrap(ByteBuffer.wrap(input.some()), ByteBuffer.allocate(input.next()));
                default -> unwrap(engine, ByteBuffer.wrap(input.some()));
            }
            return true;
        }
        catch (SSLException e)
        {
            return false;
        }
    }

    /** All of it, with what the engine asks for in between. It is nothing that a client has encrypted. */
    static void unwrap(NativeSslEngine engine, ByteBuffer in) throws SSLException
    {
        ByteBuffer plain = ByteBuffer.allocate(20_000);
        boolean more = true;
        for (int calls = 0; more; calls++)
        {
            SSLEngineResult result = engine.unwrap(in, plain);
            require(result.bytesProduced() == 0, "bytes that nobody has sent");
            more = result.bytesConsumed() > 0 && in.hasRemaining() && result.getStatus() == Status.OK | serve(engine);
            require(calls < MAX_CALLS, "it goes on for ever");
        }
    }

    /** Tasks, and what is to be sent. */
    static boolean serve(NativeSslEngine engine) throws SSLException
    {
        boolean done = false;
        ByteBuffer out = ByteBuffer.allocate(40_000);
        for (int calls = 0; calls < MAX_CALLS; calls++)
        {
            HandshakeStatus status = engine.getHandshakeStatus();
            if (status == HandshakeStatus.NEED_TASK)
            {
                Runnable task = engine.getDelegatedTask();
                require(task != null, "a task that is none");
                task.run();
            }
            else if (status == HandshakeStatus.NEED_WRAP)
            {
                engine.wrap(ByteBuffer.allocate(0), out.clear());
            }
            else
            {
                return done;
            }
            done = true;
        }
        throw new AssertionError("it goes on for ever: " + engine.getHandshakeStatus());
    }

    /** Ends a connection, and checks what is left. */
    void end(NativeSslEngine engine, boolean failed)
    {
        if (failed)
        {
            try
            {
                serve(engine);
            }
            catch (SSLException e)
            {
                throw new AssertionError("a second failure", e);
            }
        }
        engine.close();
        require(engine.isInboundDone() && engine.isOutboundDone(), "it is not over");
        require(engine.getHandshakeStatus() == HandshakeStatus.NOT_HANDSHAKING, "it is still in its handshake");
        require(live.connections() == 0, live.toString());
        require(sessions.begun.get() == sessions.established.get() + sessions.abandoned.get(), "nobody was told how it ended");
    }

    void close()
    {
        context.close();
        require(live.contexts() == 0 && live.credentials() == 0, live.toString());
    }

    static void require(boolean condition, String what)
    {
        if (!condition)
        {
            throw new AssertionError(what);
        }
    }
}
