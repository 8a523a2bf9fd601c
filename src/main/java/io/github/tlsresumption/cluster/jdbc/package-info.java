/**
 * A cluster's stores in any database with a JDBC driver: one table each for the ticket keys, the forgotten and the session keys.
 *
 * <p>The SQL is what PostgreSQL, MariaDB and H2 have in common; each change is one statement that commits by itself, so a node
 * that stops in the middle of anything leaves no lock behind it.
 */
package io.github.tlsresumption.cluster.jdbc;
