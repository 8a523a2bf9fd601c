package io.github.tlsresumption.admin;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import io.github.tlsresumption.admin.Finding.Level;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

class FindingsTest
{
    /**
     * @param before what the connector had counted until the last ten minutes
     * @param now what it has counted
     */
    private static Recent recent(Statuses before, Statuses now)
    {
        Counters then = Counters.of(before.get());
        return new Recent(Duration.ofMinutes(10), Counters.of(now.get()).since(then), then);
    }

    private static List<Finding> findings(Statuses before, Statuses now)
    {
        return Findings.of(now.get(), recent(before, now));
    }

    private static List<Finding> findings(Statuses now)
    {
        return findings(new Statuses(), now);
    }

    @Test
    void aHealthyConnectorHasNone()
    {
        assertEquals(List.of(), findings(new Statuses()));
        assertEquals(List.of(), findings(new Statuses().handshakes(100, 300)), "no share is bad before one is usual");
        assertEquals(List.of(), findings(new Statuses().handshakes(20, 180), new Statuses().handshakes(30, 270)));
        assertEquals(List.of(), findings(new Statuses().handshakes(190, 10), new Statuses().handshakes(285, 15)),
            "a share that is low always");
    }

    /**
     * Usually 90 of 100 resume.
     */
    @ParameterizedTest
    @CsvSource({"7, 13, true", "6, 14, false", "261, 1039, true", "259, 1041, false", "19, 0, false"})
    void aShareBelowTheUsualOneIsToldWhereChanceDoesNotExplainIt(int full, int resumed, boolean expected)
    {
        Recent recent = recent(new Statuses().handshakes(10, 90), new Statuses().handshakes(10 + full, 90 + resumed));
        assertEquals(expected, recent.isUnusuallyLow(), recent::toString);
    }

    @Test
    void theWarningSaysBothShares()
    {
        assertEquals(List.of(new Finding(Level.WARNING, "Fewer handshakes than usual resume a session: 50 % instead of 90 %.")),
            findings(new Statuses().handshakes(10, 90), new Statuses().handshakes(60, 140)));
    }

    @Test
    void nothingResumedIsBadWhereItIsUnusual()
    {
        assertEquals(List.of(new Finding(Level.BAD, "None of the last 30 handshakes resumed a session.")),
            findings(new Statuses().handshakes(10, 90), new Statuses().handshakes(40, 90)));
        assertEquals(List.of(new Finding(Level.WARNING, "None of the last 30 handshakes resumed a session.")),
            findings(new Statuses().handshakes(30, 0)), "of a new server, whose clients may all be new");
        assertEquals(List.of(), findings(new Statuses().handshakes(19, 0)));
        assertEquals(List.of(), findings(new Statuses().handshakes(100, 0), new Statuses().handshakes(200, 0)), "it is usual here");
        assertEquals(List.of(), findings(new Statuses().handshakes(30, 0).modes("off", "cache")), "all by policy");
    }

    @Test
    void withoutResumptionThereIsANoteOnly()
    {
        assertEquals(List.of(new Finding(Level.NOTE, "Resumption is off.")), findings(new Statuses().off().handshakes(500, 0)));
    }

    @Test
    void keysThatAreMissingAreBad()
    {
        assertEquals("There is no ticket key.", findings(new Statuses().keys()).get(0).text());
        assertEquals("No ticket key seals new tickets.", findings(new Statuses().keys(Statuses.key("opening"))).get(0).text());
    }

    @ParameterizedTest
    @ValueSource(strings = {"no-key", "store-unavailable", "early-data"})
    void oneRefusalOfSomeReasonsIsBad(String reason)
    {
        Finding finding = findings(new Statuses().handshakes(10, 990).refusals(Map.of(reason, 1L))).get(0);
        assertEquals(Level.BAD, finding.level());
        assertTrue(finding.text().startsWith("Refused 1 time, " + reason + ": The"), finding::text);
    }

    @ParameterizedTest
    @CsvSource({"unknown-key, 51, true", "unknown-key, 50, false", "tampered, 51, true", "expired, 900, false", "forgotten, 900, false"})
    void manyRefusalsOfOtherReasonsAreAWarningUnlessTheyAreUsual(String reason, long count, boolean expected)
    {
        List<Finding> found = findings(new Statuses().handshakes(950, 50).refusals(Map.of(reason, count)));
        assertEquals(expected, found.stream().anyMatch(finding -> finding.level() == Level.WARNING
            && finding.text().startsWith("Refused " + count + " times, " + reason + ": ")), found::toString);
    }

    @Test
    void whatWasRefusedLongAgoIsNoFinding()
    {
        Statuses refused = new Statuses().handshakes(10, 10).refusals(Map.of("no-key", 5L));
        assertEquals(List.of(), findings(refused, refused));
    }

    @Test
    void theWorstIsFirst()
    {
        List<Finding> found = findings(new Statuses().handshakes(30, 0).store("file", Optional.of("it cannot be read: chmod 600 it")));
        assertEquals(List.of(Level.BAD, Level.WARNING), found.stream().map(Finding::level).toList());
        assertEquals("Store of ticket-keys: it cannot be read: chmod 600 it.", found.get(0).text());
    }

    @Test
    void withFewHandshakesNothingIsUsual()
    {
        assertTrue(recent(new Statuses().handshakes(10, 89), new Statuses().handshakes(10, 89)).usualShare().isEmpty());
        assertEquals(0.9, recent(new Statuses().handshakes(10, 90), new Statuses().handshakes(10, 90)).usualShare().orElseThrow());
        assertFalse(recent(new Statuses().handshakes(10, 89), new Statuses().handshakes(60, 89)).isUnusuallyLow());
    }
}
