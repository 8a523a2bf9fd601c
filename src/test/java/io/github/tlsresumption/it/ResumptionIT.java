package io.github.tlsresumption.it;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import org.eclipse.jetty.http.HttpVersion;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import static io.github.tlsresumption.it.ModuleBase.ONE;
import static io.github.tlsresumption.it.ModuleBase.TLS12;
import static io.github.tlsresumption.it.ModuleBase.TLS13;
import static io.github.tlsresumption.it.ModuleBase.TWO;
import static io.github.tlsresumption.it.ModuleBase.openSsl;
import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

/**
 * Real clients resume sessions of a real Jetty with our module, in both modes, until the session's end; and in mode off never.
 */
@StartsProcesses
@OnEachEngine
class ResumptionIT
{
    private static final Map<String, JettyProcess> SERVERS = new HashMap<>();
    private static final int CHAIN = 5;
    private static final int SESSION_ID_LENGTH = 32;

    @BeforeAll
    static void start()
    {
        for (String mode : List.of("ticket", "cache", "off"))
        {
            SERVERS.put(mode, ModuleBase.probed("resumption-" + mode, mode, mode).modules("http2").start());
        }
    }

    @AfterAll
    static void stop()
    {
        SERVERS.values().forEach(JettyProcess::close);
    }

    static Stream<Arguments> modesProtocolsHosts()
    {
        return Stream.of("ticket", "cache").flatMap(mode ->
            Stream.of(TLS12, TLS13).flatMap(protocol ->
                Stream.of(ONE, TWO).map(host -> arguments(mode, protocol, host))));
    }

    @ParameterizedTest
    @MethodSource("modesProtocolsHosts")
    void openSslResumesAgainAndAgain(String mode, String protocol, String host)
    {
        OpenSsl client = openSsl(SERVERS.get(mode), host, protocol);

        OpenSsl.Result first = client.connect();
        assertAll(
            () -> assertFalse(first.reused(), first::output),
            () -> assertEquals(200, first.reply().status(), first::output),
            () -> assertEquals(false, first.reply().json().get("resumed"), first::output),
            () -> assertTrue(first.ticketLength() > SESSION_ID_LENGTH, first::output));

        for (int i = 1; i <= CHAIN; i++)
        {
            OpenSsl.Result next = client.connect();
            assertAll(
                () -> assertTrue(next.reused(), next::output),
                () -> assertEquals(0, next.exit(), next::output),
                () -> assertEquals(200, next.reply().status(), next::output),
                () -> assertEquals(true, next.reply().json().get("resumed"), next::output),
                () -> assertEquals(mode, next.reply().json().get("mode"), next::output),
                () -> assertEquals(protocol, next.reply().json().get("protocol"), next::output),
                () -> assertEquals(first.reply().json().get("id"), next.reply().json().get("id"), next::output),
                () -> assertEquals(first.reply().json().get("established"), next.reply().json().get("established"), next::output),
                () -> assertEquals(first.reply().json().get("deadline"), next.reply().json().get("deadline"), next::output),
                () -> assertTrue(next.ticketLength() > SESSION_ID_LENGTH, next::output));
        }
    }

    @ParameterizedTest
    @MethodSource("modesProtocolsHosts")
    void newestTicketAfterRequestIsTheOnlyOne(String mode, String protocol, String host)
    {
        OpenSsl client = openSsl(SERVERS.get(mode), host, protocol);
        for (int i = 0; i < 2; i++)
        {
            OpenSsl.Result result = client.connect();
            assertAll(
                () -> assertEquals(protocol.equals(TLS13) ? 1 : 0, result.ticketsAfterHandshake(), result::output),
                () -> assertTrue(result.ticketLength() > SESSION_ID_LENGTH, result::output));
        }
    }

