package io.github.tlsresumption.resumption;

import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A task of an executor that runs once for all the calls that come before it begins. Thread-safe.
 */
final class CoalescedTask
{
    private static final Logger LOG = LoggerFactory.getLogger(Forgetting.class);

    private final Executor executor;
    private final Runnable task;
    private final AtomicBoolean waiting = new AtomicBoolean();

    CoalescedTask(Executor executor, Runnable task)
    {
        this.executor = executor;
        this.task = task;
    }

    void soon()
    {
        if (!waiting.compareAndSet(false, true))
        {
            return;
        }
        try
        {
            executor.execute(() ->
            {
                waiting.set(false);
                task.run();
            });
        }
        catch (RejectedExecutionException e)
        {
            LOG.debug("The connectors have stopped", e);
        }
    }
}
