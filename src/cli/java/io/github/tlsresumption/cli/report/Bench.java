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
    /** In the order of the report. */
    static final List<String> PROTOCOLS = List.of("TLSv1.3", "TLSv1.2");
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
     * @param sessions how many to make for the memory, at least one for each batch; 0 leaves the memory out
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
        Optional<Measurement> find(Way way, String protocol)
        {
            return measurements.stream().filter(candidate -> candidate.way() == way && candidate.protocol().equals(protocol)).findFirst();
        }

        Optional<MemoryUse> memory(Way way)
        {
            return memory.stream().filter(candidate -> candidate.way() == way).findFirst();
        }
    }

    private static final class Cell
    {
        private final Way way;
        private final String protocol;
        private final ServerUnderTest server;
        private final List<ServerUnderTest.Handshake> samples = new ArrayList<>();
        private final List<Long> rounds = new ArrayList<>();

        private Cell(Way way, String protocol, ServerUnderTest server)
        {
            this.way = way;
            this.protocol = protocol;
            this.server = server;
        }

        private Measurement result()
        {
            return new Measurement(way, protocol, (int)samples.stream().filter(ServerUnderTest.Handshake::resumed).count(),
                Measurement.sorted(samples.stream().mapToLong(ServerUnderTest.Handshake::nanos).toArray()),
                Measurement.sorted(rounds.stream().mapToLong(Long::longValue).toArray()),
                middle(samples.stream().mapToLong(ServerUnderTest.Handshake::toServer).toArray()),
                middle(samples.stream().mapToLong(ServerUnderTest.Handshake::toClient).toArray()));
        }

        private void add(List<ServerUnderTest.Handshake> round)
        {
            samples.addAll(round);
            rounds.add(middle(round.stream().mapToLong(ServerUnderTest.Handshake::nanos).toArray()));
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
        // A JVM that interprets only has none. Its times are not those of a server.
        if (compilers == null || !compilers.isCompilationTimeMonitoringSupported())
        {
            return false;
        }
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
            List<ServerUnderTest.Handshake> round = new ArrayList<>();
            for (int i = 0; i < pace.batch(); i++)
            {
                round.add(cell.server.handshake(cell.protocol));
            }
            if (counts)
            {
                cell.add(round);
            }
        }
    }

    private List<MemoryUse> memory() throws Exception
    {
        List<MemoryUse> all = new ArrayList<>();
        if (pace.sessions() == 0)
        {
            return all;
        }
        for (Way way : List.of(Way.STOCK_TICKET, Way.TICKET, Way.STOCK_CACHE, Way.CACHE))
        {
            progress.accept("memory of " + pace.sessions() + " sessions, " + way);
            try (ServerUnderTest server = new ServerUnderTest(way, keyStore, password, host))
            {
                // What is made once, with the first handshakes, is not a session's.
                sessions(server, pace.sessions() / 10);
                int batch = pace.sessions() / MemoryUse.BATCHES;
                long[] growths = new long[MemoryUse.BATCHES];
                long before = liveHeap();
                for (int i = 0; i < growths.length; i++)
                {
                    sessions(server, batch);
                    long after = liveHeap();
                    growths[i] = after - before;
                    before = after;
                }
                all.add(new MemoryUse(way, batch * growths.length, growths));
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
