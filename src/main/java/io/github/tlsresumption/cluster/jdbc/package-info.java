/**
 * A cluster's stores in any database with a JDBC driver: one table each for the ticket keys, the forgotten and the session keys. Knows the
 * SPIs of the stores, and no engine; only its pool knows HikariCP.
 *
 * <p>The SQL is what PostgreSQL, MariaDB and H2 have in common; each change is one statement that commits by itself, so a node
 * that stops in the middle of anything leaves no lock behind it. Start with {@link io.github.tlsresumption.cluster.jdbc.JdbcStores}.
 */
package io.github.tlsresumption.cluster.jdbc;
