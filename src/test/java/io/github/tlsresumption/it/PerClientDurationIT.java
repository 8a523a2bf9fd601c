package io.github.tlsresumption.it;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static io.github.tlsresumption.it.ModuleBase.ONE;
import static io.github.tlsresumption.it.ModuleBase.TLS12;
import static io.github.tlsresumption.it.ModuleBase.TLS13;
import static io.github.tlsresumption.it.ModuleBase.TWO;
import static io.github.tlsresumption.it.ModuleBase.openSsl;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * On one connector each client's sessions last as long as the rule for that client says, neither longer nor shorter.
 */
@StartsProcesses
class PerClientDurationIT
{
    private static final String RULES_FILE = "etc/tls-resumption-rules.conf";
    private static final String ADMIN = "127.0.7.1";
    private static final String BRANCH = "127.0.7.2";
    private static final Duration OF_CERTIFICATE = Duration.ofHours(1);
    private static final Duration OF_NETWORK = Duration.ofHours(2);
    private static final Duration OF_HOST = Duration.ofHours(3);

    private final KeyMaterial.ClientAuthority authority = KeyMaterial.clientAuthority("durations");
    private final KeyMaterial.Client alice = authority.issue("alice");

    private JettyBase base(String name, String mode)
    {
        return ModuleBase.probed(name, mode, mode)
            .clientAuth(authority, "want")
            .property("jetty.tlsResumption.rulesFile", RULES_FILE)
            .file(RULES_FILE, """
                # Three clients, three durations.
                alice    certificate.subject="CN=alice"     maxDuration=%ds
                branch   network=%s/32                      maxDuration=%ds
                two      host=%s                            maxDuration=%ds
                """.formatted(OF_CERTIFICATE.toSeconds(), BRANCH, OF_NETWORK.toSeconds(), TWO, OF_HOST.toSeconds()));
    }

    /**
     * By certificate, by network and by host; each with Java and OpenSSL.
     */
    @OnEachEngine
    @ParameterizedTest
    @ValueSource(strings = {"ticket", "cache"})
    void threeClientsOfOneConnectorHaveThreeDurations(String mode) throws Exception
    {
        WallClock clock = WallClock.real();
        try (JettyProcess jetty = base("durations-" + mode, mode).clock(clock).start())
        {
            SessionDuration clients = new SessionDuration(clock);
            for (String protocol : List.of(TLS12, TLS13))
            {
                OpenSsl certificate = openSsl(jetty, ONE, protocol).from(ADMIN).certificate(alice);
                OpenSsl network = openSsl(jetty, ONE, protocol).from(BRANCH);
                OpenSsl host = openSsl(jetty, TWO, protocol).from(ADMIN);
                clients.add("OpenSSL by certificate, " + protocol, () -> resumed(certificate.connect()), OF_CERTIFICATE);
                clients.add("OpenSSL by network, " + protocol, () -> resumed(network.connect()), OF_NETWORK);
                clients.add("OpenSSL by host, " + protocol, () -> resumed(host.connect()), OF_HOST);
                JsseClient first = new JsseClient(jetty.port(), TWO, protocol, alice.keyStore()).from(BRANCH);
                clients.add("Java by certificate, the first rule, " + protocol, () -> resumed(first.get(Probe.PATH)), OF_CERTIFICATE);
                JsseClient second = new JsseClient(jetty.port(), TWO, protocol).from(BRANCH);
                clients.add("Java by network, the second rule, " + protocol, () -> resumed(second.get(Probe.PATH)), OF_NETWORK);
            }
            OpenSsl byId = openSsl(jetty, ONE, TLS12).from(BRANCH).noTicket();
            clients.add("OpenSSL by network, without tickets", () -> resumed(byId.connect()), OF_NETWORK);
            clients.assertAllEndInTime();
        }
    }

    /**
     * A client that keeps its first ticket, and comes back once shortly before its session's end and once after it.
     */
    @ParameterizedTest
    @ValueSource(strings = {"ticket", "cache"})
    void theFirstTicketIsGoodUntilTheEndAndNotAfterIt(String mode)
    {
        WallClock clock = WallClock.real();
        try (JettyProcess jetty = base("once-" + mode, mode).clock(clock).start())
        {
            List<OpenSsl> clients = Stream.of(TLS12, TLS13).map(protocol -> openSsl(jetty, ONE, protocol).from(BRANCH)).toList();
            clients.forEach(client -> assertFalse(resumed(client.connect())));
            Instant established = clock.instant();
            clock.move(OF_NETWORK.minusMinutes(5));
            clients.forEach(client -> assertTrue(resumed(client.copy().connect()), "not resumed before its end"));
            clock.moveTo(established.plus(OF_NETWORK));
            clients.forEach(client -> assertFalse(resumed(client.connect())));
        }
    }

