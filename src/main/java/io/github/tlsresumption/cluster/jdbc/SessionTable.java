package io.github.tlsresumption.cluster.jdbc;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

import io.github.tlsresumption.sessions.SessionKey;
import io.github.tlsresumption.sessions.SessionKeyStore;
import io.github.tlsresumption.ticket.StableId;

/**
 * The statements on the table of session keys, each on a connection of the caller's. Immutable.
 */
final class SessionTable
{
    static final int BATCH = 500;

    private static final HexFormat HEX = HexFormat.of();
    /** The least and the greatest end of an id that begins with a number. */
    private static final String LEAST = "0".repeat(2 * (StableId.BYTES - Long.BYTES));
    private static final String MOST = "f".repeat(LEAST.length());
    /** The row has the key that it had, and has not ended. */
    private static final String IS_SAME = " WHERE id = ? AND tag = ? AND deadline > ?";

    private final String table;
    private final Clock clock;

    SessionTable(String table, Clock clock)
    {
        this.table = table;
        this.clock = clock;
    }

    record Row(String id, byte[] sealed)
    {
    }

    /**
     * A key that takes the place of another.
     *
     * @param id of the session
     * @param tag of the key that is there
     * @param next the key to come
     * @param nextTag its tag
     * @param sealed it, sealed
     */
    record Exchange(StableId id, long tag, SessionKey next, long nextTag, byte[] sealed)
    {
    }

    /**
     * Which sessions to read: a condition that ends in AND, or none, and its values.
     */
    record Selection(String condition, List<Long> values)
    {
        static final Selection ALL = new Selection("", List.of());

        static Selection ofClient(long client)
        {
            return new Selection("client = ? AND ", List.of(client));
        }
    }

    String name()
    {
        return table;
    }

    int insert(Connection connection, SessionKey key, long tag, byte[] sealed) throws SQLException
    {
        try (PreparedStatement insert = connection.prepareStatement("INSERT INTO " + table
            + " (id, tag, client, deadline, sealed) VALUES (?, ?, ?, ?, ?)"))
        {
            insert.setString(1, key.id().toString());
            insert.setLong(2, tag);
            insert.setLong(3, key.clientIdentity());
            insert.setLong(4, key.deadline().toEpochMilli());
            insert.setBytes(5, sealed);
            return insert.executeUpdate();
        }
    }

    /**
     * By the database's clock, since those of the nodes may be further apart than a reservation lasts.
     */
    boolean reserve(Connection connection, StableId id, long tag, long holder) throws SQLException
    {
        String now = Tables.millis(connection);
        try (PreparedStatement update = connection.prepareStatement("UPDATE " + table + " SET holder = ?, held_at = " + now
            + IS_SAME + " AND " + isFree(now)))
        {
            update.setLong(1, holder);
            setSame(update, 2, id, tag);
            return update.executeUpdate() == 1;
        }
    }

    boolean replace(Connection connection, Exchange exchange) throws SQLException
    {
        return exchange(connection, exchange, "", "", List.of());
    }

    boolean commit(Connection connection, Exchange exchange, long holder) throws SQLException
    {
        return exchange(connection, exchange, ", holder = 0, held_at = 0", " AND (holder = ? OR " + isFree(Tables.millis(connection)) + ")",
            List.of(holder));
    }

    /*
     * With what else changes with the key, and on what else that depends, with its values.
     */
    private boolean exchange(Connection connection, Exchange exchange, String change, String condition, List<Long> values)
        throws SQLException
    {
        try (PreparedStatement update = connection.prepareStatement("UPDATE " + table
            + " SET tag = ?, client = ?, deadline = ?, sealed = ?" + change + IS_SAME + condition))
        {
            update.setLong(1, exchange.nextTag());
            update.setLong(2, exchange.next().clientIdentity());
            update.setLong(3, exchange.next().deadline().toEpochMilli());
            update.setBytes(4, exchange.sealed());
            setLongs(update, setSame(update, 5, exchange.id(), exchange.tag()), values);
            return update.executeUpdate() == 1;
        }
    }

    int release(Connection connection, StableId id, long holder) throws SQLException
    {
        try (PreparedStatement update = connection.prepareStatement("UPDATE " + table
            + " SET holder = 0, held_at = 0 WHERE id = ? AND holder = ?"))
        {
            update.setString(1, id.toString());
            update.setLong(2, holder);
            return update.executeUpdate();
        }
    }

