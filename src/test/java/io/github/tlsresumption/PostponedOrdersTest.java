package io.github.tlsresumption;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

import io.github.tlsresumption.forget.ForgetLogEntry;
import io.github.tlsresumption.forget.ForgetLogEntry.ForgetEveryone;
import io.github.tlsresumption.forget.SharedForgetLog;
import io.github.tlsresumption.keys.IdleExecutor;
import io.github.tlsresumption.keys.KeyRotation;
import io.github.tlsresumption.keys.MemoryTicketKeyStore;
import io.github.tlsresumption.keys.TicketKeyStoreException;
import io.github.tlsresumption.policy.ConnectorTerms;
import io.github.tlsresumption.policy.ResumptionMode;
import io.github.tlsresumption.resumption.ForgetOrder;
import io.github.tlsresumption.ticket.StableId;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * Who is to be forgotten while the stores of a scope cannot be used is forgotten as soon as they can be.
 */
class PostponedOrdersTest
{
    private static final ScopeSettings SETTINGS = new ScopeSettings(
        new ConnectorTerms(ResumptionMode.OFF, ResumptionMode.OFF, Duration.ofHours(1)),
        new KeyRotation(Duration.ofHours(1), Duration.ofMinutes(1), Duration.ofHours(1)), "", "memory", "", "", 10, 32, 64, 10, 10,
        Duration.ofMinutes(2));
    private static final StableId SESSION = StableId.parse("0123456789abcdef".repeat(4));

    private final FakeClock clock = new FakeClock(Instant.parse("2026-11-23T10:00:00Z"));
    private final IdleExecutor executor = new IdleExecutor();
    private final List<ForgetLogEntry> log = new ArrayList<>();
    private boolean refused = true;
    private boolean keysAreThere = true;
    private int attempts;
    private final Scope scope = new Scope("off", SETTINGS, new Maker(), ScopeWiring.asleep(SETTINGS, clock, executor));

    /**
     * Of stores that cannot be used until the test says so.
     */
    private final class Maker implements Scope.Maker
    {
        @Override
        public ScopeParts make() throws TicketKeyStoreException
        {
            attempts++;
            if (refused)
            {
                throw new TicketKeyStoreException(TicketKeyStoreException.Kind.REFUSED, "the key file is open to others");
            }
            return ScopeWiring.start(new MemoryTicketKeyStore(), new SharedForgetLog(log), SETTINGS, clock);
        }

        @Override
        public boolean mayHaveSessions()
        {
            return keysAreThere;
        }

        @Override
        public void discard()
        {
            // Nothing was lent.
        }
    }

    @AfterEach
    void close()
    {
        scope.parts().close();
        executor.shutdownNow();
    }

    private void assertPostponed(ForgetOrder order)
    {
        IOException told = assertThrows(IOException.class, () -> scope.forget(order));
        assertTrue(told.getMessage().startsWith("forgotten in this process, but the key file is open to others. Others do not know"),
            told::getMessage);
    }

    private void retry()
    {
        executor.schedule().stream().filter(task -> task.delay().equals(Duration.ofSeconds(10))).forEach(task -> task.task().run());
    }

    private static long subject(StableId id)
    {
        return id.number();
    }

    @Test
    void itIsTriedAgainUntilTheStoresCanBeUsed() throws Exception
    {
        assertPostponed(forgetting -> forgetting.forgetSession(SESSION));
        assertPostponed(forgetting -> forgetting.forgetClient("192.0.2.7"));
        assertEquals(1, attempts, "nobody waits for what has just failed");
        assertTrue(scope.forgetProblem().orElseThrow().startsWith("2 to be forgotten are known in this process only"),
            () -> scope.forgetProblem().toString());
        retry();
        assertEquals(2, attempts);
        assertFalse(scope.isAwake());

        refused = false;
        retry();
        assertTrue(scope.isAwake());
        assertEquals(2, scope.parts().forgetList().entries());
        assertTrue(scope.parts().forgetList().isForgotten(subject(SESSION), clock.instant()));
        assertEquals(2, log.size());
        assertTrue(scope.forgetProblem().isEmpty(), () -> scope.forgetProblem().toString());
        scope.forget(forgetting -> forgetting.forgetClient("192.0.2.8"));
        assertEquals(3, log.size());
    }

    @Test
    void itIsDoneWhenTheScopeWakesForAnotherReason() throws Exception
    {
        assertPostponed(forgetting -> forgetting.forgetSession(SESSION));
        refused = false;
        scope.wake();
        assertTrue(scope.parts().forgetList().isForgotten(subject(SESSION), clock.instant()));
    }

    @Test
    void thereIsNobodyToRememberWhoCannotBeThere() throws Exception
    {
        assertThrows(IllegalArgumentException.class, () -> scope.forget(forgetting -> forgetting.forgetClient("nobody")));
        assertTrue(scope.forgetProblem().isEmpty(), () -> scope.forgetProblem().toString());
    }

    @Test
    void moreThanCanBeRememberedAreEveryone() throws Exception
    {
        for (int client = 0; client <= PostponedOrders.MOST; client++)
        {
            String address = "2001:db8::" + Integer.toHexString(client);
            assertPostponed(forgetting -> forgetting.forgetClient(address));
        }
        refused = false;
        retry();
        assertEquals(List.of(new ForgetEveryone(clock.instant().plus(SETTINGS.clockSkew()))), log);
    }

    @Test
    void nothingIsMadeToForgetSomebodyWhoseKeysAreGone() throws Exception
    {
        assertPostponed(forgetting -> forgetting.forgetSession(SESSION));
        keysAreThere = false;
        refused = false;
        retry();
        assertFalse(scope.isAwake());
        assertEquals(1, attempts);
        assertTrue(scope.forgetProblem().isEmpty(), () -> scope.forgetProblem().toString());
    }

    @Test
    void theRetriesEndWithTheParts() throws Exception
    {
        assertPostponed(forgetting -> forgetting.forgetSession(SESSION));
        refused = false;
        retry();
        assertTrue(executor.isShutdown());
        retry();
        assertEquals(2, attempts);
    }
}
