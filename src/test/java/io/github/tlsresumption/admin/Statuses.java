package io.github.tlsresumption.admin;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

import io.github.tlsresumption.status.ConnectorStatus;
import io.github.tlsresumption.status.Distribution;
import io.github.tlsresumption.status.HandshakeCount;
import io.github.tlsresumption.status.KeyStatus;
import io.github.tlsresumption.status.RingStatus;
import io.github.tlsresumption.status.RuleStatus;
import io.github.tlsresumption.status.ServerStatus;
import io.github.tlsresumption.status.StoreHealth;

/**
 * Makes the status of a connector, healthy in all that a test does not set.
 */
final class Statuses
{
    static final Instant START = Instant.parse("2026-11-23T10:00:00Z");
    private static final Distribution NONE = new Distribution(List.of(), List.of(0L), 0);

    private String name = "name";
    private boolean resumes = true;
    private long full;
    private long resumed;
    private Map<String, Long> refusals = Map.of();
    private Distribution openTimes = NONE;
    private Map<String, String> modes = Map.of("TLSv1.3", "ticket", "TLSv1.2", "cache");
    private long checkConnections;
    private List<RuleStatus> rules = List.of();
    private Optional<Instant> nextRotation = Optional.of(START.plusSeconds(3_600));
    private List<KeyStatus> keys = List.of(key("sealing"));
    private final List<StoreHealth> stores = new ArrayList<>();

    static KeyStatus key(String state)
    {
        return new KeyStatus("0123456789abcdef", START, START, START.plusSeconds(3_600), START.plusSeconds(7_200), state);
    }

    Statuses name(String set)
    {
        name = set;
        return this;
    }

    Statuses off()
    {
        resumes = false;
        keys = List.of();
        nextRotation = Optional.empty();
        return this;
    }

    Statuses handshakes(long fullOnes, long resumedOnes)
    {
        full = fullOnes;
        resumed = resumedOnes;
        return this;
    }

    Statuses refusals(Map<String, Long> set)
    {
        refusals = set;
        return this;
    }

    Statuses checkConnections(long set)
    {
        checkConnections = set;
        return this;
    }

    Statuses openTimes(long below10, long below20)
    {
        openTimes = new Distribution(List.of(10L, 20L), List.of(below10, below20, 0L), 10 * below10 + 20 * below20);
        return this;
    }

    Statuses modes(String tls13, String tls12)
    {
        modes = Map.of("TLSv1.3", tls13, "TLSv1.2", tls12);
        return this;
    }

    Statuses rule(String ruleName, String mode, long fullOnes)
    {
        rules = new ArrayList<>(rules);
        rules.add(new RuleStatus(ruleName, Map.of("full", fullOnes, "ticket", 0L), OptionalLong.empty(),
            Map.of("TLSv1.3", mode, "TLSv1.2", mode), Optional.of(Duration.ofHours(1))));
        return this;
    }

    Statuses keys(KeyStatus... set)
    {
        keys = List.of(set);
        return this;
    }

    Statuses store(String place, Optional<String> problem)
    {
        stores.add(new StoreHealth("ticket-keys", place, Optional.of(START), Optional.empty(), OptionalLong.of(1), Optional.empty(),
            problem));
        return this;
    }

    ConnectorStatus get()
    {
        return new ConnectorStatus("scope", name, "jdk", modes, resumes, Duration.ofHours(1),
            List.of(new HandshakeCount("TLSv1.3", "full", full), new HandshakeCount("TLSv1.3", "ticket", resumed)), refusals, openTimes,
            NONE, NONE, Map.of(), checkConnections, rules, 0,
            new RingStatus(1, Optional.empty(), Optional.empty(), nextRotation, keys), 0, stores);
    }

    static ServerStatus server(Instant time, ConnectorStatus... connectors)
    {
        return new ServerStatus("node", time, List.of(connectors));
    }
}
