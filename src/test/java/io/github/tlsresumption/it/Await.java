package io.github.tlsresumption.it;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * Waits for something that another process does, by asking again until a deadline.
 */
public final class Await
{
    private static final long PAUSE_NANOS = Duration.ofMillis(20).toNanos();

    private Await()
    {
    }

    /**
     * @param limit how long to wait
     * @param condition what to wait for
     * @return whether it came true in time
     */
    public static boolean within(Duration limit, BooleanSupplier condition)
    {
        long end = System.nanoTime() + limit.toNanos();
        while (!condition.getAsBoolean())
        {
            if (System.nanoTime() - end > 0)
            {
                return false;
            }
            LockSupport.parkNanos(PAUSE_NANOS);
        }
        return true;
    }

    /**
     * @param limit how long to wait
     * @param condition what to wait for
     * @param otherwise says what was missing, for the failure
     */
    public static void until(Duration limit, BooleanSupplier condition, Supplier<String> otherwise)
    {
        if (!within(limit, condition))
        {
            throw new AssertionError("not within " + limit + ": " + otherwise.get());
        }
    }
}
