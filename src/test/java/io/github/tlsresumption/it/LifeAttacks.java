package io.github.tlsresumption.it;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.management.openmbean.CompositeData;

import io.github.tlsresumption.FakeClock;
import io.github.tlsresumption.forget.FileForgetLog;
import io.github.tlsresumption.forget.ForgetList;
import io.github.tlsresumption.forget.ForgetLog;
import io.github.tlsresumption.it.AttackServers.Node;
import io.github.tlsresumption.it.HelloClient.Outcome;
import io.github.tlsresumption.jsse.MemoryAttacks;

import static io.github.tlsresumption.it.AttackServers.CACHE;
import static io.github.tlsresumption.it.AttackServers.SHORT;
import static io.github.tlsresumption.it.AttackServers.SHORT_CACHE;
import static io.github.tlsresumption.it.AttackServers.SHORT_SECONDS;
import static io.github.tlsresumption.it.Attacks.BOTH;
import static io.github.tlsresumption.it.Attacks.FULL;
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
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * Sessions that should have ended, and servers that go on for long.
 */
final class LifeAttacks
{
    /** A million takes an hour, and shows more. */
    private static final int HANDSHAKES = Integer.getInteger("attacks.handshakes", 2_000);
    private static final int RELOADS = Integer.getInteger("attacks.reloads", 40);
    private static final int FORGETS = 1_000_000;
    private static final int FORGOTTEN = 100_000;

    private final AttackServers servers;
    private final AttackTable table;

    LifeAttacks(AttackServers servers, AttackTable table)
    {
        this.servers = servers;
        this.table = table;
    }

    void maximumDuration() throws Exception
    {
        Node node = servers.timed();
        Map<String, Long> before = node.refusals();
        SessionDuration clients = new SessionDuration(servers.clock());
        Duration duration = Duration.ofSeconds(SHORT_SECONDS);
        for (String host : List.of(SHORT, SHORT_CACHE))
        {
            for (String protocol : PROTOCOLS)
            {
                OpenSsl openSsl = node.client(host, protocol);
                clients.add("OpenSSL, " + host + ", " + protocol, () -> openSsl.connect().reused(), duration);
                JsseClient java = new JsseClient(node.port(), host, protocol);
                clients.add("Java, " + host + ", " + protocol, () -> java.get(Probe.PATH).resumed(), duration);
            }
        }
        clients.assertAllEndInTime();
        Map<String, Long> refused = node.refusedSince(before);
        // Where the deadline passes between opening and sealing, the client is given a decoy, whose key id nobody has.
        assertTrue(Set.of("expired", "unknown-key").containsAll(refused.keySet()), refused::toString);
        // Two hosts, by OpenSSL and by Java: every chain ended by a refusal of ours.
        assertTrue(refused.values().stream().mapToLong(Long::longValue).sum() >= 4 * PROTOCOLS.size(), refused::toString);
        table.add(18, "maximum duration", BOTH, "FULL at limit", refused.toString(),
            "chains of resumptions of both modes by OpenSSL and Java end after " + SHORT_SECONDS + " s; the new sessions resume");
    }

    void clockFaults() throws Exception
    {
        try (MemoryAttacks memory = new MemoryAttacks())
        {
            table.add(20, "clock faults", BOTH, FULL, "expired, unknown-key", memory.clockFaults(TLS13) + "; TLSv1.2 the same: "
                + (memory.clockFaults(TLS12).length() > 0));
        }
    }

