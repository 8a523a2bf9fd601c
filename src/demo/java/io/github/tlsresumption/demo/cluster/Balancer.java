package io.github.tlsresumption.demo.cluster;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/**
 * A balancer of TCP connections: the next connection of a port goes to the next node that takes it. It knows nothing of TLS, nor
 * which client is which.
 */
final class Balancer
{
    private static final int CONNECT_MILLIS = 500;
    private static final int BUFFER = 16 * 1024;

    private final List<Node> nodes;

    /**
     * @param nodes where connections go
     */
    Balancer(List<Node> nodes)
    {
        this.nodes = List.copyOf(nodes);
    }

    /**
     * Takes connections from now on.
     *
     * @param port on the loopback interface
     * @throws IOException when the port is taken
     */
    void listen(int port) throws IOException
    {
        ServerSocket server = new ServerSocket();
        server.setReuseAddress(true);
        server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        start(() -> accept(server));
    }

    private void accept(ServerSocket server)
    {
        for (int turn = 0; ; turn++)
        {
            try
            {
                Socket client = server.accept();
                int first = turn;
                start(() -> serve(client, first));
            }
            catch (IOException e)
            {
                throw new IllegalStateException(e);
            }
        }
    }

    private void serve(Socket client, int first)
    {
        try (client)
        {
            for (int i = 0; i < nodes.size(); i++)
            {
                Node node = nodes.get((first + i) % nodes.size());
                if (node.enter())
                {
                    try (Socket server = connect(node))
                    {
                        if (server == null)
                        {
                            continue;
                        }
                        node.served();
                        join(client, server);
                        return;
                    }
                    finally
                    {
                        node.leave();
                    }
                }
            }
        }
        catch (IOException | InterruptedException e)
        {
            // The client sees that its connection ended.
            return;
        }
    }

    private static Socket connect(Node node)
    {
        Socket server = new Socket();
        try
        {
            server.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), node.port()), CONNECT_MILLIS);
            return server;
        }
        catch (IOException e)
        {
            return null;
        }
    }

    private static void join(Socket client, Socket server) throws InterruptedException
    {
        CountDownLatch ended = new CountDownLatch(1);
        start(() ->
        {
            copy(client, server);
            ended.countDown();
        });
        copy(server, client);
        ended.await();
    }

    private static void copy(Socket from, Socket to)
    {
        byte[] buffer = new byte[BUFFER];
        try
        {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer))
            {
                out.write(buffer, 0, count);
            }
            to.shutdownOutput();
        }
        catch (IOException e)
        {
            close(from);
            close(to);
        }
    }

    private static void close(Socket socket)
    {
        try
        {
            socket.close();
        }
        catch (IOException e)
        {
            // It is of no use any more in any case.
            return;
        }
    }

    private static void start(Runnable task)
    {
        Thread thread = new Thread(task, "balancer");
        thread.setDaemon(true);
        thread.start();
    }
}
