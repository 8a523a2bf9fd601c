package io.github.tlsresumption;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.function.Supplier;

import io.github.tlsresumption.forget.ForgetList;
import io.github.tlsresumption.jetty.OpenConnections;
import io.github.tlsresumption.keys.TicketKeyRing;
import io.github.tlsresumption.policy.ResumptionMode;
import io.github.tlsresumption.policy.SessionTerms;
import io.github.tlsresumption.resumption.HandshakeResult;
import io.github.tlsresumption.resumption.ResumptionStatistics;
import io.github.tlsresumption.resumption.RingFigures;
import io.github.tlsresumption.status.ConnectorStatus;
import io.github.tlsresumption.status.Distribution;
import io.github.tlsresumption.status.HandshakeCount;
import io.github.tlsresumption.status.RuleStatus;
import io.github.tlsresumption.status.StoreHealth;

/**
 * The figures of a connector that JMX, the status and Jetty's dump show; no secrets. Thread-safe.
 */
final class Figures
{
    private static final String TLS13 = "TLSv1.3";
    private static final String TLS12 = "TLSv1.2";

    private final ResumptionSettings settings;
    private final ConnectorPolicy policy;
    private final ResumptionStatistics statistics;
    private final ScopeMember member;
    private final OpenConnections connections;
    private final Supplier<String> engine;

    Figures(ResumptionSettings settings, ConnectorPolicy policy, ResumptionStatistics statistics, ScopeMember member,
        OpenConnections connections, Supplier<String> engine)
    {
        this.settings = settings;
        this.policy = policy;
        this.statistics = statistics;
        this.member = member;
        this.connections = connections;
        this.engine = engine;
    }

    /**
     * @return its scope; before the start that which is set, null for one of its own
     */
    String scope()
    {
        return member.scope().map(Scope::name).orElse(settings.scopeName);
    }

    Map<String, Long> handshakes()
    {
        Map<String, Long> counts = new TreeMap<>();
        for (HandshakeResult result : HandshakeResult.values())
        {
            counts.put(result.toString(), statistics.handshakes(result));
        }
        return counts;
    }

    Map<String, Long> refusals()
    {
        return statistics.refusals();
    }

    Map<String, Map<String, Long>> handshakesByProtocol()
    {
        Map<String, Map<String, Long>> counts = new TreeMap<>();
        for (HandshakeCount handshake : statistics.handshakes())
        {
            counts.computeIfAbsent(handshake.protocol(), protocol -> new TreeMap<>()).put(handshake.result(), handshake.count());
        }
        return counts;
    }

    Map<String, Map<String, Long>> handshakesByRule()
    {
        Map<String, Map<String, Long>> counts = new TreeMap<>();
        rules().forEach(rule -> counts.put(rule.rule(), new TreeMap<>(rule.handshakes())));
        return counts;
    }

    Map<String, Long> cachedSessionsByRule()
    {
        Map<String, Long> counts = new TreeMap<>();
        rules().forEach(rule -> rule.liveSessions().ifPresent(count -> counts.put(rule.rule(), count)));
        return counts;
    }

    private List<RuleStatus> rules()
    {
        Optional<ScopeParts> parts = parts();
        return statistics.rules(rule -> parts.map(current -> current.sessionKeys().size(rule)).orElse(OptionalLong.empty()));
    }

    private List<RuleStatus> rulesWithTerms()
    {
        Map<String, SessionTerms> tls13 = policy.ruleTerms(TLS13);
        Map<String, SessionTerms> tls12 = policy.ruleTerms(TLS12);
        return rules().stream().map(rule ->
        {
            // The rules may have been replaced between the two questions.
            if (tls13.containsKey(rule.rule()) && tls12.containsKey(rule.rule()))
            {
                SessionTerms terms = tls13.get(rule.rule());
                return rule.withTerms(modes(terms.mode(), tls12.get(rule.rule()).mode()), terms.maxDuration());
            }
            return rule.rule().equals(RuleStatus.DEFAULT) && policy.names().isPresent() ? rule.withTerms(modes(), settings.maxDuration())
                : rule;
        }).toList();
    }

