package io.github.tlsresumption.cluster.jdbc;

import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

import io.github.tlsresumption.cluster.Circuit;
import io.github.tlsresumption.cluster.SessionKeyCodec;
import io.github.tlsresumption.crypto.Digests;
import io.github.tlsresumption.sessions.Rehearsal;
import io.github.tlsresumption.sessions.SessionKey;
import io.github.tlsresumption.sessions.SessionKeyStore;
import io.github.tlsresumption.ticket.StableId;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps session keys in a table, a row for each session, sealed under the ticket keys. A handshake waits for it no longer than the
 * timeout; after a few failures in a row nobody asks for a while, see {@link Circuit}. Rows go within a minute of their deadline.
 *
 * <p>A key that was put is in use by its connection and so is not overwritten in this process; the row is what forgetting removes.
 *
 * <p>Thread-safe.
 */
final class JdbcSessionKeyStore implements SessionKeyStore
{
    static final int BATCH = 500;
    static final int SUBJECTS_PER_CALL = 100;

    private static final Logger LOG = LoggerFactory.getLogger(JdbcSessionKeyStore.class);
    private static final HexFormat HEX = HexFormat.of();
    /** The least and the greatest end of an id that begins with a number. */
    private static final String LEAST = "0".repeat(2 * (StableId.BYTES - Long.BYTES));
    private static final String MOST = "f".repeat(LEAST.length());
    private static final long SWEEP_SECONDS = 60;

    private final BoundedCalls handshakes;
    private final BoundedCalls background;
    private final String table;
    private final String name;
    private final SessionKeyCodec codec;
    private final Clock clock;
    private final Circuit circuit;
    private final ScheduledExecutorService sweeper;
    private volatile long size;
    private boolean rehearsed;

    /**
     * @param handshakes calls that a handshake waits for
     * @param background calls that it does not wait for
     * @param table the sessions'
     * @param name of the database, without passwords
     * @param codec seals
     * @param clock the time
     */
    JdbcSessionKeyStore(BoundedCalls handshakes, BoundedCalls background, String table, String name, SessionKeyCodec codec, Clock clock)
    {
        this.handshakes = handshakes;
        this.background = background;
        this.table = table;
        this.name = name;
        this.codec = codec;
        this.clock = clock;
        this.circuit = new Circuit(System::nanoTime);
        this.sweeper = Executors.newSingleThreadScheduledExecutor(task ->
        {
            Thread thread = new Thread(task, "tls-resumption-jdbc-sweep");
            thread.setDaemon(true);
            return thread;
        });
        sweeper.scheduleWithFixedDelay(this::sweep, SWEEP_SECONDS, SWEEP_SECONDS, TimeUnit.SECONDS);
    }

    /**
     * Asks as patiently as what no handshake waits for. Not to be closed.
     */
    private JdbcSessionKeyStore(JdbcSessionKeyStore hasty)
    {
        this.handshakes = hasty.background;
        this.background = hasty.background;
        this.table = hasty.table;
        this.name = hasty.name;
        this.codec = hasty.codec;
        this.clock = hasty.clock;
        this.circuit = Circuit.none();
        this.sweeper = hasty.sweeper;
    }

    private record Row(String id, byte[] sealed)
    {
    }

    /*
     * What else changes with a key, and on what else that depends, with its values.
     */
    private record Exchange(String change, String condition, List<Long> values)
    {
    }

    /*
     * Which sessions to read: a condition that ends in AND, or none, and its values.
     */
    private record Selection(String condition, List<Long> values)
    {
        static final Selection ALL = new Selection("", List.of());

        static Selection ofClient(long client)
        {
            return new Selection("client = ? AND ", List.of(client));
        }
    }

    @Override
    public void put(SessionKey key) throws IOException
    {
        byte[] sealed = sealed(key);
        long tag = tag(key);
        ask(connection ->
        {
            try (PreparedStatement insert = connection.prepareStatement("INSERT INTO " + table +
                " (id, tag, client, deadline, sealed) VALUES (?, ?, ?, ?, ?)"))
            {
                insert.setString(1, key.id().toString());
                insert.setLong(2, tag);
                insert.setLong(3, key.clientIdentity());
                insert.setLong(4, key.deadline().toEpochMilli());
                insert.setBytes(5, sealed);
                return insert.executeUpdate();
            }
        });
    }

    @Override
    public boolean replace(SessionKey key, SessionKey next) throws IOException
    {
        return exchange(key, next, connection -> new Exchange("", "", List.of()));
    }

    /**
     * By the database's clock, since those of the nodes may be further apart than a reservation lasts.
     */
    @Override
    public boolean reserve(SessionKey key, long holder) throws IOException
    {
        long tag = tag(key);
        return ask(connection ->
        {
            String now = Tables.millis(connection);
            try (PreparedStatement update = connection.prepareStatement("UPDATE " + table + " SET holder = ?, held_at = " + now +
                " WHERE id = ? AND tag = ? AND deadline > ? AND " + isFree(now)))
            {
                update.setLong(1, holder);
                update.setString(2, key.id().toString());
                update.setLong(3, tag);
                update.setLong(4, clock.millis());
                return update.executeUpdate() == 1;
            }
        });
    }

