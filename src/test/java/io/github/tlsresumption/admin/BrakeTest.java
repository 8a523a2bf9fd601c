package io.github.tlsresumption.admin;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicLong;

import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * How many passwords a guesser can try, and how long an operator waits.
 */
class BrakeTest
{
    private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - Duration.ofSeconds(5).toNanos());
    private final Brake brake = new Brake(nanos::get);

    private void advance(Duration time)
    {
        nanos.addAndGet(time.toNanos());
    }

    @Test
    void theFirstWrongOnesCostNothingThenEachCostsItsTurn()
    {
        for (int i = 0; i < Brake.FREE; i++)
        {
            assertEquals(Optional.of(Duration.ZERO), brake.take(), "number " + i);
        }
        for (int seconds = 2; seconds <= 10; seconds += 2)
        {
            assertEquals(Optional.of(Duration.ofSeconds(seconds)), brake.take());
        }
        assertEquals(Optional.empty(), brake.take());
        advance(Duration.ofMillis(1_999));
        assertEquals(Optional.empty(), brake.take());
        advance(Duration.ofMillis(1));
        assertEquals(Optional.of(Duration.ofSeconds(10)), brake.take());
    }

    @Test
    void aFloodOfAnHourTriesOnePasswordInEachInterval()
    {
        long tried = 0;
        for (int i = 0; i < Duration.ofHours(1).toSeconds() * 420; i++)
        {
            tried += brake.take().isPresent() ? 1 : 0;
            brake.wrong();
            advance(Duration.ofSeconds(1).dividedBy(420));
        }
        long most = Brake.FREE + Duration.ofHours(1).plus(Brake.LONGEST).dividedBy(Brake.INTERVAL) + 1;
        assertTrue(tried <= most, tried + " of " + most);
        advance(Brake.INTERVAL.multipliedBy(Brake.FREE).plus(Brake.LONGEST));
        assertEquals(Optional.of(Duration.ZERO), brake.take(), "and is forgotten after a while");
    }

    @Test
    void whoHasThePasswordIsNeverSlowedDownByUsingIt()
    {
        for (int i = 0; i < 10_000; i++)
        {
            assertEquals(Optional.of(Duration.ZERO), brake.take());
            brake.giveBack();
        }
    }

    @Test
    void oneLineAMinuteSaysHowManyThereWere()
    {
        assertEquals(OptionalLong.of(1), brake.wrong());
        for (int i = 0; i < 419; i++)
        {
            assertEquals(OptionalLong.empty(), brake.wrong());
        }
        advance(Brake.LOG_INTERVAL.minusNanos(1));
        assertEquals(OptionalLong.empty(), brake.wrong());
        advance(Duration.ofNanos(1));
        assertEquals(OptionalLong.of(421), brake.wrong());
        assertEquals(OptionalLong.empty(), brake.wrong());
    }
}
