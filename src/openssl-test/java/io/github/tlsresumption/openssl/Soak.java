package io.github.tlsresumption.openssl;

import java.io.IOException;
import java.lang.ref.PhantomReference;
import java.lang.ref.ReferenceQueue;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManager;

import io.github.tlsresumption.engine.CachedSession;
import io.github.tlsresumption.engine.TicketProtector;
import io.github.tlsresumption.engine.Tickets;
import io.github.tlsresumption.engine.TlsHandshake;
import io.github.tlsresumption.engine.TlsSession;

/**
 * Very many connections of all kinds, in memory: in the end nothing native is left, and the process has not grown. See {@code
 * src/test/soak.sh}.
 */
public final class Soak implements AutoCloseable
{
    static final Certificates.Identity SERVER = Certificates.of(Certificates.Kind.P256);
    /** After how many connections the key store is loaded again. */
    static final int RELOAD = 500;

    private static final Certificates.Identity CLIENT = Certificates.of(Certificates.Kind.CLIENT);
    private static final int WORKERS = 2;
    private static final int PHASES = 10;
    private static final int WARM_UP_PHASES = 3;
    private static final double MAX_GROWTH = 1.05;
    private static final String NOTHING = "contexts=0, connections=0, credentials=0";
    private static final int COLLECTIONS = 100;
    private static final long NANOS = 1_000_000_000;

    private final LiveObjects live = new LiveObjects();
    private final NativeClients clients;
    private final LibSsl lib;
    private final LibraryObjects objects;
    private final ThreadLocal<TestSessions> current = new ThreadLocal<>();
    private final TicketProtector protector = new OfThread();
    private final SessionCache cache = new SessionCache(protector, Clock.systemUTC());
    private final ExecutorService elsewhere = Executors.newFixedThreadPool(WORKERS);
    private final List<SoakWorker> workers = new ArrayList<>();
    private NativeContext context;
    private int loads;

    private Soak(Path library, Path client, long seed)
    {
        NativeTls server = NativeTls.load(new LibraryChoice(library.toString(), ""));
        clients = new NativeClients(client);
        boolean tellsOfAll = server.lib().sealsTickets();
        objects = new LibraryObjects(NativeLibrary.load(library, Optional.empty()), tellsOfAll);
        lib = objects.counted(server.lib());
        context = load();
        Random seeds = new Random(seed);
        for (int i = 0; i < WORKERS; i++)
        {
            workers.add(new SoakWorker(this, seeds.nextLong()));
        }
    }

    /**
     * Each worker has sessions of its own, so that what it makes of them depends on its seed alone.
     */
    private final class OfThread implements TicketProtector
    {
        @Override
        public Tickets begin(TlsHandshake handshake)
        {
            return current.get().begin(handshake);
        }

        @Override
        public boolean isOver(CachedSession cached)
        {
            return current.get().isOver(cached);
        }

        @Override
        public void forget(TlsSession session)
        {
            current.get().forget(session);
        }
    }

    private NativeContext load()
    {
        loads++;
        return new NativeContext(lib, new KeyManager[]{new Certificates.Keys(SERVER)},
            new TrustManager[]{new Certificates.Trust(CLIENT)}, new NativeContext.Sessions(protector, cache, new byte[0]), 1,
            Clock.systemUTC(), live);
    }

    /** The key store is loaded anew, while handshakes of the old load go on. */
    void reload()
    {
        NativeContext old;
        synchronized (this)
        {
            old = context;
            context = load();
        }
        old.close();
    }

    /**
     * @return an engine that has begun
     */
    NativeSslEngine newEngine(Consumer<SSLParameters> change)
    {
        while (true)
        {
            NativeSslEngine engine;
            synchronized (this)
            {
                engine = context.newEngine(null, -1);
            }
            engine.setUseClientMode(false);
            SSLParameters parameters = engine.getSSLParameters();
            change.accept(parameters);
            engine.setSSLParameters(parameters);
            try
            {
                engine.beginHandshake();
                return engine;
            }
            catch (SSLException e)
            {
                // It was closed by a reload in between; a client would come again.
                if (!e.getMessage().contains("the context is closed"))
                {
                    throw new AssertionError(e);
                }
            }
        }
    }

    NativeClients clients()
    {
        return clients;
    }

    /** On another thread, which is waited for. */
    void runElsewhere(Runnable task)
    {
        waitFor(elsewhere.submit(task));
    }

    private static void waitFor(Future<?> work)
    {
        try
        {
            work.get();
        }
        catch (InterruptedException | ExecutionException e)
        {
            throw new AssertionError(e);
        }
    }

    private void run(long count)
    {
        try (ExecutorService threads = Executors.newFixedThreadPool(WORKERS))
        {
            List<Future<?>> running = new ArrayList<>();
            for (SoakWorker worker : workers)
            {
                running.add(threads.submit(() ->
                {
                    current.set(worker.sessions());
                    worker.run(count / WORKERS, worker == workers.get(0));
                    return null;
                }));
            }
            running.forEach(Soak::waitFor);
        }
    }

