package io.github.tlsresumption.forget;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
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

import io.github.tlsresumption.FakeClock;
import io.github.tlsresumption.Trials;
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

class ForgetListTest
{
    private static final Instant START = Instant.parse("2026-11-23T10:00:00Z");
    private static final Duration LONGEST = Duration.ofHours(24);
    private static final long SESSION = 7;
    private static final long CLIENT = 8;
    private static final long PRINCIPAL = 9;
    private static final long OTHER = 10;

    private final FakeClock clock = new FakeClock(START);
    private final FakeForgetLog log = new FakeForgetLog();
    private final ForgetList list = list(log);

    @Test
    void sessionsUpToTheInstantAreForgottenAndLaterOnesAreNot() throws Exception
    {
        list.forget(CLIENT, START);

        assertTrue(list.isForgotten(SESSION, START.minusMillis(1), OTHER, CLIENT));
        assertTrue(list.isForgotten(SESSION, START, CLIENT));
        assertFalse(list.isForgotten(SESSION, START.plusMillis(1), CLIENT));
        assertFalse(list.isForgotten(SESSION, START, OTHER));
        assertFalse(list.isForgotten(SESSION, START));
    }

    @Test
    void aSessionIsForgottenByItsOwnSubject() throws Exception
    {
        list.forget(SESSION, START);

        assertTrue(list.isForgotten(SESSION, START, CLIENT));
        assertFalse(list.isForgotten(OTHER, START, CLIENT));
    }

    @Test
    void everySubjectCountsBeItZeroOrNegative() throws Exception
    {
        for (long subject : new long[]{0, -1, Long.MIN_VALUE, Long.MAX_VALUE})
        {
            assertFalse(list.isForgotten(subject, START));
            list.forget(subject, START);
            assertTrue(list.isForgotten(subject, START));
            assertFalse(list.isForgotten(subject, START.plusMillis(1)));
        }
        assertEquals(4, list.entries());
    }

    @Test
    void timesCountInMilliseconds() throws Exception
    {
        list.forget(CLIENT, START.plusNanos(1));

        assertTrue(list.isForgotten(SESSION, START.plusNanos(999_999), CLIENT));
        assertFalse(list.isForgotten(SESSION, START.plusMillis(1), CLIENT));
    }

    @Test
    void anEarlierInstantTakesNothingBack() throws Exception
    {
        list.forget(CLIENT, START);
        list.forget(CLIENT, START.minusMillis(5));
        assertTrue(list.isForgotten(SESSION, START, CLIENT));

        list.forget(CLIENT, START.plusMillis(5));
        assertTrue(list.isForgotten(SESSION, START.plusMillis(5), CLIENT));
        assertEquals(1, list.entries());
    }

    @Test
    void everyoneUpToTheInstantIsForgotten() throws Exception
    {
        assertEquals(Optional.empty(), list.everyoneBefore());
        list.forgetEveryone(START);
        list.forgetEveryone(START.minusMillis(1));

        assertTrue(list.isForgotten(SESSION, START));
        assertFalse(list.isForgotten(SESSION, START.plusMillis(1)));
        assertEquals(Optional.of(START), list.everyoneBefore());
        assertEquals(0, list.overflows());
    }

    @Test
    void everyoneIsNamedUntilNoSessionCanBeThatOld() throws Exception
    {
        list.forgetEveryone(START);

        clock.advance(LONGEST);
        assertEquals(Optional.of(START), list.everyoneBefore());
        clock.advance(Duration.ofMillis(1));
        assertEquals(Optional.empty(), list.everyoneBefore());
        assertTrue(list.isForgotten(SESSION, START));
    }

