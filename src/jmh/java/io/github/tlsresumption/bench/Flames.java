package io.github.tlsresumption.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A flame graph of what a profiler has sampled: each box a method, as wide as its share, upon its caller.
 */
public final class Flames
{
    private static final int WIDTH = 1200;
    private static final int ROW = 16;
    private static final int TOP = 28;
    private static final double LEAST = 0.002;
    private static final double CHARACTER = 6.2;
    /** What the JVM puts into the name of a lambda or a hidden class is another in each run. */
    private static final Pattern VARYING = Pattern.compile("[.+/]0x[0-9a-f]+|\\$\\$Lambda.*?(?=\\.[a-z])");
    /** A library that has no symbols, wherever it was unpacked. */
    private static final Pattern LIBRARY = Pattern.compile("^.*/(lib[A-Za-z]+)[^/]*\\.so.*$");

    private final Node root = new Node("all");
    private long met;

    private static final class Node
    {
        private final String name;
        private final Map<String, Node> callees = new TreeMap<>();
        private long samples;

        private Node(String name)
        {
            this.name = name;
        }
    }

    /**
     * @param collapsed a file of async-profiler: in each line a stack, its outermost frame first, and how often it was met
     * @param from only stacks with such a method, and of them what it calls
     * @return its samples
     * @throws IOException when it cannot be read
     */
    public static Flames of(Path collapsed, Predicate<String> from) throws IOException
    {
        Flames flames = new Flames();
        for (String line : Files.readAllLines(collapsed))
        {
            int end = line.lastIndexOf(' ');
            List<String> stack = Stream.of(line.substring(0, end).split(";"))
                .map(frame -> VARYING.matcher(LIBRARY.matcher(frame).replaceAll("$1")).replaceAll("").replace('/', '.')).toList();
            flames.add(stack, Long.parseLong(line.substring(end + 1)), from);
        }
        return flames;
    }

    private void add(List<String> stack, long count, Predicate<String> from)
    {
        met += count;
        int start = 0;
        while (start < stack.size() && !from.test(stack.get(start)))
        {
            start++;
        }
        if (start == stack.size())
        {
            return;
        }
        Node node = root;
        node.samples += count;
        for (String name : stack.subList(start, stack.size()))
        {
            node = node.callees.computeIfAbsent(name, Node::new);
            node.samples += count;
        }
    }

    /**
     * @return how many samples there were in all, also of other stacks
     */
    public long met()
    {
        return met;
    }

    /**
     * @return how many samples there are
     */
    public long samples()
    {
        return root.samples;
    }

    /**
     * @param method tells methods
     * @return in how many samples one of them, or what it called, was at work
     */
    public long samples(Predicate<String> method)
    {
        return in(root, method);
    }

    private static long in(Node node, Predicate<String> method)
    {
        if (method.test(node.name))
        {
            return node.samples;
        }
        return node.callees.values().stream().mapToLong(callee -> in(callee, method)).sum();
    }

    /**
     * @return in how many samples a method itself was at work, and not what it called
     */
    public Map<String, Long> own()
    {
        Map<String, Long> counts = new TreeMap<>();
        own(root, counts);
        return counts;
    }

    private static void own(Node node, Map<String, Long> counts)
    {
        long callees = node.callees.values().stream().mapToLong(callee -> callee.samples).sum();
        if (node.samples > callees)
        {
            counts.merge(node.name, node.samples - callees, Long::sum);
        }
        node.callees.values().forEach(callee -> own(callee, counts));
    }

    /**
     * @param title what is shown
     * @param file to write
     * @throws IOException when it cannot be written
     */
    public void write(String title, Path file) throws IOException
    {
        int rows = depth(root);
        int height = TOP + (rows + 1) * ROW;
        StringBuilder svg = new StringBuilder(String.format(Locale.ROOT, "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" "
            + "font-family=\"sans-serif\" font-size=\"11\">%n<rect width=\"%d\" height=\"%d\" fill=\"#fff\"/>%n"
            + "<text x=\"8\" y=\"18\" font-weight=\"bold\">%s</text>%n", WIDTH, height, WIDTH, height, escaped(title)));
        box(svg, root, 0, WIDTH, height - ROW);
        Files.writeString(file, svg.append("</svg>\n").toString());
    }

    private int depth(Node node)
    {
        if (node.samples < LEAST * root.samples)
        {
            return 0;
        }
        return 1 + node.callees.values().stream().mapToInt(this::depth).max().orElse(0);
    }

    private void box(StringBuilder svg, Node node, double x, double width, int y)
    {
        if (node.samples < LEAST * root.samples)
        {
            return;
        }
        String shorter = shorter(node.name);
        svg.append(String.format(Locale.ROOT, "<g><title>%s %.1f %%</title><rect x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%d\" "
            + "fill=\"%s\" stroke=\"#fff\"/>", escaped(node.name), 100.0 * node.samples / root.samples, x, y, width, ROW,
            colour(node.name)));
        int room = (int)(width / CHARACTER) - 1;
        if (room > 2)
        {
            svg.append(String.format(Locale.ROOT, "<text x=\"%.1f\" y=\"%d\">%s</text>", x + 3, y + 12,
                escaped(shorter.length() > room ? shorter.substring(0, room - 1) + "…" : shorter)));
        }
        svg.append("</g>\n");
        double at = x;
        for (Node callee : node.callees.values())
        {
            double share = width * callee.samples / node.samples;
            box(svg, callee, at, share, y - ROW);
            at += share;
        }
    }

    private static String colour(String name)
    {
        if (name.startsWith("io.github.tlsresumption."))
        {
            return "#6fa8ff";
        }
        if (name.startsWith("org.eclipse.jetty."))
        {
            return "#a9d8a0";
        }
        return name.startsWith("sun.security.ssl.") ? "#f6c177" : "#f0dfc0";
    }

    private static String shorter(String name)
    {
        int method = name.lastIndexOf('.');
        int type = name.lastIndexOf('.', method - 1);
        return name.substring(type + 1);
    }

    private static String escaped(String text)
    {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }
}
