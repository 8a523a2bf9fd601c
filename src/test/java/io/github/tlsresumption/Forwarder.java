package io.github.tlsresumption;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;

/**
 * One port that leads to another, as the test says. A client that keeps sessions by host and port takes the servers behind it for one.
 */
final class Forwarder implements AutoCloseable
{
    private final ServerSocket listener;
    private volatile int target;

    Forwarder() throws IOException
    {
        listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        start(this::accept);
    }

    int port()
    {
        return listener.getLocalPort();
    }

    void to(int port)
    {
        target = port;
    }

    private static void start(Runnable task)
    {
        Thread thread = new Thread(task, "forwarder");
        thread.setDaemon(true);
        thread.start();
    }

    private void accept()
    {
        try
        {
            while (!listener.isClosed())
            {
                Socket client = listener.accept();
                Socket server = new Socket(InetAddress.getLoopbackAddress(), target);
                start(() -> copy(client, server));
                start(() -> copy(server, client));
            }
        }
        catch (IOException e)
        {
            if (!listener.isClosed())
            {
                throw new UncheckedIOException(e);
            }
        }
    }

    private static void copy(Socket from, Socket to)
    {
        try (from; to)
        {
            from.getInputStream().transferTo(to.getOutputStream());
        }
        catch (IOException e)
        {
            // Either side has closed: so does the other.
            return;
        }
    }

    @Override
    public void close() throws IOException
    {
        listener.close();
    }
}
