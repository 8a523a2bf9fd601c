package io.github.tlsresumption.it;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;

import io.github.tlsresumption.it.AttackServers.Node;
import io.github.tlsresumption.it.HelloClient.Answer;
import io.github.tlsresumption.it.HelloClient.Outcome;

import static io.github.tlsresumption.it.Attacks.BOTH;
import static io.github.tlsresumption.it.Attacks.ENVELOPE;
import static io.github.tlsresumption.it.Attacks.FULL;
import static io.github.tlsresumption.it.Attacks.KEY_ID;
import static io.github.tlsresumption.it.Attacks.KEY_NUMBER;
import static io.github.tlsresumption.it.Attacks.MAX_HELLO;
import static io.github.tlsresumption.it.Attacks.PREFIX;
import static io.github.tlsresumption.it.Attacks.PROTOCOLS;
import static io.github.tlsresumption.it.Attacks.assertAnswer;
import static io.github.tlsresumption.it.Attacks.assertFull;
import static io.github.tlsresumption.it.Attacks.assertResumed;
import static io.github.tlsresumption.it.Attacks.established;
import static io.github.tlsresumption.it.Attacks.flipped;
import static io.github.tlsresumption.it.Attacks.together;
import static io.github.tlsresumption.it.ModuleBase.ONE;
import static io.github.tlsresumption.it.ModuleBase.TLS12;
import static io.github.tlsresumption.it.ModuleBase.TLS13;
import static io.github.tlsresumption.it.ModuleBase.TWO;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * What a client may do with a ticket: change it, invent it, keep it too long, show it elsewhere and again.
 */
final class TicketAttacks
{
    private final AttackServers servers;
    private final AttackTable table;

    TicketAttacks(AttackServers servers, AttackTable table)
    {
        this.servers = servers;
        this.table = table;
    }

    void bitFlips()
    {
        Node node = servers.first();
        StringBuilder seen = new StringBuilder();
        for (String protocol : PROTOCOLS)
        {
            OpenSsl client = established(node.client(ONE, protocol));
            assertResumed(client.copy());
            byte[] ticket = client.offered();
            Map<String, Long> total = new TreeMap<>();
            int connections = 0;
            for (int at = 0; at < ticket.length; at++)
            {
                Map<String, Long> expected = at < KEY_NUMBER ? Map.of()
                    : at > PREFIX && at <= PREFIX + KEY_ID ? Map.of("unknown-key", 1L)
                    : Map.of("tampered", 1L);
                String what = protocol + ", byte " + at + " of " + ticket.length;
                byte[] changed = flipped(ticket, at);
                Map<String, Long> before = node.refusals();
                assertAnswer(Outcome.FULL, new HelloClient(ONE, protocol).tickets(changed).ask(node.port()), what);
                assertEquals(expected, node.refusedSince(before), what);
                expected.forEach((reason, count) -> total.merge(reason, count, Long::sum));
                if (at < PREFIX + 33 || at % 37 == 0 || at >= ticket.length - 16)
                {
                    before = node.refusals();
                    assertFull(client.copy().session(session -> session.ticket(changed)));
                    assertEquals(expected, node.refusedSince(before), what);
                    connections++;
                }
            }
            seen.append("%s: %d bytes, %d also as whole connections, %s; ".formatted(protocol, ticket.length, connections, total));
        }
        seen.append(flagOfCompression(node));
        table.add(1, "bit flips", BOTH, FULL, "tampered, unknown-key", seen.toString());
    }

    /**
     * In newer releases a large state is compressed, and a flag outside of SunJSSE's protection says so.
     */
    private String flagOfCompression(Node node)
    {
        if (PREFIX == KEY_NUMBER + 16)
        {
            return "no flag byte in this JDK";
        }
        for (String protocol : PROTOCOLS)
        {
            // SunJSSE compresses what is larger than 600 bytes.
            OpenSsl client = established(node.client(ONE, protocol).certificate(servers.authority().issueLarge("flagged", 1_500)));
            assertResumed(client.copy());
            byte[] ticket = client.offered();
            assertEquals(1, ticket[PREFIX - 1], "this state is not compressed");
            byte[] changed = ticket.clone();
            changed[PREFIX - 1] = 0;
            Map<String, Long> before = node.refusals();
            assertFull(client.session(session -> session.ticket(changed)));
            assertEquals(Map.of("tampered", 1L), node.refusedSince(before));
        }
        return "flag of a compressed state 1 to 0: FULL, tampered +1, no alert";
    }