    @Test
    void aPrincipalsSessionsAreThoseBoundUpToTheInstantWheneverEstablished() throws Exception
    {
        list.bind(1, START.minus(Duration.ofHours(20)), PRINCIPAL);
        list.bind(2, START.plusSeconds(2), PRINCIPAL);
        clock.advance(Duration.ofMillis(1));
        list.bind(3, START.minus(Duration.ofHours(20)), PRINCIPAL);
        list.bind(4, START.minus(Duration.ofHours(20)), OTHER);
        assertFalse(list.isForgotten(1, START.minus(Duration.ofHours(20))));

        list.forgetPrincipal(PRINCIPAL, START);

        assertTrue(list.isForgotten(1, START.minus(Duration.ofHours(20))));
        assertTrue(list.isForgotten(2, START.plusSeconds(2)), "established by a clock that is ahead");
        assertFalse(list.isForgotten(3, START.minus(Duration.ofHours(20))));
        assertFalse(list.isForgotten(4, START.minus(Duration.ofHours(20))));
    }

    @Test
    void bindingAgainChangesNothingAndTellsNobody() throws Exception
    {
        list.bind(SESSION, START, PRINCIPAL);
        clock.advance(Duration.ofSeconds(1));
        list.bind(SESSION, START, PRINCIPAL);

        assertEquals(List.of(new Bind(SESSION, START, PRINCIPAL, START)), log.entries());
        assertEquals(1, list.bindings());
        list.forgetPrincipal(PRINCIPAL, START);
        assertTrue(list.isForgotten(SESSION, START), "it was bound at START");
    }

    @Test
    void theEarliestBindingCountsInWhateverOrderTheyCome()
    {
        log.entries().add(new Bind(SESSION, START, PRINCIPAL, START.plusMillis(9)));
        log.entries().add(new Bind(SESSION, START, PRINCIPAL, START.plusMillis(3)));
        log.entries().add(new Bind(SESSION, START, PRINCIPAL, START.plusMillis(6)));
        log.entries().add(new ForgetPrincipal(PRINCIPAL, START.plusMillis(3)));
        list.poll();

        assertTrue(list.isForgotten(SESSION, START));
    }

    @Test
    void aSessionOfManyPrincipalsIsForgottenWithEachOfThem() throws Exception
    {
        for (long principal = 100; principal < 108; principal++)
        {
            for (long session = 1; session <= 8; session++)
            {
                list.bind(session, START, principal);
            }
        }
        for (long session = 1; session <= 8; session++)
        {
            assertFalse(list.isForgotten(session, START));
        }
        list.forgetPrincipal(107, START);
        assertTrue(list.isForgotten(SESSION, START));
    }

    @Test
    void aSessionOfMoreThanEightPrincipalsIsForgotten() throws Exception
    {
        for (long principal = 100; principal < 108; principal++)
        {
            list.bind(SESSION, START, principal);
        }
        assertFalse(list.isForgotten(SESSION, START));

        list.bind(SESSION, START, 108);
        assertTrue(list.isForgotten(SESSION, START));
        int appends = log.appends();
        list.bind(SESSION, START, 108);
        list.bind(SESSION, START, 109);
        assertEquals(appends, log.appends());
        ForgetList other = list(log.another());
        assertTrue(other.isForgotten(SESSION, START));
        assertFalse(other.isForgotten(OTHER, START));
    }

    @Test
    void atTheBoundTheOldestTenthGivesWayToEveryoneAsOld() throws Exception
    {
        ForgetList small = new ForgetList(log, LONGEST, 20, 20, clock);
        for (int i = 20; i > 0; i--)
        {
            small.forget(i, START.plusSeconds(i));
        }
        small.forget(20, START.plusSeconds(20));
        assertEquals(0, small.overflows());
        assertFalse(small.isForgotten(OTHER + 100, START));

        small.forget(21, START.plusSeconds(21));

        assertEquals(1, small.overflows());
        assertEquals(19, small.entries());
        assertEquals(Optional.of(START.plusSeconds(2)), small.everyoneBefore());
        assertTrue(small.isForgotten(OTHER + 100, START.plusSeconds(2)));
        assertFalse(small.isForgotten(OTHER + 100, START.plusSeconds(2).plusMillis(1)));
        for (int i = 1; i <= 21; i++)
        {
            assertTrue(small.isForgotten(i, START.plusSeconds(i)));
        }
    }

