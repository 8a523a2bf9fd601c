package io.github.tlsresumption.cluster.redis;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

import io.github.tlsresumption.FakeClock;
import io.github.tlsresumption.cluster.FaultProxy;
import io.github.tlsresumption.crypto.Random;
import io.github.tlsresumption.it.Await;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import redis.clients.jedis.Protocol.Command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

@OnAnyJdk
@StartsProcesses
class RedisTicketKeyStoreTest
{
    private static final Instant START = Instant.parse("2026-11-24T10:00:00Z");
    private static final KeyRotation ROTATION = KeyRotation.DEFAULT;

    private final FakeClock clock = new FakeClock(START);
    private final List<AutoCloseable> opened = new ArrayList<>();
    private RedisServer redis;

    @BeforeEach
    void start()
    {
        redis = RedisServer.start();
        opened.add(redis);
    }

    @AfterEach
    void stop() throws Exception
    {
        for (int i = opened.size() - 1; i >= 0; i--)
        {
            opened.get(i).close();
        }
    }

    private TicketKeyStore store(String uri, Supplier<char[]> passphrase)
    {
        RedisStores stores = new RedisStores(uri, passphrase);
        TicketKeyStore store = stores.ticketKeyStore();
        opened.add(stores);
        opened.add(store);
        return store;
    }

    private TicketKeyStore store()
    {
        return store(redis.uri(), RedisStoresTest.PASSPHRASE);
    }

    private static Set<Long> ids(TicketKeyRing ring)
    {
        Set<Long> ids = new HashSet<>();
        ring.keys().forEach(key -> ids.add(key.id()));
        return ids;
    }

    private TicketKeyRing next(TicketKeyRing ring)
    {
        return ROTATION.next(ring, clock.instant());
    }

    @Test
    void aRingComesBackAsItWasForAnotherNode() throws Exception
    {
        TicketKeyStore store = store();
        assertEquals(Optional.empty(), store.load());
        TicketKeyRing ring = next(TicketKeyRing.empty());
        assertTrue(store.compareAndSet(0, ring));
        TicketKeyRing loaded = store().load().orElseThrow();
        assertEquals(ring.toString(), loaded.toString());
        TicketKey key = loaded.keys().get(0);
        assertEquals(ids(ring), Set.of(key.id()));
    }

    @Test
    void onlyTheExpectedVersionIsReplaced() throws Exception
    {
        TicketKeyStore store = store();
        TicketKeyRing first = next(TicketKeyRing.empty());
        assertFalse(store.compareAndSet(1, ROTATION.rotated(first, START, RedisTicketKeyStoreTest::secret, false)));
        assertTrue(store.compareAndSet(0, first));
        assertFalse(store().compareAndSet(0, next(TicketKeyRing.empty())));
        assertEquals(ids(first), ids(store.load().orElseThrow()));
        assertTrue(store.compareAndSet(1, ROTATION.rotated(first, START, RedisTicketKeyStoreTest::secret, false)));
        assertEquals(2, store.load().orElseThrow().version());
        assertThrows(IllegalArgumentException.class, () -> store.compareAndSet(2, first));
    }

    private static byte[] secret()
    {
        return Random.bytes(32);
    }

    @Test
    void ofManyWhoReplaceAtOnceOneSucceeds() throws Exception
    {
        TicketKeyRing first = next(TicketKeyRing.empty());
        store().compareAndSet(0, first);
        List<Callable<Boolean>> attempts = new ArrayList<>();
        for (int i = 0; i < 8; i++)
        {
            TicketKeyStore store = store();
            store.load().orElseThrow();
            TicketKeyRing mine = ROTATION.rotated(first, START, RedisTicketKeyStoreTest::secret, true);
            attempts.add(() -> store.compareAndSet(1, mine));
        }
        ExecutorService threads = Executors.newFixedThreadPool(8);
        try
        {
            int succeeded = 0;
            for (Future<Boolean> attempt : threads.invokeAll(attempts))
            {
                succeeded += attempt.get() ? 1 : 0;
            }
            assertEquals(1, succeeded);
        }
        finally
        {
            threads.shutdownNow();
        }
    }

    @Test
    void theStampChangesWithEachWriteAndWithALoss() throws Exception
    {
        TicketKeyStore store = store();
        String empty = store.stamp();
        TicketKeyRing first = next(TicketKeyRing.empty());
        store.compareAndSet(0, first);
        String written = store.stamp();
        assertNotEquals(empty, written);
        assertEquals(written, store().stamp());
        redis.kill();
        redis.again();
        assertNotEquals(written, store().stamp());
        store().compareAndSet(0, first);
        assertNotEquals(written, store().stamp(), "the same ring, written anew");
    }

