package io.github.tlsresumption.cli.report;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * What follows from figures.
 */
class RecommendationTest
{
    private static final long FULL = 1_000_000;

    @Test
    void ticketsForTls13AndTheCacheForTls12()
    {
        Recommendation recommendation = recommend(FULL / 2, true, true, false);

        assertEquals("ticket", recommendation.mode());
        assertEquals("cache", recommendation.tls12Mode());
        assertTrue(recommendation.reasons().get(0).contains("36 h"), recommendation::toString);
        assertTrue(recommendation.reasons().get(0).contains("50 %"), recommendation::toString);
    }

    @Test
    void theCacheWhereClientsProveWhoTheyAre()
    {
        Recommendation recommendation = recommend(FULL / 2, true, true, true);

        assertEquals("cache", recommendation.mode());
        assertTrue(recommendation.reasons().get(0).contains("pose as clients"), recommendation::toString);
    }

    @Test
    void offWhereLittleIsSaved()
    {
        Recommendation recommendation = recommend(FULL * 95 / 100, true, true, false);

        assertEquals("off", recommendation.mode());
        assertEquals("off", recommendation.tls12Mode());
    }

    @Test
    void offWhereNothingIsResumed()
    {
        assertEquals("off", recommend(FULL / 2, false, true, false).mode());
    }

    @Test
    void roughFiguresAreSaidToBeRough()
    {
        assertTrue(recommend(FULL / 2, true, false, false).reasons().stream().anyMatch(reason -> reason.contains("--quick")));
        assertFalse(recommend(FULL / 2, true, true, false).reasons().stream().anyMatch(reason -> reason.contains("--quick")));
    }

    private static Recommendation recommend(long resumed, boolean resumes, boolean quiet, boolean clientCertificates)
    {
        List<Measurement> measurements = new ArrayList<>();
        for (String protocol : List.of("TLSv1.3", "TLSv1.2"))
        {
            for (Way way : List.of(Way.FULL, Way.TICKET, Way.CACHE))
            {
                measurements.add(new Measurement(way, protocol, !way.isFull() && resumes, new long[]{way.isFull() ? FULL : resumed}, 1, 1));
            }
        }
        Environment environment =
            new Environment("", "", "", "", Duration.ofHours(24), Duration.ofHours(12), clientCertificates);
        return Recommendation.of(new Bench.Results(measurements, List.of(new MemoryUse(Way.CACHE, 100, 30_000)), quiet), environment);
    }
}
