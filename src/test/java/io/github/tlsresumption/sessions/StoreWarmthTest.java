package io.github.tlsresumption.sessions;

import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

import io.github.tlsresumption.ticket.StableId;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

class StoreWarmthTest
{
    private static final long PATIENCE_SECONDS = 20;

    @Test
    void theStartWaitsForIt()
    {
        Warmed store = new Warmed(List.of());
        StoreWarmth.start(store, Duration.ofSeconds(PATIENCE_SECONDS), Duration.ofHours(1)).close();
        assertEquals(1, store.warmed());
    }

    @Test
    void whateverFailsItGoesOnAndSoDoesTheStart() throws Exception
    {
        Warmed store = new Warmed(List.of(new IOException("down"), new IllegalStateException("odd"), new LinkageError("odd")));
        try (StoreWarmth warmth = StoreWarmth.start(store, Duration.ofSeconds(PATIENCE_SECONDS), Duration.ofMillis(1)))
        {
            assertTrue(store.succeeded.await(PATIENCE_SECONDS, TimeUnit.SECONDS), warmth.toString());
        }
    }

    @Test
    void aStoreThatHangsDoesNotHoldTheStartUp()
    {
        CountDownLatch end = new CountDownLatch(1);
        Warmed store = new Warmed(List.of())
        {
            @Override
            public void warm() throws IOException
            {
                try
                {
                    end.await();
                }
                catch (InterruptedException e)
                {
                    throw new IOException(e);
                }
            }
        };
        StoreWarmth.start(store, Duration.ofMillis(1)).close();
        assertEquals(1, end.getCount());
    }

    @Test
    void aRehearsalDoesAllThatHandshakesDoAndLeavesNothing() throws IOException
    {
        HeapSessionKeyStore heap = new HeapSessionKeyStore(10, Clock.systemUTC());
        Rehearsal.run(heap, Clock.systemUTC().instant());
        assertEquals(0, heap.removeIf(any -> true));
    }

    private static class Warmed implements SessionKeyStore
    {
        private final List<Throwable> failures;
        private final CountDownLatch succeeded = new CountDownLatch(1);
        private int count;

        Warmed(List<Throwable> failures)
        {
            this.failures = new ArrayList<>(failures);
        }

        synchronized int warmed()
        {
            return count;
        }

        @Override
        public synchronized void warm() throws IOException
        {
            count++;
            if (!failures.isEmpty())
            {
                Throwable failure = failures.remove(0);
                if (failure instanceof IOException e)
                {
                    throw e;
                }
                if (failure instanceof RuntimeException e)
                {
                    throw e;
                }
                throw (Error)failure;
            }
            succeeded.countDown();
        }

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
            throw new UnsupportedOperationException();
        }

        @Override
        public long removeIf(Predicate<SessionKey> forgotten)
        {
            throw new UnsupportedOperationException();
        }

        @Override
        public long size()
        {
            return 0;
        }

        @Override
        public void close()
        {
            throw new UnsupportedOperationException();
        }
    }
}
