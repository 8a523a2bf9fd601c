package io.github.tlsresumption.admin;

import java.time.Instant;
import java.util.Map;
import java.util.Optional;

import io.github.tlsresumption.status.ServerStatus;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

class OverviewTest
{
    private static final ServerFacts FACTS = new ServerFacts(Optional.of(Statuses.START), Map.of("jetty", "12.1.12"));

    private static String html(Statuses connector)
    {
        ServerStatus status = Statuses.server(Statuses.START.plusSeconds(60), connector.get());
        return new Overview(status, FACTS, new History(() -> status, null)).html();
    }

    private static void shows(String expected, String html)
    {
        assertTrue(html.contains(expected), () -> expected + " in " + html);
    }

    @Test
    void itSaysOfEachConnectorWhatMatters()
    {
        String html = html(new Statuses().handshakes(25, 75).refusals(Map.of("expired", 3L, "tampered", 0L))
            .store("Redis", Optional.of("it is away")));
        shows("jetty 12.1.12", html);
        shows("Running since 2026-11-23T10:00:00Z", html);
        shows("<th scope=\"row\">name</th><td>scope</td>", html);
        shows("<td>2026-11-23T11:00:00Z</td><td>Redis</td>", html);
        shows("Store of ticket-keys: it is away.", html);
        shows("<th scope=\"row\">expired</th><td>3</td><td>The session&apos;s deadline has passed.", html);
        assertFalse(html.contains("tampered"), html);
        shows("25 full handshakes: 22 brought no ticket, 3 refused, 0 by policy.", html);
        assertFalse(html.contains("check"), html);
        assertFalse(html.contains("<script"), html);
    }

    @Test
    void itSaysHowManyConnectionsWereOfCheckAndChangesNothingElse()
    {
        Statuses connector = new Statuses().handshakes(25, 75).refusals(Map.of("expired", 3L));
        String without = html(connector);
        String with = html(connector.checkConnections(7));
        String line = "<p>Of these 100 handshakes, full and resumed, 7 by the command check, as their clients say; they count like all "
            + "others.</p>\n";
        shows(line, with);
        assertEquals(without, with.replace(line, ""));
    }

    @Test
    void namesAreTextAndNotHtml()
    {
        String html = html(new Statuses().name("<b>&'\"").store("<i>", Optional.empty()));
        assertFalse(html.contains("<b>") || html.contains("<i>"), html);
        shows("&lt;b&gt;&amp;", html);
    }

    @Test
    void itSaysWhenThereIsNoConnector()
    {
        ServerStatus status = Statuses.server(Instant.EPOCH);
        shows("No connector of this server", new Overview(status, FACTS, new History(() -> status, null)).html());
    }
}
