package io.github.tlsresumption.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;

import io.github.tlsresumption.cli.ScriptedServers.Script;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * What {@code check} prints for people.
 */
class CheckTextTest
{
    private static final String OTHER = "other.invalid";
    private static final String ESCAPE = "\033[";

    @Test
    void whatIsTheSameOfSeveralNodesIsSaidOnce()
    {
        String text = text(new ScriptedServers().with(1, new Script()).with(2, new Script()).with(3, new Script())
            .check(false, OTHER, 1, 2, 3), Palette.When.never);

        assertAll(text::toString,
            () -> assertTrue(text.startsWith("127.0.0.1:1, 127.0.0.1:2, 127.0.0.1:3\n")),
            () -> assertEquals(1, text.split("resumes by psk", -1).length - 1),
            () -> assertEquals(1, text.split("not bound to the host", -1).length - 1),
            () -> assertTrue(text.contains("    at all nodes: TLSv1.3, TLSv1.2 with tickets, TLSv1.2 without tickets\n")),
            () -> assertTrue(text.contains("From node to node, TLSv1.3, TLSv1.2 with tickets, TLSv1.2 without tickets\n"
                + "  each node resumes the sessions of each other\n")),
            () -> assertTrue(text.contains("\nNo problem found, 1 warning.\n")),
            () -> assertFalse(text.contains(ESCAPE)));
    }

    @Test
    void whatDiffersFromNodeToNodeIsATable()
    {
        String text = text(new ScriptedServers().with(1, new Script()).with(2, new Script().keys("others")).with(3, new Script())
            .check(false, OTHER, 1, 2, 3), Palette.When.never);

        assertTrue(text.contains("""
            From node to node, TLSv1.3, TLSv1.2 with tickets, TLSv1.2 without tickets
                                to 1    to 2    to 3
                1  127.0.0.1:1  -       full    resumed
                2  127.0.0.1:2  full    -       full
                3  127.0.0.1:3  resumed full    -
            """), text);
        assertTrue(text.contains("\n1 problem, 1 warning.\n"), text);
    }

    @Test
    void coloursAreThereWhenAskedFor()
    {
        String text = text(new ScriptedServers().with(1, new Script().resumes(offer -> false)).check(false, OTHER, 1), Palette.When.always);

        assertTrue(text.contains(ESCAPE), text);
    }

    @Test
    void aWatchTellsWhatHasChanged()
    {
        ScriptedServers servers = new ScriptedServers().with(1, new Script());
        CheckResult before = servers.check(false, OTHER, 1);
        CheckResult same = servers.check(false, OTHER, 1);
        CheckResult now = servers.with(1, new Script().resumes(offer -> false)).check(false, OTHER, 1);
        StringWriter text = new StringWriter();
        Watch watch = new Watch(new PrintWriter(text), new Palette(Palette.When.never),
            Clock.fixed(Instant.parse("2026-01-01T00:00:00Z"), ZoneOffset.UTC));

        assertFalse(watch.compare(before, same));
        assertEquals("", text.toString());
        assertTrue(watch.compare(same, now));
        assertTrue(text.toString().startsWith("2026-01-01T00:00:00Z 127.0.0.1:1, TLSv1.3: resumes by psk, lifetime 300 s, "
            + "no host: resumed, other host: resumed, tampered: full -> does NOT resume, lifetime 300 s\n"), text::toString);
        assertTrue(text.toString().contains("2026-01-01T00:00:00Z PROBLEM no session is resumed, though a ticket is given, "
            + "at 127.0.0.1:1, TLSv1.3\n"), text::toString);
        assertFalse(text.toString().contains("no longer"), text::toString);
        text.getBuffer().setLength(0);
        assertTrue(watch.compare(now, same));
        assertTrue(text.toString().contains("no longer: no session is resumed, though a ticket is given, at 127.0.0.1:1, TLSv1.3\n"),
            text::toString);
    }

    @Test
    void aWatchTellsOfANodeThatIsDownNoMoreThanThat()
    {
        ScriptedServers servers = new ScriptedServers().with(1, new Script()).with(2, new Script().keys("others"));
        CheckResult before = servers.check(false, OTHER, 1, 2);
        CheckResult down = servers.without(2).check(false, OTHER, 1, 2);
        StringWriter text = new StringWriter();
        Watch watch = new Watch(new PrintWriter(text), new Palette(Palette.When.never), Clock.fixed(Instant.EPOCH, ZoneOffset.UTC));

        assertTrue(watch.compare(before, down));
        assertEquals("1970-01-01T00:00:00Z PROBLEM it could not be examined: Connection refused, at 127.0.0.1:2\n", text.toString());
    }

    private static String text(CheckResult result, Palette.When when)
    {
        StringWriter text = new StringWriter();
        new CheckText(new PrintWriter(text), new Palette(when)).print(result);
        return text.toString();
    }
}
