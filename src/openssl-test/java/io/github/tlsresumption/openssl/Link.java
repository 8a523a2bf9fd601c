package io.github.tlsresumption.openssl;

import java.nio.ByteBuffer;
import java.util.concurrent.Executor;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLEngineResult.Status;
import javax.net.ssl.SSLException;

/**
 * A native client, an engine, and the bytes between them. Confined to its thread, but for delegated tasks.
 */
final class Link
{
    /** Room for two records. */
    static final int BUFFER_BYTES = 2 * NativeSession.PACKET_BYTES;
    private static final int MAX_STEPS = 100_000;

    final NativeClient client;
    final NativeSslEngine engine;
    /** Ready to be written to. */
    final ByteBuffer toServer;
    /** Ready to be written to. */
    final ByteBuffer toClient;
    private final ByteBuffer plain;
    private final ByteBuffer payload;
    private final Executor tasks;
    /** The server has told that the handshake is complete. */
    boolean finished;
    SSLException failure;
    /** How many bytes of the application have come to the server. */
    long received;
    /** How many bytes the server has yet to send. */
    long toSend;
    /** How many bytes the client has yet to send. */
    long toUpload;
    /** How many bytes the client takes in a step. */
    int pace = Integer.MAX_VALUE;

    /**
     * @param client closed by the caller
     * @param engine that has begun or not
     * @param buffers to be used by nobody else
     * @param tasks runs delegated tasks, and returns when they are done
     */
    Link(NativeClient client, NativeSslEngine engine, Buffers buffers, Executor tasks)
    {
        this.client = client;
        this.engine = engine;
        this.toServer = buffers.toServer.clear();
        this.toClient = buffers.toClient.clear();
        this.plain = buffers.plain;
        this.payload = buffers.payload;
        this.tasks = tasks;
    }

    /**
     * For one link at a time.
     */
    static final class Buffers
    {
        private final ByteBuffer toServer;
        private final ByteBuffer toClient;
        private final ByteBuffer plain;
        private final ByteBuffer payload = ByteBuffer.allocate(NativeSession.APPLICATION_BYTES);

        /**
         * @param direct whether they are outside the heap
         */
        Buffers(boolean direct)
        {
            toServer = direct ? ByteBuffer.allocateDirect(BUFFER_BYTES) : ByteBuffer.allocate(BUFFER_BYTES);
            toClient = direct ? ByteBuffer.allocateDirect(BUFFER_BYTES) : ByteBuffer.allocate(BUFFER_BYTES);
            plain = direct ? ByteBuffer.allocateDirect(BUFFER_BYTES) : ByteBuffer.allocate(BUFFER_BYTES);
        }
    }

    /** Until neither end has anything to do. */
    void pump()
    {
        for (int steps = 0; clientStep() | serverStep(); steps++)
        {
            if (steps > MAX_STEPS)
            {
                throw new AssertionError("it goes on for ever: " + engine.getHandshakeStatus());
            }
        }
    }

    boolean clientStep()
    {
        boolean progress = false;
        if (toUpload > 0 && client.isComplete() && !client.hasFailed() && toServer.remaining() > NativeSession.PACKET_BYTES)
        {
            int part = (int)Math.min(toUpload, NativeSession.APPLICATION_BYTES);
            client.send(part);
            toUpload -= part;
            progress = true;
        }
        toClient.flip();
        int limit = toClient.limit();
        toClient.limit(Math.min(limit, pace));
        progress |= client.step(toClient, toServer);
        toClient.limit(limit).compact();
        return progress;
    }

    /**
     * One call of the engine.
     *
     * @return whether anything has happened
     */
    boolean serverStep()
    {
        try
        {
            HandshakeStatus status = engine.getHandshakeStatus();
            if (status == HandshakeStatus.NEED_TASK)
            {
                Runnable task = engine.getDelegatedTask();
                if (task != null)
                {
                    tasks.execute(task);
                }
                return task != null;
            }
            if (status == HandshakeStatus.NEED_WRAP || finished && toSend > 0 && !engine.isOutboundDone())
            {
                return wrap();
            }
            return toServer.position() > 0 && !engine.isInboundDone() && unwrap();
        }
        catch (SSLException e)
        {
            failed(e);
            return true;
        }
    }

    private void failed(SSLException e)
    {
        if (failure != null)
        {
            throw new AssertionError("a second failure", e);
        }
        failure = e;
    }

    private boolean wrap() throws SSLException
    {
        if (toClient.remaining() < NativeSession.PACKET_BYTES)
        {
            return false;
        }
        payload.clear().limit((int)Math.min(toSend, payload.capacity()));
        int before = toClient.position();
        SSLEngineResult result = engine.wrap(payload, toClient);
        note(result, toClient.position() - before == result.bytesProduced());
        toSend -= result.bytesConsumed();
        return result.bytesProduced() > 0 || result.bytesConsumed() > 0 || result.getHandshakeStatus() == HandshakeStatus.FINISHED;
    }

    private boolean unwrap() throws SSLException
    {
        toServer.flip();
        plain.clear();
        try
        {
            SSLEngineResult result = engine.unwrap(toServer, plain);
            note(result, plain.position() == result.bytesProduced());
            received += result.bytesProduced();
            return result.bytesConsumed() > 0 || result.getHandshakeStatus() == HandshakeStatus.FINISHED;
        }
        finally
        {
            toServer.compact();
        }
    }

    private void note(SSLEngineResult result, boolean countsRight)
    {
        if (result.getStatus() == Status.BUFFER_OVERFLOW || !countsRight)
        {
            throw new AssertionError(result.toString());
        }
        finished |= result.getHandshakeStatus() == HandshakeStatus.FINISHED;
    }
}
