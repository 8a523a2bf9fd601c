package io.github.tlsresumption.cluster.jdbc;

import java.io.IOException;
import java.io.PrintWriter;
import java.sql.Connection;
import java.sql.Driver;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.util.Iterator;
import java.util.Optional;
import java.util.Properties;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.logging.Logger;
import javax.sql.DataSource;

import io.github.tlsresumption.files.FileRefusedException;
import io.github.tlsresumption.files.LibraryMismatch;

/**
 * New connections from a driver. What it throws holds no password. Thread-safe.
 */
final class DriverConnections implements DataSource
{
    private static final String POSTGRESQL = "jdbc:postgresql:";
    /** In seconds, for the driver of PostgreSQL. */
    private static final String LOGIN_TIMEOUT = "4";

    private final String url;
    /** Null for other databases. */
    private final H2Url h2;
    private final Properties login = new Properties();
    private final SqlFailures failures;

    /**
     * @param url of the database
     * @param user may be null
     * @param password may be null
     * @throws IllegalArgumentException when no driver takes the URL, or it is of an H2 that would be open to others
     */
    DriverConnections(String url, String user, String password)
    {
        this.h2 = H2Url.isH2(url) ? H2Url.parse(url, password) : null;
        this.url = h2 == null ? url : h2.url();
        this.failures = SqlFailures.hiding(url, password);
        if (user != null)
        {
            login.setProperty("user", user);
        }
        if (password != null)
        {
            login.setProperty("password", password);
        }
        if (url.startsWith(POSTGRESQL))
        {
            // Its driver does not ask DriverManager for the login timeout, and would wait for ever for a server that takes the
            // connection and says nothing: the first ends the wait, the second the thread that waits. What the URL says goes first.
            login.setProperty("loginTimeout", LOGIN_TIMEOUT);
            login.setProperty("socketTimeout", LOGIN_TIMEOUT);
        }
        try
        {
            DriverManager.getDriver(url);
        }
        catch (SQLException | LinkageError e)
        {
            String unfit = LibraryMismatch.explain(e).or(DriverConnections::unfitDriver).map(fault -> "; " + fault).orElse("");
            throw new IllegalArgumentException("jetty.tlsResumption.jdbc.url is " + SqlFailures.withoutSecrets(url)
                + ", which no driver takes: put the driver's jar in $JETTY_BASE/lib/ext (for H2 set tls-resumption.jdbc.driver=h2), or "
                + "correct the URL" + unfit, failures.clean(e));
        }
    }

    /**
     * {@link DriverManager} leaves out those that cannot be loaded without a word, and all behind them.
     */
    private static Optional<String> unfitDriver()
    {
        Iterator<ServiceLoader.Provider<Driver>> drivers = ServiceLoader.load(Driver.class).stream().iterator();
        try
        {
            while (drivers.hasNext())
            {
                drivers.next().get();
            }
            return Optional.empty();
        }
        catch (LinkageError | ServiceConfigurationError e)
        {
            return LibraryMismatch.explain(e.getCause() instanceof LinkageError ? e.getCause() : e);
        }
    }

    /**
     * Sees to it that the files of the database, if it is one of this process, are their owner's alone.
     *
     * @throws IllegalStateException when they are not, or cannot be made
     */
    void guardFiles()
    {
        if (h2 == null)
        {
            return;
        }
        try
        {
            h2.guardFiles();
        }
        catch (IOException e)
        {
            throw new IllegalStateException(e instanceof FileRefusedException ? e.getMessage()
                : "the files of " + SqlFailures.withoutSecrets(url) + " cannot be made: " + e, e);
        }
    }

    @Override
    public Connection getConnection() throws SQLException
    {
        try
        {
            return DriverManager.getConnection(url, login);
        }
        catch (SQLException | RuntimeException | LinkageError e)
        {
            // Some drivers refuse a URL by an exception that is not checked.
            throw failures.clean(e);
        }
    }

    @Override
    public Connection getConnection(String user, String password) throws SQLException
    {
        throw new SQLFeatureNotSupportedException("the user is set already");
    }

    @Override
    public int getLoginTimeout()
    {
        return DriverManager.getLoginTimeout();
    }

    @Override
    public void setLoginTimeout(int seconds)
    {
        DriverManager.setLoginTimeout(seconds);
    }

    @Override
    public PrintWriter getLogWriter()
    {
        return null;
    }

    @Override
    public void setLogWriter(PrintWriter out) throws SQLException
    {
        throw new SQLFeatureNotSupportedException("there is no log");
    }

    @Override
    public Logger getParentLogger() throws SQLFeatureNotSupportedException
    {
        throw new SQLFeatureNotSupportedException("there is no log");
    }

    @Override
    public <T> T unwrap(Class<T> type) throws SQLException
    {
        throw new SQLException("it is no " + type);
    }

    @Override
    public boolean isWrapperFor(Class<?> type)
    {
        return false;
    }
}
