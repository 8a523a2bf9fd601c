package io.github.tlsresumption.keys;

import java.time.Duration;
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
    private final List<Scheduled> schedule = new ArrayList<>();
    private volatile long delayMillis;

    /**
     * A task of the schedule, and how long after its end it is to run again.
     */
    public record Scheduled(Runnable task, Duration delay)
    {
    }

    public IdleExecutor()
    {
        super(0);
    }

    @Override
    public ScheduledFuture<?> scheduleWithFixedDelay(Runnable task, long first, long delay, TimeUnit unit)
    {
        delayMillis = unit.toMillis(delay);
        schedule.add(new Scheduled(task, Duration.ofMillis(delayMillis)));
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

    public List<Scheduled> schedule()
    {
        return List.copyOf(schedule);
    }

    long delayMillis()
    {
        return delayMillis;
    }
}
