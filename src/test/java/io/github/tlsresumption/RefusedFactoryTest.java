package io.github.tlsresumption;

import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyStore;
import java.security.Provider;
import java.security.Security;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;

import io.github.tlsresumption.cluster.SharedStores;
import io.github.tlsresumption.it.JsseClient;
import io.github.tlsresumption.keys.CheapKeyFile;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.junit.jupiter.api.Test;
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
 * Starts that are refused, and settings that are.
 */
class RefusedFactoryTest extends FactoryTestBase
{
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
        {
            failed.setKeyStorePassword("wrong");
        }
        else
        {
            failed.setMaxSessionDuration(0);
        }
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
            "jetty.tlsResumption.engine: 'conscrypt' is unknown; set jdk", () -> factory.setEngine("conscrypt"),
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
        assertEquals("jdk", factory.getEngine());
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
            {
                System.clearProperty(name);
            }
            else
            {
                System.setProperty(name, before);
            }
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

    /**
     * Otherwise the list would be that of whichever connector is first, and who was forgotten would come back when another one is.
     */
    @Test
    void connectorsOfOneScopeMustHaveOneForgetListAndOneKindOfStore() throws Exception
    {
        ResumptionSslContextFactory one = withForgetLog("one");
        one.start();
        Exception failure = assertThrows(Exception.class, withForgetLog("two")::start);
        assertTrue(failure.getMessage().contains("forgetLogFile " + directory.resolve("one") + " and " + directory.resolve("two")),
            failure::getMessage);
        ResumptionSslContextFactory secret = withForgetLog("one");
        secret.setTicketKeyStoreType("secret");
        failure = assertThrows(Exception.class, secret::start);
        assertTrue(failure.getMessage().contains("ticketKeyStore file and secret"), failure::getMessage);
        ResumptionSslContextFactory same = withForgetLog("one");
        same.start();
        same.stop();
        one.stop();
        assertNothingLeft();
    }

    private ResumptionSslContextFactory withForgetLog(String name)
    {
        ResumptionSslContextFactory factory = factory();
        factory.setScope("lists");
        factory.setTicketKeyFile(directory.resolve("keys").toString());
        factory.setForgetLogFile(directory.resolve(name).toString());
        return factory;
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
    void connectorsThatShareAKeyFileMustRotateItAlike() throws Exception
    {
        ResumptionSslContextFactory one = factory();
        one.setTicketKeyFile(directory.resolve("keys").toString());
        one.start();
        ResumptionSslContextFactory two = factory();
        two.setTicketKeyFile(directory.resolve("keys").toString());
        two.setMaxSessionDuration(3_600);
        Exception failure = assertThrows(Exception.class, two::start);
        assertTrue(failure.getMessage().contains("set the same jetty.tlsResumption.rotation.lifetime in both"), failure::getMessage);
        two.setRotationLifetime(86_400);
        two.start();
        assertNotEquals(one.getScope(), two.getScope());
        one.stop();
        two.stop();
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
            assertTrue(message.contains("jetty.tlsResumption.ticketsPerConnection is 1, but the system property "
                + "jdk.tls.server.newSessionTicketCount is 3"), message);
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
