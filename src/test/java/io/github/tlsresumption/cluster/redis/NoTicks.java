package io.github.tlsresumption.cluster.redis;

import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Takes tasks and runs none: the test ticks.
 */
final class NoTicks extends ScheduledThreadPoolExecutor
{
    NoTicks()
    {
        super(0);
    }

    @Override
    public ScheduledFuture<?> scheduleWithFixedDelay(Runnable task, long first, long delay, TimeUnit unit)
    {
        return super.schedule(Thread::yield, 1_000, TimeUnit.DAYS);
    }
}