    void truncationAndExtension()
    {
        Node node = servers.first();
        StringBuilder seen = new StringBuilder();
        for (String protocol : PROTOCOLS)
        {
            OpenSsl client = established(node.client(ONE, protocol));
            byte[] ticket = client.offered();
            Map<String, Integer> answers = new TreeMap<>();
            List<Integer> lengths = new ArrayList<>();
            for (int length = 0; length < ticket.length; length += length < 80 || length > ticket.length - 20 ? 1 : 11)
            {
                lengths.add(length);
            }
            lengths.addAll(List.of(ticket.length + 1, ticket.length + 16, ticket.length + 1_000, ticket.length + 8_192, 20_000, 31_000,
                33_000, 50_000, 65_000));
            for (int length : lengths)
            {
                byte[] changed = Arrays.copyOf(ticket, length);
                HelloClient hello = new HelloClient(ONE, protocol).tickets(changed);
                Map<String, Long> before = node.refusals();
                Answer answer = hello.ask(node.port());
                String what = protocol + ", length " + length + " instead of " + ticket.length;
                // RFC 8446 section 4.2.11 has no empty identity.
                boolean malformed = length == 0 && TLS13.equals(protocol) || hello.length() > MAX_HELLO;
                assertAnswer(malformed ? Outcome.ALERT : Outcome.FULL, answer, what);
                boolean reached = !malformed && length >= PREFIX + ENVELOPE;
                Map<String, Long> refused = node.refusedSince(before);
                assertTrue(refused.equals(Map.of("tampered", 1L)) || !reached && refused.isEmpty(), () -> what + ": " + refused);
                answers.merge(answer.toString(), 1, Integer::sum);
            }
            int whole = ticket.length;
            for (int length : List.of(1, KEY_NUMBER, PREFIX, PREFIX + ENVELOPE, whole - 1, whole + 1, whole + 9_000))
            {
                assertFull(client.copy().session(session -> session.ticket(Arrays.copyOf(ticket, length))));
            }
            seen.append("%s: %s; ".formatted(protocol, answers));
        }
        seen.append("an alert only where the ClientHello is malformed or > 32 KiB");
        table.add(2, "truncation, extension", BOTH, FULL, "tampered", seen.toString());
    }

    void randomTickets() throws Exception
    {
        int count = 10_000;
        Node node = servers.first();
        Map<String, byte[]> real = new TreeMap<>();
        for (String protocol : PROTOCOLS)
        {
            real.put(protocol, established(node.client(ONE, protocol)).offered());
        }
        Map<String, Long> before = node.refusals();
        Random random = new Random(3);
        List<Callable<Outcome>> calls = new ArrayList<>();
        for (int i = 0; i < count; i++)
        {
            String protocol = PROTOCOLS.get(i % 2);
            byte[] ticket = new byte[PREFIX + ENVELOPE + random.nextInt(900)];
            random.nextBytes(ticket);
            // The right key number always; for some our version too, and for some of those the id of a key that we have.
            int right = i % 3 == 0 ? PREFIX + 1 + KEY_ID : i % 3 == 1 ? PREFIX + 1 : KEY_NUMBER;
            System.arraycopy(real.get(protocol), 0, ticket, 0, right);
            calls.add(() -> new HelloClient(ONE, protocol).tickets(ticket).ask(node.port()).outcome());
        }
        List<Outcome> outcomes = together(4, calls);
        assertEquals(count, outcomes.stream().filter(Outcome.FULL::equals).count());
        Map<String, Long> refused = node.refusedSince(before);
        assertEquals(count, refused.values().stream().mapToLong(Long::longValue).sum(), refused::toString);
        assertTrue(refused.get("tampered") >= count / 2, refused::toString);
        long lines = node.jetty().log().lines().filter(line -> line.contains("without resumption or ticket")).count();
        assertTrue(lines <= refused.size() + 2, lines + " lines in the log");
        PROTOCOLS.forEach(protocol -> assertFull(node.client(ONE, protocol)));
        table.add(3, "random tickets", BOTH, FULL, refused.toString(), count + " hellos, " + lines + " lines about refusals in the log");
    }