    @Override
    public boolean commit(SessionKey key, SessionKey next, long holder) throws IOException
    {
        return exchange(key, next, connection -> new Exchange(", holder = 0, held_at = 0",
            " AND (holder = ? OR " + isFree(Tables.millis(connection)) + ")", List.of(holder)));
    }

    private boolean exchange(SessionKey key, SessionKey next, SqlWork<Exchange> kind) throws IOException
    {
        byte[] sealed = sealed(next);
        long nextTag = tag(next);
        long tag = tag(key);
        boolean exchanged = ask(connection ->
        {
            Exchange also = kind.apply(connection);
            try (PreparedStatement update = connection.prepareStatement("UPDATE " + table +
                " SET tag = ?, client = ?, deadline = ?, sealed = ?" + also.change() + " WHERE id = ? AND tag = ? AND deadline > ?" +
                also.condition()))
            {
                update.setLong(1, nextTag);
                update.setLong(2, next.clientIdentity());
                update.setLong(3, next.deadline().toEpochMilli());
                update.setBytes(4, sealed);
                update.setString(5, key.id().toString());
                update.setLong(6, tag);
                update.setLong(7, clock.millis());
                setLongs(update, 8, also.values());
                return update.executeUpdate() == 1;
            }
        });
        if (exchanged)
        {
            key.destroy();
        }
        return exchanged;
    }

    @Override
    public void release(SessionKey key, long holder) throws IOException
    {
        ask(connection ->
        {
            try (PreparedStatement update = connection.prepareStatement("UPDATE " + table +
                " SET holder = 0, held_at = 0 WHERE id = ? AND holder = ?"))
            {
                update.setString(1, key.id().toString());
                update.setLong(2, holder);
                return update.executeUpdate();
            }
        });
    }

    @Override
    public Optional<SessionKey> get(StableId id) throws IOException
    {
        Optional<byte[]> sealed = ask(connection -> sealed(connection, id));
        // The row's own deadline is not sealed: whoever writes to the table could move it.
        return sealed.flatMap(bytes -> codec.decode(id, bytes)).filter(key -> clock.instant().isBefore(key.deadline()));
    }

    private Optional<byte[]> sealed(Connection connection, StableId id) throws SQLException
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
     * Reads all sessions, in batches. One that is new meanwhile may be missed, as it may by one that is put afterwards.
     */
    @Override
    public long removeIf(Predicate<SessionKey> forgotten) throws IOException
    {
        return removeIf(forgotten, Selection.ALL);
    }

    /**
     * Reads only sessions with one of the subjects.
     */
    @Override
    public long removeIf(Predicate<SessionKey> forgotten, Set<Long> subjects) throws IOException
    {
        long removed = 0;
        List<Long> all = List.copyOf(subjects);
        for (int from = 0; from < all.size(); from += SUBJECTS_PER_CALL)
        {
            List<Long> some = all.subList(from, Math.min(from + SUBJECTS_PER_CALL, all.size()));
            removed += remove(forgotten, patiently(connection -> numbered(connection, some)));
            for (long client : patiently(connection -> clients(connection, some)))
            {
                removed += removeIf(forgotten, Selection.ofClient(client));
            }
        }
        return removed;
    }

    private long removeIf(Predicate<SessionKey> forgotten, Selection selection) throws IOException
    {
        long removed = 0;
        String after = "";
        List<Row> batch;
        do
        {
            String from = after;
            batch = patiently(connection -> batch(connection, selection, from));
            removed += remove(forgotten, batch);
            if (!batch.isEmpty())
                after = batch.get(batch.size() - 1).id();
        }
        while (batch.size() == BATCH);
        return removed;
    }

    private long remove(Predicate<SessionKey> forgotten, List<Row> rows) throws IOException
    {
        List<String> ids = rows.stream().filter(row -> isForgotten(row, forgotten)).map(Row::id).toList();
        return ids.isEmpty() ? 0 : patiently(connection -> delete(connection, ids));
    }

    @Override
    public synchronized void warm() throws IOException
    {
        try
        {
            // Without a ticket key there is nothing that handshakes could do.
            if (!rehearsed && codec.seals())
            {
                Rehearsal.run(new JdbcSessionKeyStore(this), clock.instant());
                rehearsed = true;
            }
            probe();
        }
        catch (IOException e)
        {
            // It may come back without the tables.
            rehearsed = false;
            throw e;
        }
    }

