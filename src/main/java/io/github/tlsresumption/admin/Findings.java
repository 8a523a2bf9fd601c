package io.github.tlsresumption.admin;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

import io.github.tlsresumption.admin.Finding.Level;
import io.github.tlsresumption.status.ConnectorStatus;

/**
 * Finds what is wrong with a connector, or unusual.
 */
final class Findings
{
    private static final double PERCENT = 100;
    private static final double MANY = 0.05;
    private static final int LEAST = 5;

    private final ConnectorStatus status;
    private final Recent recent;
    private final List<Finding> found = new ArrayList<>();

    private Findings(ConnectorStatus status, Recent recent)
    {
        this.status = status;
        this.recent = recent;
    }

    /**
     * @param status of a connector
     * @param recent what it has done lately
     * @return what an operator should know, the worst first; nothing when it is healthy
     */
    static List<Finding> of(ConnectorStatus status, Recent recent)
    {
        Findings findings = new Findings(status, recent);
        findings.stores();
        if (status.resumes())
        {
            findings.keys();
            findings.share();
        }
        else
        {
            findings.add(Level.NOTE, "Resumption is off.");
        }
        findings.refusals();
        findings.found.sort(Comparator.comparing(Finding::level));
        return List.copyOf(findings.found);
    }

    private void add(Level level, String text)
    {
        found.add(new Finding(level, text));
    }

    private void stores()
    {
        status.stores().forEach(store -> store.problem().ifPresent(problem ->
            add(Level.BAD, "Store of " + store.store() + ": " + problem + (problem.endsWith(".") ? "" : "."))));
    }

    private void keys()
    {
        if (status.ring().keys().isEmpty())
        {
            add(Level.BAD, "There is no ticket key.");
        }
        else if (status.ring().keys().stream().noneMatch(key -> "sealing".equals(key.state())))
        {
            add(Level.BAD, "No ticket key seals new tickets.");
        }
    }

    private void share()
    {
        Counters counted = recent.counted();
        boolean isNone = counted.resumed() == 0 && recent.isTelling() && counted.byPolicy() < counted.full();
        if (isNone && recent.usualShare().orElse(1) > 0)
        {
            add(recent.isUnusuallyLow() ? Level.BAD : Level.WARNING,
                "None of the last " + counted.all() + " handshakes resumed a session.");
        }
        else if (recent.isUnusuallyLow())
        {
            add(Level.WARNING, "Fewer handshakes than usual resume a session: " + percent(counted.share()) + " instead of "
                + percent(recent.usualShare().getAsDouble()) + ".");
        }
    }

    private void refusals()
    {
        recent.counted().refusals().forEach((reason, count) ->
        {
            boolean isFault = count > 0 && Reasons.FAULTS.contains(reason);
            boolean isMany = count >= LEAST && count > MANY * recent.counted().all() && Reasons.SUSPECT.contains(reason);
            if (isFault || isMany)
            {
                add(isFault ? Level.BAD : Level.WARNING, "Refused " + count + (count == 1 ? " time, " : " times, ") + reason + ": "
                    + Reasons.meaning(reason));
            }
        });
    }

    static String percent(double share)
    {
        return Math.round(PERCENT * share) + " %";
    }
}