    void identityFlood() throws Exception
    {
        Node node = servers.first();
        byte[] real = established(node.client(ONE, TLS13)).offered();
        Random random = new Random(4);
        List<byte[]> identities = new ArrayList<>();
        for (int i = 0; i < 290; i++)
        {
            byte[] identity = new byte[72];
            random.nextBytes(identity);
            System.arraycopy(real, 0, identity, 0, KEY_NUMBER);
            identities.add(identity);
        }
        HelloClient many = new HelloClient(ONE, TLS13).tickets(identities.toArray(byte[][]::new));
        int fitting = (MAX_HELLO - 500) / (real.length + 6 + 33);
        byte[][] forged = new byte[fitting][];
        for (int i = 0; i < fitting; i++)
        {
            forged[i] = flipped(real, real.length - 1 - i % 16);
            forged[i][PREFIX + 20] ^= (byte)i;
        }
        HelloClient few = new HelloClient(ONE, TLS13).tickets(forged);
        assertTrue(many.length() < MAX_HELLO && many.length() > 30_000, "" + many.length());

        Map<String, Long> before = node.refusals();
        assertAnswer(Outcome.FULL, many.ask(node.port()), "identities of random bytes");
        assertAnswer(Outcome.FULL, few.ask(node.port()), "forged tickets");
        assertEquals(Map.of("tampered", 2L, "too-many", 2L), node.refusedSince(before), "one for each hello");

        long questions = questionsInAFlood();
        long quiet = median(node, 40);
        AtomicBoolean over = new AtomicBoolean();
        List<Callable<Long>> calls = new ArrayList<>();
        for (int i = 0; i < 2; i++)
        {
            calls.add(() ->
            {
                long floods = 0;
                while (!over.get())
                {
                    assertAnswer(Outcome.FULL, (floods++ % 2 == 0 ? many : few).ask(node.port()), "in a flood");
                }
                return floods;
            });
        }
        calls.add(() ->
        {
            long loud = median(node, 100);
            over.set(true);
            return loud;
        });
        List<Long> results = together(3, calls);
        long loud = results.get(2);
        assertTrue(loud < 10 * quiet + 200_000, "a connection takes " + loud + " us, " + quiet + " us without the flood");
        assertFull(node.client(ONE, TLS13));
        table.add(4, "identity flood", "1.3", FULL, "tampered, too-many +1 per hello",
            ("%d random or %d forged identities in a hello; a connection takes %d us during %d floods, else %d us; Redis was asked "
                + "%d times in 50 floods with tickets of mode cache, as often as without").formatted(identities.size(), fitting, loud,
                results.get(0) + results.get(1), quiet, questions));
    }

    /**
     * Forged tickets of mode cache, to a node whose session keys are in a store.
     */
    private long questionsInAFlood()
    {
        Node node = servers.near();
        byte[] real = established(node.client(AttackServers.CACHE, TLS13)).offered();
        byte[][] forged = new byte[(MAX_HELLO - 500) / (real.length + 6 + 33)][];
        for (int i = 0; i < forged.length; i++)
        {
            forged[i] = flipped(real, real.length - 1 - i % 16);
            forged[i][PREFIX + 20] ^= (byte)i;
        }
        HelloClient flood = new HelloClient(AttackServers.CACHE, TLS13).tickets(forged);
        long before = servers.network("near").questions();
        long start = System.nanoTime();
        for (int i = 0; i < 50; i++)
        {
            assertAnswer(Outcome.FULL, flood.ask(node.port()), "forged tickets of mode cache");
        }
        long asked = servers.network("near").questions() - before;
        // What a node asks by itself, a few times in a second, against two thousand tickets.
        long idle = 20 + 20 * Duration.ofNanos(System.nanoTime() - start).toSeconds();
        assertTrue(asked <= idle, asked + " questions to the store, more than " + idle);
        return asked;
    }

