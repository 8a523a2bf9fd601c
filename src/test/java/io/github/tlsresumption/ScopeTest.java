package io.github.tlsresumption;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

import io.github.tlsresumption.forget.ForgetLog;
import io.github.tlsresumption.forget.ForgetLogEntry;
import io.github.tlsresumption.keys.KeyRotation;
import io.github.tlsresumption.keys.MemoryTicketKeyStore;
import io.github.tlsresumption.keys.TicketKeyStore;
import io.github.tlsresumption.policy.ConnectorTerms;
import io.github.tlsresumption.policy.ResumptionMode;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class ScopeTest
{
    private static final Duration HOUR = Duration.ofHours(1);

    private final FakeClock clock = new FakeClock(Instant.parse("2026-11-23T10:00:00Z"));
    private final List<String> calls = new ArrayList<>();
    private boolean appendFails;
    private boolean closeFails;

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
                throw new IOException("disk full");
        }

        @Override
        public void read(Consumer<ForgetLogEntry> sink)
        {
            // Nothing comes.
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
            throw new IllegalStateException(what + " for a test");
    }

    private TicketKeyStore store()
    {
        MemoryTicketKeyStore inner = new MemoryTicketKeyStore();
        return (TicketKeyStore)Proxy.newProxyInstance(getClass().getClassLoader(), new Class<?>[]{TicketKeyStore.class},
            (proxy, method, arguments) ->
            {
                if (method.getName().equals("close"))
                    closed("store");
                try
                {
                    return method.invoke(inner, arguments);
                }
                catch (InvocationTargetException x)
                {
                    throw x.getCause();
                }
            });
    }

    private Scope.Parts start(int ipv4Prefix) throws Exception
    {
        ConnectorTerms terms = new ConnectorTerms(ResumptionMode.TICKET, ResumptionMode.CACHE, HOUR);
        KeyRotation rotation = new KeyRotation(HOUR, Duration.ofMinutes(1), HOUR);
        return Scope.Parts.start(store(), new Log(), new Scope.Settings(terms, rotation, "", 10, ipv4Prefix, 64, 10, 10), clock);
    }

    @Test
    void whatCannotBeClosedKeepsNothingElseOpen() throws Exception
    {
        Scope.Parts parts = start(32);
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
        Scope.Parts parts = start(32);
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
        Scope.Parts parts = start(32);
        parts.forgetting().forgetEveryone();
        parts.close();
        assertEquals(List.of("append 1", "store closed", "log closed"), calls);
        assertEquals(0, parts.forgetList().untold());
    }
}
