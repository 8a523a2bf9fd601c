package io.github.tlsresumption.it;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import io.github.tlsresumption.jsse.SunJsseShape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static io.github.tlsresumption.it.ModuleBase.ONE;
import static io.github.tlsresumption.it.ModuleBase.TLS12;
import static io.github.tlsresumption.it.ModuleBase.TLS13;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/**
 * Several tickets for each connection of TLS 1.3, where the JDK can send them, and a refusal where it cannot.
 */
@StartsProcesses
@OnEachEngine
class TicketsPerConnectionIT
{
    private static final String SETTING = "jetty.tlsResumption.ticketsPerConnection";
    private static final String PROPERTY = "jdk.tls.server.newSessionTicketCount";
    /** As many connections as browsers have to one host over HTTP/1.1. */
    private static final int PARALLEL = 6;
    private static final int VISITS = Integer.getInteger("tickets.visits", 3);
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final boolean SEVERAL = SunJsseShape.sendsSeveralTickets();

    private static JettyBase base(String name, int tickets)
    {
        return ModuleBase.probed(name, "ticket", "ticket").property(SETTING, String.valueOf(tickets));
    }

    @Test
    void aJdkThatSendsOneTicketRefusesMore()
    {
        assumeTrue(!SEVERAL, "this JDK sends several tickets");
        String log = base("tickets-old", 2).startFails();
        assertTrue(log.contains(SETTING + " is 2, but SunJSSE of this JDK ("), log);
        assertTrue(log.contains("always sends 1: remove it, or run a JDK that knows the system property " + PROPERTY), log);
    }

    @Test
    void everyTicketResumesAndEachConnectionBringsNewOnes() throws IOException
    {
        assumeTrue(SEVERAL, "this JDK sends one ticket");
        try (JettyProcess jetty = base("tickets-2", 2).start())
        {
            OpenSsl client = ModuleBase.openSsl(jetty, ONE, TLS13);
            for (int i = 0; i < 3; i++)
            {
                OpenSsl.Result result = client.connect();
                assertEquals(i > 0, result.reused(), result::output);
                assertEquals(2, result.ticketsAfterHandshake(), result::output);
                assertTrue(result.ticketLength() > 100, result::output);
            }
            // A client of this JDK takes the tickets in the order in which they came.
            JsseClient jdk = new JsseClient(jetty.port(), ONE, TLS13);
            assertFalse(jdk.get(Probe.PATH).resumed());
            for (int i = 0; i < 4; i++)
            {
                assertTrue(jdk.get(Probe.PATH).resumed(), "ticket " + i);
            }
            OpenSsl older = ModuleBase.openSsl(jetty, ONE, TLS12);
            older.connect();
            assertTrue(older.connect().reused());
            Cli.Result check = Cli.run("check", "127.0.0.1:" + jetty.port(), "--host", ONE, "--insecure", "--json");
            assertEquals(0, check.exit(), check::text);
        }
    }

    @Test
    void ofSeveralTicketsOfOneUseOneIsUsed() throws IOException
    {
        assumeTrue(SEVERAL, "this JDK sends one ticket");
        JettyBase once = base("tickets-once", 2).property("jetty.tlsResumption.rules", "once mode=cache singleUse=true");
        try (JettyProcess jetty = once.start())
        {
            JsseClient jdk = new JsseClient(jetty.port(), ONE, TLS13);
            assertFalse(jdk.get(Probe.PATH).resumed());
            assertTrue(jdk.get(Probe.PATH).resumed(), "the first ticket");
            assertFalse(jdk.get(Probe.PATH).resumed(), "the second ticket of a session that was resumed");
            assertEquals(200, jdk.get(Probe.PATH).reply().status());
        }
    }

    @Test
    void numbersThatContradictEachOtherAreRefused()
    {
        assumeFalse(ModuleBase.isNative(), "the native engine has no such system property");
        assumeTrue(SEVERAL, "this JDK sends one ticket");
        String log = base("tickets-property", 2).startFails("-D" + PROPERTY + "=3");
        assertTrue(log.contains(SETTING + " is 2, but the system property " + PROPERTY + " is 3"), log);
        log = base("tickets-two", 2)
            .connector("second", ModuleBase.factory(ModuleBase.set("scope", "second"), ModuleBase.set("ticketsPerConnection", "3")))
            .startFails();
        assertTrue(log.contains("for the whole JVM"), log);
        try (JettyProcess jetty = base("tickets-same", 2).start("-D" + PROPERTY + "=2"))
        {
            assertEquals(2, ModuleBase.openSsl(jetty, ONE, TLS13).connect().ticketsAfterHandshake());
        }
    }

    /**
     * What a browser gains: it opens so many connections at once, and shows each ticket once.
     */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 4})
    void chromiumResumesInParallel(int tickets)
    {
        assumeTrue(SEVERAL || tickets == 1, "this JDK sends one ticket");
        JettyBase base = ModuleBase.plain("tickets-chromium").deploy(JettyHome.demoWar(), "ROOT");
        base.property(SETTING, String.valueOf(tickets));
        List<String> figures = new ArrayList<>();
        int resumed = 0;
        try (JettyProcess jetty = base.start(); Chromium chromium = new Chromium(ModuleBase.twoHosts()))
        {
            chromium.load("https://" + ONE + ":" + jetty.port() + "/?format=text");
            for (int visit = 0; visit < VISITS; visit++)
            {
                // One connection, as that of a page; then those of what is on it.
                resumed += fetch(chromium, 1, figures);
                resumed += fetch(chromium, PARALLEL, figures);
            }
        }
        System.out.printf("Chromium, %d tickets for each connection, resumed: %s%n", tickets, String.join(", ", figures));
        assertTrue(resumed > VISITS, () -> "nothing in parallel resumes: " + figures);
    }

    private static int fetch(Chromium chromium, int count, List<String> figures)
    {
        chromium.evaluate("window.seen = []; for (let i = 0; i < " + count + "; i++) { fetch('/?format=text&n=' + Math.random(), "
            + "{cache: 'no-store'}).then(r => r.text()).then(t => window.seen.push(t)); } 0");
        Await.until(PATIENCE, () -> ((Number)chromium.evaluate("window.seen.length")).intValue() == count, () -> "no answers");
        int resumed = ((Number)chromium.evaluate("window.seen.filter(t => t.startsWith('resumed')).length")).intValue();
        figures.add(resumed + "/" + count);
        return resumed;
    }
}
