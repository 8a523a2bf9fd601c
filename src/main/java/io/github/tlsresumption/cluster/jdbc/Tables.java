package io.github.tlsresumption.cluster.jdbc;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.locks.LockSupport;

import io.github.tlsresumption.cluster.ClockWatch;

/**
 * The tables, made when they are missing. Plain SQL and not a migration tool: it is a few statements, which need no dependency.
 * Thread-safe.
 */
final class Tables
{
    static final int VERSION = 1;
    /** How long a sealed session key may be: about 110 bytes and the name of its rule. */
    static final int MAX_SEALED = 512;
    private static final int ATTEMPTS = 10;
    private static final long PAUSE_NANOS = 20_000_000;
    /** The client of rows about the nodes' clocks, by which they are found; that of a session is a keyed hash. */
    static final long CLOCKS = 0x636c6f636b73L;
    /** What the ids of such rows begin with; a session's has hexadecimal digits only. */
    private static final String CLOCK = "clock:";
    private static final String WRONG_SCHEMA = "3F000";

    private final String prefix;
    private volatile boolean ready;

    Tables(String prefix)
    {
        this.prefix = prefix;
    }

    /**
     * One row: the version of the schema.
     */
    String schema()
    {
        return prefix + "schema";
    }

    /**
     * One row, or none: the ticket key ring.
     */
    String ring()
    {
        return prefix + "ring";
    }

    /**
     * One row for each append to the forget log.
     */
    String forgotten()
    {
        return prefix + "forgotten";
    }

    /**
     * One row for each session of mode cache.
     */
    String sessions()
    {
        return prefix + "sessions";
    }

    /**
     * Does something with the tables; where they are missing they are made first.
     *
     * @param connection commits each statement by itself
     * @param work what to do, which may be done twice when a table is missing
     * @return what it returned
     * @throws SQLException its own, or that the tables are another release's
     */
    <T> T with(Connection connection, SqlWork<T> work) throws SQLException
    {
        if (!ready)
        {
            prepare(connection);
        }
        try
        {
            return work.apply(connection);
        }
        catch (SQLException e)
        {
            if (!SqlFailures.isUnknownName(e))
            {
                throw e;
            }
            // The database may have been replaced by an empty one.
            ready = false;
            prepare(connection);
            return work.apply(connection);
        }
    }

