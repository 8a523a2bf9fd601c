package io.github.tlsresumption.cluster;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * Stops asking for a while where several questions in a row were not answered: so a backend that hangs costs a few handshakes its
 * timeout, not every one. Thread-safe.
 */
public final class Circuit
{
    /** For how long nobody asks. */
    public static final Duration PAUSE = Duration.ofSeconds(1);
    /** How many questions in a row without an answer make a pause. */
    public static final int FAILURES = 3;

    private final LongSupplier nanos;
    private final int limit;
    private int failures;
    private long asked;

    /**
     * @param nanos a clock as {@link System#nanoTime}
     */
    public Circuit(LongSupplier nanos)
    {
        this(nanos, FAILURES);
    }

    private Circuit(LongSupplier nanos, int limit)
    {
        this.nanos = nanos;
        this.limit = limit;
    }

    /**
     * @return one that always allows, for what no handshake waits for
     */
    public static Circuit none()
    {
        return new Circuit(() -> 0, Integer.MAX_VALUE);
    }

    /**
     * @return whether to ask: always unless the last {@link #FAILURES} questions failed, and then once in each {@link #PAUSE}
     */
    public synchronized boolean allows()
    {
        if (failures < limit)
        {
            return true;
        }
        if (nanos.getAsLong() - asked < PAUSE.toNanos())
        {
            return false;
        }
        asked = nanos.getAsLong();
        return true;
    }

    /**
     * A question was answered.
     */
    public synchronized void succeeded()
    {
        failures = 0;
    }

    /**
     * A question was not answered.
     */
    public synchronized void failed()
    {
        if (failures < limit && ++failures == limit)
        {
            asked = nanos.getAsLong();
        }
    }
}
