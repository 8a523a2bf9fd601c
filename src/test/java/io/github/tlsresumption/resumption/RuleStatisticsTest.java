package io.github.tlsresumption.resumption;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

import io.github.tlsresumption.status.RuleStatus;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;

class RuleStatisticsTest
{
    private final RuleStatistics statistics = new RuleStatistics();

    /**
     * @return full handshakes by rule, in the order in which rules are shown
     */
    private Map<String, Long> full()
    {
        Map<String, Long> full = new LinkedHashMap<>();
        statistics.status(rule -> OptionalLong.empty()).forEach(rule -> full.put(rule.rule(), rule.handshakes().get("full")));
        return full;
    }

    private void count(String... rules)
    {
        for (String rule : rules)
        {
            statistics.count(rule, HandshakeResult.FULL);
        }
    }

    private static String inOrder(Map<String, Long> counts)
    {
        return counts.toString();
    }

    @Test
    void withoutRulesAllAreByDefault()
    {
        count("", "");
        assertEquals(Map.of("(default)", 2L), full());
    }

    @Test
    void rulesAreShownInTheirOrderWithAllResultsAndTheirSessions()
    {
        statistics.inForce(Optional.of(List.of("zebra", "ant")));
        count("ant", "");
        statistics.count("ant", HandshakeResult.CACHE);
        assertEquals("{zebra=0, ant=1, (default)=1}", inOrder(full()));
        RuleStatus ant = statistics.status(rule -> OptionalLong.of(rule.length())).get(1);
        assertEquals(new RuleStatus("ant", Map.of("full", 1L, "ticket", 0L, "cache", 1L, "session-id", 0L), OptionalLong.of(3)), ant);
        assertEquals(OptionalLong.of(0), statistics.status(rule -> OptionalLong.of(rule.length())).get(2).liveSessions(),
            "the default has the sessions of no rule");
    }

    @Test
    void rulesThatStayKeepTheirCountsAndThoseThatGoLoseThemForGood()
    {
        statistics.inForce(Optional.of(List.of("gone", "stays")));
        count("gone", "stays", "");
        statistics.inForce(Optional.of(List.of("new", "stays")));
        // A handshake that began before.
        count("gone", "stays");
        assertEquals("{new=0, stays=2, (default)=1}", inOrder(full()));
        statistics.inForce(Optional.of(List.of("gone")));
        assertEquals("{gone=0, (default)=1}", inOrder(full()));
    }

    @Test
    void ofAnApplicationsPolicySoManyRulesAreToldApartAndNoMore()
    {
        statistics.inForce(Optional.empty());
        for (int i = 0; i < 1_000; i++)
        {
            count("client-" + i, "client-" + i);
        }
        count("", "client-1");
        Map<String, Long> full = full();
        assertEquals(RuleStatistics.MAX_MET + 2, full.size());
        assertEquals(3, full.get("client-1"));
        assertEquals(1, full.get("(default)"));
        assertEquals(2_002, full.values().stream().mapToLong(Long::longValue).sum(), "none is lost");
        assertEquals(2 * (1_000 - RuleStatistics.MAX_MET), full.get("(others)"));
    }
}
