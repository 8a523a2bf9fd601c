package io.github.tlsresumption;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;

/**
 * A clock that goes where the test says.
 */
public final class FakeClock extends Clock
{
    private volatile Instant now;

    public FakeClock(Instant now)
    {
        this.now = now;
    }

    public void set(Instant instant)
    {
        now = instant;
    }

    public void advance(Duration duration)
    {
        now = now.plus(duration);
    }

    /**
     * For what takes its time from another source as well: goes as this clock goes.
     */
    public long nanos()
    {
        return ChronoUnit.NANOS.between(Instant.EPOCH, now);
    }

    @Override
    public Instant instant()
    {
        return now;
    }

    @Override
    public ZoneId getZone()
    {
        return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone)
    {
        return this;
    }
}
