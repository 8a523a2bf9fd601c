package io.github.tlsresumption.it;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * Clients that resume without a pause, so that they always hold a fresh ticket, until they find themselves in a full handshake. Each
 * is a call that connects, and says whether its session was resumed.
 */
final class SessionDuration
{
    private record Client(String name, Callable<Boolean> connect, Duration duration)
    {
    }

    private final List<Client> clients = new ArrayList<>();

    /**
     * @param name tells the client in failures
     * @param connect connects
     * @param duration for how long its session is to be resumed
     */
    void add(String name, Callable<Boolean> connect, Duration duration)
    {
        clients.add(new Client(name, connect, duration));
    }

    /**
     * Drives all clients side by side, and fails when a session was resumed for longer than it should, or not for as long.
     */
    void assertAllEndInTime()
    {
        Map<String, Throwable> faults = new LinkedHashMap<>();
        List<Thread> threads = new ArrayList<>();
        for (Client client : clients)
        {
            threads.add(new Thread(() ->
            {
                try
                {
                    resumeUntilFull(client.connect(), client.duration());
                }
                catch (Exception | AssertionError e)
                {
                    synchronized (faults)
                    {
                        faults.put(client.name(), e);
                    }
                }
            }, client.name()));
        }
        threads.forEach(Thread::start);
        threads.forEach(SessionDuration::join);
        assertAll(faults.entrySet().stream().map(fault -> () ->
        {
            throw new AssertionError(fault.getKey(), fault.getValue());
        }));
    }

    private static void resumeUntilFull(Callable<Boolean> client, Duration duration) throws Exception
    {
        // What the server calls the session's begin lies between these two.
        long before = System.nanoTime();
        assertFalse(client.call());
        long after = System.nanoTime();
        int resumptions = 0;
        while (true)
        {
            long begin = System.nanoTime();
            if (!client.call())
            {
                break;
            }
            assertTrue(begin - after <= duration.toNanos(), "resumed " + Duration.ofNanos(begin - after) + " after the full handshake");
            resumptions++;
        }
        Duration full = Duration.ofNanos(System.nanoTime() - before);
        // TLS and SunJSSE count whole seconds, so a session may end a second early.
        assertTrue(full.compareTo(duration.minusSeconds(1)) >= 0, "full again after " + full);
        assertTrue(resumptions >= 3, "resumed only " + resumptions + " times");
        assertTrue(client.call(), "the new session cannot be resumed");
    }

    private static void join(Thread thread)
    {
        try
        {
            thread.join(Duration.ofSeconds(60).toMillis());
        }
        catch (InterruptedException e)
        {
            Thread.currentThread().interrupt();
        }
        assertFalse(thread.isAlive(), thread::getName);
    }
}
