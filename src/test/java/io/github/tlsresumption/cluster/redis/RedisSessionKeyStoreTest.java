package io.github.tlsresumption.cluster.redis;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

import io.github.tlsresumption.FakeClock;
import io.github.tlsresumption.cluster.Circuit;
import io.github.tlsresumption.cluster.FaultProxy;
import io.github.tlsresumption.it.Await;
import io.github.tlsresumption.it.OnAnyJdk;
import io.github.tlsresumption.it.StartsProcesses;
import io.github.tlsresumption.keys.KeyRotation;
import io.github.tlsresumption.keys.TicketKeyRing;
import io.github.tlsresumption.sessions.SessionKey;
import io.github.tlsresumption.sessions.SessionKeyStore;
import io.github.tlsresumption.sessions.SessionKeys;
import io.github.tlsresumption.ticket.StableId;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import redis.clients.jedis.Protocol.Command;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

@OnAnyJdk
@StartsProcesses
class RedisSessionKeyStoreTest
{
    private static final Instant START = Instant.parse("2026-11-24T10:00:00Z");
    private static final Instant DEADLINE = START.plus(Duration.ofHours(1));
    private static RedisServer redis;
    private static int count;

    private final FakeClock clock = new FakeClock(START);
    private final TicketKeyRing ring = KeyRotation.DEFAULT.next(TicketKeyRing.empty(), START);
    private final List<RedisStores> opened = new ArrayList<>();
    private SessionKeyStore here;
    private SessionKeyStore there;

    @BeforeAll
    static void start()
    {
        redis = RedisServer.start();
    }

    @AfterAll
    static void stop()
    {
        if (redis != null)
        {
            redis.close();
        }
    }

    @BeforeEach
    void open()
    {
        count++;
        here = store(redis.uri());
        there = store(redis.uri());
    }

    @AfterEach
    void close()
    {
        opened.forEach(RedisStores::close);
    }

    private SessionKeyStore store(String uri)
    {
        // Patient, as the machine may be busy.
        return store(uri, 5_000);
    }

    private SessionKeyStore store(String uri, long timeout)
    {
        RedisStores stores = new RedisStores(uri, RedisStoresTest.PASSPHRASE);
        stores.setTimeout(timeout);
        stores.setPrefix("test" + count + ":");
        opened.add(stores);
        return stores.sessionKeyStore(() -> ring, clock);
    }

    private static SessionKey key()
    {
        return SessionKeys.of(StableId.random(), DEADLINE);
    }

    private static SessionKey key(long client)
    {
        return SessionKeys.of(StableId.random(), DEADLINE, client, "rule");
    }

    private static void assertSame(SessionKey expected, Optional<SessionKey> actual)
    {
        assertArrayEquals(expected.secret(), actual.orElseThrow().secret());
    }

    @Test
    void anotherNodeFindsASession() throws IOException
    {
        SessionKey key = key(-7);
        here.put(key);
        assertSame(key, there.get(key.id()));
        assertEquals("rule", there.get(key.id()).orElseThrow().rule());
        assertEquals(Optional.empty(), there.get(StableId.random()));
        assertTrue(here.shared());
    }

    @Test
    void aSessionEndsAtItsDeadline() throws IOException
    {
        SessionKey key = key();
        here.put(key);
        clock.set(DEADLINE.minusMillis(1));
        assertTrue(there.get(key.id()).isPresent());
        clock.set(DEADLINE);
        assertEquals(Optional.empty(), there.get(key.id()));
        assertEquals(0, there.size());
    }

    @Test
    void redisErasesItThen() throws IOException
    {
        clock.set(DEADLINE.minusMillis(50));
        SessionKey key = key();
        here.put(key);
        // Redis' own clock goes on, ours does not.
        assertTrue(Await.within(Duration.ofSeconds(5), () -> isGone(key)));
    }

    private boolean isGone(SessionKey key)
    {
        try
        {
            return there.get(key.id()).isEmpty();
        }
        catch (IOException e)
        {
            throw new AssertionError(e);
        }
    }

    @Test
    void whatHasEndedIsNotStored() throws IOException
    {
        SessionKey key = key();
        SessionKey next = SessionKeys.of(key.id(), DEADLINE);
        here.put(key);
        clock.set(DEADLINE);
        assertFalse(here.replace(key, next));
        here.put(key());
        assertEquals(0, here.size());
    }

