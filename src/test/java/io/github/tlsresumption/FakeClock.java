package io.github.tlsresumption;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;

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
