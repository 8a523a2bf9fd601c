package io.github.tlsresumption.cluster.jdbc;

import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

import io.github.tlsresumption.cluster.Circuit;
import io.github.tlsresumption.cluster.SessionKeyCodec;
import io.github.tlsresumption.cluster.jdbc.SessionTable.Exchange;
import io.github.tlsresumption.cluster.jdbc.SessionTable.Row;
import io.github.tlsresumption.cluster.jdbc.SessionTable.Selection;
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
    static final int SUBJECTS_PER_CALL = 100;

    private static final Logger LOG = LoggerFactory.getLogger(JdbcSessionKeyStore.class);
    private static final long SWEEP_SECONDS = 60;

    private final BoundedCalls handshakes;
    private final BoundedCalls background;
    private final SessionTable table;
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
        this.table = new SessionTable(table, clock);
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

    @Override
    public void put(SessionKey key) throws IOException
    {
        byte[] sealed = sealed(key);
        long tag = tag(key);
        ask(connection -> table.insert(connection, key, tag, sealed));
    }

    @Override
    public boolean replace(SessionKey key, SessionKey next) throws IOException
    {
        return exchange(key, next, table::replace);
    }

    /**
     * By the database's clock, since those of the nodes may be further apart than a reservation lasts.
     */
    @Override
    public boolean reserve(SessionKey key, long holder) throws IOException
    {
        long tag = tag(key);
        return ask(connection -> table.reserve(connection, key.id(), tag, holder));
    }

    @Override
    public boolean commit(SessionKey key, SessionKey next, long holder) throws IOException
    {
        return exchange(key, next, (connection, exchange) -> table.commit(connection, exchange, holder));
    }

    private interface Statement
    {
        boolean execute(Connection connection, Exchange exchange) throws SQLException;
    }

    private boolean exchange(SessionKey key, SessionKey next, Statement statement) throws IOException
    {
        byte[] sealed = sealed(next);
        long nextTag = tag(next);
        Exchange exchange = new Exchange(key.id(), tag(key), next, nextTag, sealed);
        boolean exchanged = ask(connection -> statement.execute(connection, exchange));
        if (exchanged)
        {
            key.destroy();
        }
        return exchanged;
    }

    @Override
    public void release(SessionKey key, long holder) throws IOException
    {
        ask(connection -> table.release(connection, key.id(), holder));
    }

    @Override
    public Optional<SessionKey> get(StableId id) throws IOException
    {
        Optional<byte[]> sealed = ask(connection -> table.sealed(connection, id));
        // The row's own deadline is not sealed: whoever writes to the table could move it.
        return sealed.flatMap(bytes -> codec.decode(id, bytes)).filter(key -> clock.instant().isBefore(key.deadline()));
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
            removed += remove(forgotten, patiently(connection -> table.numbered(connection, some)));
            for (long client : patiently(connection -> table.clients(connection, some)))
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
            batch = patiently(connection -> table.batch(connection, selection, from));
            removed += remove(forgotten, batch);
            if (!batch.isEmpty())
            {
                after = batch.get(batch.size() - 1).id();
            }
        }
        while (batch.size() == SessionTable.BATCH);
        return removed;
    }

    private long remove(Predicate<SessionKey> forgotten, List<Row> rows) throws IOException
    {
        List<String> ids = rows.stream().filter(row -> isForgotten(row, forgotten)).map(Row::id).toList();
        return ids.isEmpty() ? 0 : patiently(connection -> table.delete(connection, ids));
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
                handshakes.call(connection -> table.sealed(connection, nobody));
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
            size = background.call(table::sweep);
        }
        catch (SQLException | RuntimeException e)
        {
            LOG.debug("sweep", e);
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
        catch (IllegalArgumentException e)
        {
            // Not ours, and of no use to anybody: it goes at its deadline.
            LOG.debug("A row without a session", e);
            return Optional.empty();
        }
        return codec.decode(id, row.sealed());
    }

    private byte[] sealed(SessionKey key) throws IOException
    {
        byte[] sealed = codec.encode(key).orElseThrow(() -> new IOException("there is no ticket key to seal a session key with"));
        if (sealed.length > Tables.MAX_SEALED)
        {
            throw new IOException("a session key has " + sealed.length + " bytes, but " + Tables.MAX_SEALED + " are the most that "
                + table.name() + " holds: give its rule a shorter name");
        }
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

    private <T> T ask(SqlWork<T> work) throws IOException
    {
        if (!circuit.allows())
        {
            throw new IOException("the session keys in " + name + " are not asked for: it has just failed");
        }
        try
        {
            T answer = handshakes.call(work);
            circuit.succeeded();
            return answer;
        }
        catch (SQLException e)
        {
            circuit.failed();
            throw failed(e);
        }
    }

    private <T> T patiently(SqlWork<T> work) throws IOException
    {
        try
        {
            return background.call(work);
        }
        catch (SQLException e)
        {
            throw failed(e);
        }
    }

    private IOException failed(SQLException cause)
    {
        return new IOException("the session keys in " + name + " cannot be had: " + cause.getMessage(), cause);
    }
}
