package io.github.tlsresumption.forget;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

import io.github.tlsresumption.FakeClock;
import io.github.tlsresumption.Trials;
import io.github.tlsresumption.forget.ForgetLogEntry.Bind;
import io.github.tlsresumption.forget.ForgetLogEntry.Forget;
import io.github.tlsresumption.forget.ForgetLogEntry.ForgetEveryone;
import io.github.tlsresumption.forget.ForgetLogEntry.ForgetPrincipal;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * What gives way when there is too much, or when it has expired: never is less forgotten.
 */
class ForgetListBoundsTest extends ForgetListFixture
{
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
}
