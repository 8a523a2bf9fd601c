package io.github.tlsresumption.cli.report;

import java.util.Optional;

import io.github.tlsresumption.cli.report.Recommendation.Modes;
import org.junit.jupiter.api.Test;

import static io.github.tlsresumption.cli.report.Measured.FULL;
import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * What follows from figures, and when nothing does.
 */
class RecommendationTest
{
    private static final String TLS13 = "TLSv1.3";
    private static final String TLS12 = "TLSv1.2";

    @Test
    void ticketsForTls13AndTheCacheForTls12()
    {
        Recommendation recommendation = Measured.clearly().recommendation();

        assertEquals(Optional.of(new Modes("ticket", "cache")), recommendation.modes());
        assertTrue(recommendation.reasons().get(0).contains("36 h"), recommendation::toString);
        assertTrue(recommendation.reasons().get(0).contains("50 %"), recommendation::toString);
        assertTrue(recommendation.reasons().get(0).contains("30 MB"), recommendation::toString);
    }

    @Test
    void theAnswerSaysWhatIsGainedAndWhatIsRisked()
    {
        String answer = Measured.clearly().recommendation().answer();

        assertAll(
            () -> assertTrue(answer.startsWith("Yes: mode ticket for TLS 1.3, mode cache for TLS 1.2. "), answer),
            () -> assertTrue(answer.contains("With TLS 1.3 a resumption saves 50 % (95 % interval: 49."), answer),
            () -> assertTrue(answer.contains("36 h"), answer),
            () -> assertTrue(answer.contains("24 h"), answer),
            () -> assertFalse(answer.contains("\n"), answer));
    }

    @Test
    void theCacheWhereClientsProveWhoTheyAre()
    {
        Recommendation recommendation = Measured.clearly().clientCertificates().recommendation();

        assertEquals("cache", recommendation.modes().orElseThrow().mode());
        assertTrue(recommendation.reasons().get(0).contains("pose as clients"), recommendation::toString);
    }

    @Test
    void offWhereLittleIsSaved()
    {
        Recommendation recommendation = clearly(FULL * 95 / 100).recommendation();

        assertEquals(Optional.of(new Modes("off", "off")), recommendation.modes());
        assertTrue(recommendation.answer().startsWith("No: mode off for TLS 1.3, mode off for TLS 1.2. "), recommendation::answer);
        assertTrue(recommendation.answer().contains("saves only 5 %"), recommendation::answer);
    }

    @Test
    void onlyWhereItIsWorthIt()
    {
        Recommendation recommendation = Measured.clearly().with(Way.CACHE, TLS12, FULL * 95 / 100, 1).recommendation();

        assertEquals(Optional.of(new Modes("ticket", "off")), recommendation.modes());
        assertTrue(recommendation.answer().startsWith("In part: mode ticket for TLS 1.3, mode off for TLS 1.2. "), recommendation::answer);
    }

    @Test
    void offWhereNothingIsResumed()
    {
        Recommendation recommendation = Measured.clearly().resumingNothing().recommendation();

        assertEquals(Optional.of(new Modes("off", "off")), recommendation.modes());
        assertTrue(recommendation.answer().contains("no session was resumed"), recommendation::answer);
    }

    @Test
    void roughFiguresAreSaidToBeRough()
    {
        assertTrue(Measured.clearly().cold().quick().recommendation().answer().contains("--quick"));
        assertFalse(Measured.clearly().quick().recommendation().answer().contains("--quick"));
    }

    @Test
    void quickFiguresThatAreClearCountToo()
    {
        assertEquals(Optional.of(new Modes("ticket", "cache")), Measured.clearly().quick().recommendation().modes());
    }

