package io.github.tlsresumption.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntConsumer;

import io.github.tlsresumption.Nodes;
import io.github.tlsresumption.bench.Report.Spread;
import io.github.tlsresumption.bench.Report.Table;
import io.github.tlsresumption.crypto.Random;
import io.github.tlsresumption.jsse.SessionMemory;
import io.github.tlsresumption.keys.RingBenchmark;
import io.github.tlsresumption.keys.TicketKeyRing;
import io.github.tlsresumption.policy.Client;
import io.github.tlsresumption.policy.PolicyBenchmark;
import io.github.tlsresumption.policy.ResumptionMode;
import io.github.tlsresumption.policy.SessionPolicy;
import io.github.tlsresumption.resumption.Decision;
import org.HdrHistogram.Histogram;

/**
 * How costs grow, what sessions take in the heap, and what changes under way do to the latency of others.
 */
final class GrowthBenchmark
{
    private static final double NANOS_PER_MICRO = 1_000;
    private static final double NANOS_PER_MILLI = 1_000_000;
    private static final int SAMPLE = 1_000;
    private static final int MOST_FORGOTTEN = 1_000_000;
    private static final int DIGITS = 3;
    private static final int RULES = 1_000;
    private static final double TAIL = 99.9;
    private static final int TURNS = 9;
    private static final String UNDISTURBED = "without";
    private static final long EVERY = 500_000;
    private static final long DISTURBED_EVERY = 100_000_000;

    private final Report report;
    private final boolean quick;
    private final StringBuilder text = new StringBuilder();
    private final Map<String, Object> figures = new LinkedHashMap<>();
    private long sink;

    private GrowthBenchmark(Report report)
    {
        this.report = report;
        this.quick = report.options().quick();
    }

    static void run(Report report) throws Exception
    {
        new GrowthBenchmark(report).run();
    }

    private void run() throws Exception
    {
        String parts = System.getProperty("bench.parts", "curves,nodes,heap,pauses");
        if (parts.contains("curves"))
        {
            sessions();
            forgotten();
            rules();
            keys();
        }
        if (parts.contains("nodes"))
        {
            nodes();
        }
        if (parts.contains("heap"))
        {
            heap();
            manySessions();
        }
        if (parts.contains("pauses"))
        {
            pauses();
        }
        figures.put("sink", sink);
        report.write("growth", figures, text.toString());
    }

    /**
     * @return the median of several turns, in microseconds for each call
     */
    private double micros(IntConsumer call)
    {
        int calls = quick ? 200 : 5_000;
        int turns = quick ? 3 : 15;
        double[] measured = new double[turns];
        for (int turn = -turns / 2; turn < turns; turn++)
        {
            long start = System.nanoTime();
            for (int i = 0; i < calls; i++)
            {
                call.accept(i);
            }
            if (turn >= 0)
            {
                measured[turn] = (System.nanoTime() - start) / NANOS_PER_MICRO / calls;
            }
        }
        Arrays.sort(measured);
        return measured[turns / 2];
    }

    private void finish(String name, String title, Plot plot) throws IOException
    {
        Path file = report.picture("performance-" + name + "-" + Report.feature());
        plot.write(file);
        List<String> columns = new ArrayList<>(List.of(title));
        columns.addAll(plot.curves().keySet());
        Table table = new Table(columns);
        List<Plot.Point> first = plot.curves().values().iterator().next();
        Map<String, Object> json = new LinkedHashMap<>();
        for (int i = 0; i < first.size(); i++)
        {
            List<String> row = new ArrayList<>(List.of(String.valueOf(first.get(i).x())));
            for (Map.Entry<String, List<Plot.Point>> curve : plot.curves().entrySet())
            {
                row.add(String.format(Locale.ROOT, "%.2f µs", curve.getValue().get(i).y()));
                json.put(curve.getKey() + " " + first.get(i).x(), curve.getValue().get(i).y());
            }
            table.row(row);
        }
        figures.put(name, json);
        text.append(String.format("![%s](%s)%n%n%s%n", title, file.getFileName(), table));
    }

