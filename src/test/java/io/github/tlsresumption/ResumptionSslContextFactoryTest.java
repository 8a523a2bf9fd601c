package io.github.tlsresumption;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;

import io.github.tlsresumption.it.Await;
import io.github.tlsresumption.it.JettyClient;
import io.github.tlsresumption.it.JsseClient;
import io.github.tlsresumption.it.JsseConnection;
import io.github.tlsresumption.jetty.OpenConnections;
import io.github.tlsresumption.jetty.SessionCustomizer;
import io.github.tlsresumption.policy.ResumptionMode;
import io.github.tlsresumption.policy.SessionTerms;
import org.eclipse.jetty.alpn.server.ALPNServerConnectionFactory;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.http2.server.HTTP2ServerConnectionFactory;
import org.eclipse.jetty.io.ssl.SslConnection;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * The sessions of a factory in an embedded server: who resumes them, and what ends them.
 */
class ResumptionSslContextFactoryTest extends FactoryTestBase
{
    @ParameterizedTest
    @ValueSource(strings = {TLS13, TLS12})
    void theFiveLinesOfTheReadmeResume(String protocol) throws Exception
    {
        ResumptionSslContextFactory tls = new ResumptionSslContextFactory();
        tls.setKeyStorePath(stores.resolve("server.p12").toString());
        tls.setKeyStorePassword(PASSWORD);
        tls.setMode("ticket");
        ServerConnector connector = new ServerConnector(server, tls, new HttpConnectionFactory());
        server.addConnector(connector);
        server.start();
        JsseClient client = client(connector, protocol);
        assertFalse(client.get("/").resumed());
        for (int i = 0; i < 3; i++)
        {
            assertTrue(client.get("/").resumed());
        }
        String by = TLS13.equals(protocol) ? "ticket" : "cache";
        assertEquals(Map.of("full", 1L, by, 3L, "session-id", 0L, TLS13.equals(protocol) ? "cache" : "ticket", 0L), tls.getHandshakes());
        assertEquals(TLS13.equals(protocol) ? 0 : 1, tls.getCachedSessions());
    }

    @ParameterizedTest
    @CsvSource({"TLSv1.3,ticket,TICKET", "TLSv1.3,cache,CACHE", "TLSv1.2,ticket,TICKET", "TLSv1.2,cache,CACHE"})
    void applicationsSeeTheirSession(String protocol, String mode) throws Exception
    {
        ResumptionSslContextFactory factory = factory();
        factory.setMode(mode);
        factory.setTls12Mode(mode);
        factory.setMaxSessionDuration(600);
        ServerConnector connector = connector(factory);
        server.start();
        JsseClient client = client(connector, protocol);
        String full = client.get("/").reply().body();
        String resumed = client.get("/").reply().body();
        assertEquals("false", attribute(full, SessionCustomizer.RESUMED));
        assertEquals("true", attribute(resumed, SessionCustomizer.RESUMED));
        assertEquals(mode, attribute(resumed, SessionCustomizer.MODE));
        assertEquals(protocol, attribute(resumed, SessionCustomizer.PROTOCOL));
        assertTrue(attribute(full, SessionCustomizer.ID).matches("[0-9a-f]{64}"));
        for (String same : List.of(SessionCustomizer.ID, SessionCustomizer.ESTABLISHED, SessionCustomizer.DEADLINE))
        {
            assertEquals(attribute(full, same), attribute(resumed, same));
        }
        Instant established = Instant.parse(attribute(full, SessionCustomizer.ESTABLISHED));
        assertEquals(established.plusSeconds(600), Instant.parse(attribute(full, SessionCustomizer.DEADLINE)));
    }

