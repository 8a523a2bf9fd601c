package io.github.tlsresumption.keys;

import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Takes tasks and runs none: the test ticks. Remembers the delay it was last asked for.
 */
final class IdleExecutor extends ScheduledThreadPoolExecutor
{
    private volatile long delayMillis;

    IdleExecutor()
    {
        super(0);
    }

    @Override
    public ScheduledFuture<?> scheduleWithFixedDelay(Runnable task, long first, long delay, TimeUnit unit)
    {
        delayMillis = unit.toMillis(delay);
        return super.schedule(Thread::yield, 1_000, TimeUnit.DAYS);
    }

    long delayMillis()
    {
        return delayMillis;
    }
}
