package io.github.tlsresumption.keys;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Takes tasks and runs them when the test says; those of a schedule never: the test ticks. Remembers the delay it was last asked for.
 */
public final class IdleExecutor extends ScheduledThreadPoolExecutor
{
    private final List<Runnable> tasks = new ArrayList<>();
    private volatile long delayMillis;

    public IdleExecutor()
    {
        super(0);
    }

    @Override
    public ScheduledFuture<?> scheduleWithFixedDelay(Runnable task, long first, long delay, TimeUnit unit)
    {
        delayMillis = unit.toMillis(delay);
        return super.schedule(Thread::yield, 1_000, TimeUnit.DAYS);
    }

    @Override
    public void execute(Runnable task)
    {
        tasks.add(task);
    }

    public void runAll()
    {
        List.copyOf(tasks).forEach(Runnable::run);
        tasks.clear();
    }

    long delayMillis()
    {
        return delayMillis;
    }
}
