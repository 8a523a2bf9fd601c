package io.github.tlsresumption.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.BiFunction;

/**
 * A balancer of TCP connections, which knows nothing of TLS. It tells clients apart by their address and remembers which nodes each
 * of them was sent to.
 */
final class Balancer implements AutoCloseable
{
    private static final Duration DRAIN_LIMIT = Duration.ofSeconds(30);
    private static final int BACKLOG = 100;

    private final ServerSocket listener;
    private final List<Integer> ports;
    private final BiFunction<String, List<Integer>, Integer> choice;
    // Guarded by this:
    private final Set<Integer> out = new HashSet<>();
    private final Map<Integer, Integer> open = new HashMap<>();
    private final Map<String, List<Integer>> visits = new HashMap<>();
    private int first;

    private Balancer(List<Integer> ports, boolean random)
    {
        this.ports = List.copyOf(ports);
        Map<String, Random> randoms = new HashMap<>();
        this.choice = random ? (client, in) -> in.get(randoms.computeIfAbsent(client, key -> new Random(key.hashCode())).nextInt(in.size()))
            : this::another;
        try
        {
            this.listener = new ServerSocket(0, BACKLOG, InetAddress.getLoopbackAddress());
        }
        catch (IOException e)
        {
            throw new UncheckedIOException(e);
        }
        start(this::accept);
    }

    /**
     * @param ports of the nodes
     * @return the worst there is for caches of one node: no client is sent twice to the same one
     */
    static Balancer neverTheSame(List<Integer> ports)
    {
        return new Balancer(ports, false);
    }

    /**
     * @param ports of the nodes
     * @return what most balancers come down to in the long run: each node is as likely as any other. The same in each run.
     */
    static Balancer random(List<Integer> ports)
    {
        return new Balancer(ports, true);
    }

    int port()
    {
        return listener.getLocalPort();
    }

    /**
     * @param client an address
     * @return the numbers of the nodes that it was sent to, one after the other
     */
    synchronized List<Integer> visits(String client)
    {
        return List.copyOf(visits.getOrDefault(client, List.of()));
    }

    /**
     * Sends nobody there any more, and waits until those who are there have gone.
     *
     * @param node its number
     */
    void drain(int node)
    {
        synchronized (this)
        {
            out.add(node);
        }
        Await.until(DRAIN_LIMIT, () -> open(node) == 0, () -> open(node) + " connections are still open to node " + node);
    }

    /**
     * @param node the number of one that was drained, and that gets connections again
     */
    synchronized void readmit(int node)
    {
        out.remove(node);
    }

    private synchronized int open(int node)
    {
        return open.getOrDefault(node, 0);
    }

    private synchronized int choose(String client)
    {
        List<Integer> in = new ArrayList<>();
        for (int node = 0; node < ports.size(); node++)
        {
            if (!out.contains(node))
            {
                in.add(node);
            }
        }
        int node = choice.apply(client, in);
        visits.computeIfAbsent(client, key -> new ArrayList<>()).add(node);
        open.merge(node, 1, Integer::sum);
        return node;
    }

    private int another(String client, List<Integer> in)
    {
        List<Integer> before = visits.getOrDefault(client, List.of());
        int last = before.isEmpty() ? first++ : before.get(before.size() - 1);
        for (int i = 1; i < ports.size(); i++)
        {
            int next = (last + i) % ports.size();
            if (in.contains(next))
            {
                return next;
            }
        }
        throw new IllegalStateException("no other node than " + last + " among " + in);
    }

    private void accept()
    {
        while (!listener.isClosed())
        {
            try
            {
                Socket client = listener.accept();
                start(() -> serve(client));
            }
            catch (IOException e)
            {
                // Closed, or the client has gone again.
                continue;
            }
        }
    }

    private void serve(Socket client)
    {
        int node = choose(client.getInetAddress().getHostAddress());
        try (client; Socket server = new Socket(InetAddress.getLoopbackAddress(), ports.get(node)))
        {
            client.setTcpNoDelay(true);
            server.setTcpNoDelay(true);
            Thread back = start(() -> copy(server, client));
            copy(client, server);
            back.join();
        }
        catch (IOException e)
        {
            // The client sees it: its connection ends without an answer.
            return;
        }
        catch (InterruptedException e)
        {
            Thread.currentThread().interrupt();
        }
        finally
        {
            synchronized (this)
            {
                open.merge(node, -1, Integer::sum);
            }
        }
    }

    private static void copy(Socket from, Socket to)
    {
        try
        {
            from.getInputStream().transferTo(to.getOutputStream());
            to.shutdownOutput();
        }
        catch (IOException e)
        {
            // One of them is gone, so there is nobody left to carry anything to.
            return;
        }
    }

    private static Thread start(Runnable task)
    {
        Thread thread = new Thread(task, "balancer");
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    @Override
    public void close()
    {
        try
        {
            listener.close();
        }
        catch (IOException e)
        {
            throw new UncheckedIOException(e);
        }
    }
}