    @Test
    void anEntryOlderThanThoseThatGaveWayNeedsNoPlace() throws Exception
    {
        ForgetList small = new ForgetList(log, LONGEST, 1, 1, clock);
        small.forget(1, START);
        small.forget(2, START.minusSeconds(1));

        assertTrue(small.isForgotten(1, START));
        assertTrue(small.isForgotten(2, START.minusSeconds(1)));
        assertEquals(0, small.entries());
    }

    @Test
    void whatHasExpiredGivesWayFirstAndIsNoOverflow() throws Exception
    {
        ForgetList small = new ForgetList(log, LONGEST, 10, 10, clock);
        for (int i = 0; i < 10; i++)
        {
            small.forget(i, START.minusSeconds(i));
            small.bind(i, START.minusSeconds(i), PRINCIPAL);
        }
        clock.set(START.plus(LONGEST).minusSeconds(4).minusMillis(1));
        small.forget(100, clock.instant());
        small.bind(100, clock.instant(), PRINCIPAL);

        assertEquals(0, small.overflows());
        assertEquals(6, small.entries());
        assertEquals(6, small.bindings());
    }

    @Test
    void atTheBoundBindingsOfTheOldestSessionsGiveWayAndPrincipalsAreForgottenWithEveryoneAsOld() throws Exception
    {
        ForgetList small = new ForgetList(log, LONGEST, 20, 20, clock);
        clock.set(START.plusSeconds(60));
        for (int i = 1; i <= 20; i++)
        {
            small.bind(i, START.plusSeconds(i), 1000 + i);
        }
        small.bind(21, START.plusSeconds(21), 1021);
        assertEquals(19, small.bindings());
        assertEquals(1, small.overflows());
        assertFalse(small.isForgotten(1, START.plusSeconds(1)));

        small.forget(CLIENT, clock.instant());
        assertFalse(small.isForgotten(1, START.plusSeconds(1)), "a client is not a principal");

        small.forgetPrincipal(1001, clock.instant());
        assertTrue(small.isForgotten(1, START.plusSeconds(1)));
        assertTrue(small.isForgotten(500, START.plusSeconds(2)));
        assertFalse(small.isForgotten(500, START.plusSeconds(2).plusMillis(1)));
        assertFalse(small.isForgotten(3, START.plusSeconds(3)));
    }

    @Test
    void aForgottenSessionStaysSoWhenItsBindingGivesWay() throws Exception
    {
        ForgetList small = new ForgetList(log, LONGEST, 20, 10, clock);
        small.bind(SESSION, START, PRINCIPAL);
        small.forgetPrincipal(PRINCIPAL, START);
        for (long principal = 200; principal < 209; principal++)
        {
            small.bind(OTHER, START.plusMillis(1), principal);
        }
        for (int i = 20; i < 40; i++)
        {
            clock.advance(Duration.ofSeconds(1));
            small.bind(i, clock.instant(), PRINCIPAL);
        }

        assertTrue(small.isForgotten(SESSION, START));
        assertTrue(small.isForgotten(OTHER, START.plusMillis(1)), "it had more than 8 principals");
        assertFalse(small.isForgotten(OTHER + 100, START));
    }

    @Test
    void aSessionThatSeemsYoungerThanItsBindingIsForgottenWhenThatGivesWay() throws Exception
    {
        ForgetList small = new ForgetList(log, LONGEST, 20, 1, clock);
        small.bind(SESSION, START.plusSeconds(2), PRINCIPAL);
        small.bind(OTHER, START.plusSeconds(3), PRINCIPAL);
        small.forgetPrincipal(PRINCIPAL, START);

        assertTrue(small.isForgotten(SESSION, START.plusSeconds(2)));
    }

