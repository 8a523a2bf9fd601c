package io.github.tlsresumption.cluster.jdbc;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

import io.github.tlsresumption.FakeClock;
import io.github.tlsresumption.cluster.Circuit;
import io.github.tlsresumption.cluster.FaultProxy;
import io.github.tlsresumption.cluster.FaultProxy.Fault;
import io.github.tlsresumption.forget.ForgetLog;
import io.github.tlsresumption.forget.ForgetLogEntry.Forget;
import io.github.tlsresumption.it.Await;
import io.github.tlsresumption.it.OnAnyJdk;
import io.github.tlsresumption.it.StartsProcesses;
import io.github.tlsresumption.keys.KeyRotation;
import io.github.tlsresumption.keys.TicketKeyRing;
import io.github.tlsresumption.keys.TicketKeyStore;
import io.github.tlsresumption.keys.TicketKeyStoreException;
import io.github.tlsresumption.keys.TicketKeyStoreException.Kind;
import io.github.tlsresumption.sessions.SessionKey;
import io.github.tlsresumption.sessions.SessionKeyStore;
import io.github.tlsresumption.sessions.SessionKeys;
import io.github.tlsresumption.ticket.StableId;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

@OnAnyJdk
@StartsProcesses
@ParameterizedClass
@EnumSource(value = TestDatabase.class, names = {"POSTGRESQL", "MARIADB"})
class JdbcFaultsTest
{
    private static final Instant T0 = Instant.parse("2026-11-24T10:00:00Z");
    private static final Duration TIMEOUT = Duration.ofMillis(200);
    /** Far more than the timeouts on a busy machine, and far less than for ever. */
    private static final long PATIENCE_SECONDS = 20;
    private static final int MANY = 100;
    private static final int POOL = 4;
    private static final long PAUSE_NANOS = 10_000_000;

    private final FakeClock clock = new FakeClock(T0);
    private final TicketKeyRing ring = KeyRotation.DEFAULT.next(TicketKeyRing.empty(), T0);
    private final String prefix = TestDatabase.newPrefix();
    private final SessionKey key = SessionKeys.of(StableId.random(), T0.plus(Duration.ofHours(1)));

    @Parameter
    private TestDatabase database;

    private FaultProxy proxy;
    private JdbcStores stores;
    private SessionKeyStore sessions;

    @BeforeEach
    void open() throws IOException
    {
        proxy = new FaultProxy(database.port());
        stores = new JdbcStores(database.url(proxy.port()), database.user(), "", "a passphrase"::toCharArray,
            new JdbcOptions(prefix, POOL, TIMEOUT));
        sessions = stores.sessionKeyStore(() -> ring, clock);
    }

    @AfterEach
    void close() throws IOException
    {
        if (stores != null)
        {
            sessions.close();
            stores.close();
            proxy.close();
        }
    }

    @Test
    void aSilentDatabaseIsWaitedForTheTimeoutAndThenNotAskedForAWhile() throws Exception
    {
        putUntilItWorks();
        proxy.fault(Fault.SILENT);
        for (int i = 0; i < Circuit.FAILURES; i++)
        {
            assertFailsInTime(() -> sessions.get(key.id()));
        }
        long millis = millisOf(() ->
        {
            for (int i = 0; i < MANY; i++)
            {
                assertThrows(IOException.class, () -> sessions.get(key.id()));
                assertThrows(IOException.class, () -> sessions.replace(key, key));
            }
        });
        // Each would take the timeout if the database were asked.
        assertTrue(millis < MANY * TIMEOUT.toMillis(), millis + " ms");

        proxy.fault(Fault.NONE);
        recover();
    }

    @Test
    void aConnectionThatIsResetCostsOneFullHandshakeEachAndComesBackByItself() throws Exception
    {
        putUntilItWorks();
        proxy.fault(Fault.RESET);
        for (int i = 0; i < 2 * Circuit.FAILURES; i++)
        {
            assertFailsInTime(() -> sessions.get(key.id()));
        }
        proxy.fault(Fault.NONE);
        recover();
    }

