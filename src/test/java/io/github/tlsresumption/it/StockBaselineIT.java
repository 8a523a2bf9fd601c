package io.github.tlsresumption.it;

import java.time.Duration;
import java.util.List;

import org.eclipse.jetty.http.HttpVersion;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * What stock Jetty does, without our module: shows that the clients used here tell a resumed handshake from a full one,
 * and pins the shortcomings that the module mends. A failure means that a newer Jetty or JDK behaves differently.
 */
@StartsProcesses
class StockBaselineIT
{
    private static final String ONE = "one.test";
    private static final String TWO = "two.test";

    private static JettyProcess oneCertificate;
    private static JettyProcess twoCertificates;

    @BeforeAll
    static void start()
    {
        oneCertificate = JettyBase.https("stock-one", KeyMaterial.server(KeyMaterial.Algorithm.EC, ONE)).modules("http2").start();
        twoCertificates = JettyBase.https("stock-two", KeyMaterial.server(KeyMaterial.Algorithm.EC, ONE, TWO)).start();
    }

    @AfterAll
    static void stop()
    {
        oneCertificate.close();
        twoCertificates.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void oneCertificateResumes(String protocol)
    {
        OpenSsl client = OpenSsl.client(oneCertificate.port()).host(ONE).protocol(protocol);

        OpenSsl.Result first = client.connect();
        OpenSsl.Result second = client.connect();

        assertAll(
            () -> assertFalse(first.reused(), first::output),
            () -> assertTrue(second.reused(), second::output),
            () -> assertEquals(0, second.exit(), second::output),
            () -> assertEquals(404, second.reply().status(), second::output),
            () -> assertTrue(second.ticketLength() > 0, second::output),
            () -> assertEquals(86400, first.lifetimeHint(), first::output));
    }

    @ParameterizedTest
    @ValueSource(strings = {ONE, TWO})
    void twoCertificatesWithSniDoNotResumeInTls12AtAll(String host)
    {
        OpenSsl client = OpenSsl.client(twoCertificates.port()).host(host).protocol("TLSv1.2");

        OpenSsl.Result first = client.connect();
        OpenSsl.Result second = client.connect();

        assertAll(
            () -> assertFalse(first.reused(), first::output),
            () -> assertFalse(second.reused(), second::output),
            () -> assertEquals(0, second.ticketLength(), second::output),
            () -> assertEquals(404, second.reply().status(), second::output));
    }

    @Test
    void twoCertificatesResumeInTls12BySessionId()
    {
        OpenSsl client = OpenSsl.client(twoCertificates.port()).host(TWO).protocol("TLSv1.2").noTicket();

        OpenSsl.Result first = client.connect();
        OpenSsl.Result second = client.connect();

        assertAll(
            () -> assertFalse(first.reused(), first::output),
            () -> assertTrue(second.reused(), second::output));
    }

    @Test
    void requestMakesTheNewestTls13TicketOneOfTheCache()
    {
        OpenSsl.Result first = OpenSsl.client(oneCertificate.port()).host(ONE).protocol("TLSv1.3").connect();

        assertAll(
            () -> assertEquals(2, first.ticketsAfterHandshake(), first::output),
            () -> assertEquals(32, first.ticketLength(), first::output));
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void restartLosesAllSessions(String protocol)
    {
        JettyProcess before = JettyBase.https("stock-restart", KeyMaterial.server(KeyMaterial.Algorithm.RSA, ONE)).start();
        OpenSsl client = OpenSsl.client(before.port()).host(ONE).protocol(protocol);
        client.connect();
        assertTrue(client.connect().reused());

        before.stop();
        try (JettyProcess after = before.again())
        {
            assertEquals(before.port(), after.port());
            OpenSsl.Result third = client.connect();
            assertFalse(third.reused(), third::output);
            assertEquals(404, third.reply().status(), third::output);
        }
    }

    @Test
    void reloadLosesAllSessions()
    {
        JettyBase base = JettyBase.https("stock-reload", KeyMaterial.server(KeyMaterial.Algorithm.EC, ONE)).modules("ssl-reload");
        try (JettyProcess jetty = base.start())
        {
            OpenSsl client = OpenSsl.client(jetty.port()).host(ONE).protocol("TLSv1.3");
            client.connect();
            assertTrue(client.connect().reused());
            jetty.reloadKeyStore();
            OpenSsl.Result third = client.connect();
            assertFalse(third.reused(), third::output);
        }
    }

    @Test
    void secondConnectorDoesNotResumeSessionsOfTheFirst()
    {
        JettyBase base = JettyBase.https("stock-connectors", KeyMaterial.server(KeyMaterial.Algorithm.EC, ONE));
        base.connector("second", """
            <New class="org.eclipse.jetty.util.ssl.SslContextFactory$Server">
              <Set name="keyStorePath"><Property name="jetty.base"/>/etc/keystore.p12</Set>
              <Set name="keyStorePassword"><Property name="jetty.sslContext.keyStorePassword"/></Set>
            </New>
            """);
        try (JettyProcess jetty = base.start())
        {
            OpenSsl client = OpenSsl.client(jetty.port()).host(ONE).protocol("TLSv1.3");
            client.connect();
            OpenSsl elsewhere = client.at(jetty.port("second"));
            OpenSsl.Result offered = elsewhere.connect();
            OpenSsl.Result own = elsewhere.connect();
            assertAll(
                () -> assertFalse(offered.reused(), offered::output),
                () -> assertEquals(404, offered.reply().status(), offered::output),
                () -> assertTrue(own.reused(), own::output));
        }
    }

    @Test
    void clientCertificateIsAskedFor()
    {
        KeyMaterial.ClientAuthority authority = KeyMaterial.clientAuthority("clients");
        JettyBase base = JettyBase.https("stock-mtls", KeyMaterial.server(KeyMaterial.Algorithm.EC, ONE)).clientAuth(authority, "need");
        base.deploy(Probe.war(), "probe");
        try (JettyProcess jetty = base.start())
        {
            OpenSsl.Result without = OpenSsl.client(jetty.port()).host(ONE).protocol("TLSv1.2").connect();
            OpenSsl client = OpenSsl.client(jetty.port()).host(ONE).protocol("TLSv1.2").path(Probe.PATH);
            client.certificate(authority.issue("alice"));
            OpenSsl.Result first = client.connect();
            OpenSsl.Result second = client.connect();
            JsseClient java = new JsseClient(jetty.port(), ONE, "TLSv1.3", authority.issue("bob").keyStore());
            assertAll(
                () -> assertEquals(0, without.reply().status(), without::output),
                () -> assertEquals("CN=alice", first.reply().json().get("client"), first::output),
                () -> assertTrue(second.reused(), second::output),
                () -> assertEquals("CN=alice", second.reply().json().get("client"), second::output),
                () -> assertEquals("CN=bob", java.get(Probe.PATH).reply().json().get("client")));
        }
    }

    @Test
    void openSslAgreesOnH2()
    {
        OpenSsl client = OpenSsl.client(oneCertificate.port()).host(ONE).protocol("TLSv1.3").h2();

        OpenSsl.Result first = client.connect();
        OpenSsl.Result second = client.connect();

        assertAll(
            () -> assertEquals("h2", first.alpn(), first::output),
            () -> assertEquals("h2", second.alpn(), second::output),
            () -> assertTrue(second.reused(), second::output));
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void curlOffersItsSession(String protocol)
    {
        Curl.Result result = new Curl(oneCertificate.port(), ONE).protocol(protocol).get("/", "/");

        assertAll(
            () -> assertEquals(1, result.offers(), result::output),
            () -> assertEquals(List.of(404, 404), result.replies().stream().map(HttpReply::status).toList(), result::output));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void jettyClientResumes(boolean h2)
    {
        try (JettyClient client = new JettyClient(oneCertificate.port(), ONE, "TLSv1.3", h2))
        {
            JettyClient.Result first = client.get("/");
            JettyClient.Result second = client.get("/");
            assertAll(
                () -> assertFalse(first.resumed()),
                () -> assertTrue(second.resumed()),
                () -> assertEquals(h2 ? HttpVersion.HTTP_2 : HttpVersion.HTTP_1_1, second.version()),
                () -> assertEquals(404, second.reply().status()));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {ONE, TWO})
    void everyClientNamesTheHost(String host)
    {
        // A server with certificates for two hosts answers 400 when the request is for another host than its handshake was.
        int port = twoCertificates.port();
        try (JettyClient client = new JettyClient(port, host, "TLSv1.3", false))
        {
            assertAll(
                () -> assertEquals(404, client.get("/").reply().status()),
                () -> assertEquals(404, new JsseClient(port, host, "TLSv1.3").get("/").reply().status()),
                () -> assertEquals(404, new Curl(port, host).get("/").replies().get(0).status()),
                () -> assertEquals(404, OpenSsl.client(port).host(host).connect().reply().status()),
                () -> assertEquals(400, OpenSsl.client(port).host("three.test").connect().reply().status()));
        }
    }

    @OnAnyJdk
    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void loadCountsResumedHandshakes(String protocol)
    {
        Load.Result one = Load.run(clients(oneCertificate, protocol), "/", 400, Duration.ofMillis(100));

        assertAll(
            () -> assertEquals(0, one.failed(), one::toString),
            () -> assertEquals(4, one.full(), one::toString),
            () -> assertTrue(one.connections() >= 400, one::toString),
            () -> assertEquals(one.connections() - 4, one.resumed(), one::toString));
    }

    @OnAnyJdk
    @Test
    void loadCountsLostResumptions()
    {
        Load.Result two = Load.run(clients(twoCertificates, "TLSv1.2"), "/", 40, Duration.ZERO);

        assertAll(
            () -> assertEquals(0, two.failed(), two::toString),
            () -> assertEquals(two.connections(), two.full(), two::toString));
    }

    @OnAnyJdk
    @Test
    void loadCountsFailedConnections()
    {
        JettyProcess jetty = JettyBase.https("stock-gone", KeyMaterial.server(KeyMaterial.Algorithm.EC, ONE)).start();
        List<JsseClient> clients = clients(jetty, "TLSv1.3");
        jetty.kill();

        Load.Result gone = Load.run(clients, "/", 8, Duration.ZERO);

        assertEquals(gone.connections(), gone.failed(), gone::toString);
    }

    @Test
    void chromiumResumesInAConnectionOfItsOwn()
    {
        JettyBase base = JettyBase.https("stock-chromium", KeyMaterial.server(KeyMaterial.Algorithm.EC, ONE));
        // Stock Jetty cannot tell by itself that it resumed: the JDK's debug output does.
        base.line("--exec").line("-Djavax.net.debug=ssl:handshake");
        base.property("jetty.httpConfig.persistentConnectionsEnabled", "false");
        try (JettyProcess jetty = base.start(); Chromium chromium = new Chromium(KeyMaterial.server(KeyMaterial.Algorithm.EC, ONE)))
        {
            String url = "https://" + ONE + ":" + jetty.port() + "/";
            Chromium.Page first = chromium.load(url);
            Chromium.Page second = chromium.load(url);
            jetty.awaitLog("Resuming session", 1);
            assertAll(
                () -> assertEquals(404, first.status(), first::toString),
                () -> assertEquals(404, second.status(), second::toString),
                () -> assertEquals("TLS 1.3", second.tls(), second::toString),
                () -> assertTrue(first.connection() != second.connection(), second::toString),
                () -> assertTrue(second.text().contains("404"), second::toString));
        }
    }

    @OnAnyJdk
    @Test
    void failedStartLeavesItsLog()
    {
        JettyBase base = JettyBase.https("stock-fails", KeyMaterial.server(KeyMaterial.Algorithm.EC, ONE));
        base.property("jetty.sslContext.keyStorePassword", "wrong");

        String log = base.startFails();

        assertTrue(log.contains("password"), log);
    }

    @OnAnyJdk
    @Test
    void dryRunStartsTheSame()
    {
        JettyBase base = JettyBase.https("stock-dry", KeyMaterial.server(KeyMaterial.Algorithm.EC, ONE));

        try (JettyProcess jetty = JettyProcess.start(base, base.dryRun()))
        {
            assertEquals(404, OpenSsl.client(jetty.port()).host(ONE).connect().reply().status());
        }
    }

    @OnAnyJdk
    @Test
    void forkedJvmEndsWithItsParent()
    {
        JettyBase base = JettyBase.https("stock-fork", KeyMaterial.server(KeyMaterial.Algorithm.EC, ONE));
        base.line("--exec").line("-Xmx128m");
        JettyProcess jetty = base.start();
        jetty.stop();
        assertTrue(jetty.log().contains("Stopped oejs.Server@"), jetty::log);

        JettyProcess again = jetty.again();
        again.kill();
        assertFalse(again.log().contains("Stopped oejs.Server@"), again::log);
    }

    private static List<JsseClient> clients(JettyProcess jetty, String protocol)
    {
        return List.of(
            new JsseClient(jetty.port(), ONE, protocol),
            new JsseClient(jetty.port(), ONE, protocol),
            new JsseClient(jetty.port(), ONE, protocol),
            new JsseClient(jetty.port(), ONE, protocol));
    }
}
