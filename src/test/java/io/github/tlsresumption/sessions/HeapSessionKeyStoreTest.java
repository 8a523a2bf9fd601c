package io.github.tlsresumption.sessions;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

import io.github.tlsresumption.FakeClock;
import io.github.tlsresumption.ticket.StableId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class HeapSessionKeyStoreTest
{
    private static final Instant START = Instant.parse("2026-11-23T10:00:00Z");
    private static final Instant DEADLINE = START.plus(Duration.ofHours(1));

    private final FakeClock clock = new FakeClock(START);
    private final HeapSessionKeyStore store = new HeapSessionKeyStore(100, clock);
    private final StableId id = StableId.random();
    private final SessionKey key = SessionKeys.of(id, DEADLINE);

    @Test
    void givesBackTheKeyOfASession()
    {
        store.put(key);
        assertSame(key, store.get(id).orElseThrow());
        assertEquals(1, store.size());
        assertEquals(Optional.empty(), store.get(StableId.random()));
    }

    @Test
    void aKeyIsGoneAndDestroyedAtItsDeadlineToTheMillisecond()
    {
        store.put(key);
        clock.set(DEADLINE.minusMillis(1));
        assertTrue(store.get(id).isPresent());
        assertFalse(key.cipher().isDestroyed());
        clock.set(DEADLINE);
        assertEquals(Optional.empty(), store.get(id));
        assertTrue(key.cipher().isDestroyed());
        clock.set(START);
        assertEquals(Optional.empty(), store.get(id), "it does not come back with the clock");
    }

    @Test
    void aKeyWhoseDeadlineHasPassedIsNotKept()
    {
        clock.set(DEADLINE.plusMillis(1));
        store.put(key);
        assertEquals(Optional.empty(), store.get(id));
    }

    private static SessionKey of(long client)
    {
        return SessionKeys.of(StableId.random(), DEADLINE, client, "");
    }

    private static long there(HeapSessionKeyStore sessions, List<StableId> ids)
    {
        return ids.stream().filter(one -> sessions.get(one).isPresent()).count();
    }

    private static List<StableId> hundredClients(HeapSessionKeyStore sessions)
    {
        List<StableId> ids = new ArrayList<>();
        for (int client = 1; client <= 100; client++)
        {
            SessionKey one = of(client);
            ids.add(one.id());
            sessions.put(one);
        }
        return ids;
    }

    /**
     * Sessions are made at no cost but a handshake's. Without care, whoever makes as many as there is room for keeps everybody else
     * out: of the clients that come then one per cent stay.
     */
    @ParameterizedTest
    @ValueSource(ints = {1_000, 10_000})
    void whoeverFloodsTheCacheLosesItsOwnSessions(int room)
    {
        HeapSessionKeyStore sessions = new HeapSessionKeyStore(room, clock);
        long flooder = 4_000;
        List<StableId> before = hundredClients(sessions);
        for (int i = 0; i < 3 * room; i++)
        {
            sessions.put(of(flooder));
        }
        List<StableId> after = hundredClients(sessions);
        for (int i = 0; i < 3 * room; i++)
        {
            sessions.put(of(flooder));
        }
        assertEquals(100, there(sessions, before));
        assertEquals(100, there(sessions, after));
        SessionKey last = of(flooder);
        sessions.put(last);
        assertTrue(sessions.get(last.id()).isPresent(), "the flooder's newest is there too");
        assertTrue(sessions.size() <= room, () -> sessions.size() + " sessions");
    }

    @Test
    void aFloodByManyAddressesCostsTheLargestOfThem()
    {
        int room = 10_000;
        HeapSessionKeyStore sessions = new HeapSessionKeyStore(room, clock);
        List<StableId> before = hundredClients(sessions);
        for (int i = 0; i < 3 * room; i++)
        {
            sessions.put(of(3_000 + i % 50));
        }
        List<StableId> after = hundredClients(sessions);
        for (int i = 0; i < 3 * room; i++)
        {
            sessions.put(of(3_000 + i % 50));
        }
        assertEquals(100, there(sessions, before));
        assertEquals(100, there(sessions, after));
    }

    /**
     * As behind a balancer that does not tell addresses.
     */
    @Test
    void whereAllClientsLookAlikeTheNewestSessionsStay()
    {
        HeapSessionKeyStore sessions = new HeapSessionKeyStore(1_000, clock);
        List<StableId> ids = new ArrayList<>();
        for (int i = 0; i < 5_000; i++)
        {
            SessionKey one = of(0);
            ids.add(one.id());
            sessions.put(one);
        }
        assertTrue(there(sessions, ids.subList(4_100, 5_000)) > 800, () -> there(sessions, ids.subList(4_100, 5_000)) + " of 900");
        assertTrue(there(sessions, ids) <= 1_000);
    }

    @Test
    void clientsWithFewSessionsAreNotPreferredToOthers()
    {
        int room = 1_000;
        HeapSessionKeyStore sessions = new HeapSessionKeyStore(room, clock);
        for (int i = 0; i < 3 * room; i++)
        {
            sessions.put(of(i));
        }
        assertTrue(sessions.size() <= room + 1, () -> sessions.size() + " sessions");
        assertTrue(sessions.size() > room * 9 / 10, () -> sessions.size() + " sessions");
    }

    @Test
    void aKeyIsHeldForOneHandshakeUntilItIsReleasedOrTheTimeIsOver()
    {
        store.put(key);
        assertTrue(store.reserve(key, 1));
        assertFalse(store.reserve(key, 2));
        store.release(key, 2);
        assertFalse(store.reserve(key, 2), "another's release does not matter");
        store.release(key, 1);
        assertTrue(store.reserve(key, 2));
        clock.advance(SessionKeyStore.RESERVATION.minusMillis(1));
        assertFalse(store.reserve(key, 3));
        clock.advance(Duration.ofMillis(1));
        assertTrue(store.reserve(key, 3));
        clock.advance(Duration.ofHours(-2));
        assertTrue(store.reserve(key, 4), "a clock that is set back ends it");
    }

    @Test
    void whoHoldsAKeyCommitsAndAnotherDoesNot()
    {
        store.put(key);
        SessionKey next = SessionKeys.of(id, DEADLINE);
        SessionKey other = SessionKeys.of(id, DEADLINE);
        assertTrue(store.reserve(key, 1));
        assertFalse(store.commit(key, other, 2));
        assertTrue(store.commit(key, next, 1));
        assertTrue(key.cipher().isDestroyed());
        assertSame(next, store.get(id).orElseThrow());
        assertFalse(store.reserve(key, 3), "it was replaced");
        assertFalse(store.commit(key, other, 1));
        assertTrue(store.reserve(next, 3));
    }

    @Test
    void aReservationThatIsOverIsGoodUntilAnotherIsMade()
    {
        store.put(key);
        assertTrue(store.reserve(key, 1));
        clock.advance(Duration.ofMinutes(1));
        assertTrue(store.commit(key, SessionKeys.of(id, DEADLINE), 1));
        SessionKey second = store.get(id).orElseThrow();
        assertTrue(store.reserve(second, 2));
        clock.advance(Duration.ofMinutes(1));
        assertTrue(store.reserve(second, 3));
        assertFalse(store.commit(second, SessionKeys.of(id, DEADLINE), 2));
    }

    @Test
    void forgottenSessionsLoseTheirKeysAndOthersDoNot()
    {
        SessionKey mine = SessionKeys.of(StableId.random(), DEADLINE, 1, "gold");
        SessionKey hers = SessionKeys.of(StableId.random(), DEADLINE, 2, "gold");
        store.put(mine);
        store.put(hers);
        assertEquals(1, store.removeIf(candidate -> candidate.clientIdentity() == 1 && "gold".equals(candidate.rule())
            && candidate.established().equals(START)));
        assertTrue(mine.cipher().isDestroyed());
        assertEquals(Optional.empty(), store.get(mine.id()));
        assertSame(hers, store.get(hers.id()).orElseThrow());
        assertEquals(0, store.removeIf(candidate -> candidate.clientIdentity() == 1));
    }

    @Test
    void aKeyIsReplacedOnceAndTheOldOneDestroyed()
    {
        SessionKey next = SessionKeys.of(id, DEADLINE);
        SessionKey late = SessionKeys.of(id, DEADLINE);
        store.put(key);
        assertTrue(store.replace(key, next));
        assertTrue(key.cipher().isDestroyed());
        assertFalse(store.replace(key, late));
        assertSame(next, store.get(id).orElseThrow());
        assertFalse(next.cipher().isDestroyed());
        clock.set(DEADLINE);
        assertEquals(Optional.empty(), store.get(id), "the deadline is that of the session");
        assertFalse(store.replace(next, late), "what is gone does not come back");
        assertEquals(Optional.empty(), store.get(id));
    }

    @Test
    void ofManyWhoReplaceAKeyAtOnceOneSucceeds() throws Exception
    {
        store.put(key);
        List<Callable<Boolean>> attempts = new ArrayList<>();
        for (int i = 0; i < 16; i++)
        {
            attempts.add(() -> store.replace(key, SessionKeys.of(id, DEADLINE)));
        }
        ExecutorService threads = Executors.newFixedThreadPool(8);
        int succeeded = 0;
        for (Future<Boolean> attempt : threads.invokeAll(attempts))
        {
            succeeded += attempt.get() ? 1 : 0;
        }
        threads.shutdown();
        assertEquals(1, succeeded);
    }

    @Test
    void aKeyPutAgainReplacesTheOldOne()
    {
        SessionKey next = SessionKeys.of(id, DEADLINE);
        store.put(key);
        store.put(next);
        assertSame(next, store.get(id).orElseThrow());
        assertTrue(key.cipher().isDestroyed());
        assertFalse(next.cipher().isDestroyed());
    }

    @Test
    void beyondTheBoundSessionsLoseTheirKeysWhichAreDestroyed()
    {
        List<SessionKey> keys = new ArrayList<>();
        List<StableId> ids = new ArrayList<>();
        for (int i = 0; i < 1000; i++)
        {
            ids.add(StableId.random());
            keys.add(SessionKeys.of(ids.get(i), DEADLINE));
            store.put(keys.get(i));
        }
        assertTrue(store.size() <= 100, () -> "there are " + store.size());
        int live = 0;
        for (int i = 0; i < keys.size(); i++)
        {
            boolean there = store.get(ids.get(i)).isPresent();
            assertEquals(there, !keys.get(i).cipher().isDestroyed(), "whoever is out is destroyed, and nobody else");
            live += there ? 1 : 0;
        }
        assertTrue(live > 0 && live <= 100);
    }

    private long gold()
    {
        return store.size("gold").orElseThrow();
    }

    @Test
    void sessionsAreCountedByRuleThroughAllThatBefallsThem()
    {
        SessionKey gold = SessionKeys.of(id, DEADLINE, 1, "gold");
        SessionKey next = SessionKeys.of(id, DEADLINE, 1, "gold");
        store.put(gold);
        store.put(SessionKeys.of(StableId.random(), DEADLINE, 2, "gold"));
        store.put(SessionKeys.of(StableId.random(), DEADLINE));
        assertEquals(2, gold());
        assertEquals(1, store.size("").orElseThrow());
        assertEquals(0, store.size("silver").orElseThrow());
        assertTrue(store.replace(gold, next));
        assertFalse(store.replace(gold, SessionKeys.of(id, DEADLINE, 1, "gold")));
        assertEquals(2, gold());
        store.put(SessionKeys.of(id, DEADLINE, 1, "silver"));
        assertEquals(1, gold());
        assertEquals(1, store.size("silver").orElseThrow());
        store.removeIf(candidate -> candidate.clientIdentity() == 2);
        assertEquals(0, gold());
        clock.set(DEADLINE);
        store.get(id);
        assertEquals(0, store.size("silver").orElseThrow());
        store.close();
        assertEquals(0, store.size("").orElseThrow());
    }

    @Test
    void evictedSessionsAreCountedNoMore()
    {
        for (int i = 0; i < 1000; i++)
        {
            store.put(SessionKeys.of(StableId.random(), DEADLINE, i, i % 2 == 0 ? "gold" : "silver"));
        }
        assertEquals(store.size(), gold() + store.size("silver").orElseThrow());
    }

    @Test
    void closingDestroysEveryKey()
    {
        store.put(key);
        store.close();
        assertTrue(key.cipher().isDestroyed());
        assertEquals(0, store.size());
        assertEquals(Optional.empty(), store.get(id));
        store.close();
    }

    @ParameterizedTest
    @ValueSource(longs = {0, -1, Long.MIN_VALUE})
    void aBoundBelowOneIsRefusedByTheNameOfItsSetting(long bound)
    {
        String message = assertThrows(IllegalArgumentException.class, () -> new HeapSessionKeyStore(bound, clock)).getMessage();
        assertTrue(message.contains("jetty.tlsResumption.maxCachedSessions is " + bound + ": set at least 1"), message);
    }

    @Test
    void aSessionKeyShowsItsDeadlineAndNothingOfTheSecret()
    {
        assertEquals(DEADLINE, key.deadline());
        assertEquals("SessionKey[deadline=" + DEADLINE + "]", key.toString());
    }
}
