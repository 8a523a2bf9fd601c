package io.github.tlsresumption.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;

import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordedFrame;
import jdk.jfr.consumer.RecordingFile;

/**
 * A flame graph of what a flight recording has sampled: each box a method, as wide as its share, upon its caller.
 */
public final class Flames
{
    private static final int WIDTH = 1200;
    private static final int ROW = 16;
    private static final int TOP = 28;
    private static final double LEAST = 0.002;
    private static final double CHARACTER = 6.2;

    private final Node root = new Node("all");

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
     * @param recording a file
     * @param from only stacks with such a method, and of them what it calls
     * @return its samples
     * @throws IOException when it cannot be read
     */
    public static Flames of(Path recording, Predicate<String> from) throws IOException
    {
        Flames flames = new Flames();
        try (RecordingFile file = new RecordingFile(recording))
        {
            while (file.hasMoreEvents())
            {
                RecordedEvent event = file.readEvent();
                String type = event.getEventType().getName();
                if ((type.equals("jdk.ExecutionSample") || type.equals("jdk.NativeMethodSample")) && event.getStackTrace() != null)
                {
                    flames.add(names(event.getStackTrace().getFrames()), from);
                }
            }
        }
        return flames;
    }

    private static List<String> names(List<RecordedFrame> frames)
    {
        List<String> names = new ArrayList<>();
        for (RecordedFrame frame : frames)
        {
            names.add(frame.getMethod().getType().getName() + "." + frame.getMethod().getName());
        }
        Collections.reverse(names);
        return names;
    }

    private void add(List<String> stack, Predicate<String> from)
    {
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
        node.samples++;
        for (String name : stack.subList(start, stack.size()))
        {
            node = node.callees.computeIfAbsent(name, Node::new);
            node.samples++;
        }
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
     * @return the share of the samples in which one of them, or what it called, was at work
     */
    public double share(Predicate<String> method)
    {
        return (double)in(root, method) / Math.max(1, root.samples);
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
     * @return the methods themselves at work, without what they called, by share, the largest first
     */
    public Map<String, Double> own()
    {
        Map<String, Long> counts = new LinkedHashMap<>();
        own(root, counts);
        Map<String, Double> shares = new LinkedHashMap<>();
        counts.entrySet().stream().sorted(Map.Entry.<String, Long>comparingByValue().reversed())
            .forEach(entry -> shares.put(entry.getKey(), (double)entry.getValue() / root.samples));
        return shares;
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
