package io.github.tlsresumption.log;

import java.time.Duration;
import java.time.Instant;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

class WarningThrottleTest
{
    private static final Instant T0 = Instant.parse("2026-03-01T00:00:00Z");
    private static final Duration PERIOD = Duration.ofMinutes(1);

    @Test
    void theFirstIsDueAndThenOneInEachPeriod()
    {
        WarningThrottle warning = new WarningThrottle(PERIOD);

        assertTrue(warning.isDue(T0));
        assertFalse(warning.isDue(T0));
        assertFalse(warning.isDue(T0.plus(PERIOD).minusMillis(1)));
        assertTrue(warning.isDue(T0.plus(PERIOD)));
        assertFalse(warning.isDue(T0.plus(PERIOD)));
    }

    @ParameterizedTest
    @ValueSource(longs = {Long.MIN_VALUE, 0, 1, Long.MAX_VALUE})
    void theFirstIsDueWhateverTheClockSays(long millis)
    {
        assertTrue(new WarningThrottle(PERIOD).isDue(Instant.ofEpochMilli(millis)));
    }

    @Test
    void aClockThatIsSetBackKeepsNoWarningBack()
    {
        WarningThrottle warning = new WarningThrottle(PERIOD);

        assertTrue(warning.isDue(T0));
        assertTrue(warning.isDue(T0.minus(Duration.ofDays(365))));
    }

    @Test
    void aClockThatIsSetBackALittleDelaysAWarningByLessThanAPeriod()
    {
        WarningThrottle warning = new WarningThrottle(PERIOD);
        Instant setBack = T0.minus(PERIOD).plusMillis(1);

        assertTrue(warning.isDue(T0));
        assertFalse(warning.isDue(setBack));
        assertTrue(warning.isDue(setBack.plus(PERIOD.multipliedBy(2))));
    }

    @Test
    void anotherFaultIsDueSoonerThanTheSame()
    {
        WarningThrottle warning = WarningThrottle.forFaults();

        assertTrue(warning.isDue("one", T0));
        assertFalse(warning.isDue("two", T0.plusSeconds(9)));
        assertFalse(warning.isDue("one", T0.plusSeconds(10)));
        assertTrue(warning.isDue("two", T0.plusSeconds(10)));
        assertFalse(warning.isDue("two", T0.plusSeconds(609)));
        assertTrue(warning.isDue("two", T0.plusSeconds(610)));
    }

    @Test
    void recoveryIsSaidOnceAfterAWarningAndDoesNotHurryTheNext()
    {
        WarningThrottle warning = new WarningThrottle(PERIOD);

        assertFalse(warning.hasRecovered());
        assertTrue(warning.isDue(T0));
        assertTrue(warning.hasRecovered());
        assertFalse(warning.hasRecovered());
        assertFalse(warning.isDue(T0.plusSeconds(1)));
        assertFalse(warning.hasRecovered(), "nothing was logged of the second fault");
    }

    @Test
    void afterAResetTheNextIsDueAtOnce()
    {
        WarningThrottle warning = new WarningThrottle(PERIOD);

        assertTrue(warning.isDue(T0));
        warning.reset();
        assertFalse(warning.hasRecovered());
        assertTrue(warning.isDue(T0));
        warning.reset();
        assertTrue(warning.isDue(Instant.EPOCH), "by a clock that nobody has set yet");
    }
}
