package io.github.tlsresumption.cluster.jdbc;

import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

import io.github.tlsresumption.CaughtLog;
import io.github.tlsresumption.FakeClock;
import io.github.tlsresumption.forget.ForgetLog;
import io.github.tlsresumption.forget.ForgetLogEntry.Forget;
import io.github.tlsresumption.it.Await;
import io.github.tlsresumption.it.OnAnyJdk;
import io.github.tlsresumption.it.StartsProcesses;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

@OnAnyJdk
@StartsProcesses
class JdbcFailoverTest
{
    private static final Instant T0 = Instant.parse("2026-11-24T10:00:00Z");
    private static final int POOL = 3;

    @Test
    void aConnectionToAServerThatOnlyReadsIsGivenUpSoThatTheNextOneMayWrite() throws Exception
    {
        TestDatabase database = TestDatabase.POSTGRESQL;
        String prefix = TestDatabase.newPrefix();
        String user = prefix + "user";
        database.execute("CREATE ROLE " + user + " LOGIN SUPERUSER");
        JdbcOptions options = new JdbcOptions(prefix, POOL, Duration.ofSeconds(1));
        try (JdbcStores stores = new JdbcStores(database.url(), user, "", "a passphrase"::toCharArray, options))
        {
            ForgetLog log = stores.forgetLog(Duration.ofHours(1), Duration.ZERO, new FakeClock(T0));
            log.append(List.of(new Forget(1, T0)));
        }
        // For connections from now on, as a server that was demoted would have it.
        database.execute("ALTER ROLE " + user + " SET default_transaction_read_only = on");
        try (CaughtLog caught = new CaughtLog();
            JdbcStores stores = new JdbcStores(database.url(), user, "", "a passphrase"::toCharArray, options))
        {
            ForgetLog log = stores.forgetLog(Duration.ofHours(1), Duration.ZERO, new FakeClock(T0));
            Await.until(Duration.ofSeconds(20), () -> connections(database, user) == POOL,
                () -> connections(database, user) + " connections");
            database.execute("ALTER ROLE " + user + " RESET default_transaction_read_only");
            IOException refused = assertThrows(IOException.class, () -> log.append(List.of(new Forget(1, T0))));
            assertTrue(refused.getMessage().contains("read-only"), refused.getMessage());
            assertTrue(appends(log), "a second connection of the pool leads there too");
            assertEquals(List.of(), caught.warnings(), "the pool writes a line for each attempt");
        }
    }

    private static long connections(TestDatabase database, String user)
    {
        try
        {
            return database.number("SELECT COUNT(*) FROM pg_stat_activity WHERE usename = '" + user + "'");
        }
        catch (SQLException e)
        {
            throw new AssertionError(e);
        }
    }

    private static boolean appends(ForgetLog log)
    {
        try
        {
            log.append(List.of(new Forget(2, T0)));
            return true;
        }
        catch (IOException e)
        {
            return false;
        }
    }
}