    private static long median(Node node, int connections) throws Exception
    {
        JsseClient client = new JsseClient(node.port(), TWO, TLS13);
        client.get(Probe.PATH);
        long[] micros = new long[connections];
        for (int i = 0; i < connections; i++)
        {
            long start = System.nanoTime();
            assertTrue(client.get(Probe.PATH).resumed());
            micros[i] = (System.nanoTime() - start) / 1_000;
        }
        Arrays.sort(micros);
        return micros[connections / 2];
    }

    void clientIgnoresTheLifetime()
    {
        Node node = servers.timed();
        List<OpenSsl> clients = new ArrayList<>();
        for (String host : List.of(AttackServers.SHORT, AttackServers.SHORT_CACHE))
        {
            PROTOCOLS.forEach(protocol -> clients.add(established(node.client(host, protocol))));
        }
        clients.forEach(client -> assertResumed(client.copy()));
        servers.clock().move(Duration.ofSeconds(AttackServers.SHORT_SECONDS));
        for (OpenSsl client : clients)
        {
            Map<String, Long> before = node.refusals();
            assertFull(client.session(session -> session.fresh(Instant.now(), 604_800)));
            assertEquals(Map.of("expired", 1L), node.refusedSince(before));
        }
        table.add(19, "lifetime ignored", BOTH, FULL, "expired +1",
            "tickets of both modes, offered as fresh by OpenSSL after " + AttackServers.SHORT_SECONDS + " s");
    }

    void downgradeAndMix()
    {
        Node node = servers.first();
        OpenSsl old = established(node.client(ONE, TLS12));
        OpenSsl recent = established(node.client(ONE, TLS13));
        byte[] of12 = old.offered();
        byte[] of13 = recent.offered();
        int port = node.port();
        List<String> seen = new ArrayList<>();
        assertAnswer(Outcome.RESUMED, new HelloClient(ONE, TLS12).tickets(of12).ask(port), "the ticket as it is");
        Map<String, Long> before = node.handshakes();

        assertAnswer(Outcome.FULL, new HelloClient(ONE, TLS12).tickets(of13).ask(port), "1.3 ticket in 1.2");
        assertAnswer(Outcome.FULL, new HelloClient(ONE, TLS13).tickets(of12).ask(port), "1.2 ticket in 1.3");
        assertFull(old.copy().session(session -> session.ticket(of13)));
        assertFull(recent.copy().session(session -> session.ticket(of12)));
        seen.add("ticket of the other version: FULL");

        Answer narrow = new HelloClient(ONE, TLS12).tickets(of12).suites(0xC02B).ask(port);
        assertAnswer(Outcome.FULL, narrow, "suite removed, 1.2");
        assertEquals(0xC02B, narrow.suite());
        narrow = new HelloClient(ONE, TLS13).tickets(of13).suites(0x1301).ask(port);
        assertAnswer(Outcome.FULL, narrow, "suite removed, 1.3");
        assertEquals(0x1301, narrow.suite());
        seen.add("suite gone: FULL");

        Answer stripped = new HelloClient(ONE, TLS12).tickets(of12).withoutExtendedMasterSecret().ask(port);
        assertEquals(HelloClient.HANDSHAKE_FAILURE, stripped.alert(), stripped::toString);
        OpenSsl plain = established(node.client(ONE, TLS12).configured("Options = -ExtendedMasterSecret"));
        assertFalse(plain.offersTicket(), "a ticket for a session without EMS");
        assertFull(plain);
        seen.add("EMS stripped: " + stripped + ", never had: FULL, without a ticket");

        assertAnswer(Outcome.FULL, new HelloClient(ONE, TLS13).tickets(of13).modes(HelloClient.PSK_KE).ask(port), "psk_ke only");
        Answer without = new HelloClient(ONE, TLS13).tickets(of13).modes().ask(port);
        assertAnswer(Outcome.ALERT, without, "no modes");
        seen.add("psk_ke only: FULL, no modes: " + without);

        assertAnswer(Outcome.FULL, new HelloClient(ONE, TLS12).withoutTicketExtension().ask(port), "no ticket extension");

        Answer retried = new HelloClient(ONE, TLS13).tickets(of13).withoutKeyShare().ask(port);
        assertEquals(HelloClient.ILLEGAL_PARAMETER, retried.alert(), retried::toString);
        // Those of OpenSSL alone are completed.
        assertEquals(4, node.handshakesSince(before).values().stream().mapToLong(Long::longValue).sum());
        Map<String, Long> refusals = node.refusals();
        byte[] forged = flipped(of13, of13.length - 1);
        assertAnswer(Outcome.FULL, new HelloClient(ONE, TLS13).tickets(forged).withoutKeyShare().ask(port), "forged, after a retry");
        assertEquals(Map.of("tampered", 1L), node.refusedSince(refusals));
        seen.add("HelloRetryRequest: opened twice, counted once");
        PROTOCOLS.forEach(protocol -> assertResumed((protocol.equals(TLS12) ? old : recent).copy()));
        table.add(28, "downgrade and mix", BOTH, "FULL or alert", "-", String.join("; ", seen));
    }