    private void sessions() throws IOException
    {
        Plot plot = new Plot("Cost against live sessions of mode cache", "live sessions", "µs");
        int[] counts = quick ? new int[]{1_000, 10_000} : new int[]{1_000, 10_000, 100_000, 1_000_000};
        Decision growing = Decision.of(ResumptionMode.CACHE);
        List<byte[]> tickets = new ArrayList<>();
        int made = 0;
        for (int count : counts)
        {
            for (; made < count; made++)
            {
                byte[] ticket = growing.seal();
                if (tickets.size() < SAMPLE)
                {
                    tickets.add(ticket);
                }
                else if (ThreadLocalRandom.current().nextInt(made) < SAMPLE)
                {
                    tickets.set(ThreadLocalRandom.current().nextInt(SAMPLE), ticket);
                }
            }
            plot.add("open", count, micros(i -> sink += growing.open(tickets.get(i % SAMPLE)).length));
        }
        growing.sessionKeys().close();
        for (int count : counts)
        {
            // Full, so that there are no more of them while it is measured.
            Decision full = Decision.of(ResumptionMode.CACHE, count);
            plot.add("seal of a new session", count, micros(i -> sink += full.seal().length));
            full.sessionKeys().close();
        }
        finish("sessions", "live sessions", plot);
    }

    private void forgotten() throws IOException
    {
        Plot plot = new Plot("Cost against forgotten clients, mode ticket", "forgotten clients", "µs");
        SessionPolicy policy = Decision.terms(ResumptionMode.TICKET);
        Decision decision = new Decision(() -> policy, 1, MOST_FORGOTTEN);
        byte[] ticket = decision.seal();
        java.util.Random subjects = new java.util.Random(1);
        int made = 0;
        for (int count : quick ? new int[]{0, 1_000} : new int[]{0, 1_000, 10_000, 100_000, MOST_FORGOTTEN})
        {
            for (; made < count; made++)
            {
                decision.forget(subjects.nextLong());
            }
            plot.add("open", count, micros(i -> sink += decision.opens(ticket) ? 1 : 0));
            plot.add("is a session forgotten?", count,
                micros(i -> sink += decision.forgetList().isForgotten(i, Instant.EPOCH.plusSeconds(i), 1, 2) ? 1 : 0));
        }
        finish("forgotten", "forgotten clients", plot);
    }

    private void rules() throws IOException
    {
        Plot plot = new Plot("Cost against rules of which none matches", "rules", "µs");
        Client client = PolicyBenchmark.client();
        for (int count : new int[]{0, 1, 10, 100, 1_000, 10_000})
        {
            SessionPolicy policy = PolicyBenchmark.policy(count);
            plot.add("terms of a client", count, micros(i -> sink += policy.terms(client).maxDuration().getSeconds()));
        }
        finish("rules", "rules", plot);
    }

    private void keys() throws IOException
    {
        Plot plot = new Plot("Cost against keys in the ring", "keys", "µs");
        Instant now = Instant.now();
        for (int count : new int[]{3, 10, 100, 500})
        {
            TicketKeyRing ring = RingBenchmark.ring(count, now);
            long[] ids = ring.keys().stream().mapToLong(key -> key.id()).toArray();
            plot.add("find the key that opens", count, micros(i -> sink += ring.opening(ids[i % ids.length], now).isPresent() ? 1 : 0));
            plot.add("find the key that seals", count, micros(i -> sink += ring.sealing(now).isPresent() ? 1 : 0));
        }
        finish("keys", "keys in the ring", plot);
    }

    private void nodes() throws Exception
    {
        Plot plot = new Plot("Cost on one node against nodes that share a Redis, mode ticket", "nodes", "µs");
        Table table = new Table(List.of("nodes", "commands of Redis a second", "its CPU, µs a second", "forgotten on all, ms",
            "rotated on all, ms"));
        Map<String, Object> json = new LinkedHashMap<>();
        try (Nodes nodes = new Nodes())
        {
            for (int count : quick ? new int[]{1, 2} : new int[]{1, 2, 4, 8, 16, 32})
            {
                nodes.grow(count);
                double[] load = nodes.load(Duration.ofSeconds(quick ? 1 : 10));
                Spread forgotten = nodes.forget();
                Spread rotated = nodes.rotate();
                Decision decision = nodes.decision();
                Instant established = Decision.established();
                byte[] ticket = decision.sealAt(established);
                plot.add("open, and seal the next", count, micros(i -> sink += decision.resume(ticket, established).length));
                table.row(List.of(String.valueOf(count), format("%.1f", load[0]), format("%.0f", load[1]), forgotten.text("%.1f"),
                    rotated.text("%.1f")));
                json.put(String.valueOf(count), List.of(load[0], load[1], forgotten.json(), rotated.json()));
            }
        }
        figures.put("nodesOnRedis", json);
        finish("nodes", "nodes", plot);
        text.append(format("%s%nNodes in one process, each with its own threads and connections; Redis' load is without handshakes. "
            + "Least / **median** / most.%n%n", table));
    }

