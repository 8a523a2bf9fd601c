package io.github.tlsresumption.cli.report;

import java.util.List;
import java.util.Locale;

/**
 * The report as a page that needs nothing else. On a narrow screen the cells of a table are below each other.
 */
final class Page
{
    private static final int BAR_ROW = 44;
    private static final String STYLE = """
        :root { color-scheme: light dark; --ink: #1c2430; --soft: #5b6675; --paper: #ffffff; --panel: #f3f5f8; --line: #d8dee6;
          --full: #8a94a3; --ours: #1f6fb2; --stock: #b9852b; --reads: #c0392b; --poses: #c98a1b; --memory: #3d8f6f; }
        @media (prefers-color-scheme: dark) { :root { --ink: #e6eaf0; --soft: #9aa6b5; --paper: #14181e; --panel: #1d232b;
          --line: #343d49; --full: #6d7887; --ours: #58a6e6; --stock: #d9a648; --reads: #e8695b; --poses: #e0ab4a; --memory: #5cb892; } }
        * { box-sizing: border-box; }
        body { margin: 0 auto; max-width: 64rem; padding: 1.5rem; background: var(--paper); color: var(--ink);
          font: 15px/1.5 system-ui, sans-serif; overflow-wrap: break-word; }
        h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 .75rem; } h2 { font-size: 1.15rem; margin: 2rem 0 .5rem; }
        .soft { color: var(--soft); } li { margin: .3rem 0; } ul { padding-left: 1.2rem; }
        .answer { background: var(--panel); border-left: 4px solid var(--ours); padding: .75rem 1rem; border-radius: 4px;
          font-size: 1.1rem; margin: 0 0 1rem; max-width: 52rem; }
        pre { margin: 0 0 1rem; white-space: pre-wrap; overflow-wrap: anywhere; }
        table { border-collapse: collapse; width: 100%; font-size: 13px; margin-bottom: 1rem; }
        .name { min-width: 11rem; font-weight: 600; }
        th, td { text-align: left; vertical-align: top; padding: .4rem .6rem; border-bottom: 1px solid var(--line); }
        th { color: var(--soft); font-weight: 600; } td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; }
        svg { display: block; font: 12px system-ui, sans-serif; margin: .5rem 0 1rem; } svg text { fill: var(--ink); }
        #gain { max-width: 46rem; } svg .name { font-weight: 600; font-size: 13px; } svg text.soft { fill: var(--soft); }
        svg text.value { text-anchor: end; font-variant-numeric: tabular-nums; }
        .full { fill: var(--full); } .ours { fill: var(--ours); } .stock { fill: var(--stock); } .reads { fill: var(--reads); }
        .poses, .poses_as_both { fill: var(--poses); } .memory { fill: var(--memory); } .track { fill: var(--line); opacity: .6; }
        .zero { stroke: var(--soft); } .whisker { stroke: var(--ink); stroke-width: 1.5; } .dot { fill: var(--ours); stroke: var(--paper); }
        .doubtful { stroke: var(--soft); } .dot.doubtful { fill: var(--paper); stroke-width: 1.5; }
        .key { white-space: nowrap; margin-right: 1em; } .key::before { content: ""; display: inline-block; width: .8em; height: .8em;
          border-radius: 2px; margin-right: .35em; background: currentColor; } .key.k-full::before { background: var(--full); }
        .key.k-ours::before { background: var(--ours); } .key.k-stock::before { background: var(--stock); }
        @media (max-width: 44rem) {
          body { padding: 1rem; }
          table, tbody, tr, td { display: block; } thead { display: none; }
          tr { border-bottom: 1px solid var(--line); padding: .5rem 0; } td, td.number { border: 0; padding: .1rem 0; text-align: left; }
          td[data-label]::before { content: attr(data-label) ": "; color: var(--soft); }
        }
        """;

    private final Document document;

    /**
     * @param document the report
     */
    Page(Document document)
    {
        this.document = document;
    }

