package io.github.tlsresumption.admin;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.LongSupplier;

/**
 * Slows down whoever tries passwords. The first {@link #FREE} wrong ones cost nothing; from then on one password is looked at in each
 * {@link #INTERVAL}, whoever sends it and however many connections it comes over, so that an answer that does not come tells nothing
 * early. The turns of those who wait reach no further than {@link #LONGEST}; beyond that a password is not looked at. A right one gives its
 * turn back. Without wrong ones for {@code FREE} intervals all is as in the beginning.
 * <p>
 * Also says which wrong passwords to log: the first, and then how many there were, once in each {@link #LOG_INTERVAL}.
 * <p>
 * Thread-safe.
 */
final class Brake
{
    static final int FREE = 10;
    static final Duration INTERVAL = Duration.ofSeconds(2);
    static final Duration LONGEST = Duration.ofSeconds(10);
    static final Duration LOG_INTERVAL = Duration.ofMinutes(1);

    private final LongSupplier nanos;

    // Guarded by this:
    /** When all turns that were taken are over, as a time of the clock; in the past when none is left. */
    private long end;
    private boolean hasLogged;
    private long logged;
    private long notLogged;

    /**
     * @param nanos a clock as {@link System#nanoTime}, which nobody can set
     */
    Brake(LongSupplier nanos)
    {
        this.nanos = nanos;
        this.end = nanos.getAsLong();
    }

    /**
     * Takes a turn.
     *
     * @return how long to wait before the password is looked at; empty when it is not to be looked at
     */
    synchronized Optional<Duration> take()
    {
        long now = nanos.getAsLong();
        long busy = Math.max(0, end - now);
        long wait = Math.max(0, busy - INTERVAL.toNanos() * (FREE - 1));
        if (wait > LONGEST.toNanos())
        {
            return Optional.empty();
        }
        end = now + busy + INTERVAL.toNanos();
        return Optional.of(Duration.ofNanos(wait));
    }

    /**
     * Gives a turn back, since the password was right.
     */
    synchronized void giveBack()
    {
        end -= INTERVAL.toNanos();
    }

    /**
     * A password was wrong, or not looked at.
     *
     * @return how many there were since the last line in the log, when it is time for another one
     */
    synchronized OptionalLong wrong()
    {
        long now = nanos.getAsLong();
        notLogged++;
        if (hasLogged && now - logged < LOG_INTERVAL.toNanos())
        {
            return OptionalLong.empty();
        }
        hasLogged = true;
        logged = now;
        long count = notLogged;
        notLogged = 0;
        return OptionalLong.of(count);
    }
}