    void forget() throws Exception
    {
        Node near = servers.near();
        Node far = servers.far();
        String victim = "127.0.9.1";
        List<OpenSsl> held = new ArrayList<>();
        List<OpenSsl> others = new ArrayList<>();
        for (String protocol : PROTOCOLS)
        {
            for (String host : List.of(ONE, ONE, ONE, CACHE))
            {
                held.add(established(near.client(host, protocol).from(victim)));
                others.add(established(near.client(host, protocol).from("127.0.9.2")));
            }
        }
        OpenSsl byId = established(near.client(ONE, TLS12).noTicket().from(victim));
        assertResumed(byId.copy());
        held.forEach(client -> assertResumed(client.at(far.port())));

        byte[] forged = flipped(held.get(0).offered(), held.get(0).offered().length - 1);
        int before = (Integer)near.jmx().attribute("forgotten");
        assertAnswer(Outcome.FULL, new HelloClient(ONE, TLS12).tickets(forged).ask(near.port()), "forged");
        assertEquals(before, near.jmx().attribute("forgotten"));
        assertResumed(held.get(0).copy());

        // Sessions of the victim that are being made all the while.
        AtomicBoolean over = new AtomicBoolean();
        List<Callable<List<OpenSsl>>> calls = new ArrayList<>();
        for (int i = 0; i < 2; i++)
        {
            Node node = i == 0 ? near : far;
            calls.add(() ->
            {
                List<OpenSsl> made = new ArrayList<>();
                while (!over.get())
                {
                    made.add(established(node.client(ONE, TLS13).from(victim)));
                }
                return made;
            });
        }
        long[] delay = new long[1];
        calls.add(() ->
        {
            Await.within(Duration.ofMillis(300), () -> false);
            int known = (Integer)far.jmx().attribute("forgotten");
            long start = System.nanoTime();
            near.jmx().invoke("forgetClient", victim);
            // What is made from here on is a session after the forgetting, wherever the clocks agree.
            over.set(true);
            Await.until(Duration.ofSeconds(10), () -> (Integer)far.jmx().attribute("forgotten") > known, () -> "not told");
            delay[0] = Duration.ofNanos(System.nanoTime() - start).toMillis();
            return List.of();
        });
        List<OpenSsl> made = together(3, calls).stream().flatMap(List::stream).toList();
        assertTrue(delay[0] < 2_000, delay[0] + " ms");
        for (OpenSsl client : held)
        {
            Map<String, Long> refusals = near.refusals();
            assertFull(client.copy());
            assertEquals(1, near.refusedSince(refusals).get("forgotten"));
            assertFull(client.at(far.port()));
        }
        assertFull(byId);
        for (OpenSsl client : made)
        {
            assertFull(client.copy());
            assertFull(client.at(far.port()));
        }
        others.forEach(client -> assertResumed(client.copy()));
        others.forEach(client -> assertResumed(client.at(far.port())));
        table.add(21, "forget", BOTH, FULL, "forgotten +1", ("%d tickets of both modes, a session id, %d sealed meanwhile: FULL on "
            + "both nodes, told in %d ms; %d of others resume; a forged ticket forgets nobody")
            .formatted(held.size(), made.size(), delay[0], others.size()));
    }

    void forgetListLimits() throws Exception
    {
        FakeClock clock = new FakeClock(Instant.parse("2026-11-23T10:00:00Z"));
        Duration longest = Duration.ofHours(24);
        long heap = used();
        ForgetList list = new ForgetList(ForgetLog.none(), longest, FORGOTTEN, 100, clock);
        Instant start = clock.instant();
        for (int i = 1; i <= FORGETS; i++)
        {
            clock.advance(Duration.ofMillis(1));
            list.forget(i, clock.instant());
        }
        long grown = used() - heap;
        assertTrue(list.entries() <= FORGOTTEN, list.entries() + " entries");
        int entries = list.entries();
        assertTrue(list.overflows() > 0);
        assertTrue(grown < 32 << 20, grown + " bytes");
        for (int i = 1; i <= FORGETS; i += 997)
        {
            assertTrue(list.isForgotten(-1, start, i), "remembered: " + i);
        }
        assertFalse(list.isForgotten(-1, clock.instant().plusMillis(1), 1));
        clock.advance(longest.plusSeconds(1));
        list.forget(1, clock.instant());
        list.poll();
        assertTrue(list.isForgotten(-1, clock.instant(), 1));
        assertFalse(list.isForgotten(-2, clock.instant(), 2), "forgotten for longer than a session can live");
        Path directory = Files.createDirectories(JettyHome.scratch().resolve("forget-" + ProcessHandle.current().pid()));
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx------"));
        Path file = directory.resolve("attack.forgotten");
        ForgetList before = new ForgetList(new FileForgetLog(file, longest, Clock.systemUTC()), longest, 100, 100, Clock.systemUTC());
        Instant now = Instant.now();
        for (int i = 0; i < 1_000; i++)
        {
            before.forget(i, now.plusMillis(i));
        }
        ForgetList after = new ForgetList(new FileForgetLog(file, longest, Clock.systemUTC()), longest, 100, 100, Clock.systemUTC());
        for (int i = 0; i < 1_000; i++)
        {
            assertTrue(after.isForgotten(-1, now, i), "remembered after a restart: " + i);
        }
        table.add(22, "forget list limits", "-", FULL, "overflows", ("%d forgets: %d entries, %d KiB, %d overflows, nobody remembered; "
            + "gone after 24 h; a restart knows them all").formatted(FORGETS, entries, grown >> 10, list.overflows()));
    }