    @Test
    void anotherPassphraseIsRefusedAndTheRingIsLeftAlone() throws Exception
    {
        store().compareAndSet(0, next(TicketKeyRing.empty()));
        String stamp = store().stamp();
        TicketKeyStore wrong = store(redis.uri(), "sesame"::toCharArray);
        TicketKeyStoreException refused = assertThrows(TicketKeyStoreException.class, wrong::load);
        assertEquals(Kind.REFUSED, refused.kind());
        assertTrue(refused.getMessage().contains("jetty.tlsResumption.ticketKeyPassphrase"), refused.getMessage());
        assertFalse(refused.getMessage().contains("sesame"), refused.getMessage());
        assertThrows(TicketKeyStoreException.class, () -> manager(wrong).start());
        assertEquals(stamp, store().stamp());
    }

    @Test
    void whatIsNoRingIsRefusedAndLeftAlone() throws Exception
    {
        RedisClient client = redis.client();
        opened.add(client);
        client.call(Command.HSET, "tls-resumption:ring", "ring", "anything", "version", "1");
        assertEquals(Kind.REFUSED, assertThrows(TicketKeyStoreException.class, store()::load).kind());
        assertEquals("anything", RedisClient.text(client.call(Command.HGET, "tls-resumption:ring", "ring")));
    }

    private TicketKeyRingManager manager(TicketKeyStore store)
    {
        TicketKeyRingManager manager = new TicketKeyRingManager(store, ROTATION, clock, clock::nanos, new NoTicks(), RingMark.NONE);
        opened.add(manager::stop);
        return manager;
    }

    private TicketKeyRingManager started(TicketKeyStore store) throws TicketKeyStoreException
    {
        TicketKeyRingManager manager = manager(store);
        manager.start();
        return manager;
    }

    private void settle(TicketKeyRingManager... managers)
    {
        clock.advance(Duration.ofSeconds(3));
        for (TicketKeyRingManager manager : managers)
        {
            manager.tick();
        }
    }

    @Test
    void nodesThatStartTogetherMakeOneRing() throws Exception
    {
        TicketKeyRingManager one = started(store());
        TicketKeyRingManager two = started(store());
        assertEquals(0, one.ring().version(), "another node may have the ring");
        settle(one, two);
        one.tick();
        assertEquals(1, one.ring().version());
        assertEquals(ids(one.ring()), ids(two.ring()));
    }

    @Test
    void nodesThatRotateInTheSameMillisecondMakeOneKey() throws Exception
    {
        List<TicketKeyRingManager> managers = List.of(started(store()), started(store()), started(store()), started(store()));
        settle(managers.toArray(TicketKeyRingManager[]::new));
        clock.set(managers.get(0).ring().keys().get(0).sealUntil().minus(ROTATION.lead()));
        ExecutorService threads = Executors.newFixedThreadPool(managers.size());
        try
        {
            List<Callable<Void>> ticks = new ArrayList<>();
            for (TicketKeyRingManager manager : managers)
            {
                ticks.add(() ->
                {
                    manager.tick();
                    return null;
                });
            }
            for (Future<Void> tick : threads.invokeAll(ticks))
            {
                tick.get();
            }
        }
        finally
        {
            threads.shutdownNow();
        }
        managers.forEach(TicketKeyRingManager::tick);
        for (TicketKeyRingManager manager : managers)
        {
            assertEquals(2, manager.ring().version());
            assertEquals(ids(managers.get(0).ring()), ids(manager.ring()));
            assertEquals(Optional.empty(), manager.health().error());
        }
    }

    @Test
    void aRingThatVanishedIsWrittenBack() throws Exception
    {
        TicketKeyRingManager one = started(store());
        settle(one);
        Set<Long> ids = ids(one.ring());
        redis.kill();
        one.tick();
        assertTrue(one.health().error().isPresent());
        assertEquals(ids, ids(one.ring()), "goes on with what it has");
        redis.again();
        one.tick();
        assertEquals(Optional.empty(), one.health().error());
        assertEquals(ids, ids(store().load().orElseThrow()));
    }

