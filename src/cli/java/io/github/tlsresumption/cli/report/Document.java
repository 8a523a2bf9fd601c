package io.github.tlsresumption.cli.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

import io.github.tlsresumption.json.JsonObject;

/**
 * The report as a page, as Markdown, and as an object of JSON.
 *
 * @param environment for what it holds
 * @param results what was measured
 * @param recommendation what follows
 */
public record Document(Environment environment, Bench.Results results, Recommendation recommendation)
{
    /** Stands for a figure that there is not. */
    static final String NONE = "\u2013";
    static final String METHOD = "Server's processor time of one handshake, without the client's, in one thread and in memory, so "
        + "without network, HTTP and garbage collection; the median, and in brackets its 95 % confidence interval, from the medians of "
        + "the rounds. A gain is 1 less the time of a resumption divided by that of a full handshake of the same server; its interval "
        + "goes from the worst to the best that the intervals of both allow. Where these overlap, where the warm-up did not settle, or "
        + "with fewer than " + Comparison.LEAST_ROUNDS + " rounds, the gain is inconclusive. One core does so many handshakes in a "
        + "second if it does nothing else. Bytes are TLS records of the handshake and the tickets that come with it. Memory is the growth "
        + "of the live heap by sessions of TLS 1.3, in brackets from the smallest to the largest of " + MemoryUse.BATCHES + " batches.";

    /**
     * @return the report in JSON
     */
    public JsonObject json()
    {
        JsonObject json = new JsonObject();
        json.put("time", environment.time());
        json.put("jdk", environment.jdk());
        json.put("machine", environment.machine());
        json.put("keys", environment.keys());
        json.put("quick", environment.quick());
        json.put("quiet", results.quiet());
        json.put("handshakes", results.measurements().stream().map(this::json).toList());
        json.put("memory", results.memory().stream().map(use -> new JsonObject().put("way", use.way().name())
            .put("sessions", use.sessions()).put("bytesPer100000", use.perHundredThousand())
            .put("low", Math.round(use.interval().low())).put("high", Math.round(use.interval().high()))).toList());
        json.put("recommendation", new JsonObject().put("verdict", recommendation.modes().isPresent() ? "conclusive" : "inconclusive")
            .with("mode", recommendation.modes().map(Recommendation.Modes::mode))
            .with("tls12Mode", recommendation.modes().map(Recommendation.Modes::tls12Mode))
            .put("answer", recommendation.answer()).put("reasons", recommendation.reasons()));
        return json;
    }

    private JsonObject json(Measurement measurement)
    {
        Risk risk = Risk.of(measurement.way(), measurement.protocol(), environment);
        JsonObject json = new JsonObject();
        json.put("way", measurement.way().name());
        json.put("protocol", measurement.protocol());
        json.put("resumes", measurement.resumes());
        json.put("samples", measurement.nanos().length);
        json.put("rounds", measurement.rounds().length);
        measurement.interval().filter(interval -> measurement.hasTime()).ifPresent(interval -> json.put("cpuNanos", new JsonObject()
            .put("p25", measurement.percentile(0.25)).put("median", measurement.median()).put("p75", measurement.percentile(0.75))
            .put("p99", measurement.percentile(0.99)).put("low", Math.round(interval.low())).put("high", Math.round(interval.high()))));
        json.with("handshakesPerSecondPerCore", measurement.perSecond());
        json.put("bytesToServer", measurement.toServer());
        json.put("bytesToClient", measurement.toClient());
        if (!measurement.way().isFull())
        {
            Comparison comparison = Comparison.of(results, measurement.way(), measurement.protocol());
            json.put("gain", new JsonObject().with("share", comparison.gain()).with("low", comparison.interval().map(Interval::low))
                .with("high", comparison.interval().map(Interval::high)).put("conclusive", comparison.isConclusive(results))
                .with("doubt", comparison.doubt().map(Doubt::why)));
        }
        json.put("risk", new JsonObject().put("exposure", risk.exposure()).put("stolen", risk.stolen()).put("end", risk.end()));
        return json;
    }

    /**
     * @return the report in Markdown
     */
    public String markdown()
    {
        StringBuilder text = new StringBuilder("# Is the performance worth the risk?\n\n").append(recommendation.answer()).append("\n\n");
        recommendation.modes().ifPresent(modes ->
        {
            text.append("```\njetty.tlsResumption.mode=").append(modes.mode()).append("\njetty.tlsResumption.tls12Mode=")
                .append(modes.tls12Mode()).append("\n```\n\n");
            recommendation.reasons().forEach(reason -> text.append("- ").append(reason).append('\n'));
            text.append('\n');
        });
        text.append("## Gain beside risk\n\n");
        List<List<String>> gains = new ArrayList<>();
        gains.add(List.of("", "saves of the processor time", "a thief", "there to steal for"));
        GainPicture.rows(this).forEach(row -> gains.add(List.of(row.name(), row.gain(), row.risk().theft().toString(), row.risk().time())));
        table(text, gains);
        for (String protocol : protocols())
        {
            text.append("\n## ").append(Recommendation.spoken(protocol)).append("\n\n");
            table(text, rows(protocol));
        }
        return text.append("\n## How it was measured\n\n").append(environment.words()).append("\n\n").append(METHOD).append('\n')
            .toString();
    }

    /**
     * @return the report as a page that needs nothing else
     */
    public String html()
    {
        return new Page(this).toString();
    }

    private static void table(StringBuilder text, List<List<String>> rows)
    {
        text.append("| ").append(String.join(" | ", rows.get(0))).append(" |\n|").append("---|".repeat(rows.get(0).size())).append('\n');
        rows.subList(1, rows.size()).forEach(row -> text.append("| ").append(String.join(" | ", row)).append(" |\n"));
    }

    List<String> protocols()
    {
        return results.measurements().stream().map(Measurement::protocol).distinct().toList();
    }

    List<Measurement> of(String protocol)
    {
        return results.measurements().stream().filter(measurement -> measurement.protocol().equals(protocol)).toList();
    }

    List<List<String>> rows(String protocol)
    {
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of("", "ms of CPU", "per s and core", "bytes to server / client", "MB per 100\u00a0000", "exposure",
            "what a thief has", "a session ends"));
        for (Measurement measurement : of(protocol))
        {
            Risk risk = Risk.of(measurement.way(), protocol, environment);
            rows.add(List.of(label(measurement), time(measurement), measurement.perSecond().map(String::valueOf).orElse(NONE),
                measurement.toServer() + " / " + measurement.toClient(), memory(measurement.way()), risk.exposure(), risk.stolen(),
                risk.end()));
        }
        return rows;
    }

    static String time(Measurement measurement)
    {
        Optional<Interval> interval = measurement.interval().filter(bounds -> measurement.hasTime());
        return interval.map(bounds -> String.format(Locale.ROOT, "%.3f (%.3f\u2013%.3f)", measurement.median() / 1e6, bounds.low() / 1e6,
            bounds.high() / 1e6)).orElse(NONE);
    }

    static String label(Measurement measurement)
    {
        String way = measurement.way().toString();
        if (measurement.way().isFull() ? measurement.isAsExpected() : measurement.resumes())
        {
            return way;
        }
        return way + " (" + measurement.resumed() + " of " + measurement.nanos().length + " resumed)";
    }

    private String memory(Way way)
    {
        return results.memory(way).map(use -> String.format(Locale.ROOT, "%.0f (%.0f\u2013%.0f)", use.perHundredThousand() / 1e6,
            Math.max(0, use.interval().low()) / 1e6, Math.max(0, use.interval().high()) / 1e6)).orElse(NONE);
    }
}