    @Override
    public String toString()
    {
        Recommendation recommendation = document.recommendation();
        StringBuilder page = new StringBuilder("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
            + "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
            + "<title>TLS resumption: performance and risk</title>\n"
            + "<style>\n").append(STYLE).append("</style>\n</head>\n<body>\n<h1>Is the performance worth the risk?</h1>\n");
        page.append("<p class=\"answer\">").append(escaped(recommendation.answer())).append("</p>\n");
        recommendation.modes().ifPresent(modes ->
        {
            page.append("<pre><code>jetty.tlsResumption.mode=").append(modes.mode()).append("\njetty.tlsResumption.tls12Mode=")
                .append(modes.tls12Mode()).append("</code></pre>\n<ul>\n");
            recommendation.reasons().forEach(reason -> page.append("<li>").append(escaped(reason)).append("</li>\n"));
            page.append("</ul>\n");
        });
        page.append("<h2>Gain beside risk</h2>\n<p class=\"soft\">On the left the share of a full handshake's processor time that a ")
            .append("resumption saves, with its 95&nbsp;% interval; hollow where it is inconclusive. On the right what a thief of the ")
            .append("ticket keys can do, and for how long there is something to steal.</p>\n").append(new GainPicture(document));
        for (String protocol : document.protocols())
        {
            page.append("<h2>").append(Recommendation.spoken(protocol))
                .append(", server's processor time of a handshake</h2>\n<p class=\"soft\"><span class=\"key k-full\">full</span> ")
                .append("<span class=\"key k-ours\">this module</span> <span class=\"key k-stock\">stock Jetty</span> ")
                .append("The line is the 95&nbsp;% interval.</p>\n");
            bars(page, protocol);
            List<List<String>> rows = document.rows(protocol);
            table(page, rows, List.of(0, 1, 2, 3, 4));
            table(page, rows, List.of(0, 5, 6, 7));
        }
        return page.append("<h2>How it was measured</h2>\n<p class=\"soft\">").append(escaped(document.environment().words()))
            .append("</p>\n<p>").append(escaped(Document.METHOD)).append("</p>\n</body>\n</html>\n").toString();
    }

    private void bars(StringBuilder page, String protocol)
    {
        List<Measurement> rows = document.of(protocol);
        double longest = rows.stream().flatMap(row -> row.interval().stream()).mapToDouble(Interval::high).max().orElse(0);
        page.append(String.format(Locale.ROOT, "<svg width=\"100%%\" height=\"%d\" role=\"img\" aria-label=\"%s: processor time by way, "
            + "as in the table below\">%n", BAR_ROW * rows.size(), Recommendation.spoken(protocol)));
        for (int i = 0; i < rows.size(); i++)
        {
            Measurement row = rows.get(i);
            int top = i * BAR_ROW;
            page.append(String.format(Locale.ROOT, "<text x=\"0%%\" y=\"%d\">%s</text>", top + 14, escaped(row.way().toString())));
            page.append(String.format(Locale.ROOT, "<text class=\"value\" x=\"100%%\" y=\"%d\">%s</text>%n", top + 14,
                row.hasTime() ? Document.time(row) + " ms" : Document.NONE));
            if (row.hasTime())
            {
                Interval interval = row.interval().orElseThrow();
                String kind = row.way().isStock() ? "stock" : row.way().isFull() ? "full" : "ours";
                page.append(String.format(Locale.ROOT, "<rect class=\"%s\" x=\"0%%\" y=\"%d\" width=\"%.2f%%\" height=\"14\" rx=\"2\"/>",
                    kind, top + 20, 100 * row.median() / longest));
                page.append(String.format(Locale.ROOT,
                    "<line class=\"whisker\" x1=\"%.2f%%\" y1=\"%2$d\" x2=\"%3$.2f%%\" y2=\"%2$d\"/>%n", 100 * interval.low() / longest,
                    top + 27, 100 * interval.high() / longest));
            }
        }
        page.append("</svg>\n");
    }

    private static void table(StringBuilder page, List<List<String>> rows, List<Integer> columns)
    {
        page.append("<table role=\"table\">\n<thead role=\"rowgroup\"><tr role=\"row\">");
        for (int column : columns)
        {
            page.append(isNumber(column) ? "<th role=\"columnheader\" class=\"number\">" : "<th role=\"columnheader\">")
                .append(escaped(rows.get(0).get(column))).append("</th>");
        }
        page.append("</tr></thead>\n<tbody role=\"rowgroup\">\n");
        for (List<String> row : rows.subList(1, rows.size()))
        {
            page.append("<tr role=\"row\">");
            for (int column : columns)
            {
                page.append("<td role=\"cell\"").append(column == 0 ? " class=\"name\">"
                    : (isNumber(column) ? " class=\"number\"" : "") + " data-label=\"" + escaped(rows.get(0).get(column)) + "\">");
                page.append(escaped(row.get(column))).append("</td>");
            }
            page.append("</tr>\n");
        }
        page.append("</tbody>\n</table>\n");
    }

    private static boolean isNumber(int column)
    {
        return column >= 1 && column <= 4;
    }

    static String escaped(String text)
    {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\"", "&quot;");
    }
}
