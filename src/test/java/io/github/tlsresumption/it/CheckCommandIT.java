package io.github.tlsresumption.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import static io.github.tlsresumption.it.ModuleBase.ONE;
import static io.github.tlsresumption.it.ModuleBase.TLS12;
import static io.github.tlsresumption.it.ModuleBase.TLS13;
import static io.github.tlsresumption.it.ModuleBase.TWO;
import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * {@code check} tells the truth about servers; OpenSSL is asked for the same facts.
 */
@StartsProcesses
class CheckCommandIT
{
    private static final String RESUMED = "resumed";
    /** OpenSSL tells what is left of the session, and a connection takes its time; in seconds. Others tell the same number each time. */
    private static final double HINT_MARGIN = ModuleBase.isOpenSsl() ? 60 : 0.5;
    private static final String FULL = "full";
    private static final List<OtherServer> OTHERS = new ArrayList<>();

    private static JettyProcess ticket;
    private static JettyProcess sharing;
    private static JettyProcess cache;
    private static JettyProcess stock;
    private static Path scratch;
    private static Path authority;
    private static Path pem;

    @BeforeAll
    static void start() throws Exception
    {
        scratch = JettyHome.scratch().resolve("check-" + ProcessHandle.current().pid());
        Files.createDirectories(scratch);
        KeyStore store = KeyStores.load(ModuleBase.twoHosts());
        String certificate = pem("CERTIFICATE", store.getCertificate(ONE).getEncoded());
        authority = Files.writeString(scratch.resolve("ca.pem"), certificate);
        String key = pem("PRIVATE KEY", store.getKey(ONE, KeyMaterial.PASSWORD.toCharArray()).getEncoded());
        pem = Files.writeString(scratch.resolve("server.pem"), certificate + key);

        ticket = ModuleBase.probed("check-ticket", "ticket", "ticket").start();
        sharing = ModuleBase.probed("check-sharing", "ticket", "ticket")
            .property("jetty.tlsResumption.ticketKeyFile", ticket.base().path().resolve(ModuleBase.KEY_FILE).toString()).start();
        cache = ModuleBase.probed("check-cache", "cache", "cache").property("jetty.tlsResumption.maxSessionDuration", "8").start();
        stock = JettyBase.https("check-stock", ModuleBase.twoHosts()).property("jetty.sslContext.sslSessionTimeout", "8").start();
    }

    @AfterAll
    static void stop()
    {
        OTHERS.forEach(OtherServer::close);
        Stream.of(ticket, sharing, cache, stock).filter(jetty -> jetty != null).forEach(JettyProcess::close);
    }

    @Test
    void nodesThatShareTicketKeysAreWell()
    {
        Cli.Result result = check(List.of(ticket.port(), sharing.port()));
        Map<String, Object> json = result.json();

        assertEquals(0, result.exit(), result::text);
        assertEquals(true, json.get("well"), result::text);
        for (int port : List.of(ticket.port(), sharing.port()))
        {
            for (Map<String, Object> seen : examinations(json, port))
            {
                assertAll(
                    () -> assertEquals(true, seen.get("resumes"), seen::toString),
                    () -> assertEquals(FULL, seen.get("noHost"), seen::toString),
                    () -> assertEquals(FULL, seen.get("otherHost"), seen::toString));
                agreesWithOpenSsl(seen, port);
            }
            assertEquals("psk", examination(json, port, TLS13, true).get("how"));
            assertEquals("ticket", examination(json, port, TLS12, true).get("how"));
            assertEquals("session-id", examination(json, port, TLS12, false).get("how"));
            assertEquals(FULL, examination(json, port, TLS13, true).get("tampered"));
            assertEquals(86_400, (Long)examination(json, port, TLS13, true).get("lifetimeHint"), HINT_MARGIN);
        }
        assertEquals(RESUMED, crossing(json, ticket.port(), sharing.port(), TLS13, true), result::text);
        assertEquals(RESUMED, crossing(json, sharing.port(), ticket.port(), TLS12, true), result::text);
        assertEquals(FULL, crossing(json, ticket.port(), sharing.port(), TLS12, false), result::text);
        OpenSsl client = client(ticket.port(), TLS13, true);
        client.connect();
        assertTrue(client.at(sharing.port()).connect().reused());
    }

    @Test
    void theDurationIsKeptByOurCacheAndByStockJettyIsNot()
    {
        // 8 s are the duration that both are configured with.
        Cli.Result result = check(List.of(cache.port(), stock.port()), "--duration", "8");
        Map<String, Object> json = result.json();

        assertEquals(1, result.exit(), result::text);
        for (Map<String, Object> seen : examinations(json, cache.port()))
        {
            Map<String, Object> aging = object(seen.get("duration"));
            assertAll(
                () -> assertEquals(true, seen.get("resumes"), seen::toString),
                () -> assertEquals(FULL, aging.get("originalAfter"), seen::toString),
                () -> assertEquals(FULL, aging.get("renewedAfter"), seen::toString));
            agreesWithOpenSsl(seen, cache.port());
        }
        Map<String, Object> stockTls13 = examination(json, stock.port(), TLS13, true);
        assertEquals(RESUMED, object(stockTls13.get("duration")).get("renewedAfter"), result::text);
        assertEquals("name", stockTls13.get("ticketKind"), result::text);
        examinations(json, stock.port()).forEach(seen -> agreesWithOpenSsl(seen, stock.port()));
        // With two certificates stock Jetty gives an empty ticket in TLS 1.2.
        assertEquals(false, examination(json, stock.port(), TLS12, true).get("resumes"), result::text);
        assertEquals(true, examination(json, stock.port(), TLS12, false).get("resumes"), result::text);
        assertTrue(result.text().contains("several certificates"), result::text);
        assertEquals(FULL, crossing(json, cache.port(), stock.port(), TLS13, true), result::text);
    }

