package io.github.tlsresumption.cli.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

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
    private static final int ROW = 34;
    private static final int LABELS = 210;
    private static final int BARS = 440;
    private static final int WIDTH = 760;
    private static final String METHOD = "Server's processor time of one handshake, without the client's, in one thread and in memory, so "
        + "without network, HTTP and garbage collection; the median, and in brackets the middle half of all. One core does so many "
        + "handshakes in a second if it does nothing else. Bytes are TLS records of the handshake and the tickets that come with it. "
        + "Memory is the growth of the live heap by sessions of TLS 1.3; what is below the noise of some tens of kilobytes shows as 0 or "
        + "a small number.";
    private static final String STYLE = """
        :root { color-scheme: light dark; --ink: #1c2430; --soft: #5b6675; --paper: #ffffff; --panel: #f3f5f8; --line: #d8dee6;
          --full: #8a94a3; --ours: #1f6fb2; --stock: #b9852b; --whisker: #1c2430; }
        @media (prefers-color-scheme: dark) { :root { --ink: #e6eaf0; --soft: #9aa6b5; --paper: #14181e; --panel: #1d232b;
          --line: #343d49; --full: #6d7887; --ours: #58a6e6; --stock: #d9a648; --whisker: #e6eaf0; } }
        body { margin: 0 auto; max-width: 64rem; padding: 1.5rem; background: var(--paper); color: var(--ink);
          font: 15px/1.5 system-ui, sans-serif; }
        h1 { font-size: 1.6rem; margin: 0 0 .25rem; } h2 { font-size: 1.15rem; margin: 2rem 0 .5rem; }
        p.soft, caption, .soft { color: var(--soft); } .panel { background: var(--panel); border-left: 4px solid var(--ours);
          padding: .75rem 1rem; border-radius: 4px; } .panel code { font-size: 1.05em; } li { margin: .3rem 0; }
        .wide { overflow-x: auto; } table { border-collapse: collapse; width: 100%; font-size: 13px; margin-bottom: 1rem; }
        td:first-child { min-width: 11rem; }
        th, td { text-align: left; vertical-align: top; padding: .4rem .6rem; border-bottom: 1px solid var(--line); }
        th { color: var(--soft); font-weight: 600; } td.number, th.number { text-align: right; white-space: nowrap;
          font-variant-numeric: tabular-nums; }
        svg { width: 100%; height: auto; font: 13px system-ui, sans-serif; } svg text { fill: var(--ink); }
        .full { fill: var(--full); } .ours { fill: var(--ours); } .stock { fill: var(--stock); }
        .whisker { stroke: var(--whisker); stroke-width: 1.5; } .key { display: inline-block; width: .8em; height: .8em;
          border-radius: 2px; margin: 0 .35em 0 1em; } .key.full { background: var(--full); } .key.ours { background: var(--ours); }
        .key.stock { background: var(--stock); }
        """;

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
        json.put("quiet", results.quiet());
        json.put("handshakes", results.measurements().stream().map(this::json).toList());
        json.put("memory", results.memory().stream().map(use -> new JsonObject().put("way", use.way().name())
            .put("sessions", use.sessions()).put("bytesPer100000", use.perHundredThousand())).toList());
        json.put("recommendation", new JsonObject().put("mode", recommendation.mode())
            .put("tls12Mode", recommendation.tls12Mode()).put("reasons", recommendation.reasons()));
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
        json.put("cpuNanos", new JsonObject().put("p25", measurement.percentile(0.25)).put("median", measurement.median())
            .put("p75", measurement.percentile(0.75)).put("p99", measurement.percentile(0.99)));
        json.put("handshakesPerSecondPerCore", measurement.perSecond());
        json.put("bytesToServer", measurement.toServer());
        json.put("bytesToClient", measurement.toClient());
        json.put("risk", new JsonObject().put("exposure", risk.exposure()).put("stolen", risk.stolen()).put("end", risk.end()));
        return json;
    }

    /**
     * @return the report in Markdown
     */
    public String markdown()
    {
        StringBuilder text = new StringBuilder("# Is the performance worth the risk?\n\n");
        text.append(environment.keys()).append("; ").append(environment.jdk()).append("; ").append(environment.machine()).append("; ")
            .append(environment.time()).append("\n\n## Recommendation\n\n```\njetty.tlsResumption.mode=").append(recommendation.mode())
            .append("\njetty.tlsResumption.tls12Mode=").append(recommendation.tls12Mode()).append("\n```\n\n");
        recommendation.reasons().forEach(reason -> text.append("- ").append(reason).append('\n'));
        for (String protocol : protocols())
        {
            text.append("\n## ").append(protocol).append("\n\n");
            List<List<String>> rows = rows(protocol);
            text.append("| ").append(String.join(" | ", rows.get(0))).append(" |\n|")
                .append("---|".repeat(rows.get(0).size())).append('\n');
            rows.subList(1, rows.size()).forEach(row -> text.append("| ").append(String.join(" | ", row)).append(" |\n"));
        }
        return text.append('\n').append(METHOD).append('\n').toString();
    }

    /**
     * @return the report as a page that needs nothing else
     */
    public String html()
    {
        StringBuilder page = new StringBuilder("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
            + "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
            + "<title>TLS resumption: performance and risk</title>\n"
            + "<style>\n").append(STYLE).append("</style>\n</head>\n<body>\n<h1>Is the performance worth the risk?</h1>\n");
        page.append("<p class=\"soft\">").append(escaped(environment.keys() + " \u00b7 " + environment.jdk() + " \u00b7 "
            + environment.machine() + " \u00b7 " + environment.time())).append("</p>\n");
        page.append("<h2>Recommendation</h2>\n<div class=\"panel\">\n<p><code>jetty.tlsResumption.mode=").append(recommendation.mode())
            .append("</code><br><code>jetty.tlsResumption.tls12Mode=").append(recommendation.tls12Mode()).append("</code></p>\n<ul>\n");
        recommendation.reasons().forEach(reason -> page.append("<li>").append(escaped(reason)).append("</li>\n"));
        page.append("</ul>\n</div>\n");
        for (String protocol : protocols())
        {
            page.append("<h2>").append(protocol).append(", server's processor time of a handshake</h2>\n<p class=\"soft\">")
                .append("<span class=\"key full\"></span>full <span class=\"key ours\"></span>this module ")
                .append("<span class=\"key stock\"></span>stock Jetty; the line spans the middle half</p>\n");
            chart(page, protocol);
            List<List<String>> rows = rows(protocol);
            table(page, rows, List.of(0, 1, 2, 3, 4));
            table(page, rows, List.of(0, 5, 6, 7));
        }
        return page.append("<h2>How it was measured</h2>\n<p>").append(escaped(METHOD)).append("</p>\n</body>\n</html>\n").toString();
    }

    private List<String> protocols()
    {
        return results.measurements().stream().map(Measurement::protocol).distinct().toList();
    }

    private List<Measurement> of(String protocol)
    {
        return results.measurements().stream().filter(measurement -> measurement.protocol().equals(protocol)).toList();
    }

    private List<List<String>> rows(String protocol)
    {
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of("", "ms of CPU", "per s and core", "bytes to server / client", "MB per 100 000", "exposure",
            "what a thief has", "a session ends"));
        for (Measurement measurement : of(protocol))
        {
            Risk risk = Risk.of(measurement.way(), protocol, environment);
            rows.add(List.of(label(measurement), String.format(Locale.ROOT, "%.2f (%.2f\u2013%.2f)", measurement.median() / 1e6,
                measurement.percentile(0.25) / 1e6, measurement.percentile(0.75) / 1e6), String.valueOf(measurement.perSecond()),
                measurement.toServer() + " / " + measurement.toClient(), memory(measurement.way()), risk.exposure(), risk.stolen(),
                risk.end()));
        }
        return rows;
    }

    private static String label(Measurement measurement)
    {
        return measurement.way() + (measurement.resumes() || measurement.way().isFull() ? "" : " (does NOT resume)");
    }

    private String memory(Way way)
    {
        return results.memory().stream().filter(use -> use.way() == way)
            .map(use -> String.format(Locale.ROOT, "%.0f", use.perHundredThousand() / 1e6)).findFirst().orElse("\u2013");
    }

    private void chart(StringBuilder page, String protocol)
    {
        List<Measurement> rows = of(protocol);
        double longest = rows.stream().mapToLong(row -> row.percentile(0.75)).max().orElseThrow();
        page.append(String.format(Locale.ROOT, "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s: processor time by way\">%n", WIDTH,
            ROW * rows.size(), protocol));
        for (int i = 0; i < rows.size(); i++)
        {
            Measurement row = rows.get(i);
            int top = i * ROW;
            double end = LABELS + BARS * row.median() / longest;
            double from = LABELS + BARS * row.percentile(0.25) / longest;
            double to = LABELS + BARS * row.percentile(0.75) / longest;
            String kind = row.way().isStock() ? "stock" : row.way().isFull() ? "full" : "ours";
            page.append(String.format(Locale.ROOT, "<text x=\"0\" y=\"%d\">%s</text>", top + 21, escaped(row.way().toString())));
            page.append(String.format(Locale.ROOT, "<rect class=\"%s\" x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"20\" rx=\"2\"/>", kind,
                LABELS, top + 6, end - LABELS));
            page.append(String.format(Locale.ROOT, "<line class=\"whisker\" x1=\"%.1f\" y1=\"%2$d\" x2=\"%3$.1f\" y2=\"%2$d\"/>", from,
                top + 16, to));
            page.append(String.format(Locale.ROOT, "<text x=\"%.1f\" y=\"%d\">%.2f ms</text>%n", Math.max(end, to) + 8, top + 21,
                row.median() / 1e6));
        }
        page.append("</svg>\n");
    }

    private static void table(StringBuilder page, List<List<String>> rows, List<Integer> columns)
    {
        page.append("<div class=\"wide\"><table>\n<thead><tr>");
        for (int column : columns)
        {
            page.append(isNumber(column) ? "<th class=\"number\">" : "<th>").append(escaped(rows.get(0).get(column))).append("</th>");
        }
        page.append("</tr></thead>\n<tbody>\n");
        for (List<String> row : rows.subList(1, rows.size()))
        {
            page.append("<tr>");
            for (int column : columns)
            {
                page.append(isNumber(column) ? "<td class=\"number\">" : "<td>").append(escaped(row.get(column))).append("</td>");
            }
            page.append("</tr>\n");
        }
        page.append("</tbody>\n</table></div>\n");
    }

    private static boolean isNumber(int column)
    {
        return column >= 1 && column <= 4;
    }

    private static String escaped(String text)
    {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }
}