    @Test
    void aReplacedKeyIsGoneForEveryone() throws IOException
    {
        SessionKey key = key();
        here.put(key);
        SessionKey read = there.get(key.id()).orElseThrow();
        SessionKey next = SessionKeys.of(key.id(), DEADLINE);
        assertTrue(there.replace(read, next));
        assertSame(next, here.get(key.id()));
        assertFalse(here.replace(key, SessionKeys.of(key.id(), DEADLINE)));
        assertSame(next, here.get(key.id()));
        assertThrows(IllegalStateException.class, read::secret, "overwritten");
    }

    @Test
    void aKeyIsHeldForOneHandshakeOfAllNodes() throws Exception
    {
        SessionKey key = SessionKeys.of(StableId.random(), DEADLINE);
        here.put(key);
        SessionKey seen = there.get(key.id()).orElseThrow();
        assertTrue(here.reserve(key, 1));
        assertFalse(there.reserve(seen, 2));
        SessionKey loser = SessionKeys.of(key.id(), DEADLINE);
        assertFalse(there.commit(seen, loser, 2));
        there.release(seen, 2);
        assertFalse(there.reserve(seen, 2), "another's release does not matter");
        here.release(key, 1);
        assertTrue(there.reserve(seen, -2));
        SessionKey next = SessionKeys.of(key.id(), DEADLINE);
        assertTrue(there.commit(seen, next, -2));
        assertArrayEquals(next.secret(), here.get(key.id()).orElseThrow().secret());
        assertFalse(here.reserve(key, 3), "it was replaced");
        assertFalse(here.commit(key, loser, 3));
        assertTrue(here.reserve(next, 3));
    }

    @Test
    void aReservationEndsByTheClockOfRedis() throws Exception
    {
        SessionKey key = SessionKeys.of(StableId.random(), DEADLINE);
        here.put(key);
        assertTrue(here.reserve(key, 1));
        Await.until(Duration.ofSeconds(20), () -> reserves(there, key), () -> "the reservation does not end");
        assertFalse(here.commit(key, SessionKeys.of(key.id(), DEADLINE), 1));
        assertTrue(there.commit(key, SessionKeys.of(key.id(), DEADLINE), 2));
    }

    private static boolean reserves(SessionKeyStore store, SessionKey key)
    {
        try
        {
            return store.reserve(key, 2);
        }
        catch (IOException e)
        {
            return false;
        }
    }

