package io.github.tlsresumption;

import java.io.IOException;
import java.io.OutputStream;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyStore;
import java.security.Provider;
import java.security.Security;
import java.security.cert.Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.stream.Stream;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;

import io.github.tlsresumption.cluster.SharedStores;
import io.github.tlsresumption.crypto.SelfSignedCertificate;
import io.github.tlsresumption.forget.FileForgetLog;
import io.github.tlsresumption.forget.ForgetLog;
import io.github.tlsresumption.forget.ForgetLogEntry;
import io.github.tlsresumption.it.Await;
import io.github.tlsresumption.it.JettyClient;
import io.github.tlsresumption.it.JsseClient;
import io.github.tlsresumption.it.JsseConnection;
import io.github.tlsresumption.jetty.OpenConnections;
import io.github.tlsresumption.jetty.SessionCustomizer;
import io.github.tlsresumption.keys.CheapKeyFile;
import io.github.tlsresumption.keys.MemoryTicketKeyStore;
import io.github.tlsresumption.policy.ResumptionMode;
import io.github.tlsresumption.policy.SessionTerms;
import io.github.tlsresumption.sessions.HeapSessionKeyStore;
import io.github.tlsresumption.status.ConnectorStatus;
import io.github.tlsresumption.status.KeyStatus;
import io.github.tlsresumption.status.RuleStatus;
import io.github.tlsresumption.status.StoreHealth;
import org.eclipse.jetty.alpn.server.ALPNServerConnectionFactory;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.http2.server.HTTP2ServerConnectionFactory;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.io.ssl.SslConnection;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.annotation.ManagedAttribute;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * The factory in an embedded server, with JSSE's own client.
 */
class ResumptionSslContextFactoryTest
{
    private static final String HOST = "one.test";
    private static final String PASSWORD = "only-for-tests";
    private static final String SECRET = "a-passphrase-that-nobody-shows";
    private static final String TLS13 = "TLSv1.3";
    private static final String TLS12 = "TLSv1.2";

    @TempDir
    private static Path stores;

    private final Provider[] providers = Security.getProviders();
    private final Server server = new Server();
    @TempDir
    private Path directory;

    @BeforeAll
    static void makeStores() throws Exception
    {
        makeStore("server.p12", HOST, true);
        makeStore("ca1.p12", "ca1", false);
        makeStore("ca2.p12", "ca2", false);
    }

    private static void makeStore(String file, String name, boolean key) throws Exception
    {
        SelfSignedCertificate certificate = SelfSignedCertificate.create(name, Clock.systemUTC());
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        if (key)
            store.setKeyEntry(name, certificate.privateKey(), PASSWORD.toCharArray(), new Certificate[]{certificate.certificate()});
        else
            store.setCertificateEntry(name, certificate.certificate());
        try (OutputStream out = Files.newOutputStream(stores.resolve(file)))
        {
            store.store(out, PASSWORD.toCharArray());
        }
    }

    @BeforeEach
    void letTheServerShowItsSessions()
    {
        ResumptionSslContextFactory.customize(server);
    }

    @AfterEach
    void nothingIsLeft() throws Exception
    {
        server.stop();
        assertNothingLeft();
    }

    private void assertNothingLeft() throws InterruptedException
    {
        assertArrayEquals(providers, Security.getProviders());
        Thread[] threads = new Thread[Thread.activeCount() + 20];
        int count = Thread.enumerate(threads);
        for (int i = 0; i < count; i++)
        {
            if ("tls-resumption".equals(threads[i].getName()))
            {
                threads[i].join(5_000);
                assertFalse(threads[i].isAlive(), "a thread is left");
            }
        }
    }

    private static ResumptionSslContextFactory factory()
    {
        ResumptionSslContextFactory factory = new ResumptionSslContextFactory();
        factory.setKeyStorePath(stores.resolve("server.p12").toString());
        factory.setKeyStorePassword(PASSWORD);
        return factory;
    }

    private ServerConnector connector(SslContextFactory.Server factory)
    {
        HttpConfiguration configuration = new HttpConfiguration();
        ServerConnector connector = new ServerConnector(server, factory, new HttpConnectionFactory(configuration));
        server.addConnector(connector);
        server.setHandler(new ShowsItsSession());
        return connector;
    }

