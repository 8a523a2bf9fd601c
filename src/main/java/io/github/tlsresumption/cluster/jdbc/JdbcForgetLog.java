package io.github.tlsresumption.cluster.jdbc;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;

import io.github.tlsresumption.crypto.Random;
import io.github.tlsresumption.forget.ForgetLog;
import io.github.tlsresumption.forget.ForgetLogEntry;
import io.github.tlsresumption.forget.ForgetLogEntry.ForgetEveryone;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the log in a table, a row for each append.
 *
 * <p><b>In the order of commits.</b> A row's number is one more than the highest committed one, and the primary key lets one
 * writer have it; another one tries again with the next. So when a row can be read, so can all that have smaller numbers, which a
 * database's own sequence does not promise. A writer holds no lock beyond its one statement.
 *
 * <p><b>Too much forgotten rather than too little.</b> The first row, which is never deleted, forgets everyone established before
 * the table was made: it may stand for one that was lost. A reader that finds another first row, or not the last one that it had
 * read (emptied, or an older backup), writes that everyone established before now is forgotten.
 *
 * <p><b>Size.</b> About 100 bytes for each forgotten subject. Rows that have expired are deleted now and then, except the last one,
 * so that no number is ever given twice.
 *
 * <p>Thread-safe.
 */
final class JdbcForgetLog implements ForgetLog
{
    /** How much longer than needed a row stays, for nodes whose clocks are behind. */
    static final Duration MARGIN = Duration.ofMinutes(10);
    static final Duration SWEEP_EVERY = Duration.ofMinutes(10);
    static final int ENTRIES_PER_ROW = 1_000;

    private static final Logger LOG = LoggerFactory.getLogger(JdbcForgetLog.class);
    private static final int FIRST = 1;
    private static final int ROWS_PER_READ = 100;
    /** Each lost race means that another writer has won one. */
    private static final int ATTEMPTS = 200;

    private final BoundedCalls calls;
    private final String table;
    private final String name;
    private final Duration longest;
    private final Duration clockSkew;
    private final Clock clock;

    // What was read, under this; last is 0 before the first row:
    private long generation;
    private long last;
    private long lastTag;
    private Instant sweptAt;

    /**
     * @param calls of the database
     * @param table the log's
     * @param name of the database, without passwords
     * @param longest how long a session can live at the most
     * @param clockSkew how far the nodes' clocks may be apart
     * @param clock the time
     */
    JdbcForgetLog(BoundedCalls calls, String table, String name, Duration longest, Duration clockSkew, Clock clock)
    {
        this.calls = calls;
        this.table = table;
        this.name = name;
        this.longest = longest;
        this.clockSkew = clockSkew;
        this.clock = clock;
        this.sweptAt = clock.instant();
    }

    private record Row(long seq, long tag, byte[] entries)
    {
    }

    /*
     * The tag of the first row, if there is one, and the rows from a number on.
     */
    private record Page(OptionalLong generation, List<Row> rows)
    {
        boolean isFull()
        {
            return rows.size() == ROWS_PER_READ;
        }
    }

    @Override
    public void append(List<ForgetLogEntry> entries) throws IOException
    {
        for (int from = 0; from < entries.size(); from += ENTRIES_PER_ROW)
        {
            List<ForgetLogEntry> some = entries.subList(from, Math.min(from + ENTRIES_PER_ROW, entries.size()));
            long reach = some.stream().mapToLong(entry -> entry.reach().toEpochMilli()).max().orElseThrow();
            byte[] bytes = ForgetLogEntryCodec.encode(some);
            try
            {
                calls.call(connection -> append(connection, reach, bytes));
            }
            catch (SQLException e)
            {
                throw failed("written", e);
            }
        }
    }

    @Override
    public synchronized void read(Consumer<ForgetLogEntry> sink) throws IOException
    {
        try
        {
            Page page;
            do
            {
                page = calls.call(this::page);
                if (!isContinued(page))
                {
                    restart(page.generation().isEmpty());
                    page = calls.call(this::page);
                }
                give(page, sink);
            }
            while (page.isFull());
            sweepNowAndThen();
        }
        catch (SQLException e)
        {
            throw failed("read", e);
        }
    }

    @Override
    public boolean shared()
    {
        return true;
    }

    @Override
    public String describe()
    {
        return name + ", table " + table;
    }

    /**
     * Does nothing: connections are not the log's.
     */
    @Override
    public void close()
    {
        // See above.
    }

    @Override
    public synchronized void beginAgain(ForgetEveryone everyone) throws IOException
    {
        try
        {
            calls.call(connection ->
            {
                try (PreparedStatement delete = connection.prepareStatement("DELETE FROM " + table))
                {
                    delete.executeUpdate();
                }
                insertFirst(connection, everyone.before());
                return null;
            });
            last = 0;
        }
        catch (SQLException e)
        {
            throw failed("written", e);
        }
    }

    private boolean isContinued(Page page)
    {
        if (page.generation().isEmpty())
        {
            return false;
        }
        if (last == 0)
        {
            return true;
        }
        // The last row that was read may have expired and gone, but then there are later ones.
        return page.generation().getAsLong() == generation && !page.rows().isEmpty()
            && (page.rows().get(0).seq() > last || page.rows().get(0).tag() == lastTag);
    }