    @Test
    void ofManyWhoReplaceAtOnceOneSucceeds() throws Exception
    {
        SessionKey key = key();
        here.put(key);
        List<Callable<Boolean>> attempts = new ArrayList<>();
        for (int i = 0; i < 16; i++)
        {
            SessionKeyStore store = i % 2 == 0 ? here : there;
            SessionKey mine = store.get(key.id()).orElseThrow();
            attempts.add(() -> store.replace(mine, SessionKeys.of(key.id(), DEADLINE)));
        }
        ExecutorService threads = Executors.newFixedThreadPool(16);
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
    void aRemovedSessionNeverComesBack() throws IOException
    {
        SessionKey key = key();
        here.put(key);
        assertEquals(1, there.removeIf(any -> true));
        assertFalse(here.replace(key, SessionKeys.of(key.id(), DEADLINE)));
        assertEquals(Optional.empty(), here.get(key.id()));
    }

    @Test
    void theSessionsOfAClientAreFoundWithoutTheOthers() throws IOException
    {
        SessionKey one = key(1);
        SessionKey two = key(1);
        SessionKey other = key(2);
        for (SessionKey key : List.of(one, two, other))
        {
            here.put(key);
        }
        List<StableId> asked = new ArrayList<>();
        assertEquals(1, there.removeIf(key ->
        {
            asked.add(key.id());
            return key.id().equals(one.id());
        }, Set.of(1L)));
        assertEquals(Set.of(one.id(), two.id()), Set.copyOf(asked));
        assertEquals(Optional.empty(), here.get(one.id()));
        assertSame(two, here.get(two.id()));
        assertEquals(2, here.size());
    }

    @Test
    void aSessionIsFoundByItsOwnNumber() throws IOException
    {
        SessionKey key = key(1);
        here.put(key);
        here.put(key(1));
        assertEquals(1, there.removeIf(any -> true, Set.of(key.id().number())));
        assertEquals(1, here.size());
    }

    @Test
    void manyAreLookedThrough() throws IOException
    {
        for (int i = 0; i < 1_500; i++)
        {
            here.put(key(i % 3));
        }
        assertEquals(1_500, there.size());
        assertEquals(500, there.removeIf(key -> key.clientIdentity() == 2));
        assertEquals(1_000, there.size());
        assertEquals(500, there.removeIf(any -> true, Set.of(1L)));
        assertEquals(500, there.removeIf(any -> true));
    }

    @Test
    void sessionsThatHaveEndedLeaveTheIndex() throws IOException
    {
        for (int i = 0; i < 10; i++)
        {
            here.put(key(5));
        }
        clock.set(DEADLINE);
        for (int i = 0; i < 10; i++)
        {
            here.put(SessionKeys.of(StableId.random(), DEADLINE.plusSeconds(60), 5, ""));
        }
        assertEquals(10, here.size());
        assertEquals(10, here.removeIf(any -> true, Set.of(5L)));
    }

    @Test
    void withoutATicketKeyASessionIsNotTaken()
    {
        SessionKeyStore store = opened.get(0).sessionKeyStore(TicketKeyRing::empty, clock);
        assertThrows(IOException.class, () -> store.put(key()));
    }

    @ParameterizedTest
    @EnumSource(value = FaultProxy.Fault.class, names = "NONE", mode = EnumSource.Mode.EXCLUDE)
    void faultsCostATimeoutAndThenNothing(FaultProxy.Fault fault) throws Exception
    {
        try (FaultProxy proxy = new FaultProxy(redis.port()))
        {
            SessionKeyStore store = store("redis://127.0.0.1:" + proxy.port(), 50);
            SessionKey key = key();
            here.put(key);
            proxy.fault(fault);
            long start = System.nanoTime();
            for (int i = 0; i < 1_000; i++)
            {
                assertThrows(IOException.class, () -> store.get(key.id()));
            }
            long millis = Duration.ofNanos(System.nanoTime() - start).toMillis();
            // Three take 50 ms each, and the others nothing; 1000 would take 50 s.
            assertTrue(millis < 25_000, "took " + millis + " ms");
            proxy.fault(FaultProxy.Fault.NONE);
            long back = System.nanoTime();
            assertTrue(Await.within(Duration.ofSeconds(5), () -> answers(store, key)));
            System.out.printf("%s: 1000 questions failed in %d ms; answered again after %d ms%n", fault, millis,
                Duration.ofNanos(System.nanoTime() - back).toMillis());
        }
    }

    private static boolean answers(SessionKeyStore store, SessionKey key)
    {
        try
        {
            return store.get(key.id()).isPresent();
        }
        catch (IOException e)
        {
            return false;
        }
    }

    @Test
    void oneSlowAnswerCostsNoConnection() throws Exception
    {
        try (FaultProxy proxy = new FaultProxy(redis.port()))
        {
            SessionKeyStore store = store("redis://127.0.0.1:" + proxy.port(), 50);
            assertTrue(Await.within(Duration.ofSeconds(5), () -> answers(store)));
            int made = proxy.connections();
            proxy.late(Duration.ofMillis(200));
            proxy.fault(FaultProxy.Fault.SLOW);
            assertThrows(IOException.class, () -> store.get(StableId.random()));
            proxy.fault(FaultProxy.Fault.NONE);
            assertTrue(Await.within(Duration.ofMillis(500), () -> proxy.answers() == proxy.questions()));
            assertTrue(Await.within(Duration.ofSeconds(5), () -> answers(store)));
            assertEquals(made, proxy.connections());
        }
    }

    private static boolean answers(SessionKeyStore store)
    {
        try
        {
            return store.get(StableId.random()).isEmpty();
        }
        catch (IOException e)
        {
            return false;
        }
    }

    @Test
    void aFullRedisTakesNoSession()
    {
        try (RedisServer full = RedisServer.start("--maxmemory", "1mb", "--maxmemory-policy", "noeviction"))
        {
            SessionKeyStore store = store(full.uri());
            IOException refused = assertThrows(IOException.class, () ->
            {
                for (int i = 0; i < 100_000; i++)
                {
                    store.put(key());
                }
            });
            assertTrue(refused.getMessage().contains("OOM"), refused.getMessage());
            for (int i = 0; i < 5; i++)
            {
                assertTrue(assertThrows(IOException.class, () -> store.put(key())).getMessage().contains("OOM"));
            }
            assertTrue(answers(store), "it answers all the same");
        }
    }

    @Test
    void afterItWasWarmedAFirstBurstNeedsNoNewConnection() throws Exception
    {
        try (FaultProxy proxy = new FaultProxy(redis.port()))
        {
            SessionKeyStore store = store("redis://127.0.0.1:" + proxy.port(), 5_000);
            store.warm();
            int made = proxy.connections();
            SessionKey key = key();
            store.put(key);
            assertSame(key, store.get(key.id()));
            assertEquals(made, proxy.connections());
            assertTrue(made >= 8, "for a burst there are " + made);
        }
    }

    @Test
    void toWarmItLeavesNothingInRedis() throws IOException
    {
        here.warm();
        assertEquals(0, here.size());
        assertEquals(List.of(), redis.tell(Command.KEYS, "test" + count + ":*"));
        assertTrue(String.valueOf(RedisClient.text(redis.tell(Command.INFO, "commandstats"))).contains("cmdstat_eval"), "no script ran");
    }

    @Test
    void connectionsThatRedisHasEndedCostNoHandshake() throws IOException
    {
        SessionKey key = key();
        for (int i = 0; i < 3; i++)
        {
            here.warm();
            redis.tell(Command.CLIENT, "KILL", "TYPE", "normal");
            here.put(key);
            redis.tell(Command.CLIENT, "KILL", "TYPE", "normal");
            assertSame(key, here.get(key.id()));
        }
    }

    @Test
    void noHandshakeWaitsForTheEndOfAPauseOrMeetsDeadConnections() throws Exception
    {
        try (FaultProxy proxy = new FaultProxy(redis.port()))
        {
            SessionKeyStore store = store("redis://127.0.0.1:" + proxy.port(), 5_000);
            SessionKey key = key();
            store.put(key);
            store.warm();
            proxy.fault(FaultProxy.Fault.REFUSED);
            for (int i = 0; i < Circuit.FAILURES; i++)
            {
                assertThrows(IOException.class, () -> store.get(key.id()));
            }
            assertThrows(IOException.class, store::warm);
            proxy.fault(FaultProxy.Fault.NONE);
            store.warm();
            int made = proxy.connections();
            assertSame(key, store.get(key.id()));
            assertEquals(made, proxy.connections());
        }
    }

    @Test
    void aRedisThatIsTooSlowForHandshakesIsNotWarm() throws Exception
    {
        try (FaultProxy proxy = new FaultProxy(redis.port()))
        {
            SessionKeyStore store = store("redis://127.0.0.1:" + proxy.port(), 50);
            proxy.late(Duration.ofMillis(200));
            proxy.fault(FaultProxy.Fault.SLOW);
            assertThrows(IOException.class, store::warm);
        }
    }

    @Test
    void whatIsDoneTwiceForOneQuestionSucceedsOnce() throws IOException
    {
        SessionKey key = key();
        here.put(key);
        SessionKey again = there.get(key.id()).orElseThrow();
        SessionKey other = there.get(key.id()).orElseThrow();
        assertTrue(here.reserve(key, 7));
        assertTrue(there.reserve(again, 7), "an answer was lost");
        SessionKey next = SessionKeys.of(key.id(), DEADLINE);
        assertTrue(here.commit(key, next, 7));
        assertTrue(there.commit(again, next, 7), "an answer was lost");
        assertFalse(there.commit(other, SessionKeys.of(key.id(), DEADLINE), 8));
        SessionKey known = there.get(key.id()).orElseThrow();
        SessionKey last = SessionKeys.of(key.id(), DEADLINE);
        assertTrue(here.replace(next, last));
        assertTrue(there.replace(known, last), "an answer was lost");
        assertFalse(there.replace(other, SessionKeys.of(key.id(), DEADLINE)));
        assertSame(last, here.get(key.id()));
    }
}