    private void prepare(Connection connection) throws SQLException
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                checkOrCreate(connection);
                ready = true;
                return;
            }
            catch (SQLException e)
            {
                // Of several nodes that make the same table at once, even with IF NOT EXISTS, PostgreSQL and H2 refuse all but one.
                if (WRONG_SCHEMA.equals(e.getSQLState()) || SqlFailures.isDisconnected(e) || attempt == ATTEMPTS)
                {
                    throw e;
                }
                // Who comes first needs a moment for it.
                LockSupport.parkNanos(attempt * PAUSE_NANOS);
            }
        }
    }

    private void checkOrCreate(Connection connection) throws SQLException
    {
        int version;
        try
        {
            version = version(connection);
            if (version == VERSION)
            {
                requireAll(connection);
                return;
            }
        }
        catch (SQLException e)
        {
            if (!SqlFailures.isUnknownName(e))
            {
                throw e;
            }
            version = 0;
        }
        if (version > 0 && version != VERSION)
        {
            throw new SQLException("the tables " + prefix + "* have schema version " + version + ", this release knows " + VERSION
                + ": run the release that made them, or set another jetty.tlsResumption.jdbc.tablePrefix", WRONG_SCHEMA);
        }
        create(connection);
    }

    private void requireAll(Connection connection) throws SQLException
    {
        for (String table : List.of(ring(), forgotten(), sessions()))
        {
            // Earlier releases had no reservations.
            String columns = table.equals(sessions()) ? "holder, held_at" : "1";
            try (PreparedStatement select = connection.prepareStatement("SELECT " + columns + " FROM " + table + " WHERE 1 = 0");
                ResultSet rows = select.executeQuery())
            {
                rows.next();
            }
        }
    }

    private int version(Connection connection) throws SQLException
    {
        try (PreparedStatement select = connection.prepareStatement("SELECT schema_version FROM " + schema() + " WHERE id = 1");
            ResultSet rows = select.executeQuery())
        {
            return rows.next() ? rows.getInt(1) : 0;
        }
    }

    private void create(Connection connection) throws SQLException
    {
        String bytes = bytesType(connection);
        List<String> statements = List.of(
            "CREATE TABLE IF NOT EXISTS " + ring() + " (id INT PRIMARY KEY, ring_version BIGINT NOT NULL, ring " + bytes + " NOT NULL)",
            "CREATE TABLE IF NOT EXISTS " + forgotten() + " (seq BIGINT PRIMARY KEY, tag BIGINT NOT NULL, reach BIGINT NOT NULL, entries "
                + bytes + " NOT NULL)",
            "CREATE TABLE IF NOT EXISTS " + sessions() + " (id VARCHAR(64) PRIMARY KEY, tag BIGINT NOT NULL, client BIGINT NOT NULL, "
                + "deadline BIGINT NOT NULL, sealed " + sealedType(connection) + " NOT NULL)",
            "ALTER TABLE " + sessions() + " ADD COLUMN IF NOT EXISTS holder BIGINT DEFAULT 0 NOT NULL",
            "ALTER TABLE " + sessions() + " ADD COLUMN IF NOT EXISTS held_at BIGINT DEFAULT 0 NOT NULL",
            "CREATE INDEX IF NOT EXISTS " + sessions() + "_client ON " + sessions() + " (client, id)",
            "CREATE INDEX IF NOT EXISTS " + sessions() + "_deadline ON " + sessions() + " (deadline)",
            "CREATE TABLE IF NOT EXISTS " + schema() + " (id INT PRIMARY KEY, schema_version INT NOT NULL)");
        try (Statement create = connection.createStatement())
        {
            for (String statement : statements)
            {
                create.execute(statement);
            }
            if (version(connection) == 0)
            {
                create.executeUpdate("INSERT INTO " + schema() + " (id, schema_version) VALUES (1, " + VERSION + ")");
            }
        }
    }

    /**
     * @return the database's time
     */
    static Instant time(Connection connection) throws SQLException
    {
        String seconds = isMariaDb(connection) ? "UNIX_TIMESTAMP(NOW(6))" : "EXTRACT(EPOCH FROM CURRENT_TIMESTAMP)";
        try (PreparedStatement select = connection.prepareStatement("SELECT " + seconds); ResultSet rows = select.executeQuery())
        {
            rows.next();
            return Instant.ofEpochMilli(rows.getBigDecimal(1).movePointRight(3).longValue());
        }
    }

    /**
     * @return an expression for the database's time in milliseconds since 1970
     */
    static String millis(Connection connection) throws SQLException
    {
        return isMariaDb(connection) ? "CAST(UNIX_TIMESTAMP(NOW(6)) * 1000 AS SIGNED)"
            : "CAST(EXTRACT(EPOCH FROM CURRENT_TIMESTAMP) * 1000 AS BIGINT)";
    }

    /**
     * Tells by how much a node's clock is ahead.
     *
     * @return what all nodes have told
     */
    static List<Duration> offsets(Connection connection, String sessions, String node, Duration offset) throws SQLException
    {
        long now = time(connection).toEpochMilli();
        String update = "UPDATE " + sessions + " SET tag = ?, deadline = ? WHERE id = ?";
        String insert = "INSERT INTO " + sessions + " (tag, deadline, id, client, sealed) VALUES (?, ?, ?, " + CLOCKS + ", ?)";
        for (String statement : List.of(update, insert))
        {
            try (PreparedStatement tell = connection.prepareStatement(statement))
            {
                tell.setLong(1, offset.toMillis());
                tell.setLong(2, now + ClockWatch.TOLD_FOR.toMillis());
                tell.setString(3, CLOCK + node);
                if (statement.equals(insert))
                {
                    tell.setBytes(4, new byte[0]);
                }
                if (tell.executeUpdate() == 1)
                {
                    break;
                }
            }
        }
        try (PreparedStatement select = connection.prepareStatement(
            "SELECT tag FROM " + sessions + " WHERE client = " + CLOCKS + " AND deadline > ?"))
        {
            select.setLong(1, now);
            List<Duration> offsets = new ArrayList<>();
            try (ResultSet rows = select.executeQuery())
            {
                while (rows.next())
                {
                    offsets.add(Duration.ofMillis(rows.getLong(1)));
                }
            }
            return offsets;
        }
    }

    private static String bytesType(Connection connection) throws SQLException
    {
        if (product(connection).contains("postgres"))
        {
            return "BYTEA";
        }
        return isMariaDb(connection) ? "MEDIUMBLOB" : "VARBINARY(1000000)";
    }

    private static String sealedType(Connection connection) throws SQLException
    {
        return product(connection).contains("postgres") ? "BYTEA" : "VARBINARY(" + MAX_SEALED + ")";
    }

    private static boolean isMariaDb(Connection connection) throws SQLException
    {
        String product = product(connection);
        return product.contains("mariadb") || product.contains("mysql");
    }

    private static String product(Connection connection) throws SQLException
    {
        return connection.getMetaData().getDatabaseProductName().toLowerCase(Locale.ROOT);
    }
}
