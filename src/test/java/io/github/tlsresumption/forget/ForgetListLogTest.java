package io.github.tlsresumption.forget;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

import io.github.tlsresumption.forget.ForgetLogEntry.Bind;
import io.github.tlsresumption.forget.ForgetLogEntry.Forget;
import io.github.tlsresumption.forget.ForgetLogEntry.ForgetEveryone;
import io.github.tlsresumption.forget.ForgetLogEntry.ForgetPrincipal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * A list and its log, which may fail, be slow, or be held by somebody else.
 */
class ForgetListLogTest extends ForgetListFixture
{
    @Test
    void othersLearnAtTheirNextPoll() throws Exception
    {
        ForgetList other = list(log.another());
        list.forget(CLIENT, START);
        list.bind(SESSION, START, PRINCIPAL);
        list.forgetPrincipal(PRINCIPAL, START);
        assertFalse(other.isForgotten(OTHER, START, CLIENT));
        other.poll();

        assertTrue(other.isForgotten(OTHER, START, CLIENT));
        assertTrue(other.isForgotten(SESSION, START));
        assertEquals(Optional.empty(), other.problem());
    }

    @Test
    void aListThatStartsKnowsAllThatIsInTheLog() throws Exception
    {
        list.forget(CLIENT, START);

        assertTrue(list(log.another()).isForgotten(SESSION, START, CLIENT));
    }

    @Test
    void whatTheLogDoesNotTakeIsInEffectHereAndTriedAgain() throws Exception
    {
        ForgetList other = list(log.another());
        log.fail(new IOException("disk full"));
        IOException told = assertThrows(IOException.class, () -> list.forget(CLIENT, START));
        assertTrue(told.getMessage().contains("disk full") && told.getMessage().contains("others have not been told"), told::getMessage);
        assertTrue(list.isForgotten(SESSION, START, CLIENT));
        assertThrows(IOException.class, () -> list.bind(SESSION, START, PRINCIPAL));
        assertThrows(IOException.class, () -> list.forgetPrincipal(PRINCIPAL, START));
        assertThrows(IOException.class, () -> list.forgetEveryone(START.minusSeconds(9)));
        assertEquals(1, log.appends(), "a log that has just failed is not waited for");
        list.poll();
        assertTrue(list.problem().orElseThrow().contains("disk full"));
        assertTrue(list.problem().orElseThrow().contains("4 entries"), list.problem()::toString);

        log.work();
        list.poll();
        other.poll();

        assertEquals(Optional.empty(), list.problem());
        assertEquals(List.of(new Forget(CLIENT, START), new Bind(SESSION, START, PRINCIPAL, START), new ForgetPrincipal(PRINCIPAL, START),
            new ForgetEveryone(START.minusSeconds(9))), log.entries());
        assertTrue(other.isForgotten(SESSION, START));
        assertDoesNotThrow(() -> list.forget(OTHER, START));
    }

    @Test
    void moreThanCanWaitToBeToldBecomeEveryoneAsOld()
    {
        ForgetList small = new ForgetList(log, LONGEST, 3, 100, clock);
        log.fail(new IOException("down"));
        assertThrows(IOException.class, () -> small.forget(1, START.plusMillis(1)));
        assertThrows(IOException.class, () -> small.bind(2, START.plusMillis(5), PRINCIPAL));
        assertThrows(IOException.class, () -> small.forget(3, START.plusMillis(4)));
        assertThrows(IOException.class, () -> small.forgetPrincipal(4, START.plusMillis(2)));
        log.work();
        small.poll();

        assertEquals(List.of(new ForgetEveryone(START.plusMillis(5))), log.entries());
    }

    @Test
    void whoCannotReadTheLogForgetsEveryoneBeforeTheStartUntilItIsRead() throws Exception
    {
        list.forget(CLIENT, START.minusSeconds(1));
        FakeForgetLog unreadable = log.another();
        unreadable.fail(new IOException("no such host"));

        ForgetList other = list(unreadable);

        assertEquals(Optional.of("no such host"), other.problem());
        Instant margin = START.plus(Duration.ofMinutes(2));
        assertEquals(Optional.of(margin), other.everyoneBefore());
        assertTrue(other.isForgotten(OTHER, margin));
        assertFalse(other.isForgotten(OTHER, margin.plusMillis(1)));
        clock.advance(Duration.ofDays(1));
        other.poll();
        assertTrue(other.isForgotten(OTHER, clock.instant()), "the clock was behind at the start");
        clock.advance(Duration.ofDays(-1));
        unreadable.work();
        other.poll();
        assertEquals(Optional.empty(), other.problem());
        assertFalse(other.isForgotten(OTHER, START));
        assertTrue(other.isForgotten(CLIENT, START.minusSeconds(1)));
        assertEquals(Optional.empty(), other.everyoneBefore());
        assertEquals(1, log.entries().size(), "the others know better");
    }

    @Test
    void aPollNeverThrows()
    {
        log.fail(new StackOverflowError("deep"));
        assertDoesNotThrow(list::poll);
        assertEquals(Optional.of("deep"), list.problem());
        log.work();
        list.poll();
        assertEquals(Optional.empty(), list.problem());
    }

    /**
     * Lets callers in one by one, each for a while, and fails.
     */
    private static final class SlowFailingLog implements ForgetLog
    {
        private final AtomicInteger appends = new AtomicInteger();