    private Map<String, String> modes()
    {
        return modes(settings.mode, settings.tls12Mode());
    }

    private static Map<String, String> modes(ResumptionMode tls13, ResumptionMode tls12)
    {
        return Map.of(TLS13, tls13.toString(), TLS12, tls12.toString());
    }

    Map<String, Long> openTimes()
    {
        return summary(statistics.openTimes());
    }

    Map<String, Long> sealTimes()
    {
        return summary(statistics.sealTimes());
    }

    Map<String, Long> resumptionAge()
    {
        return summary(statistics.resumptionAge());
    }

    private static Map<String, Long> summary(Distribution distribution)
    {
        return new TreeMap<>(Map.of(
            "count", distribution.count(),
            "mean", Math.round(distribution.mean()),
            "p50", distribution.quantile(0.5),
            "p90", distribution.quantile(0.9),
            "p99", distribution.quantile(0.99)));
    }

    Map<String, Long> endedConnections()
    {
        return new TreeMap<>(Map.of("graceful", connections.gracefulEnds(), "hard", connections.hardEnds()));
    }

    long checkConnections()
    {
        return statistics.checkConnections();
    }

    long cachedSessions()
    {
        return parts().map(parts -> parts.sessionKeys().size()).orElse(0L);
    }

    String ticketKeys()
    {
        return ring().toString();
    }

    String exposure()
    {
        return ring().exposure(member.now()).map(window -> window.from() + "/" + window.until()).orElse("");
    }

    String nextRotation()
    {
        return ring().nextRotation(member.now()).map(Instant::toString).orElse("");
    }

    /**
     * @return the ring that this connector's tickets are sealed under: empty where none are
     */
    private TicketKeyRing ring()
    {
        return parts().filter(parts -> member.resumes()).map(parts -> parts.ring().ring()).orElse(TicketKeyRing.empty());
    }

    String ticketKeyStoreHealth()
    {
        return member.scope().filter(Scope::isAwake).map(scope -> scope.parts().ring().health().toString()).orElse("");
    }

    List<StoreHealth> storeHealth()
    {
        return member.scope().map(scope -> scope.health(member.now())).orElse(List.of());
    }

    Map<String, String> storeHealthByName()
    {
        Map<String, String> health = new TreeMap<>();
        storeHealth().forEach(store -> health.put(store.store(), store.toString()));
        return health;
    }

    int forgotten()
    {
        return forgetList().map(ForgetList::entries).orElse(0);
    }

    int principals()
    {
        return forgetList().map(ForgetList::bindings).orElse(0);
    }

    long forgetOverflows()
    {
        return forgetList().map(ForgetList::overflows).orElse(0L);
    }

    String forgetLogProblem()
    {
        return member.scope().flatMap(Scope::forgetProblem).orElse("");
    }

    private Optional<ForgetList> forgetList()
    {
        return parts().map(ScopeParts::forgetList);
    }

    private Optional<ScopeParts> parts()
    {
        return member.scope().map(Scope::parts);
    }

    /**
     * @param name the connector's
     * @return all these figures, as they are now
     */
    ConnectorStatus status(String name)
    {
        Instant now = member.now();
        String scopeShown = scope();
        return new ConnectorStatus(scopeShown == null ? "" : scopeShown, name, engine.get(), modes(), member.resumes(),
            settings.maxDuration(), statistics.handshakes(), statistics.refusals(), statistics.openTimes(), statistics.sealTimes(),
            statistics.resumptionAge(), endedConnections(), checkConnections(), rulesWithTerms(), cachedSessions(),
            RingFigures.of(ring(), now, !settings.isSecret()), forgotten(), storeHealth());
    }
}
