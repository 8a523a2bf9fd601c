package io.github.tlsresumption.admin;

import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import java.util.TreeMap;

import io.github.tlsresumption.json.JsonObject;
import io.github.tlsresumption.status.ConnectorStatus;
import io.github.tlsresumption.status.Distribution;
import io.github.tlsresumption.status.HandshakeCount;
import io.github.tlsresumption.status.KeyStatus;
import io.github.tlsresumption.status.RingStatus;
import io.github.tlsresumption.status.RuleStatus;
import io.github.tlsresumption.status.ServerStatus;
import io.github.tlsresumption.status.StoreHealth;

/**
 * The status as the API shows it: instants in ISO 8601, durations in seconds.
 */
final class StatusJson
{
    private static final double MILLIS_PER_SECOND = 1_000;

    private StatusJson()
    {
    }

    static JsonObject of(ServerStatus status, ServerFacts facts, History history)
    {
        JsonObject json = new JsonObject();
        json.put("node", status.node());
        json.put("time", text(status.time()));
        json.put("started", text(facts.started()));
        json.put("versions", JsonObject.of(facts.versions()));
        json.put("connectors", status.connectors().stream().map(connector ->
        {
            Recent recent = history.recent(connector, status.time());
            return of(connector).with("recent", of(recent))
                .with("findings", Findings.of(connector, recent).stream().map(StatusJson::of).toList());
        }).toList());
        return json;
    }

    private static JsonObject of(Recent recent)
    {
        Counters counted = recent.counted();
        JsonObject json = new JsonObject();
        json.put("seconds", recent.length().toSeconds());
        json.put("full", counted.full());
        json.put("resumed", counted.resumed());
        json.put("usualShare", recent.usualShare().isPresent() ? recent.usualShare().getAsDouble() : null);
        json.put("unusuallyLow", recent.isUnusuallyLow());
        json.put("withoutTicket", counted.withoutTicket());
        json.put("refused", counted.refused());
        json.put("byPolicy", counted.byPolicy());
        json.put("refusals", new TreeMap<>(counted.refusals()));
        json.put("checkConnections", counted.checkConnections());
        json.put("openTimes", of(counted.openTimes()));
        return json;
    }

    private static JsonObject of(Finding finding)
    {
        return new JsonObject().with("level", finding.level().name().toLowerCase(Locale.ROOT)).with("text", finding.text());
    }

    private static JsonObject of(ConnectorStatus status)
    {
        JsonObject json = new JsonObject();
        json.put("scope", status.scope());
        json.put("name", status.name());
        json.put("engine", status.engine());
        json.put("mode", new TreeMap<>(status.modes()));
        json.put("resumes", status.resumes());
        json.put("maxSessionDuration", status.maxSessionDuration().toSeconds());
        json.put("handshakes", status.handshakes().stream().map(StatusJson::of).toList());
        json.put("refusals", new TreeMap<>(status.refusals()));
        json.put("openTimes", of(status.openTimes()));
        json.put("sealTimes", of(status.sealTimes()));
        json.put("resumptionAge", of(status.resumptionAge()));
        json.put("endedConnections", new TreeMap<>(status.endedConnections()));
        json.put("checkConnections", status.checkConnections());
        json.put("rules", status.rules().stream().map(StatusJson::of).toList());
        json.put("liveSessions", status.liveSessions());
        json.put("ring", of(status.ring()));
        json.put("forgotten", status.forgotten());
        json.put("stores", status.stores().stream().map(StatusJson::of).toList());
        return json;
    }

    private static JsonObject of(HandshakeCount handshake)
    {
        JsonObject json = new JsonObject();
        json.put("protocol", handshake.protocol());
        json.put("result", handshake.result());
        json.put("count", handshake.count());
        return json;
    }

    private static JsonObject of(RuleStatus rule)
    {
        JsonObject json = new JsonObject();
        json.put("rule", rule.rule());
        json.put("mode", new TreeMap<>(rule.modes()));
        json.put("maxSessionDuration", rule.maxDuration().map(Duration::toSeconds));
        json.put("handshakes", new TreeMap<>(rule.handshakes()));
        json.put("liveSessions", rule.liveSessions().isPresent() ? rule.liveSessions().getAsLong() : null);
        return json;
    }

    private static JsonObject of(Distribution distribution)
    {
        JsonObject json = new JsonObject();
        json.put("count", distribution.count());
        json.put("mean", Math.round(distribution.mean()));
        json.put("p50", quantile(distribution, 0.5));
        json.put("p90", quantile(distribution, 0.9));
        json.put("p99", quantile(distribution, 0.99));
        return json;
    }

    private static Long quantile(Distribution distribution, double share)
    {
        long value = distribution.quantile(share);
        return value == Long.MAX_VALUE ? null : value;
    }

    private static JsonObject of(RingStatus ring)
    {
        JsonObject json = new JsonObject();
        json.put("version", ring.version());
        JsonObject exposure = new JsonObject();
        exposure.put("from", text(ring.exposedFrom()));
        exposure.put("to", text(ring.exposedUntil()));
        json.put("exposure", ring.exposure().isPresent() ? exposure : null);
        json.put("nextRotation", text(ring.nextRotation()));
        json.put("rotatedHere", ring.rotatedHere());
        json.put("keys", ring.keys().stream().map(StatusJson::of).toList());
        return json;
    }

    private static JsonObject of(KeyStatus key)
    {
        JsonObject json = new JsonObject();
        json.put("id", key.id());
        json.put("created", text(key.created()));
        json.put("sealsFrom", text(key.sealsFrom()));
        json.put("sealsUntil", text(key.sealsUntil()));
        json.put("opensUntil", text(key.opensUntil()));
        json.put("state", key.state());
        return json;
    }

    private static JsonObject of(StoreHealth store)
    {
        JsonObject json = new JsonObject();
        json.put("store", store.store());
        json.put("place", store.place());
        json.put("well", store.isWell());
        json.put("lastContact", text(store.lastContact()));
        json.put("lag", store.lag().map(StatusJson::seconds));
        json.put("version", store.version().isPresent() ? store.version().getAsLong() : null);
        json.put("age", store.age().map(StatusJson::seconds));
        json.put("problem", store.problem());
        return json;
    }

    private static double seconds(Duration duration)
    {
        return duration.toMillis() / MILLIS_PER_SECOND;
    }

    private static Optional<String> text(Optional<Instant> time)
    {
        return time.map(StatusJson::text);
    }

    private static String text(Instant time)
    {
        return time.toString();
    }
}