    private void heap() throws Exception
    {
        int sessions = quick ? 200 : 20_000;
        Table table = new Table(List.of("bytes of heap for a live session", "Jetty's cache", "mode `cache`", "ratio"));
        Map<String, Object> json = new LinkedHashMap<>();
        for (boolean certificates : new boolean[]{false, true})
        {
            double stock = SessionMemory.bytes(true, certificates, sessions);
            double ours = SessionMemory.bytes(false, certificates, sessions);
            String title = certificates ? "with client certificate" : "without client certificate";
            table.row(List.of(title, format("%.0f", stock), format("%.0f", ours), format("%.3f", ours / stock)));
            json.put("stock, " + title, stock);
            json.put("ours, " + title, ours);
        }
        figures.put("heap", json);
        text.append(table).append(format("%nLive heap after %d full handshakes of TLS 1.3 in memory, by sessions.%n%n", sessions));
    }

    private void manySessions() throws IOException, InterruptedException
    {
        int sessions = quick ? 10_000 : 1_000_000;
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        Process process = new ProcessBuilder(java, "-Xmx1g", "-cp", System.getProperty("java.class.path"), ManySessions.class.getName(),
            String.valueOf(sessions), quick ? "1" : "30").redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        if (process.waitFor() != 0)
        {
            throw new IllegalStateException(output);
        }
        String[] words = output.substring(output.lastIndexOf('\n') + 1).split(" ");
        Map<String, Object> json = new LinkedHashMap<>();
        List<String> names = List.of("sessions", "bytesPerSession", "liveMebibytes", "pauses", "longestPauseMillis", "allPausesMillis");
        for (int i = 0; i < names.size(); i++)
        {
            json.put(names.get(i), Double.valueOf(words[i]));
        }
        figures.put("manySessions", json);
        text.append(format("%s live sessions of mode `cache` in a heap of 1 GiB: %s bytes for each, %s MiB live in all. While "
            + "tickets were opened and sessions replaced for 30 s: %s collections, the longest pause %s ms, all together %s ms.%n%n",
            (Object[])words));
    }

    private interface Disturbance
    {
        void disturb(Decision decision) throws IOException;
    }

    private void pauses() throws Exception
    {
        SessionPolicy[] policy = {PolicyBenchmark.policy(RULES)};
        Table table = new Table(List.of("ms", "median", "p99.9", "longest", "the longest of an idle thread", "p99.9 more than without"));
        Map<String, Disturbance> cases = new LinkedHashMap<>();
        cases.put(UNDISTURBED, null);
        cases.put("rotation, ten a second",
            decision -> decision.ring(Decision.rotation().rotated(decision.ring(), Instant.now(), () -> Random.bytes(32), false)));
        cases.put("reload of 1000 rules, ten a second", decision -> policy[0] = PolicyBenchmark.policy(RULES));
        cases.put("1000 clients forgotten, ten times a second", decision ->
        {
            for (int i = 0; i < SAMPLE; i++)
            {
                decision.forget(ThreadLocalRandom.current().nextLong());
            }
        });
        // The first time is for the compilers.
        latencies(policy, null);
        // In turns, so that a stall of the machine or of the collector meets one of many, and any row.
        java.util.Random order = new java.util.Random(1);
        Map<String, List<Latencies>> turns = new LinkedHashMap<>();
        for (int turn = 0; turn < (quick ? 1 : TURNS); turn++)
        {
            List<String> names = new ArrayList<>(cases.keySet());
            Collections.shuffle(names, order);
            for (String name : names)
            {
                turns.computeIfAbsent(name, none -> new ArrayList<>()).add(latencies(policy, cases.get(name)));
            }
        }
        List<Latencies> without = turns.get(UNDISTURBED);
        Map<String, Object> json = new LinkedHashMap<>();
        for (String name : cases.keySet())
        {
            List<Latencies> row = turns.get(name);
            double[] more = new double[row.size()];
            Arrays.setAll(more, turn -> row.get(turn).tail() - without.get(turn).tail());
            Spread tails = Spread.of(row.stream().mapToDouble(Latencies::tail).toArray());
            table.row(List.of(name, format("%.3f", Spread.of(row.stream().mapToDouble(Latencies::median).toArray()).median()),
                tails.text("%.2f"), Spread.of(row.stream().mapToDouble(Latencies::longest).toArray()).text("%.1f"),
                Spread.of(row.stream().mapToDouble(Latencies::idleLongest).toArray()).text("%.1f"),
                row == without ? "" : Spread.of(more).text("%.2f")));
            json.put(name, row.stream().map(Latencies::json).toList());
        }
        figures.put("pausesMillis", json);
        text.append(table).append(format("%n%.0f resumptions a second, each counted from when it was due; %d turns of each row, in "
            + "changing order, of %d s. Least / **median** / most of the turns. The idle thread does nothing but sleep and wake as often, "
            + "in the same JVM at the same time: what stops it too is the JVM's or the machine's.%n", 1e9 / EVERY, without.size(),
            seconds()));
    }

