package io.github.tlsresumption.it;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Clients of OpenSSL that have a session and come back again and again with it, in the background, until they are told to stop.
 */
final class Returning implements AutoCloseable
{
    private static final long PAUSE_MILLIS = 100;
    private static final int THREADS = 2;
    private static final int TOLD = 5;

    private final ScheduledExecutorService threads = Executors.newScheduledThreadPool(THREADS);
    private final AtomicInteger made = new AtomicInteger();
    private final AtomicInteger resumed = new AtomicInteger();
    private final AtomicInteger failed = new AtomicInteger();
    private final Queue<String> trouble = new ConcurrentLinkedQueue<>();
    private final Set<String> keys = ConcurrentHashMap.newKeySet();
    private final long start = System.nanoTime();

    private Returning()
    {
    }

    /**
     * @param clients who have a session
     * @return what they do
     */
    static Returning start(List<OpenSsl> clients)
    {
        Returning returning = new Returning();
        for (int i = 0; i < clients.size(); i++)
        {
            OpenSsl client = clients.get(i);
            String name = "client " + i;
            returning.threads.scheduleWithFixedDelay(() -> returning.once(client, name), i, PAUSE_MILLIS, TimeUnit.MILLISECONDS);
        }
        return returning;
    }

    /**
     * @param clients who have a session
     * @param times how often each comes back
     * @return what came of it
     */
    static Load.Result times(List<OpenSsl> clients, int times)
    {
        try (Returning returning = new Returning())
        {
            List<Runnable> all = new ArrayList<>();
            for (int i = 0; i < clients.size(); i++)
            {
                OpenSsl client = clients.get(i);
                String name = "client " + i;
                all.add(() ->
                {
                    for (int time = 0; time < times; time++)
                    {
                        returning.once(client, name);
                    }
                });
            }
            all.forEach(returning.threads::execute);
            return returning.stop();
        }
    }

    private void once(OpenSsl client, String name)
    {
        made.incrementAndGet();
        try
        {
            OpenSsl.Result result = client.connect();
            if (result.exit() != 0 || !result.connected() || result.reply().status() == 0 || result.reply().status() >= 500)
            {
                failed.incrementAndGet();
                tell(name + " failed: " + result.output());
            }
            else if (result.reused())
            {
                resumed.incrementAndGet();
            }
            else
            {
                tell(name + " was not resumed");
            }
            if (result.ticketLength() > 0)
            {
                keys.add(RotationIT.key(result));
            }
        }
        catch (AssertionError | RuntimeException e)
        {
            failed.incrementAndGet();
            tell(name + ": " + e);
        }
    }

    private void tell(String what)
    {
        if (trouble.size() < TOLD)
        {
            trouble.add(what + " at " + Duration.ofNanos(System.nanoTime() - start).toMillis() + " ms");
        }
    }

    /**
     * @return the ids of the ticket keys that the servers have sealed with, in any order
     */
    Set<String> keys()
    {
        return Set.copyOf(keys);
    }

    int connections()
    {
        return made.get();
    }

    /**
     * @return what came of it, when all are done
     */
    Load.Result stop()
    {
        threads.shutdown();
        try
        {
            if (!threads.awaitTermination(120, TimeUnit.SECONDS))
            {
                throw new AssertionError("clients do not end");
            }
        }
        catch (InterruptedException e)
        {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
        return new Load.Result(made.get(), resumed.get(), failed.get(), List.copyOf(trouble));
    }

    @Override
    public void close()
    {
        threads.shutdownNow();
    }
}
