package io.github.tlsresumption.sessions;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

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
    private final SessionKey key = SessionKey.generate(DEADLINE);

    @Test
    void givesBackTheKeyOfASession()
    {
        store.put(id, key);
        assertSame(key, store.get(id).orElseThrow());
        assertEquals(1, store.size());
        assertEquals(Optional.empty(), store.get(StableId.random()));
    }

    @Test
    void aKeyIsGoneAndDestroyedAtItsDeadlineToTheMillisecond()
    {
        store.put(id, key);
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
        store.put(id, key);
        assertEquals(Optional.empty(), store.get(id));
    }

    @Test
    void aRemovedKeyIsDestroyedAndRemovedOnce()
    {
        store.put(id, key);
        assertTrue(store.remove(id));
        assertTrue(key.cipher().isDestroyed());
        assertFalse(store.remove(id));
        assertEquals(Optional.empty(), store.get(id));
        assertEquals(0, store.size());
    }

    @Test
    void aReplacedKeyIsDestroyed()
    {
        SessionKey next = SessionKey.generate(DEADLINE);
        store.put(id, key);
        store.put(id, next);
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
            keys.add(SessionKey.generate(DEADLINE));
            store.put(ids.get(i), keys.get(i));
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

    @Test
    void closingDestroysEveryKey()
    {
        store.put(id, key);
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