    /*
     * For those too who read the table for the first time, so it is written there.
     */
    private void restart(boolean isFirstMissing) throws SQLException
    {
        // How others' clocks were when something was lost is not known. A new log has lost nothing.
        Instant now = last == 0 ? clock.instant() : clock.instant().plus(clockSkew);
        if (last != 0)
        {
            LOG.warn("{} is not the one it was: it is not known who was forgotten there, so everyone established at or before {} is",
                describe(), now);
        }
        byte[] everyone = everyone(now);
        calls.call(connection ->
        {
            if (isFirstMissing)
            {
                insertFirst(connection);
            }
            return append(connection, now.toEpochMilli(), everyone);
        });
        last = 0;
    }

    private void give(Page page, Consumer<ForgetLogEntry> sink)
    {
        generation = page.generation().orElse(0);
        for (Row row : page.rows())
        {
            if (row.seq() == last)
            {
                continue;
            }
            Optional<List<ForgetLogEntry>> entries = ForgetLogEntryCodec.decode(row.entries());
            if (entries.isEmpty())
            {
                Instant now = clock.instant().plus(clockSkew);
                LOG.warn("{} is damaged in row {}: it is not known who was forgotten there, so everyone established at or before {} is",
                    describe(), row.seq(), now);
                sink.accept(new ForgetEveryone(now));
            }
            entries.ifPresent(all -> all.forEach(sink));
            last = row.seq();
            lastTag = row.tag();
        }
    }

    private Page page(Connection connection) throws SQLException
    {
        try (PreparedStatement first = connection.prepareStatement("SELECT tag FROM " + table + " WHERE seq = " + FIRST);
            PreparedStatement select = connection.prepareStatement(
                "SELECT seq, tag, entries FROM " + table + " WHERE seq >= ? ORDER BY seq LIMIT " + ROWS_PER_READ))
        {
            OptionalLong tag;
            try (ResultSet rows = first.executeQuery())
            {
                tag = rows.next() ? OptionalLong.of(rows.getLong(1)) : OptionalLong.empty();
            }
            select.setLong(1, last);
            List<Row> rows = new ArrayList<>();
            try (ResultSet found = select.executeQuery())
            {
                while (found.next())
                {
                    rows.add(new Row(found.getLong(1), found.getLong(2), found.getBytes(3)));
                }
            }
            return new Page(tag, rows);
        }
    }

    private Void append(Connection connection, long reach, byte[] entries) throws SQLException
    {
        long tag = randomTag();
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                if (insertNext(connection, tag, reach, entries))
                {
                    return null;
                }
                insertFirst(connection);
            }
            catch (SQLException e)
            {
                if (!SqlFailures.isRace(e) || attempt == ATTEMPTS)
                {
                    throw e;
                }
            }
        }
    }

    /*
     * Nothing is inserted in an empty table.
     */
    private boolean insertNext(Connection connection, long tag, long reach, byte[] entries) throws SQLException
    {
        try (PreparedStatement insert = connection.prepareStatement("INSERT INTO " + table
            + " (seq, tag, reach, entries) SELECT seq + 1, ?, ?, ? FROM " + table + " ORDER BY seq DESC LIMIT 1"))
        {
            insert.setLong(1, tag);
            insert.setLong(2, reach);
            insert.setBytes(3, entries);
            return insert.executeUpdate() == 1;
        }
    }

    private void insertFirst(Connection connection) throws SQLException
    {
        insertFirst(connection, clock.instant());
    }

    private void insertFirst(Connection connection, Instant now) throws SQLException
    {
        try (PreparedStatement insert = connection.prepareStatement("INSERT INTO " + table
            + " (seq, tag, reach, entries) VALUES (" + FIRST + ", ?, ?, ?)"))
        {
            insert.setLong(1, randomTag());
            insert.setLong(2, now.toEpochMilli());
            insert.setBytes(3, everyone(now));
            insert.executeUpdate();
            LOG.info("{} is new: sessions established at or before {} are not resumed", describe(), now);
        }
        catch (SQLException e)
        {
            // Somebody else's will do.
            if (!SqlFailures.isRace(e))
            {
                throw e;
            }
        }
    }

    private static long randomTag()
    {
        return ByteBuffer.wrap(Random.bytes(Long.BYTES)).getLong();
    }

    private static byte[] everyone(Instant before)
    {
        return ForgetLogEntryCodec.encode(List.of(new ForgetEveryone(before)));
    }

    private void sweepNowAndThen() throws SQLException
    {
        Instant now = clock.instant();
        if (Duration.between(sweptAt, now).abs().compareTo(SWEEP_EVERY) < 0)
        {
            return;
        }
        sweptAt = now;
        calls.call(connection ->
        {
            // A node whose clock is ahead must not delete what matters to the others.
            Instant theirs = Tables.time(connection);
            long dead = (theirs.isBefore(now) ? theirs : now).minus(longest).minus(MARGIN).toEpochMilli();
            try (PreparedStatement delete = connection.prepareStatement(
                "DELETE FROM " + table + " WHERE reach < ? AND seq > " + FIRST + " AND seq < ?"))
            {
                delete.setLong(1, dead);
                delete.setLong(2, last);
                return delete.executeUpdate();
            }
        });
    }

    private IOException failed(String verb, SQLException cause)
    {
        return new IOException("the forget list in " + describe() + " cannot be " + verb + ": " + cause.getMessage(), cause);
    }
}
