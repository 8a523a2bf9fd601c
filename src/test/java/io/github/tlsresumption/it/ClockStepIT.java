package io.github.tlsresumption.it;

import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static io.github.tlsresumption.it.ModuleBase.ONE;
import static io.github.tlsresumption.it.ModuleBase.TLS12;
import static io.github.tlsresumption.it.ModuleBase.TLS13;
import static io.github.tlsresumption.it.ModuleBase.openSsl;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * A real server whose wall clock is set. The table of all steps is in {@link io.github.tlsresumption.resumption.ClockStepsTest}.
 */
@StartsProcesses
class ClockStepIT
{
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final Duration TWO_DAYS = Duration.ofDays(2);
    private static final Duration TWO_HOURS = Duration.ofHours(2);
    /** Who was forgotten together with everyone is told by the second. */
    private static final Duration NEXT_SECONDS = Duration.ofSeconds(2);
    private static final Pattern WARNING = Pattern.compile("WARN[^\n]*Ticket keys were dropped[^\n]*the clock was set back");
    private static final String ADDRESS = "127.0.7.9";

    /**
     * The first start is with a clock that is ahead. It is set right, and later set back twice: for a moment in which nobody looks at it,
     * and for long enough to be seen.
     */
    @ParameterizedTest
    @ValueSource(strings = {"ticket", "cache"})
    void whoeverWasForgottenStaysForgottenAndNewSessionsResume(String mode) throws Exception
    {
        WallClock clock = WallClock.real().move(TWO_DAYS);
        JettyBase base = ModuleBase.probed("clock-" + mode, mode, mode).modules("jmx").clock(clock);
        try (JettyProcess jetty = base.start(); Jmx jmx = Jmx.connect(jetty))
        {
            List<OpenSsl> early = established(jetty);
            clock.move(TWO_DAYS.negated());
            awaitWarning(jetty, 1);
            assertFull(early);

            clock.move(NEXT_SECONDS);
            List<OpenSsl> unseen = established(jetty);
            clock.move(TWO_HOURS.negated());
            jmx.invoke("forgetClient", ADDRESS);
            clock.move(TWO_HOURS);
            assertFull(unseen);

            clock.move(NEXT_SECONDS);
            List<OpenSsl> seen = established(jetty);
            int warnings = warnings(jetty);
            clock.move(TWO_HOURS.negated());
            awaitWarning(jetty, warnings + 1);
            jmx.invoke("forgetClient", ADDRESS);
            assertFull(seen);
            clock.move(TWO_HOURS);
            assertFull(seen);

            clock.move(NEXT_SECONDS);
            established(jetty);
        }
    }

    /**
     * @return clients that have a session, which resumes
     */
    private static List<OpenSsl> established(JettyProcess jetty)
    {
        List<OpenSsl> clients = List.of(openSsl(jetty, ONE, TLS12).from(ADDRESS), openSsl(jetty, ONE, TLS13).from(ADDRESS),
            openSsl(jetty, ONE, TLS12).from(ADDRESS).noTicket());
        for (OpenSsl client : clients)
        {
            OpenSsl.Result first = client.connect();
            assertFalse(first.reused(), first::output);
            assertEquals(200, first.reply().status(), first::output);
            OpenSsl.Result second = client.copy().connect();
            assertTrue(second.reused(), second::output);
        }
        return clients;
    }

    private static void assertFull(List<OpenSsl> clients)
    {
        for (OpenSsl client : clients)
        {
            OpenSsl.Result next = client.copy().connect();
            assertFalse(next.reused(), next::output);
            assertEquals(200, next.reply().status(), next::output);
        }
    }

    private static int warnings(JettyProcess jetty)
    {
        return (int)WARNING.matcher(jetty.log()).results().count();
    }

    private static void awaitWarning(JettyProcess jetty, int count)
    {
        Await.until(LIMIT, () -> warnings(jetty) >= count, jetty::log);
    }
}
