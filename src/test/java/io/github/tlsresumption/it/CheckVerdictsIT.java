package io.github.tlsresumption.it;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static io.github.tlsresumption.it.ModuleBase.ONE;
import static io.github.tlsresumption.it.ModuleBase.TWO;
import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * The verdicts of {@code check} on real servers in the configurations that operators have: none of the healthy ones has a problem.
 */
@OnAnyJdk
@StartsProcesses
class CheckVerdictsIT
{
    private static final String ON = "on";
    private static final String OFF = "off";
    private static final String NAMES_HOST = "server_name " + ONE + ";";
    private static final List<AutoCloseable> SERVERS = new ArrayList<>();
    private static final List<Row> TABLE = new ArrayList<>();

    private static Path scratch;
    private static Path authority;
    private static Path pem;

    /**
     * A server, and how it resumes with TLS 1.3, TLS 1.2 with tickets and TLS 1.2 without.
     */
    private record Row(String server, int port, String tls13, String tickets, String ids)
    {
        @Override
        public String toString()
        {
            return server;
        }
    }

    @BeforeAll
    static void start() throws Exception
    {
        scratch = JettyHome.scratch().resolve("verdicts-" + ProcessHandle.current().pid());
        Files.createDirectories(scratch);
        Path keyStore = KeyMaterial.server(KeyMaterial.Algorithm.EC, ONE);
        KeyStore store = KeyStores.load(keyStore);
        String certificate = pem("CERTIFICATE", store.getCertificate(ONE).getEncoded());
        authority = Files.writeString(scratch.resolve("ca.pem"), certificate);
        pem = Files.writeString(scratch.resolve("server.pem"),
            certificate + pem("PRIVATE KEY", store.getKey(ONE, KeyMaterial.PASSWORD.toCharArray()).getEncoded()));
        nginx();
        haproxy("haproxy", "", "", ON, ON, ON);
        haproxy("haproxy no-tls-tickets", "", "no-tls-tickets", ON, ON, ON);
        haproxy("haproxy no-tls-tickets, no cache", "global\n  tune.ssl.cachesize 0\n", "no-tls-tickets", OFF, OFF, OFF);
        openSsl("s_server", ON, ON, ON);
        openSsl("s_server -no_cache", ON, ON, OFF, "-no_cache");
        openSsl("s_server -no_ticket", ON, ON, ON, "-no_ticket");
        openSsl("s_server -no_ticket -no_cache", OFF, OFF, OFF, "-no_ticket", "-no_cache");
        jetty("stock Jetty", JettyBase.https("verdicts-stock", keyStore), ON, ON, ON);
        jetty("mode ticket", ours("ticket", keyStore), ON, ON, ON);
        jetty("mode cache", ours("cache", keyStore), ON, ON, ON);
        jetty("mode off", ours("off", keyStore), OFF, OFF, OFF);
    }

    private static void nginx()
    {
        int[] ports = Stream.generate(OtherServer::freePort).limit(4).mapToInt(Integer::intValue).toArray();
        String configuration = server(ports[0], NAMES_HOST) + server(ports[1], NAMES_HOST + " ssl_session_cache shared:a:1m;")
            + server(ports[2], NAMES_HOST + " ssl_session_cache shared:b:1m; ssl_session_tickets off;")
            + server(ports[3], NAMES_HOST + " ssl_session_tickets off;");
        SERVERS.add(OtherServer.nginx(scratch.resolve("nginx"), configuration, ports));
        TABLE.add(new Row("nginx", ports[0], ON, ON, OFF));
        TABLE.add(new Row("nginx, cache", ports[1], ON, ON, ON));
        TABLE.add(new Row("nginx, cache, tickets off", ports[2], ON, ON, ON));
        TABLE.add(new Row("nginx, tickets off", ports[3], OFF, OFF, OFF));
    }

    private static String server(int port, String more)
    {
        return "server { listen 127.0.0.1:" + port + " ssl; ssl_certificate " + pem + "; ssl_certificate_key " + pem
            + "; ssl_protocols TLSv1.2 TLSv1.3; " + more + " return 204; }\n";
    }

    private static void haproxy(String name, String global, String options, String tls13, String tickets, String ids)
    {
        int port = OtherServer.freePort();
        startHaproxy(port, global, "ssl crt " + pem + " " + options);
        TABLE.add(new Row(name, port, tls13, tickets, ids));
    }

    private static void startHaproxy(int port, String global, String bind)
    {
        String configuration = global + """
            defaults
              mode http
              timeout client 5s
              timeout server 5s
              timeout connect 5s
            frontend all
              bind 127.0.0.1:%d %s
              http-request return status 200
            """.formatted(port, bind);
        SERVERS.add(OtherServer.haproxy(scratch.resolve("haproxy-" + port), configuration, port));
    }

    private static void openSsl(String name, String tls13, String tickets, String ids, String... options)
    {
        int port = OtherServer.freePort();
        SERVERS.add(OtherServer.openSsl(scratch.resolve("openssl-" + port), pem, port, options));
        TABLE.add(new Row(name, port, tls13, tickets, ids));
    }

    private static JettyBase ours(String mode, Path keyStore)
    {
        return ModuleBase.engine(JettyBase.create("verdicts-" + mode).unzip(JettyHome.moduleZip()).modules("https")).keyStore(keyStore)
            .property("jetty.ssl.port", "0").property("jetty.tlsResumption.mode", mode).property("jetty.tlsResumption.tls12Mode", mode);
    }