    @Test
    void aConnectorWithoutAScopeKeepsItsOwnAndNoOtherEverGetsIt() throws Exception
    {
        ResumptionSslContextFactory one = factory();
        one.start();
        String scope = one.getScope();
        one.stop();
        ResumptionSslContextFactory two = factory();
        two.start();
        assertNotEquals(scope, two.getScope());
        one.start();
        assertEquals(scope, one.getScope());
        one.stop();
        two.stop();
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
    void aReloadWithAnotherValidationOfClientsMakesTicketsWorthless(String protocol) throws Exception
    {
        ResumptionSslContextFactory factory = factory();
        ServerConnector connector = connector(factory);
        server.start();
        JsseClient client = client(connector, protocol);
        client.get("/");
        assertTrue(client.get("/").resumed());
        factory.reload(changed -> changed.setMaxCertPathLength(1));
        assertFalse(client.get("/").resumed());
        assertEquals(1, factory.getRefusals().get("wrong-context"));
        assertTrue(client.get("/").resumed());
    }

    @ParameterizedTest
    @ValueSource(strings = {TLS13, TLS12})
    void ticketsSurviveAReloadOfTheKeyStore(String protocol) throws Exception
    {
        ResumptionSslContextFactory factory = factory();
        ServerConnector connector = connector(factory);
        server.start();
        JsseClient client = client(connector, protocol);
        client.get("/");
        for (int i = 0; i < 3; i++)
        {
            factory.reload(same ->
            {
            });
            assertTrue(client.get("/").resumed());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {TLS13, TLS12})
    void aReloadWithOtherTrustAnchorsMattersToNobodyWithoutACertificate(String protocol) throws Exception
    {
        ResumptionSslContextFactory factory = factory();
        factory.setWantClientAuth(true);
        factory.setTrustStorePath(stores.resolve("ca1.p12").toString());
        factory.setTrustStorePassword(PASSWORD);
        ServerConnector connector = connector(factory);
        server.start();
        JsseClient client = client(connector, protocol);
        client.get("/");
        assertTrue(client.get("/").resumed());
        factory.reload(changed -> changed.setTrustStorePath(stores.resolve("ca2.p12").toString()));
        JsseClient.Result result = client.get("/");
        assertTrue(result.resumed());
        assertEquals(200, result.reply().status());
    }

    @ParameterizedTest
    @CsvSource({"TLSv1.3,true", "TLSv1.2,true", "TLSv1.3,false", "TLSv1.2,false"})
    void sessionsSurviveARestartWhereTheirKeysAreInAFile(String protocol, boolean file) throws Exception
    {
        ResumptionSslContextFactory factory = factory();
        factory.setTls12Mode("ticket");
        factory.setTicketKeyFile(file ? directory.resolve("keys").toString() : "");
        ServerConnector connector = connector(factory);
        server.start();
        JsseClient client = client(connector, protocol);
        client.get("/");
        assertTrue(client.get("/").resumed());
        connector.setPort(connector.getLocalPort());
        server.stop();
        assertNothingLeft();
        server.start();
        JsseClient.Result result = client.get("/");
        assertEquals(file, result.resumed());
        assertEquals(200, result.reply().status());
        assertTrue(client.get("/").resumed());
    }

    @ParameterizedTest
    @CsvSource({"TLSv1.3,ticket", "TLSv1.3,cache", "TLSv1.2,ticket", "TLSv1.2,cache"})
    void factoriesOfOneScopeResumeEachOthersSessionsAndOthersDoNot(String protocol, String mode) throws Exception
    {
        ResumptionSslContextFactory[] factories = {factory(), factory(), factory()};
        ServerConnector[] connectors = new ServerConnector[3];
        for (int i = 0; i < 3; i++)
        {
            factories[i].setScope(i == 2 ? "other" : "shared");
            factories[i].setMode(mode);
            factories[i].setTls12Mode(mode);
            factories[i].setTicketKeyFile(directory.resolve("keys").toString());
            connectors[i] = connector(factories[i]);
        }
        server.start();
        // The client keeps sessions by host and port, so it is shown each connector under the port of the first.
        try (Forwarder forwarder = new Forwarder())
        {
            JsseClient client = new JsseClient(forwarder.port(), HOST, protocol);
            forwarder.to(connectors[0].getLocalPort());
            assertFalse(client.get("/").resumed());
            for (int i : new int[]{1, 0, 1})
            {
                forwarder.to(connectors[i].getLocalPort());
                assertTrue(client.get("/").resumed());
            }
            forwarder.to(connectors[2].getLocalPort());
            JsseClient.Result result = client.get("/");
            assertFalse(result.resumed());
            assertEquals(200, result.reply().status());
            assertEquals(1, factories[2].getRefusals().get("wrong-scope"));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {TLS13, TLS12})
    void aShorterSessionTimeoutLimitsTicketsAsWell(String protocol) throws Exception
    {
        for (String mode : List.of("ticket", "cache"))
        {
            FakeClock clock = new FakeClock(Instant.now());
            ResumptionSslContextFactory factory = factory();
            factory.setMode(mode);
            factory.setTls12Mode(mode);
            factory.setSslSessionTimeout(600);
            factory.setClock(clock);
            ServerConnector connector = connector(factory);
            server.start();
            assertEquals(600, factory.getSslSessionTimeout());
            JsseClient client = client(connector, protocol);
            client.get("/");
            clock.advance(Duration.ofSeconds(570));
            assertTrue(client.get("/").resumed());
            clock.advance(Duration.ofSeconds(60));
            JsseClient.Result result = client.get("/");
            assertFalse(result.resumed());
            assertEquals(1, factory.getRefusals().get("expired"));
            server.stop();
            assertEquals(600, factory.getSslSessionTimeout());
            server.removeConnector(connector);
        }
    }

    @Test
    void http2WorksAndResumesAndShowsItsSession() throws Exception
    {
        ResumptionSslContextFactory factory = factory();
        HttpConfiguration configuration = new HttpConfiguration();
        ALPNServerConnectionFactory alpn = new ALPNServerConnectionFactory();
        alpn.setDefaultProtocol("http/1.1");
        ServerConnector connector = new ServerConnector(server, new SslConnectionFactory(factory, "alpn"), alpn,
            new HTTP2ServerConnectionFactory(configuration), new HttpConnectionFactory(configuration));
        server.addConnector(connector);
        server.setHandler(new ShowsItsSession());
        server.start();
        for (String protocol : List.of(TLS13, TLS12))
        {
            try (JettyClient client = new JettyClient(connector.getLocalPort(), HOST, protocol, true))
            {
                for (boolean resumed : new boolean[]{false, true, true})
                {
                    JettyClient.Result result = client.get("/");
                    assertEquals(HttpVersion.HTTP_2, result.version());
                    assertEquals(resumed, result.resumed());
                    assertEquals(String.valueOf(resumed), attribute(result.reply().body(), SessionCustomizer.RESUMED));
                }
            }
            assertTrue(client(connector, protocol).get("/").reply().body().contains(SessionCustomizer.MODE + "="), "without ALPN");
        }
    }

    /**
     * A client of TLS 1.2 that resumes by session id.
     */
    private static JsseClient clientWithoutTickets(ServerConnector connector)
    {
        String property = "jdk.tls.client.enableSessionTicketExtension";
        System.setProperty(property, "false");
        try
        {
            return client(connector, TLS12);
        }
        finally
        {
            System.clearProperty(property);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aPolicyThatBecomesLooserRevivesNoSessionById(boolean singleUse) throws Exception
    {
        FakeClock clock = new FakeClock(Instant.now());
        AtomicReference<SessionTerms> terms =
            new AtomicReference<>(new SessionTerms(ResumptionMode.CACHE, Duration.ofMinutes(10), singleUse, ""));
        ResumptionSslContextFactory factory = factory();
        factory.setClock(clock);
        factory.setSessionPolicy(client -> terms.get());
        ServerConnector connector = connector(factory);
        server.start();
        JsseClient client = clientWithoutTickets(connector);
        client.get("/");
        if (!singleUse)
        {
            assertTrue(client.get("/").resumed());
            assertEquals(1, factory.getHandshakes().get("session-id"));
        }
        clock.advance(Duration.ofMinutes(singleUse ? 1 : 15));
        terms.set(new SessionTerms(ResumptionMode.CACHE, Duration.ofHours(1), false, ""));
        assertFalse(client.get("/").resumed());
    }

    @Test
    void rulesThatAreSetAnewTakeThePlaceOfThoseBefore() throws Exception
    {
        ResumptionSslContextFactory factory = factory();
        factory.setRules("all maxDuration=60");
        connector(factory);
        server.start();
        server.stop();
        factory.setRules("all maxDuration=30");
        server.start();
        assertEquals("all maxDuration=30", factory.getRules());
    }

    @Test
    void anOpenConnectionEndsWhenItIsForgottenAlsoWhereItsSessionIsNotResumed() throws Exception
    {
        ResumptionSslContextFactory factory = factory();
        factory.setMode("off");
        factory.setCloseAtDeadline(true);
        ServerConnector connector = connector(factory);
        server.start();
        try (JsseConnection open = client(connector, TLS13).open())
        {
            open.get("/");
            factory.forgetEveryone();
            assertEquals(0, open.end());
        }
    }

    @Test
    void installTakesThePlaceOfTheStockFactoryAndShowsApplicationsTheirSession() throws Exception
    {
        SslContextFactory.Server stock = new SslContextFactory.Server();
        stock.setKeyStorePath(stores.resolve("server.p12").toString());
        stock.setKeyStorePassword(PASSWORD);
        stock.setTrustStorePath(stores.resolve("ca1.p12").toString());
        stock.setTrustStorePassword(PASSWORD);
        server.addBean(stock);
        ResumptionSslContextFactory factory = ResumptionSslContextFactory.install(server);
        assertFalse(server.getBeans().contains(stock));
        assertTrue(server.getBeans().contains(factory));
        HttpConfiguration configuration = new HttpConfiguration();
        ServerConnector connector = new ServerConnector(server, factory, new HttpConnectionFactory(configuration));
        server.addConnector(connector);
        server.setHandler(new ShowsItsSession());
        server.start();
        JsseClient client = client(connector, TLS13);
        client.get("/");
        JsseClient.Result result = client.get("/");
        assertTrue(result.resumed());
        assertEquals("true", attribute(result.reply().body(), SessionCustomizer.RESUMED));
        server.stop();
        server.start();
        assertEquals(1, configuration.getCustomizers().stream().filter(SessionCustomizer.class::isInstance).count());
    }

    @ParameterizedTest
    @ValueSource(strings = {TLS13, TLS12})
    void anOpenConnectionEndsAtTheDeadlineWhereTheSettingSaysSo(String protocol) throws Exception
    {
        FakeClock clock = new FakeClock(Instant.now());
        ResumptionSslContextFactory factory = factory();
        factory.setClock(clock);
        ServerConnector connector = connector(factory);
        for (boolean close : new boolean[]{false, true, false})
        {
            factory.setCloseAtDeadline(close);
            server.start();
            assertEquals(close, knowsItsConnections(connector));
            try (JsseConnection connection = client(connector, protocol).open())
            {
                String body = new String(connection.get("/").body(), StandardCharsets.US_ASCII);
                Instant deadline = Instant.parse(attribute(body, SessionCustomizer.DEADLINE));
                clock.set(deadline.minusMillis(1));
                assertFalse(connection.get("/").isLast());
                // The client has the answer a moment before the server is done with it.
                Await.until(Duration.ofSeconds(5), () -> connector.getConnectedEndPoints().stream()
                    .allMatch(endPoint -> ((SslConnection)endPoint.getConnection()).getSslEndPoint().isFillInterested()), () -> "waiting");
                clock.set(deadline);
                if (close)
                {
                    assertEquals(0, connection.end());
                }
                else
                {
                    assertFalse(connection.get("/").isLast());
                }
            }
            server.stop();
        }
        assertEquals(Map.of("graceful", 1L, "hard", 0L), factory.getEndedConnections());
    }

    private static boolean knowsItsConnections(ServerConnector connector)
    {
        boolean listens = connector.getConnectionFactory(SslConnectionFactory.class).getEventListeners().stream()
            .anyMatch(OpenConnections.class::isInstance);
        boolean customizes = connector.getConnectionFactory(HttpConnectionFactory.class).getHttpConfiguration()
            .getCustomizer(OpenConnections.class) != null;
        assertEquals(listens, customizes);
        return listens;
    }
}