    @ParameterizedTest
    @CsvSource({"ticket," + ONE, "ticket," + TWO, "cache," + ONE, "cache," + TWO})
    void clientWithoutTicketsResumesBySessionId(String mode, String host)
    {
        OpenSsl client = openSsl(SERVERS.get(mode), host, TLS12).noTicket();

        OpenSsl.Result first = client.connect();
        OpenSsl.Result second = client.connect();
        OpenSsl.Result third = client.connect();

        assertAll(
            () -> assertFalse(first.reused(), first::output),
            () -> assertEquals(0, first.ticketLength(), first::output),
            () -> assertTrue(second.reused(), second::output),
            () -> assertEquals(true, second.reply().json().get("resumed"), second::output),
            () -> assertTrue(third.reused(), third::output),
            () -> assertEquals(first.reply().json().get("id"), third.reply().json().get("id"), third::output));
    }

    @ParameterizedTest
    @MethodSource("modesProtocolsHosts")
    void curlResumes(String mode, String protocol, String host)
    {
        Curl.Result result = new Curl(SERVERS.get(mode).port(), host).protocol(protocol).get(Probe.PATH, Probe.PATH, Probe.PATH);

        List<Object> resumed = result.replies().stream().map(reply -> reply.json().get("resumed")).toList();
        assertEquals(List.of(false, true, true), resumed, result::output);
    }