    @OnAnyJdk
    @Test
    void nginx()
    {
        int one = OtherServer.freePort();
        int two = OtherServer.freePort();
        int off = OtherServer.freePort();
        int curve = OtherServer.freePort();
        Path keys = scratch.resolve("ticket.key");
        write(keys, "0123456789abcdef0123456789abcdef0123456789abcdef");
        String server = "server { listen 127.0.0.1:%d ssl; server_name one.test; ssl_certificate " + pem + "; ssl_certificate_key " + pem
            + "; ssl_protocols TLSv1.2 TLSv1.3; ssl_session_timeout 300; %s return 204; }";
        String shared = "ssl_session_ticket_key " + keys + ";";
        String configuration = server.formatted(one, shared) + server.formatted(two, shared)
            + server.formatted(off, "ssl_session_tickets off; ssl_session_cache off;")
            + server.formatted(curve, "ssl_ecdh_curve secp384r1; ssl_ciphers ECDHE-ECDSA-CHACHA20-POLY1305; "
            + "ssl_conf_command Ciphersuites TLS_CHACHA20_POLY1305_SHA256;");
        OTHERS.add(OtherServer.nginx(scratch.resolve("nginx"), configuration, one, two, off, curve));

        Cli.Result result = check(List.of(one, two, off));
        Map<String, Object> json = result.json();
        for (int port : List.of(one, two, off))
        {
            examinations(json, port).forEach(seen -> agreesWithOpenSsl(seen, port));
        }
        assertAll(
            () -> assertEquals(1, result.exit(), result::text),
            () -> assertEquals(300L, examination(json, one, TLS12, true).get("lifetimeHint")),
            () -> assertEquals(RESUMED, examination(json, one, TLS13, true).get("noHost")),
            () -> assertEquals(RESUMED, crossing(json, one, two, TLS13, true)),
            () -> assertEquals(RESUMED, crossing(json, one, two, TLS12, true)),
            () -> assertEquals(false, examination(json, off, TLS12, true).get("resumes")),
            () -> assertEquals(FULL, crossing(json, one, off, TLS12, true)));
        assertLooksAtAServerWithAnotherCurve(curve);
    }

    /*
     * By a HelloRetryRequest, as the client's first shares are in other groups.
     */
    private static void assertLooksAtAServerWithAnotherCurve(int port)
    {
        Map<String, Object> json = check(List.of(port)).json();

        examinations(json, port).forEach(seen -> agreesWithOpenSsl(seen, port));
        assertEquals("TLS_CHACHA20_POLY1305_SHA256", examination(json, port, TLS13, true).get("suite"));
        assertEquals("TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256", examination(json, port, TLS12, true).get("suite"));
        assertEquals("psk", examination(json, port, TLS13, true).get("how"));
    }

    @OnAnyJdk
    @Test
    void haproxy()
    {
        int tickets = OtherServer.freePort();
        int ids = OtherServer.freePort();
        String configuration = """
            global
              tune.ssl.lifetime 200
            defaults
              mode http
              timeout client 5s
              timeout server 5s
              timeout connect 5s
            frontend tickets
              bind 127.0.0.1:%d ssl crt %s
              http-request return status 200
            frontend ids
              bind 127.0.0.1:%d ssl crt %s no-tls-tickets
              http-request return status 200
            """.formatted(tickets, pem, ids, pem);
        OTHERS.add(OtherServer.haproxy(scratch.resolve("haproxy"), configuration, tickets, ids));

        Cli.Result result = check(List.of(tickets, ids));
        Map<String, Object> json = result.json();
        for (int port : List.of(tickets, ids))
        {
            examinations(json, port).forEach(seen -> agreesWithOpenSsl(seen, port));
        }
        assertAll(
            () -> assertEquals(1, result.exit(), result::text),
            () -> assertEquals("ticket", examination(json, tickets, TLS12, true).get("how"), result::text),
            () -> assertEquals("session-id", examination(json, ids, TLS12, true).get("how"), result::text),
            () -> assertEquals("name", examination(json, ids, TLS13, true).get("ticketKind"), result::text),
            () -> assertEquals("sealed", examination(json, tickets, TLS13, true).get("ticketKind"), result::text));
    }