    private static long used()
    {
        System.gc();
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }

    void soakAndHygiene() throws Exception
    {
        List<String> seen = new ArrayList<>();
        seen.add(soak());
        try (MemoryAttacks memory = new MemoryAttacks())
        {
            seen.add(memory.reloads(RELOADS));
            seen.add(memory.strangers());
        }
        seen.add(modeSwitched());
        seen.add(noSecretIsTold());
        seen.add(erasedKeysAreGone());
        seen.add(badSettings());
        table.add(30, "soak and hygiene", BOTH, "-", "-", String.join("; ", seen));
    }

    private String soak() throws Exception
    {
        Node node = servers.second();
        full(node, HANDSHAKES / 10);
        long heap = heap(node);
        int threads = (Integer)node.jmx().jvm("java.lang:type=Threading", "ThreadCount");
        full(node, HANDSHAKES);
        long after = heap(node);
        int more = (Integer)node.jmx().jvm("java.lang:type=Threading", "ThreadCount") - threads;
        assertTrue(after < heap * 3 / 2 + (16 << 20), heap + " bytes before, " + after + " after");
        assertTrue(more < 40, more + " threads more");
        return "%d full handshakes without resumption: heap %d to %d MiB, threads %+d".formatted(HANDSHAKES, heap >> 20, after >> 20, more);
    }

    private static void full(Node node, int count) throws Exception
    {
        List<Callable<Void>> calls = new ArrayList<>();
        for (int i = 0; i < 4; i++)
        {
            String protocol = PROTOCOLS.get(i % 2);
            calls.add(() ->
            {
                JsseClient client = new JsseClient(node.port(), ONE, protocol);
                for (int done = 0; done < count / 4; done++)
                {
                    assertFalse(client.get(Probe.PATH).resumed());
                    client.forgetSessions();
                }
                return null;
            });
        }
        together(4, calls);
    }

    private static long heap(Node node)
    {
        node.jmx().collectGarbage();
        return (Long)((CompositeData)node.jmx().jvm("java.lang:type=Memory", "HeapMemoryUsage")).get("used");
    }

    private String modeSwitched() throws Exception
    {
        Node node = servers.strict();
        List<OpenSsl> clients = PROTOCOLS.stream().map(protocol -> established(node.client(TWO, protocol))).toList();
        node.jetty().base().file(AttackServers.RULES_FILE, "switched host=" + TWO + " mode=cache\n");
        node.jmx().invoke("reloadRules");
        for (OpenSsl client : clients)
        {
            Map<String, Long> before = node.refusals();
            assertFull(client);
            assertEquals(Map.of("policy", 1L), node.refusedSince(before));
        }
        node.jetty().base().file(AttackServers.RULES_FILE, "switched host=" + TWO + " mode=ticket\n");
        node.jmx().invoke("reloadRules");
        clients.forEach(Attacks::assertResumed);
        return "mode ticket to cache: FULL, policy +1, and back: resumed";
    }

    private String noSecretIsTold()
    {
        Node busy = servers.busy();
        List<byte[]> secrets = KeyFile.read(Path.of(AttackServers.keyFile(busy.jetty().base()))).secrets();
        String log = busy.jetty().log();
        assertTrue(log.contains("ClientHello") && log.contains("NewSessionTicket"), "no trace of handshakes");
        String hex = log.toLowerCase(Locale.ROOT).replaceAll("[^0-9a-f]", "");
        for (byte[] secret : secrets)
        {
            assertFalse(hex.contains(HexFormat.of().formatHex(secret)), "a ticket key in the log");
            assertFalse(log.contains(Base64.getEncoder().encodeToString(secret).substring(0, 40)), "a ticket key in the log");
            assertFalse(String.valueOf(busy.jmx().attribute("ticketKeys")).contains(HexFormat.of().formatHex(secret)));
        }
        for (Node node : servers.quiet())
        {
            assertFalse(node.jetty().log().contains("\tat "), node.jetty()::log);
        }
        return "javax.net.debug=ssl:handshake wrote %d KiB, no ticket key in it".formatted(log.length() >> 10);
    }

