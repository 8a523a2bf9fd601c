package io.github.tlsresumption.it;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import static io.github.tlsresumption.it.ModuleBase.ONE;
import static io.github.tlsresumption.it.ModuleBase.TLS12;
import static io.github.tlsresumption.it.ModuleBase.TLS13;
import static io.github.tlsresumption.it.ModuleBase.TWO;
import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

/**
 * Whoever is forgotten does a full handshake next, and may then establish a new session; all others resume.
 */
@StartsProcesses
@OnEachEngine
class ForgetIT
{
    private static final int CLIENTS = 1000;
    private static final String SESSION = Probe.PATH + "session";
    private static final Map<String, JettyProcess> SERVERS = new HashMap<>();
    private static final Map<String, Jmx> JMX = new HashMap<>();

    private static KeyMaterial.ClientAuthority authority;

    @BeforeAll
    static void start()
    {
        authority = KeyMaterial.clientAuthority("forget");
        for (String mode : List.of("ticket", "cache"))
        {
            JettyProcess jetty = ModuleBase.probed("forget-" + mode, mode, mode)
                .modules("jmx")
                .clientAuth(authority, "want")
                .property("jetty.tlsResumption.rules", "two host=" + TWO + " maxDuration=3600")
                .start();
            SERVERS.put(mode, jetty);
            JMX.put(mode, Jmx.connect(jetty));
        }
    }

    @AfterAll
    static void stop()
    {
        JMX.values().forEach(Jmx::close);
        SERVERS.values().forEach(JettyProcess::close);
    }

    static Stream<Arguments> modesProtocols()
    {
        return Stream.of("ticket", "cache").flatMap(mode -> Stream.of(TLS12, TLS13).map(protocol -> arguments(mode, protocol)));
    }

    private static OpenSsl client(String mode, String host, String protocol)
    {
        return OpenSsl.client(SERVERS.get(mode).port()).host(host).protocol(protocol).path(SESSION);
    }

    private static OpenSsl established(OpenSsl client)
    {
        OpenSsl.Result first = client.connect();
        OpenSsl.Result second = client.connect();
        assertFalse(first.reused(), first::output);
        assertTrue(second.reused(), second::output);
        assertEquals(200, second.reply().status(), second::output);
        return client;
    }

    private static void assertForgotten(OpenSsl client)
    {
        OpenSsl old = client.copy();
        OpenSsl.Result next = client.connect();
        assertFalse(next.reused(), next::output);
        assertEquals(200, next.reply().status(), next::output);
        OpenSsl.Result later = client.connect();
        assertTrue(later.reused(), later::output);
        OpenSsl.Result again = old.connect();
        assertFalse(again.reused(), again::output);
    }

    private static void assertResumes(OpenSsl client)
    {
        OpenSsl.Result next = client.connect();
        assertTrue(next.reused(), next::output);
    }

    @ParameterizedTest
    @MethodSource("modesProtocols")
    void aSessionIsForgottenByItsApplication(String mode, String protocol)
    {
        OpenSsl one = established(client(mode, ONE, protocol));
        OpenSsl other = established(client(mode, ONE, protocol));
        OpenSsl before = one.copy();
        OpenSsl.Result logout = one.path(SESSION + "?forget=session").connect();
        assertTrue(logout.reused(), logout::output);
        one.path(SESSION);
        assertForgotten(one);
        OpenSsl.Result old = before.connect();
        assertFalse(old.reused(), old::output);
        assertResumes(other);
    }

    @ParameterizedTest
    @MethodSource("modesProtocols")
    void aSessionIsForgottenByItsIdOverJmx(String mode, String protocol) throws Exception
    {
        OpenSsl one = established(client(mode, ONE, protocol));
        OpenSsl other = established(client(mode, ONE, protocol));
        JMX.get(mode).invoke("forgetSession", (String)one.connect().reply().json().get("id"));
        assertForgotten(one);
        assertResumes(other);
    }

    @ParameterizedTest
    @ValueSource(strings = {"ticket", "cache"})
    void aSessionOfAClientWithoutTicketsIsForgotten(String mode) throws Exception
    {
        OpenSsl one = established(client(mode, ONE, TLS12).noTicket().from("127.0.3.1"));
        OpenSsl other = established(client(mode, ONE, TLS12).noTicket().from("127.0.3.2"));
        JMX.get(mode).invoke("forgetSession", (String)one.connect().reply().json().get("id"));
        assertForgotten(one);
        JMX.get(mode).invoke("forgetClient", "127.0.3.1");
        assertForgotten(one);
        assertResumes(other);
    }

