package io.github.tlsresumption.log;

import java.time.Duration;
import java.time.Instant;

/**
 * Decides which of many warnings about the same thing are logged: the first, and then one in each period. A clock that is set may bring a
 * warning early; set back by less than a period, it delays one by as much. Thread-safe.
 */
public final class WarningThrottle
{
    private static final Duration SAME_FAULT = Duration.ofMinutes(10);
    private static final Duration OTHER_FAULT = Duration.ofSeconds(10);

    private final Duration period;
    private final Duration otherPeriod;

    // Under this. Before the first warning it is further away than any clock, also than one that nobody has set yet and that shows 1970:
    private Instant last = Instant.MIN;
    private String fault = "";
    private boolean isFailing;

    /**
     * @param period between two warnings
     */
    public WarningThrottle(Duration period)
    {
        this(period, period);
    }

    private WarningThrottle(Duration period, Duration otherPeriod)
    {
        this.period = period;
        this.otherPeriod = otherPeriod;
    }

    /**
     * @return for faults in the background: the same fault each ten minutes, another one ten seconds after the last
     */
    public static WarningThrottle forFaults()
    {
        return new WarningThrottle(SAME_FAULT, OTHER_FAULT);
    }

    /**
     * @param now the time
     * @return whether to log the warning; true counts as logged
     */
    public boolean isDue(Instant now)
    {
        return isDue("", now);
    }

    /**
     * @param what the fault, by which it is told from others
     * @param now the time
     * @return whether to log the warning; true counts as logged
     */
    public synchronized boolean isDue(String what, Instant now)
    {
        Duration pause = what.equals(fault) ? period : otherPeriod;
        if (Duration.between(last, now).abs().compareTo(pause) < 0)
        {
            return false;
        }
        last = now;
        fault = what;
        isFailing = true;
        return true;
    }

    /**
     * To be called whenever there is no fault. The next warning still waits for its time.
     *
     * @return whether to log that there is none any more: when a warning was logged, once
     */
    public synchronized boolean hasRecovered()
    {
        boolean wasFailing = isFailing;
        isFailing = false;
        return wasFailing;
    }

    /**
     * The next warning is due at once.
     */
    public synchronized void reset()
    {
        last = Instant.MIN;
        isFailing = false;
    }
}