    /**
     * Answers with the attributes of the session, a line each.
     */
    private static final class ShowsItsSession extends Handler.Abstract
    {
        @Override
        public boolean handle(Request request, Response response, Callback callback)
        {
            StringBuilder text = new StringBuilder();
            for (String name : List.of(SessionCustomizer.RESUMED, SessionCustomizer.MODE, SessionCustomizer.ID, SessionCustomizer.PROTOCOL,
                SessionCustomizer.ESTABLISHED, SessionCustomizer.DEADLINE))
            {
                boolean listed = request.getAttributeNameSet().contains(name);
                text.append(name).append('=').append(listed ? request.getAttribute(name) : "not listed").append('\n');
            }
            response.getHeaders().put("Content-Length", text.length());
            Content.Sink.write(response, true, text.toString(), callback);
            return true;
        }
    }

    private static String attribute(String body, String name)
    {
        return body.lines().filter(line -> line.startsWith(name + "=")).findFirst().orElseThrow().substring(name.length() + 1);
    }

    private static JsseClient client(ServerConnector connector, String protocol)
    {
        return new JsseClient(connector.getLocalPort(), HOST, protocol);
    }

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
    @ValueSource(strings = {TLS13, TLS12})
    void theStatusIsThatOfTheAttributesAndHasNoSecrets(String protocol) throws Exception
    {
        ResumptionSslContextFactory tls = factory();
        tls.setScope("shown");
        ServerConnector connector = connector(tls);
        connector.setName("public");
        Connectors connectors = new Connectors(server);
        assertEquals(0, connectors.status().connectors().get(0).ring().version());
        server.start();
        JsseClient client = client(connector, protocol);
        client.get("/");
        client.get("/");
        tls.forgetClient("192.0.2.99");

        ConnectorStatus status = connectors.status().connectors().get(0);
        assertEquals("shown", status.scope());
        assertEquals("public", status.name());
        assertEquals(Map.of(TLS13, "ticket", TLS12, "cache"), status.modes());
        assertEquals(tls.getHandshakes(), status.handshakesByResult());
        assertEquals(tls.getRefusals(), status.refusals());
        String by = TLS13.equals(protocol) ? "ticket" : "cache";
        assertEquals(1, tls.getHandshakesByProtocol().get(protocol).get(by));
        assertEquals(1, tls.getHandshakesByProtocol().get(protocol).get("full"));
        assertEquals(1, status.openTimes().count());
        assertEquals(1, tls.getOpenTimes().get("count"));
        assertEquals(status.sealTimes().count(), tls.getSealTimes().get("count"));
        assertEquals(1, tls.getResumptionAge().get("count"));
        assertEquals(tls.getCachedSessions(), status.liveSessions());
        assertEquals(1, status.forgotten());
        assertEquals(tls.getExposure(), status.ring().exposedFrom().get() + "/" + status.ring().exposedUntil().get());
        assertEquals(tls.getNextRotation(), status.ring().nextRotation().get().toString());
        assertEquals(List.of("sealing"), status.ring().keys().stream().map(KeyStatus::state).toList());
        assertEquals(List.of("ticket-keys", "forgotten"), status.stores().stream().map(StoreHealth::store).toList());
        assertEquals(List.of(tls), connectors.ofScope("shown"));
        assertEquals(List.of(), connectors.ofScope("another"));
        server.stop();
        assertEquals(0, connectors.status().connectors().get(0).ring().version());
    }

