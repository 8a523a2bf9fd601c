package io.github.tlsresumption.it;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

import io.github.tlsresumption.bench.Report;
import io.github.tlsresumption.bench.Report.Spread;
import io.github.tlsresumption.bench.Report.Table;

/**
 * Two servers alone in turns, until the ratio of their processor time is known well enough, or the time is over: then the figure is
 * inconclusive, and says so. Each pair is started anew several times, since a JVM's compilers do not come to the same code each time: the
 * interval is that of starts, so that a long look at one start does not pass for more than it is.
 */
public final class PairBenchmark
{
    private static final int FEWEST_STARTS = 3;
    private static final String MICROS = "%.0f";

    private final Report report;
    private final Pace pace;
    private final List<ConnectionTask> tasks = ConnectionTask.all();

    /**
     * How long to take.
     *
     * @param full handshakes in a sample
     * @param resumed handshakes in a sample
     * @param warmUp the longest to wait for one server's compilers
     * @param measuring for how long to measure after each start
     * @param whole after how long no start is made any more for a pair
     * @param wanted half of the interval at which a ratio is conclusive, by the ratio
     */
    private record Pace(int full, int resumed, Duration warmUp, Duration measuring, Duration whole, double wanted)
    {
        private static final Pace THOROUGH =
            new Pace(80, 120, Duration.ofSeconds(120), Duration.ofSeconds(60), Duration.ofMinutes(30), 0.02);
        private static final Pace QUICK =
            new Pace(40, 60, Duration.ofSeconds(20), Duration.ofSeconds(10), Duration.ofMinutes(2), 0.02);
    }

    /**
     * What was found of one kind of connection, by starts.
     */
    private record Found(List<Double> own, List<Double> rival, List<Double> ratios)
    {
        private Found()
        {
            this(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
        }

        /**
         * @param ownMicros of one start, by rounds
         * @param rivalMicros likewise; a round in which either is not a number does not count
         */
        private void add(List<Double> ownMicros, List<Double> rivalMicros)
        {
            List<Double> ofRounds = new ArrayList<>();
            for (int round = 0; round < ownMicros.size(); round++)
            {
                ofRounds.add(ownMicros.get(round) / rivalMicros.get(round));
            }
            own.add(median(ownMicros));
            rival.add(median(rivalMicros));
            ratios.add(median(ofRounds));
        }

        private static double median(List<Double> values)
        {
            double[] numbers = values.stream().mapToDouble(Double::doubleValue).filter(Double::isFinite).toArray();
            return numbers.length == 0 ? Double.NaN : Spread.of(numbers).median();
        }

        private Spread ratio()
        {
            return Spread.ofMean(numbers(ratios));
        }

        private static double[] numbers(List<Double> values)
        {
            return values.stream().mapToDouble(Double::doubleValue).filter(Double::isFinite).toArray();
        }

        private boolean isConclusive(double wanted)
        {
            Spread ratio = ratio();
            return numbers(ratios).length >= FEWEST_STARTS && (ratio.max() - ratio.min()) / 2 <= wanted * ratio.median();
        }
    }

    private PairBenchmark(Report report)
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
        new PairBenchmark(report).run();
    }

    private void run() throws IOException
    {
        Path program = LoadGenerator.build(JettyHome.scratch().resolve("bench"));
        Table table = new Table(List.of("µs per connection", "server", "itself", "the other", "ratio", "starts", ""));
        List<Object> json = new ArrayList<>();
        for (ServerVariant variant : ServerVariant.all())
        {
            String against = System.getProperty("bench.against", variant.against());
            if (!against.isEmpty() && !against.equals(variant.name()))
            {
                ServerVariant rival = ServerVariant.named(against);
                Map<ConnectionTask, Found> found = compare(new MeasuredServer(variant, program), new MeasuredServer(rival, program));
                found.forEach((task, figures) -> tell(variant, rival, task, figures, table, json));
            }
        }
        String text = table + String.format(Locale.ROOT, "%nTwo servers alone in turns, started anew until half of the ratio's 95 %% "
            + "interval, by Student's t of the starts' medians, is at most %.0f %% of it, but at least %d times, and for %d minutes at "
            + "most; %d full or %d resumed connections in each sample. Times: least / **median** / most of the starts; ratio: mean between "
            + "the ends of its interval.%n", pace.wanted() * 100, FEWEST_STARTS, pace.whole().toMinutes(), pace.full(), pace.resumed());
        report.write("pair", Map.of("pairs", json), text);
    }

    private int count(ConnectionTask task)
    {
        return task.resumed() ? pace.resumed() : pace.full();
    }

    private Map<ConnectionTask, Found> compare(MeasuredServer own, MeasuredServer rival)
    {
        Map<ConnectionTask, Found> found = new LinkedHashMap<>();
        tasks.forEach(task -> found.put(task, new Found()));
        long begun = System.nanoTime();
        do
        {
            try
            {
                own.start();
                rival.start();
                List.of(own, rival).parallelStream().forEach(server -> server.warmUp(tasks, this::count, pace.warmUp()));
                measure(own, rival, found);
            }
            finally
            {
                own.stop();
                rival.stop();
            }
            found.forEach((task, figures) -> System.out.println(task.title() + ": " + figures.ratio().text("%.3f")));
        }
        while (System.nanoTime() - begun < pace.whole().toNanos()
            && !found.values().stream().allMatch(figures -> figures.isConclusive(pace.wanted())));
        return found;
    }

    /**
     * Turn by turn the other begins.
     */
    private void measure(MeasuredServer own, MeasuredServer rival, Map<ConnectionTask, Found> found)
    {
        Map<ConnectionTask, List<Double>> ownMicros = new LinkedHashMap<>();
        Map<ConnectionTask, List<Double>> rivalMicros = new LinkedHashMap<>();
        tasks.forEach(task ->
        {
            ownMicros.put(task, new ArrayList<>());
            rivalMicros.put(task, new ArrayList<>());
        });
        long begun = System.nanoTime();
        for (int round = 0; System.nanoTime() - begun < pace.measuring().toNanos(); round++)
        {
            for (ConnectionTask task : tasks)
            {
                boolean first = round % 2 == 0;
                (first ? ownMicros : rivalMicros).get(task).add((first ? own : rival).micros(task, count(task)));
                (first ? rivalMicros : ownMicros).get(task).add((first ? rival : own).micros(task, count(task)));
            }
        }
        found.forEach((task, figures) -> figures.add(ownMicros.get(task), rivalMicros.get(task)));
    }

    private void tell(ServerVariant variant, ServerVariant rival, ConnectionTask task, Found found, Table table, List<Object> json)
    {
        boolean conclusive = found.isConclusive(pace.wanted());
        Spread own = Spread.of(Found.numbers(found.own()));
        Spread other = Spread.of(Found.numbers(found.rival()));
        table.row(List.of(task.title(), variant.name() + " by " + rival.name(), own.text(MICROS), other.text(MICROS),
            found.ratio().text("%.3f"), String.valueOf(found.ratios().size()), conclusive ? "" : "inconclusive"));
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("task", task.title());
        members.put("server", variant.name());
        members.put("against", rival.name());
        members.put("ratio", found.ratio().json());
        members.put("conclusive", conclusive);
        members.put("microsOfStarts", found.own().stream().map(Report::number).toList());
        members.put("othersMicrosOfStarts", found.rival().stream().map(Report::number).toList());
        members.put("ratiosOfStarts", found.ratios().stream().map(Report::number).toList());
        json.add(members);
    }
}
