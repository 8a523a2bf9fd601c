package io.github.tlsresumption.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Curves in SVG: the horizontal axis is logarithmic with a place for 0, the vertical one begins at 0.
 */
final class Plot
{
    private static final int WIDTH = 720;
    private static final int HEIGHT = 360;
    private static final int LEFT = 64;
    private static final int RIGHT = 190;
    private static final int TOP = 40;
    private static final int BOTTOM = 48;
    private static final List<String> COLOURS = List.of("#0b6bcb", "#c4320a", "#1b7f4b", "#7a3fb5", "#a86700");

    private final String title;
    private final String horizontal;
    private final String vertical;
    private final Map<String, List<Point>> curves = new LinkedHashMap<>();

    /**
     * @param x 0 or more
     * @param y 0 or more
     */
    record Point(long x, double y)
    {
    }

    Plot(String title, String horizontal, String vertical)
    {
        this.title = title;
        this.horizontal = horizontal;
        this.vertical = vertical;
    }

    void add(String curve, long x, double y)
    {
        curves.computeIfAbsent(curve, key -> new ArrayList<>()).add(new Point(x, y));
    }

    Map<String, List<Point>> curves()
    {
        return curves;
    }

    void write(Path file) throws IOException
    {
        Files.writeString(file, svg());
    }

    private static double place(long x)
    {
        return x == 0 ? 0 : 1 + Math.log10(x);
    }

    private String svg()
    {
        List<Point> all = curves.values().stream().flatMap(List::stream).toList();
        List<Long> xs = all.stream().map(Point::x).distinct().sorted().toList();
        double from = place(xs.get(0));
        double to = Math.max(place(xs.get(xs.size() - 1)), from + 1);
        double most = nice(all.stream().mapToDouble(Point::y).max().orElse(1));
        StringBuilder svg = new StringBuilder(format("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" "
            + "font-family=\"sans-serif\" font-size=\"12\" role=\"img\" aria-label=\"%s\">%n", WIDTH, HEIGHT, title));
        svg.append(format("<rect width=\"%d\" height=\"%d\" fill=\"#fff\"/>%n", WIDTH, HEIGHT));
        text(svg, LEFT, TOP - 18, "start", title + ", " + vertical, "font-weight=\"bold\"");
        for (int i = 0; i <= 4; i++)
        {
            double value = most * i / 4;
            double y = y(value, most);
            svg.append(format("<line x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\" stroke=\"#ddd\"/>%n", LEFT, WIDTH - RIGHT, y, y));
            text(svg, LEFT - 8, y + 4, "end", number(value), "");
        }
        for (long x : xs)
        {
            text(svg, x(x, from, to), HEIGHT - BOTTOM + 18, "middle", count(x), "");
        }
        text(svg, (LEFT + WIDTH - RIGHT) / 2.0, HEIGHT - 8, "middle", horizontal, "");
        int index = 0;
        for (Map.Entry<String, List<Point>> curve : curves.entrySet())
        {
            String colour = COLOURS.get(index % COLOURS.size());
            StringBuilder points = new StringBuilder();
            for (Point point : curve.getValue())
            {
                double x = x(point.x(), from, to);
                double y = y(point.y(), most);
                points.append(format("%.1f,%.1f ", x, y));
                svg.append(format("<circle cx=\"%.1f\" cy=\"%.1f\" r=\"3\" fill=\"%s\"/>%n", x, y, colour));
            }
            svg.append(format("<polyline points=\"%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"2\"/>%n", points.toString().strip(),
                colour));
            double y = TOP + 18.0 * index;
            svg.append(format("<rect x=\"%d\" y=\"%.1f\" width=\"12\" height=\"12\" fill=\"%s\"/>%n", WIDTH - RIGHT + 14, y, colour));
            text(svg, WIDTH - RIGHT + 32, y + 10, "start", curve.getKey(), "");
            index++;
        }
        return svg.append("</svg>\n").toString();
    }

    private static double x(long x, double from, double to)
    {
        return LEFT + (place(x) - from) / (to - from) * (WIDTH - LEFT - RIGHT);
    }

    private static double y(double y, double most)
    {
        return HEIGHT - BOTTOM - y / most * (HEIGHT - TOP - BOTTOM);
    }

    private static double nice(double value)
    {
        double power = Math.pow(10, Math.floor(Math.log10(Math.max(value, 1e-6))));
        for (double step : new double[]{1, 2, 4, 8, 10})
        {
            if (value <= step * power)
            {
                return step * power;
            }
        }
        return 10 * power;
    }

    private static String number(double value)
    {
        return value >= 10 || value == 0 ? format("%.0f", value) : format(value < 0.1 ? "%.3f" : "%.2f", value);
    }

    private static String count(long x)
    {
        if (x >= 1_000_000)
        {
            return x / 1_000_000 + " M";
        }
        return x >= 1_000 ? x / 1_000 + " k" : String.valueOf(x);
    }

    private static void text(StringBuilder svg, double x, double y, String anchor, String text, String more)
    {
        svg.append(format("<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\" %s>%s</text>%n", x, y, anchor, more, text));
    }

    private static String format(String format, Object... values)
    {
        return String.format(Locale.ROOT, format, values);
    }
}
