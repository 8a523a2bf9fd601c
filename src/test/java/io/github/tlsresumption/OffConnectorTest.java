package io.github.tlsresumption;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

import io.github.tlsresumption.it.JsseClient;
import io.github.tlsresumption.jetty.SessionCustomizer;
import io.github.tlsresumption.keys.CheapKeyFile;
import io.github.tlsresumption.keys.MemoryTicketKeyStore;
import io.github.tlsresumption.keys.TicketKeyStore;
import io.github.tlsresumption.policy.ResumptionMode;
import io.github.tlsresumption.policy.SessionTerms;
import io.github.tlsresumption.status.ConnectorStatus;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * A connector that resumes nothing has no ticket keys, until it may resume after all.
 */
class OffConnectorTest
{
    private static final String HOST = "one.test";
    private static final String PASSWORD = "only-for-tests";
    private static final String TLS13 = "TLSv1.3";
    private static final String TLS12 = "TLSv1.2";
    private static final String SCOPE = "of-two";

    @TempDir
    private static Path stores;

    private final Server server = new Server();
    @TempDir
    private Path directory;
    private Path keys;

    @BeforeAll
    static void makeStore() throws Exception
    {
        ServerKeyStore.write(stores.resolve("server.p12"), HOST, PASSWORD);
    }

    @BeforeEach
    void letTheServerShowItsSessions()
    {
        keys = directory.resolve("keys");
        ResumptionSslContextFactory.customize(server);
        server.setHandler(new Forgets());
    }

    @AfterEach
    void stop() throws Exception
    {
        server.stop();
    }

    /**
     * Forgets the client of a request to a path of that name.
     */
    private static final class Forgets extends Handler.Abstract
    {
        @Override
        public boolean handle(Request request, Response response, Callback callback)
        {
            if (Request.getPathInContext(request).equals("/forget"))
            {
                ((Runnable)request.getAttribute(SessionCustomizer.FORGET_CLIENT)).run();
            }
            response.getHeaders().put("Content-Length", 2);
            Content.Sink.write(response, true, "OK", callback);
            return true;
        }
    }

    private ResumptionSslContextFactory factory(String mode)
    {
        ResumptionSslContextFactory factory = new ResumptionSslContextFactory();
        factory.setKeyStorePath(stores.resolve("server.p12").toString());
        factory.setKeyStorePassword(PASSWORD);
        factory.setTicketKeyFile(keys.toString());
        factory.setMode(mode);
        return factory;
    }

    private ServerConnector connector(ResumptionSslContextFactory factory)
    {
        ServerConnector connector = new ServerConnector(server, factory, new HttpConnectionFactory());
        server.addConnector(connector);
        return connector;
    }

    private static JsseClient client(ServerConnector connector, String protocol)
    {
        return new JsseClient(connector.getLocalPort(), HOST, protocol);
    }

