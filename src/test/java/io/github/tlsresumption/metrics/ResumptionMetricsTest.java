package io.github.tlsresumption.metrics;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;

import io.github.tlsresumption.status.ConnectorStatus;
import io.github.tlsresumption.status.Distribution;
import io.github.tlsresumption.status.HandshakeCount;
import io.github.tlsresumption.status.RingStatus;
import io.github.tlsresumption.status.RuleStatus;
import io.github.tlsresumption.status.ServerStatus;
import io.github.tlsresumption.status.StoreHealth;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

class ResumptionMetricsTest
{
    private long full = 3;
    private Optional<String> problem = Optional.empty();
    private List<RuleStatus> rules = List.of(rule("admins", 2, OptionalLong.of(4)), rule(RuleStatus.DEFAULT, 1, OptionalLong.of(1)));

    private static RuleStatus rule(String name, long full, OptionalLong liveSessions)
    {
        return new RuleStatus(name, Map.of("full", full, "cache", 7L), liveSessions);
    }

    private ServerStatus status()
    {
        return new ServerStatus("node", Instant.now(), List.of(connector("one"), connector("two")));
    }

    private ConnectorStatus connector(String name)
    {
        return connector(name, true, 0);
    }

    private ConnectorStatus connector(String name, boolean resumes, long ringVersion)
    {
        Distribution times = new Distribution(List.of(1_000L, 1_000_000L), List.of(1L, 2L, 1L), 5_000_000_000L);
        Distribution ages = new Distribution(List.of(60L), List.of(1L, 0L), 30);
        StoreHealth store = new StoreHealth("ticket-keys", "somewhere", Optional.of(Instant.now()), Optional.empty(), OptionalLong.empty(),
            Optional.empty(), problem);
        return new ConnectorStatus("scope", name, "jdk", Map.of(), resumes, Duration.ofHours(1),
            List.of(new HandshakeCount("TLSv1.3", "full", full)),
            Map.of("expired", 1L), times, times, ages, Map.of("hard", 0L), 9, rules, 5,
            new RingStatus(ringVersion, Optional.empty(), Optional.empty(), Optional.empty(), List.of()), 6, List.of(store));
    }

    @Test
    void prometheusGetsHistogramsInSecondsAndEachScopeOnce()
    {
        PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        new ResumptionMetrics(this::status).bindTo(registry);
        String text = registry.scrape();
        for (String line : List.of(
            "tls_resumption_handshakes_total{connector=\"two\",protocol=\"TLSv1.3\",result=\"full\",scope=\"scope\"} 3.0",
            "tls_resumption_check_connections_total{connector=\"two\",scope=\"scope\"} 9.0",
            "tls_resumption_open_seconds_bucket{connector=\"one\",scope=\"scope\",le=\"1.0E-6\"} 1",
            "tls_resumption_open_seconds_bucket{connector=\"one\",scope=\"scope\",le=\"0.001\"} 3",
            "tls_resumption_open_seconds_bucket{connector=\"one\",scope=\"scope\",le=\"+Inf\"} 4",
            "tls_resumption_open_seconds_sum{connector=\"one\",scope=\"scope\"} 5.0",
            "tls_resumption_session_age_seconds_sum{connector=\"one\",scope=\"scope\"} 30.0",
            "tls_resumption_rule_handshakes_total{connector=\"one\",result=\"full\",rule=\"admins\",scope=\"scope\"} 2.0",
            "tls_resumption_rule_handshakes_total{connector=\"two\",result=\"cache\",rule=\"(default)\",scope=\"scope\"} 7.0",
            "tls_resumption_rule_live_sessions{rule=\"admins\",scope=\"scope\"} 4.0",
            "tls_resumption_live_sessions{scope=\"scope\"} 5.0",
            "tls_resumption_next_rotation_seconds{scope=\"scope\"} NaN",
            "tls_resumption_store_up{scope=\"scope\",store=\"ticket-keys\"} 1.0"))
        {
            assertEquals(1, text.lines().filter(line::equals).count(), line + " in\n" + text);
        }
    }

    @Test
    void aConnectorWhoseResumptionIsOffDoesNotSpeakForTheKeysOfItsScope()
    {
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        List<ConnectorStatus> connectors = List.of(connector("one", false, 0), connector("two", true, 7), connector("zero", false, 0));
        new ResumptionMetrics(() -> new ServerStatus("node", Instant.now(), connectors)).bindTo(registry);
        assertEquals(7, registry.get("tls.resumption.ring.version").gauge().value());
    }

    @Test
    void prometheusGetsTheRulesOfTheMomentAndNoSessionsWhereNobodyCountsThem()
    {
        PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        ResumptionMetrics metrics = new ResumptionMetrics(this::status);
        metrics.bindTo(registry);
        rules = List.of(rule("new", 3, OptionalLong.empty()));
        metrics.refresh();
        String text = registry.scrape();
        assertTrue(text.contains("rule=\"new\",scope=\"scope\"} 3.0"), text);
        assertFalse(text.contains("admins"), text);
        assertFalse(text.contains("tls_resumption_rule_live_sessions{"), text);
    }

    @Test
    void anotherRegistryGetsCountAndSum()
    {
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        ResumptionMetrics metrics = new ResumptionMetrics(this::status);
        metrics.bindTo(registry);
        assertEquals(4, registry.get("tls.resumption.open").tag("connector", "one").functionTimer().count());
        assertEquals(5, registry.get("tls.resumption.open").tag("connector", "one").functionTimer().totalTime(TimeUnit.SECONDS));
        assertEquals(6, registry.get("tls.resumption.forgotten").gauge().value());
        assertEquals(3, registry.get("tls.resumption.handshakes").tag("connector", "one").functionCounter().count());
        full = 8;
        problem = Optional.of("gone");
        metrics.refresh();
        assertEquals(8, registry.get("tls.resumption.handshakes").tag("connector", "one").functionCounter().count());
        assertEquals(0, registry.get("tls.resumption.store.up").gauge().value());
        assertTrue(registry.get("tls.resumption.refusals").tag("reason", "expired").functionCounters().size() == 2);
        assertEquals(2, registry.get("tls.resumption.rule.handshakes").tags("rule", "admins", "result", "full", "connector", "two")
            .functionCounter().count());
        assertEquals(4, registry.get("tls.resumption.rule.live.sessions").tag("rule", "admins").gauge().value());
        rules = List.of();
        metrics.refresh();
        assertEquals(0, registry.get("tls.resumption.rule.live.sessions").tag("rule", "admins").gauge().value());
    }
}