    @Test
    void aPrincipalWhoseEntryGaveWayKeepsItsSessionsForgotten() throws Exception
    {
        ForgetList small = new ForgetList(log, LONGEST, 1, 10, clock);
        small.bind(SESSION, START.plusSeconds(2), PRINCIPAL);
        small.forgetPrincipal(PRINCIPAL, START.plusMillis(1));
        small.forget(CLIENT, START.plusMillis(2));

        assertTrue(small.isForgotten(SESSION, START.plusSeconds(2)));
    }

    @Test
    void anEntryGoesWhenNoSessionItReachesCanBeAlive() throws Exception
    {
        list.forget(CLIENT, START);
        list.bind(SESSION, START, PRINCIPAL);

        clock.advance(LONGEST);
        list.poll();
        assertEquals(1, list.entries());
        assertEquals(1, list.bindings());

        ForgetList late = list(log.another());
        clock.advance(Duration.ofMillis(1));
        late.poll();
        assertEquals(1, late.entries(), "looked for once a minute");
        clock.advance(Duration.ofMinutes(1));
        late.poll();
        assertEquals(0, late.entries());
        assertEquals(0, late.bindings());
        assertEquals(0, late.overflows());
        assertEquals(Optional.empty(), late.everyoneBefore());
    }

    @Test
    void aClockThatWasAheadForAWhileMakesNobodyRemembered() throws Exception
    {
        list.forget(CLIENT, START);
        list.bind(SESSION, START.minusMillis(1), PRINCIPAL);
        clock.advance(Duration.ofDays(3650));
        list.poll();
        assertEquals(0, list.entries() + list.bindings());
        clock.set(START.plusSeconds(1));
        list.poll();

        assertTrue(list.isForgotten(OTHER, START, CLIENT));
        list.forgetPrincipal(PRINCIPAL, clock.instant());
        assertTrue(list.isForgotten(SESSION, START.minusMillis(1)));
        assertFalse(list.isForgotten(OTHER, clock.instant(), CLIENT), "new sessions are resumed");
    }

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

    @Test
    void boundsThatHoldNothingAreRefused()
    {
        assertThrows(IllegalArgumentException.class, () -> new ForgetList(log, LONGEST, 0, 1, clock));
        assertThrows(IllegalArgumentException.class, () -> new ForgetList(log, LONGEST, 1, 0, clock));
        assertThrows(IllegalArgumentException.class, () -> new ForgetList(log, LONGEST, 100_000_001, 1, clock));
        assertThrows(IllegalArgumentException.class, () -> new ForgetList(log, Duration.ZERO, 1, 1, clock));
    }

    @Test
    void neverLessIsForgottenThanWithoutBounds()
    {
        Trials.run(300, random -> assertDoesNotThrow(() -> neverLess(random)));
    }

    @Test
    void whoIsForgottenIsSoForEveryThreadWhileEntriesGiveWay() throws Exception
    {
        ForgetList small = new ForgetList(ForgetLog.none(), LONGEST, 500, 500, clock);
        AtomicInteger done = new AtomicInteger();
        int count = 20_000;
        ExecutorService threads = Executors.newFixedThreadPool(3);
        try
        {
            List<Future<?>> all = new ArrayList<>();
            for (int reader = 0; reader < 2; reader++)
            {
                Random random = new Random(reader);
                all.add(threads.submit(() ->
                {
                    for (int known = 0; known < count; known = done.get())
                    {
                        int one = known - random.nextInt(Math.min(known, 1000) + 1);
                        assertTrue(one == 0 || small.isForgotten(one, START.plusMillis(one)), () -> "client " + one);
                        assertTrue(one == 0 || small.isForgotten(-one, START.plusMillis(one)), () -> "bound " + one);
                    }
                }));
            }
            all.add(threads.submit(() ->
            {
                for (int i = 1; i <= count; i++)
                {
                    small.bind(-i, START.plusMillis(i), 1_000_000 + i);
                    small.forgetPrincipal(1_000_000 + i, START.plusMillis(i));
                    small.forget(i, START.plusMillis(i));
                    done.set(i);
                }
                return null;
            }));
            for (Future<?> one : all)
            {
                one.get();
            }
        }
        finally
        {
            threads.shutdownNow();
        }
        assertTrue(small.overflows() > 10);
        assertFalse(small.isForgotten(0, START.plusMillis(count + 1)));
    }