    private String erasedKeysAreGone() throws Exception
    {
        Node node = servers.first();
        Path keys = Path.of(AttackServers.keyFile(node.jetty().base()));
        established(node.client(ONE, TLS13));
        List<byte[]> before = KeyFile.read(keys).secrets();
        node.jmx().invoke("dropTicketKeys");
        List<byte[]> now = KeyFile.read(keys).secrets();
        established(node.client(ONE, TLS13));
        Path dump = node.jetty().base().path().resolve("attack.hprof");
        node.jmx().dumpHeap(dump.toAbsolutePath());
        int found = 0;
        try
        {
            for (byte[] secret : before)
            {
                assertFalse(contains(dump, secret), "an erased key is in the heap");
            }
            for (byte[] secret : now)
            {
                found += contains(dump, secret) ? 1 : 0;
            }
        }
        finally
        {
            Files.delete(dump);
        }
        assertTrue(found > 0, "the search finds nothing, not even the keys in use");
        return before.size() + " dropped keys: not in a dump of the heap";
    }

    private static boolean contains(Path file, byte[] part) throws IOException
    {
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 20))
        {
            byte[] window = new byte[1 << 22];
            int kept = 0;
            String wanted = new String(part, StandardCharsets.ISO_8859_1);
            while (true)
            {
                int read = in.readNBytes(window, kept, window.length - kept);
                String text = new String(window, 0, kept + read, StandardCharsets.ISO_8859_1);
                if (text.contains(wanted))
                {
                    return true;
                }
                if (read == 0)
                {
                    return false;
                }
                int length = kept + read;
                kept = Math.min(length, part.length - 1);
                System.arraycopy(window, length - kept, window, 0, kept);
            }
        }
    }

    private String badSettings() throws Exception
    {
        List<Callable<String>> starts = new ArrayList<>();
        for (String seconds : List.of("0", "604801", String.valueOf(Integer.MAX_VALUE)))
        {
            starts.add(() ->
            {
                String log = ModuleBase.plain("attacks-setting").property("jetty.tlsResumption.maxSessionDuration", seconds).startFails();
                assertTrue(log.contains("jetty.tlsResumption.maxSessionDuration") && log.contains("604800"), log);
                return "maxSessionDuration " + seconds;
            });
        }
        starts.add(() ->
        {
            String log = ModuleBase.plain("attacks-count").startFails("-Djdk.tls.server.newSessionTicketCount=0");
            assertTrue(log.contains("newSessionTicketCount"), log);
            return "newSessionTicketCount 0";
        });
        starts.add(() ->
        {
            JettyBase base = ModuleBase.plain("attacks-closed");
            String log = JettyProcess.startFails(base, ModuleIT.withoutOpening(base));
            assertTrue(log.contains("--add-opens"), log);
            return "no --add-opens";
        });
        List<String> refused = together(2, starts);
        for (String seconds : List.of("1", "604800"))
        {
            JettyBase base = ModuleBase.probed("attacks-limits", "ticket", "ticket");
            try (JettyProcess jetty = base.property("jetty.tlsResumption.maxSessionDuration", seconds)
                .start("-Djdk.tls.server.newSessionTicketCount=" + (seconds.equals("1") ? 1 : 10)))
            {
                for (String protocol : PROTOCOLS)
                {
                    OpenSsl client = ModuleBase.openSsl(jetty, ONE, protocol);
                    for (int i = 0; i < 3; i++)
                    {
                        OpenSsl.Result result = client.connect();
                        assertEquals(0, result.exit(), result::output);
                        assertEquals(200, result.reply().status(), result::output);
                        assertFalse(result.output().contains("unexpected_message"), result::output);
                    }
                }
            }
        }
        return "refused at start " + refused + "; 1 and 604800 s with 1 and 10 tickets: OpenSSL is served";
    }
}