    @ParameterizedTest
    @MethodSource("modesProtocols")
    void aClientIsForgottenByItsAddress(String mode, String protocol) throws Exception
    {
        OpenSsl one = established(client(mode, ONE, protocol).from("127.0.4.1"));
        OpenSsl two = established(client(mode, TWO, protocol).from("127.0.4.1"));
        OpenSsl other = established(client(mode, ONE, protocol).from("127.0.4.2"));
        JMX.get(mode).invoke("forgetClient", "127.0.4.1");
        assertForgotten(one);
        assertForgotten(two);
        assertResumes(other);
    }

    @ParameterizedTest
    @MethodSource("modesProtocols")
    void aClientIsForgottenByTheKeyOfItsCertificate(String mode, String protocol) throws Exception
    {
        KeyMaterial.Client alice = authority.issue("alice");
        OpenSsl one = established(client(mode, ONE, protocol).certificate(alice).from("127.0.5.1"));
        OpenSsl elsewhere = established(client(mode, ONE, protocol).certificate(alice).from("127.0.5.2"));
        OpenSsl other = established(client(mode, ONE, protocol).certificate(authority.issue("bob")).from("127.0.5.1"));
        OpenSsl nobody = established(client(mode, ONE, protocol).from("127.0.5.1"));
        JMX.get(mode).invoke("forgetClient", alice.fingerprint());
        assertForgotten(one);
        assertForgotten(elsewhere);
        assertResumes(other);
        assertResumes(nobody);
        OpenSsl.Result byItself = elsewhere.path(SESSION + "?forget=client").connect();
        assertTrue(byItself.reused(), byItself::output);
        assertForgotten(one);
    }

    @ParameterizedTest
    @MethodSource("modesProtocols")
    void aUserIsForgottenWithTicketsFromBeforeTheLogin(String mode, String protocol) throws Exception
    {
        String alice = "alice-" + protocol;
        OpenSsl phone = established(client(mode, ONE, protocol));
        OpenSsl laptop = established(client(mode, ONE, protocol));
        OpenSsl other = established(client(mode, ONE, protocol));
        OpenSsl beforeTheLogin = phone.copy();
        phone.path(SESSION + "?principal=" + alice).connect();
        laptop.path(SESSION + "?principal=" + alice).connect();
        other.path(SESSION + "?principal=bob").connect();
        phone.path(SESSION);
        laptop.path(SESSION);
        other.path(SESSION);
        assertResumes(phone);

        JMX.get(mode).invoke("forgetPrincipal", alice);

        OpenSsl.Result old = beforeTheLogin.connect();
        assertFalse(old.reused(), old::output);
        assertForgotten(phone);
        assertForgotten(laptop);
        assertResumes(other);
        OpenSsl.Result byTheApplication = phone.path(SESSION + "?forget=principal:bob").connect();
        assertTrue(byTheApplication.reused(), byTheApplication::output);
        assertForgotten(other);
    }

    @ParameterizedTest
    @MethodSource("modesProtocols")
    void theClientsOfARuleAreForgotten(String mode, String protocol) throws Exception
    {
        OpenSsl two = established(client(mode, TWO, protocol));
        OpenSsl one = established(client(mode, ONE, protocol));
        JMX.get(mode).invoke("forgetRule", "two");
        assertForgotten(two);
        assertResumes(one);
    }

    @ParameterizedTest
    @MethodSource("modesProtocols")
    void everyoneIsForgotten(String mode, String protocol) throws Exception
    {
        OpenSsl one = established(client(mode, ONE, protocol));
        OpenSsl two = established(client(mode, TWO, protocol));
        JMX.get(mode).invoke("forgetEveryone");
        assertForgotten(one);
        assertForgotten(two);
        assertTrue(JMX.get(mode).count("refusals", "forgotten") >= 2);
    }

    @OnAnyJdk
    @ParameterizedTest
    @ValueSource(strings = {"ticket", "cache"})
    void whatIsNoNameIsRefusedWithWhatToUse(String mode)
    {
        for (String[] call : new String[][]{{"forgetSession", "12"}, {"forgetClient", "alice"}, {"forgetRule", "no such rule"}})
        {
            Exception refused = assertThrows(Exception.class, () -> JMX.get(mode).invoke(call[0], call[1]));
            assertTrue(String.valueOf(refused.getMessage()).contains(call[1]), () -> call[0] + ": " + refused);
        }
    }

