/**
 * A cluster's stores in any database with a JDBC driver: one table each for the ticket keys, the forget list and the session keys. It uses
 * the SPIs of the stores, and no engine; only its pool uses HikariCP.
 *
 * <p>The SQL is the common subset of PostgreSQL, MariaDB and H2; each change is one statement that commits by itself, so a node
 * that stops in the middle of anything leaves no lock behind. Start with {@link io.github.tlsresumption.cluster.jdbc.JdbcStores}.
 */
package io.github.tlsresumption.cluster.jdbc;