    @Test
    void inconclusiveWhenTheWarmUpDidNotSettle()
    {
        String answer = inconclusive(Measured.clearly().cold());

        assertTrue(answer.contains("The warm-up did not settle"), answer);
        assertTrue(answer.contains("on an idle machine"), answer);
        assertFalse(answer.contains("without --quick"), answer);
        assertTrue(inconclusive(Measured.clearly().cold().quick()).contains("without --quick, on an idle machine"));
        assertTrue(inconclusive(Measured.clearly().resumingNothing().cold()).contains("The warm-up did not settle"));
    }

    @Test
    void inconclusiveWhenIntervalsOverlap()
    {
        String answer = inconclusive(Measured.clearly().with(Way.TICKET, TLS13, FULL * 90 / 100, 40).with(Way.FULL, TLS13, FULL, 40));

        assertTrue(answer.contains("TLS 1.3: the intervals of a resumption in mode ticket (0."), answer);
        assertTrue(answer.contains("and of a full handshake (0."), answer);
        assertTrue(answer.contains("overlap"), answer);
        assertFalse(answer.contains("TLS 1.2"), answer);
    }

    /** To be sure that nothing is saved takes more than not to see it. */
    @Test
    void inconclusiveAndNotOffWhenTheyAreTheSame()
    {
        assertTrue(inconclusive(Measured.clearly().with(Way.CACHE, TLS12, FULL, 1)).contains("TLS 1.2: the intervals"));
    }

    @Test
    void inconclusiveWhenAResumptionIsDearer()
    {
        String answer = inconclusive(clearly(FULL * 3 / 2));

        assertTrue(answer.contains("TLS 1.3 and TLS 1.2: a resumption was measured dearer than a full handshake"), answer);
        assertTrue(inconclusive(Measured.clearly().with(Way.CACHE, TLS13, FULL * 3 / 2, 1)).contains("TLS 1.3: a resumption was measured"));
    }

    @Test
    void theOtherModeNeedNotSaveAnything()
    {
        Measured measured = Measured.clearly().with(Way.CACHE, TLS13, FULL, 1);

        assertEquals(Optional.of(new Modes("ticket", "cache")), measured.recommendation().modes());
    }

    @Test
    void inconclusiveWhenTheGainMayBeOnEitherSideOfWhatIsWorthIt()
    {
        String answer = inconclusive(Measured.clearly().with(Way.TICKET, TLS13, FULL * 90 / 100, 5));

        assertTrue(answer.contains("TLS 1.3: a resumption in mode ticket saves between"), answer);
        assertTrue(answer.contains("10 %"), answer);
    }

    @Test
    void inconclusiveWithFewRounds()
    {
        String answer = inconclusive(Measured.clearly().withAllRounds(Comparison.LEAST_ROUNDS - 1).quick());

        assertTrue(answer.contains("TLS 1.3 and TLS 1.2: only 9 rounds were measured, 10 are needed"), answer);
        assertTrue(answer.contains("without --quick"), answer);
        assertTrue(Measured.clearly().withAllRounds(Comparison.LEAST_ROUNDS).recommendation().modes().isPresent());
    }

    @Test
    void inconclusiveWithoutSamples()
    {
        assertTrue(inconclusive(Measured.clearly().withAllRounds(0)).contains("only 0 rounds"));
        assertTrue(inconclusive(Measured.clearly().withAllRounds(0).resumingNothing().withAllRounds(0)).contains("only 0 rounds"));
    }

    @Test
    void inconclusiveWhenOneModeIsNotMeasured()
    {
        assertTrue(inconclusive(Measured.clearly().without(Way.CACHE, TLS13)).contains("TLS 1.3: mode cache was not measured"));
        assertTrue(inconclusive(Measured.clearly().without(Way.TICKET, TLS13)).contains("TLS 1.3: mode ticket was not measured"));
        assertTrue(inconclusive(Measured.clearly().without(Way.FULL, TLS12)).contains("TLS 1.2: the full handshake was not measured"));
    }

