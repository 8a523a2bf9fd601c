package io.github.tlsresumption.cluster.jdbc;

import java.time.Duration;
import java.util.regex.Pattern;

/**
 * How the database is used.
 *
 * @param tablePrefix what the names of all tables begin with: a letter or underscore, then letters, digits and underscores, 32 at most
 * @param poolSize how many connections this node uses at the same time at most, from 3 to 1000; two of them are for the ticket keys and
 * the forgotten
 * @param timeout how long a handshake waits for a session key, from 1 ms to 10 s
 */
public record JdbcOptions(String tablePrefix, int poolSize, Duration timeout)
{
    private static final Pattern PREFIX = Pattern.compile("[A-Za-z_][A-Za-z0-9_]{0,31}");
    private static final int MOST_CONNECTIONS = 1_000;
    private static final Duration LONGEST = Duration.ofSeconds(10);

    /**
     * Eight connections, and 50 ms.
     */
    public static final JdbcOptions DEFAULT = new JdbcOptions("tls_resumption_", 8, Duration.ofMillis(50));

    /**
     * @throws IllegalArgumentException when a value is out of bounds; the message names the setting
     */
    public JdbcOptions
    {
        if (!PREFIX.matcher(tablePrefix).matches())
        {
            throw new IllegalArgumentException("jetty.tlsResumption.jdbc.tablePrefix is '" + tablePrefix
                + "': use a letter or underscore, then letters, digits and underscores, 32 at most");
        }
        if (poolSize < JdbcStores.STORE_CONNECTIONS + 1 || poolSize > MOST_CONNECTIONS)
        {
            throw new IllegalArgumentException("jetty.tlsResumption.jdbc.poolSize is " + poolSize + ": set "
                + (JdbcStores.STORE_CONNECTIONS + 1) + " to " + MOST_CONNECTIONS);
        }
        if (timeout.toMillis() < 1 || timeout.compareTo(LONGEST) > 0)
        {
            throw new IllegalArgumentException("jetty.tlsResumption.jdbc.timeout is " + timeout.toMillis() + " ms: set 1 to "
                + LONGEST.toMillis());
        }
    }
}