    /**
     * Of one turn, in milliseconds.
     *
     * @param median of the resumptions
     * @param tail of the resumptions, p99.9
     * @param longest of the resumptions
     * @param idleLongest by which an idle thread woke too late
     */
    private record Latencies(double median, double tail, double longest, double idleLongest)
    {
        private Map<String, Object> json()
        {
            return Map.of("median", median, "p99.9", tail, "longest", longest, "idleLongest", idleLongest);
        }
    }

    private int seconds()
    {
        return quick ? 1 : 5;
    }

    /**
     * @return of opening a ticket and sealing the next, two thousand times a second
     */
    private Latencies latencies(SessionPolicy[] policy, Disturbance disturbance)
    {
        Decision decision = new Decision(() -> policy[0], SAMPLE, MOST_FORGOTTEN / 10);
        Histogram histogram = new Histogram(DIGITS);
        AtomicBoolean over = new AtomicBoolean();
        // What others have left is no burden of this turn.
        System.gc();
        CompletableFuture<Void> disturbing = CompletableFuture.runAsync(() ->
        {
            while (!over.get() && disturbance != null)
            {
                try
                {
                    disturbance.disturb(decision);
                }
                catch (IOException e)
                {
                    throw new UncheckedIOException(e);
                }
                LockSupport.parkNanos(DISTURBED_EVERY);
            }
        }, GrowthBenchmark::start);
        CompletableFuture<Long> idle = CompletableFuture.supplyAsync(() ->
        {
            long longest = 0;
            while (!over.get())
            {
                long start = System.nanoTime();
                LockSupport.parkNanos(EVERY);
                longest = Math.max(longest, System.nanoTime() - start - EVERY);
            }
            return longest;
        }, GrowthBenchmark::start);
        try
        {
            resume(decision, histogram);
        }
        finally
        {
            over.set(true);
        }
        disturbing.join();
        return new Latencies(histogram.getValueAtPercentile(50) / NANOS_PER_MILLI, histogram.getValueAtPercentile(TAIL) / NANOS_PER_MILLI,
            histogram.getMaxValue() / NANOS_PER_MILLI, idle.join() / NANOS_PER_MILLI);
    }

    private static void start(Runnable work)
    {
        Thread thread = new Thread(work, "beside");
        thread.setDaemon(true);
        thread.start();
    }

    private void resume(Decision decision, Histogram latencies)
    {
        Instant established = Decision.established();
        byte[] ticket = decision.sealAt(established);
        long due = System.nanoTime();
        long end = due + Duration.ofSeconds(seconds()).toNanos();
        while (due < end)
        {
            long start = System.nanoTime();
            if (start < due)
            {
                LockSupport.parkNanos(due - start);
                continue;
            }
            ticket = decision.resume(ticket, established);
            // From when it was due, so that what waited behind a pause counts with it.
            latencies.recordValue(System.nanoTime() - due);
            due += EVERY;
        }
    }

    private static String format(String format, Object... values)
    {
        return String.format(Locale.ROOT, format, values);
    }
}