    @OnEachEngine
    @ParameterizedTest
    @ValueSource(strings = {TLS12, TLS13})
    void modesAndSingleUseGoByClientToo(String protocol)
    {
        JettyBase base = ModuleBase.probed("modes", "ticket", "ticket").property("jetty.tlsResumption.rules",
            "kiosk network=127.0.7.3 mode=off; once network=127.0.7.4 mode=cache singleUse=true; two host=" + TWO + " mode=cache");
        try (JettyProcess jetty = base.start())
        {
            OpenSsl kiosk = openSsl(jetty, TWO, protocol).from("127.0.7.3");
            assertFalse(resumed(kiosk.connect()));
            assertFalse(resumed(kiosk.connect()));
            OpenSsl two = openSsl(jetty, TWO, protocol);
            two.connect();
            assertEquals("cache", two.connect().reply().json().get("mode"));
            OpenSsl one = openSsl(jetty, ONE, protocol);
            one.connect();
            assertEquals("ticket", one.connect().reply().json().get("mode"));

            OpenSsl once = openSsl(jetty, ONE, protocol).from("127.0.7.4");
            once.connect();
            OpenSsl thief = once.copy();
            assertTrue(resumed(once.connect()));
            assertFalse(resumed(thief.connect()), "the ticket was used");
            // In TLS 1.2 s_client does not write down the ticket that it gets with a resumption.
            assertEquals(protocol.equals(TLS13), resumed(once.connect()), "its successor was not");
        }
    }

    /**
     * In XML, where the first connector has none.
     */
    @OnAnyJdk
    @ParameterizedTest
    @ValueSource(strings = {TLS12, TLS13})
    void eachConnectorHasRulesOfItsOwn(String protocol)
    {
        JettyBase base = ModuleBase.probed("xml-rules", "ticket", "ticket").connector("strict", ModuleBase.factory(
            ModuleBase.set("rules", "kiosk network=127.0.7.3 mode=off"),
            "<Call name=\"addRule\"><Arg>two host=" + TWO + " mode=off</Arg></Call>"));
        try (JettyProcess jetty = base.start())
        {
            assertTrue(jetty.log().contains(": 2 from jetty.tlsResumption.rules: kiosk, two"), jetty::log);
            for (OpenSsl client : List.of(openSsl(jetty, ONE, protocol).from("127.0.7.3"), openSsl(jetty, TWO, protocol)))
            {
                OpenSsl strict = client.at(jetty.port("strict"));
                assertFalse(resumed(client.connect()));
                assertTrue(resumed(client.connect()));
                assertFalse(resumed(strict.connect()));
                assertFalse(resumed(strict.connect()));
            }
            OpenSsl other = openSsl(jetty, ONE, protocol).at(jetty.port("strict"));
            assertFalse(resumed(other.connect()));
            assertTrue(resumed(other.connect()));
        }
    }

    @OnAnyJdk
    @ParameterizedTest
    @ValueSource(strings = {TLS12, TLS13})
    void rulesGoByTheAddressBehindAProxy(String protocol) throws Exception
    {
        JettyBase base = ModuleBase.probed("proxy", "ticket", "ticket")
            .modules("proxy-protocol-ssl")
            .property("jetty.tlsResumption.rules", "kiosk network=203.0.113.0/24,2001:db8::/32 mode=off");
        try (JettyProcess jetty = base.start())
        {
            for (String strange : List.of("TCP4 198.51.100.7 192.0.2.1", "TCP6 2001:db9::7 2001:db8::1"))
            {
                assertResumes(true, new JsseClient(jetty.port(), ONE, protocol).behindProxy("PROXY " + strange + " 4711 443\r\n"));
            }
            for (String known : List.of("TCP4 203.0.113.7 192.0.2.1", "TCP6 2001:db8::7 2001:db8::1"))
            {
                assertResumes(false, new JsseClient(jetty.port(), ONE, protocol).behindProxy("PROXY " + known + " 4711 443\r\n"));
            }
        }
    }

