package io.github.tlsresumption.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
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
import static io.github.tlsresumption.it.ModuleBase.openSsl;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

/**
 * What a site meets: after its first connection each client resumes with every one.
 */
@StartsProcesses
@OnEachEngine
class ClientsIT
{
    private static final int RESUMPTIONS = 10;
    private static final List<String> MODES = List.of("ticket", "cache");
    private static final List<String> PROTOCOLS = List.of(TLS12, TLS13);
    private static final String PYTHON = """
        import socket, ssl, sys
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        context.minimum_version = context.maximum_version = getattr(ssl.TLSVersion, sys.argv[2].replace('.', '_'))
        session = None
        for i in range(int(sys.argv[3])):
            raw = socket.create_connection(('127.0.0.1', int(sys.argv[1])))
            with context.wrap_socket(raw, server_hostname=sys.argv[4], session=session) as tls:
                tls.sendall(('GET %s HTTP/1.1\\r\\nHost: %s\\r\\nConnection: close\\r\\n\\r\\n' % (sys.argv[5], sys.argv[4])).encode())
                while tls.recv(4096):
                    pass
                print('reused' if tls.session_reused else 'new')
                session = tls.session
        """;
    private static final Map<String, JettyProcess> SERVERS = new HashMap<>();
    private static final Map<String, Integer> NGINX = new HashMap<>();
    private static final Map<String, Integer> HAPROXY = new HashMap<>();
    private static final List<OtherServer> PROXIES = new ArrayList<>();

    @BeforeAll
    static void start()
    {
        for (String mode : MODES)
        {
            SERVERS.put(mode, ModuleBase.probed("clients-" + mode, mode, mode).modules("jmx").start());
        }
        StringBuilder nginx = new StringBuilder();
        StringBuilder haproxy = new StringBuilder("""
            defaults
              mode http
              option httpclose
              timeout client 20s
              timeout server 20s
              timeout connect 20s
            """);
        cases().map(Arguments::get).forEach(each ->
        {
            String mode = (String)each[0];
            String protocol = (String)each[1];
            String name = mode + protocol;
            NGINX.put(name, OtherServer.freePort());
            nginx.append("""
                server {
                  listen 127.0.0.1:%d;
                  location / {
                    proxy_pass https://127.0.0.1:%d;
                    proxy_set_header Host %s;
                    proxy_ssl_server_name on;
                    proxy_ssl_name %3$s;
                    proxy_ssl_protocols %s;
                    proxy_ssl_session_reuse on;
                  }
                }
                """.formatted(NGINX.get(name), SERVERS.get(mode).port(), ONE, protocol));
            HAPROXY.put(name, OtherServer.freePort());
            haproxy.append("""
                listen %s
                  bind 127.0.0.1:%d
                  http-request set-header Host %s
                  server jetty 127.0.0.1:%d ssl verify none sni str(%3$s) ssl-min-ver %s ssl-max-ver %5$s
                """.formatted(name, HAPROXY.get(name), ONE, SERVERS.get(mode).port(), protocol));
        });
        String process = "clients-" + ProcessHandle.current().pid();
        PROXIES.add(OtherServer.nginx(JettyHome.scratch().resolve(process + "-nginx"), nginx.toString(), ports(NGINX)));
        // One session for each of its threads.
        String global = "global\n  nbthread 1\n";
        PROXIES.add(OtherServer.haproxy(JettyHome.scratch().resolve(process + "-haproxy"), global + haproxy, ports(HAPROXY)));
    }

    @AfterAll
    static void stop()
    {
        PROXIES.forEach(OtherServer::close);
        SERVERS.values().forEach(JettyProcess::close);
    }

    private static int[] ports(Map<String, Integer> listeners)
    {
        return listeners.values().stream().mapToInt(Integer::intValue).toArray();
    }

    static Stream<Arguments> cases()
    {
        return MODES.stream().flatMap(mode -> PROTOCOLS.stream().map(protocol -> arguments(mode, protocol)));
    }

    private static boolean resumed(HttpReply reply)
    {
        assertEquals(200, reply.status(), reply::body);
        return Boolean.TRUE.equals(reply.json().get("resumed"));
    }

