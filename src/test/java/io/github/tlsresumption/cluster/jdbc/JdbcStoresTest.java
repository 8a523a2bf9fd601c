package io.github.tlsresumption.cluster.jdbc;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;

import io.github.tlsresumption.Exhaustive;
import io.github.tlsresumption.forget.ForgetLog;
import io.github.tlsresumption.forget.ForgetLogEntry.Forget;
import io.github.tlsresumption.keys.TicketKeyRing;
import io.github.tlsresumption.keys.TicketKeyStore;
import io.github.tlsresumption.keys.TicketKeyStoreException;
import io.github.tlsresumption.keys.TicketKeyStoreException.Kind;
import io.github.tlsresumption.sessions.SessionKeyStore;
import io.github.tlsresumption.ticket.StableId;
import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

@Exhaustive
class JdbcStoresTest
{
    private static final String SECRET = "hush-4711";
    private static final int POOL = 3;

    @ParameterizedTest
    @ValueSource(strings = {"", "1a", "a-b", "a.b", "a;DROP TABLE x", "ä", "a23456789012345678901234567890123"})
    void aTablePrefixThatIsNoNameIsRefused(String prefix)
    {
        assertMessage("jetty.tlsResumption.jdbc.tablePrefix", () -> new JdbcOptions(prefix, POOL, Duration.ofMillis(1)));
    }

    @Test
    void boundsAreExact()
    {
        new JdbcOptions("a2345678901234567890123456789012", POOL, Duration.ofMillis(1));
        new JdbcOptions("_", 1_000, Duration.ofSeconds(10));
        assertMessage("jetty.tlsResumption.jdbc.poolSize", () -> new JdbcOptions("a", POOL - 1, Duration.ofMillis(1)));
        assertMessage("jetty.tlsResumption.jdbc.poolSize", () -> new JdbcOptions("a", 1_001, Duration.ofMillis(1)));
        assertMessage("jetty.tlsResumption.jdbc.timeout", () -> new JdbcOptions("a", POOL, Duration.ZERO));
        assertMessage("jetty.tlsResumption.jdbc.timeout", () -> new JdbcOptions("a", POOL, Duration.ofMillis(10_001)));
    }

    @Test
    void whatIsMissingIsNamed()
    {
        assertMessage("jetty.tlsResumption.jdbc.url", () -> open("", "", "a passphrase"));
        assertMessage("jetty.tlsResumption.jdbc.url", () -> open(null, "", "a passphrase"));
        assertMessage("lib/ext", () -> open("jdbc:nosuch://host/x?password=" + SECRET, SECRET, "a passphrase"));
    }

    @Test
    void aBaseThatUsedTheDefaultOfEarlierVersionsIsToldHowToMigrate(@TempDir Path base) throws Exception
    {
        Path left = Files.createDirectory(base.resolve("tls-resumption-h2"));
        Files.writeString(left.resolve("stores.mv.db"), "x");
        String message = assertThrows(IllegalArgumentException.class, () -> JdbcStores.open(null, "", "", "a passphrase"::toCharArray, "t_",
            POOL, 1_000, base.toString())).getMessage();
        for (String step : List.of("jetty.tlsResumption.jdbc.url is not set", "rm -r " + left, "jetty.tlsResumption.ticketKeyPassphrase",
            "jdbc:postgresql://", "jdbc:mariadb://", "tls-resumption.jdbc.driver=h2", "jdbc:h2:file:" + base, ".password"))
        {
            assertTrue(message.contains(step), message);
        }
        assertTrue(Files.exists(left.resolve("stores.mv.db")));
    }

    @Test
    void withoutAPassphraseItRefuses()
    {
        try (JdbcStores stores = open("jdbc:h2:mem:x", "", ""))
        {
            IllegalStateException refused = assertThrows(IllegalStateException.class, stores::ticketKeyStore);
            assertTrue(refused.getMessage().contains("jetty.tlsResumption.ticketKeyPassphrase"), refused.getMessage());
        }
    }

    @Test
    void itIsUsedAgainAfterItWasClosed() throws Exception
    {
        JdbcStores stores = open("jdbc:h2:mem:again;DB_CLOSE_DELAY=-1", SECRET, "a passphrase");
        StableId id = StableId.random();
        for (int i = 0; i < 2; i++)
        {
            TicketKeyStore keys = stores.ticketKeyStore();
            ForgetLog log = stores.forgetLog(Duration.ofHours(1), Duration.ZERO, Clock.systemUTC());
            SessionKeyStore sessions = stores.sessionKeyStore(TicketKeyRing::empty, Clock.systemUTC());
            keys.stamp();
            log.append(List.of(new Forget(i, Instant.EPOCH)));
            sessions.get(id);
            stores.time();
            keys.close();
            log.close();
            sessions.close();
            stores.close();
            assertThrows(TicketKeyStoreException.class, keys::stamp);
            assertThrows(IOException.class, () -> sessions.get(id));
            assertEquals(List.of(), threads(), "no thread is left");
        }
        stores.close();
    }