    @Test
    void inconclusiveWhenOnlyOneModeResumes()
    {
        String answer = inconclusive(Measured.clearly().resuming(Way.CACHE, TLS13, 0));

        assertTrue(answer.contains("TLS 1.3: in mode cache 0 of 800 handshakes resumed a session"), answer);
        assertTrue(answer.contains("check"), answer);
        assertTrue(inconclusive(Measured.clearly().resuming(Way.TICKET, TLS12, 0)).contains("TLS 1.2: in mode ticket 0 of 800"));
    }

    @Test
    void inconclusiveWhenSomeHandshakesAreOfTheOtherKind()
    {
        assertTrue(inconclusive(Measured.clearly().resuming(Way.TICKET, TLS13, 799)).contains("in mode ticket 799 of 800 handshakes"));
        assertTrue(inconclusive(Measured.clearly().resuming(Way.FULL, TLS13, 1)).contains("1 of 800 full handshakes resumed a session"));
    }

    @Test
    void inconclusiveWhenTheClockIsTooCoarse()
    {
        String answer = inconclusive(clearly(0).with(Way.FULL, TLS13, 0, 0).with(Way.FULL, TLS12, 0, 0));

        assertTrue(answer.contains("processor time is measured too coarsely"), answer);
    }

    @Test
    void aDifferenceBetweenModesIsOnlyToldWhereItIsOne()
    {
        String same = Measured.clearly().recommendation().reasons().get(0);
        String dearer = Measured.clearly().with(Way.CACHE, TLS13, FULL * 6 / 10, 1).recommendation().reasons().get(0);
        String cheaper = Measured.clearly().with(Way.CACHE, TLS13, FULL * 4 / 10, 1).recommendation().reasons().get(0);
        String noisy = Measured.clearly().with(Way.CACHE, TLS13, FULL * 6 / 10, 90).recommendation().reasons().get(0);

        assertAll(
            () -> assertTrue(same.contains("costs no measurable time more"), same),
            () -> assertTrue(dearer.contains("costs 0.10 ms more"), dearer),
            () -> assertTrue(cheaper.contains("costs 0.10 ms less"), cheaper),
            () -> assertTrue(noisy.contains("costs no measurable time more"), noisy));
    }

    @Test
    void memoryIsOnlyToldWhereItWasMeasured()
    {
        String noisy = Measured.clearly().memory(Way.CACHE, 30_000, -20_000, 30_000, 40_000, 10_000, 30_000).recommendation().reasons()
            .get(0);
        String missing = Measured.clearly().memory(Way.CACHE).recommendation().reasons().get(0);
        String few = Measured.clearly().memory(Way.CACHE, 30_000).recommendation().reasons().get(0);

        assertAll(
            () -> assertTrue(noisy.contains("no measurable memory"), noisy),
            () -> assertFalse(noisy.contains(" MB"), noisy),
            () -> assertTrue(missing.contains("memory that was not measured"), missing),
            () -> assertFalse(missing.contains(" MB"), missing),
            () -> assertTrue(few.contains("memory that was not measured"), few));
    }

    @Test
    void stockJettyIsOnlySaidToResumeNothingWhereItResumesNothing()
    {
        String statement = "stock Jetty resumes no session by ticket";

        assertTrue(Measured.clearly().resuming(Way.STOCK_TICKET, TLS13, 0).recommendation().reasons().toString().contains(statement));
        assertFalse(Measured.clearly().resuming(Way.STOCK_TICKET, TLS13, 799).recommendation().reasons().toString().contains(statement));
    }

    private static Measured clearly(long resumed)
    {
        Measured measured = Measured.clearly();
        for (Way way : new Way[]{Way.TICKET, Way.CACHE})
        {
            measured.with(way, TLS13, resumed, 1).with(way, TLS12, resumed, 1);
        }
        return measured;
    }

    private static String inconclusive(Measured measured)
    {
        Recommendation recommendation = measured.recommendation();
        assertEquals(Optional.empty(), recommendation.modes(), recommendation::toString);
        assertTrue(recommendation.answer().startsWith("Inconclusive: no settings are recommended. "), recommendation::answer);
        return recommendation.answer();
    }
}
