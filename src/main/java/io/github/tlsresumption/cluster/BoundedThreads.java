package io.github.tlsresumption.cluster;

import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Threads for the calls of a backend, so that who calls waits only so long, whatever its client, a name resolution or the network
 * does. They are few, and so are the calls that wait for one. Thread-safe.
 */
public final class BoundedThreads implements AutoCloseable
{
    private static final int WAITING = 1_000;
    private static final long IDLE_SECONDS = 60;

    private final ThreadPoolExecutor executor;

    /**
     * @param name of each thread
     * @param threads how many calls at the same time
     */
    public BoundedThreads(String name, int threads)
    {
        this.executor = new ThreadPoolExecutor(threads, threads, IDLE_SECONDS, TimeUnit.SECONDS, new ArrayBlockingQueue<>(WAITING), task ->
        {
            Thread thread = new Thread(task, name);
            thread.setDaemon(true);
            return thread;
        });
        executor.allowCoreThreadTimeOut(true);
    }

    /**
     * @param <T> what it returns
     * @param work what to do; after a timeout, or an interrupt, it may still be done
     * @param timeout how long the caller waits at the most
     * @return what it returned
     * @throws ExecutionException what it threw is the cause
     * @throws TimeoutException when it was begun, and has not ended in time
     * @throws RejectedExecutionException when it was not begun in time, as other calls have all threads, or after {@link #close}: it is
     * not done then
     * @throws InterruptedException when the caller is interrupted
     */
    public <T> T call(Callable<T> work, Duration timeout) throws ExecutionException, TimeoutException, InterruptedException
    {
        AtomicBoolean begun = new AtomicBoolean();
        FutureTask<T> task = new FutureTask<>(() -> begun.getAndSet(true) ? null : work.call());
        executor.execute(task);
        try
        {
            return task.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
        }
        catch (TimeoutException e)
        {
            if (begun.getAndSet(true))
            {
                throw e;
            }
            throw new RejectedExecutionException("no thread in time", e);
        }
        finally
        {
            // Without an interrupt, which would cost a connection; H2 would close the whole database file.
            task.cancel(false);
            executor.remove(task);
        }
    }

    /**
     * Starts no more calls.
     */
    @Override
    public void close()
    {
        executor.shutdown();
        executor.getQueue().clear();
    }
}
