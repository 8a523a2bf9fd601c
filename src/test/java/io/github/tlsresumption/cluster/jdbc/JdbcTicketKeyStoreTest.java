package io.github.tlsresumption.cluster.jdbc;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;

import io.github.tlsresumption.FakeClock;
import io.github.tlsresumption.it.OnAnyJdk;
import io.github.tlsresumption.it.StartsProcesses;
import io.github.tlsresumption.keys.KeyRotation;
import io.github.tlsresumption.keys.RingMark;
import io.github.tlsresumption.keys.TicketKey;
import io.github.tlsresumption.keys.TicketKeyRing;
import io.github.tlsresumption.keys.TicketKeyRingManager;
import io.github.tlsresumption.keys.TicketKeyStore;
import io.github.tlsresumption.keys.TicketKeyStoreException;
import io.github.tlsresumption.keys.TicketKeyStoreException.Kind;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

@OnAnyJdk
@StartsProcesses
@ParameterizedClass
@EnumSource(TestDatabase.class)
class JdbcTicketKeyStoreTest
{
    private static final Instant T0 = Instant.parse("2026-11-24T10:00:00Z");

    private final FakeClock clock = new FakeClock(T0);
    private final String prefix = TestDatabase.newPrefix();
    private final ScheduledThreadPoolExecutor executor = new ScheduledThreadPoolExecutor(1);
    private final ScheduledThreadPoolExecutor otherExecutor = new ScheduledThreadPoolExecutor(1);

    @Parameter
    private TestDatabase database;

    private JdbcStores stores;
    private JdbcStores otherStores;
    private TicketKeyStore store;
    private TicketKeyStore other;

    @BeforeEach
    void open()
    {
        stores = database.stores(prefix);
        otherStores = database.stores(prefix);
        store = stores.ticketKeyStore();
        other = otherStores.ticketKeyStore();
    }

    @AfterEach
    void close()
    {
        executor.shutdownNow();
        otherExecutor.shutdownNow();
        if (stores != null)
        {
            stores.close();
        }
        if (otherStores != null)
        {
            otherStores.close();
        }
    }

    @Test
    void aNewStoreIsEmptyAndGivesWhatItWasGiven() throws Exception
    {
        assertTrue(store.load().isEmpty());
        TicketKeyRing ring = newRing();
        assertTrue(store.compareAndSet(0, ring));
        TicketKeyRing back = other.load().orElseThrow();
        assertEquals(ids(ring), ids(back));
        assertEquals(ring.version(), back.version());
        assertArrayEquals(ring.identityKey(), back.identityKey());
        assertTrue(store.shared() && store.persistent());
    }

    @Test
    void onlyTheExpectedVersionIsReplaced() throws Exception
    {
        TicketKeyRing first = newRing();
        assertTrue(store.compareAndSet(0, first));
        assertFalse(store.compareAndSet(0, newRing()));
        TicketKeyRing second = successor(first);
        assertFalse(store.compareAndSet(2, successor(second)));
        assertEquals(ids(first), ids(store.load().orElseThrow()));
        assertTrue(other.compareAndSet(1, second));
        assertFalse(store.compareAndSet(1, successor(first)));
        assertEquals(ids(second), ids(store.load().orElseThrow()));
        assertThrows(IllegalArgumentException.class, () -> store.compareAndSet(2, second));
    }

    @Test
    void ofManyThatExpectTheSameVersionOneWins() throws Exception
    {
        TicketKeyRing ring = null;
        for (int round = 0; round < 5; round++)
        {
            TicketKeyRing from = ring;
            long expected = round;
            List<TicketKeyRing> offered = new ArrayList<>();
            List<Callable<Boolean>> calls = new ArrayList<>();
            for (int i = 0; i < 4; i++)
            {
                TicketKeyRing next = from == null ? newRing() : successor(from);
                offered.add(next);
                TicketKeyStore through = i % 2 == 0 ? store : other;
                calls.add(() -> through.compareAndSet(expected, next));
            }
            List<Boolean> won = together(calls);
            assertEquals(1, won.stream().filter(Boolean::booleanValue).count());
            ring = offered.get(won.indexOf(true));
            assertEquals(ids(ring), ids(store.load().orElseThrow()));
        }
    }