    @Test
    void itOpensNothingBeforeItIsUsed()
    {
        try (JdbcStores stores = open("jdbc:h2:mem:unused", SECRET, "a passphrase"))
        {
            assertEquals("jdbc:h2:mem:unused, tables t_*", stores.describe());
            assertEquals(List.of(), threads());
        }
    }

    private static List<String> threads()
    {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        List<String> names;
        do
        {
            names = Thread.getAllStackTraces().keySet().stream().map(Thread::getName).filter(name -> name.startsWith("tls-resumption"))
                .toList();
        }
        while (!names.isEmpty() && System.nanoTime() < end);
        return names;
    }

    @Test
    void aDataSourceOfTheApplicationServesToo() throws Exception
    {
        JdbcDataSource source = new JdbcDataSource();
        source.setURL("jdbc:h2:mem:own;DB_CLOSE_DELAY=-1");
        try (JdbcStores stores = new JdbcStores(source, "the application's", "a passphrase"::toCharArray, JdbcOptions.DEFAULT))
        {
            assertTrue(stores.ticketKeyStore().load().isEmpty());
            assertEquals("the application's, tables tls_resumption_*", stores.describe());
        }
        assertFalse(source.getConnection().isClosed());
    }

    @Test
    void aWrongPasswordIsTheOperatorsToMendAndIsNotShown() throws Exception
    {
        String url = "jdbc:h2:mem:guarded;DB_CLOSE_DELAY=-1";
        try (JdbcStores owner = open(url, "right", "a passphrase"))
        {
            owner.ticketKeyStore().load();
        }
        try (JdbcStores stranger = open(url, SECRET, "a passphrase"))
        {
            TicketKeyStoreException refused = assertThrows(TicketKeyStoreException.class, stranger.ticketKeyStore()::load);
            assertEquals(Kind.REFUSED, refused.kind(), refused.getMessage());
            for (Throwable link = refused; link != null; link = link.getCause())
            {
                assertFalse(link.toString().contains(SECRET), link.toString());
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "jdbc:postgresql://db/x?user=u&password=" + SECRET, "jdbc:postgresql://u:" + SECRET + "@db/x", "jdbc:h2:mem:x;PASSWORD=" + SECRET,
        "jdbc:oracle:thin:u/" + SECRET + "@db:1521/x", "jdbc:mariadb://db/x?keyStorePassword=" + SECRET + "&a=b",
        "jdbc:mysql://u:p@?" + SECRET + "@db/x", "jdbc:postgresql://db/x?sslpassword=" + SECRET + "@1"})
    void noUrlShowsItsPassword(String url)
    {
        assertFalse(SqlFailures.withoutSecrets(url).contains(SECRET), SqlFailures.withoutSecrets(url));
        SQLException failure = new SQLException("cannot connect to " + url + ", as asked", new IllegalStateException(SECRET + " is wrong"));
        SQLException clean = SqlFailures.hiding(url, SECRET).clean(failure);
        assertFalse(clean.toString().contains(SECRET), clean.toString());
        assertTrue(clean.getMessage().contains("is wrong"), clean.getMessage());
        assertEquals(null, clean.getCause());
        String unknown = SqlFailures.hiding("", null).clean(new SQLException("cannot connect to " + url + ", as asked")).getMessage();
        assertFalse(unknown.contains(SECRET), unknown);
    }

    @Test
    void aUrlWithoutSecretsSaysWhereItLeads()
    {
        assertEquals("jdbc:postgresql://db:5432/x", SqlFailures.withoutSecrets("jdbc:postgresql://db:5432/x?ssl=true"));
        assertEquals("jdbc:h2:file:/var/x", SqlFailures.withoutSecrets("jdbc:h2:file:/var/x;AUTO_SERVER=TRUE"));
        assertEquals(List.of("jdbc:mysql", "jdbc"),
            List.of(SqlFailures.withoutSecrets("jdbc:mysql://u:p@db/x"), SqlFailures.withoutSecrets("u:p@x")));
    }

    private static JdbcStores open(String url, String password, String passphrase)
    {
        return JdbcStores.open(url, "u", password, passphrase::toCharArray, "t_", POOL, 1_000);
    }

    private static void assertMessage(String text, Executable call)
    {
        String message = assertThrows(IllegalArgumentException.class, call).getMessage();
        assertTrue(message.contains(text), message);
        assertFalse(message.contains(SECRET), message);
    }
}
