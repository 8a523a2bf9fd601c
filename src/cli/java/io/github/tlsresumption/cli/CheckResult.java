package io.github.tlsresumption.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import io.github.tlsresumption.cli.Finding.Level;
import io.github.tlsresumption.json.JsonObject;

/**
 * What one examination of all nodes brought.
 *
 * @param reports of each node
 * @param crossings from node to node
 * @param findings what is to be said of that
 * @param counts what the nodes were offered
 */
record CheckResult(List<NodeReport> reports, List<Crossing> crossings, List<Finding> findings, Prober.Counts counts)
{
    int exit()
    {
        if (reports.stream().anyMatch(report -> report.unreachable().isPresent()))
        {
            return Exit.CANNOT;
        }
        return isHealthy() ? Exit.WELL : Exit.WRONG;
    }

    long count(Level level)
    {
        return findings.stream().filter(finding -> finding.level() == level).count();
    }

    private boolean isHealthy()
    {
        return count(Level.PROBLEM) == 0;
    }

    JsonObject json()
    {
        return new JsonObject().with("well", isHealthy())
            .with("nodes", reports.stream().map(NodeReport::json).toList())
            .with("crossings", crossings.stream().map(Crossing::json).toList())
            .with("findings", findings.stream().map(Finding::json).toList())
            .with("probes", counts.json());
    }

    /**
     * @return what stays the same while nothing happens, by its place
     */
    Map<String, String> facts()
    {
        Map<String, String> facts = new LinkedHashMap<>();
        for (NodeReport report : reports)
        {
            String node = report.node().name();
            report.certificate().ifPresent(own -> facts.put(node + ", certificate", NodeReport.describe(own)));
            report.examinations().forEach(seen -> facts.put(node + ", " + seen.variant(), seen.fact(report.resumption(seen))));
        }
        crossings.forEach(crossing -> facts.put(crossing.from() + " to " + crossing.to() + ", " + crossing.variant(),
            crossing.result().toString()));
        return facts;
    }
}
