package io.github.tlsresumption.cluster;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;

import io.github.tlsresumption.FakeClock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertEquals;

class ClusterClockTest
{
    private static final Instant START = Instant.parse("2026-11-24T10:00:00Z");
    private static final Duration BOUND = Duration.ofMinutes(2);
    private static final Duration HOUR = Duration.ofHours(1);

    private final FakeClock own = new FakeClock(START);
    private final AtomicLong nanos = new AtomicLong();
    private final ClusterClock clock = new ClusterClock(own, nanos::get, BOUND);

    private void pass(Duration duration)
    {
        own.advance(duration);
        nanos.addAndGet(duration.toNanos());
    }

    /**
     * The clock that nobody sets stood still meanwhile, so this one is behind until it is compared: no deadline waits for that.
     */
    @Test
    void deadlinesPassWhileTheMachineIsSuspended()
    {
        clock.set(START);
        own.advance(HOUR);
        assertEquals(START, clock.instant());
        assertEquals(START.plus(HOUR), clock.deadlines().instant());
        clock.set(START.plus(HOUR));
        assertEquals(START.plus(HOUR), clock.instant());
        assertEquals(START.plus(HOUR), clock.deadlines().instant());
    }

    @Test
    void aClockThatIsSetBackMovesNoDeadline()
    {
        clock.set(START);
        own.advance(HOUR.negated());
        pass(Duration.ofMinutes(1));
        assertEquals(START.plusSeconds(60), clock.instant());
        assertEquals(START.plusSeconds(60), clock.deadlines().instant());
    }

    /**
     * A node whose clock is wrong resumes the sessions of the others.
     */
    @ParameterizedTest
    @ValueSource(longs = {-2 * 86_400, 2 * 86_400})
    void theDeadlinesOfANodeWhoseClockIsKnownToBeWrongAreTheClusters(long seconds)
    {
        own.advance(Duration.ofSeconds(seconds));
        clock.set(START);
        pass(HOUR);
        assertEquals(START.plus(HOUR), clock.instant());
        assertEquals(START.plus(HOUR), clock.deadlines().instant());
    }

    @Test
    void beforeAComparisonAllGoByTheNodesClock()
    {
        pass(HOUR);
        assertEquals(START.plus(HOUR), clock.instant());
        assertEquals(START.plus(HOUR), clock.deadlines().instant());
    }
}