    private static HttpReply through(int proxy)
    {
        try
        {
            HttpURLConnection connection =
                (HttpURLConnection)URI.create("http://127.0.0.1:" + proxy + Probe.PATH).toURL().openConnection();
            connection.setRequestProperty("Connection", "close");
            return new HttpReply(connection.getResponseCode(),
                new String(connection.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
        }
        catch (IOException e)
        {
            throw new UncheckedIOException(e);
        }
    }

    private static void assertResumes(List<Boolean> resumed)
    {
        List<Boolean> expected = new ArrayList<>(Collections.nCopies(1 + RESUMPTIONS, true));
        expected.set(0, false);
        assertEquals(expected, resumed);
    }

    private static List<Boolean> throughProxy(int proxy)
    {
        return IntStream.rangeClosed(0, RESUMPTIONS).mapToObj(i -> resumed(through(proxy))).toList();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void nginxAsAProxy(String mode, String protocol)
    {
        assertResumes(throughProxy(NGINX.get(mode + protocol)));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void haproxyAsAProxy(String mode, String protocol)
    {
        assertResumes(throughProxy(HAPROXY.get(mode + protocol)));
    }

    /**
     * OpenSSL tells the messages too: where the ticket stays good the server neither announces nor sends one.
     */
    @ParameterizedTest
    @MethodSource("cases")
    void openSslAsAClient(String mode, String protocol)
    {
        OpenSsl client = openSsl(SERVERS.get(mode), ONE, protocol).option("-msg");
        List<OpenSsl.Result> results = IntStream.rangeClosed(0, RESUMPTIONS).mapToObj(i -> client.connect()).toList();
        assertResumes(results.stream().map(OpenSsl.Result::reused).toList());
        assertTrue(results.get(0).output().contains("NewSessionTicket"), results.get(0)::output);
        for (OpenSsl.Result result : results.subList(1, results.size()))
        {
            assertEquals(protocol.equals(TLS13), result.output().contains("NewSessionTicket"), result::output);
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void curl(String mode, String protocol)
    {
        String[] paths = Collections.nCopies(1 + RESUMPTIONS, Probe.PATH).toArray(String[]::new);
        Curl.Result result = new Curl(SERVERS.get(mode).port(), ONE).protocol(protocol).get(paths);
        assertResumes(result.replies().stream().map(ClientsIT::resumed).toList());
    }

    @ParameterizedTest
    @MethodSource("cases")
    void python(String mode, String protocol)
    {
        Command.Output output = Command.run(null, List.of(Tools.require("python3").toString(), "-c", PYTHON,
            Integer.toString(SERVERS.get(mode).port()), protocol, Integer.toString(1 + RESUMPTIONS), ONE, Probe.PATH)).succeeded();
        assertResumes(output.text().lines().map("reused"::equals).toList());
    }

    @ParameterizedTest
    @MethodSource("cases")
    void java(String mode, String protocol)
    {
        try (JettyClient client = new JettyClient(SERVERS.get(mode).port(), ONE, protocol, false))
        {
            assertResumes(IntStream.rangeClosed(0, RESUMPTIONS).mapToObj(i -> client.get(Probe.PATH).resumed()).toList());
        }
    }

    /**
     * As of Go before 1.21: the JDK resumes none of its sessions, which is counted and told.
     */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void withoutExtendedMasterSecretNobodyResumesAndTheReasonIsCounted(boolean tickets)
    {
        JettyProcess jetty = SERVERS.get("cache");
        try (Jmx jmx = Jmx.connect(jetty))
        {
            long before = jmx.count("refusals", "no-extended-master-secret");
            OpenSsl client = openSsl(jetty, ONE, TLS12).configured("Options = -ExtendedMasterSecret");
            if (!tickets)
            {
                client.noTicket();
            }
            for (int i = 0; i < 3; i++)
            {
                OpenSsl.Result result = client.connect();
                assertFalse(result.reused(), result::output);
                assertEquals("off", result.reply().json().get("mode"), result::output);
            }
            assertEquals(before + 3, jmx.count("refusals", "no-extended-master-secret"));
            assertEquals(1, jetty.log().split("no-extended-master-secret", -1).length - 1, "said once");
        }
    }
}