    @Test
    void aFreshNodeInFrontOfAnEmptiedRedisWaitsForTheOthers() throws Exception
    {
        TicketKeyRingManager one = started(store());
        settle(one);
        redis.kill();
        redis.again();
        TicketKeyRingManager fresh = started(store());
        clock.advance(Duration.ofMillis(2_999));
        fresh.tick();
        assertEquals(0, fresh.ring().version());
        // The first finds its connection dead.
        one.tick();
        one.tick();
        clock.advance(Duration.ofMillis(1));
        fresh.tick();
        one.tick();
        assertEquals(ids(one.ring()), ids(fresh.ring()));
        assertEquals(Optional.empty(), one.health().error());
        assertEquals(Optional.empty(), fresh.health().error());
    }

    @ParameterizedTest
    @EnumSource(value = FaultProxy.Fault.class, names = "NONE", mode = EnumSource.Mode.EXCLUDE)
    void duringAFaultTheRingStaysAndAfterwardsAllIsWell(FaultProxy.Fault fault) throws Exception
    {
        try (FaultProxy proxy = new FaultProxy(redis.port()))
        {
            TicketKeyRingManager one = started(store("redis://127.0.0.1:" + proxy.port(), RedisStoresTest.PASSPHRASE));
            settle(one);
            Set<Long> ids = ids(one.ring());
            proxy.fault(fault);
            one.tick();
            assertTrue(one.health().error().isPresent());
            assertEquals(ids, ids(one.ring()));
            proxy.fault(FaultProxy.Fault.NONE);
            one.tick();
            assertEquals(Optional.empty(), one.health().error());
        }
    }

    @Test
    void aReplicaIsNotUsedAndHealthSaysSo() throws Exception
    {
        store().compareAndSet(0, next(TicketKeyRing.empty()));
        try (RedisServer replica = RedisServer.start("--replicaof", "127.0.0.1 " + redis.port()))
        {
            TicketKeyStore store = store(replica.uri(), RedisStoresTest.PASSPHRASE);
            assertTrue(assertThrows(TicketKeyStoreException.class, store::load).getMessage().contains("replica"));
            TicketKeyRingManager manager = started(store);
            String error = manager.health().error().orElseThrow();
            assertTrue(error.contains("replica of 127.0.0.1:" + redis.port()), error);
            assertTrue(error.contains("jetty.tlsResumption.redis.uri"), error);
        }
    }

    @Test
    void aPrimaryThatBecomesAReplicaIsLeftForTheNextOne() throws Exception
    {
        try (RedisServer next = RedisServer.start("--replicaof", "127.0.0.1 " + redis.port());
             FaultProxy name = new FaultProxy(redis.port()))
        {
            TicketKeyRingManager one = started(store("redis://127.0.0.1:" + name.port(), RedisStoresTest.PASSPHRASE));
            settle(one);
            Set<Long> ids = ids(one.ring());
            assertTrue(Await.within(Duration.ofSeconds(10), () -> next.tell(Command.EXISTS, "tls-resumption:ring").equals(1L)));
            // The name leads to the next one from now on, and old connections stay as they are.
            name.target(next.port());
            next.tell(Command.REPLICAOF, "NO", "ONE");
            redis.tell(Command.REPLICAOF, "127.0.0.1", String.valueOf(next.port()));
            one.tick();
            assertTrue(one.health().error().orElseThrow().contains("replica"), one.health().toString());
            one.tick();
            assertEquals(Optional.empty(), one.health().error());
            assertEquals(ids, ids(one.ring()));
            assertEquals(2, one.rotateNow().version());
        }
    }

    @Test
    void aNewRingIsNoticedAtOnceElsewhere() throws Exception
    {
        TicketKeyStore there = store();
        Semaphore noticed = new Semaphore(0);
        there.listen(noticed::release);
        assertTrue(noticed.tryAcquire(5, TimeUnit.SECONDS), "when it is connected");
        TicketKeyRing first = next(TicketKeyRing.empty());
        store().compareAndSet(0, first);
        assertTrue(noticed.tryAcquire(5, TimeUnit.SECONDS));
        assertFalse(store().compareAndSet(0, ROTATION.rotated(first, START, RedisTicketKeyStoreTest::secret, false)));
        assertFalse(noticed.tryAcquire(200, TimeUnit.MILLISECONDS), "nothing has changed");
        there.close();
        store().compareAndSet(1, ROTATION.rotated(first, START, RedisTicketKeyStoreTest::secret, false));
        assertFalse(noticed.tryAcquire(200, TimeUnit.MILLISECONDS), "it is closed");
    }
}
