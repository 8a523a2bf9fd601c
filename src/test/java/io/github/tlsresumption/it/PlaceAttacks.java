package io.github.tlsresumption.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import io.github.tlsresumption.it.AttackServers.Node;
import io.github.tlsresumption.it.HelloClient.Answer;
import io.github.tlsresumption.it.HelloClient.Outcome;
import io.github.tlsresumption.jsse.MemoryAttacks;
import io.github.tlsresumption.jsse.SunJsseShape;

import static io.github.tlsresumption.it.Attacks.BOTH;
import static io.github.tlsresumption.it.Attacks.FULL;
import static io.github.tlsresumption.it.Attacks.PROTOCOLS;
import static io.github.tlsresumption.it.Attacks.assertFull;
import static io.github.tlsresumption.it.Attacks.assertResumed;
import static io.github.tlsresumption.it.Attacks.established;
import static io.github.tlsresumption.it.ModuleBase.ONE;
import static io.github.tlsresumption.it.ModuleBase.TLS12;
import static io.github.tlsresumption.it.ModuleBase.TLS13;
import static io.github.tlsresumption.it.ModuleBase.TWO;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * A ticket shown where it was not earned, or where something has changed since.
 */
final class PlaceAttacks
{
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private final AttackServers servers;
    private final AttackTable table;

    PlaceAttacks(AttackServers servers, AttackTable table)
    {
        this.servers = servers;
        this.table = table;
    }

    void crossConnector()
    {
        Node node = servers.connectors();
        KeyMaterial.Client alice = servers.authority().issue("alice");
        List<String> seen = new ArrayList<>();
        Map<String, Long> context = Map.of("wrong-context", 1L);
        Map<String, Map<String, Long>> expected = Map.of("id", Map.of("wrong-scope", 1L), "trust", Map.of("certificate", 1L),
            "need", context, "none", context, "certificate", context, "suites", Map.of());
        for (String protocol : PROTOCOLS)
        {
            OpenSsl known = established(node.client(ONE, protocol).certificate(alice));
            OpenSsl anonymous = established(node.client(ONE, protocol));
            for (OpenSsl client : List.of(known, anonymous))
            {
                assertResumed(client.at(node.jetty().port("same")));
                for (Map.Entry<String, Map<String, Long>> each : expected.entrySet())
                {
                    Map<String, Long> before = node.refusals();
                    OpenSsl.Result result = client.at(node.jetty().port(each.getKey())).connect();
                    if (each.getKey().equals("trust") && client == anonymous)
                    {
                        // Whom else the server would trust is nothing to a client without certificate.
                        assertTrue(result.reused(), result::output);
                        assertEquals(Map.of(), node.refusedSince(before), protocol);
                        continue;
                    }
                    boolean served = !(each.getKey().equals("need") && client == anonymous
                        || each.getKey().equals("trust") && client == known);
                    assertEquals(served ? 200 : 0, result.reply().status(), () -> each.getKey() + ": " + result.output());
                    assertTrue(!result.connected() || !result.reused(), () -> each.getKey() + ": " + result.output());
                    assertEquals(each.getValue(), node.refusedSince(before), each.getKey() + ", " + protocol);
                }
            }
            // The client's certificate, earned where it is asked for, is not seen where it is not.
            OpenSsl.Result unasked = assertFull(known.at(node.jetty().port("none")));
            assertFalse(unasked.reply().json().containsKey("client"), unasked::output);
        }
        // A client of both versions, whose server then knows only the older one.
        OpenSsl both = established(ModuleBase.openSsl(node.jetty(), ONE, TLS13));
        Answer older = new HelloClient(ONE, TLS12).tickets(both.offered()).ask(node.jetty().port("protocols"));
        assertEquals(Outcome.FULL, older.outcome(), older::toString);
        seen.add("scope: wrong-scope +1; need, none, certificate: wrong-context +1; trust: certificate +1; suites, "
            + "protocols: SunJSSE refuses; needed certificate asked for, untrusted one refused; same settings: resumed");
        table.add(23, "cross-connector", BOTH, FULL, "wrong-scope, wrong-context, certificate", String.join("; ", seen));
    }