    @Test
    void handshakesAndSessionsAreCountedByTheRulesInForce(@TempDir Path directory) throws Exception
    {
        Path rules = Files.writeString(directory.resolve("rules"), "old protocol=TLSv1.2 mode=cache\nidle host=idle.test\n");
        ResumptionSslContextFactory tls = factory();
        tls.setRulesFile(rules.toString());
        ServerConnector connector = connector(tls);
        server.start();
        JsseClient client = client(connector, TLS12);
        client.get("/");
        client.get("/");
        client(connector, TLS13).get("/");
        assertEquals(Set.of("old", "idle", "(default)"), tls.getHandshakesByRule().keySet());
        assertEquals(Map.of("full", 1L, "ticket", 0L, "cache", 1L, "session-id", 0L), tls.getHandshakesByRule().get("old"));
        assertEquals(1, tls.getHandshakesByRule().get("(default)").get("full"));
        assertEquals(Map.of("old", 1L, "idle", 0L, "(default)", 0L), tls.getCachedSessionsByRule());

        Files.writeString(rules, "new protocol=TLSv1.2 mode=cache\n");
        tls.reloadRules();
        assertEquals(List.of("new", "(default)"), new Connectors(server).status().connectors().get(0).rules().stream()
            .map(RuleStatus::rule).toList());
        client.get("/");
        assertEquals(1, tls.getHandshakesByRule().get("new").get("cache"));
        assertEquals(1, tls.getHandshakesByRule().get("(default)").get("full"));
        server.stop();
        assertEquals(Map.of(), tls.getCachedSessionsByRule());
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

    private static Arguments failure(String name, Consumer<ResumptionSslContextFactory> fault, Consumer<ResumptionSslContextFactory> mend,
        String... message)
    {
        return Arguments.of(name, fault, mend, List.of(message));
    }

    static Stream<Arguments> settingsThatDoNotGoTogether() throws Exception
    {
        String duration = "jetty.tlsResumption.maxSessionDuration";
        String rotation = "jetty.tlsResumption.rotation.";
        SSLContext foreign = SSLContext.getDefault();
        Path passphrase = stores.resolve("passphrase");
        return Stream.of(
            failure("no duration", f -> f.setMaxSessionDuration(0), f -> f.setMaxSessionDuration(1), duration + " is 0", "set 1 to 604800"),
            failure("a duration over 7 days", f -> f.setMaxSessionDuration(604_801), f -> f.setMaxSessionDuration(604_800),
                duration + " is 604801", "set 1 to 604800"),
            failure("a session timeout over 7 days", f -> f.setSslSessionTimeout(604_801), f -> f.setSslSessionTimeout(604_800),
                "jetty.sslContext.sslSessionTimeout is 604801", "set at most 604800"),
            failure("no seal period", f -> f.setRotationSealPeriod(0), f -> f.setRotationSealPeriod(43_200), rotation + "sealPeriod is",
                "make it"),
            failure("a seal period over 7 days", f -> f.setRotationSealPeriod(604_801), f -> f.setRotationSealPeriod(604_800),
                rotation + "sealPeriod is", "make it"),
            failure("no lead", f -> f.setRotationLead(0), f -> f.setRotationLead(1), rotation + "lead is", "make it"),
            failure("a seal period that the lead fills", f -> f.setRotationSealPeriod(1_199), f -> f.setRotationSealPeriod(1_200),
                rotation + "sealPeriod is", rotation + "lead", "make it at least"),
            failure("a rotation lifetime below the duration", f -> f.setRotationLifetime(86_399), f -> f.setRotationLifetime(86_400),
                rotation + "lifetime is 86399", duration, "86400", "raise the first or lower the second"),
            failure("a rotation lifetime over 7 days", f -> f.setRotationLifetime(604_801), f -> f.setRotationLifetime(604_800),
                rotation + "lifetime is 604801", "set at most 604800"),
            failure("an SSLContext", f -> f.setSslContext(foreign), f -> f.setSslContext(null), "SSLContext", "set a key store instead"),
            failure("another provider", f -> f.setProvider("Conscrypt"), f -> f.setProvider(null), "jetty.sslContext.provider is Conscrypt",
                "remove that setting"),
            failure("two passphrases", f ->
                {
                    f.setTicketKeyPassphrase(SECRET);
                    f.setTicketKeyPassphraseFile(passphrase.toString());
                }, f -> f.setTicketKeyPassphraseFile(null),
                "jetty.tlsResumption.ticketKeyPassphrase is set beside .ticketKeyPassphraseFile",
                "keep one"),
            failure("no time to close", f -> f.setCloseTimeout(0), f -> f.setCloseTimeout(1), "jetty.tlsResumption.closeTimeout is 0",
                "set 1 to 3600"),
            failure("more than an hour to close", f -> f.setCloseTimeout(3_601), f -> f.setCloseTimeout(3_600),
                "jetty.tlsResumption.closeTimeout is 3601", "set 1 to 3600"),
            failure("connections to close that nobody tells of", f -> f.setCloseAtDeadline(true), f -> f.setCloseAtDeadline(false),
                "jetty.tlsResumption.closeAtDeadline is true", "call ResumptionSslContextFactory.customize(server)"),
            failure("no room for sessions", f -> f.setMaxCachedSessions(0), f -> f.setMaxCachedSessions(1),
                "jetty.tlsResumption.maxCachedSessions is 0", "set at least 1"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("settingsThatDoNotGoTogether")
    void aStartThatFailsNamesTheSettingAndTheMendAndLeavesNothing(String name, Consumer<ResumptionSslContextFactory> fault,
        Consumer<ResumptionSslContextFactory> mend, List<String> message) throws Exception
    {
        ResumptionSslContextFactory factory = factory();
        fault.accept(factory);
        Exception failure = assertThrows(Exception.class, factory::start);
        message.forEach(part -> assertTrue(failure.getMessage().contains(part), failure::getMessage));
        assertFalse(failure.getMessage().contains(SECRET));
        assertNothingLeft();
        mend.accept(factory);
        factory.start();
        assertTrue(factory.isStarted());
        factory.stop();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void stoppingWhatFailedToStartTakesNothingFromOthers(boolean late) throws Exception
    {
        ResumptionSslContextFactory running = factory();
        running.start();
        Provider[] inUse = Security.getProviders();
        ResumptionSslContextFactory failed = factory();
        if (late)
            failed.setKeyStorePassword("wrong");
        else
            failed.setMaxSessionDuration(0);
        try
        {
            for (int i = 0; i < 3; i++)
            {
                assertThrows(Exception.class, failed::start);
                failed.stop();
                assertArrayEquals(inUse, Security.getProviders());
            }
        }
        finally
        {
            running.stop();
        }
        assertNothingLeft();
    }

    @Test
    void aMissingKeyStoreLeavesNothing() throws Exception
    {
        ResumptionSslContextFactory factory = factory();
        factory.setKeyStorePassword("wrong");
        assertThrows(Exception.class, factory::start);
        assertNothingLeft();
        factory.setKeyStorePassword(PASSWORD);
        factory.start();
        assertTrue(factory.isStarted());
        factory.stop();
        ResumptionSslContextFactory none = new ResumptionSslContextFactory();
        Exception failure = assertThrows(Exception.class, none::start);
        assertTrue(failure.getMessage().contains("set a key store"), failure::getMessage);
        assertNothingLeft();
    }

    @Test
    void unknownModesAndFallbacksAreRefusedByTheNamesOfTheirProperties()
    {
        ResumptionSslContextFactory factory = factory();
        Map<String, Runnable> unknown = Map.of(
            "jetty.tlsResumption.mode: 'tickets' is unknown; set cache, ticket or off", () -> factory.setMode("tickets"),
            "jetty.tlsResumption.tls12Mode: 'on' is unknown; set cache, ticket or off", () -> factory.setTls12Mode("on"),
            "jetty.tlsResumption.fallback: 'none' is unknown; set fail or session-id", () -> factory.setFallback("none"),
            "jetty.tlsResumption.ticketKeyStore: 'disk' is unknown; set file, secret or memory",
            () -> factory.setTicketKeyStoreType("disk"),
            "jetty.tlsResumption.closeAtDeadline: 'yes' is neither true nor false; set one of them",
            () -> factory.setCloseAtDeadline("yes"),
            "jetty.tlsResumption.clockSkew: '2h' is out of range; set 1 to 3600 seconds, such as 90, 90s, 30m or 1h",
            () -> factory.setClockSkew("2h"));
        unknown.forEach((message, setting) ->
            assertEquals(message + ", or remove the setting for its default",
                assertThrows(IllegalArgumentException.class, setting::run).getMessage()));
        assertEquals("ticket", factory.getMode());
        assertEquals("cache", factory.getTls12Mode());
        assertEquals("fail", factory.getFallback());
        factory.setMode("off");
        assertEquals("off", factory.getTls12Mode());
        factory.setTls12Mode(" Cache ");
        assertEquals("cache", factory.getTls12Mode());
    }

    @Test
    void durationsHaveUnits()
    {
        ResumptionSslContextFactory factory = factory();
        factory.setMaxSessionDuration("1d");
        factory.setRotationSealPeriod("6h");
        factory.setRotationLead("5m");
        factory.setRotationLifetime("86400");
        factory.setClockSkew("90s");
        factory.setCloseTimeout(" 20 ");
        factory.setCloseAtDeadline("true");
        assertEquals(List.of(86_400L, 21_600L, 300L, 86_400L, 90L, 20L), List.of(factory.getMaxSessionDuration(),
            factory.getRotationSealPeriod(), factory.getRotationLead(), factory.getRotationLifetime(), factory.getClockSkew(),
            factory.getCloseTimeout()));
        assertTrue(factory.isCloseAtDeadline());
    }

    @ParameterizedTest
    @CsvSource({"jdk.tls.server.newSessionTicketCount,0", "jdk.tls.server.enableSessionTicketExtension,false",
        "jdk.tls.server.statelessKeyTimeout,0"})
    void systemPropertiesThatTakeTicketsAwayAreRefusedByNameUnlessTheFallbackIsSessionId(String name, String value) throws Exception
    {
        String before = System.getProperty(name);
        System.setProperty(name, value);
        try
        {
            ResumptionSslContextFactory factory = factory();
            ServerConnector connector = connector(factory);
            Exception failure = assertThrows(Exception.class, factory::start);
            assertTrue(failure.getMessage().contains(name), failure::getMessage);
            assertTrue(failure.getMessage().contains("remove it"), failure::getMessage);
            assertTrue(failure.getMessage().contains("jetty.tlsResumption.fallback=session-id"), failure::getMessage);
            factory.stop();
            assertNothingLeft();

            factory.setFallback("session-id");
            factory.setCloseAtDeadline(true);
            failure = assertThrows(Exception.class, server::start);
            assertTrue(failure.getMessage().contains("cannot end connections, as jetty.tlsResumption.closeAtDeadline"),
                failure::getMessage);
            server.stop();
            factory.setCloseAtDeadline(false);
            server.start();
            JsseClient client = client(connector, TLS12);
            assertFalse(client.get("/").resumed());
            assertTrue(client.get("/").resumed());
            assertFalse(client(connector, TLS13).get("/").resumed());
            assertEquals(value, System.getProperty(name));
            assertEquals(86_400, factory.getSslSessionTimeout());
            server.stop();
            assertNothingLeft();
        }
        finally
        {
            if (before == null)
                System.clearProperty(name);
            else
                System.setProperty(name, before);
        }
    }

    @Test
    void aKeyFileThatOthersCanReadIsRefusedWithTheCommandThatMendsIt() throws Exception
    {
        Path file = directory.resolve("keys");
        ResumptionSslContextFactory factory = factory();
        factory.setTicketKeyFile(file.toString());
        factory.start();
        factory.stop();
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        Exception failure = assertThrows(Exception.class, factory::start);
        assertTrue(failure.getMessage().contains("chmod 600 "), failure::getMessage);
        assertTrue(failure.getMessage().contains(file.toString()), failure::getMessage);
        assertNothingLeft();
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        factory.start();
        factory.stop();
    }

    @Test
    void aKeyFileThatIsDamagedIsRefusedAndLeftAsItIs() throws Exception
    {
        Path file = directory.resolve("keys");
        ResumptionSslContextFactory factory = factory();
        factory.setTicketKeyFile(file.toString());
        factory.start();
        factory.stop();
        byte[] good = Files.readAllBytes(file);
        byte[] damaged = good.clone();
        damaged[damaged.length / 2] ^= 1;
        Files.write(file, damaged);
        Exception failure = assertThrows(Exception.class, factory::start);
        assertTrue(failure.getMessage().contains("cannot be used"), failure::getMessage);
        assertTrue(failure.getMessage().contains("What to do: "), failure::getMessage);
        assertArrayEquals(damaged, Files.readAllBytes(file));
        assertNothingLeft();
        Files.write(file, good);
        factory.start();
        factory.stop();
    }

    @Test
    void aKeyFileUnderAPassphraseNeedsItAgain() throws Exception
    {
        Path file = directory.resolve("keys");
        ResumptionSslContextFactory factory = factory();
        CheapKeyFile.write(file, SECRET);
        factory.setTicketKeyFile(file.toString());
        factory.setTicketKeyPassphrase(SECRET);
        factory.start();
        factory.stop();
        byte[] written = Files.readAllBytes(file);
        factory.setTicketKeyPassphrase("another");
        Exception failure = assertThrows(Exception.class, factory::start);
        assertTrue(failure.getMessage().contains("passphrase"), failure::getMessage);
        assertArrayEquals(written, Files.readAllBytes(file));
        Path secret = directory.resolve("secret");
        Files.writeString(secret, SECRET + "\n");
        Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rw-------"));
        factory.setTicketKeyPassphrase(null);
        factory.setTicketKeyPassphraseFile(secret.toString());
        factory.start();
        factory.stop();
    }

    @Test
    void keysInMemoryBesideSharedStoresAreRefused()
    {
        SharedStores stores = (SharedStores)Proxy.newProxyInstance(getClass().getClassLoader(), new Class<?>[]{SharedStores.class},
            (proxy, method, arguments) -> method.getName().equals("describe") ? "Redis of a test" : null);
        ResumptionSslContextFactory factory = factory();
        factory.setTicketKeyStoreType("memory");
        factory.setSharedStores(stores);
        Exception failure = assertThrows(IllegalStateException.class, factory::start);
        assertTrue(failure.getMessage().contains("jetty.tlsResumption.ticketKeyStore is memory"), failure::getMessage);
        assertTrue(failure.getMessage().contains("Redis of a test: remove that setting"), failure::getMessage);
    }

    /**
     * Stores of a cluster in the heap.
     */
    private static SharedStores sharedStores()
    {
        return (SharedStores)Proxy.newProxyInstance(ResumptionSslContextFactoryTest.class.getClassLoader(),
            new Class<?>[]{SharedStores.class}, (proxy, method, arguments) -> switch (method.getName())
            {
                case "ticketKeyStore" -> new MemoryTicketKeyStore();
                case "forgetLog" -> ForgetLog.none();
                case "sessionKeyStore" -> new HeapSessionKeyStore(1, Clock.systemUTC());
                case "time" -> Instant.now();
                case "offsets" -> List.of(Duration.ZERO);
                case "describe" -> "a heap";
                case "setting" -> "setSharedStores";
                default -> null;
            });
    }

    @ParameterizedTest
    @CsvSource({"ticket, ticket, '', '', false", "ticket, cache, TLSv1.2, '', false", "cache, ticket, TLSv1.3, '', false",
        "off, off, '', '', false", "ticket, ticket, '', one network=192.0.2.0/24 mode=off, false", "ticket, cache, '', '', true",
        "cache, ticket, '', '', true", "ticket, ticket, '', one network=192.0.2.0/24 mode=cache, true"})
    void aStoreOfSessionKeysIsWarmedWhereAConnectorNeedsItOnly(String mode, String tls12Mode, String excluded, String rules, boolean needed)
        throws Exception
    {
        ResumptionSslContextFactory factory = factory();
        factory.setSharedStores(sharedStores());
        factory.setMode(mode);
        factory.setTls12Mode(tls12Mode);
        factory.setExcludeProtocols(excluded);
        factory.setRules(rules);
        factory.start();
        Map<String, String> health = factory.getStoreHealth();
        assertEquals(needed, health.containsKey("session-keys"), health::toString);
        if (needed)
        {
            assertTrue(health.get("session-keys").contains("last contact"), health::toString);
        }
        factory.stop();
    }

    @Test
    void rulesThatChangeDecideAnewWhetherTheStoreOfSessionKeysIsNeeded(@TempDir Path place) throws Exception
    {
        Path rules = Files.writeString(place.resolve("rules"), "one network=192.0.2.0/24 mode=off");
        ResumptionSslContextFactory factory = factory();
        factory.setSharedStores(sharedStores());
        factory.setMode("ticket");
        factory.setTls12Mode("ticket");
        factory.setRulesFile(rules.toString());
        factory.start();
        assertFalse(factory.getStoreHealth().containsKey("session-keys"));
        Files.writeString(rules, "one network=192.0.2.0/24 mode=cache");
        factory.reloadRules();
        assertTrue(factory.getStoreHealth().containsKey("session-keys"));
        factory.stop();
    }

    @Test
    void anErrorAtTheStartLeavesNothingAndNamesWhatDoesNotFit() throws Exception
    {
        ResumptionSslContextFactory factory = new ResumptionSslContextFactory()
        {
            @Override
            protected KeyManager[] getKeyManagers(KeyStore keyStore)
            {
                throw new NoSuchMethodError("'void redis.clients.jedis.Connection.sail()'");
            }
        };
        factory.setKeyStorePath(stores.resolve("server.p12").toString());
        factory.setKeyStorePassword(PASSWORD);
        factory.setSharedStores(sharedStores());
        IllegalStateException refused = assertThrows(IllegalStateException.class, factory::start);
        assertTrue(refused.getMessage().contains("redis.clients.jedis.Connection is in "), refused::getMessage);
        assertNothingLeft();
    }

    @Test
    void aConnectorThatResumesNothingHasNoExposure() throws Exception
    {
        ResumptionSslContextFactory factory = factory();
        factory.setMode("off");
        factory.start();
        assertEquals("", factory.getExposure());
        factory.stop();
        factory.setRules("some network=192.0.2.0/24 mode=ticket");
        factory.start();
        assertNotEquals("", factory.getExposure());
        factory.stop();
        factory.setRules("");
        factory.setMode("ticket");
        factory.setTls12Mode("off");
        factory.start();
        assertNotEquals("", factory.getExposure());
        factory.stop();
        factory.setExcludeProtocols("TLSv1.3");
        factory.start();
        assertEquals("", factory.getExposure());
        factory.stop();
    }

    @Test
    void connectorsOfOneScopeMustHaveTheSameSettings() throws Exception
    {
        ResumptionSslContextFactory one = factory();
        one.setScope("shared");
        one.start();
        ResumptionSslContextFactory two = factory();
        two.setScope(" shared ");
        two.setMode("cache");
        Exception failure = assertThrows(Exception.class, two::start);
        assertTrue(failure.getMessage().contains("jetty.tlsResumption.scope is 'shared'"), failure::getMessage);
        assertTrue(failure.getMessage().contains("give each a scope of its own, or the same settings"), failure::getMessage);
        two.setMode("ticket");
        two.start();
        one.stop();
        assertEquals("shared", two.getScope());
        assertFalse(two.getExposure().isEmpty(), "the scope lives as long as one of its connectors");
        two.stop();
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

    @Test
    void connectorsThatShareAKeyFileMustRotateItAlike() throws Exception
    {
        ResumptionSslContextFactory one = factory();
        one.setTicketKeyFile(directory.resolve("keys").toString());
        one.start();
        ResumptionSslContextFactory two = factory();
        two.setTicketKeyFile(directory.resolve("keys").toString());
        two.setMaxSessionDuration(3_600);
        Exception failure = assertThrows(Exception.class, two::start);
        assertTrue(failure.getMessage().contains("jetty.tlsResumption.rotation.sealPeriod, .lead and .lifetime"), failure::getMessage);
        two.setRotationLifetime(86_400);
        two.start();
        assertNotEquals(one.getScope(), two.getScope());
        one.stop();
        two.stop();
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

    @Test
    void dumpAttributesAndTextShowWhatIsAndNoSecret() throws Exception
    {
        ResumptionSslContextFactory factory = factory();
        CheapKeyFile.write(directory.resolve("keys"), SECRET);
        factory.setTicketKeyFile(directory.resolve("keys").toString());
        factory.setTicketKeyPassphrase(SECRET);
        ServerConnector connector = connector(factory);
        server.start();
        JsseClient client = client(connector, TLS13);
        client.get("/");
        client.get("/");

        StringBuilder dump = new StringBuilder();
        factory.dump(dump, "");
        for (String part : List.of("mode=ticket", "tls12Mode=cache", "scope=default",
            "handshakes={cache=0, full=1, session-id=0, ticket=1}", "refusals={", "ticket key ring, version 1"))
        {
            assertTrue(dump.toString().contains(part), () -> part + " is not in " + dump);
        }
        StringBuilder shown = new StringBuilder(dump).append(factory).append(server.dump());
        int attributes = 0;
        for (Method method : ResumptionSslContextFactory.class.getMethods())
        {
            if (method.isAnnotationPresent(ManagedAttribute.class) && method.getParameterCount() == 0)
            {
                shown.append(method.getName()).append('=').append(method.invoke(factory)).append('\n');
                attributes++;
            }
        }
        assertTrue(attributes >= 15);
        assertTrue(shown.toString().contains("getExposure=20"));
        assertFalse(shown.toString().contains(SECRET));
        assertFalse(shown.toString().contains(PASSWORD));
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
    void numbersOfTicketsOutOfBoundsAreRefused()
    {
        ResumptionSslContextFactory factory = factory();
        for (int tickets : new int[]{-1, 0, 11})
        {
            String message = assertThrows(IllegalArgumentException.class, () -> factory.setTicketsPerConnection(tickets)).getMessage();
            assertTrue(message.contains("jetty.tlsResumption.ticketsPerConnection is " + tickets + ": set 1 to 10"), message);
        }
    }

    /**
     * What can be is tried in a JVM of its own, since SunJSSE reads it once.
     */
    @Test
    void aNumberOfTicketsThatThisJvmDoesNotSendIsRefused() throws Exception
    {
        ResumptionSslContextFactory factory = factory();
        connector(factory);
        server.start();
        assertEquals(1, factory.getTicketsPerConnection());
        server.stop();
        factory.setTicketsPerConnection(1);
        server.start();
        server.stop();

        ResumptionSslContextFactory other = factory();
        other.setTicketsPerConnection(2);
        String message = assertThrows(IllegalStateException.class, other::start).getMessage();
        assertTrue(message.contains("jetty.tlsResumption.ticketsPerConnection is 2 for one connector and 1 for another"), message);
        System.setProperty("jdk.tls.server.newSessionTicketCount", "3");
        try
        {
            message = assertThrows(IllegalStateException.class, factory::start).getMessage();
            assertTrue(message.contains("jetty.tlsResumption.ticketsPerConnection is 1, but the system property " +
                "jdk.tls.server.newSessionTicketCount is 3"), message);
        }
        finally
        {
            System.clearProperty("jdk.tls.server.newSessionTicketCount");
        }
    }

    @Test
    void aFallbackThatCannotHeedRulesIsRefused() throws Exception
    {
        System.setProperty("jdk.tls.server.newSessionTicketCount", "0");
        try
        {
            ResumptionSslContextFactory factory = factory();
            factory.setFallback("session-id");
            factory.setRules("suspect network=127.0.0.0/8 mode=off");
            connector(factory);
            Exception failure = assertThrows(Exception.class, server::start, "the rule is not heeded");
            assertTrue(failure.getMessage().contains("jetty.tlsResumption.rules"), failure::getMessage);
        }
        finally
        {
            System.clearProperty("jdk.tls.server.newSessionTicketCount");
        }
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
    void whoWasForgottenStaysSoOverARestartWithALogOfTheApplications() throws Exception
    {
        ResumptionSslContextFactory factory = factory();
        factory.setTicketKeyFile(directory.resolve("keys").toString());
        factory.setForgetLog(new FileForgetLog(directory.resolve("log"), Duration.ofDays(1), Clock.systemUTC()));
        ServerConnector connector = connector(factory);
        server.start();
        JsseClient client = client(connector, TLS13);
        String id = attribute(client.get("/").reply().body(), SessionCustomizer.ID);
        factory.forgetSession(id);
        connector.setPort(connector.getLocalPort());
        // At the first start the log may still have its own entry to give.
        for (int i = 0; i < 2; i++)
        {
            server.stop();
            server.start();
        }
        assertFalse(client.get("/").resumed());
    }

    /**
     * A log that fails when the test says.
     */
    private static final class FailableLog implements ForgetLog
    {
        private final List<ForgetLogEntry> kept = new CopyOnWriteArrayList<>();
        private volatile boolean failing;

        @Override
        public void append(List<ForgetLogEntry> entries) throws IOException
        {
            if (failing)
                throw new IOException("for a test");
            kept.addAll(entries);
        }

        @Override
        public void read(Consumer<ForgetLogEntry> sink)
        {
            kept.forEach(sink);
        }

        @Override
        public String describe()
        {
            return "a log";
        }

        @Override
        public void close()
        {
            // Holds nothing.
        }
    }

    @Test
    void whatTheLogDidNotTakeIsTriedOnceMoreWhenTheServerStops() throws Exception
    {
        FailableLog log = new FailableLog();
        ResumptionSslContextFactory factory = factory();
        factory.setTicketKeyFile(directory.resolve("keys").toString());
        factory.setForgetLog(log);
        connector(factory);
        server.start();
        log.failing = true;
        assertThrows(IOException.class, factory::forgetEveryone);
        log.failing = false;
        server.stop();
        assertEquals(1, log.kept.size());
    }

    @Test
    void operatorsRotateAndDropKeysWhileItRuns() throws Exception
    {
        ResumptionSslContextFactory factory = factory();
        assertThrows(IllegalStateException.class, factory::rotateTicketKeys);
        assertThrows(IllegalStateException.class, factory::dropTicketKeys);
        assertEquals("", factory.getExposure());
        ServerConnector connector = connector(factory);
        server.start();
        JsseClient client = client(connector, TLS13);
        client.get("/");
        String before = factory.getTicketKeys();
        factory.rotateTicketKeys();
        assertNotEquals(before, factory.getTicketKeys());
        assertTrue(client.get("/").resumed());
        factory.dropTicketKeys();
        assertFalse(client.get("/").resumed());
        assertEquals(1, factory.getRefusals().get("unknown-key"));
        assertTrue(client.get("/").resumed());
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
                    assertEquals(0, connection.end());
                else
                    assertFalse(connection.get("/").isLast());
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

    @Test
    void installSaysWhatIsMissing() throws Exception
    {
        Exception failure = assertThrows(IllegalStateException.class, () -> ResumptionSslContextFactory.install(server));
        assertTrue(failure.getMessage().contains("enable the module ssl-context"), failure::getMessage);
        server.addBean(factory());
        assertThrows(IllegalStateException.class, () -> ResumptionSslContextFactory.install(server), "ours is not the stock factory");
        Server started = new Server();
        started.addBean(new SslContextFactory.Server(), false);
        started.start();
        try
        {
            assertThrows(IllegalStateException.class, () -> ResumptionSslContextFactory.install(started));
            assertThrows(IllegalStateException.class, () -> ResumptionSslContextFactory.customize(started));
        }
        finally
        {
            started.stop();
        }
    }
}
