package io.github.tlsresumption.it;

import java.util.List;
import java.util.function.UnaryOperator;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static io.github.tlsresumption.it.ModuleBase.ONE;
import static io.github.tlsresumption.it.ModuleBase.TLS12;
import static io.github.tlsresumption.it.ModuleBase.TLS13;
import static io.github.tlsresumption.it.ModuleBase.TWO;
import static io.github.tlsresumption.it.ModuleBase.openSsl;
import static io.github.tlsresumption.it.ModuleBase.set;
import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * A ticket is worth something only where it was earned: in its scope and for its host.
 */
@StartsProcesses
@OnEachEngine
class ScopeIT
{
    private static JettyProcess ticket;
    private static JettyProcess cache;

    @BeforeAll
    static void start()
    {
        ticket = server("ticket").start();
        cache = server("cache").start();
    }

    @AfterAll
    static void stop()
    {
        ticket.close();
        cache.close();
    }

    private static JettyBase server(String mode)
    {
        JettyBase base = ModuleBase.probed("scope-" + mode, mode, mode);
        // Whatever certificate a client without SNI gets, its request is answered.
        base.property("jetty.ssl.sniHostCheck", "false").property("jetty.tlsResumption.scope", "shared");
        List<String> modes = List.of(set("mode", mode), set("tls12Mode", mode));
        String[] same = {modes.get(0), modes.get(1), set("scope", "shared")};
        String[] other = {modes.get(0), modes.get(1), set("scope", "other")};
        String[] none = {modes.get(0), modes.get(1)};
        base.connector("same", ModuleBase.factory(same));
        base.connector("other", ModuleBase.factory(other));
        base.connector("none-a", ModuleBase.factory(none));
        base.connector("none-b", ModuleBase.factory(none));
        return base;
    }

    private static JettyProcess of(String mode)
    {
        return mode.equals("ticket") ? ticket : cache;
    }

    @ParameterizedTest
    @CsvSource({"ticket," + TLS12, "ticket," + TLS13, "cache," + TLS12, "cache," + TLS13})
    void connectorsOfOneScopeResumeEachOthersSessions(String mode, String protocol)
    {
        JettyProcess jetty = of(mode);
        OpenSsl client = openSsl(jetty, TWO, protocol);
        client.connect();

        OpenSsl second = client.at(jetty.port("same"));
        OpenSsl.Result there = second.connect();
        OpenSsl.Result back = second.at(jetty.port()).connect();

        assertAll(
            () -> assertTrue(there.reused(), there::output),
            () -> assertEquals(200, there.reply().status(), there::output),
            () -> assertTrue(back.reused(), back::output),
            () -> assertEquals(200, back.reply().status(), back::output));
    }

    @ParameterizedTest
    @CsvSource({
        "ticket," + TLS12 + ",other", "ticket," + TLS13 + ",other", "cache," + TLS12 + ",other", "cache," + TLS13 + ",other",
        "ticket," + TLS12 + ",none-a", "ticket," + TLS13 + ",none-a", "cache," + TLS12 + ",none-a", "cache," + TLS13 + ",none-a"})
    void connectorOfAnotherScopeDoesNot(String mode, String protocol, String connector)
    {
        JettyProcess jetty = of(mode);
        OpenSsl client = openSsl(jetty, TWO, protocol);
        client.connect();

        refused(client, copy -> copy.at(jetty.port(connector)));
    }

    @ParameterizedTest
    @CsvSource({"ticket," + TLS12, "ticket," + TLS13, "cache," + TLS12, "cache," + TLS13})
    void withoutNameEachConnectorIsAScope(String mode, String protocol)
    {
        JettyProcess jetty = of(mode);
        OpenSsl client = openSsl(jetty, TWO, protocol).at(jetty.port("none-a"));
        client.connect();

        refused(client, copy -> copy.at(jetty.port("none-b")));
    }

    @ParameterizedTest
    @CsvSource({"ticket," + TLS12, "ticket," + TLS13, "cache," + TLS12, "cache," + TLS13})
    void ticketOfOneHostIsVoidForAnother(String mode, String protocol)
    {
        OpenSsl client = openSsl(of(mode), ONE, protocol);
        client.connect();

        refused(client, copy -> copy.host(TWO));
    }

    @ParameterizedTest
    @CsvSource({"ticket," + TLS12, "ticket," + TLS13, "cache," + TLS12, "cache," + TLS13})
    void ticketOfAHostIsVoidWithoutSni(String mode, String protocol)
    {
        OpenSsl client = openSsl(of(mode), ONE, protocol);
        client.connect();

        refused(client, OpenSsl::noSni);
    }

    @ParameterizedTest
    @CsvSource({"ticket," + TLS12, "ticket," + TLS13, "cache," + TLS12, "cache," + TLS13})
    void ticketWithoutSniIsVoidForAHost(String mode, String protocol)
    {
        OpenSsl anonymous = openSsl(of(mode), ONE, protocol).noSni();
        anonymous.connect();
        OpenSsl.Result again = anonymous.copy().connect();
        assertTrue(again.reused(), again::output);

        for (String host : List.of(ONE, TWO))
        {
            OpenSsl.Result named = anonymous.copy().withSni().host(host).connect();
            assertAll(
                () -> assertFalse(named.reused(), named::output),
                () -> assertEquals(200, named.reply().status(), named::output));
        }
    }

    /**
     * The changed client gets a full handshake and its answer, and resumes from then on; the unchanged one still resumes.
     */
    private static void refused(OpenSsl client, UnaryOperator<OpenSsl> change)
    {
        OpenSsl changed = change.apply(client.copy());
        OpenSsl.Result offered = changed.connect();
        OpenSsl.Result own = changed.connect();
        OpenSsl.Result unchanged = client.connect();
        assertAll(
            () -> assertFalse(offered.reused(), offered::output),
            () -> assertEquals(0, offered.exit(), offered::output),
            () -> assertEquals(200, offered.reply().status(), offered::output),
            () -> assertTrue(own.reused(), own::output),
            () -> assertTrue(unchanged.reused(), unchanged::output));
    }
}