    void trustChange() throws IOException
    {
        KeyMaterial.ClientAuthority staff = servers.authority();
        KeyMaterial.ClientAuthority partners = KeyMaterial.clientAuthority("leaving");
        WallClock clock = WallClock.real();
        JettyBase base = ModuleBase.probed("attacks-trust", "ticket", "ticket").modules("jmx", "ssl-reload").clientAuth(staff, "need")
            .clock(clock)
            .property("jetty.sslContext.validatePeerCertificates", "true");
        Path list = staff.revoke(base.path().resolve("etc/revoked.crl"));
        Path trust = base.path().resolve("etc/truststore.p12");
        Files.move(KeyMaterial.trustStore(base.path().resolve("etc/both.p12"), staff), trust, StandardCopyOption.REPLACE_EXISTING);
        base.xml("crl.xml", "<Ref refid=\"sslContextFactory\"><Set name=\"crlPath\">" + list + "</Set></Ref>");
        List<String> seen = new ArrayList<>();
        try (JettyProcess jetty = base.start(); Jmx jmx = Jmx.connect(jetty))
        {
            Node node = new Node(jetty, jmx);
            KeyMaterial.Client revoked = staff.issue("revoked");
            KeyMaterial.Client kept = staff.issue("kept");
            KeyMaterial.Client guest = staff.issueFor("guest-attack", Duration.ofHours(1));
            Instant end = guest.certificate().getNotAfter().toInstant();
            List<OpenSsl> guests = PROTOCOLS.stream().map(protocol -> established(node.client(ONE, protocol).certificate(guest))).toList();
            guests.forEach(client -> assertResumed(client.copy()));
            List<OpenSsl> bad = PROTOCOLS.stream().map(protocol -> established(node.client(ONE, protocol).certificate(revoked))).toList();
            List<OpenSsl> good = PROTOCOLS.stream().map(protocol -> established(node.client(ONE, protocol).certificate(kept))).toList();

            jetty.reloadKeyStore();
            good.forEach(client -> assertResumed(client.copy()));
            seen.add("unchanged reload: resumed");

            Files.move(staff.revoke(list.resolveSibling("next.crl"), revoked), list, StandardCopyOption.REPLACE_EXISTING);
            jetty.reloadKeyStore();
            Await.until(LIMIT, () -> node.client(ONE, TLS13).certificate(revoked).connect().reply().status() == 0, () -> "not revoked");
            assertRefused(node, bad, "certificate");
            good.forEach(client -> assertResumed(client.copy()));
            seen.add("revoked: refused, certificate +1");

            clock.moveTo(end.plusSeconds(1));
            assertRefused(node, guests, "expired");
            seen.add("expired: refused, expired +1");

            Files.move(KeyMaterial.trustStore(base.path().resolve("etc/one.p12"), partners), trust, StandardCopyOption.REPLACE_EXISTING);
            jetty.reloadKeyStore();
            Await.until(LIMIT, () -> node.client(ONE, TLS13).certificate(kept).connect().reply().status() == 0, () -> "still trusted");
            assertRefused(node, good, "certificate");
            seen.add("authority gone: refused, certificate +1");
        }
        table.add(24, "trust change", BOTH, "refused", "certificate, expired, ...", String.join("; ", seen));
    }

    private static void assertRefused(Node node, List<OpenSsl> clients, String reason)
    {
        for (OpenSsl client : clients)
        {
            Map<String, Long> before = node.refusals();
            OpenSsl.Result refused = client.copy().connect();
            assertEquals(0, refused.reply().status(), refused::output);
            assertEquals(Map.of(reason, 1L), node.refusedSince(before));
        }
    }

    void sniMatrix() throws IOException
    {
        List<String> seen = new ArrayList<>();
        for (Node node : List.of(servers.first(), servers.strict()))
        {
            boolean strict = node == servers.strict();
            for (String protocol : PROTOCOLS)
            {
                byte[] ticket = established(node.client(ONE, protocol)).offered();
                List<String> answers = new ArrayList<>();
                for (String name : new String[]{ONE, "One.TEST", TWO, null, "127.0.0.1", ONE + ".", "unknown.test", "sub." + ONE})
                {
                    Answer without = new HelloClient(name, protocol).ask(node.port());
                    if (without.outcome() == Outcome.ALERT)
                    {
                        answers.add(name + " " + without + " without a ticket too");
                        continue;
                    }
                    Map<String, Long> before = node.refusals();
                    Answer answer = new HelloClient(name, protocol).tickets(ticket).ask(node.port());
                    Map<String, Long> refused = node.refusedSince(before);
                    boolean same = ONE.equalsIgnoreCase(name);
                    // Without keys a client cannot go on with a session of TLS 1.3: that the ticket was taken shows in this alert.
                    boolean taken = answer.outcome() == Outcome.RESUMED || answer.alert() == HelloClient.ILLEGAL_PARAMETER;
                    assertEquals(same, taken, () -> protocol + ", " + name + ": " + answer);
                    assertTrue(same ? refused.isEmpty() : answer.outcome() == Outcome.ALERT || refused.equals(Map.of("wrong-sni", 1L)),
                        () -> protocol + ", " + name + ": " + answer + refused);
                    answers.add(name + (same ? " resumed" : " " + answer));
                }
                assertFull(established(node.client(ONE, protocol)).host(TWO));
                assertHostMismatchIsRefused(node, protocol);
                if (protocol.equals(TLS13))
                {
                    seen.add((strict ? "SNI required: " : "not required: ") + answers);
                }
            }
        }
        table.add(25, "SNI matrix", BOTH, FULL, "wrong-sni +1",
            "first answer where " + String.join("; ", seen) + "; a Host that the session is not for: 400");
    }