    /**
     * Each comes from an address of its own.
     */
    @ParameterizedTest
    @MethodSource("modesProtocols")
    void oneOfAThousandClientsIsForgottenAndAllOthersResume(String mode, String protocol) throws Exception
    {
        int port = SERVERS.get(mode).port();
        List<JsseClient> clients = new ArrayList<>();
        for (int i = 0; i < CLIENTS; i++)
        {
            clients.add(new JsseClient(port, ONE, protocol).from("127.1." + (1 + i / 250) + "." + (1 + i % 250)));
        }
        assertEquals(0, resumed(clients).stream().filter(resumed -> resumed).count());
        int forgotten = 417;
        JMX.get(mode).invoke("forgetClient", "127.1." + (1 + forgotten / 250) + "." + (1 + forgotten % 250));

        List<Boolean> resumed = resumed(clients);

        assertAll(
            () -> assertFalse(resumed.get(forgotten)),
            () -> assertEquals(CLIENTS - 1, resumed.stream().filter(one -> one).count()));
        assertTrue(clients.get(forgotten).get(SESSION).resumed(), "it may establish a new session");
    }

    private static List<Boolean> resumed(List<JsseClient> clients) throws Exception
    {
        ExecutorService threads = Executors.newFixedThreadPool(8);
        try
        {
            List<Future<Boolean>> all = new ArrayList<>();
            for (JsseClient client : clients)
            {
                all.add(threads.submit(() -> get(client)));
            }
            List<Boolean> resumed = new ArrayList<>();
            for (Future<Boolean> one : all)
            {
                resumed.add(one.get());
            }
            return resumed;
        }
        finally
        {
            threads.shutdownNow();
        }
    }

    private static boolean get(JsseClient client) throws IOException
    {
        JsseClient.Result result = client.get(SESSION);
        assertEquals(200, result.reply().status());
        return result.resumed();
    }

    @ParameterizedTest
    @ValueSource(strings = {"ticket", "cache"})
    void openConnectionsOfTheForgottenEndWhereTheSettingSaysSo(String mode) throws Exception
    {
        JettyBase base = ModuleBase.probed("forget-close-" + mode, mode, mode)
            .modules("jmx")
            .property("jetty.tlsResumption.closeAtDeadline", "true");
        try (JettyProcess jetty = base.start(); Jmx jmx = Jmx.connect(jetty))
        {
            for (String protocol : List.of(TLS12, TLS13))
            {
                try (JsseConnection one = new JsseClient(jetty.port(), ONE, protocol).from("127.0.6.1").open();
                    JsseConnection download = new JsseClient(jetty.port(), ONE, protocol).from("127.0.6.1").open();
                    JsseConnection other = new JsseClient(jetty.port(), ONE, protocol).from("127.0.6.2").open())
                {
                    assertEquals(200, one.get(SESSION).status());
                    assertEquals(200, other.get(SESSION).status());
                    download.send(Probe.PATH + "?chunks=10");
                    jmx.invoke("forgetClient", "127.0.6.1");
                    assertEquals(0, one.end(), "the idle one ends at once");
                    assertEquals(10 * ProbeServlet.CHUNK, download.answer().body().length, "what runs is finished");
                    assertEquals(0, download.end());
                    assertEquals(200, other.get(SESSION).status());
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {TLS12, TLS13})
    void whoWasForgottenStaysForgottenOverARestart(String protocol) throws Exception
    {
        JettyBase base = ModuleBase.probed("forget-restart", "ticket", "ticket").modules("jmx");
        OpenSsl forgotten;
        OpenSsl user;
        OpenSsl other;
        JettyProcess jetty = base.start();
        try (Jmx jmx = Jmx.connect(jetty))
        {
            forgotten = established(OpenSsl.client(jetty.port()).host(ONE).protocol(protocol).path(SESSION));
            user = established(OpenSsl.client(jetty.port()).host(ONE).protocol(protocol).path(SESSION));
            other = established(OpenSsl.client(jetty.port()).host(ONE).protocol(protocol).path(SESSION));
            user.path(SESSION + "?principal=alice").connect();
            user.path(SESSION);
            jmx.invoke("forgetSession", (String)forgotten.connect().reply().json().get("id"));
        }
        jetty.kill();
        JettyProcess again = jetty.again();
        try (again; Jmx jmx = Jmx.connect(again))
        {
            assertForgotten(forgotten);
            assertResumes(other);
            assertResumes(user);
            jmx.invoke("forgetPrincipal", "alice");
            assertForgotten(user);
            assertResumes(other);
        }
    }
}