    @Test
    void theStampChangesWithEachRingAndWithOneThatWasPutBack() throws Exception
    {
        String empty = store.stamp();
        TicketKeyRing first = newRing();
        store.compareAndSet(0, first);
        String stamp = store.stamp();
        assertNotEquals(empty, stamp);
        assertEquals(stamp, other.stamp());
        database.execute("DELETE FROM " + prefix + "ring");
        assertEquals(empty, store.stamp());
        store.compareAndSet(0, newRing());
        assertNotEquals(stamp, store.stamp(), "the same version, another ring");
    }

    private TicketKeyRingManager managerOf(TicketKeyStore ring, ScheduledThreadPoolExecutor ticks)
    {
        return new TicketKeyRingManager(ring, KeyRotation.DEFAULT, clock, clock::nanos, ticks, RingMark.NONE);
    }

    @Test
    void twoManagersRotateAtTheSameTimeAndHaveOneRing() throws Exception
    {
        TicketKeyRingManager one = managerOf(store, executor);
        TicketKeyRingManager two = managerOf(other, executor);
        together(List.of(start(one), start(two)));
        assertEquals(0, one.ring().version(), "another node may have the ring");
        clock.advance(store.settling());
        together(List.of(tick(one), tick(two)));
        Instant begun = clock.instant();
        for (int period = 1; period <= 4; period++)
        {
            clock.set(begun.plus(KeyRotation.DEFAULT.sealPeriod().multipliedBy(period)).minus(KeyRotation.DEFAULT.lead()));
            together(List.of(tick(one), tick(two)));
            one.tick();
            two.tick();
            assertEquals(ids(one.ring()), ids(two.ring()));
            assertEquals(1 + period, one.ring().version(), "one rotation in each period");
            assertEquals(ids(one.ring()), ids(store.load().orElseThrow()));
        }
    }

    @Test
    void aFreshNodeInFrontOfAnEmptiedTableWaitsForTheOthers() throws Exception
    {
        TicketKeyRingManager one = managerOf(store, executor);
        one.start();
        clock.advance(store.settling());
        one.tick();
        List<Long> ids = ids(one.ring());
        executor.shutdownNow();

        database.execute("DELETE FROM " + prefix + "ring");
        TicketKeyRingManager fresh = managerOf(other, otherExecutor);
        fresh.start();
        clock.advance(Duration.ofMillis(2_999));
        fresh.tick();
        assertEquals(0, fresh.ring().version());
        one.tick();
        clock.advance(Duration.ofMillis(1));
        fresh.tick();
        one.tick();
        assertEquals(ids, ids(one.ring()));
        assertEquals(ids, ids(fresh.ring()));
        assertEquals(Optional.empty(), one.health().error());
        assertEquals(Optional.empty(), fresh.health().error());
        fresh.stop();
    }

    @Test
    void aRingThatVanishedIsWrittenBackAndNotReplaced() throws Exception
    {
        TicketKeyRingManager manager = managerOf(store, executor);
        manager.start();
        clock.advance(store.settling());
        manager.tick();
        assertEquals(1, manager.ring().version());
        List<Long> ids = ids(manager.ring());
        for (String table : List.of("schema", "ring", "forgotten", "sessions"))
        {
            database.execute("DROP TABLE " + prefix + table);
        }
        manager.tick();
        assertEquals(ids, ids(other.load().orElseThrow()));
        assertEquals(Optional.empty(), manager.health().error());
    }

    @Test
    void anotherPassphraseIsRefusedAndTheRingLeftAlone() throws Exception
    {
        TicketKeyRing ring = newRing();
        store.compareAndSet(0, ring);
        byte[] stored = bytes();
        try (JdbcStores strangers = database.stores(prefix, "another one"))
        {
            TicketKeyStore strange = strangers.ticketKeyStore();
            assertRefused("jetty.tlsResumption.ticketKeyPassphrase", strange::load);
            assertRefused("jetty.tlsResumption.ticketKeyPassphrase", () -> strange.compareAndSet(1, successor(ring)));
        }
        assertArrayEquals(stored, bytes());
        assertTrue(new String(stored, StandardCharsets.US_ASCII).contains("encrypted with a passphrase"));
    }

