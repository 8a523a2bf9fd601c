package io.github.tlsresumption.resumption;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;

import io.github.tlsresumption.status.RuleStatus;

/**
 * Counts handshakes by the rule that gave the client its terms. Of rules that are known only those in force have a count; of an
 * application's policy, whose rules are met one by one, there is a bound. To count takes no lock, and no memory for a rule that has been
 * met. Thread-safe.
 */
final class RuleStatistics
{
    /**
     * How many rules of an application's policy are told apart.
     */
    static final int MAX_MET = 100;

    private volatile Counts counts = new Counts(true, Map.of());

    /**
     * @param closed whether the rules are known, so that the map does not change
     * @param byRule in the order in which to show them
     */
    private record Counts(boolean closed, Map<String, Map<HandshakeResult, LongAdder>> byRule)
    {
    }

    /**
     * There is no rule.
     */
    RuleStatistics()
    {
        inForce(Optional.of(List.of()));
    }

    /**
     * Those that stay in force keep their counts.
     *
     * @param rules the names of the rules that are in force from now on, or nothing when an application decides
     */
    synchronized void inForce(Optional<List<String>> rules)
    {
        Map<String, Map<HandshakeResult, LongAdder>> before = counts.byRule();
        Map<String, Map<HandshakeResult, LongAdder>> next = rules.isPresent() ? new LinkedHashMap<>() : new ConcurrentHashMap<>();
        List<String> names = new ArrayList<>(rules.orElse(List.of()));
        names.add(RuleStatus.DEFAULT);
        names.forEach(name -> next.put(name, before.containsKey(name) ? before.get(name) : zeros()));
        counts = new Counts(rules.isPresent(), next);
    }

    private static Map<HandshakeResult, LongAdder> zeros()
    {
        Map<HandshakeResult, LongAdder> zeros = new EnumMap<>(HandshakeResult.class);
        for (HandshakeResult result : HandshakeResult.values())
        {
            zeros.put(result, new LongAdder());
        }
        return zeros;
    }

    /**
     * @param rule its name, empty when none matched
     * @param result how the handshake went
     */
    void count(String rule, HandshakeResult result)
    {
        String name = rule.isEmpty() ? RuleStatus.DEFAULT : rule;
        Counts now = counts;
        Map<HandshakeResult, LongAdder> known = now.byRule().get(name);
        if (known == null && !now.closed())
        {
            known = now.byRule().computeIfAbsent(now.byRule().size() <= MAX_MET ? name : RuleStatus.OTHERS, met -> zeros());
        }
        // One that has just been taken out of force counts no more.
        if (known != null)
        {
            known.get(result).increment();
        }
    }

    /**
     * @param liveSessions how many sessions of mode cache a rule has; empty is the name of none
     * @return the counts of all rules in force, in their order
     */
    List<RuleStatus> status(Function<String, OptionalLong> liveSessions)
    {
        Counts now = counts;
        List<RuleStatus> all = new ArrayList<>();
        (now.closed() ? now.byRule() : new TreeMap<>(now.byRule())).forEach((name, results) ->
        {
            Map<String, Long> handshakes = new TreeMap<>();
            results.forEach((result, count) -> handshakes.put(result.toString(), count.sum()));
            OptionalLong live = name.equals(RuleStatus.OTHERS) ? OptionalLong.empty()
                : liveSessions.apply(name.equals(RuleStatus.DEFAULT) ? "" : name);
            all.add(new RuleStatus(name, handshakes, live));
        });
        return all;
    }
}