    private static void assertResumes(boolean expected, JsseClient client) throws IOException
    {
        assertFalse(resumed(client.get(Probe.PATH)));
        assertEquals(expected, resumed(client.get(Probe.PATH)));
    }

    @OnEachEngine
    @ParameterizedTest
    @ValueSource(strings = {"ticket", "cache"})
    void stricterRulesBindSessionsAtOnceAndLooserOnesExtendNone(String mode)
    {
        WallClock clock = WallClock.real();
        JettyBase base = base("reload-" + mode, mode).clock(clock).file(RULES_FILE, "branch network=" + BRANCH + " maxDuration=1h\n");
        try (JettyProcess jetty = base.start())
        {
            for (String protocol : List.of(TLS12, TLS13))
            {
                OpenSsl branch = openSsl(jetty, ONE, protocol).from(BRANCH);
                OpenSsl other = openSsl(jetty, ONE, protocol).from(ADMIN);
                branch.connect();
                Instant established = clock.instant();
                assertTrue(resumed(branch.connect()));
                reload(jetty, "branch network=" + BRANCH + " maxDuration=4h");
                assertTrue(resumed(branch.connect()));
                clock.moveTo(established.plus(Duration.ofHours(1)));
                other.connect();
                OpenSsl.Result afterItsEnd = branch.connect();
                assertFalse(resumed(afterItsEnd), "a looser rule has extended a session");
                assertTrue(resumed(branch.connect()));

                reload(jetty, "branch network=" + BRANCH + " mode=off");
                assertFalse(resumed(branch.connect()));
                assertTrue(resumed(other.connect()));
                reload(jetty, "branch network=" + BRANCH + " maxDuration=1h");
            }
        }
    }

    @OnAnyJdk
    @Test
    void badRulesAreNotTakenAndSaidSo() throws Exception
    {
        JettyBase base = base("bad-rules", "ticket").modules("jmx");
        try (JettyProcess jetty = base.start(); Jmx jmx = Jmx.connect(jetty))
        {
            OpenSsl client = openSsl(jetty, ONE, TLS13).from(ADMIN);
            client.connect();
            assertTrue(resumed(client.connect()));
            base.file(RULES_FILE, "kiosk network=127.0.7.3 mode=off\nbranch hots=" + ONE + " mode=off\n");
            jetty.awaitLog("tls-resumption-rules\\.conf:2: .*hots", 1);
            assertTrue(resumed(client.connect()), "the old rules hold");
            String problem = (String)jmx.attribute("rulesProblem");
            assertTrue(problem.contains(":2:"), problem);
            reload(jetty, "all mode=off");
            assertFalse(resumed(client.connect()));
            assertEquals("", jmx.attribute("rulesProblem"));
        }
    }

    @OnAnyJdk
    @Test
    void badRulesKeepTheServerFromStarting()
    {
        JettyBase file = base("bad-start", "ticket").file(RULES_FILE, "\n# comment\nbranch network=10.1.0.0/8 mode=off\n");
        String log = file.startFails();
        assertTrue(log.contains("tls-resumption-rules.conf:3: ") && log.contains("10.0.0.0/8"), log);

        JettyBase property = ModuleBase.plain("bad-property")
            .property("jetty.tlsResumption.rules", "branch host=" + ONE + " maxDuration=2d");
        String second = property.startFails();
        assertTrue(second.contains("jetty.tlsResumption.rules:1: ") && second.contains("jetty.tlsResumption.maxSessionDuration"), second);

        JettyBase missing = ModuleBase.plain("no-rules").property("jetty.tlsResumption.rulesFile", "etc/none.conf");
        String third = missing.startFails();
        assertTrue(third.contains("jetty.tlsResumption.rulesFile") && third.contains("none.conf"), third);
    }

    private static void reload(JettyProcess jetty, String rules)
    {
        String taken = "tls-resumption-rules\\.conf was read again";
        int before = (int)Pattern.compile(taken).matcher(jetty.log()).results().count();
        jetty.base().file(RULES_FILE, rules + "\n");
        jetty.awaitLog(taken, before + 1);
    }

    private static boolean resumed(JsseClient.Result result)
    {
        assertEquals(200, result.reply().status());
        return result.resumed();
    }

    private static boolean resumed(OpenSsl.Result result)
    {
        assertEquals(200, result.reply().status(), result::output);
        return result.reused();
    }
}
