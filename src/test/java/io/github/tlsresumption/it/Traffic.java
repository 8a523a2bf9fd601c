package io.github.tlsresumption.it;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * OpenSSL clients that connect again and again, each by its own thread and with the sessions of its last connections, until they are told
 * to stop.
 */
final class Traffic implements AutoCloseable
{
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private final Queue<Connection> connections = new ConcurrentLinkedQueue<>();
    private final List<Thread> threads = new ArrayList<>();
    private final List<String> names = new ArrayList<>();
    private volatile boolean ended;

    /**
     * What came of one connection.
     *
     * @param client whose
     * @param begun when, as {@link System#nanoTime} has it
     * @param millis how long it took, with OpenSSL's start and the request
     * @param resumed whether it resumed a session
     * @param trouble what OpenSSL wrote when there was no good answer; else empty
     */
    record Connection(String client, long begun, long millis, boolean resumed, String trouble)
    {
        boolean failed()
        {
            return !trouble.isEmpty();
        }
    }

    /**
     * @param name of the client
     * @param clients of OpenSSL, which take turns
     */
    void add(String name, List<OpenSsl> clients)
    {
        names.add(name);
        Thread thread = new Thread(() -> drive(name, clients), "traffic " + name);
        thread.setDaemon(true);
        threads.add(thread);
        thread.start();
    }

    private void drive(String name, List<OpenSsl> clients)
    {
        for (int i = 0; !ended; i++)
        {
            long begun = System.nanoTime();
            OpenSsl.Result result = clients.get(i % clients.size()).connect();
            boolean good = result.connected() && result.reply().status() == 200;
            long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun);
            connections.add(new Connection(name, begun, millis, good && result.reused(), good ? "" : result.output() + "."));
        }
    }

    /**
     * @param since a time
     * @param which clients
     * @return their connections that began at that time or later
     */
    List<Connection> since(long since, Predicate<String> which)
    {
        return all().filter(connection -> connection.begun() - since >= 0 && which.test(connection.client())).toList();
    }

    /**
     * @param client a client
     * @param since a time
     * @param last how many
     * @return whether that many connections in a row, the last ones since then, resumed a session
     */
    boolean lastResumed(String client, long since, int last)
    {
        List<Connection> made = since(since, client::equals);
        return made.size() >= last && made.subList(made.size() - last, made.size()).stream().allMatch(Connection::resumed);
    }

    List<String> names()
    {
        return names;
    }

    Stream<Connection> all()
    {
        return connections.stream();
    }

    /**
     * Waits until each client has made some connections that began from now on.
     *
     * @param each how many
     */
    void await(int each)
    {
        long now = System.nanoTime();
        Await.until(LIMIT, () -> names.stream().allMatch(name -> since(now, name::equals).size() >= each), () -> connections.toString());
    }

    @Override
    public void close()
    {
        ended = true;
        try
        {
            for (Thread thread : threads)
            {
                thread.join(LIMIT.toMillis());
            }
        }
        catch (InterruptedException e)
        {
            Thread.currentThread().interrupt();
        }
    }
}
