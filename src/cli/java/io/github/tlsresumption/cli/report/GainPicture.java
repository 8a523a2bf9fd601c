package io.github.tlsresumption.cli.report;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A picture of what each way of resumption saves, and beside it what it risks. It has no scale of its own: lengths are shares of the width
 * that there is, and letters have the size of the page's, so that it can be read on a narrow screen.
 */
final class GainPicture
{
    /** Where the half of the gain ends and that of the risk begins, in per cent of the width. */
    private static final double LEFT_END = 44;
    private static final double RIGHT = 50;
    private static final int HEAD = 34;
    private static final int ROW = 96;

    private final List<Row> rows;
    /** What the left end of the axis stands for: nothing saved, or less. */
    private final double least;
    private final Duration longest;

    /**
     * One way of resumption.
     *
     * @param name version of TLS and way
     * @param comparison with a full handshake
     * @param conclusive whether it counts
     * @param risk what it risks
     */
    record Row(String name, Comparison comparison, boolean conclusive, Risk risk)
    {
        /**
         * @return the gain in words
         */
        String gain()
        {
            return conclusive ? comparison.percent() + " (" + comparison.bounds() + ")"
                : comparison.interval().isEmpty() ? "inconclusive" : "inconclusive (" + comparison.bounds() + ")";
        }
    }

    /**
     * @param document the report
     */
    GainPicture(Document document)
    {
        rows = rows(document);
        double low = rows.stream().flatMap(row -> row.comparison().interval().stream()).mapToDouble(Interval::low).min().orElse(0);
        least = Math.max(-1, Math.min(0, low));
        longest = rows.stream().flatMap(row -> row.risk().life().stream()).max(Duration::compareTo).orElse(Duration.ofHours(1));
    }

    /**
     * @param document the report
     * @return each way of resumption
     */
    static List<Row> rows(Document document)
    {
        List<Row> rows = new ArrayList<>();
        for (String protocol : document.protocols())
        {
            for (Measurement measurement : document.of(protocol))
            {
                if (!measurement.way().isFull())
                {
                    Comparison comparison = Comparison.of(document.results(), measurement.way(), protocol);
                    boolean recommended = document.recommendation().modes()
                        .filter(modes -> modes.isFor(measurement.way(), protocol)).isPresent();
                    rows.add(new Row(Recommendation.spoken(protocol) + ", " + Document.label(measurement)
                        + (recommended ? " (recommended)" : ""), comparison,
                        comparison.isConclusive(document.results()),
                        Risk.of(measurement.way(), protocol, document.environment())));
                }
            }
        }
        return rows;
    }

    @Override
    public String toString()
    {
        StringBuilder svg = new StringBuilder();
        add(svg, "<svg id=\"gain\" width=\"100%%\" height=\"%d\" role=\"img\" aria-labelledby=\"gain-title gain-words\">%n",
            HEAD + ROW * rows.size());
        svg.append("<title id=\"gain-title\">Gain beside risk</title>\n<desc id=\"gain-words\">");
        rows.forEach(row -> svg.append(Page.escaped(row.name() + ": " + (row.conclusive() ? "saves " : "gain ") + row.gain()
            + "; a thief " + row.risk().theft() + "; there to steal for " + row.risk().time() + ". ")));
        svg.append("</desc>\n");
        text(svg, 0, 14, "soft", String.format(Locale.ROOT, "time saved, %.0f to 100 %%", 100 * least));
        text(svg, RIGHT, 14, "soft", "there to steal for");
        for (int i = 0; i < rows.size(); i++)
        {
            int top = HEAD + ROW * i;
            text(svg, 0, top + 13, "name", rows.get(i).name());
            gain(svg, rows.get(i), top + 20);
            risk(svg, rows.get(i), top + 20);
        }
        return svg.append("</svg>\n").toString();
    }

    private void gain(StringBuilder svg, Row row, int top)
    {
        add(svg, "<rect class=\"track\" x=\"0%%\" y=\"%d\" width=\"%.2f%%\" height=\"14\"/>", top, LEFT_END);
        add(svg, "<line class=\"zero\" x1=\"%1$.2f%%\" y1=\"%2$d\" x2=\"%1$.2f%%\" y2=\"%3$d\"/>", place(0), top, top + 14);
        String kind = row.conclusive() ? "" : " doubtful";
        row.comparison().interval().ifPresent(interval -> add(svg,
            "<line class=\"whisker%1$s\" x1=\"%2$.2f%%\" y1=\"%3$d\" x2=\"%4$.2f%%\" y2=\"%3$d\"/>", kind, place(interval.low()), top + 7,
            place(interval.high())));
        row.comparison().interval().ifPresent(interval ->
        {
            for (double end : new double[]{interval.low(), interval.high()})
            {
                add(svg, "<line class=\"whisker%1$s\" x1=\"%2$.2f%%\" y1=\"%3$d\" x2=\"%2$.2f%%\" y2=\"%4$d\"/>", kind, place(end), top + 2,
                    top + 12);
            }
        });
        row.comparison().gain().ifPresent(gain -> add(svg, "<circle class=\"dot%s\" cx=\"%.2f%%\" cy=\"%d\" r=\"5\"/>", kind, place(gain),
            top + 7));
        text(svg, 0, top + 30, "", row.conclusive() ? row.comparison().percent() : "inconclusive");
        text(svg, 0, top + 45, "soft", row.comparison().bounds());
    }

    private void risk(StringBuilder svg, Row row, int top)
    {
        double share = row.risk().life().map(life -> (double)life.toSeconds() / longest.toSeconds()).orElse(1.0);
        add(svg, "<rect class=\"track\" x=\"%.2f%%\" y=\"%d\" width=\"%.2f%%\" height=\"14\"/>", RIGHT, top, 100 - RIGHT);
        String kind = row.risk().theft().name().toLowerCase(Locale.ROOT);
        add(svg, "<rect class=\"%s\" x=\"%.2f%%\" y=\"%d\" width=\"%.2f%%\" height=\"14\"/>", kind, RIGHT, top, share * (100 - RIGHT));
        text(svg, RIGHT, top + 30, "", row.risk().theft().reading());
        text(svg, RIGHT, top + 45, "", row.risk().theft().posing());
        text(svg, RIGHT, top + 60, "soft", row.risk().time());
    }

    private double place(double gain)
    {
        double within = Math.max(least, Math.min(1, gain));
        return LEFT_END * (within - least) / (1 - least);
    }

    private static void text(StringBuilder svg, double x, int y, String kind, String text)
    {
        add(svg, "<text class=\"%s\" x=\"%.2f%%\" y=\"%d\">%s</text>%n", kind, x, y, Page.escaped(text));
    }

    private static void add(StringBuilder svg, String format, Object... values)
    {
        svg.append(String.format(Locale.ROOT, format, values));
    }
}
