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

/**
 * The processor time of whole servers for a connection: a handshake, one GET and its answer. All servers run at once and have their
 * turns in rounds, so that what disturbs the machine meets all of them.
 */
public final class ServerBenchmark
{
    private final Report report;
    private final Pace pace;
    private final List<ConnectionTask> tasks = ConnectionTask.all();
    private final List<MeasuredServer> servers = new ArrayList<>();
    /** By server and task, of each start those of its rounds, NaN where there is none. */
    private final Map<MeasuredServer, Map<ConnectionTask, List<List<Double>>>> samples = new LinkedHashMap<>();
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
        ServerVariant.all().forEach(variant -> servers.add(new MeasuredServer(variant, program)));
        servers.forEach(server -> samples.put(server, new LinkedHashMap<>()));
        int rounds = 0;
        for (int start = 0; start < pace.starts(); start++)
        {
            try
            {
                servers.forEach(this::start);
                quiet &= servers.parallelStream().map(server -> server.warmUp(tasks, this::count, pace.warmUp()))
                    .reduce(true, Boolean::logicalAnd);
                rounds = measure(rounds);
            }
            finally
            {
                servers.forEach(MeasuredServer::stop);
            }
        }
        write(rounds);
    }

    private void start(MeasuredServer server)
    {
        server.start();
        tasks.forEach(task -> samples.get(server).computeIfAbsent(task, key -> new ArrayList<>()).add(new ArrayList<>()));
    }

    /**
     * @param before rounds until now
     * @return rounds in all
     */
    private int measure(int before)
    {
        long start = System.nanoTime();
        int round = before;
        do
        {
            System.out.println("round " + ++round);
            for (ConnectionTask task : tasks)
            {
                List<MeasuredServer> order = new ArrayList<>(servers);
                Collections.rotate(order, round);
                if (round / servers.size() % 2 == 1)
                {
                    Collections.reverse(order);
                }
                order.forEach(server -> sample(server, task));
            }
        }
        while (System.nanoTime() - start < pace.measuring().toNanos());
        return round;
    }

    private int count(ConnectionTask task)
    {
        return task.resumed() ? pace.resumed() : pace.full();
    }

    /** Rounds stay in step: without a figure of one server its rivals' are of no use. */
    private void sample(MeasuredServer server, ConnectionTask task)
    {
        List<List<Double>> starts = samples.get(server).get(task);
        starts.get(starts.size() - 1).add(server.micros(task, count(task)));
    }

    private void write(int rounds) throws IOException
    {
        List<String> columns = new ArrayList<>(List.of("µs per connection"));
        for (MeasuredServer server : servers)
        {
            columns.add(server.variant().name());
            if (!server.variant().against().isEmpty())
            {
                columns.add("ratio");
            }
        }
        Table table = new Table(columns);
        List<Object> json = new ArrayList<>();
        for (ConnectionTask task : tasks)
        {
            List<String> row = new ArrayList<>(List.of(task.title()));
            for (MeasuredServer server : servers)
            {
                Map<String, Object> members = new LinkedHashMap<>();
                members.put("task", task.title());
                members.put("server", server.variant().name());
                members.put("ticketBytes", server.ticketBytes(task));
                Spread cost = spread(samples.get(server).get(task));
                members.put("micros", cost.json());
                members.put("samplesOfStarts", samples.get(server).get(task).stream()
                    .map(start -> start.stream().map(Report::number).toList()).toList());
                row.add(cost.text("%.0f"));
                if (!server.variant().against().isEmpty())
                {
                    Spread ratio = ratio(server, task);
                    members.put("ratio", ratio.json());
                    row.add(ratio.text("%.2f"));
                }
                json.add(members);
            }
            table.row(row);
        }
        int taken = servers.stream().mapToInt(MeasuredServer::taken).sum();
        int stolen = servers.stream().mapToInt(MeasuredServer::stolen).sum();
        int ended = servers.stream().mapToInt(MeasuredServer::ended).sum();
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
    private Spread ratio(MeasuredServer server, ConnectionTask task)
    {
        String rival = server.variant().against();
        List<List<Double>> rivals = servers.stream().filter(other -> other.variant().name().equals(rival)).findFirst().map(samples::get)
            .orElseThrow().get(task);
        List<List<Double>> own = samples.get(server).get(task);
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
