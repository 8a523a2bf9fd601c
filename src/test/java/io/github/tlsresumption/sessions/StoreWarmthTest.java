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

import io.github.tlsresumption.CaughtLog;
import io.github.tlsresumption.ticket.StableId;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

class StoreWarmthTest
{
    private static final long PATIENCE_SECONDS = 20;

    @Test
    void theStartWaitsForIt()
    {
        Warmed store = new Warmed(List.of());
        try (StoreWarmth warmth = new StoreWarmth(store, Duration.ofHours(1)))
        {
            warmth.need(this, Duration.ofSeconds(PATIENCE_SECONDS));
            assertEquals(1, store.warmed());
        }
    }

    @Test
    void whateverFailsItGoesOnAndSoDoesTheStart() throws Exception
    {
        Warmed store = new Warmed(List.of(new IOException("down"), new IllegalStateException("odd"), new LinkageError("odd")));
        try (StoreWarmth warmth = new StoreWarmth(store, Duration.ofMillis(1)))
        {
            warmth.need(this, Duration.ofSeconds(PATIENCE_SECONDS));
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
        try (StoreWarmth warmth = new StoreWarmth(store))
        {
            warmth.need(this, Duration.ofMillis(1));
            assertEquals(1, end.getCount());
        }
    }

    @Test
    void aStoreThatNobodyNeedsIsLeftAlone() throws Exception
    {
        Warmed store = new Warmed(List.of());
        StoreWarmth warmth = new StoreWarmth(store, Duration.ofHours(1));
        assertFalse(warmth.isNeeded());
        warmth.need("one", Duration.ofSeconds(PATIENCE_SECONDS));
        warmth.need("two", Duration.ofSeconds(PATIENCE_SECONDS));
        warmth.release("one");
        assertTrue(warmth.isNeeded());
        warmth.release("two");
        assertFalse(warmth.isNeeded());
        assertEquals(1, store.warmed());
        warmth.need("two", Duration.ofSeconds(PATIENCE_SECONDS));
        assertEquals(2, store.warmed());
        warmth.close();
        warmth.need("three", Duration.ofSeconds(PATIENCE_SECONDS));
        assertFalse(warmth.isNeeded());
        assertEquals(2, store.warmed());
    }

    @Test
    void whyItIsNotWarmIsKnown()
    {
        LinkageError unfit = new LinkageError("odd");
        try (StoreWarmth warmth = new StoreWarmth(new Warmed(List.of(unfit)), Duration.ofHours(1)))
        {
            warmth.need(this, Duration.ofSeconds(PATIENCE_SECONDS));
            assertEquals(Optional.of(unfit), warmth.failure());
        }
    }

    /**
     * Both ways in which what is under way ends at a stop: by an interrupt, and since the store is closed.
     */
    @Test
    void aStopWarnsOfNothing() throws Exception
    {
        try (CaughtLog log = new CaughtLog())
        {
            for (Throwable end : List.of(new IOException("interrupted"), new IllegalStateException("closed")))
            {
                CountDownLatch begun = new CountDownLatch(1);
                CountDownLatch ended = new CountDownLatch(1);
                Warmed hanging = new Warmed(List.of())
                {
                    @Override
                    public void warm() throws IOException
                    {
                        begun.countDown();
                        try
                        {
                            new CountDownLatch(1).await();
                        }
                        catch (InterruptedException e)
                        {
                            // As the stores' clients do.
                            Thread.currentThread().interrupt();
                        }
                        ended.countDown();
                        fail(end);
                    }
                };
                StoreWarmth warmth = new StoreWarmth(new WatchedSessionKeyStore(hanging, Clock.systemUTC()), Duration.ofHours(1));
                warmth.need(this, Duration.ZERO);
                assertTrue(begun.await(PATIENCE_SECONDS, TimeUnit.SECONDS));
                Thread thread = thread();
                warmth.close();
                assertTrue(ended.await(PATIENCE_SECONDS, TimeUnit.SECONDS));
                thread.join(TimeUnit.SECONDS.toMillis(PATIENCE_SECONDS));
            }
            assertEquals(List.of(), log.warnings());
        }
    }

    private static Thread thread()
    {
        return Thread.getAllStackTraces().keySet().stream().filter(thread -> thread.getName().equals("tls-resumption-warmth"))
            .findFirst().orElseThrow();
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
                fail(failures.remove(0));
            }
            succeeded.countDown();
        }

        static void fail(Throwable failure) throws IOException
        {
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