    @Override
    public void close()
    {
        workers.forEach(SoakWorker::close);
        elsewhere.close();
        context.close();
        clients.close();
    }

    /** What nobody has closed is freed when the collector of garbage has found it. */
    private void waitForTheDropped() throws InterruptedException
    {
        ReferenceQueue<Object> queue = new ReferenceQueue<>();
        for (int i = 0; i < COLLECTIONS && live.connections() > 0; i++)
        {
            PhantomReference<Object> sentinel = new PhantomReference<>(new Object(), queue);
            System.gc();
            queue.remove(1000);
            sentinel.clear();
        }
    }

    private List<String> faults(ProcessMemory warm, ProcessMemory end)
    {
        List<String> faults = new ArrayList<>();
        if (!NOTHING.equals(live.toString()))
        {
            faults.add("the engine has left " + live);
        }
        for (LibraryObjects.Kind kind : LibraryObjects.Kind.values())
        {
            if (objects.live(kind) != 0)
            {
                faults.add("the library has %d %s left".formatted(objects.live(kind), kind));
            }
        }
        long dropped = workers.stream().mapToLong(worker -> worker.ended(SoakKind.DROPPED)).sum();
        if (objects.late(LibraryObjects.Kind.SSL) > dropped)
        {
            faults.add("%d connections were left to the collector of garbage, and %d dropped".formatted(
                objects.late(LibraryObjects.Kind.SSL), dropped));
        }
        if (end.resident() > warm.resident() * MAX_GROWTH)
        {
            faults.add("the process has grown by more than 5 %");
        }
        for (SoakWorker worker : workers)
        {
            if (worker.lost() != 0)
            {
                faults.add("of %d handshakes nobody was told how they ended".formatted(worker.lost()));
            }
        }
        return faults;
    }

    private String table()
    {
        StringBuilder table = new StringBuilder("%-28s%12s".formatted("kind", "connections"));
        for (SoakKind.Outcome outcome : SoakKind.Outcome.values())
        {
            table.append("%12s".formatted(outcome.toString().toLowerCase()));
        }
        int[] sums = new int[SoakKind.Outcome.values().length + 1];
        for (SoakKind kind : SoakKind.values())
        {
            Map<SoakKind.Outcome, Integer> ended = new EnumMap<>(SoakKind.Outcome.class);
            workers.forEach(worker -> worker.outcomes().get(kind).forEach((outcome, count) -> ended.merge(outcome, count, Integer::sum)));
            int all = ended.values().stream().mapToInt(Integer::intValue).sum();
            sums[0] += all;
            table.append("%n%-28s%,12d".formatted(kind.toString().toLowerCase().replace('_', ' '), all));
            for (SoakKind.Outcome outcome : SoakKind.Outcome.values())
            {
                int count = ended.getOrDefault(outcome, 0);
                sums[outcome.ordinal() + 1] += count;
                table.append(count == 0 ? " ".repeat(12) : "%,12d".formatted(count));
            }
        }
        table.append("%n%-28s".formatted("all"));
        for (int sum : sums)
        {
            table.append("%,12d".formatted(sum));
        }
        return table.toString();
    }

    /**
     * @param arguments how many connections, libssl of the server, libssl of OpenSSL for the client, and the seed
     */
    public static void main(String... arguments)
    {
        long seed = arguments.length > 3 ? Long.parseLong(arguments[3]) : new Random().nextLong();
        boolean passed = false;
        try
        {
            passed = soak(Long.parseLong(arguments[0]), Path.of(arguments[1]), Path.of(arguments[2]), seed);
        }
        catch (Exception | AssertionError e)
        {
            e.printStackTrace(System.out);
        }
        System.out.println((passed ? "passed" : "FAILED") + ", seed " + seed);
        System.exit(passed ? 0 : 1);
    }

    private static boolean soak(long count, Path library, Path client, long seed) throws IOException, InterruptedException
    {
        long start = System.nanoTime();
        Soak soak = new Soak(library, client, seed);
        System.out.printf("%,d connections, seed %d, %s%n", count, seed, soak.lib.description());
        ProcessMemory warm = null;
        for (int phase = 1; phase <= PHASES; phase++)
        {
            soak.run(count / PHASES);
            soak.waitForTheDropped();
            ProcessMemory memory = ProcessMemory.now();
            warm = phase == WARM_UP_PHASES ? memory : warm;
            System.out.printf("%3d %%  %4d s  %s; %s%n", 100 * phase / PHASES, (System.nanoTime() - start) / NANOS, memory, soak.live);
        }
        ProcessMemory end = ProcessMemory.now();
        soak.close();
        List<String> faults = soak.faults(warm, end);
        System.out.println(soak.table());
        System.out.printf("the key store was loaded %,d times%n", soak.loads);
        System.out.printf("the engine: %s; the library: %s%n", soak.live, soak.objects);
        System.out.printf("after the warm-up %s; at the end %s, %+.1f %%%n", warm, end, 100.0 * end.resident() / warm.resident() - 100);
        faults.forEach(fault -> System.out.println("FAULT: " + fault));
        return faults.isEmpty();
    }
}
