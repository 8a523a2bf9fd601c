package io.github.tlsresumption.cluster.jdbc;

import java.sql.Connection;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import javax.sql.DataSource;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;

/**
 * The only one who knows HikariCP, so that who brings a data source needs no pool. Thread-safe.
 */
final class ConnectionPool implements AutoCloseable
{
    /** Connections that the database, or what is in between, has ended are replaced without waiting for a handshake to meet them. */
    private static final long KEEPALIVE_MILLIS = 30_000;
    /** Less than {@link JdbcStores#STORE_TIMEOUT}, so that its message says why there is no connection. */
    private static final long CONNECT_MILLIS = 4_000;
    private static final long VALIDATE_MILLIS = 500;

    private static final int WARM = 4;
    private static final Duration EVICTION = Duration.ofSeconds(10);

    private final AtomicLong evicted = new AtomicLong();
    private final DriverConnections connections;
    private final int size;

    /** Written under this; null while it is closed. */
    private volatile HikariDataSource open;

    /**
     * Opens no connection yet.
     *
     * @param url of the database
     * @param user may be null
     * @param password may be null
     * @param size how many connections
     * @throws IllegalArgumentException when no driver takes the URL, or it is of an H2 that would be open to others
     */
    ConnectionPool(String url, String user, String password, int size)
    {
        this(new DriverConnections(url, user, password), size);
    }

    private ConnectionPool(DriverConnections connections, int size)
    {
        this.connections = connections;
        this.size = size;
    }

    /**
     * @return a pool of the same database with connections of its own; none is open yet
     */
    ConnectionPool again()
    {
        return new ConnectionPool(connections, size);
    }

    /**
     * @return gives connections, until the pool is closed; it starts whether the database answers or not
     * @throws IllegalStateException when others may touch the database's files
     */
    synchronized DataSource open()
    {
        if (open == null)
        {
            connections.guardFiles();
            open = new HikariDataSource(config());
        }
        return open;
    }

    /**
     * @return gives a new connection each time; the pool stays closed
     * @throws IllegalStateException when others may touch the database's files
     */
    DataSource unpooled()
    {
        connections.guardFiles();
        return connections;
    }

    private HikariConfig config()
    {
        HikariConfig config = new HikariConfig();
        config.setPoolName("tls-resumption");
        // Not the URL, so that HikariCP knows no password that it could log.
        config.setDataSource(connections);
        config.setMaximumPoolSize(size);
        // One that is made in a handshake comes too late for it; but a database that is others' too has only so many.
        config.setMinimumIdle(Math.min(size, WARM));
        config.setKeepaliveTime(KEEPALIVE_MILLIS);
        config.setConnectionTimeout(CONNECT_MILLIS);
        config.setValidationTimeout(VALIDATE_MILLIS);
        // Without gap locks in MariaDB, which would make writers wait for each other for nothing.
        config.setTransactionIsolation("TRANSACTION_READ_COMMITTED");
        config.setInitializationFailTimeout(-1);
        return config;
    }

    /**
     * Ends a connection that leads to a server that only reads, as after a failover: it would go on doing so for half an hour. The others
     * are ended too, or each of them would cost a handshake; but not again and again, or a database that only reads for a while would have
     * no connection that reads. HikariCP would do the first by itself, and write a warning each time.
     *
     * @param connection of this pool
     */
    void discard(Connection connection)
    {
        HikariDataSource current = open;
        if (current == null)
        {
            return;
        }
        current.evictConnection(connection);
        long now = System.nanoTime();
        long last = evicted.get();
        boolean due = last == 0 || now - last > EVICTION.toNanos();
        if (due && current.getHikariPoolMXBean() != null && evicted.compareAndSet(last, now))
        {
            current.getHikariPoolMXBean().softEvictConnections();
        }
    }

    /**
     * Closes the connections. The pool may be opened again.
     */
    @Override
    public synchronized void close()
    {
        if (open != null)
        {
            open.close();
        }
        open = null;
    }
}