    private static void jetty(String name, JettyBase base, String tls13, String tickets, String ids)
    {
        JettyProcess jetty = base.start();
        SERVERS.add(jetty);
        TABLE.add(new Row(name, jetty.port(), tls13, tickets, ids));
    }

    @AfterAll
    static void stop() throws Exception
    {
        for (AutoCloseable server : SERVERS)
        {
            server.close();
        }
    }

    static List<Row> table()
    {
        return TABLE;
    }

    @ParameterizedTest
    @MethodSource("table")
    void aHealthyServerHasNoProblem(Row row)
    {
        Cli.Result result = check(row.port());

        assertAll(result::text,
            () -> assertEquals(0, result.exit()),
            () -> assertFalse(findings(result, "problem").contains("problem")),
            () -> assertEquals(List.of(row.tls13(), row.tickets(), row.ids()), resumption(result).stream()
                .map(seen -> seen.equals("cold") ? ON : seen).toList()));
    }

    @Test
    void whatIsOffIsAProblemWhenItMustBeOn()
    {
        assertEquals(1, check(port("nginx, tickets off"), "--must-resume").exit());
        assertEquals(0, check(port("nginx, cache"), "--must-resume").exit());
    }

    private static int port(String server)
    {
        return TABLE.stream().filter(row -> row.server().equals(server)).findFirst().orElseThrow().port();
    }

    @Test
    void resumptionAroundAClientCertificateIsAProblem() throws Exception
    {
        int port = OtherServer.freePort();
        Path hosts = Files.writeString(scratch.resolve("hosts"),
            pem + " " + ONE + "\n" + pem + " [verify required ca-file " + authority + "] " + TWO + "\n");
        startHaproxy(port, "", "ssl crt-list " + hosts);
        Cli.Result result = check(port, "--other-host", TWO);
        // HAProxy 2.6 lets the session of the one host pass at the other.
        boolean passes = passesAt(TWO, port);

        assertEquals(passes ? 1 : 0, result.exit(), result::text);
        assertEquals(passes, findings(result, "problem").contains("turned away"), result::text);
    }

    private static boolean passesAt(String host, int port)
    {
        OpenSsl client = OpenSsl.client(port).host(ONE).protocol(ModuleBase.TLS12);
        client.connect();
        OpenSsl.Result second = client.host(host).connect();
        return second.connected() && second.reused();
    }

    @Test
    void aCertificateThatMayBeAskedForLaterIsAWarning()
    {
        int port = OtherServer.freePort();
        String strict = "server_name " + TWO + "; ssl_verify_client on; ssl_client_certificate " + authority + ";";
        SERVERS.add(OtherServer.nginx(scratch.resolve("strict"), server(port, NAMES_HOST) + server(port, strict), port));
        Cli.Result result = check(port, "--other-host", TWO);

        // nginx answers the request of such a client by an error; releases with the fix of CVE-2025-23419 do not resume at all.
        assertEquals(0, result.exit(), result::text);
        assertEquals(passesAt(TWO, port), findings(result, "warning").contains("asked for a certificate"), result::text);
    }

    @Test
    void nodesWithKeysOfTheirOwnAreAProblem()
    {
        int one = OtherServer.freePort();
        int two = OtherServer.freePort();
        SERVERS.add(OtherServer.nginx(scratch.resolve("one"), server(one, NAMES_HOST), one));
        SERVERS.add(OtherServer.nginx(scratch.resolve("two"), server(two, NAMES_HOST), two));
        Cli.Result result = Cli.run("check", "127.0.0.1:" + one, "127.0.0.1:" + two, "--host", ONE, "--ca", authority.toString());

        assertAll(result::text,
            () -> assertEquals(1, result.exit()),
            () -> assertTrue(result.text().contains("a session of the one is not resumed by the other")),
            () -> assertTrue(result.text().contains("From node to node, TLSv1.3, TLSv1.2 with tickets\n")),
            () -> assertFalse(result.text().contains("\033[")));
    }

    @Test
    void aWatchEndsWithTheWorstRound()
    {
        Cli.Result result = check(port("nginx"), "--watch", "1", "--rounds", "2");

        assertEquals(0, result.exit(), result::text);
        assertEquals(2, result.text().lines().filter(line -> line.startsWith("{")).count(), result::text);
    }

    private static Cli.Result check(int port, String... more)
    {
        return Cli.run(Stream.concat(Stream.of("check", "127.0.0.1:" + port, "--host", ONE, "--ca", authority.toString(), "--json"),
            Stream.of(more)).toArray(String[]::new));
    }

    private static String findings(Cli.Result result, String level)
    {
        return objects(result.json().get("findings")).filter(finding -> finding.get("level").equals(level)).map(Object::toString)
            .collect(Collectors.joining("\n"));
    }

    private static List<Object> resumption(Cli.Result result)
    {
        return objects(objects(result.json().get("nodes")).findFirst().orElseThrow().get("examinations"))
            .map(seen -> seen.get("resumption")).toList();
    }

    @SuppressWarnings("unchecked")
    private static Stream<Map<String, Object>> objects(Object values)
    {
        return Arrays.stream((Object[])values).map(value -> (Map<String, Object>)value);
    }

    private static String pem(String kind, byte[] content)
    {
        String text = Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII)).encodeToString(content);
        return "-----BEGIN " + kind + "-----\n" + text + "\n-----END " + kind + "-----\n";
    }
}
