package io.github.tlsresumption.cluster.jdbc;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

/**
 * A real database for tests, started when it is first needed.
 */
enum TestDatabase
{
    H2,
    POSTGRESQL,
    MARIADB;

    static final JdbcOptions PATIENT = new JdbcOptions("t_", 16, Duration.ofSeconds(5));
    private static final AtomicInteger TABLES = new AtomicInteger();

    private DatabaseServer server;

    /*
     * Skips the test where the program is missing.
     */
    synchronized String url()
    {
        if (this == H2)
        {
            return "jdbc:h2:mem:test;DB_CLOSE_DELAY=-1";
        }
        return url(port());
    }

    synchronized String url(int port)
    {
        return this == POSTGRESQL
            ? "jdbc:postgresql://127.0.0.1:" + port + "/postgres"
            : "jdbc:mariadb://127.0.0.1:" + port + "/test?createDatabaseIfNotExist=true";
    }

    synchronized int port()
    {
        if (server == null)
        {
            Optional<DatabaseServer> started = this == POSTGRESQL ? DatabaseServer.postgresql() : DatabaseServer.mariadb();
            assumeTrue(started.isPresent(), this + " is not installed on this machine");
            server = started.get();
        }
        return server.port();
    }

    String user()
    {
        return switch (this)
        {
            case H2 -> "sa";
            case POSTGRESQL -> "postgres";
            case MARIADB -> "root";
        };
    }

    static String newPrefix()
    {
        return "t" + ProcessHandle.current().pid() + "_" + TABLES.incrementAndGet() + "_";
    }

    JdbcStores stores(String prefix)
    {
        return stores(prefix, "a passphrase");
    }

    JdbcStores stores(String prefix, String passphrase)
    {
        return new JdbcStores(url(), user(), "", passphrase::toCharArray,
            new JdbcOptions(prefix, PATIENT.poolSize(), PATIENT.timeout()));
    }

    int execute(String sql, Object... values) throws SQLException
    {
        try (Connection connection = DriverManager.getConnection(url(), user(), "");
            PreparedStatement statement = connection.prepareStatement(sql))
        {
            for (int i = 0; i < values.length; i++)
            {
                statement.setObject(i + 1, values[i]);
            }
            return statement.executeUpdate();
        }
    }

    byte[] bytes(String sql) throws SQLException
    {
        return query(sql, rows -> rows.getBytes(1));
    }

    long number(String sql) throws SQLException
    {
        return query(sql, rows -> rows.getLong(1));
    }

    long count(String table) throws SQLException
    {
        return number("SELECT COUNT(*) FROM " + table);
    }

    /**
     * What to take from a row.
     */
    private interface Column<T>
    {
        T of(ResultSet row) throws SQLException;
    }

    private <T> T query(String sql, Column<T> column) throws SQLException
    {
        try (Connection connection = DriverManager.getConnection(url(), user(), "");
            PreparedStatement statement = connection.prepareStatement(sql);
            ResultSet rows = statement.executeQuery())
        {
            rows.next();
            return column.of(rows);
        }
    }
}
