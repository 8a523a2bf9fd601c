package io.github.tlsresumption.metrics;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;

import io.github.tlsresumption.status.ConnectorStatus;
import io.github.tlsresumption.status.RuleStatus;
import io.github.tlsresumption.status.ServerStatus;
import io.prometheus.metrics.model.registry.Collector;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;

/**
 * What belongs to the rules in force at the moment of asking, which may be others than when the meters were bound.
 */
final class RuleCollectors
{
    /**
     * What the meters of handshakes by rule are.
     */
    static final String HANDSHAKES = "Completed handshakes by rule";
    /**
     * What the meters of live sessions by rule are.
     */
    static final String LIVE_SESSIONS = "Live sessions of mode cache by rule";

    private RuleCollectors()
    {
    }

    static Collector handshakes(Supplier<ServerStatus> source)
    {
        return () -> handshakes(source.get());
    }

    private static MetricSnapshot handshakes(ServerStatus status)
    {
        CounterSnapshot.Builder snapshot = CounterSnapshot.builder().name("tls_resumption_rule_handshakes").help(HANDSHAKES);
        for (ConnectorStatus connector : status.connectors())
        {
            for (RuleStatus rule : connector.rules())
            {
                rule.handshakes().forEach((result, count) -> snapshot.dataPoint(CounterDataPointSnapshot.builder()
                    .labels(Labels.of("connector", connector.name(), "result", result, "rule", rule.rule(), "scope", connector.scope()))
                    .value(count)
                    .build()));
            }
        }
        return snapshot.build();
    }

    static Collector liveSessions(Supplier<ServerStatus> source)
    {
        return () -> liveSessions(source.get());
    }

    private static MetricSnapshot liveSessions(ServerStatus status)
    {
        // Connectors of one scope may have rules of the same name, and tell the same of them.
        Map<Labels, Long> counts = new LinkedHashMap<>();
        status.connectors().forEach(connector -> connector.rules().forEach(rule -> rule.liveSessions()
            .ifPresent(count -> counts.put(Labels.of("rule", rule.rule(), "scope", connector.scope()), count))));
        GaugeSnapshot.Builder snapshot = GaugeSnapshot.builder().name("tls_resumption_rule_live_sessions").help(LIVE_SESSIONS);
        counts.forEach((labels, count) -> snapshot.dataPoint(GaugeDataPointSnapshot.builder().labels(labels).value(count).build()));
        return snapshot.build();
    }
}
