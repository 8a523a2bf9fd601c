package io.github.tlsresumption.metrics;

import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

import io.github.tlsresumption.Connectors;
import io.github.tlsresumption.status.ConnectorStatus;
import io.github.tlsresumption.status.Distribution;
import io.github.tlsresumption.status.HandshakeCount;
import io.github.tlsresumption.status.RuleStatus;
import io.github.tlsresumption.status.ServerStatus;
import io.github.tlsresumption.status.StoreHealth;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.FunctionTimer;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.TimeGauge;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import org.eclipse.jetty.server.Server;

/**
 * The meters of a server's connectors. They read one status for all, not older than a second; so nothing is counted twice, handshakes
 * pay nothing for it, and SunJSSE's sessions are not touched. To be bound when the server has started, since scopes have their names then.
 * <p>
 * A {@link PrometheusMeterRegistry} gets histograms, and the rules that are in force when it is asked; others, for which Micrometer cannot
 * make any histogram of counts that exist already, the number of times and their sum, and the rules of the moment of binding. Thread-safe.
 */
public final class ResumptionMetrics implements MeterBinder
{
    private static final long NANOS_PER_SECOND = 1_000_000_000L;
    private static final double MILLIS_PER_SECOND = 1_000;
    private static final long FRESH = NANOS_PER_SECOND;
    private static final String PREFIX = "tls.resumption.";
    private static final List<String> KEY_STATES = List.of("published", "sealing", "opening");

    private final Supplier<ServerStatus> source;
    private ServerStatus status;
    private long readAt;

    /**
     * @param server whose connectors
     */
    public ResumptionMetrics(Server server)
    {
        this(new Connectors(server)::status);
    }

    ResumptionMetrics(Supplier<ServerStatus> source)
    {
        this.source = source;
    }

    /**
     * Reads the status anew, for what is shown next.
     *
     * @return the status
     */
    synchronized ServerStatus refresh()
    {
        status = source.get();
        readAt = System.nanoTime();
        return status;
    }

    private synchronized ServerStatus status()
    {
        return status == null || System.nanoTime() - readAt > FRESH ? refresh() : status;
    }

    @Override
    public void bindTo(MeterRegistry registry)
    {
        Map<String, ConnectorStatus> scopes = new LinkedHashMap<>();
        for (ConnectorStatus connector : status().connectors())
        {
            bindConnector(registry, new Of(connector.scope(), connector.name()), connector);
            // One whose resumption is off shows no keys, though others of its scope have some.
            scopes.merge(connector.scope(), connector, (first, next) -> first.resumes() || !next.resumes() ? first : next);
        }
        scopes.values().forEach(connector -> bindScope(registry, new Of(connector.scope(), connector.name()), connector));
        if (registry instanceof PrometheusMeterRegistry prometheus)
        {
            prometheus.getPrometheusRegistry().register(new HistogramCollector("tls_resumption_open_seconds",
                "How long opening a ticket took, whatever came of it", this::status, ConnectorStatus::openTimes, NANOS_PER_SECOND));
            prometheus.getPrometheusRegistry().register(new HistogramCollector("tls_resumption_seal_seconds",
                "How long sealing a ticket took, whatever came of it", this::status, ConnectorStatus::sealTimes, NANOS_PER_SECOND));
            prometheus.getPrometheusRegistry().register(new HistogramCollector("tls_resumption_session_age_seconds",
                "Time since its full handshake that a session had when it was resumed", this::status, ConnectorStatus::resumptionAge, 1));
            prometheus.getPrometheusRegistry().register(RuleCollectors.handshakes(this::status));
            prometheus.getPrometheusRegistry().register(RuleCollectors.liveSessions(this::status));
        }
    }

    private void bindConnector(MeterRegistry registry, Of of, ConnectorStatus connector)
    {
        Tags tags = Tags.of("scope", of.scope(), "connector", of.name());
        for (HandshakeCount handshake : connector.handshakes())
        {
            Tags ofHandshake = tags.and("protocol", handshake.protocol(), "result", handshake.result());
            counter(registry, "handshakes", "Completed handshakes", ofHandshake, of, status -> count(status, handshake));
        }
        connector.refusals().keySet().forEach(reason -> counter(registry, "refusals",
            "Handshakes in which resumption or a ticket was refused", tags.and("reason", reason), of,
            status -> status.refusals().getOrDefault(reason, 0L)));
        connector.endedConnections().keySet().forEach(how -> counter(registry, "ended.connections",
            "Connections that ended at their session's deadline", tags.and("how", how), of,
            status -> status.endedConnections().getOrDefault(how, 0L)));
        counter(registry, "check.connections", "Connections said to be from the command check, which the other counters count too", tags,
            of, ConnectorStatus::checkConnections);
        if (!(registry instanceof PrometheusMeterRegistry))
        {
            timer(registry, "open", "How long opening a ticket took", tags, of, ConnectorStatus::openTimes, TimeUnit.NANOSECONDS);
            timer(registry, "seal", "How long sealing a ticket took", tags, of, ConnectorStatus::sealTimes, TimeUnit.NANOSECONDS);
            timer(registry, "session.age", "Age of sessions at resumption", tags, of, ConnectorStatus::resumptionAge, TimeUnit.SECONDS);
            connector.rules().forEach(rule -> bindRule(registry, tags, of, rule));
        }
    }