    void replayAndTracking() throws Exception
    {
        Node node = servers.first();
        SecureRandom random = new SecureRandom();
        StringBuilder seen = new StringBuilder();
        for (String protocol : PROTOCOLS)
        {
            OpenSsl client = established(node.client(ONE, protocol));
            OpenSsl.Result once = client.copy().connect();
            byte[] ticket = client.offered();
            List<Callable<OpenSsl.Result>> calls = new ArrayList<>();
            for (int i = 0; i < 100; i++)
            {
                OpenSsl copy = client.copy().from("127.0.8." + (1 + i));
                calls.add(copy::connect);
            }
            for (OpenSsl.Result result : together(4, calls))
            {
                assertTrue(result.reused(), result::output);
                assertEquals(once.reply().json().get("id"), result.reply().json().get("id"));
                assertFalse(result.output().contains("Early data was accepted"), result::output);
                // In TLS 1.2 a client keeps a ticket that stays good.
                assertEquals(TLS12.equals(protocol), Arrays.equals(ticket, result.ticket()), "the same ticket again");
            }
            Map<String, Long> before = node.handshakes();
            for (int i = 0; i < 50; i++)
            {
                Answer answer = new HelloClient(ONE, protocol).tickets(ticket).ask(node.port(), InetAddress.getByName("127.0.8.200"));
                if (TLS13.equals(protocol))
                {
                    assertEquals(HelloClient.ILLEGAL_PARAMETER, answer.alert(), answer::toString);
                }
                else
                {
                    assertAnswer(Outcome.RESUMED, answer, "gone before Finished");
                }
            }
            assertEquals(Map.of(), node.handshakesSince(before));
            seen.append(protocol).append(": 100 replays from 100 addresses independent, 50 ")
                .append(TLS13.equals(protocol) ? "forged binders: ALERT 47" : "cut before Finished").append(", none counted; ");
        }
        byte[] ticket = established(node.client(ONE, TLS12)).offered();
        for (int length : List.of(1, 31, 32))
        {
            byte[] id = new byte[length];
            random.nextBytes(id);
            Answer answer = new HelloClient(ONE, TLS12).tickets(ticket).sessionId(id).ask(node.port());
            assertAnswer(Outcome.RESUMED, answer, "session id of " + length);
            assertArrayEquals(id, answer.sessionId());
        }
        Answer empty = new HelloClient(ONE, TLS12).tickets(ticket).sessionId(new byte[0]).ask(node.port());
        assertAnswer(Outcome.RESUMED, empty, "no session id");
        seen.append("session ids of 1, 31 and 32 bytes echoed, of 0: ").append(empty.sessionId().length).append(" bytes");
        Answer early = new HelloClient(ONE, TLS13).earlyData().ask(node.port());
        assertAnswer(Outcome.FULL, early, "early data without a session");
        table.add(29, "replay and tracking", BOTH, "RESUMED", "-", seen.toString());
    }