    private List<String> files() throws Exception
    {
        try (var all = Files.list(directory))
        {
            return all.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    private ResumptionSslContextFactory withSecret(String mode) throws Exception
    {
        if (Files.notExists(keys))
        {
            CheapKeyFile.write(keys);
        }
        ResumptionSslContextFactory factory = factory(mode);
        factory.setTicketKeyStoreType("secret");
        factory.setForgetLogFile(directory.resolve("volume/forgotten").toString());
        return factory;
    }

    @Test
    void besideASecretThereIsNoFileEither() throws Exception
    {
        ResumptionSslContextFactory factory = withSecret("off");
        List<String> before = files();
        connector(factory);
        server.start();
        assertShowsNoKey(factory);
        server.stop();
        assertEquals(before, files());
    }

    /**
     * A Secret is where the setting says, whatever else there may be for a file of the server's own.
     */
    @Test
    void aSecretIsFoundBesideADirectoryOfAKeyFile() throws Exception
    {
        ResumptionSslContextFactory factory = withSecret("off");
        Files.createDirectory(directory.resolve("keys.of-" + Files.getAttribute(directory, "unix:uid")),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        connector(factory);
        server.start();
        factory.forgetEveryone();
        assertFalse(factory.storeHealth().isEmpty(), "nobody else knows who was forgotten");
        assertTrue(Files.exists(directory.resolve("volume/forgotten")));
    }

    private static void assertShowsNoKey(ResumptionSslContextFactory factory)
    {
        ConnectorStatus status = factory.status("off");
        assertFalse(status.resumes());
        assertEquals(0, status.ring().version());
        assertEquals(List.of(), status.ring().keys());
        assertEquals(Optional.empty(), status.ring().exposure());
        assertEquals("", factory.getExposure());
        assertEquals("", factory.getNextRotation());
        assertFalse(factory.getTicketKeys().contains("sealing"), factory::getTicketKeys);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "all mode=off", "one network=192.0.2.0/24 mode=off; two host=two.test mode=off maxDuration=60"})
    void thereIsNoKeyFileAndNothingToBeStolen(String rules) throws Exception
    {
        ResumptionSslContextFactory factory = factory("off");
        factory.setRules(rules);
        ServerConnector connector = connector(factory);
        server.start();
        for (String protocol : List.of(TLS13, TLS12))
        {
            JsseClient client = client(connector, protocol);
            client.get("/");
            assertFalse(client.get("/").resumed());
        }
        assertShowsNoKey(factory);
        assertEquals(List.of(), factory.storeHealth());
        assertEquals("", factory.getTicketKeyStoreHealth());
        assertTrue(factory.getRefusals().values().stream().allMatch(count -> count == 0), () -> factory.getRefusals().toString());
        String message = assertThrows(IllegalStateException.class, factory::rotateTicketKeys).getMessage();
        assertTrue(message.contains("no session of scope"), message);
        factory.dropTicketKeys();
        factory.forgetEveryone();
        client(connector, TLS13).get("/forget");
        server.stop();
        assertEquals(List.of(), files());
    }

    @Test
    void aStoreThatWasLentIsNotAskedAndIsClosedOnce() throws Exception
    {
        List<String> calls = Collections.synchronizedList(new ArrayList<>());
        MemoryTicketKeyStore inner = new MemoryTicketKeyStore();
        TicketKeyStore store = (TicketKeyStore)Proxy.newProxyInstance(getClass().getClassLoader(), new Class<?>[]{TicketKeyStore.class},
            (proxy, method, arguments) ->
            {
                calls.add(method.getName());
                try
                {
                    return method.invoke(inner, arguments);
                }
                catch (InvocationTargetException e)
                {
                    throw e.getCause();
                }
            });
        ResumptionSslContextFactory factory = factory("off");
        factory.setTicketKeyStore(store);
        connector(factory);
        server.start();
        calls.removeIf("describe"::equals);
        assertEquals(List.of(), calls);
        server.stop();
        assertEquals(List.of("close"), calls);
    }

    @ParameterizedTest
    @ValueSource(strings = {TLS13, TLS12})
    void keysAreMadeWhenOtherRulesLetSomebodyResume(String protocol) throws Exception
    {
        Path rules = Files.writeString(stores.resolve("rules-" + protocol), "all mode=off\n");
        ResumptionSslContextFactory factory = factory("off");
        factory.setRulesFile(rules.toString());
        ServerConnector connector = connector(factory);
        server.start();
        JsseClient client = client(connector, protocol);
        client.get("/");
        assertFalse(client.get("/").resumed());
        assertEquals(List.of(), files());

        Files.writeString(rules, "some network=127.0.0.0/8 mode=ticket\n");
        factory.reloadRules();
        assertEquals(List.of("keys", "keys.forgotten", "keys.forgotten.lock", "keys.lock", "keys.version", "keys.version.lock"), files());
        ConnectorStatus status = factory.status("on");
        assertTrue(status.resumes());
        assertEquals(1, status.ring().keys().size());
        assertEquals(2, status.stores().size());
        assertNotEquals("", factory.getExposure());
        assertFalse(client.get("/").resumed());
        assertTrue(client.get("/").resumed());
        factory.forgetClient("127.0.0.1");
        assertFalse(client.get("/").resumed());

        // What was sealed meanwhile a thief could open, whatever the rules are now.
        Files.writeString(rules, "all mode=off\n");
        factory.reloadRules();
        assertFalse(client.get("/").resumed());
        assertTrue(factory.status("on").resumes());
        assertNotEquals("", factory.getExposure());
    }

    @Test
    void aPolicyOfTheApplicationsMayLetSomebodyResume() throws Exception
    {
        ResumptionSslContextFactory factory = factory("off");
        factory.setSessionPolicy(client -> new SessionTerms(ResumptionMode.OFF, SessionTerms.LONGEST));
        connector(factory);
        server.start();
        assertTrue(factory.status("on").resumes());
        assertNotEquals("", factory.getExposure());
    }

    @Test
    void keysAreMadeWhenAReloadEnablesAProtocol() throws Exception
    {
        ResumptionSslContextFactory factory = factory("off");
        factory.setTls12Mode("ticket");
        factory.setIncludeProtocols(TLS13);
        ServerConnector connector = connector(factory);
        server.start();
        assertShowsNoKey(factory);
        assertEquals(List.of(), files());
        factory.reload(changed -> changed.setIncludeProtocols(TLS13, TLS12));
        assertTrue(factory.status("on").resumes());
        JsseClient client = client(connector, TLS12);
        client.get("/");
        assertTrue(client.get("/").resumed());
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void anotherConnectorOfTheScopeHasItsKeys(boolean offIsFirst) throws Exception
    {
        ResumptionSslContextFactory off = factory("off");
        ResumptionSslContextFactory on = factory("off");
        on.setRules("all mode=ticket");
        off.setScope(SCOPE);
        on.setScope(SCOPE);
        ServerConnector first = connector(offIsFirst ? off : on);
        ServerConnector second = connector(offIsFirst ? on : off);
        server.start();
        ServerConnector resuming = offIsFirst ? second : first;
        ServerConnector other = offIsFirst ? first : second;
        JsseClient client = client(resuming, TLS13);
        client.get("/");
        assertTrue(client.get("/").resumed());
        JsseClient full = client(other, TLS13);
        full.get("/");
        assertFalse(full.get("/").resumed());
        assertShowsNoKey(off);
        assertEquals(1, on.status("on").ring().keys().size());
        assertEquals(2, off.storeHealth().size());

        // Who is forgotten on one is on the other.
        full.get("/forget");
        assertFalse(client.get("/").resumed());
        assertEquals(1, on.getRefusals().get("forgotten"));
        other.stop();
        assertTrue(client.get("/").resumed());
    }

    @Test
    void keysThatCannotBeUsedCostTicketsOnlyAndAreTriedAgain() throws Exception
    {
        Path rules = Files.writeString(stores.resolve("rules-of-damage"), "all mode=off\n");
        Files.writeString(keys, "no keys\n");
        ResumptionSslContextFactory factory = factory("off");
        factory.setRulesFile(rules.toString());
        ServerConnector connector = connector(factory);
        server.start();
        Files.writeString(rules, "all mode=ticket\n");
        factory.reloadRules();
        JsseClient client = client(connector, TLS13);
        client.get("/");
        assertFalse(client.get("/").resumed());
        assertTrue(factory.getRefusals().get("no-key") > 0);
        assertEquals(1, factory.storeHealth().size());
        assertFalse(factory.storeHealth().get(0).isWell());
        assertTrue(factory.storeHealth().get(0).problem().get().contains(keys.toString()), () -> factory.storeHealth().toString());

        Files.delete(keys);
        factory.reloadRules();
        client.get("/");
        assertTrue(client.get("/").resumed());
        assertTrue(factory.storeHealth().stream().allMatch(store -> store.isWell()));
    }

    @Test
    void keysThatCannotBeUsedPreventTheStartOnlyWhereTheyAreNeeded() throws Exception
    {
        Files.writeString(keys, "no keys\n");
        ResumptionSslContextFactory factory = factory("off");
        factory.start();
        factory.stop();
        factory.setMode("ticket");
        assertThrows(Exception.class, factory::start);
        factory.stop();
        factory.setMode("off");
        factory.start();
        factory.stop();
    }

    @ParameterizedTest
    @ValueSource(strings = {"client", "everyone", "keys", "application"})
    void whoIsForgottenWhileResumptionIsOffStaysSo(String who) throws Exception
    {
        ResumptionSslContextFactory factory = factory("ticket");
        ServerConnector connector = connector(factory);
        server.start();
        JsseClient client = client(connector, TLS13);
        client.get("/");
        assertTrue(client.get("/").resumed());
        connector.setPort(connector.getLocalPort());
        server.stop();
        factory.setMode("off");
        server.start();
        assertFalse(client(connector, TLS13).get("/").resumed());
        switch (who)
        {
            case "client" -> factory.forgetClient("127.0.0.1");
            case "everyone" -> factory.forgetEveryone();
            case "keys" -> factory.dropTicketKeys();
            default -> client(connector, TLS13).get("/forget");
        }
        server.stop();
        factory.setMode("ticket");
        server.start();
        assertFalse(client.get("/").resumed());
    }

    /**
     * The caller is told, and it is tried for the last time when the server stops.
     */
    @ParameterizedTest
    @ValueSource(strings = {"client", "everyone", "application"})
    void whoIsForgottenWhileTheKeyFileCannotBeUsedStaysSo(String who) throws Exception
    {
        ResumptionSslContextFactory factory = factory("ticket");
        ServerConnector connector = connector(factory);
        server.start();
        JsseClient client = client(connector, TLS13);
        client.get("/");
        connector.setPort(connector.getLocalPort());
        server.stop();
        Files.setPosixFilePermissions(keys, PosixFilePermissions.fromString("rw-r--r--"));
        factory.setMode("off");
        server.start();
        switch (who)
        {
            case "client" -> assertNotTold(() -> factory.forgetClient("127.0.0.1"));
            case "everyone" -> assertNotTold(factory::forgetEveryone);
            default -> client(connector, TLS13).get("/forget");
        }
        assertTrue(factory.getForgetLogProblem().contains("chmod 600 " + keys), factory::getForgetLogProblem);
        Files.setPosixFilePermissions(keys, PosixFilePermissions.fromString("rw-------"));
        server.stop();
        factory.setMode("ticket");
        server.start();
        assertFalse(client.get("/").resumed());
    }

    private void assertNotTold(Executable forget)
    {
        IOException told = assertThrows(IOException.class, forget);
        assertTrue(told.getMessage().contains("chmod 600 " + keys), told::getMessage);
    }
}
