package io.github.tlsresumption;

import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

import io.github.tlsresumption.forget.FileForgetLog;
import io.github.tlsresumption.forget.ForgetLog;
import io.github.tlsresumption.forget.ForgetLogEntry;
import io.github.tlsresumption.forget.SharedForgetLog;
import io.github.tlsresumption.it.JsseClient;
import io.github.tlsresumption.jetty.SessionCustomizer;
import io.github.tlsresumption.keys.CheapKeyFile;
import io.github.tlsresumption.status.ConnectorStatus;
import io.github.tlsresumption.status.KeyStatus;
import io.github.tlsresumption.status.RuleStatus;
import io.github.tlsresumption.status.StoreHealth;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.annotation.ManagedAttribute;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * The figures of a factory, and its operations.
 */
class ManagedFactoryTest extends FactoryTestBase
{
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
        Path rules = Files.writeString(directory.resolve("rules"),
            "old protocol=TLSv1.2 mode=cache maxDuration=1h\nidle host=idle.test mode=off\n");
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
        assertEquals(List.of("{TLSv1.2=cache, TLSv1.3=cache} PT1H", "{TLSv1.2=off, TLSv1.3=off} PT24H",
            "{TLSv1.2=cache, TLSv1.3=ticket} PT24H"), terms());

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

    private List<String> terms()
    {
        return new Connectors(server).status().connectors().get(0).rules().stream()
            .map(rule -> new TreeMap<>(rule.modes()) + " " + rule.maxDuration().orElseThrow()).toList();
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
            {
                throw new IOException("for a test");
            }
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
        List<ForgetLogEntry> forgotten = new CopyOnWriteArrayList<>();
        factory.setForgetLog(new SharedForgetLog(forgotten));
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
        forgotten.clear();
        factory.dropTicketKeys();
        assertTrue(forgotten.stream().anyMatch(ForgetLogEntry.ForgetEveryone.class::isInstance), "should the keys come back from a backup");
        assertFalse(client.get("/").resumed());
        assertEquals(1, factory.getRefusals().get("unknown-key"));
        assertTrue(client.get("/").resumed());
    }
}
