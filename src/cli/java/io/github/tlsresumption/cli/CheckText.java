package io.github.tlsresumption.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;

import io.github.tlsresumption.cli.Examination.Trial;
import io.github.tlsresumption.cli.Finding.Level;
import io.github.tlsresumption.cli.Finding.Place;

/**
 * Writes what was seen for people: what is the same of several nodes once.
 */
final class CheckText
{
    /** How many places are named before they are counted. */
    private static final int NAMED = 4;

    private final PrintWriter out;
    private final Palette palette;

    CheckText(PrintWriter out, Palette palette)
    {
        this.out = out;
        this.palette = palette;
    }

    void print(CheckResult result)
    {
        Map<List<String>, List<NodeReport>> alike = result.reports().stream()
            .collect(Collectors.groupingBy(this::lines, LinkedHashMap::new, Collectors.toList()));
        alike.forEach((lines, nodes) ->
        {
            out.println(palette.title(nodes.stream().map(report -> report.node().name()).collect(Collectors.joining(", "))));
            lines.forEach(line -> out.println("  " + line));
        });
        print(result.crossings());
        if (!result.findings().isEmpty())
        {
            out.println("Findings");
        }
        group(result.findings()).forEach(same -> print(same, result.reports()));
        out.println(summary(result));
        Prober.Counts counts = result.counts();
        out.printf("Connections made: %d; with a session for another host or none: %d, with a changed ticket: %d. Servers count them.%n",
            counts.connections(), counts.otherHosts(), counts.tampered());
        out.flush();
    }

    private String summary(CheckResult result)
    {
        long problems = group(result.findings()).stream().filter(same -> same.get(0).level() == Level.PROBLEM).count();
        long warnings = group(result.findings()).stream().filter(same -> same.get(0).level() == Level.WARNING).count();
        String found = problems == 0 ? palette.good("No problem found")
            : palette.bad(problems + (problems == 1 ? " problem" : " problems"));
        boolean off = result.reports().stream().anyMatch(report -> report.examinations().stream().anyMatch(seen ->
            seen.variant().tickets() && seen.failure().isEmpty() && report.resumption(seen) == Resumption.OFF));
        return found + (warnings == 0 ? "" : ", " + warnings + (warnings == 1 ? " warning" : " warnings")) + "."
            + (off ? " " + palette.doubtful("Resumption is off.") : "");
    }

    private List<String> lines(NodeReport report)
    {
        List<String> lines = new ArrayList<>();
        lines.add(line("host", report.serverName().orElse("none named")));
        report.unreachable().ifPresent(failure -> lines.add(palette.bad(Terminal.printable(failure))));
        report.certificate().ifPresent(own -> lines.add(line("certificate", Terminal.printable(NodeReport.describe(own))
            + ", " + report.untrusted().map(fault -> palette.bad("NOT trusted")).orElse("trusted"))));
        report.examinations().forEach(seen -> lines.add(line(seen.variant().toString(), colored(report, seen))));
        return lines;
    }

    private static String line(String name, String text)
    {
        return String.format("%-24s %s", name, text);
    }

    private String colored(NodeReport report, Examination seen)
    {
        Resumption resumption = report.resumption(seen);
        String text = Terminal.printable(seen.sentence(resumption));
        if (seen.failure().isPresent())
        {
            return seen.supported() ? palette.bad(text) : text;
        }
        return switch (resumption)
        {
            case ON, COLD -> palette.good(text);
            case OFF -> palette.doubtful(text);
            case UNSTEADY, BROKEN -> palette.bad(text);
        };
    }

    private void print(List<Crossing> crossings)
    {
        Map<Map<Way, Trial>, List<String>> tables = new LinkedHashMap<>();
        for (Variant variant : Variant.values())
        {
            Map<Way, Trial> results = new LinkedHashMap<>();
            crossings.stream().filter(crossing -> crossing.variant() == variant)
                .forEach(crossing -> results.put(new Way(crossing.from(), crossing.to()), crossing.result()));
            if (!results.isEmpty())
            {
                tables.computeIfAbsent(results, key -> new ArrayList<>()).add(variant.toString());
            }
        }
        tables.forEach((results, variants) -> printTable(String.join(", ", variants), results));
    }

    private record Way(Node from, Node to)
    {
    }

    private void printTable(String variants, Map<Way, Trial> results)
    {
        out.println("From node to node, " + variants);
        List<Node> nodes = results.keySet().stream().flatMap(way -> List.of(way.from(), way.to()).stream()).distinct().toList();
        if (results.values().stream().allMatch(result -> result == Trial.RESUMED))
        {
            out.println("  " + palette.good("each node resumes the sessions of each other"));
            return;
        }
        int width = nodes.stream().mapToInt(node -> node.name().length()).max().orElse(0);
        StringBuilder head = new StringBuilder(" ".repeat(width + 9));
        for (int i = 0; i < nodes.size(); i++)
        {
            head.append(String.format("%-8s", "to " + (i + 1)));
        }
        out.println(head.toString().stripTrailing());
        for (int i = 0; i < nodes.size(); i++)
        {
            Node from = nodes.get(i);
            StringBuilder row = new StringBuilder(String.format("  %3d  %-" + width + "s  ", i + 1, from.name()));
            nodes.forEach(to -> row.append(cell(results.get(new Way(from, to)))));
            out.println(row.toString().stripTrailing());
        }
    }

    private String cell(Trial result)
    {
        String text = String.format("%-8s", Objects.toString(result, "-"));
        return result == null ? text : switch (result)
        {
            case RESUMED -> palette.good(text);
            case FULL -> palette.doubtful(text);
            case FAILED, NOT_TRIED -> palette.bad(text);
        };
    }

    private static List<List<Finding>> group(List<Finding> findings)
    {
        List<List<Finding>> groups = new ArrayList<>();
        for (Finding finding : findings)
        {
            groups.stream().filter(same -> same.get(0).isLike(finding)).findFirst().orElseGet(() ->
            {
                List<Finding> same = new ArrayList<>();
                groups.add(same);
                return same;
            }).add(finding);
        }
        return groups;
    }

    private void print(List<Finding> same, List<NodeReport> reports)
    {
        Finding finding = same.get(0);
        out.println("  " + level(finding.level()) + " " + Terminal.printable(finding.what()));
        out.println("    " + Terminal.printable(finding.advice()));
        Map<String, List<String>> clients = new LinkedHashMap<>();
        for (Finding one : same)
        {
            Place place = one.place();
            List<String> names = clients.computeIfAbsent(place.node(), key -> new ArrayList<>());
            place.variant().ifPresent(variant -> names.add(variant.toString()));
        }
        Map<List<String>, List<String>> places = new LinkedHashMap<>();
        clients.forEach((node, variants) -> places.computeIfAbsent(variants, key -> new ArrayList<>()).add(node));
        places.forEach((variants, nodes) -> out.println("    at " + names(nodes, reports)
            + (variants.isEmpty() ? "" : ": " + String.join(", ", variants))));
    }

    private static String names(List<String> places, List<NodeReport> reports)
    {
        if (reports.size() > 1 && places.equals(reports.stream().map(report -> report.node().name()).toList()))
        {
            return "all nodes";
        }
        return places.size() <= NAMED ? String.join(", ", places)
            : String.join(", ", places.subList(0, NAMED - 1)) + " and " + (places.size() - NAMED + 1) + " more";
    }

    private String level(Level level)
    {
        return switch (level)
        {
            case PROBLEM -> palette.bad(level);
            case WARNING -> palette.doubtful(level);
            case NOTE -> level.toString();
        };
    }
}
