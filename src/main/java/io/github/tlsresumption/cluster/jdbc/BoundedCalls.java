package io.github.tlsresumption.cluster.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import javax.sql.DataSource;

import io.github.tlsresumption.cluster.BoundedThreads;

/**
 * Calls of a database that the caller waits for only so long, whatever the driver, the pool or the network does. Thread-safe.
 */
final class BoundedCalls implements AutoCloseable
{
    private final DataSource dataSource;
    private final Tables tables;
    private final SqlFailures failures;
    private final Duration timeout;
    private final int socketMillis;
    private final BoundedThreads threads;
    private final Consumer<Connection> discard;

    /**
     * @param dataSource gives connections
     * @param discard ends one that leads to a server that only reads
     * @param tables made when they are missing
     * @param failures hides passwords
     * @param timeout how long the caller waits
     * @param socketTimeout how long a thread waits for one answer; where it is longer than the caller waits, one slow answer does
     * not cost a connection
     * @param threads how many calls at the same time
     */
    BoundedCalls(DataSource dataSource, Consumer<Connection> discard, Tables tables, SqlFailures failures, Duration timeout,
        Duration socketTimeout, int threads)
    {
        this.discard = discard;
        this.dataSource = dataSource;
        this.tables = tables;
        this.failures = failures;
        this.timeout = timeout;
        this.socketMillis = Math.toIntExact(socketTimeout.toMillis());
        this.threads = new BoundedThreads("tls-resumption-jdbc", threads);
    }

    /**
     * @param work done once, or twice where a table is missing; after a timeout it may still be done
     * @return what it returned
     * @throws SQLException without passwords: that of the work, or that there is no answer in time, or no thread to ask, or after
     * {@link #close}
     */
    <T> T call(SqlWork<T> work) throws SQLException
    {
        try
        {
            return threads.call(() -> run(work), timeout);
        }
        catch (RejectedExecutionException e)
        {
            throw new SQLException("it was not asked: too many questions at a time, or it is closed", e);
        }
        catch (TimeoutException e)
        {
            throw new SQLException("no answer within " + timeout.toMillis() + " ms", e);
        }
        catch (InterruptedException e)
        {
            Thread.currentThread().interrupt();
            throw new SQLException("interrupted while waiting for an answer", e);
        }
        catch (ExecutionException e)
        {
            throw failures.clean(e.getCause());
        }
    }

    private <T> T run(SqlWork<T> work) throws SQLException
    {
        try (Connection connection = dataSource.getConnection())
        {
            limit(connection);
            if (!connection.getAutoCommit())
            {
                connection.setAutoCommit(true);
            }
            return with(connection, work);
        }
    }

    private <T> T with(Connection connection, SqlWork<T> work) throws SQLException
    {
        try
        {
            return tables.with(connection, work);
        }
        catch (SQLException e)
        {
            if (SqlFailures.isReadOnly(e))
            {
                discard.accept(connection);
            }
            throw e;
        }
    }

    private void limit(Connection connection) throws SQLException
    {
        try
        {
            connection.setNetworkTimeout(Runnable::run, socketMillis);
        }
        catch (SQLFeatureNotSupportedException e)
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
        threads.close();
    }
}
