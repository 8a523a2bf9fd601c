package io.github.tlsresumption.openssl;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;

/**
 * Answers each line with a line, over sockets, and closes when it is told {@code bye}.
 */
final class SocketServer implements AutoCloseable
{
    private final ServerSocketChannel socket;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final NativeContext context;
    private final Consumer<SSLParameters> parameters;

    SocketServer(NativeContext context, Consumer<SSLParameters> parameters) throws IOException
    {
        this.context = context;
        this.parameters = parameters;
        socket = ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        threads.submit(this::accept);
    }

    int port()
    {
        return socket.socket().getLocalPort();
    }

    private Void accept() throws IOException
    {
        while (socket.isOpen())
        {
            SocketChannel connection = socket.accept();
            threads.submit(() -> serve(connection));
        }
        return null;
    }

    private Void serve(SocketChannel connection) throws IOException
    {
        Peer peer = Peer.server(context, parameters);
        try (connection; NativeSslEngine engine = (NativeSslEngine)peer.engine)
        {
            try
            {
                serve(peer, engine, connection);
            }
            catch (SSLException e)
            {
                peer.wrap();
                connection.write(peer.out);
            }
        }
        return null;
    }

    private static void serve(Peer peer, SSLEngine engine, SocketChannel connection) throws IOException
    {
        ByteBuffer in = ByteBuffer.allocate(40_000).limit(0);
        while (!(engine.isInboundDone() && engine.isOutboundDone()))
        {
            progress(peer, engine, connection);
            if (engine.isInboundDone())
            {
                engine.closeOutbound();
                progress(peer, engine, connection);
                return;
            }
            if (!peer.unwrap(in) && !read(in, connection))
            {
                return;
            }
            answer(peer, engine);
        }
    }

    private static void answer(Peer peer, SSLEngine engine)
    {
        String line = new String(peer.take(), StandardCharsets.US_ASCII);
        if (!line.isEmpty())
        {
            peer.send(("you said " + line).getBytes(StandardCharsets.US_ASCII));
        }
        if (line.contains("bye"))
        {
            peer.toSend = ByteBuffer.allocate(0);
            engine.closeOutbound();
        }
    }

    private static void progress(Peer peer, SSLEngine engine, SocketChannel connection) throws IOException
    {
        while (engine.getHandshakeStatus() == HandshakeStatus.NEED_TASK)
        {
            engine.getDelegatedTask().run();
        }
        peer.wrap();
        while (peer.out.hasRemaining())
        {
            connection.write(peer.out);
        }
    }

    private static boolean read(ByteBuffer in, SocketChannel connection) throws IOException
    {
        in.compact();
        int count = connection.read(in);
        in.flip();
        return count >= 0;
    }

    @Override
    public void close() throws IOException
    {
        socket.close();
        threads.close();
    }
}
