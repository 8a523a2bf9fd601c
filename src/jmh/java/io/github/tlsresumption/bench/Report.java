package io.github.tlsresumption.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

import org.apache.commons.math3.distribution.TDistribution;
import org.apache.commons.math3.stat.descriptive.DescriptiveStatistics;
import org.eclipse.jetty.util.ajax.JSON;

/**
 * What a benchmark leaves: JSON in {@code target/bench}, a table on the console, and the same table in
 * {@code docs/performance.md} when that is asked for.
 */
public final class Report
{
    private static final Path DIRECTORY = Path.of("target", "bench");
    private static final Path DOCUMENT = Path.of("docs", "performance.md");

    private final Options options;

    /**
     * How a benchmark was called.
     *
     * @param quick whether figures do not matter
     * @param docs whether to put them into the documents
     */
    public record Options(boolean quick, boolean docs)
    {
    }

    /**
     * The least, the middle and the greatest of some values, or of what their middle may be.
     *
     * @param min the least
     * @param median the middle
     * @param max the greatest
     */
    public record Spread(double min, double median, double max)
    {
        /** Of the normal distribution, for 95 % in the middle. */
        private static final double QUANTILE = 1.96;
        private static final double UPPER_END = 0.975;

        /**
         * @param values at least one
         * @return their spread
         */
        public static Spread of(double... values)
        {
            double[] sorted = values.clone();
            Arrays.sort(sorted);
            int half = sorted.length / 2;
            double median = sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
            return new Spread(sorted[0], median, sorted[sorted.length - 1]);
        }

        /**
         * @param values drawn independently
         * @return their median between the ends of its 95 % confidence interval, by order statistics; of less than six values the least and
         * the greatest; without any not a number
         */
        public static Spread confidence(double... values)
        {
            if (values.length == 0)
            {
                return new Spread(Double.NaN, Double.NaN, Double.NaN);
            }
            double[] sorted = values.clone();
            Arrays.sort(sorted);
            int first = Math.max(0, (int)Math.floor((sorted.length - QUANTILE * Math.sqrt(sorted.length)) / 2));
            return new Spread(sorted[first], of(sorted).median, sorted[sorted.length - 1 - first]);
        }

        /**
         * @param values drawn independently from a distribution that is nearly normal
         * @return their mean between the ends of its 95 % confidence interval, by Student's t; of less than two values not a number
         */
        public static Spread ofMean(double... values)
        {
            if (values.length < 2)
            {
                return new Spread(Double.NaN, values.length == 0 ? Double.NaN : values[0], Double.NaN);
            }
            DescriptiveStatistics statistics = new DescriptiveStatistics(values);
            double half = new TDistribution(values.length - 1).inverseCumulativeProbability(UPPER_END) * statistics.getStandardDeviation()
                / Math.sqrt(values.length);
            return new Spread(statistics.getMean() - half, statistics.getMean(), statistics.getMean() + half);
        }

        /**
         * @param format of one value
         * @return min, median in bold, max
         */
        public String text(String format)
        {
            return String.format(Locale.ROOT, format + " / **" + format + "** / " + format, min, median, max);
        }

        /**
         * @return for JSON
         */
        public Map<String, Object> json()
        {
            Map<String, Object> members = new LinkedHashMap<>();
            members.put("min", number(min));
            members.put("median", number(median));
            members.put("max", number(max));
            return members;
        }
    }

    /**
     * A table in Markdown.
     */
    public static final class Table
    {
        private final StringBuilder text = new StringBuilder();

        /**
         * @param columns their titles; all but the first are figures
         */
        public Table(List<String> columns)
        {
            row(columns);
            row(columns.stream().map(column -> column.equals(columns.get(0)) ? "---" : "---:").toList());
        }

        /**
         * @param cells as many as there are columns
         */
        public void row(List<String> cells)
        {
            text.append("| ").append(String.join(" | ", cells)).append(" |\n");
        }

        @Override
        public String toString()
        {
            return text.toString();
        }
    }

    /**
     * @param options how the benchmark was called
     */
    public Report(Options options)
    {
        this.options = options;
    }

    /**
     * @return the JDK's feature release
     */
    public static int feature()
    {
        return Runtime.version().feature();
    }

    /**
     * @return on what was measured
     */
    public static String machine()
    {
        return String.format("%s, %d processors, Linux %s, %s %s", processor(), Runtime.getRuntime().availableProcessors(),
            System.getProperty("os.version").replaceAll("-.*", ""), System.getProperty("java.vendor"), Runtime.version());
    }

    private static String processor()
    {
        try (Stream<String> lines = Files.lines(Path.of("/proc/cpuinfo")))
        {
            return lines.filter(line -> line.startsWith("model name")).map(line -> line.replaceAll(".*: ", "")).findFirst()
                .orElse("unknown processor");
        }
        catch (IOException e)
        {
            return "unknown processor";
        }
    }

    /**
     * @param name of the benchmark
     * @param figures what was measured, as objects of JSON
     * @param text what to say of it, in Markdown
     * @throws IOException when a file cannot be written
     */
    public void write(String name, Map<String, Object> figures, String text) throws IOException
    {
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("benchmark", name);
        all.put("machine", machine());
        all.put("quick", options.quick());
        all.putAll(figures);
        Files.createDirectories(DIRECTORY);
        Path file = DIRECTORY.resolve(name + "-" + feature() + ".json");
        Files.writeString(file, new JSON().toJSON(all) + "\n");
        String whole = text.strip() + "\n\n" + machine() + ".\n";
        System.out.println(whole);
        System.out.println(file);
        if (options.docs() && !options.quick())
        {
            section(name + "-" + feature(), whole);
        }
    }

    private static void section(String name, String text) throws IOException
    {
        String document = Files.readString(DOCUMENT);
        String begin = "<!-- bench " + name + " -->\n";
        String end = "<!-- end -->\n";
        int from = document.indexOf(begin);
        int to = document.indexOf(end, Math.max(from, 0));
        if (from < 0 || to < 0)
        {
            throw new IOException(DOCUMENT + " has no section " + name);
        }
        String next = document.substring(0, from) + begin + text + document.substring(to);
        Files.write(DOCUMENT, next.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * @param name of a picture
     * @return where to write it
     * @throws IOException when there is no place
     */
    public Path picture(String name) throws IOException
    {
        Path directory = options.docs() && !options.quick() ? DOCUMENT.getParent() : DIRECTORY;
        Files.createDirectories(directory);
        return directory.resolve(name + ".svg");
    }

    /**
     * @param value any
     * @return what JSON has for it, null for no number
     */
    public static Double number(double value)
    {
        return Double.isFinite(value) ? value : null;
    }

    /**
     * @return how the benchmark was called
     */
    public Options options()
    {
        return options;
    }
}
