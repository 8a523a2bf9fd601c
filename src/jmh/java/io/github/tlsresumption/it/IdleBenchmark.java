package io.github.tlsresumption.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import io.github.tlsresumption.bench.Report;
import io.github.tlsresumption.bench.Report.Spread;
import io.github.tlsresumption.bench.Report.Table;
import io.github.tlsresumption.it.KeyMaterial.Algorithm;
import io.github.tlsresumption.it.ServerVariant.Running;

/**
 * The memory of a connection that is open and has nothing to do: in the heap, and outside it.
 */
public final class IdleBenchmark
{
    private static final int STARTS = 3;
    private static final int WARM_UP = 500;
    private static final int CONNECTIONS = 2_000;
    private static final int QUICK = 50;
    /** A heap that is all there from the beginning does not grow: what grows is outside. */
    private static final List<String> OPTIONS =
        List.of("-Xms256m", "-Xmx256m", "-XX:+AlwaysPreTouch", "jetty.ssl.idleTimeout=600000", "jetty.connectionlimit.maxConnections=-1");
    private static final Pattern USED = Pattern.compile("heap .*used (\\d+)K");
    private static final Pattern RESIDENT = Pattern.compile("VmRSS:\\s+(\\d+) kB");

    private IdleBenchmark()
    {
    }

    /**
     * What a process uses, in KiB.
     */
    private record Memory(long heap, long resident)
    {
        private static Memory of(long pid)
        {
            String jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
            // What the first collection finds, such as buffers whose owners are gone, the second frees.
            for (int i = 0; i < 2; i++)
            {
                Command.run(null, List.of(jcmd, String.valueOf(pid), "GC.run")).succeeded();
            }
            String heap = Command.run(null, List.of(jcmd, String.valueOf(pid), "GC.heap_info")).succeeded().text();
            return new Memory(number(USED, heap), number(RESIDENT, status(pid)));
        }

        private static String status(long pid)
        {
            try
            {
                return Files.readString(Path.of("/proc", String.valueOf(pid), "status"));
            }
            catch (IOException e)
            {
                throw new UncheckedIOException(e);
            }
        }

        private static long number(Pattern pattern, String text)
        {
            Matcher matcher = pattern.matcher(text);
            if (!matcher.find())
            {
                throw new AssertionError(text);
            }
            return Long.parseLong(matcher.group(1));
        }
    }

    /**
     * @param report where to tell the results
     * @throws IOException when they cannot be written
     */
    public static void run(Report report) throws IOException
    {
        Path program = LoadGenerator.build(JettyHome.scratch().resolve("bench"));
        int connections = report.options().quick() ? QUICK : CONNECTIONS;
        Table table = new Table(List.of("KiB for an idle connection of TLS 1.3, P-256", "heap", "outside", "both"));
        Map<String, Object> figures = new LinkedHashMap<>();
        figures.put("connections", connections);
        for (ServerVariant variant : ServerVariant.jetties())
        {
            List<Double> heap = new ArrayList<>();
            List<Double> outside = new ArrayList<>();
            List<Double> both = new ArrayList<>();
            for (int start = 0; start < (report.options().quick() ? 1 : STARTS); start++)
            {
                System.out.println(variant.name() + ", start " + (start + 1));
                Memory grown = grown(program, variant, connections);
                heap.add((double)grown.heap() / connections);
                outside.add((double)grown.resident() / connections);
                both.add((double)(grown.heap() + grown.resident()) / connections);
            }
            List<String> row = new ArrayList<>(List.of(variant.name()));
            Map<String, Object> members = new LinkedHashMap<>();
            Map.of("heap", heap, "outside", outside, "both", both).forEach((name, values) -> members.put(name, spread(values).json()));
            List.of(heap, outside, both).forEach(values -> row.add(spread(values).text("%.1f")));
            figures.put(variant.name(), members);
            table.row(row);
        }
        report.write("idle", figures, table + String.format(Locale.ROOT, "%n%d connections, each with one answer; growth of the used "
            + "heap after collections, and of the resident memory of a process whose heap is all there from the beginning: least / "
            + "**median** / most of %d starts.%n", connections, STARTS));
    }

    private static Memory grown(Path program, ServerVariant variant, int connections)
    {
        Running running = variant.starter().apply(OPTIONS);
        try (LoadGenerator clients =
            new LoadGenerator(program, running.ports().get(Algorithm.EC), ModuleBase.TLS13, variant.pick()))
        {
            // Pools and the metaspace are as they will be.
            clients.keep(Math.min(WARM_UP, connections));
            clients.drop();
            clients.connect(false, WARM_UP);
            Memory before = Memory.of(running.pid());
            clients.keep(connections);
            Memory after = Memory.of(running.pid());
            return new Memory(after.heap() - before.heap(), after.resident() - before.resident());
        }
        finally
        {
            running.stop().run();
        }
    }

    private static Spread spread(List<Double> values)
    {
        return Spread.of(values.stream().mapToDouble(Double::doubleValue).toArray());
    }
}