    /**
     * A certificate so large that its session has no room in a ticket.
     */
    void oversize()
    {
        Node node = servers.first();
        KeyMaterial.Client large = servers.authority().issueLarge("large", 10_000);
        for (String protocol : PROTOCOLS)
        {
            Map<String, Long> before = node.refusals();
            OpenSsl client = node.client(ONE, protocol).certificate(large);
            for (int i = 0; i < 3; i++)
            {
                OpenSsl.Result result = client.connect();
                assertFalse(result.reused(), result::output);
                assertEquals(200, result.reply().status(), result::output);
                assertEquals("CN=large", result.reply().json().get("client"), result::output);
                // A ClientHello with it is far from the limit at which the server would not read it any more.
                assertTrue(result.ticketLength() < 8_192, result::output);
            }
            Map<String, Long> refused = node.refusedSince(before);
            assertEquals(3, refused.get("too-large"), refused::toString);
        }
        table.add(9, "oversize", BOTH, FULL, "too-large",
            "client certificate of 10 kB: three connections, decoy in 1.3, empty ticket in 1.2");
    }

    /**
     * Needs a JDK of another release on this machine; a build server has both.
     */
    void otherJdk() throws IOException
    {
        Path other = otherJava().orElse(null);
        if (other == null)
        {
            Tools.require("jdk-of-another-release");
            return;
        }
        Node here = servers.first();
        JettyBase base = servers.base("other").property("jetty.tlsResumption.ticketKeyFile",
            here.jetty().base().path().resolve(ModuleBase.KEY_FILE).toString());
        List<String> command = new ArrayList<>(base.startJar(List.of()));
        command.set(0, other.toString());
        List<String> seen = new ArrayList<>();
        try (JettyProcess jetty = JettyProcess.start(base, command); Jmx jmx = Jmx.connect(jetty))
        {
            Node there = new Node(jetty, jmx);
            for (String protocol : PROTOCOLS)
            {
                for (List<Node> way : List.of(List.of(here, there), List.of(there, here)))
                {
                    OpenSsl client = established(way.get(0).client(ONE, protocol));
                    assertResumed(client.copy());
                    OpenSsl moved = client.at(way.get(1).port());
                    Map<String, Long> before = way.get(1).refusals();
                    assertFull(moved);
                    Map<String, Long> refused = way.get(1).refusedSince(before);
                    assertEquals(1, refused.values().stream().mapToLong(Long::longValue).sum(), refused::toString);
                    assertResumed(moved);
                    seen.add(protocol + (way.get(0) == here ? " there " : " back ") + refused);
                }
            }
            String version = jmx.jvm("java.lang:type=Runtime", "VmVersion").toString();
            table.add(10, "cross-JDK", BOTH, FULL, "tampered, other-format", "with " + version + ": " + String.join(", ", seen));
        }
    }

    private static Optional<Path> otherJava() throws IOException
    {
        Path homes = Path.of("/usr/lib/jvm");
        if (!Files.isDirectory(homes))
        {
            return Optional.empty();
        }
        String other = Runtime.version().feature() == 17 ? "JAVA_VERSION=\"25" : "JAVA_VERSION=\"17";
        try (Stream<Path> all = Files.list(homes))
        {
            return all.filter(home -> Files.isExecutable(home.resolve("bin/java")) && Files.isRegularFile(home.resolve("release")))
                .filter(home -> Attacks.text(home.resolve("release")).contains(other))
                .map(home -> home.resolve("bin/java"))
                .findFirst();
        }
    }
}