    Optional<byte[]> sealed(Connection connection, StableId id) throws SQLException
    {
        try (PreparedStatement select = connection.prepareStatement("SELECT sealed FROM " + table + " WHERE id = ? AND deadline > ?"))
        {
            select.setString(1, id.toString());
            select.setLong(2, clock.millis());
            try (ResultSet rows = select.executeQuery())
            {
                return rows.next() ? Optional.of(rows.getBytes(1)) : Optional.empty();
            }
        }
    }

    /**
     * Deletes expired rows.
     *
     * @return how many others there are
     */
    long sweep(Connection connection) throws SQLException
    {
        try (PreparedStatement delete = connection.prepareStatement("DELETE FROM " + table + " WHERE deadline <= ?");
            PreparedStatement count = connection.prepareStatement("SELECT COUNT(*) FROM " + table + " WHERE client <> "
                + Tables.CLOCKS))
        {
            // A node whose clock is ahead must not delete the others' sessions.
            delete.setLong(1, Math.min(clock.millis(), Tables.time(connection).toEpochMilli()));
            delete.executeUpdate();
            try (ResultSet rows = count.executeQuery())
            {
                rows.next();
                return rows.getLong(1);
            }
        }
    }

    /**
     * @return the next rows in the order of ids
     */
    List<Row> batch(Connection connection, Selection selection, String after) throws SQLException
    {
        try (PreparedStatement select = select(connection, selection.condition() + "id > ?"))
        {
            select.setString(setLongs(select, 1, selection.values()), after);
            return rows(select);
        }
    }

    /**
     * @return the sessions with these numbers: of each there is one at the most, unless somebody else writes to the table
     */
    List<Row> numbered(Connection connection, List<Long> numbers) throws SQLException
    {
        List<Row> found = new ArrayList<>();
        try (PreparedStatement select = select(connection, "id >= ? AND id <= ?"))
        {
            for (long number : numbers)
            {
                String digits = HEX.toHexDigits(number);
                select.setString(1, digits + LEAST);
                select.setString(2, digits + MOST);
                found.addAll(rows(select));
            }
        }
        return found;
    }

    /**
     * @return the parameter behind them
     */
    private static int setLongs(PreparedStatement statement, int first, List<Long> values) throws SQLException
    {
        int parameter = first;
        for (long value : values)
        {
            statement.setLong(parameter++, value);
        }
        return parameter;
    }

    private static List<Row> rows(PreparedStatement select) throws SQLException
    {
        List<Row> found = new ArrayList<>();
        try (ResultSet rows = select.executeQuery())
        {
            while (rows.next())
            {
                found.add(new Row(rows.getString(1), rows.getBytes(2)));
            }
        }
        return found;
    }

    /**
     * @return those of the subjects that are clients and have sessions
     */
    List<Long> clients(Connection connection, List<Long> subjects) throws SQLException
    {
        try (PreparedStatement select = connection.prepareStatement(
            "SELECT DISTINCT client FROM " + table + " WHERE client IN (" + places(subjects.size()) + ")"))
        {
            setLongs(select, 1, subjects);
            List<Long> clients = new ArrayList<>();
            try (ResultSet rows = select.executeQuery())
            {
                while (rows.next())
                {
                    clients.add(rows.getLong(1));
                }
            }
            return clients;
        }
    }

    private static String places(int count)
    {
        return String.join(", ", Collections.nCopies(count, "?"));
    }

    /**
     * By the id alone: a key that has taken the place of a forgotten one is of the same session.
     *
     * @return how many were deleted
     */
    long delete(Connection connection, List<String> ids) throws SQLException
    {
        try (PreparedStatement delete = connection.prepareStatement("DELETE FROM " + table + " WHERE id IN (" + places(ids.size()) + ")"))
        {
            for (int i = 0; i < ids.size(); i++)
            {
                delete.setString(i + 1, ids.get(i));
            }
            return delete.executeUpdate();
        }
    }

    private PreparedStatement select(Connection connection, String condition) throws SQLException
    {
        return connection.prepareStatement("SELECT id, sealed FROM " + table + " WHERE " + condition + " ORDER BY id LIMIT " + BATCH);
    }

    /**
     * @return the parameter behind them
     */
    private int setSame(PreparedStatement statement, int first, StableId id, long tag) throws SQLException
    {
        statement.setString(first, id.toString());
        statement.setLong(first + 1, tag);
        statement.setLong(first + 2, clock.millis());
        return first + 3;
    }

    /*
     * Nobody holds the row, or no more; a clock that was set back ends it too.
     */
    private static String isFree(String now)
    {
        return "(held_at <= " + now + " - " + SessionKeyStore.RESERVATION.toMillis() + " OR held_at > " + now + ")";
    }
}
