package io.github.tlsresumption.cluster;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * A port that leads to a backend, with the faults of a network.
 */
public final class FaultProxy implements AutoCloseable
{
    /**
     * What happens to what passes.
     */
    public enum Fault
    {
        NONE,
        /** Nothing passes, in either direction. */
        SILENT,
        /** Answers come late, by {@link FaultProxy#LATE} unless another time is set. */
        SLOW,
        /** The first byte of an answer passes, and then a reset comes. */
        RESET,
        /** There is no connection, and no new one. */
        REFUSED
    }

    /** What each answer waits for where it is slow, unless it is set. */
    public static final Duration LATE = Duration.ofMillis(1_500);

    private static final int BUFFER = 8192;

    private final ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private volatile int target;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private final AtomicLong questions = new AtomicLong();
    private final AtomicLong answers = new AtomicLong();
    private final AtomicInteger connections = new AtomicInteger();
    private volatile Duration late = LATE;
    private volatile Fault fault = Fault.NONE;

    /**
     * @param target the backend's port on the loopback address
     */
    public FaultProxy(int target) throws IOException
    {
        this.target = target;
        start(this::accept);
    }

    public int port()
    {
        return listener.getLocalPort();
    }

    /**
     * @param port of another backend, for new connections
     */
    public void target(int port)
    {
        target = port;
    }

    /**
     * What was held back in silence never comes: those connections are gone, as they would be with a network that lost it.
     */
    public void fault(Fault next) throws IOException
    {
        Fault old = fault;
        fault = next;
        if (next == Fault.REFUSED || old == Fault.SILENT)
        {
            resetAll();
        }
    }

    /**
     * @return how many times something came from the side that asks
     */
    public long questions()
    {
        return questions.get();
    }

    /**
     * @return how many times something went back
     */
    public long answers()
    {
        return answers.get();
    }

    /**
     * @return how many connections led to the backend
     */
    public int connections()
    {
        return connections.get();
    }

    /**
     * @param time that each answer waits for from now on where it is slow
     */
    public void late(Duration time)
    {
        late = time;
    }

    private static void start(Runnable task)
    {
        Thread thread = new Thread(task, "fault-proxy");
        thread.setDaemon(true);
        thread.start();
    }

    private void accept()
    {
        while (!listener.isClosed())
        {
            try
            {
                Socket client = listener.accept();
                sockets.add(client);
                if (fault == Fault.REFUSED)
                {
                    questions.incrementAndGet();
                    reset(client);
                    continue;
                }
                connections.incrementAndGet();
                Socket server = connect(client);
                sockets.add(server);
                start(() -> copy(client, server, true));
                start(() -> copy(server, client, false));
            }
            catch (IOException e)
            {
                // The backend is down, or the proxy is closed.
                continue;
            }
        }
    }

    private Socket connect(Socket client) throws IOException
    {
        try
        {
            return new Socket(InetAddress.getLoopbackAddress(), target);
        }
        catch (IOException e)
        {
            // As the backend's machine would refuse it.
            reset(client);
            throw e;
        }
    }

    private void copy(Socket from, Socket to, boolean isQuestion)
    {
        try (from; to)
        {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            byte[] buffer = new byte[BUFFER];
            for (int count = in.read(buffer); count > 0; count = in.read(buffer))
            {
                if (isQuestion)
                {
                    questions.incrementAndGet();
                }
                Fault now = fault;
                if (now == Fault.SILENT)
                {
                    continue;
                }
                if (!isQuestion && now == Fault.SLOW)
                {
                    LockSupport.parkNanos(late.toNanos());
                }
                if (!isQuestion && now == Fault.RESET)
                {
                    out.write(buffer, 0, 1);
                    to.setSoLinger(true, 0);
                    return;
                }
                out.write(buffer, 0, count);
                if (!isQuestion)
                {
                    answers.incrementAndGet();
                }
            }
        }
        catch (IOException e)
        {
            // Either side has closed: so does the other.
            return;
        }
        finally
        {
            sockets.remove(from);
            sockets.remove(to);
        }
    }

    private void resetAll() throws IOException
    {
        for (Socket socket : sockets)
        {
            // One that comes meanwhile stays known, to be reset by the next fault.
            sockets.remove(socket);
            reset(socket);
        }
    }

    private static void reset(Socket socket) throws IOException
    {
        try
        {
            socket.setSoLinger(true, 0);
        }
        catch (SocketException e)
        {
            // Its peer has closed it meanwhile.
            return;
        }
        finally
        {
            socket.close();
        }
    }

    @Override
    public void close() throws IOException
    {
        listener.close();
        resetAll();
    }
}