    @Test
    void afterAPauseTheFirstHandshakeFindsTheDatabaseAgain() throws Exception
    {
        putUntilItWorks();
        proxy.fault(Fault.REFUSED);
        for (int i = 0; i < Circuit.FAILURES; i++)
        {
            assertThrows(IOException.class, () -> sessions.get(key.id()));
        }
        assertThrows(IOException.class, sessions::warm);
        proxy.fault(Fault.NONE);
        until(sessions::warm);
        assertTrue(sessions.get(key.id()).isPresent());
    }

    @Test
    void allConnectionsAreMadeBeforeAHandshakeNeedsThem() throws Exception
    {
        until(sessions::warm);
        Await.until(Duration.ofSeconds(PATIENCE_SECONDS), () -> proxy.connections() == POOL, () -> proxy.connections() + " connections");
    }

    @Test
    void aServerThatTakesConnectionsAndNeverSaysAWordIsGivenUp() throws Exception
    {
        TicketKeyStore keys = stores.ticketKeyStore();
        putUntilItWorks();
        try (ServerSocket mute = new ServerSocket(0, 50, InetAddress.getLoopbackAddress()))
        {
            proxy.target(mute.getLocalPort());
            proxy.fault(Fault.REFUSED);
            proxy.fault(Fault.NONE);
            // So long that PostgreSQL's driver, after five seconds, tries without TLS, where it would wait for ever.
            for (int i = 0; i < 4; i++)
            {
                assertFailsInTime(() -> sessions.get(key.id()));
                assertThrows(TicketKeyStoreException.class, keys::load);
            }
            // The connections to the other one stay as they are.
            proxy.target(database.port());
            recover();
            until(keys::load);
        }
    }

    @Test
    void theTicketKeysAndTheForgottenSayThatItHelpsToWait() throws Exception
    {
        TicketKeyStore keys = stores.ticketKeyStore();
        ForgetLog log = stores.forgetLog(Duration.ofHours(24), Duration.ZERO, clock);
        proxy.fault(Fault.RESET);
        TicketKeyStoreException unavailable = assertThrows(TicketKeyStoreException.class, keys::load);
        assertEquals(Kind.UNAVAILABLE, unavailable.kind(), unavailable.getMessage());
        assertThrows(IOException.class, () -> log.append(List.of(new Forget(1, T0))));
        proxy.fault(Fault.NONE);
        until(() -> assertTrue(keys.compareAndSet(0, ring)));
        until(() -> log.append(List.of(new Forget(1, T0))));
    }

    @Test
    void aSilentDatabaseIsWaitedForNotMuchLongerByTheTicketKeys() throws Exception
    {
        TicketKeyStore keys = stores.ticketKeyStore();
        until(keys::load);
        proxy.fault(Fault.SILENT);
        long millis = millisOf(() -> assertEquals(Kind.UNAVAILABLE, assertThrows(TicketKeyStoreException.class, keys::load).kind()));
        assertTrue(millis < TimeUnit.SECONDS.toMillis(PATIENCE_SECONDS), millis + " ms");
        proxy.fault(Fault.NONE);
        until(keys::load);
    }

    private void putUntilItWorks() throws Exception
    {
        // The first call makes connections and tables too.
        until(() -> sessions.get(key.id()));
        sessions.put(key);
        assertTrue(sessions.get(key.id()).isPresent());
    }

    private void recover() throws Exception
    {
        long millis = millisOf(() -> until(() -> assertTrue(sessions.get(key.id()).isPresent())));
        System.out.println(database + " answers again after " + millis + " ms");
    }

    private static void until(Action action) throws Exception
    {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        Exception last = null;
        while (System.nanoTime() < end)
        {
            try
            {
                action.run();
                return;
            }
            catch (IOException | TicketKeyStoreException e)
            {
                last = e;
                LockSupport.parkNanos(PAUSE_NANOS);
            }
        }
        fail(last);
    }

    private static void assertFailsInTime(Action action) throws Exception
    {
        long millis = millisOf(() -> assertThrows(IOException.class, action::run));
        assertTrue(millis < TimeUnit.SECONDS.toMillis(PATIENCE_SECONDS), millis + " ms");
    }

    private static long millisOf(Action action) throws Exception
    {
        long start = System.nanoTime();
        action.run();
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
    }

    /**
     * Something that may fail.
     */
    private interface Action
    {
        void run() throws Exception;
    }
}
