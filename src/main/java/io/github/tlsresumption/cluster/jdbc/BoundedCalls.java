package io.github.tlsresumption.cluster.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.sql.DataSource;

/**
 * Calls of a database that the caller waits for only so long, whatever the driver, the pool or the network does: they run on
 * threads of their own, which are few, and so are the calls that wait for one. Thread-safe.
 */
final class BoundedCalls implements AutoCloseable
{
    private static final int WAITING = 1_000;
    private static final long IDLE_SECONDS = 60;

    private final DataSource dataSource;
    private final Tables tables;
    private final SqlFailures failures;
    private final Duration timeout;
    private final int socketMillis;
    private final ThreadPoolExecutor executor;

    /**
     * @param dataSource gives connections
     * @param tables made when they are missing
     * @param failures hides passwords
     * @param timeout how long the caller waits
     * @param socketTimeout how long a thread waits for one answer; where it is longer than the caller waits, one slow answer does
     * not cost a connection
     * @param threads how many calls at the same time
     */
    BoundedCalls(DataSource dataSource, Tables tables, SqlFailures failures, Duration timeout, Duration socketTimeout, int threads)
    {
        this.dataSource = dataSource;
        this.tables = tables;
        this.failures = failures;
        this.timeout = timeout;
        this.socketMillis = Math.toIntExact(socketTimeout.toMillis());
        this.executor = new ThreadPoolExecutor(threads, threads, IDLE_SECONDS, TimeUnit.SECONDS, new ArrayBlockingQueue<>(WAITING), task ->
        {
            Thread thread = new Thread(task, "tls-resumption-jdbc");
            thread.setDaemon(true);
            return thread;
        });
        executor.allowCoreThreadTimeOut(true);
    }

    /**
     * @param work done once, or twice where a table is missing; after a timeout it may still be done
     * @return what it returned
     * @throws SQLException without passwords: that of the work, or that there is no answer in time
     */
    <T> T call(SqlWork<T> work) throws SQLException
    {
        FutureTask<T> task = new FutureTask<>(() -> run(work));
        try
        {
            executor.execute(task);
            return task.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
        }
        catch (RejectedExecutionException x)
        {
            throw new SQLException(executor.isShutdown() ? "closed" : WAITING + " calls wait for it already");
        }
        catch (TimeoutException x)
        {
            giveUp(task);
            throw new SQLException("no answer within " + timeout.toMillis() + " ms");
        }
        catch (InterruptedException x)
        {
            giveUp(task);
            Thread.currentThread().interrupt();
            throw new SQLException("interrupted while waiting for an answer");
        }
        catch (ExecutionException x)
        {
            throw failures.clean(x.getCause());
        }
    }

    private void giveUp(FutureTask<?> task)
    {
        // Without an interrupt: H2 closes the whole database file when a thread is interrupted that reads it.
        task.cancel(false);
        executor.remove(task);
    }

    private <T> T run(SqlWork<T> work) throws SQLException
    {
        try (Connection connection = dataSource.getConnection())
        {
            limit(connection);
            if (!connection.getAutoCommit())
                connection.setAutoCommit(true);
            return tables.with(connection, work);
        }
    }

    private void limit(Connection connection) throws SQLException
    {
        try
        {
            connection.setNetworkTimeout(Runnable::run, socketMillis);
        }
        catch (SQLFeatureNotSupportedException x)
        {
            // The caller's wait is bounded all the same.
            return;
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