    private static void assertHostMismatchIsRefused(Node node, String protocol) throws IOException
    {
        JsseClient client = new JsseClient(node.port(), ONE, protocol);
        assertEquals(200, client.get(Probe.PATH).reply().status());
        try (JsseConnection connection = client.open())
        {
            assertTrue(connection.resumed());
            connection.write("GET " + Probe.PATH + " HTTP/1.1\r\nHost: " + TWO + "\r\n\r\n");
            assertEquals(400, connection.answer().status());
        }
    }

    void severalCertificates() throws IOException
    {
        Node node = servers.strict();
        List<OpenSsl> clients = new ArrayList<>();
        for (String protocol : PROTOCOLS)
        {
            for (String host : List.of(ONE, TWO))
            {
                for (String algorithm : List.of("ECDSA+SHA256", "RSA-PSS+SHA256:RSA+SHA256"))
                {
                    OpenSsl client = node.client(host, protocol).option("-sigalgs", algorithm);
                    OpenSsl.Result first = client.connect();
                    assertFalse(first.reused(), first::output);
                    assertEquals(200, first.reply().status(), first::output);
                    assertTrue(first.output().contains("subject=CN = " + host), first::output);
                    String type = "Peer signature type: " + (algorithm.startsWith("RSA") ? "RSA" : "ECDSA");
                    assertTrue(first.output().contains(type), first::output);
                    OpenSsl.Result second = assertResumed(client);
                    assertTrue(second.ticketLength() > 100, second::output);
                    assertTrue(second.output().contains("subject=CN = " + host), second::output);
                    clients.add(client);
                }
            }
        }
        Path next = KeyMaterial.newServer(node.jetty().base().path().resolve("next.p12"),
            List.of(KeyMaterial.Algorithm.EC, KeyMaterial.Algorithm.RSA), ONE, TWO);
        node.jetty().base().copy(next, "etc/keystore.p12");
        node.jetty().reloadKeyStore();
        for (OpenSsl client : clients)
        {
            Map<String, Long> before = node.refusals();
            assertFull(client);
            assertEquals(Map.of("wrong-context", 1L), node.refusedSince(before));
            assertResumed(client);
        }
        table.add(26, "several certificates", BOTH, "RESUMED, FULL", "wrong-context +1",
            "RSA and EC, two hosts: each resumes by a sealed ticket; after new certificates: FULL");
    }

    void boundValues() throws Exception
    {
        List<String> seen = new ArrayList<>();
        Node node = servers.first();
        for (String protocol : PROTOCOLS)
        {
            OpenSsl client = node.client(ONE, protocol).requests(3);
            for (int i = 0; i < 2; i++)
            {
                OpenSsl.Result result = client.connect();
                assertEquals(i == 1, result.reused(), result::output);
                assertEquals(3, result.output().split("HTTP/1.1 200", -1).length - 1, result::output);
                assertEquals(protocol.equals(TLS13) ? 1 : 0, result.ticketsAfterHandshake(), result::output);
                assertTrue(result.ticketLength() > 100, result::output);
            }
            assertResumed(client.at(servers.second().port()).requests(1));
        }
        seen.add("3 requests: one ticket, other node resumes");
        try (JettyProcess jetty = ModuleBase.probed("attacks-count", "ticket", "ticket").start("-Djdk.tls.server.newSessionTicketCount=3"))
        {
            OpenSsl client = ModuleBase.openSsl(jetty, ONE, TLS13).requests(3);
            OpenSsl.Result result = client.connect();
            int count = SunJsseShape.sendsSeveralTickets() ? 3 : 1;
            assertEquals(count, result.ticketsAfterHandshake(), () -> result.ticketsAfterHandshake() + " tickets");
            assertTrue(result.ticketLength() > 100, result::output);
            assertResumed(client);
            OpenSsl older = ModuleBase.openSsl(jetty, ONE, TLS12);
            assertEquals(0, older.connect().exit());
            assertResumed(older);
            seen.add("newSessionTicketCount=3: %d, the newest not of 32 bytes".formatted(count));
        }
        try (MemoryAttacks memory = new MemoryAttacks())
        {
            for (String protocol : PROTOCOLS)
            {
                seen.add(memory.boundValue(protocol));
            }
        }
        table.add(27, "bound values", BOTH, "RESUMED", "-", String.join("; ", seen));
    }
}
