package io.github.tlsresumption;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.function.Supplier;

import io.github.tlsresumption.cluster.SharedStores;
import io.github.tlsresumption.forget.ForgetLog;
import io.github.tlsresumption.forget.ForgetLogEntry;
import io.github.tlsresumption.keys.IdleExecutor;
import io.github.tlsresumption.keys.IdleExecutor.Scheduled;
import io.github.tlsresumption.keys.KeyRotation;
import io.github.tlsresumption.keys.MemoryTicketKeyStore;
import io.github.tlsresumption.keys.RingMark;
import io.github.tlsresumption.keys.TicketKeyRing;
import io.github.tlsresumption.keys.TicketKeyStore;
import io.github.tlsresumption.policy.ConnectorTerms;
import io.github.tlsresumption.policy.ResumptionMode;
import io.github.tlsresumption.sessions.HeapSessionKeyStore;
import io.github.tlsresumption.sessions.SessionKeyStore;
import io.github.tlsresumption.status.StoreHealth;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class ScopeTest
{
    private static final Duration HOUR = Duration.ofHours(1);
    private static final long PATIENCE_MILLIS = 20_000;

    private final FakeClock clock = new FakeClock(Instant.parse("2026-11-23T10:00:00Z"));
    private final List<String> calls = new ArrayList<>();
    private final List<ForgetLogEntry> elsewhere = new ArrayList<>();
    private Runnable news;
    private boolean appendFails;
    private boolean closeFails;
    /** At which step classes turn out not to fit. */
    private String unfit = "";

    private void step(String name)
    {
        if (name.equals(unfit))
        {
            throw new NoSuchMethodError(name);
        }
    }

    /**
     * Says what was called, and fails when the test says.
     */
    private final class Log implements ForgetLog
    {
        @Override
        public void append(List<ForgetLogEntry> entries) throws IOException
        {
            calls.add("append " + entries.size());
            if (appendFails)
            {
                throw new IOException("disk full");
            }
        }

        @Override
        public void read(Consumer<ForgetLogEntry> sink)
        {
            step("read");
            elsewhere.forEach(sink);
            elsewhere.clear();
        }

        @Override
        public void listen(Runnable listener)
        {
            step("listen");
            news = listener;
        }

        @Override
        public String describe()
        {
            return "a log";
        }

        @Override
        public void close()
        {
            closed("log");
        }
    }

    private void closed(String what)
    {
        calls.add(what + " closed");
        if (closeFails)
        {
            throw new IllegalStateException(what + " for a test");
        }
    }

    private TicketKeyStore store()
    {
        MemoryTicketKeyStore inner = new MemoryTicketKeyStore();
        return (TicketKeyStore)Proxy.newProxyInstance(getClass().getClassLoader(), new Class<?>[]{TicketKeyStore.class},
            (proxy, method, arguments) ->
            {
                if (method.getName().equals("close"))
                {
                    closed("store");
                }
                step(method.getName());
                try
                {
                    return method.invoke(inner, arguments);
                }
                catch (InvocationTargetException e)
                {
                    throw e.getCause();
                }
            });
    }

    /**
     * The same, of a cluster.
     */
    private final class Backend implements SharedStores
    {
        private Duration offset = Duration.ZERO;

        @Override
        public void requireAccess(boolean ring)
        {
            step("requireAccess");
        }

        @Override
        public TicketKeyStore ticketKeyStore()
        {
            step("ticketKeyStore");
            return store();
        }

        @Override
        public ForgetLog forgetLog(Duration longest, Duration clockSkew, Clock ours)
        {
            step("forgetLog");
            return new Log();
        }

        @Override
        public SessionKeyStore sessionKeyStore(Supplier<TicketKeyRing> ring, Clock ours)
        {
            step("sessionKeyStore");
            return new HeapSessionKeyStore(10, ours);
        }

        @Override
        public Instant time()
        {
            return clock.instant().plus(offset);
        }

        @Override
        public String describe()
        {
            return "a backend";
        }

        @Override
        public void close()
        {
            closed("backend");
        }
    }

    private static ScopeSettings settings(int ipv4Prefix)
    {
        ConnectorTerms terms = new ConnectorTerms(ResumptionMode.TICKET, ResumptionMode.CACHE, HOUR);
        KeyRotation rotation = new KeyRotation(HOUR, Duration.ofMinutes(1), HOUR);
        return new ScopeSettings(terms, rotation, "", "memory", "", "", 10, ipv4Prefix, 64, 10, 10, Duration.ofMinutes(2));
    }

    private ScopeParts start(int ipv4Prefix) throws Exception
    {
        return ScopeWiring.start(store(), new Log(), settings(ipv4Prefix), clock);
    }

    private ScopeParts start(IdleExecutor executor) throws Exception
    {
        return ScopeWiring.start(store(), new Log(), settings(32), clock, executor);
    }

    /**
     * As docs/cluster.md says: a node looks twice a second.
     */
    @Test
    void whoWasForgottenElsewhereIsKnownAfterOneLookOfWhichThereAreTwoInASecond() throws Exception
    {
        IdleExecutor executor = new IdleExecutor();
        ScopeParts parts = start(executor);
        elsewhere.add(new ForgetLogEntry.Forget(7, clock.instant()));
        assertFalse(parts.forgetList().isForgotten(7, clock.instant()));
        List<Scheduled> soon = executor.schedule().stream().filter(task -> task.delay().toMillis() <= 500).toList();
        soon.forEach(scheduled -> scheduled.task().run());
        assertTrue(parts.forgetList().isForgotten(7, clock.instant()));
        parts.close();
    }

    /**
     * A notice waits for no timer: no task of the schedule runs here.
     */
    @Test
    void aNoticeThatSomebodyWasForgottenMakesANodeLookAtOnce() throws Exception
    {
        IdleExecutor executor = new IdleExecutor();
        ScopeParts parts = start(executor);
        elsewhere.add(new ForgetLogEntry.Forget(7, clock.instant()));
        news.run();
        executor.runAll();
        assertTrue(parts.forgetList().isForgotten(7, clock.instant()));
        parts.close();
    }

    @Test
    void whatNodesShareIsClosedLast() throws Exception
    {
        ScopeParts parts = ScopeWiring.start(new Backend(), settings(32), clock);
        parts.close();
        assertEquals(List.of("store closed", "log closed", "backend closed"), calls);
        assertTrue(parts.eraser().isShutdown());
    }

    @Test
    void whatNodesShareIsClosedWhenTheStartFails()
    {
        assertThrows(IllegalArgumentException.class, () -> ScopeWiring.start(new Backend(), settings(33), clock));
        assertEquals(List.of("store closed", "log closed", "backend closed"), calls);
    }

    @ParameterizedTest
    @CsvSource({"ticketKeyStore,", "forgetLog, store", "sessionKeyStore, store log", "stamp, store log", "load, store log",
        "compareAndSet, store log", "persistent, store log", "listen, store log"})
    void anErrorAtTheStartLeavesNothingOpen(String step, String made) throws Exception
    {
        unfit = step;
        Throwable failure = assertThrows(Throwable.class, () -> ScopeWiring.start(new Backend(), settings(32), clock));
        assertTrue(failure.toString().contains(step), failure::toString);
        List<String> expected = new ArrayList<>();
        for (String part : made == null ? new String[0] : made.split(" "))
        {
            expected.add(part + " closed");
        }
        expected.add("backend closed");
        assertEquals(expected, calls);
        for (Thread thread : Thread.getAllStackTraces().keySet())
        {
            if (thread.getName().startsWith("tls-resumption"))
            {
                thread.join(PATIENCE_MILLIS);
                assertFalse(thread.isAlive(), thread::getName);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"requireAccess, store", "forgetLog, store", "stamp, store log"})
    void ticketKeysFromElsewhereAreClosedAsWell(String step, String made)
    {
        unfit = step;
        assertThrows(Throwable.class,
            () -> ScopeWiring.start(new Backend(), Optional.of(store()), settings(32), clock, RingMark.NONE));
        assertEquals((made + " backend").replace(" ", " closed,") + " closed", String.join(",", calls));
    }

    @Test
    void anErrorAtTheCloseKeepsNothingElseOpen() throws Exception
    {
        ScopeParts parts = ScopeWiring.start(new Backend(), settings(32), clock);
        unfit = "close";
        parts.close();
        assertEquals(List.of("store closed", "log closed", "backend closed"), calls);
    }

    @Test
    void nobodyHearsOfAStoreOfSessionKeysThatNobodyNeeds() throws Exception
    {
        ScopeParts parts = ScopeWiring.start(new Backend(), settings(32), clock);
        List<String> without = List.of("ticket-keys", "forgotten", "clock");
        assertEquals(without, parts.health(clock.instant()).stream().map(StoreHealth::store).toList());
        parts.needSessionKeys(this, true);
        assertEquals(4, parts.health(clock.instant()).size());
        parts.releaseSessionKeys(this);
        assertEquals(without, parts.health(clock.instant()).stream().map(StoreHealth::store).toList());
        parts.close();
    }

    @Test
    void theHealthTellsOfEachStoreAndOfTheClock() throws Exception
    {
        ScopeParts parts = ScopeWiring.start(new Backend(), settings(32), clock);
        parts.needSessionKeys(this, true);
        // Else a poll may come between.
        parts.executor().shutdownNow();
        parts.backend().orElseThrow().clockWatch().compare();
        Instant start = clock.instant();
        clock.advance(Duration.ofSeconds(5));
        List<StoreHealth> health = parts.health(clock.instant());
        assertEquals(List.of("ticket-keys", "forgotten", "session-keys", "clock"), health.stream().map(StoreHealth::store).toList());
        assertTrue(health.stream().allMatch(StoreHealth::isWell));
        StoreHealth keys = health.get(0);
        assertEquals(OptionalLong.of(1), keys.version());
        assertEquals(Optional.of(Duration.ofSeconds(5)), keys.age());
        assertEquals("well, memory, last contact " + start + ", lag 5.0 s, ring version 1, newest key made 5.0 s ago", keys.toString());
        assertTrue(health.get(2).lastContact().isPresent(), "the store of the session keys was not warmed before the first handshake");
        assertEquals(Optional.of(Duration.ZERO), health.get(3).lag());
        parts.close();
    }

    @Test
    void aClockBeyondTheLeadIsReported() throws Exception
    {
        Backend backend = new Backend();
        backend.offset = Duration.ofMinutes(1).plusMillis(1);
        ScopeParts parts = ScopeWiring.start(backend, settings(32), clock);
        parts.backend().orElseThrow().clockWatch().compare();
        StoreHealth ours = parts.health(clock.instant()).get(2);
        assertTrue(ours.problem().orElseThrow().contains("60001 ms behind"), ours::toString);
        parts.close();
    }

    @Test
    void whatCannotBeClosedKeepsNothingElseOpen() throws Exception
    {
        ScopeParts parts = start(32);
        closeFails = true;
        parts.close();
        assertEquals(List.of("store closed", "log closed"), calls);
        assertTrue(parts.ring().ring().keys().isEmpty());
        assertTrue(parts.executor().isShutdown());
    }

    @Test
    void aFailureToStartIsToldAlsoWhenNothingCanBeClosed()
    {
        closeFails = true;
        assertThrows(IllegalArgumentException.class, () -> start(33));
        assertEquals(List.of("store closed", "log closed"), calls);
    }

    @Test
    void theLogIsTriedOnceMoreBeforeItIsClosedAndNotForEver() throws Exception
    {
        ScopeParts parts = start(32);
        // Else the poll of each second may come between.
        parts.executor().shutdownNow();
        appendFails = true;
        assertThrows(IOException.class, parts.forgetting()::forgetEveryone);
        parts.close();
        assertEquals(List.of("append 1", "append 1", "store closed", "log closed"), calls);
        assertEquals(1, parts.forgetList().untold());
    }

    @Test
    void aLogThatKnowsEverybodyIsNotWrittenAtTheStop() throws Exception
    {
        ScopeParts parts = start(32);
        parts.forgetting().forgetEveryone();
        parts.close();
        assertEquals(List.of("append 1", "store closed", "log closed"), calls);
        assertEquals(0, parts.forgetList().untold());
    }
}