    @Test
    void aDamagedRingIsRefusedAndLeftAlone() throws Exception
    {
        TicketKeyRing ring = newRing();
        store.compareAndSet(0, ring);
        database.execute("UPDATE " + prefix + "ring SET ring_version = 7");
        assertRefused("version 1 in a row of version 7", store::load);
        byte[] damaged = bytes();
        damaged[damaged.length / 2] ^= 1;
        database.execute("UPDATE " + prefix + "ring SET ring_version = 1, ring = ?", damaged);
        assertRefused("DELETE FROM " + prefix + "ring", () -> store.compareAndSet(1, successor(ring)));
        assertArrayEquals(damaged, bytes());
    }

    @Test
    void tablesOfAnotherReleaseAreRefused() throws Exception
    {
        store.load();
        database.execute("UPDATE " + prefix + "schema SET schema_version = 2");
        try (JdbcStores later = database.stores(prefix))
        {
            assertRefused("jetty.tlsResumption.jdbc.tablePrefix", later.ticketKeyStore()::load);
        }
    }

    @Test
    void manyNodesMakeTheTablesAtTheSameTime() throws Exception
    {
        List<JdbcStores> nodes = new ArrayList<>();
        List<Callable<Boolean>> calls = new ArrayList<>();
        String fresh = TestDatabase.newPrefix();
        for (int i = 0; i < 4; i++)
        {
            JdbcStores node = database.stores(fresh);
            nodes.add(node);
            TicketKeyStore nodesStore = node.ticketKeyStore();
            calls.add(() -> loadedAtLast(nodesStore).isEmpty());
        }
        assertEquals(List.of(true, true, true, true), together(calls));
        assertEquals(1, database.count(fresh + "schema"));
        nodes.forEach(JdbcStores::close);
    }

    /**
     * H2 may keep nodes waiting for each other's tables longer than they wait; they try again with their next look.
     */
    private static Optional<TicketKeyRing> loadedAtLast(TicketKeyStore store) throws TicketKeyStoreException
    {
        for (int attempt = 1;; attempt++)
        {
            try
            {
                return store.load();
            }
            catch (TicketKeyStoreException e)
            {
                if (e.kind() != Kind.UNAVAILABLE || attempt == 3)
                {
                    throw e;
                }
            }
        }
    }

    private byte[] bytes() throws Exception
    {
        return database.bytes("SELECT ring FROM " + prefix + "ring");
    }

    private TicketKeyRing newRing()
    {
        return KeyRotation.DEFAULT.next(TicketKeyRing.empty(), clock.instant());
    }

    private static TicketKeyRing successor(TicketKeyRing ring)
    {
        TicketKey newest = ring.keys().get(ring.keys().size() - 1);
        TicketKeyRing next = KeyRotation.DEFAULT.next(ring, newest.sealUntil().minus(KeyRotation.DEFAULT.lead()));
        assertEquals(ring.version() + 1, next.version());
        return next;
    }

    private static List<Long> ids(TicketKeyRing ring)
    {
        return ring.keys().stream().map(TicketKey::id).toList();
    }

    private static Callable<Boolean> start(TicketKeyRingManager manager)
    {
        return () ->
        {
            manager.start();
            return true;
        };
    }

    private static Callable<Boolean> tick(TicketKeyRingManager manager)
    {
        return () ->
        {
            manager.tick();
            return true;
        };
    }

    private static void assertRefused(String text, Executable call)
    {
        TicketKeyStoreException refused = assertThrows(TicketKeyStoreException.class, call);
        assertEquals(Kind.REFUSED, refused.kind(), refused.getMessage());
        assertTrue(refused.getMessage().contains(text), refused.getMessage());
    }

    static <T> List<T> together(List<Callable<T>> calls) throws Exception
    {
        ExecutorService threads = Executors.newFixedThreadPool(calls.size());
        CyclicBarrier start = new CyclicBarrier(calls.size());
        try
        {
            List<Future<T>> futures = new ArrayList<>();
            for (Callable<T> call : calls)
            {
                futures.add(threads.submit(() ->
                {
                    start.await();
                    return call.call();
                }));
            }
            List<T> results = new ArrayList<>();
            for (Future<T> future : futures)
            {
                results.add(future.get());
            }
            return results;
        }
        finally
        {
            threads.shutdownNow();
        }
    }
}