    @OnAnyJdk
    @Test
    void whatCannotBeLookedAtIsSaid()
    {
        Cli.Result untrusted = Cli.run("check", "127.0.0.1:" + ticket.port(), "--host", ONE, "--json");
        Cli.Result gone = Cli.run("check", "127.0.0.1:" + OtherServer.freePort(), "--json");
        Cli.Result otherName = check(List.of(ticket.port()), "--host", TWO);

        assertAll(
            () -> assertEquals(3, untrusted.exit(), untrusted::text),
            () -> assertEquals(false, object(node(untrusted.json(), ticket.port()).get("certificate")).get("trusted"), untrusted::text),
            () -> assertEquals(3, gone.exit(), gone::text),
            () -> assertEquals(3, otherName.exit(), otherName::text),
            () -> assertEquals(2, Cli.run("check", "one two").exit()),
            () -> assertEquals(2, Cli.run("check").exit()),
            () -> assertEquals(2, Cli.run().exit()));
    }

    /*
     * The same facts by another client.
     */
    private static void agreesWithOpenSsl(Map<String, Object> seen, int port)
    {
        String protocol = (String)seen.get("protocol");
        boolean tickets = (Boolean)seen.get("tickets");
        OpenSsl client = client(port, protocol, tickets);
        OpenSsl.Result first = client.connect();
        boolean resumes = (Boolean)seen.get("resumes");
        if (!client.hasSession())
        {
            assertFalse(resumes, seen::toString);
            return;
        }
        assertEquals(client.connect().reused(), resumes, () -> seen + "\n" + first.output());
        if (!resumes)
        {
            return;
        }
        // A session for each question, since stock Jetty takes those of its cache once.
        OpenSsl noHost = client(port, protocol, tickets);
        noHost.connect();
        OpenSsl otherHost = client(port, protocol, tickets);
        otherHost.connect();
        Object[] lengths = (Object[])seen.get("ticketBytes");
        long newest = lengths.length == 0 ? 0 : (Long)lengths[lengths.length - 1];
        assertAll(
            () -> assertEquals(noHost.noSni().connect().reused() ? RESUMED : FULL, seen.get("noHost"), seen::toString),
            () -> assertEquals(otherHost.host(TWO).connect().reused() ? RESUMED : FULL, seen.get("otherHost"), seen::toString),
            // The state names the application protocol, and later JDKs compress it.
            () -> assertTrue(Math.abs(newest - first.ticketLength()) <= 32, () -> seen + " but " + first.ticketLength()),
            () -> assertEquals(first.lifetimeHint(), tickets && lengths.length > 0 ? (Long)seen.get("lifetimeHint") : -1, HINT_MARGIN,
                () -> seen + "\n" + first.output()));
    }

    private static OpenSsl client(int port, String protocol, boolean tickets)
    {
        OpenSsl client = OpenSsl.client(port).host(ONE).protocol(protocol);
        return tickets ? client : client.noTicket();
    }

    private static Cli.Result check(List<Integer> ports, String... more)
    {
        List<String> options = Arrays.asList(more);
        Stream<String> host = options.contains("--host") ? Stream.of() : Stream.of("--host", ONE);
        return Cli.run(Stream.of(Stream.of("check", "--json", "--ca", authority.toString(), "--other-host", TWO), host, options.stream(),
            ports.stream().map(CheckCommandIT::name)).flatMap(words -> words).toArray(String[]::new));
    }

    private static String name(int port)
    {
        return "127.0.0.1:" + port;
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> object(Object value)
    {
        return (Map<String, Object>)value;
    }

    private static Stream<Map<String, Object>> objects(Object values)
    {
        return Arrays.stream((Object[])values).map(CheckCommandIT::object);
    }

    private static Map<String, Object> node(Map<String, Object> json, int port)
    {
        return objects(json.get("nodes")).filter(node -> node.get("node").equals(name(port))).findFirst().orElseThrow();
    }

    private static List<Map<String, Object>> examinations(Map<String, Object> json, int port)
    {
        List<Map<String, Object>> all = objects(node(json, port).get("examinations")).toList();
        assertEquals(3, all.size(), all::toString);
        return all;
    }

    private static Map<String, Object> examination(Map<String, Object> json, int port, String protocol, boolean tickets)
    {
        return examinations(json, port).stream()
            .filter(seen -> seen.get("protocol").equals(protocol) && seen.get("tickets").equals(tickets)).findFirst().orElseThrow();
    }

    private static Object crossing(Map<String, Object> json, int from, int to, String protocol, boolean tickets)
    {
        return objects(json.get("crossings")).filter(crossing -> crossing.get("from").equals(name(from))
            && crossing.get("to").equals(name(to)) && crossing.get("protocol").equals(protocol)
            && crossing.get("tickets").equals(tickets)).findFirst().orElseThrow().get("result");
    }

    private static void write(Path file, String text)
    {
        try
        {
            Files.writeString(file, text);
        }
        catch (IOException e)
        {
            throw new UncheckedIOException(e);
        }
    }

    private static String pem(String kind, byte[] content)
    {
        String text = Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII)).encodeToString(content);
        return "-----BEGIN " + kind + "-----\n" + text + "\n-----END " + kind + "-----\n";
    }
}
