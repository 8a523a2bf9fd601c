package io.github.tlsresumption.resumption;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;

import io.github.tlsresumption.FakeClock;
import io.github.tlsresumption.engine.TlsSession;
import io.github.tlsresumption.forget.ForgetList;
import io.github.tlsresumption.forget.ForgetLog;
import io.github.tlsresumption.forget.ForgetLogEntry;
import io.github.tlsresumption.forget.SharedForgetLog;
import io.github.tlsresumption.policy.ClientIdentities;
import io.github.tlsresumption.sessions.SessionKey;
import io.github.tlsresumption.sessions.SessionKeyStore;
import io.github.tlsresumption.ticket.StableId;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class ForgettingTest
{
    private static final Instant START = Instant.parse("2026-11-24T10:00:00Z");
    private static final Duration CLOCK_SKEW = Duration.ofMinutes(2);
    private static final String CLIENT = "192.0.2.1";

    private final FakeClock clock = new FakeClock(START);
    private final List<ForgetLogEntry> entries = new ArrayList<>();
    private final SharedForgetLog log = new SharedForgetLog(entries);
    private final RecordingStore store = new RecordingStore();
    private final Queue<Runnable> toErase = new ArrayDeque<>();
    private final ClientIdentities identities = new ClientIdentities(() -> new byte[32], 32, 64);
    private final Forgetting forgetting = forgetting(log);

    private Forgetting forgetting(ForgetLog from)
    {
        ForgetList list = new ForgetList(from, Duration.ofHours(1), 100, 100, clock);
        return new Forgetting(list, identities, store, clock, CLOCK_SKEW, Runnable::run, toErase::add);
    }

    private boolean isForgotten(Forgetting of, Instant established)
    {
        return of.isForgotten(StableId.random(), established, identities.parse(CLIENT), 0, "");
    }

    private void erase()
    {
        while (!toErase.isEmpty())
        {
            toErase.remove().run();
        }
    }

    @Test
    void aSharedLogReachesTheSessionsOfANodeWhoseClockIsAhead() throws Exception
    {
        forgetting.forgetClient(CLIENT);

        assertTrue(isForgotten(forgetting, START.plus(CLOCK_SKEW)));
        assertFalse(isForgotten(forgetting, START.plus(CLOCK_SKEW).plusMillis(1)));
        assertEquals(START.plus(CLOCK_SKEW), entries.get(0).reach());
    }

    @Test
    void aLogOfOneNodeReachesTheSessionsUntilNow() throws Exception
    {
        Forgetting alone = forgetting(ForgetLog.none());

        alone.forgetClient(CLIENT);

        assertTrue(isForgotten(alone, START));
        assertFalse(isForgotten(alone, START.plusMillis(1)));
    }

    @Test
    void withTheTicketKeysAllTheirSessionsAreForgottenThoughTheClockWasSetBack() throws Exception
    {
        forgetting.established(START.plusSeconds(5));

        forgetting.forgetDropped();

        assertTrue(isForgotten(forgetting, START));
        assertTrue(isForgotten(forgetting, START.plusSeconds(5)));
        assertFalse(isForgotten(forgetting, START.plusSeconds(5).plusMillis(1)));
    }

    @Test
    void aSessionThatIsNotResumedIsBoundOnlyWhereItsConnectionsEnd() throws Exception
    {
        TlsSession first = TlsSession.off(false, "TLSv1.3", START, START.plusSeconds(60), 0, "");
        TlsSession second = TlsSession.off(false, "TLSv1.3", START, START.plusSeconds(60), 0, "");

        forgetting.bind(first, "alice");
        forgetting.bindAll();
        forgetting.bind(second, "alice");
        forgetting.forgetPrincipal("alice");

        assertFalse(forgetting.isForgotten(first));
        assertTrue(forgetting.isForgotten(second));
    }

    @Test
    void aSessionThatIsNotResumedIsForgottenWithItsClientAndItsRule() throws Exception
    {
        TlsSession session = TlsSession.off(false, "TLSv1.3", START, START.plusSeconds(60), identities.parse(CLIENT), "rule");
        TlsSession other = TlsSession.off(false, "TLSv1.3", START, START.plusSeconds(60), 0, "rule");

        forgetting.forgetClient(CLIENT);
        assertTrue(forgetting.isForgotten(session));
        assertFalse(forgetting.isForgotten(other));
        forgetting.forgetRule("rule");
        assertTrue(forgetting.isForgotten(other));
    }

    @Test
    void onlyTheKeysOfWhoeverWasForgottenAreLookedAt() throws Exception
    {
        forgetting.forgetClient(CLIENT);
        StableId session = StableId.random();
        forgetting.forgetSession(session);
        erase();

        assertEquals(List.of(Set.of(identities.parse(CLIENT), session.number())), store.asked);
    }

    @Test
    void ofARuleOrAPrincipalOrEveryoneAllKeysAreLookedAt() throws Exception
    {
        forgetting.forgetRule("rule");
        erase();
        forgetting.forgetPrincipal("somebody");
        erase();
        forgetting.forgetEveryone();
        erase();

        assertEquals(List.of(Set.of(), Set.of(), Set.of()), store.asked);
    }

    @Test
    void whatOtherNodesForgetTheyHaveErasedThemselves() throws Exception
    {
        entries.add(new ForgetLogEntry.Forget(identities.parse(CLIENT), START));

        forgetting.poll();
        erase();

        assertTrue(isForgotten(forgetting, START));
        assertEquals(List.of(), store.asked);
    }

    @Test
    void keysThatCouldNotBeErasedAreTriedAgainWithThePolls() throws Exception
    {
        store.down = true;
        forgetting.forgetClient(CLIENT);
        erase();
        forgetting.poll();
        erase();
        store.down = false;
        assertEquals(2, store.asked.size());

        forgetting.poll();
        erase();
        forgetting.poll();
        erase();

        Set<Long> whose = Set.of(identities.parse(CLIENT));
        assertEquals(List.of(whose, whose, whose), store.asked);
    }

    @Test
    void everybodysKeysAreTriedAgainToo() throws Exception
    {
        store.down = true;
        forgetting.forgetEveryone();
        erase();
        store.down = false;

        forgetting.poll();
        erase();

        assertEquals(List.of(Set.of(), Set.of()), store.asked);
    }

    @Test
    void listenersDoNotWaitForTheErasing() throws Exception
    {
        AtomicInteger told = new AtomicInteger();
        forgetting.addListener(told::incrementAndGet);

        forgetting.forgetClient(CLIENT);

        assertEquals(1, told.get());
        assertEquals(List.of(), store.asked);
    }

    @Test
    void anotherNodesForgettingIsToldOnce() throws Exception
    {
        AtomicInteger told = new AtomicInteger();
        forgetting.addListener(told::incrementAndGet);
        entries.add(new ForgetLogEntry.Forget(identities.parse(CLIENT), START));

        forgetting.poll();
        forgetting.poll();

        assertEquals(1, told.get());
    }

    @Test
    void whatTheLogDoesNotTakeIsForgottenHereAllTheSame()
    {
        log.setDown(true);

        assertThrows(IOException.class, () -> forgetting.forgetClient(CLIENT));

        assertTrue(isForgotten(forgetting, START));
    }

    /**
     * A store of all nodes that remembers whose keys it was to erase; nobody's in particular is an empty set.
     */
    private static final class RecordingStore implements SessionKeyStore
    {
        private final List<Set<Long>> asked = new ArrayList<>();
        private boolean down;

        @Override
        public void put(SessionKey key)
        {
            throw new UnsupportedOperationException();
        }

        @Override
        public boolean replace(SessionKey key, SessionKey next)
        {
            throw new UnsupportedOperationException();
        }

        @Override
        public Optional<SessionKey> get(StableId id)
        {
            return Optional.empty();
        }

        @Override
        public long removeIf(Predicate<SessionKey> forgotten) throws IOException
        {
            return removeIf(forgotten, Set.of());
        }

        @Override
        public long removeIf(Predicate<SessionKey> forgotten, Set<Long> subjects) throws IOException
        {
            asked.add(Set.copyOf(subjects));
            if (down)
            {
                throw new IOException("down");
            }
            return 0;
        }

        @Override
        public boolean shared()
        {
            return true;
        }

        @Override
        public long size()
        {
            return 0;
        }

        @Override
        public void close()
        {
            asked.clear();
        }
    }
}
