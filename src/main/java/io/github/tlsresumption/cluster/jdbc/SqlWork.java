package io.github.tlsresumption.cluster.jdbc;

import java.sql.Connection;
import java.sql.SQLException;

/**
 * Something to do with a connection.
 *
 * @param <T> what comes of it
 */
@FunctionalInterface
interface SqlWork<T>
{
    T apply(Connection connection) throws SQLException;
}
