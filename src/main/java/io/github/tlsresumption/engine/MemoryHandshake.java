package io.github.tlsresumption.engine;

import java.nio.ByteBuffer;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;

/**
 * A handshake in memory, by which an engine tries itself. Stateless.
 */
public final class MemoryHandshake
{
    private static final int MAX_STEPS = 200;

    private MemoryHandshake()
    {
    }

    /**
     * Does a handshake, with the tickets that come behind it.
     *
     * @param server the server's engine
     * @param client the client's engine
     * @throws SSLException when it fails or does not end
     */
    public static void run(SSLEngine server, SSLEngine client) throws SSLException
    {
        int size = client.getSession().getPacketBufferSize();
        ByteBuffer toServer = ByteBuffer.allocate(size * 4);
        ByteBuffer toClient = ByteBuffer.allocate(size * 4);
        ByteBuffer scratch = ByteBuffer.allocate(client.getSession().getApplicationBufferSize());
        client.beginHandshake();
        server.beginHandshake();
        boolean moved = true;
        for (int step = 0; moved && step < MAX_STEPS; step++)
        {
            moved = step(client, toServer, toClient, scratch);
            moved |= step(server, toClient, toServer, scratch);
        }
        if (!done(client) || !done(server))
        {
            throw new SSLException("the handshake in memory did not end: client " + client.getHandshakeStatus() + ", server "
                + server.getHandshakeStatus());
        }
    }

    private static boolean done(SSLEngine engine)
    {
        return engine.getHandshakeStatus() == HandshakeStatus.NOT_HANDSHAKING && !"NONE".equals(engine.getSession().getProtocol());
    }

    /**
     * Goes one step: what the engine has to do, to send, or else to read.
     *
     * @param engine one side
     * @param out takes what it sends
     * @param in what has come for it, to be read from its start to its position
     * @param scratch takes application data, which are thrown away
     * @return whether anything has moved
     * @throws SSLException when the handshake fails
     */
    public static boolean step(SSLEngine engine, ByteBuffer out, ByteBuffer in, ByteBuffer scratch) throws SSLException
    {
        boolean moved = false;
        for (Runnable task = engine.getDelegatedTask(); task != null; task = engine.getDelegatedTask())
        {
            task.run();
            moved = true;
        }
        if (engine.getHandshakeStatus() == HandshakeStatus.NEED_WRAP)
        {
            SSLEngineResult result = engine.wrap(ByteBuffer.allocate(0), out);
            moved |= result.bytesProduced() > 0;
        }
        else if (in.position() > 0)
        {
            in.flip();
            SSLEngineResult result = engine.unwrap(in, scratch);
            in.compact();
            scratch.clear();
            moved |= result.bytesConsumed() > 0;
        }
        return moved;
    }
}