    /**
     * Asks in the time for which a handshake waits, also in a pause, which an answer ends.
     */
    private void probe() throws IOException
    {
        StableId nobody = StableId.random();
        SQLException failure = null;
        for (int attempt = 0; attempt < Circuit.FAILURES; attempt++)
        {
            try
            {
                handshakes.call(connection -> sealed(connection, nobody));
                circuit.succeeded();
                return;
            }
            catch (SQLException e)
            {
                failure = e;
            }
        }
        throw failed(failure);
    }

    /**
     * Whoever forgets a session removes its row for all nodes.
     */
    @Override
    public boolean shared()
    {
        return true;
    }

    /**
     * @return how many there were a minute ago, in the whole cluster
     */
    @Override
    public long size()
    {
        return size;
    }

    /**
     * Ends the deletion of expired rows by this process. The rows stay.
     */
    @Override
    public void close()
    {
        sweeper.shutdownNow();
    }

    /**
     * Deletes expired rows and counts the others. Throws nothing, since that would end the schedule.
     */
    void sweep()
    {
        try
        {
            size = background.call(connection ->
            {
                try (PreparedStatement delete = connection.prepareStatement("DELETE FROM " + table + " WHERE deadline <= ?");
                    PreparedStatement count = connection.prepareStatement("SELECT COUNT(*) FROM " + table + " WHERE client <> " +
                        Tables.CLOCKS))
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
            });
        }
        catch (SQLException | RuntimeException x)
        {
            LOG.debug("sweep", x);
        }
    }

    private List<Row> batch(Connection connection, Selection selection, String after) throws SQLException
    {
        try (PreparedStatement select = connection.prepareStatement(
            "SELECT id, sealed FROM " + table + " WHERE " + selection.condition() + "id > ? ORDER BY id LIMIT " + BATCH))
        {
            select.setString(setLongs(select, 1, selection.values()), after);
            return rows(select);
        }
    }

    /*
     * The sessions with these numbers: of each there is one at the most, unless somebody else writes to the table.
     */
    private List<Row> numbered(Connection connection, List<Long> numbers) throws SQLException
    {
        List<Row> found = new ArrayList<>();
        try (PreparedStatement select = connection.prepareStatement(
            "SELECT id, sealed FROM " + table + " WHERE id >= ? AND id <= ? ORDER BY id LIMIT " + BATCH))
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

    /*
     * Those of the subjects that are clients and have sessions.
     */
    private List<Long> clients(Connection connection, List<Long> subjects) throws SQLException
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

    /*
     * By the id alone: a key that has taken the place of a forgotten one is of the same session.
     */
    private long delete(Connection connection, List<String> ids) throws SQLException
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

    private boolean isForgotten(Row row, Predicate<SessionKey> forgotten)
    {
        Optional<SessionKey> key = key(row);
        try
        {
            return key.filter(forgotten).isPresent();
        }
        finally
        {
            key.ifPresent(SessionKey::destroy);
        }
    }

    private Optional<SessionKey> key(Row row)
    {
        StableId id;
        try
        {
            id = StableId.parse(row.id());
        }
        catch (IllegalArgumentException x)
        {
            // Not ours, and of no use to anybody: it goes at its deadline.
            LOG.debug("A row without a session", x);
            return Optional.empty();
        }
        return codec.decode(id, row.sealed());
    }

    private byte[] sealed(SessionKey key) throws IOException
    {
        byte[] sealed = codec.encode(key).orElseThrow(() -> new IOException("there is no ticket key to seal a session key with"));
        if (sealed.length > Tables.MAX_SEALED)
            throw new IOException("a session key has " + sealed.length + " bytes, but " + Tables.MAX_SEALED + " are the most that " +
                table + " holds: give its rule a shorter name");
        return sealed;
    }

    /*
     * Tells a session's keys from each other, and nothing about them.
     */
    private static long tag(SessionKey key)
    {
        byte[] secret = key.secret();
        try
        {
            return Digests.sha256ToLong("session key tag", secret);
        }
        finally
        {
            Arrays.fill(secret, (byte)0);
        }
    }

    /*
     * Nobody holds the row, or no more; a clock that was set back ends it too.
     */
    private static String isFree(String now)
    {
        return "(held_at <= " + now + " - " + RESERVATION.toMillis() + " OR held_at > " + now + ")";
    }

    private <T> T ask(SqlWork<T> work) throws IOException
    {
        if (!circuit.allows())
            throw new IOException("the session keys in " + name + " are not asked for: it has just failed");
        try
        {
            T answer = handshakes.call(work);
            circuit.succeeded();
            return answer;
        }
        catch (SQLException x)
        {
            circuit.failed();
            throw failed(x);
        }
    }

    private <T> T patiently(SqlWork<T> work) throws IOException
    {
        try
        {
            return background.call(work);
        }
        catch (SQLException x)
        {
            throw failed(x);
        }
    }

    private IOException failed(SQLException cause)
    {
        return new IOException("the session keys in " + name + " cannot be had: " + cause.getMessage(), cause);
    }
}