    /*
     * Three lists with small bounds, that learn late, in any order and repeatedly, beside a list of all that was ever said.
     */
    private static void neverLess(Random random) throws IOException
    {
        // A time at which no warning is due yet: there would be hundreds.
        FakeClock time = new FakeClock(Instant.EPOCH.plusSeconds(60));
        Duration longest = Duration.ofMillis(1 + random.nextInt(400));
        FakeForgetLog shared = new FakeForgetLog();
        List<FakeForgetLog> logs = new ArrayList<>();
        List<ForgetList> lists = new ArrayList<>();
        for (int i = 0; i < 3; i++)
        {
            logs.add(shared.another(random));
            lists.add(new ForgetList(logs.get(i), longest, 1 + random.nextInt(30), 1 + random.nextInt(30), time));
        }
        List<Instant> established = new ArrayList<>();
        for (int step = 0; step < 200; step++)
        {
            if (random.nextBoolean())
            {
                // 3 ms of difference between the clocks.
                established.add(time.instant().plusMillis(random.nextInt(7) - 3));
            }
            int session = random.nextInt(established.size() + 1);
            ForgetList one = lists.get(random.nextInt(3));
            Instant before = time.instant().minusMillis(random.nextInt(30));
            switch (random.nextInt(12))
            {
                case 0, 1 -> one.forget(session, before);
                case 2 -> one.forget(1000 + random.nextInt(20), before);
                case 3, 4 -> one.forgetPrincipal(2000 + random.nextInt(8), before);
                case 5 ->
                {
                    if (random.nextInt(20) == 0)
                    {
                        one.forgetEveryone(before);
                    }
                }
                case 6, 7, 8 ->
                {
                    if (session < established.size())
                    {
                        one.bind(session, established.get(session), 2000 + random.nextInt(8));
                    }
                }
                default -> one.poll();
            }
            time.advance(Duration.ofMillis(random.nextInt(4)));
        }
        for (int i = 0; i < 3; i++)
        {
            logs.get(i).giveAll(lists.get(i));
        }
        for (int session = 0; session < established.size(); session++)
        {
            Instant since = established.get(session);
            long client = 1000 + session % 20;
            if (!since.plus(longest).isBefore(time.instant()) && isForgotten(shared.entries(), session, since, client))
            {
                for (ForgetList one : lists)
                {
                    assertTrue(one.isForgotten(session, since, client), "session " + session + " of " + since);
                }
            }
        }
    }

    private static boolean isForgotten(List<ForgetLogEntry> said, long session, Instant established, long client)
    {
        for (ForgetLogEntry entry : said)
        {
            if (entry instanceof ForgetEveryone forget && !established.isAfter(forget.before())
                || entry instanceof Forget one && (one.subject() == session || one.subject() == client)
                && !established.isAfter(one.before()))
            {
                return true;
            }
            if (entry instanceof Bind bind && bind.session() == session && said.stream().anyMatch(other ->
                other instanceof ForgetPrincipal forget && forget.subject() == bind.principal() && !bind.at().isAfter(forget.before())))
            {
                return true;
            }
        }
        return false;
    }

    private ForgetList list(ForgetLog itsLog)
    {
        return new ForgetList(itsLog, LONGEST, 1000, 1000, clock);
    }
}
