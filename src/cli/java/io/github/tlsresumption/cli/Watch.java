package io.github.tlsresumption.cli;

import java.io.PrintWriter;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

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
        String time = clock.instant().truncatedTo(ChronoUnit.SECONDS).toString();
        Map<String, String> old = before.facts();
        Map<String, String> current = now.facts();
        Set<String> places = new LinkedHashSet<>(old.keySet());
        places.addAll(current.keySet());
        boolean changed = false;
        for (String place : places)
        {
            String then = old.get(place);
            String since = current.get(place);
            if (!Objects.equals(then, since))
            {
                changed = true;
                out.println(time + " " + place + ": " + Terminal.printable(Objects.toString(then, "not examined") + " -> "
                    + Objects.toString(since, "not examined")));
            }
        }
        for (Finding finding : news(before.findings(), now.findings()))
        {
            changed = true;
            out.println(time + " " + (finding.level() == Level.PROBLEM ? palette.bad(finding.level()) : finding.level()) + " "
                + Terminal.printable(finding.what()) + ", at " + finding.place());
        }
        for (Finding finding : news(now.findings(), before.findings()))
        {
            changed = true;
            out.println(time + " " + palette.good("no longer") + ": " + Terminal.printable(finding.what()) + ", at " + finding.place());
        }
        out.flush();
        return changed;
    }

    private static List<Finding> news(List<Finding> before, List<Finding> now)
    {
        return now.stream().filter(finding -> !before.contains(finding)).toList();
    }
}
