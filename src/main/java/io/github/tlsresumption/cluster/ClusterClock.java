package io.github.tlsresumption.cluster;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.function.LongSupplier;

/**
 * The time of a cluster, as a node knows it: that of the node's own clock for as long as it is near what {@link ClockWatch} has found, and
 * else what was found, carried on by a clock that nobody sets. So a node whose clock is days ahead, or is set while it runs, neither
 * rotates nor ends ticket keys by it, and gives no session a time that the others would not have given it. Thread-safe.
 */
public final class ClusterClock extends Clock
{
    private final Clock own;
    private final LongSupplier nanos;
    private final Duration bound;
    private volatile Found found;

    private final Clock deadlines = new Deadlines();

    /**
     * @param offset by how much the node's clock was ahead of it
     */
    private record Found(Instant time, long nanos, Duration offset)
    {
    }

    /**
     * See {@link #deadlines}.
     */
    private final class Deadlines extends Clock
    {
        @Override
        public Instant instant()
        {
            Instant shown = own.instant();
            Found last = found;
            Instant time = ClusterClock.this.instant();
            // It was set since, or both clocks stood still with the machine and one was set right.
            boolean isSet = last != null && isApart(shown.minus(last.offset()), expected(last));
            return isSet && shown.isAfter(time) ? shown : time;
        }

        @Override
        public ZoneId getZone()
        {
            return own.getZone();
        }

        @Override
        public Clock withZone(ZoneId zone)
        {
            return own.withZone(zone);
        }
    }

    /**
     * Goes by the node's own clock until something was found.
     *
     * @param own the node's
     * @param nanos counts nanoseconds, whatever the time is
     * @param bound how far clocks may be apart
     */
    public ClusterClock(Clock own, LongSupplier nanos, Duration bound)
    {
        this.own = own;
        this.nanos = nanos;
        this.bound = bound;
    }

    /**
     * @return the node's own clock
     */
    Clock own()
    {
        return own;
    }

    /**
     * @return nanoseconds of the clock that nobody sets
     */
    long nanos()
    {
        return nanos.getAsLong();
    }

    /**
     * @return how far clocks may be apart
     */
    Duration bound()
    {
        return bound;
    }

    /**
     * @param time the cluster's time now
     */
    void set(Instant time)
    {
        found = new Found(time, nanos.getAsLong(), Duration.between(time, own.instant()));
    }

    /**
     * A machine that was suspended has the right time when it goes on, and this clock goes on where it stood until the next comparison.
     *
     * @return the time by which sessions end: where the node's clock was set since the last comparison, the later of the two
     */
    public Clock deadlines()
    {
        return deadlines;
    }

    /**
     * @return whether the node's own clock is not to be gone by, or nothing was found yet
     */
    public boolean isDoubtful()
    {
        Found last = found;
        return last == null || isApart(own.instant(), expected(last));
    }

    private Instant expected(Found last)
    {
        return last.time().plusNanos(nanos.getAsLong() - last.nanos());
    }

    private boolean isApart(Instant shown, Instant expected)
    {
        return Duration.between(expected, shown).abs().compareTo(bound) > 0;
    }

    @Override
    public Instant instant()
    {
        Instant shown = own.instant();
        Found last = found;
        if (last == null)
        {
            return shown;
        }
        Instant expected = expected(last);
        return isApart(shown, expected) ? expected : shown;
    }

    @Override
    public ZoneId getZone()
    {
        return own.getZone();
    }

    @Override
    public Clock withZone(ZoneId zone)
    {
        return own.withZone(zone);
    }
}
