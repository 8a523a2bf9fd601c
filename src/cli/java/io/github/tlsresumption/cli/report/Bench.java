package io.github.tlsresumption.cli.report;

import java.lang.management.CompilationMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/**
 * Measures handshakes: rounds in which every way has its turn, so that what disturbs the machine meets all of them.
 */
public final class Bench
{
    private static final List<String> PROTOCOLS = List.of("TLSv1.3", "TLSv1.2");
    /** A round in which compilers were busy for a smaller share of the time counts as quiet. */
    private static final double QUIET_SHARE = 0.05;
    private static final int QUIET_ROUNDS = 3;

    private final Path keyStore;
    private final String password;
    private final Optional<String> host;
    private final Pace pace;
    private final Consumer<String> progress;

    /**
     * How long to take.
     *
     * @param batch handshakes of one way in a round
     * @param warmUp the longest time to wait for the compilers
     * @param measuring for how long to measure
     * @param sessions how many to make for the memory
     */
    public record Pace(int batch, Duration warmUp, Duration measuring, int sessions)
    {
        /** A few minutes. */
        public static final Pace THOROUGH = new Pace(20, Duration.ofSeconds(60), Duration.ofSeconds(120), 5_000);
        /** Some seconds. */
        public static final Pace QUICK = new Pace(5, Duration.ofSeconds(3), Duration.ofSeconds(4), 150);
    }

    /**
     * What was measured.
     *
     * @param measurements of handshakes
     * @param memory of sessions
     * @param quiet whether the compilers had come to rest before
     */
    public record Results(List<Measurement> measurements, List<MemoryUse> memory, boolean quiet)
    {
    }

    private static final class Cell
    {
        private final Way way;
        private final String protocol;
        private final ServerUnderTest server;
        private final List<ServerUnderTest.Handshake> samples = new ArrayList<>();

        private Cell(Way way, String protocol, ServerUnderTest server)
        {
            this.way = way;
            this.protocol = protocol;
            this.server = server;
        }

        private Measurement result()
        {
            boolean resumes = samples.stream().allMatch(sample -> sample.resumed() != way.isFull());
            return new Measurement(way, protocol, !way.isFull() && resumes,
                Measurement.sorted(samples.stream().mapToLong(ServerUnderTest.Handshake::nanos).toArray()),
                middle(samples.stream().mapToLong(ServerUnderTest.Handshake::toServer).toArray()),
                middle(samples.stream().mapToLong(ServerUnderTest.Handshake::toClient).toArray()));
        }

        private static long middle(long[] values)
        {
            Arrays.sort(values);
            return values[values.length / 2];
        }
    }

    /**
     * @param keyStore the operator's
     * @param password its password
     * @param host the name that clients use
     * @param pace how long to take
     * @param progress is told what is being done
     */
    public Bench(Path keyStore, String password, Optional<String> host, Pace pace, Consumer<String> progress)
    {
        this.keyStore = keyStore;
        this.password = password;
        this.host = host;
        this.pace = pace;
        this.progress = progress;
    }

    /**
     * @return the results
     * @throws Exception when a server does not start, or a handshake fails
     */
    public Results run() throws Exception
    {
        List<ServerUnderTest> servers = new ArrayList<>();
        List<Cell> cells = new ArrayList<>();
        try
        {
            for (Way way : Way.values())
            {
                ServerUnderTest server = new ServerUnderTest(way, keyStore, password, host);
                servers.add(server);
                PROTOCOLS.stream().filter(way::isFor).forEach(protocol -> cells.add(new Cell(way, protocol, server)));
            }
            boolean quiet = warmUp(cells);
            measure(cells);
            List<Measurement> measurements = cells.stream().map(Cell::result).toList();
            return new Results(measurements, memory(), quiet);
        }
        finally
        {
            servers.forEach(ServerUnderTest::close);
        }
    }

    private boolean warmUp(List<Cell> cells) throws Exception
    {
        CompilationMXBean compilers = ManagementFactory.getCompilationMXBean();
        long start = System.nanoTime();
        int quiet = 0;
        int rounds = 0;
        while (quiet < QUIET_ROUNDS && System.nanoTime() - start < pace.warmUp().toNanos())
        {
            progress.accept("warming up, round " + ++rounds);
            long compiled = compilers.getTotalCompilationTime();
            long began = System.nanoTime();
            round(cells, false);
            double share = (compilers.getTotalCompilationTime() - compiled) * 1e6 / (System.nanoTime() - began);
            quiet = share < QUIET_SHARE ? quiet + 1 : 0;
        }
        return quiet >= QUIET_ROUNDS;
    }

    private void measure(List<Cell> cells) throws Exception
    {
        long start = System.nanoTime();
        int rounds = 0;
        do
        {
            progress.accept("measuring, round " + ++rounds);
            round(cells, true);
        }
        while (System.nanoTime() - start < pace.measuring().toNanos());
    }

    private void round(List<Cell> cells, boolean counts) throws Exception
    {
        for (Cell cell : cells)
        {
            if (!cell.way.isFull())
            {
                cell.server.newClient();
                cell.server.handshake(cell.protocol);
                // The time of creation, by which a resumption is known, has milliseconds.
                LockSupport.parkNanos(Duration.ofMillis(2).toNanos());
            }
            for (int i = 0; i < pace.batch(); i++)
            {
                ServerUnderTest.Handshake sample = cell.server.handshake(cell.protocol);
                if (counts)
                {
                    cell.samples.add(sample);
                }
            }
        }
    }

    private List<MemoryUse> memory() throws Exception
    {
        List<MemoryUse> all = new ArrayList<>();
        for (Way way : List.of(Way.STOCK_TICKET, Way.TICKET, Way.STOCK_CACHE, Way.CACHE))
        {
            progress.accept("memory of " + pace.sessions() + " sessions, " + way);
            try (ServerUnderTest server = new ServerUnderTest(way, keyStore, password, host))
            {
                // What is made once, with the first handshakes, is not a session's.
                sessions(server, pace.sessions() / 10);
                long before = liveHeap();
                sessions(server, pace.sessions());
                all.add(new MemoryUse(way, pace.sessions(), liveHeap() - before));
            }
        }
        return all;
    }

    private static void sessions(ServerUnderTest server, int count) throws Exception
    {
        for (int i = 0; i < count; i++)
        {
            server.full("TLSv1.3");
        }
        // SunJSSE's client remembers each session by its id.
        server.newClient();
    }

    private static long liveHeap()
    {
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 4; i++)
        {
            System.gc();
            least = Math.min(least, ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed());
        }
        return least;
    }
}