        @Override
        public synchronized void append(List<ForgetLogEntry> entries) throws IOException
        {
            appends.incrementAndGet();
            LockSupport.parkNanos(Duration.ofMillis(100).toNanos());
            throw new IOException("another process holds the lock");
        }

        @Override
        public void read(Consumer<ForgetLogEntry> sink)
        {
            // Nothing comes.
        }

        @Override
        public String describe()
        {
            return "slow log";
        }

        @Override
        public void close()
        {
            // Holds nothing.
        }
    }

    @Test
    void whoCameWhileTheLogWasFailingDoesNotWaitForItAgain() throws Exception
    {
        SlowFailingLog slow = new SlowFailingLog();
        ForgetList failing = list(slow);
        ExecutorService threads = Executors.newFixedThreadPool(8);
        try
        {
            List<Future<?>> results = new ArrayList<>();
            for (int i = 0; i < 8; i++)
            {
                long session = i;
                results.add(threads.submit(() -> assertThrows(IOException.class, () -> failing.bind(session, START, PRINCIPAL))));
            }
            for (Future<?> result : results)
            {
                result.get();
            }
        }
        finally
        {
            threads.shutdownNow();
        }
        assertEquals(1, slow.appends.get(), "calls that waited, one behind the other");
    }

    /**
     * Lets nobody out of a call until the test says, and then fails if the test says so.
     */
    private static final class HeldLog implements ForgetLog
    {
        private final List<List<ForgetLogEntry>> appended = new CopyOnWriteArrayList<>();
        private final CountDownLatch held = new CountDownLatch(1);
        private volatile boolean failing;

        @Override
        public void append(List<ForgetLogEntry> entries) throws IOException
        {
            appended.add(entries);
            try
            {
                held.await();
            }
            catch (InterruptedException e)
            {
                throw new IOException(e);
            }
            if (failing && appended.size() > 1)
            {
                throw new IOException("disk full");
            }
        }

        @Override
        public void read(Consumer<ForgetLogEntry> sink)
        {
            // Nothing comes.
        }

        @Override
        public String describe()
        {
            return "held log";
        }

        @Override
        public void close()
        {
            // Holds nothing.
        }
    }

    /*
     * One call runs, and 7 callers wait for their turn.
     *
     * @return what became of the one, then of the 7
     */
    private List<Future<?>> bindTogether(HeldLog held, ForgetList together) throws Exception
    {
        List<Thread> waiting = new CopyOnWriteArrayList<>();
        ExecutorService threads = Executors.newFixedThreadPool(8);
        List<Future<?>> results = new ArrayList<>();
        try
        {
            for (int i = 0; i < 8; i++)
            {
                long session = i;
                results.add(threads.submit(() ->
                {
                    waiting.add(Thread.currentThread());
                    together.bind(session, START, PRINCIPAL);
                    return null;
                }));
                while (held.appended.isEmpty())
                {
                    Thread.onSpinWait();
                }
            }
            while (waiting.size() < 8 || waiting.stream().skip(1).anyMatch(thread -> thread.getState() != Thread.State.BLOCKED))
            {
                Thread.onSpinWait();
            }
            assertEquals(8, together.bindings(), "in effect here before others are told");
            held.held.countDown();
        }
        finally
        {
            threads.shutdown();
            assertTrue(threads.awaitTermination(30, TimeUnit.SECONDS));
        }
        return results;
    }

    @Test
    @Timeout(60)
    void whatWaitsForTheLogGoesToItInOneCall() throws Exception
    {
        HeldLog held = new HeldLog();
        ForgetList together = list(held);
        for (Future<?> result : bindTogether(held, together))
        {
            result.get();
        }

        assertEquals(List.of(1, 7), held.appended.stream().map(List::size).toList());
        assertEquals(8, held.appended.stream().flatMap(List::stream).distinct().count());
        assertEquals(0, together.untold());
        together.forgetPrincipal(PRINCIPAL, START);
        assertEquals(List.of(new ForgetPrincipal(PRINCIPAL, START)), held.appended.get(2), "there when the call returns");
    }

    @Test
    @Timeout(60)
    void whenACallForSeveralFailsEachIsToldAndNothingIsLost() throws Exception
    {
        HeldLog held = new HeldLog();
        ForgetList together = list(held);
        held.failing = true;
        List<Future<?>> results = bindTogether(held, together);
        results.get(0).get();
        for (Future<?> result : results.subList(1, 8))
        {
            ExecutionException failure = assertThrows(ExecutionException.class, result::get);
            assertTrue(failure.getCause() instanceof IOException && failure.getMessage().contains("disk full"), failure::toString);
        }
        assertEquals(7, together.untold());

        held.failing = false;
        together.poll();
        assertEquals(0, together.untold());
        assertEquals(held.appended.get(1), held.appended.get(2));
        assertEquals(Optional.empty(), together.problem());
    }

    @Test
    void withoutALogTheListIsThisProcessAlone() throws Exception
    {
        ForgetList alone = list(ForgetLog.none());
        alone.forget(CLIENT, START);
        alone.poll();

        assertTrue(alone.isForgotten(SESSION, START, CLIENT));
        assertEquals(Optional.empty(), alone.problem());
    }
}
