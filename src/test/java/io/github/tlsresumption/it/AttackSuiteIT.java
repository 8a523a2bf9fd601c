package io.github.tlsresumption.it;

import java.net.InetAddress;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;

import io.github.tlsresumption.it.AttackServers.Node;
import io.github.tlsresumption.it.HelloClient.Answer;
import io.github.tlsresumption.it.HelloClient.Outcome;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.ExtendWith;

import static io.github.tlsresumption.it.ModuleBase.ONE;
import static io.github.tlsresumption.it.ModuleBase.TLS12;
import static io.github.tlsresumption.it.ModuleBase.TLS13;
import static io.github.tlsresumption.it.ModuleBase.TWO;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * Thirty attacks on tickets, keys, stores and clocks. What most of them must come to is FULL: a full handshake is completed, the
 * client is served, one reason is counted, and nothing is in the log that should not be. The table at the end says what was seen.
 */
@ExtendWith(NoProcessLeft.class)
@TestMethodOrder(MethodOrderer.MethodName.class)
class AttackSuiteIT
{
    private static final List<String> PROTOCOLS = List.of(TLS12, TLS13);
    private static final String BOTH = "1.2 1.3";
    private static final String FULL = "FULL";
    private static final AttackTable TABLE = new AttackTable();
    private static final AttackServers SERVERS = new AttackServers();
    /** Key number and IV, which SunJSSE puts in front, and in newer releases a flag. */
    private static final int KEY_NUMBER = 4;
    private static final int PREFIX = KEY_NUMBER + 16 + (Runtime.version().feature() >= 21 ? 1 : 0);
    private static final int KEY_ID = 8;
    private static final int ENVELOPE = 124;
    private static final int MAX_HELLO = 32_768;

    @BeforeAll
    static void start()
    {
        SERVERS.start();
    }

    @AfterAll
    static void stop()
    {
        SERVERS.close();
        System.out.println("Attacks on JDK " + Runtime.version() + TABLE);
    }

    @AfterEach
    void noStackTraceIsInALog()
    {
        for (Node node : SERVERS.all())
        {
            String log = node.jetty().log();
            assertFalse(log.contains("\tat "), log);
        }
    }

    private static OpenSsl established(OpenSsl client)
    {
        OpenSsl.Result first = client.connect();
        assertFalse(first.reused(), first::output);
        assertEquals(200, first.reply().status(), first::output);
        return client;
    }

    private static void assertFull(OpenSsl client)
    {
        OpenSsl.Result result = client.connect();
        assertFalse(result.reused(), result::output);
        assertEquals(0, result.exit(), result::output);
        assertEquals(200, result.reply().status(), result::output);
    }

    private static void assertResumed(OpenSsl client)
    {
        OpenSsl.Result result = client.connect();
        assertTrue(result.reused(), result::output);
        assertEquals(200, result.reply().status(), result::output);
    }

    private static void assertAnswer(Outcome outcome, Answer answer, String what)
    {
        assertEquals(outcome, answer.outcome(), () -> what + ": " + answer);
    }

    private static byte[] flipped(byte[] ticket, int at)
    {
        byte[] changed = ticket.clone();
        changed[at] ^= (byte)(1 << at % 8);
        return changed;
    }

    private static <T> List<T> together(int threads, List<Callable<T>> calls) throws Exception
    {
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        try
        {
            List<T> results = new ArrayList<>();
            for (Future<T> one : pool.invokeAll(calls))
            {
                results.add(one.get());
            }
            return results;
        }
        finally
        {
            pool.shutdownNow();
        }
    }

    @Test
    void case01_bitFlips()
    {
        Node node = SERVERS.first();
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
        TABLE.add(1, "bit flips", BOTH, FULL, "tampered, unknown-key", seen.toString());
    }

