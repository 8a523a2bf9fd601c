package io.github.tlsresumption.it;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

import io.github.tlsresumption.bench.Report;
import io.github.tlsresumption.bench.Report.Spread;
import io.github.tlsresumption.bench.Report.Table;
import io.github.tlsresumption.it.KeyMaterial.Algorithm;
import io.github.tlsresumption.it.ServerCpu.Machine;
import io.github.tlsresumption.it.ServerVariant.Running;

/**
 * The processor time of whole servers for a connection: a handshake, one GET and its answer. All servers run at once and have their
 * turns in rounds, so that what disturbs the machine meets all of them.
 */
public final class ServerBenchmark
{
    private static final double MAX_STEAL = 0.04;
    private static final double QUIET_SHARE = 0.02;
    private static final int ATTEMPTS = 4;
    private static final int WARM_UP_TURNS = 3;
    private static final double NANOS_PER_MICRO = 1_000;

    private final Report report;
    private final Pace pace;
    private final List<Server> servers = new ArrayList<>();
    private int taken;
    private int stolen;
    private int ended;
    private boolean quiet = true;

    /**
     * How long to take.
     *
     * @param full handshakes in a sample
     * @param resumed handshakes in a sample
     * @param starts how often to start all servers anew: a JVM's compilers do not come to the same code each time
     * @param warmUp the longest to wait for one server's compilers
     * @param measuring for how long to measure after each start
     */
    private record Pace(int full, int resumed, int starts, Duration warmUp, Duration measuring)
    {
        private static final Pace THOROUGH = new Pace(80, 120, 3, Duration.ofSeconds(240), Duration.ofSeconds(90));
        private static final Pace QUICK = new Pace(10, 10, 2, Duration.ofSeconds(2), Duration.ofSeconds(1));
    }

    /**
     * What is asked of every server.
     */
    private record Task(String protocol, Algorithm key, boolean resumed)
    {
        private String title()
        {
            return (protocol.equals(ModuleBase.TLS13) ? "TLS 1.3" : "TLS 1.2") + ", " + (key == Algorithm.EC ? "P-256" : "RSA-2048")
                + (resumed ? ", resumed" : ", full");
        }
    }

    private static final class Server
    {
        private final ServerVariant variant;
        private final Map<String, LoadGenerator> clients = new LinkedHashMap<>();
        /** Of each start those of its rounds, NaN where there is none. */
        private final Map<Task, List<List<Double>>> samples = new LinkedHashMap<>();
        private final Map<Task, Integer> tickets = new LinkedHashMap<>();
        private Running running;

        private Server(ServerVariant variant)
        {
            this.variant = variant;
        }

        private void start()
        {
            System.out.println("starting " + variant.name());
            running = variant.starter().apply(List.of());
            tasks().forEach(task -> samples.computeIfAbsent(task, key -> new ArrayList<>()).add(new ArrayList<>()));
        }

        private void sampled(Task task, double micros)
        {
            List<List<Double>> starts = samples.get(task);
            starts.get(starts.size() - 1).add(micros);
        }

        private LoadGenerator clients(Path program, Task task)
        {
            return clients.computeIfAbsent(task.protocol() + task.key(),
                key -> new LoadGenerator(program, running.ports().get(task.key()), task.protocol(), variant.pick()));
        }

        private void stop()
        {
            clients.values().forEach(LoadGenerator::close);
            clients.clear();
            try
            {
                if (running != null)
                {
                    running.stop().run();
                }
            }
            catch (RuntimeException e)
            {
                // The others are to be stopped too.
                System.err.println("could not stop " + variant.name() + ": " + e);
            }
            running = null;
        }
    }

    private ServerBenchmark(Report report)
    {
        this.report = report;
        this.pace = report.options().quick() ? Pace.QUICK : Pace.THOROUGH;
    }

    /**
     * @param report where to tell the results
     * @throws IOException when they cannot be written
     */
    public static void run(Report report) throws IOException
    {
        new ServerBenchmark(report).run();
    }

    private void run() throws IOException
    {
        Path program = LoadGenerator.build(JettyHome.scratch().resolve("bench"));
        ServerVariant.all().forEach(variant -> servers.add(new Server(variant)));
        int rounds = 0;
        for (int start = 0; start < pace.starts(); start++)
        {
            try
            {
                servers.forEach(Server::start);
                quiet &= servers.parallelStream().map(server -> warmUp(program, server)).reduce(true, Boolean::logicalAnd);
                rounds = measure(program, rounds);
            }
            finally
            {
                servers.forEach(Server::stop);
            }
        }
        write(rounds);
    }

    /**
     * @param before rounds until now
     * @return rounds in all
     */
    private int measure(Path program, int before)
    {
        long start = System.nanoTime();
        int round = before;
        do
        {
            System.out.println("round " + ++round);
            for (Task task : tasks())
            {
                List<Server> order = new ArrayList<>(servers);
                Collections.rotate(order, round);
                if (round / servers.size() % 2 == 1)
                {
                    Collections.reverse(order);
                }
                order.forEach(server -> sample(program, server, task));
            }
        }
        while (System.nanoTime() - start < pace.measuring().toNanos());
        return round;
    }

    private static List<Task> tasks()
    {
        List<Task> tasks = new ArrayList<>();
        for (String protocol : List.of(ModuleBase.TLS13, ModuleBase.TLS12))
        {
            for (Algorithm key : List.of(Algorithm.EC, Algorithm.RSA))
            {
                tasks.add(new Task(protocol, key, false));
                tasks.add(new Task(protocol, key, true));
            }
        }
        return tasks;
    }