    @ParameterizedTest
    @MethodSource("modesProtocolsHosts")
    void jettyClientResumes(String mode, String protocol, String host)
    {
        for (boolean h2 : List.of(false, true))
        {
            try (JettyClient client = new JettyClient(SERVERS.get(mode).port(), host, protocol, h2))
            {
                JettyClient.Result first = client.get(Probe.PATH);
                JettyClient.Result second = client.get(Probe.PATH);
                JettyClient.Result third = client.get(Probe.PATH);
                assertAll(
                    () -> assertFalse(first.resumed(), first::toString),
                    () -> assertEquals(false, first.reply().json().get("resumed"), first::toString),
                    () -> assertTrue(second.resumed(), second::toString),
                    () -> assertEquals(true, second.reply().json().get("resumed"), second::toString),
                    () -> assertTrue(third.resumed(), third::toString),
                    () -> assertEquals(h2 ? HttpVersion.HTTP_2 : HttpVersion.HTTP_1_1, third.version()));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("modesProtocolsHosts")
    void openSslResumesWithH2(String mode, String protocol, String host)
    {
        OpenSsl client = openSsl(SERVERS.get(mode), host, protocol).h2();

        OpenSsl.Result first = client.connect();
        OpenSsl.Result second = client.connect();

        assertAll(
            () -> assertFalse(first.reused(), first::output),
            () -> assertEquals("h2", first.alpn(), first::output),
            () -> assertTrue(second.reused(), second::output),
            () -> assertEquals("h2", second.alpn(), second::output));
    }

    @ParameterizedTest
    @CsvSource({"ticket,need", "ticket,want", "cache,need", "cache,want"})
    void clientCertificateStaysVisible(String mode, String auth)
    {
        KeyMaterial.ClientAuthority authority = KeyMaterial.clientAuthority("clients");
        KeyMaterial.Client alice = authority.issue("alice");
        JettyBase base = ModuleBase.probed("mtls-" + mode + "-" + auth, mode, mode).clientAuth(authority, auth);
        try (JettyProcess jetty = base.start())
        {
            for (String protocol : List.of(TLS12, TLS13))
            {
                for (String host : List.of(ONE, TWO))
                {
                    OpenSsl client = openSsl(jetty, host, protocol).certificate(alice);
                    client.connect();
                    OpenSsl.Result second = client.connect();
                    OpenSsl.Result third = client.connect();
                    assertAll(
                        () -> assertTrue(second.reused(), second::output),
                        () -> assertEquals("CN=alice", second.reply().json().get("client"), second::output),
                        () -> assertTrue(third.reused(), third::output),
                        () -> assertEquals("CN=alice", third.reply().json().get("client"), third::output));
                }
                OpenSsl nobody = openSsl(jetty, TWO, protocol);
                OpenSsl.Result first = nobody.connect();
                if (auth.equals("need"))
                {
                    assertEquals(0, first.reply().status(), first::output);
                }
                else
                {
                    OpenSsl.Result second = nobody.connect();
                    assertAll(
                        () -> assertFalse(first.reply().json().containsKey("client"), first::output),
                        () -> assertTrue(second.reused(), second::output),
                        () -> assertFalse(second.reply().json().containsKey("client"), second::output));
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"ticket", "cache"})
    void chromiumShowsAResumedSession(String mode)
    {
        JettyBase base = ModuleBase.plain("chromium-" + mode).deploy(JettyHome.demoWar(), "ROOT");
        base.property("jetty.tlsResumption.mode", mode);
        try (JettyProcess jetty = base.start(); Chromium chromium = new Chromium(ModuleBase.twoHosts()))
        {
            for (String host : List.of(ONE, TWO))
            {
                String url = "https://" + host + ":" + jetty.port() + "/";
                Chromium.Page first = chromium.load(url);
                Chromium.Page second = chromium.load(url);
                assertAll(
                    () -> assertEquals(200, first.status(), first::toString),
                    () -> assertTrue(first.text().contains("Full handshake"), first::toString),
                    () -> assertNotEquals(first.connection(), second.connection(), second::toString),
                    () -> assertTrue(second.text().contains("Resumed"), second::toString));
            }
        }
    }

    @ParameterizedTest
    @CsvSource({TLS12 + "," + ONE, TLS12 + "," + TWO, TLS13 + "," + ONE, TLS13 + "," + TWO})
    void offNeverResumes(String protocol, String host)
    {
        OpenSsl client = openSsl(SERVERS.get("off"), host, protocol);
        for (int i = 0; i < 3; i++)
        {
            OpenSsl.Result result = client.connect();
            assertAll(
                () -> assertFalse(result.reused(), result::output),
                () -> assertEquals(0, result.exit(), result::output),
                () -> assertEquals(200, result.reply().status(), result::output),
                () -> assertEquals(0, result.ticketsAfterHandshake(), result::output),
                () -> assertEquals(0, result.ticketLength(), result::output));
        }
    }

    @Test
    void offNeverResumesBySessionId()
    {
        OpenSsl client = openSsl(SERVERS.get("off"), ONE, TLS12).noTicket();
        client.connect();
        OpenSsl.Result second = client.connect();

        assertAll(
            () -> assertFalse(second.reused(), second::output),
            () -> assertEquals(200, second.reply().status(), second::output));
    }

    @ParameterizedTest
    @ValueSource(strings = {"ticket", "cache"})
    void sessionEndsAtItsDeadlineHoweverOftenItWasResumed(String mode) throws Exception
    {
        WallClock clock = WallClock.real();
        Duration duration = Duration.ofHours(2);
        JettyBase base = ModuleBase.probed("deadline-" + mode, mode, mode).clock(clock);
        base.property("jetty.tlsResumption.maxSessionDuration", String.valueOf(duration.toSeconds()));
        try (JettyProcess jetty = base.start())
        {
            SessionDuration clients = new SessionDuration(clock);
            for (String protocol : List.of(TLS12, TLS13))
            {
                JsseClient java = new JsseClient(jetty.port(), TWO, protocol);
                clients.add("Java, " + protocol, () -> resumed(java.get(Probe.PATH)), duration);
                OpenSsl openSsl = openSsl(jetty, TWO, protocol);
                clients.add("OpenSSL, " + protocol, () -> resumed(openSsl.connect()), duration);
            }
            OpenSsl byId = openSsl(jetty, TWO, TLS12).noTicket();
            clients.add("OpenSSL, session id", () -> resumed(byId.connect()), duration);
            clients.assertAllEndInTime();
        }
    }

    private static boolean resumed(JsseClient.Result result)
    {
        assertEquals(200, result.reply().status());
        assertEquals(result.resumed(), result.reply().json().get("resumed"), result::toString);
        return result.resumed();
    }

    private static boolean resumed(OpenSsl.Result result)
    {
        assertEquals(200, result.reply().status(), result::output);
        assertEquals(result.reused(), result.reply().json().get("resumed"), result::output);
        return result.reused();
    }
}
