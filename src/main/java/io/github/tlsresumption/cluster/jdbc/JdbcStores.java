package io.github.tlsresumption.cluster.jdbc;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import javax.sql.DataSource;

import io.github.tlsresumption.cluster.SealedRing;
import io.github.tlsresumption.cluster.SessionKeyCodec;
import io.github.tlsresumption.cluster.SharedStores;
import io.github.tlsresumption.files.GuardedFile;
import io.github.tlsresumption.forget.ForgetLog;
import io.github.tlsresumption.keys.TicketKeyRing;
import io.github.tlsresumption.keys.TicketKeyStore;
import io.github.tlsresumption.keys.TicketKeyStoreException;
import io.github.tlsresumption.sessions.SessionKeyStore;
import io.github.tlsresumption.settings.Setting;
import io.github.tlsresumption.settings.StartRefusals;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A database as what the nodes of a cluster share: PostgreSQL, MariaDB, H2, or another one that knows their SQL. Its tables are
 * made when they are missing; a user without that privilege needs them made beforehand.
 *
 * <p>Nothing is asked before the stores are used, so a node starts without the database, and makes full handshakes until it is
 * there. They are for one factory alone, and used again when that starts again. What happens in a handshake waits for
 * {@link JdbcOptions#timeout} at the most, all else for {@link #STORE_TIMEOUT}. A replica that lags behind does not do. No message
 * holds a password.
 *
 * <p>Thread-safe.
 */
public final class JdbcStores implements SharedStores
{
    /**
     * How long a call for the ticket keys or the forgotten takes at the most.
     */
    public static final Duration STORE_TIMEOUT = Duration.ofSeconds(5);

    static final int STORE_CONNECTIONS = 2;

    private static final Logger LOG = LoggerFactory.getLogger(JdbcStores.class);
    private static final String OLD_DEFAULT = "tls-resumption-h2";
    private static final String URL = "jetty.tlsResumption.jdbc.url";
    private static final String USER = "jetty.tlsResumption.jdbc.user";
    private static final String NO_URL = "jetty.tlsResumption.jdbc.url is not set: set it to jdbc:postgresql://host/database or "
        + "jdbc:mariadb://host/database, the same on every node, as is jetty.tlsResumption.ticketKeyPassphrase";

    private static final Duration LEAST_SOCKET_TIMEOUT = Duration.ofMillis(500);
    private static final int SOCKET_TIMEOUTS = 10;

    private final String name;
    private final Supplier<char[]> passphrase;
    private final Tables tables;
    private final JdbcOptions options;
    private final SqlFailures failures;
    /** Gives the pool's connections, or somebody else's. */
    private final DataSource dataSource;
    /** Null when the connections are somebody else's. */
    private final ConnectionPool pool;

    // Guarded by this, null while nobody uses them:
    private BoundedCalls handshakes;
    private BoundedCalls background;

    /**
     * @param dataSource gives connections, as many at the same time as the options say; not closed by the stores
     * @param name what and where the database is, for logs: no passwords
     * @param passphrase gives it in a new array whenever a key must be derived, the same on every node; empty when there is none
     * @param options how the database is used
     */
    public JdbcStores(DataSource dataSource, String name, Supplier<char[]> passphrase, JdbcOptions options)
    {
        this(Objects.requireNonNull(dataSource), null, SqlFailures.hiding("", null), name, passphrase, options);
    }

    /**
     * Makes a connection pool when it is needed, by HikariCP, and closes it.
     *
     * @param url of the database, {@code jdbc:...}
     * @param user may be null
     * @param password may be null
     * @param passphrase gives it in a new array whenever a key must be derived, the same on every node; empty when there is none
     * @param options how the database is used
     * @throws IllegalArgumentException when there is no driver for the URL, or it is of an H2 that would be open to others
     */
    public JdbcStores(String url, String user, String password, Supplier<char[]> passphrase, JdbcOptions options)
    {
        this(new ConnectionPool(required(url), user, password, options.poolSize()), SqlFailures.hiding(url, password),
            SqlFailures.withoutSecrets(url), passphrase, options);
    }

    private JdbcStores(ConnectionPool pool, SqlFailures failures, String name, Supplier<char[]> passphrase, JdbcOptions options)
    {
        this(null, pool, failures, name, passphrase, options);
    }

    private JdbcStores(DataSource dataSource, ConnectionPool pool, SqlFailures failures, String name, Supplier<char[]> passphrase,
        JdbcOptions options)
    {
        this.dataSource = dataSource;
        this.pool = pool;
        this.failures = failures;
        this.name = name;
        this.passphrase = Objects.requireNonNull(passphrase);
        this.tables = new Tables(options.tablePrefix());
        this.options = options;
    }

    /**
     * As the next one, for a base that has never had a default database.
     *
     * @param url jetty.tlsResumption.jdbc.url
     * @param user jetty.tlsResumption.jdbc.user; null or empty for none
     * @param password jetty.tlsResumption.jdbc.password; null or empty for none
     * @param passphrase gives jetty.tlsResumption.ticketKeyPassphrase, or what is in the file; empty when neither is set
     * @param tablePrefix jetty.tlsResumption.jdbc.tablePrefix
     * @param poolSize jetty.tlsResumption.jdbc.poolSize
     * @param timeoutMillis jetty.tlsResumption.jdbc.timeout
     * @return new stores
     * @throws IllegalArgumentException when a setting is missing or out of bounds; the message names it
     */
    public static JdbcStores open(String url, String user, String password, Supplier<char[]> passphrase, String tablePrefix, int poolSize,
        long timeoutMillis)
    {
        return open(url, user, password, passphrase, tablePrefix, poolSize, timeoutMillis, null);
    }

    /**
     * Makes stores from what an operator has set; for XML.
     *
     * @param url jetty.tlsResumption.jdbc.url
     * @param user jetty.tlsResumption.jdbc.user; null or empty for none
     * @param password jetty.tlsResumption.jdbc.password; null or empty for none
     * @param passphrase gives jetty.tlsResumption.ticketKeyPassphrase, or what is in the file; empty when neither is set
     * @param tablePrefix jetty.tlsResumption.jdbc.tablePrefix
     * @param poolSize jetty.tlsResumption.jdbc.poolSize
     * @param timeoutMillis jetty.tlsResumption.jdbc.timeout
     * @param base jetty.base, where the default database of earlier versions may be left; null for none
     * @return new stores
     * @throws IllegalArgumentException when a setting is missing or out of bounds; the message names it
     */
    public static JdbcStores open(String url, String user, String password, Supplier<char[]> passphrase, String tablePrefix, int poolSize,
        long timeoutMillis, String base)
    {
        try
        {
            return opened(url, user, password, passphrase, new JdbcOptions(tablePrefix, poolSize, Duration.ofMillis(timeoutMillis)), base);
        }
        catch (IllegalArgumentException e)
        {
            throw StartRefusals.logged(e, URL);
        }
    }

    private static JdbcStores opened(String url, String user, String password, Supplier<char[]> passphrase, JdbcOptions options,
        String base)
    {
        Optional<Path> left = Optional.ofNullable(base).map(directory -> Path.of(directory, OLD_DEFAULT)).filter(Files::exists);
        if (isEmpty(url))
        {
            throw new IllegalArgumentException(left.map(JdbcStores::migration).orElse(NO_URL));
        }
        left.ifPresent(directory -> LOG.warn("{} has ticket keys of the database that earlier versions made, encrypted, and others could "
            + "read it. It is not used any more: rm -r {}, and set a new jetty.tlsResumption.ticketKeyPassphrase", directory,
            GuardedFile.quoted(directory)));
        return new JdbcStores(url, isEmpty(user) ? null : user, isEmpty(password) ? null : password, passphrase, options);
    }

    /**
     * As {@link #open(String, String, String, Supplier, String, int, long, String)}, with values as an operator writes them; for XML.
     *
     * @param url jetty.tlsResumption.jdbc.url
     * @param user jetty.tlsResumption.jdbc.user; null or empty for none
     * @param password jetty.tlsResumption.jdbc.password; null or empty for none
     * @param passphrase gives jetty.tlsResumption.ticketKeyPassphrase, or what is in the file; empty when neither is set
     * @param tablePrefix jetty.tlsResumption.jdbc.tablePrefix
     * @param poolSize jetty.tlsResumption.jdbc.poolSize
     * @param timeout jetty.tlsResumption.jdbc.timeout, in milliseconds or with its unit
     * @param base jetty.base, where the default database of earlier versions may be left; null for none
     * @return new stores
     * @throws IllegalArgumentException when a setting is missing or out of bounds; the message names it
     */
    public static JdbcStores openAsSet(String url, String user, String password, Supplier<char[]> passphrase, String tablePrefix,
        String poolSize, String timeout, String base)
    {
        return open(url, user, password, passphrase, Setting.JDBC_TABLE_PREFIX.require(tablePrefix),
            Setting.JDBC_POOL_SIZE.requireNumber(poolSize), Setting.JDBC_TIMEOUT.requireMillis(timeout), base);
    }

    /**
     * Logs in once, before there is a pool, which would try a wrong password again and again until the database locks the account; and
     * looks for the tables, which are made when they are missing.
     */
    @Override
    public void requireAccess(boolean ring) throws TicketKeyStoreException
    {
        if (pool == null)
        {
            return;
        }
        try (BoundedCalls once = new BoundedCalls(pool.unpooled(), this::discard, tables, failures, STORE_TIMEOUT, STORE_TIMEOUT, 1))
        {
            once.call(connection -> null);
        }
        catch (SQLException e)
        {
            if (SqlFailures.needsOperator(e))
            {
                throw new TicketKeyStoreException(TicketKeyStoreException.Kind.REFUSED, refusal(e), e);
            }
            LOG.debug("The database does not answer", e);
        }
    }

    private String refusal(SQLException failure)
    {
        String text = failure.getMessage();
        if (SqlFailures.isWrongLogin(failure))
        {
            return USER + ": user or password is not accepted by " + name + " (" + text + "): set those of a user of the database";
        }
        if (SqlFailures.isUnknownDatabase(failure))
        {
            return URL + " leads to " + name + ", where there is no such database (" + text + "): create it, or correct the setting";
        }
        if (SqlFailures.needsAdministrator(failure))
        {
            return USER + " is no administrator of " + name + ", as whoever opens a file of H2 must be (" + text + "): set its "
                + "administrator, or ALTER USER ... ADMIN TRUE";
        }
        return USER + " may not use the tables " + options.tablePrefix() + "* of " + name + " (" + text + "): grant CREATE to that user, "
            + "or make the tables, and grant SELECT, INSERT, UPDATE and DELETE";
    }

    @Override
    public Optional<SharedStores> again()
    {
        return Optional.of(new JdbcStores(dataSource, pool == null ? null : pool.again(), failures, name, passphrase, options));
    }

    @Override
    public String setting()
    {
        return URL;
    }

    /**
     * @throws IllegalStateException when there is no passphrase
     */
    @Override
    public TicketKeyStore ticketKeyStore()
    {
        if (!SealedRing.isSet(passphrase))
        {
            throw new IllegalStateException("jetty.tlsResumption.ticketKeyPassphrase is not set, without which whoever reads the "
                + "database or a backup of it has the ticket keys: set it, or jetty.tlsResumption.ticketKeyPassphraseFile, to the same "
                + "passphrase on every node");
        }
        SealedRing sealed = new SealedRing(passphrase, name, "DELETE FROM " + tables.ring());
        return new JdbcTicketKeyStore(background(), tables.ring(), sealed, name);
    }

    @Override
    public ForgetLog forgetLog(Duration longest, Duration clockSkew, Clock clock)
    {
        return new JdbcForgetLog(background(), tables.forgotten(), name, longest, clockSkew, clock);
    }

    @Override
    public SessionKeyStore sessionKeyStore(Supplier<TicketKeyRing> ring, Clock clock)
    {
        return new JdbcSessionKeyStore(handshakes(), background(), tables.sessions(), name, new SessionKeyCodec(ring, clock), clock);
    }

    @Override
    public Instant time() throws IOException
    {
        try
        {
            return background().call(Tables::time);
        }
        catch (SQLException e)
        {
            throw new IOException("the time of " + name + " cannot be had: " + e.getMessage(), e);
        }
    }

    /**
     * Keeps them as rows of the table of sessions, which go at their deadline like these.
     */
    @Override
    public List<Duration> offsets(String node, Duration offset) throws IOException
    {
        try
        {
            return background().call(connection -> Tables.offsets(connection, tables.sessions(), node, offset));
        }
        catch (SQLException e)
        {
            throw new IOException("the nodes' clocks are not known by " + name + ": " + e.getMessage(), e);
        }
    }

    @Override
    public String describe()
    {
        return name + ", tables " + options.tablePrefix() + "*";
    }

    private synchronized BoundedCalls background()
    {
        if (background == null)
        {
            background = new BoundedCalls(connections(), this::discard, tables, failures, STORE_TIMEOUT, STORE_TIMEOUT, STORE_CONNECTIONS);
        }
        return background;
    }

    private synchronized BoundedCalls handshakes()
    {
        if (handshakes == null)
        {
            Duration socketTimeout = options.timeout().multipliedBy(SOCKET_TIMEOUTS);
            handshakes = new BoundedCalls(connections(), this::discard, tables, failures, options.timeout(),
                socketTimeout.compareTo(LEAST_SOCKET_TIMEOUT) < 0 ? LEAST_SOCKET_TIMEOUT : socketTimeout,
                options.poolSize() - STORE_CONNECTIONS);
        }
        return handshakes;
    }

    private DataSource connections()
    {
        return pool == null ? dataSource : pool.open();
    }

    private void discard(Connection connection)
    {
        if (pool != null)
        {
            pool.discard(connection);
        }
    }

    /**
     * Lets go of connections and threads: stores that were made before say that they are closed, new ones may be made.
     */
    @Override
    public synchronized void close()
    {
        if (handshakes != null)
        {
            handshakes.close();
        }
        if (background != null)
        {
            background.close();
        }
        handshakes = null;
        background = null;
        if (pool != null)
        {
            pool.close();
        }
    }

    private static String required(String url)
    {
        if (isEmpty(url))
        {
            throw new IllegalArgumentException(NO_URL);
        }
        return url;
    }

    private static String migration(Path left)
    {
        return "jetty.tlsResumption.jdbc.url is not set, and there is no default any more: earlier versions made an H2 in " + left
            + " that every user of this host could read, and through which each could run commands as the user of this server. "
            + "Stop all servers of this base, then: rm -r " + GuardedFile.quoted(left)
            + ". Set a new jetty.tlsResumption.ticketKeyPassphrase, and jetty.tlsResumption.jdbc.url, .user and .password: for several "
            + "servers jdbc:postgresql://host/database or jdbc:mariadb://host/database; for one also tls-resumption.jdbc.driver=h2 and "
            + "jdbc:h2:file:"
            + left.resolveSibling("tls-resumption-db").resolve("stores") + ". Each session then needs one full handshake";
    }

    private static boolean isEmpty(String text)
    {
        return text == null || text.isEmpty();
    }
}
