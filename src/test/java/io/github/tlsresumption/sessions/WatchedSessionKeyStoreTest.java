package io.github.tlsresumption.sessions;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

import io.github.tlsresumption.CaughtLog;
import io.github.tlsresumption.FakeClock;
import io.github.tlsresumption.ticket.StableId;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

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
        private int puts;

        private void ask() throws IOException
        {
            if (down)
            {
                throw new IOException("it is down");
            }
        }

        @Override
        public void put(SessionKey key) throws IOException
        {
            puts++;
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
    void whatFailsAtTheStopIsNoProblem()
    {
        try (CaughtLog log = new CaughtLog())
        {
            failing.down = true;
            Thread.currentThread().interrupt();
            assertThrows(IOException.class, () -> store.get(StableId.random()));
            assertTrue(Thread.interrupted());
            assertEquals(Optional.empty(), store.problem());
            store.close();
            assertThrows(IOException.class, () -> store.get(StableId.random()));
            assertEquals(List.of(), log.warnings());
        }
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
        clock.advance(Duration.ofSeconds(2));
        store.warm();
        assertEquals(Optional.empty(), store.problem());
    }

    /**
     * Each attempt is a line in the log of a database server.
     */
    @Test
    void aStoreThatTakesNothingIsTriedEverMoreRarely() throws IOException
    {
        failing.full = true;
        assertThrows(IOException.class, () -> store.put(SessionKeys.of(StableId.random(), START)));
        failing.puts = 0;
        try (CaughtLog log = new CaughtLog())
        {
            for (int second = 0; second < 60; second++)
            {
                warm();
                clock.advance(Duration.ofSeconds(1));
            }
            // At 0, 2, 6, 14, 29, 44, 59 seconds.
            assertEquals(7, failing.puts);
            assertEquals(List.of(), log.warnings());
        }
        failing.full = false;
        for (int second = 0; second < 15; second++)
        {
            clock.advance(Duration.ofSeconds(1));
            warm();
        }
        assertEquals(Optional.empty(), store.problem());
    }

    private void warm()
    {
        try
        {
            store.warm();
        }
        catch (IOException e)
        {
            assertEquals("it is full", e.getMessage());
        }
    }
}
