package io.github.tlsresumption.cluster.jdbc;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Optional;

import io.github.tlsresumption.cluster.SealedRing;
import io.github.tlsresumption.crypto.Digests;
import io.github.tlsresumption.keys.TicketKey;
import io.github.tlsresumption.keys.TicketKeyRing;
import io.github.tlsresumption.keys.TicketKeyStore;
import io.github.tlsresumption.keys.TicketKeyStoreException;
import io.github.tlsresumption.keys.TicketKeyStoreException.Kind;

/**
 * Keeps the ring in one row, under the passphrase. What it cannot use (another passphrase, a later release, damage) stays as
 * it is, and every call says what to do. Thread-safe.
 */
final class JdbcTicketKeyStore implements TicketKeyStore
{
    private static final String EMPTY = "empty";

    private final BoundedCalls calls;
    private final String table;
    private final SealedRing sealed;
    private final String name;

    /**
     * @param calls of the database
     * @param table the ring's
     * @param sealed reads and writes the ring; the store's to close
     * @param name of the database, without passwords
     */
    JdbcTicketKeyStore(BoundedCalls calls, String table, SealedRing sealed, String name)
    {
        this.calls = calls;
        this.table = table;
        this.sealed = sealed;
        this.name = name;
    }

    private record Row(long version, byte[] ring)
    {
    }

    @Override
    public Optional<TicketKeyRing> load() throws TicketKeyStoreException
    {
        Optional<Row> row = row();
        return row.isEmpty() ? Optional.empty() : Optional.of(decode(row.get()));
    }

    @Override
    public boolean compareAndSet(long expectedVersion, TicketKeyRing ring) throws TicketKeyStoreException
    {
        ring.requireHigherThan(expectedVersion);
        Optional<Row> row = row();
        // What cannot be read is never overwritten, whatever its version.
        if (row.isPresent())
        {
            destroyKeys(decode(row.get()));
        }
        if (row.map(Row::version).orElse(0L) != expectedVersion)
        {
            return false;
        }
        byte[] bytes = sealed.encode(ring);
        try
        {
            return calls.call(connection -> row.isPresent()
                ? update(connection, row.get(), ring.version(), bytes) : insert(connection, ring.version(), bytes));
        }
        catch (SQLException e)
        {
            throw failed("written", e);
        }
    }

    @Override
    public String stamp() throws TicketKeyStoreException
    {
        // The version alone would not show a ring that an operator has put back.
        return row().map(row -> row.version() + " " + HexFormat.of().formatHex(Digests.fingerprint(row.ring()))).orElse(EMPTY);
    }

    @Override
    public Duration settling()
    {
        return SealedRing.SETTLING;
    }

    @Override
    public String describe()
    {
        return name + ", table " + table + " (encrypted)";
    }

    /**
     * Overwrites the key derived from the passphrase; the row stays.
     */
    @Override
    public void close()
    {
        sealed.close();
    }

    private Optional<Row> row() throws TicketKeyStoreException
    {
        try
        {
            return calls.call(this::select);
        }
        catch (SQLException e)
        {
            throw failed("read", e);
        }
    }

    private Optional<Row> select(Connection connection) throws SQLException
    {
        try (PreparedStatement select = connection.prepareStatement("SELECT ring_version, ring FROM " + table + " WHERE id = 1");
            ResultSet rows = select.executeQuery())
        {
            return rows.next() ? Optional.of(new Row(rows.getLong(1), rows.getBytes(2))) : Optional.empty();
        }
    }

    private boolean update(Connection connection, Row old, long version, byte[] ring) throws SQLException
    {
        try (PreparedStatement update = connection.prepareStatement(
            "UPDATE " + table + " SET ring_version = ?, ring = ? WHERE id = 1 AND ring_version = ? AND ring = ?"))
        {
            update.setLong(1, version);
            update.setBytes(2, ring);
            update.setLong(3, old.version());
            update.setBytes(4, old.ring());
            return update.executeUpdate() == 1;
        }
        catch (SQLException e)
        {
            return lostOrThrow(e);
        }
    }

    private boolean insert(Connection connection, long version, byte[] ring) throws SQLException
    {
        try (PreparedStatement insert = connection.prepareStatement(
            "INSERT INTO " + table + " (id, ring_version, ring) VALUES (1, ?, ?)"))
        {
            insert.setLong(1, version);
            insert.setBytes(2, ring);
            return insert.executeUpdate() == 1;
        }
        catch (SQLException e)
        {
            return lostOrThrow(e);
        }
    }

    private static boolean lostOrThrow(SQLException failure) throws SQLException
    {
        if (SqlFailures.isRace(failure))
        {
            return false;
        }
        throw failure;
    }

    private TicketKeyRing decode(Row row) throws TicketKeyStoreException
    {
        TicketKeyRing ring = sealed.decode(row.ring());
        if (ring.version() != row.version())
        {
            destroyKeys(ring);
            throw sealed.unusable("it is version " + ring.version() + " in a row of version " + row.version(), "", null);
        }
        return ring;
    }

    private static void destroyKeys(TicketKeyRing ring)
    {
        ring.keys().forEach(TicketKey::destroy);
    }

    private TicketKeyStoreException failed(String verb, SQLException cause)
    {
        return new TicketKeyStoreException(SqlFailures.needsOperator(cause) ? Kind.REFUSED : Kind.UNAVAILABLE,
            "the ticket key ring in " + name + " cannot be " + verb + ": " + cause.getMessage(), cause);
    }
}
