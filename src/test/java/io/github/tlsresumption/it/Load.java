package io.github.tlsresumption.it;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntPredicate;

/**
 * Many connections by several clients side by side; each client offers, whenever it connects, the session of its last connection.
 */
public final class Load
{
    private static final int TOLD = 20;

    private final IntPredicate enough;
    private final AtomicInteger made = new AtomicInteger();
    private final AtomicInteger resumed = new AtomicInteger();
    private final AtomicInteger failed = new AtomicInteger();
    private final Queue<String> trouble = new ConcurrentLinkedQueue<>();

    /**
     * What came of a load.
     *
     * @param connections how many connections were tried
     * @param resumed how many of them resumed a session
     * @param failed how many of them failed, or got no good answer
     * @param trouble the first failures and lost resumptions, in words
     */
    public record Result(int connections, int resumed, int failed, List<String> trouble)
    {
        /**
         * @return how many handshakes were completed in full
         */
        public int full()
        {
            return connections - resumed - failed;
        }
    }

    private Load(IntPredicate enough)
    {
        this.enough = enough;
    }

    /**
     * Makes connections until there were enough and they went on for long enough.
     *
     * @param clients the clients
     * @param path what each connection asks for
     * @param connections how many connections at least
     * @param duration for how long at least
     * @return what came of it
     */
    public static Result run(List<JsseClient> clients, String path, int connections, Duration duration)
    {
        long start = System.nanoTime();
        return run(clients, path, made -> made >= connections && System.nanoTime() - start >= duration.toNanos());
    }

    /**
     * Makes connections until there were enough.
     *
     * @param clients the clients
     * @param path what each connection asks for
     * @param enough says whether it is enough, from the number of connections that were begun; asked by all clients' threads
     * @return what came of it
     */
    public static Result run(List<JsseClient> clients, String path, IntPredicate enough)
    {
        Load load = new Load(enough);
        long start = System.nanoTime();
        ExecutorService threads = Executors.newFixedThreadPool(clients.size());
        try
        {
            List<Future<?>> all = new ArrayList<>();
            for (int i = 0; i < clients.size(); i++)
            {
                JsseClient client = clients.get(i);
                String name = "client " + i;
                all.add(threads.submit(() -> load.drive(client, name, path, start)));
            }
            for (Future<?> one : all)
            {
                one.get();
            }
        }
        catch (InterruptedException e)
        {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
        catch (ExecutionException e)
        {
            throw new AssertionError(e);
        }
        finally
        {
            threads.shutdownNow();
        }
        return new Result(load.made.get(), load.resumed.get(), load.failed.get(), List.copyOf(load.trouble));
    }

    private void drive(JsseClient client, String name, String path, long start)
    {
        for (int i = 0; !enough.test(made.get()); i++)
        {
            made.incrementAndGet();
            try
            {
                JsseClient.Result result = client.get(path);
                if (result.reply().status() == 0 || result.reply().status() >= 500)
                {
                    failed.incrementAndGet();
                    tell(name + ", connection " + i + ": no good answer", start);
                }
                else if (result.resumed())
                {
                    resumed.incrementAndGet();
                }
                else if (i > 0)
                {
                    tell(name + ", connection " + i + ": not resumed", start);
                }
            }
            catch (IOException | RuntimeException e)
            {
                failed.incrementAndGet();
                tell(name + ", connection " + i + ": " + e, start);
            }
        }
    }

    private void tell(String what, long start)
    {
        if (trouble.size() < TOLD)
        {
            trouble.add(what + " at " + Duration.ofNanos(System.nanoTime() - start).toMillis() + " ms");
        }
    }
}
