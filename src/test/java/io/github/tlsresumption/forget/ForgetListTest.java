package io.github.tlsresumption.forget;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

import io.github.tlsresumption.forget.ForgetLogEntry.Bind;
import io.github.tlsresumption.forget.ForgetLogEntry.ForgetPrincipal;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * Who is forgotten: subjects, everyone, principals.
 */
class ForgetListTest extends ForgetListFixture
{
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
}
