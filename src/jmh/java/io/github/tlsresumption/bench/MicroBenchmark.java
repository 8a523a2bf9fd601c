package io.github.tlsresumption.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

import io.github.tlsresumption.bench.Report.Table;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.results.format.ResultFormatType;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/**
 * The benchmarks of JMH.
 */
final class MicroBenchmark
{
    private static final String ALLOCATED = "gc.alloc.rate.norm";

    private MicroBenchmark()
    {
    }

    static void run(Report report) throws RunnerException, IOException
    {
        boolean quick = report.options().quick();
        Path raw = Files.createDirectories(Path.of("target", "bench")).resolve("jmh-" + Report.feature() + ".json");
        ChainedOptionsBuilder options = new OptionsBuilder()
            .include(System.getProperty("bench.include", "io\\.github\\.tlsresumption\\..*Benchmark\\."))
            .forks(quick ? 1 : 3)
            .warmupIterations(quick ? 1 : 3)
            .warmupTime(TimeValue.milliseconds(quick ? 200 : 1000))
            .measurementIterations(quick ? 1 : 5)
            .measurementTime(TimeValue.milliseconds(quick ? 200 : 1000))
            .addProfiler(GCProfiler.class)
            .resultFormat(ResultFormatType.JSON)
            .result(raw.toString());
        Collection<RunResult> results = new Runner(options.build()).run();

        Map<String, RunResult> byName = new TreeMap<>();
        results.forEach(result -> byName.put(name(result), result));
        Table table = new Table(List.of("", "µs", "±", "bytes allocated"));
        List<Object> json = new ArrayList<>();
        byName.forEach((name, result) ->
        {
            Result<?> time = result.getPrimaryResult();
            double bytes = allocated(result);
            table.row(List.of(name, format("%.3f", time.getScore()), format("%.3f", time.getScoreError()), format("%.0f", bytes)));
            Map<String, Object> members = new LinkedHashMap<>();
            members.put("name", name);
            members.put("micros", time.getScore());
            members.put("error", Report.number(time.getScoreError()));
            members.put("bytes", Report.number(bytes));
            json.add(members);
        });
        Map<String, Object> figures = new LinkedHashMap<>();
        figures.put("benchmarks", json);
        report.write("micro", figures, table + "\n" + ratios(byName));
    }

    /**
     * The targets that are ratios.
     */
    private static String ratios(Map<String, RunResult> byName)
    {
        StringBuilder text = new StringBuilder();
        double plain = score(byName, "Cipher.plainAesGcm");
        double both = score(byName, "Ticket.seal ticket") + score(byName, "Ticket.open ticket");
        double one = score(byName, "Ticket.resume ticket");
        double two = score(byName, "Ticket.resumeByTwoThreads ticket");
        text.append(String.format(Locale.ROOT,
            "- To open a ticket and to seal that of a new session, mode `ticket`: %.2f µs, %.2f × plain AES-256-GCM there and back. All "
            + "that a resumed handshake asks (its ticket opened, the next one sealed, its end told): %.2f µs, %.2f ×. XAES-256-GCM alone: "
            + "%.2f ×.%n", both, both / plain, one, one / plain, score(byName, "Cipher.xaes") / plain));
        double allocated = allocated(byName.get("Ticket.resume ticket"));
        text.append(String.format(Locale.ROOT, "- A resumed handshake allocates %.0f bytes, %.0f of them outside the ciphers.%n", allocated,
            allocated - allocated(byName.get("Cipher.xaes"))));
        text.append(String.format(Locale.ROOT, "- Two threads do %.2f × what one does.%n", 2 * one / two));
        return text.toString();
    }

    private static double allocated(RunResult result)
    {
        Result<?> allocated = result == null ? null : result.getSecondaryResults().get(ALLOCATED);
        return allocated == null ? Double.NaN : allocated.getScore();
    }

    private static double score(Map<String, RunResult> byName, String name)
    {
        RunResult result = byName.get(name);
        return result == null ? Double.NaN : result.getPrimaryResult().getScore();
    }

    private static String format(String format, double value)
    {
        return Double.isNaN(value) ? "" : String.format(Locale.ROOT, format, value);
    }

    private static String name(RunResult result)
    {
        String[] parts = result.getParams().getBenchmark().split("\\.");
        String parameters = result.getParams().getParamsKeys().stream().map(key -> result.getParams().getParam(key))
            .collect(Collectors.joining(" "));
        return (parts[parts.length - 2].replace("Benchmark", "") + "." + parts[parts.length - 1] + " " + parameters).strip();
    }
}