    private void bindRule(MeterRegistry registry, Tags tags, Of of, RuleStatus rule)
    {
        Tags ofRule = tags.and("rule", rule.rule());
        rule.handshakes().keySet().forEach(result -> counter(registry, "rule.handshakes", RuleCollectors.HANDSHAKES,
            ofRule.and("result", result), of, status -> rule(status, rule).map(now -> now.handshakes().get(result)).orElse(0L)));
        Tags inScope = Tags.of("scope", of.scope(), "rule", rule.rule());
        // Another connector of the scope may have a rule of that name, which has the same sessions.
        if (rule.liveSessions().isPresent() && registry.find(PREFIX + "rule.live.sessions").tags(inScope).gauge() == null)
        {
            gauge(registry, "rule.live.sessions", RuleCollectors.LIVE_SESSIONS, inScope, of,
                status -> rule(status, rule).map(now -> now.liveSessions().orElse(0)).orElse(0L));
        }
    }

    private void bindScope(MeterRegistry registry, Of of, ConnectorStatus connector)
    {
        Tags tags = Tags.of("scope", of.scope());
        gauge(registry, "live.sessions", "Live sessions of mode cache", tags, of, status -> status.liveSessions());
        gauge(registry, "forgotten", "Entries of the forget list", tags, of, status -> status.forgotten());
        gauge(registry, "ring.version", "Version of the ticket key ring", tags, of, status -> status.ring().version());
        gauge(registry, "ring.rotated.here", "1 where this server rotates the ticket keys, 0 where whoever writes their file does", tags,
            of, status -> status.ring().rotatedHere() ? 1 : 0);
        for (String state : KEY_STATES)
        {
            gauge(registry, "ticket.keys", "Ticket keys by state", tags.and("state", state), of,
                status -> status.ring().keys().stream().filter(key -> key.state().equals(state)).count());
        }
        seconds(registry, "next.rotation", "Time until the ticket key that seals stops", tags, of,
            status -> seconds(status.ring().nextRotation().map(then -> Duration.between(Instant.now(), then))));
        seconds(registry, "exposure", "Length of the time whose tickets a thief of the ticket keys could open", tags, of,
            status -> seconds(status.ring().exposure()));
        seconds(registry, "max.session.duration", "The maximum session duration", tags, of,
            status -> seconds(Optional.of(status.maxSessionDuration())));
        for (StoreHealth store : connector.stores())
        {
            Tags ofStore = tags.and("store", store.store());
            gauge(registry, "store.up", "Whether nothing is wrong with a store", ofStore, of,
                status -> store(status, store.store()).filter(StoreHealth::isWell).isPresent() ? 1 : 0);
            seconds(registry, "store.last.contact", "Time since a store last answered well", ofStore, of,
                status -> seconds(store(status, store.store()).flatMap(StoreHealth::lastContact)
                    .map(then -> Duration.between(then, Instant.now()))));
        }
    }

    private void counter(MeterRegistry registry, String name, String help, Tags tags, Of of, ToDoubleFunction<ConnectorStatus> value)
    {
        FunctionCounter.builder(PREFIX + name, this, metrics -> metrics.value(of, value)).description(help).tags(tags).register(registry);
    }

    private void gauge(MeterRegistry registry, String name, String help, Tags tags, Of of, ToDoubleFunction<ConnectorStatus> value)
    {
        Gauge.builder(PREFIX + name, this, metrics -> metrics.value(of, value)).description(help).tags(tags).register(registry);
    }

    private void seconds(MeterRegistry registry, String name, String help, Tags tags, Of of, ToDoubleFunction<ConnectorStatus> value)
    {
        TimeGauge.builder(PREFIX + name, this, TimeUnit.SECONDS, metrics -> metrics.value(of, value))
            .description(help).tags(tags).register(registry);
    }

    private void timer(MeterRegistry registry, String name, String help, Tags tags, Of of, Function<ConnectorStatus, Distribution> times,
        TimeUnit unit)
    {
        FunctionTimer.builder(PREFIX + name, this, metrics -> (long)metrics.value(of, status -> times.apply(status).count()),
            metrics -> metrics.value(of, status -> times.apply(status).sum()), unit).description(help).tags(tags).register(registry);
    }

    private double value(Of of, ToDoubleFunction<ConnectorStatus> value)
    {
        return status().connectors().stream()
            .filter(connector -> connector.scope().equals(of.scope()) && connector.name().equals(of.name()))
            .mapToDouble(value)
            .findFirst()
            .orElse(Double.NaN);
    }

    private static double count(ConnectorStatus status, HandshakeCount counted)
    {
        return status.handshakes().stream()
            .filter(handshake -> handshake.protocol().equals(counted.protocol()) && handshake.result().equals(counted.result()))
            .mapToLong(HandshakeCount::count)
            .sum();
    }

    private static Optional<RuleStatus> rule(ConnectorStatus status, RuleStatus bound)
    {
        return status.rules().stream().filter(rule -> rule.rule().equals(bound.rule())).findFirst();
    }

    private static Optional<StoreHealth> store(ConnectorStatus status, String name)
    {
        return status.stores().stream().filter(store -> store.store().equals(name)).findFirst();
    }

    private static double seconds(Optional<Duration> duration)
    {
        return duration.map(length -> length.toMillis() / MILLIS_PER_SECOND).orElse(Double.NaN);
    }

    /**
     * Which connector a meter is of.
     */
    private record Of(String scope, String name)
    {
    }
}
