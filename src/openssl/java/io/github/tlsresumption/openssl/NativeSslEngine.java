package io.github.tlsresumption.openssl;

import java.nio.ByteBuffer;
import java.nio.ReadOnlyBufferException;
import java.util.Objects;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSession;

import io.github.tlsresumption.engine.ResumingEngine;

/**
 * A server's engine whose TLS is a native library's. It behaves as SunJSSE's does, towards the application and in closing; see the package
 * for who frees what. Thread-safe: calls wait for each other, and no delegated task is waited for.
 * <p>
 * The native connection exists from the first {@code wrap} or {@code unwrap} on. It is freed when both directions are closed, when a
 * failure has been told to the client, or by {@link #close}, which whoever drops an engine before that should call.
 */
final class NativeSslEngine extends ConfiguredEngine implements ResumingEngine, AutoCloseable
{
    private final ServerConnection connection;

    NativeSslEngine(NativeContext context, String peerHost, int peerPort)
    {
        super(context.supported(), peerHost, peerPort);
        this.connection = new ServerConnection(this, context);
    }

    @Override
    public SSLEngineResult unwrap(ByteBuffer src, ByteBuffer[] dsts, int offset, int length) throws SSLException
    {
        Objects.checkFromIndexSize(offset, length, dsts.length);
        for (int i = offset; i < offset + length; i++)
        {
            requireWritable(dsts[i]);
        }
        lock().lock();
        try
        {
            return connection.unwrap(src, dsts, offset, length);
        }
        finally
        {
            lock().unlock();
        }
    }

    @Override
    public SSLEngineResult wrap(ByteBuffer[] srcs, int offset, int length, ByteBuffer dst) throws SSLException
    {
        Objects.checkFromIndexSize(offset, length, srcs.length);
        requireWritable(dst);
        lock().lock();
        try
        {
            return connection.wrap(srcs, offset, length, dst);
        }
        finally
        {
            lock().unlock();
        }
    }

    private static void requireWritable(ByteBuffer buffer)
    {
        if (buffer.isReadOnly())
        {
            throw new ReadOnlyBufferException();
        }
    }

    /**
     * Ends the connection without a word to the client and frees what is native. May be called in any state, by any thread, more than
     * once.
     */
    @Override
    public void close()
    {
        lock().lock();
        try
        {
            connection.end();
        }
        finally
        {
            lock().unlock();
        }
    }

    @Override
    public HandshakeStatus getHandshakeStatus()
    {
        return get(connection::status);
    }

    @Override
    public Runnable getDelegatedTask()
    {
        Deferred<?> task = get(connection.steps()::takeTask);
        return task == null ? null : () -> run(task);
    }

    private void run(Deferred<?> task)
    {
        if (!get(() -> connection.steps().taskBegins(task)))
        {
            return;
        }
        task.run();
        lock().lock();
        try
        {
            connection.steps().taskDone(task);
        }
        finally
        {
            lock().unlock();
        }
    }

    @Override
    public void closeInbound() throws SSLException
    {
        lock().lock();
        try
        {
            connection.closeInbound();
        }
        finally
        {
            lock().unlock();
        }
    }

    @Override
    public void closeOutbound()
    {
        lock().lock();
        try
        {
            connection.closeOutbound();
        }
        finally
        {
            lock().unlock();
        }
    }

    @Override
    public boolean isInboundDone()
    {
        return get(connection::isInboundDone);
    }

    @Override
    public boolean isOutboundDone()
    {
        return get(connection::isOutboundDone);
    }

    /**
     * @throws SSLException when the handshake is over, as the library has no second one
     */
    @Override
    public void beginHandshake() throws SSLException
    {
        lock().lock();
        try
        {
            connection.beginHandshake();
        }
        finally
        {
            lock().unlock();
        }
    }

    @Override
    public SSLSession getSession()
    {
        return get(connection.steps()::session);
    }

    @Override
    public SSLSession getHandshakeSession()
    {
        return get(connection.steps()::handshakeSession);
    }

    @Override
    public String getApplicationProtocol()
    {
        return get(() -> connection.applicationProtocol(false));
    }

    @Override
    public String getHandshakeApplicationProtocol()
    {
        return get(() -> connection.applicationProtocol(true));
    }
}
