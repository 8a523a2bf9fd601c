package io.github.tlsresumption.sessions;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Predicate;

import io.github.tlsresumption.FakeClock;
import io.github.tlsresumption.ticket.StableId;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

class WatchedSessionKeyStoreTest
{
    private static final Instant START = Instant.parse("2026-11-24T10:00:00Z");

    private final FakeClock clock = new FakeClock(START);
    private final FailingStore failing = new FailingStore();
    private final WatchedSessionKeyStore store = new WatchedSessionKeyStore(failing, clock);

    private static final class FailingStore implements SessionKeyStore
    {
        private boolean down;
        private boolean full;

        private void ask() throws IOException
        {
            if (down)
                throw new IOException("it is down");
        }

        @Override
        public void put(SessionKey key) throws IOException
        {
            ask();
            if (full)
            {
                throw new IOException("it is full");
            }
        }

        @Override
        public boolean replace(SessionKey key, SessionKey next) throws IOException
        {
            ask();
            return true;
        }

        @Override
        public Optional<SessionKey> get(StableId id) throws IOException
        {
            ask();
            return Optional.empty();
        }

        @Override
        public long removeIf(Predicate<SessionKey> forgotten) throws IOException
        {
            ask();
            return 3;
        }

        @Override
        public long size()
        {
            return 7;
        }

        @Override
        public void close()
        {
            down = true;
        }
    }

    @Test
    void beforeTheFirstContactNothingIsKnown()
    {
        assertEquals(Optional.empty(), store.lastContact());
        assertEquals(Optional.empty(), store.problem());
    }

    @Test
    void aFailureIsThrownAndStaysTheProblemUntilTheNextAnswer() throws IOException
    {
        store.get(StableId.random());
        clock.advance(Duration.ofSeconds(1));
        failing.down = true;
        assertThrows(IOException.class, () -> store.removeIf(key -> true));
        assertEquals(Optional.of("it is down"), store.problem());
        assertEquals(Optional.of(START), store.lastContact());
        failing.down = false;
        assertEquals(3, store.removeIf(key -> true));
        assertEquals(Optional.empty(), store.problem());
        assertEquals(Optional.of(START.plusSeconds(1)), store.lastContact());
    }

    @Test
    void aStoreThatTakesNothingIsNotWellBecauseItCanBeRead() throws IOException
    {
        failing.full = true;
        assertThrows(IOException.class, () -> store.put(SessionKeys.of(StableId.random(), START)));
        store.get(StableId.random());
        store.removeIf(key -> true);
        assertEquals(Optional.of("it is full"), store.problem());
        assertThrows(IOException.class, store::warm);
        assertEquals(Optional.of("it is full"), store.problem());
        failing.full = false;
        store.get(StableId.random());
        assertEquals(Optional.of("it is full"), store.problem());
        store.warm();
        assertEquals(Optional.empty(), store.problem());
    }
}
