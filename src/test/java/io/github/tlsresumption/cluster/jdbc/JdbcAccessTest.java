package io.github.tlsresumption.cluster.jdbc;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.List;

import io.github.tlsresumption.it.OnAnyJdk;
import io.github.tlsresumption.it.StartsProcesses;
import io.github.tlsresumption.keys.TicketKeyStoreException;
import io.github.tlsresumption.settings.Refusal;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/**
 * What a database says to a node that it does not let in, before anything else is asked of it.
 */
@StartsProcesses
@OnAnyJdk
class JdbcAccessTest
{
    private static final String SECRET = "not-for-the-log";

    @Test
    void postgresql() throws Exception
    {
        DatabaseServer server = DatabaseServer.postgresql().orElse(null);
        assumeTrue(server != null, "PostgreSQL is not installed");
        String url = "jdbc:postgresql://127.0.0.1:" + server.port() + "/";
        run(url + "postgres?user=postgres", "CREATE ROLE poor LOGIN", "REVOKE ALL ON SCHEMA public FROM PUBLIC",
            "CREATE ROLE locked NOLOGIN");
        assertRefused("jetty.tlsResumption.jdbc.user", "set those of a user of the database", url + "postgres", "locked");
        assertRefused("jetty.tlsResumption.jdbc.url", "create it, or correct the setting", url + "nothing", "postgres");
        assertRefused("jetty.tlsResumption.jdbc.user", "grant CREATE to that user", url + "postgres", "poor");
        assertDoesNotThrow(() -> access(url + "postgres", "postgres"));
        server.close();
        assertDoesNotThrow(() -> access(url + "postgres", "postgres"), "a node starts without its database");
    }

    @Test
    void mariadb() throws Exception
    {
        DatabaseServer server = DatabaseServer.mariadb().orElse(null);
        assumeTrue(server != null, "MariaDB is not installed");
        String url = "jdbc:mariadb://127.0.0.1:" + server.port() + "/";
        run(url + "?user=root", "CREATE DATABASE jetty", "CREATE USER poor@'127.0.0.1' IDENTIFIED BY '" + SECRET + "'",
            "GRANT SELECT ON jetty.* TO poor@'127.0.0.1'", "CREATE USER other@'127.0.0.1' IDENTIFIED BY 'another'");
        assertRefused("jetty.tlsResumption.jdbc.user", "set those of a user of the database", url + "jetty", "other");
        assertRefused("jetty.tlsResumption.jdbc.url", "create it, or correct the setting", url + "nothing", "root", "");
        assertRefused("jetty.tlsResumption.jdbc.user", "grant CREATE to that user", url + "jetty", "poor");
        assertDoesNotThrow(() -> access(url + "jetty", "root", ""));
    }

    private static void run(String url, String... statements) throws Exception
    {
        try (Connection connection = DriverManager.getConnection(url); Statement statement = connection.createStatement())
        {
            for (String text : statements)
            {
                statement.execute(text);
            }
        }
    }

    private static void access(String url, String user) throws TicketKeyStoreException
    {
        access(url, user, SECRET);
    }

    private static void access(String url, String user, String password) throws TicketKeyStoreException
    {
        try (JdbcStores stores = new JdbcStores(url, user, password, "a passphrase"::toCharArray, JdbcOptions.DEFAULT))
        {
            stores.requireAccess(true);
        }
    }

    private static void assertRefused(String setting, String remedy, String url, String user)
    {
        assertRefused(setting, remedy, url, user, SECRET);
    }

    private static void assertRefused(String setting, String remedy, String url, String user, String password)
    {
        TicketKeyStoreException refused = assertThrows(TicketKeyStoreException.class, () -> access(url, user, password));
        assertEquals(TicketKeyStoreException.Kind.REFUSED, refused.kind());
        Refusal refusal = Refusal.of(refused, "none");
        assertEquals(setting, refusal.setting());
        assertTrue(refusal.remedy().startsWith(remedy), refusal::line);
        for (String text : List.of(refusal.line(), String.valueOf(refused.getCause())))
        {
            assertFalse(text.contains(SECRET), text);
        }
    }
}
