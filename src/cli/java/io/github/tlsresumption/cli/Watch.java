package io.github.tlsresumption.cli;

import java.io.PrintWriter;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import io.github.tlsresumption.cli.Finding.Level;

/**
 * Tells what has changed from one examination to the next.
 */
final class Watch
{
    private final PrintWriter out;
    private final Palette palette;
    private final Clock clock;

    Watch(PrintWriter out, Palette palette, Clock clock)
    {
        this.out = out;
        this.palette = palette;
        this.clock = clock;
    }

    /**
     * @return whether anything has
     */
    boolean compare(CheckResult before, CheckResult now)
    {
        List<String> changes = new ArrayList<>();
        Map<String, String> old = before.facts();
        now.facts().forEach((place, fact) ->
        {
            // Of a node that was not reached there are no facts, only the problem.
            if (!fact.equals(old.getOrDefault(place, fact)))
            {
                changes.add(place + ": " + Terminal.printable(old.get(place) + " -> " + fact));
            }
        });
        for (Finding finding : news(before, now))
        {
            changes.add((finding.level() == Level.PROBLEM ? palette.bad(finding.level()) : palette.doubtful(finding.level())) + " "
                + words(finding));
        }
        news(now, before).stream().filter(finding -> isExamined(finding, now))
            .forEach(finding -> changes.add(palette.good("no longer") + ": " + words(finding)));
        String time = clock.instant().truncatedTo(ChronoUnit.SECONDS).toString();
        changes.forEach(change -> out.println(time + " " + change));
        out.flush();
        return !changes.isEmpty();
    }

    private static String words(Finding finding)
    {
        return Terminal.printable(finding.what()) + ", at " + finding.place();
    }

    /*
     * Notes say why, what the facts say shorter.
     */
    private static List<Finding> news(CheckResult before, CheckResult now)
    {
        return now.findings().stream().filter(finding -> finding.level() != Level.NOTE && !before.findings().contains(finding)).toList();
    }

    /*
     * What is wrong with a node is not over because it is down.
     */
    private static boolean isExamined(Finding finding, CheckResult now)
    {
        return now.reports().stream().filter(report -> report.unreachable().isPresent())
            .noneMatch(report -> finding.place().concerns(report.node().name()));
    }
}