    private int count(Task task)
    {
        return task.resumed() ? pace.resumed() : pace.full();
    }

    /**
     * Until the compilers do next to nothing during a turn of all tasks.
     *
     * @return whether they came to that
     */
    private boolean warmUp(Path program, Server server)
    {
        long start = System.nanoTime();
        double share;
        do
        {
            ServerCpu.Snapshot before = ServerCpu.of(server.running.pid());
            tasks().forEach(task -> server.clients(program, task).connect(task.resumed(), WARM_UP_TURNS * count(task)));
            ServerCpu used = ServerCpu.of(server.running.pid()).since(before);
            share = (double)used.compilers() / Math.max(1, used.others());
            System.out.printf(Locale.ROOT, "warming up %s: compilers %.1f %%%n", server.variant.name(), share * 100);
        }
        while (server.running.jvm() && share > QUIET_SHARE && System.nanoTime() - start < pace.warmUp().toNanos());
        return !server.running.jvm() || share <= QUIET_SHARE;
    }

    private void sample(Path program, Server server, Task task)
    {
        LoadGenerator clients = server.clients(program, task);
        for (int attempt = 0; attempt < ATTEMPTS; attempt++)
        {
            // The first connection of a kind, and what the one before left to do, are not counted.
            clients.connect(task.resumed(), 2);
            Machine machine = Machine.now();
            ServerCpu.Snapshot before = ServerCpu.of(server.running.pid());
            clients.connect(task.resumed(), count(task));
            ServerCpu used = ServerCpu.of(server.running.pid()).since(before);
            boolean isStolen = Machine.now().stolenSince(machine, MAX_STEAL);
            taken++;
            server.tickets.put(task, clients.ticketBytes());
            if (isStolen)
            {
                stolen++;
            }
            else if (used.gone())
            {
                ended++;
            }
            else
            {
                server.sampled(task, used.others() / NANOS_PER_MICRO / count(task));
                return;
            }
        }
        // Rounds stay in step: without a figure of one server its rivals' are of no use.
        server.sampled(task, Double.NaN);
    }

    private void write(int rounds) throws IOException
    {
        List<String> columns = new ArrayList<>(List.of("µs per connection"));
        for (Server server : servers)
        {
            columns.add(server.variant.name());
            if (!server.variant.against().isEmpty())
            {
                columns.add("ratio");
            }
        }
        Table table = new Table(columns);
        List<Object> json = new ArrayList<>();
        for (Task task : tasks())
        {
            List<String> row = new ArrayList<>(List.of(task.title()));
            for (Server server : servers)
            {
                Map<String, Object> members = new LinkedHashMap<>();
                members.put("task", task.title());
                members.put("server", server.variant.name());
                members.put("ticketBytes", server.tickets.get(task));
                Spread cost = spread(server.samples.get(task));
                members.put("micros", cost.json());
                members.put("samplesOfStarts", server.samples.get(task).stream().map(start -> start.stream().map(Report::number).toList())
                    .toList());
                row.add(cost.text("%.0f"));
                if (!server.variant.against().isEmpty())
                {
                    Spread ratio = ratio(server, task);
                    members.put("ratio", ratio.json());
                    row.add(ratio.text("%.2f"));
                }
                json.add(members);
            }
            table.row(row);
        }
        Map<String, Object> figures = new LinkedHashMap<>();
        figures.put("starts", pace.starts());
        figures.put("rounds", rounds);
        figures.put("samplesTaken", taken);
        figures.put("thrownAwayForSteal", stolen);
        figures.put("thrownAwayForEndedThreads", ended);
        figures.put("compilersAtRest", quiet);
        figures.put("connections", json);
        String text = table + String.format(Locale.ROOT, "%nAll processor time ÷ all connections of a start: least / **median** / most "
            + "of %d starts of all servers; of ratios the median of the rounds between the ends of its 95 %% interval. There were %d "
            + "interleaved rounds in all, and %d full or %d resumed connections in each sample. Of %d samples %d were thrown away for more "
            + "than 4 %% steal, %d because a thread of the server ended meanwhile. Compilers %s.%n",
            pace.starts(), rounds, pace.full(), pace.resumed(), taken, stolen, ended,
            quiet ? "had come to rest before" : "had not all come to rest when it began; their time is not in the figures");
        report.write("server", figures, text);
    }

    /**
     * Of the rounds in which both have a figure, of all starts.
     */
    private Spread ratio(Server server, Task task)
    {
        String rival = server.variant.against();
        List<List<Double>> rivals = servers.stream().filter(other -> other.variant.name().equals(rival)).findFirst().orElseThrow()
            .samples.get(task);
        List<List<Double>> own = server.samples.get(task);
        List<Double> ratios = new ArrayList<>();
        for (int start = 0; start < own.size(); start++)
        {
            for (int round = 0; round < own.get(start).size(); round++)
            {
                ratios.add(own.get(start).get(round) / rivals.get(start).get(round));
            }
        }
        return Spread.confidence(ratios.stream().mapToDouble(Double::doubleValue).filter(ratio -> !Double.isNaN(ratio)).toArray());
    }

    private static Spread spread(List<List<Double>> starts)
    {
        return Spread.of(starts.stream().mapToDouble(rounds ->
            rounds.stream().filter(value -> !value.isNaN()).mapToDouble(Double::doubleValue).average().orElse(Double.NaN)).toArray());
    }
}