    /**
     * In newer releases a large state is compressed, and a flag outside of SunJSSE's protection says so.
     */
    private static String flagOfCompression(Node node)
    {
        if (PREFIX == KEY_NUMBER + 16)
        {
            return "no flag byte in this JDK";
        }
        for (String protocol : PROTOCOLS)
        {
            OpenSsl client = established(node.client(ONE, protocol).certificate(SERVERS.authority().issue("alice")));
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

    @Test
    void case02_truncationAndExtension()
    {
        Node node = SERVERS.first();
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
        TABLE.add(2, "truncation, extension", BOTH, FULL, "tampered", seen.toString());
    }

    @Test
    void case03_randomTickets() throws Exception
    {
        int count = 10_000;
        Node node = SERVERS.first();
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
        TABLE.add(3, "random tickets", BOTH, FULL, refused.toString(), count + " hellos, " + lines + " lines about refusals in the log");
    }

    @Test
    void case04_identityFlood() throws Exception
    {
        Node node = SERVERS.first();
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
        assertEquals(Map.of("tampered", 2L), node.refusedSince(before), "one for each hello");

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
        TABLE.add(4, "identity flood", "1.3", FULL, "tampered +1 per hello",
            "%d random or %d forged identities in a hello; a connection takes %d us during %d floods, else %d us"
                .formatted(identities.size(), fitting, loud, results.get(0) + results.get(1), quiet));
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

    @Test
    void case19_clientIgnoresTheLifetime()
    {
        Node node = SERVERS.first();
        List<OpenSsl> clients = new ArrayList<>();
        for (String host : List.of(AttackServers.SHORT, AttackServers.SHORT_CACHE))
        {
            PROTOCOLS.forEach(protocol -> clients.add(established(node.client(host, protocol))));
        }
        clients.forEach(client -> assertResumed(client.copy()));
        Await.within(Duration.ofSeconds(AttackServers.SHORT_SECONDS), () -> false);
        for (OpenSsl client : clients)
        {
            Map<String, Long> before = node.refusals();
            assertFull(client.session(session -> session.fresh(Instant.now(), 604_800)));
            assertEquals(Map.of("expired", 1L), node.refusedSince(before));
        }
        TABLE.add(19, "lifetime ignored", BOTH, FULL, "expired +1",
            "tickets of both modes, offered as fresh by OpenSSL after " + AttackServers.SHORT_SECONDS + " s");
    }

    @Test
    void case28_downgradeAndMix()
    {
        Node node = SERVERS.first();
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
        assertAnswer(Outcome.FULL, new HelloClient(ONE, TLS12).tickets(plain.offered()).ask(port), "EMS added");
        seen.add("EMS stripped: " + stripped + ", added: FULL");

        assertAnswer(Outcome.FULL, new HelloClient(ONE, TLS13).tickets(of13).modes(HelloClient.PSK_KE).ask(port), "psk_ke only");
        Answer without = new HelloClient(ONE, TLS13).tickets(of13).modes().ask(port);
        assertAnswer(Outcome.ALERT, without, "no modes");
        seen.add("psk_ke only: FULL, no modes: " + without);

        assertAnswer(Outcome.FULL, new HelloClient(ONE, TLS12).withoutTicketExtension().ask(port), "no ticket extension");

        Answer retried = new HelloClient(ONE, TLS13).tickets(of13).withoutKeyShare().ask(port);
        assertEquals(HelloClient.ILLEGAL_PARAMETER, retried.alert(), retried::toString);
        assertEquals(2, node.handshakesSince(before).values().stream().mapToLong(Long::longValue).sum() - 1);
        Map<String, Long> refusals = node.refusals();
        byte[] forged = flipped(of13, of13.length - 1);
        assertAnswer(Outcome.FULL, new HelloClient(ONE, TLS13).tickets(forged).withoutKeyShare().ask(port), "forged, after a retry");
        assertEquals(Map.of("tampered", 1L), node.refusedSince(refusals));
        seen.add("HelloRetryRequest: opened twice, counted once");
        PROTOCOLS.forEach(protocol -> assertResumed((protocol.equals(TLS12) ? old : recent).copy()));
        TABLE.add(28, "downgrade and mix", BOTH, "FULL or alert", "-", String.join("; ", seen));
    }

    @Test
    void case29_replayAndTracking() throws Exception
    {
        Node node = SERVERS.first();
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
                assertFalse(Arrays.equals(ticket, result.ticket()), "the same ticket again");
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
        TABLE.add(29, "replay and tracking", BOTH, "RESUMED", "-", seen.toString());
    }
}
