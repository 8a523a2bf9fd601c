package io.github.tlsresumption.it;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;

import io.github.tlsresumption.cluster.FaultProxy;
import io.github.tlsresumption.cluster.FaultProxy.Fault;
import io.github.tlsresumption.it.AttackServers.Node;
import io.github.tlsresumption.jsse.MemoryAttacks;

import static io.github.tlsresumption.it.AttackServers.CACHE;
import static io.github.tlsresumption.it.AttackServers.LEAD_SECONDS;
import static io.github.tlsresumption.it.Attacks.BOTH;
import static io.github.tlsresumption.it.Attacks.FULL;
import static io.github.tlsresumption.it.Attacks.PROTOCOLS;
import static io.github.tlsresumption.it.Attacks.assertFull;
import static io.github.tlsresumption.it.Attacks.assertResumed;
import static io.github.tlsresumption.it.Attacks.established;
import static io.github.tlsresumption.it.Attacks.keyId;
import static io.github.tlsresumption.it.Attacks.together;
import static io.github.tlsresumption.it.ModuleBase.ONE;
import static io.github.tlsresumption.it.ModuleBase.TLS12;
import static io.github.tlsresumption.it.ModuleBase.TLS13;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * What may happen to ticket keys and to the stores that keep them.
 */
final class KeyAttacks
{
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private final AttackServers servers;
    private final AttackTable table;

    KeyAttacks(AttackServers servers, AttackTable table)
    {
        this.servers = servers;
        this.table = table;
    }

    void weakKeys() throws Exception
    {
        JettyBase base = servers.base("weak");
        Path file = base.path().resolve(ModuleBase.KEY_FILE);
        Set<String> health = new HashSet<>();
        try (JettyProcess jetty = base.start(); Jmx jmx = Jmx.connect(jetty))
        {
            KeyFile good = KeyFile.read(file);
            OpenSsl client = established(ModuleBase.openSsl(jetty, ONE, TLS13));
            Map<String, KeyFile> weak = new LinkedHashMap<>();
            weak.put("all zero", good.weak(0));
            weak.put("all equal", good.weak(0xAB));
            weak.put("16 bytes", good.shortened());
            weak.put("the same twice", good.doubled());
            weak.put("no bytes", new KeyFile(good.header(), new byte[0]));
            for (Map.Entry<String, KeyFile> each : weak.entrySet())
            {
                each.getValue().write(file);
                Await.until(LIMIT, () -> !healthy(jmx), () -> each.getKey() + " is not noticed: " + jetty.log());
                health.add(each.getKey());
                OpenSsl.Result result = assertResumed(client);
                assertEquals(keyId(client.offered()), keyId(result.ticket()));
                good.write(file);
                Await.until(LIMIT, () -> healthy(jmx), () -> String.valueOf(jmx.attribute("ticketKeyStoreHealth")));
            }
            good.weak(0).write(file);
            Await.until(LIMIT, () -> !healthy(jmx), jetty::log);
        }
        String log = base.startFails();
        assertTrue(log.contains(ModuleBase.KEY_FILE) && log.contains("is weak"), log);
        List<String> seen = new ArrayList<>();
        try (MemoryAttacks memory = new MemoryAttacks())
        {
            for (String protocol : PROTOCOLS)
            {
                seen.add(protocol + " before the first key " + memory.beforeTheFirstKey(protocol));
            }
        }
        table.add(5, "weak keys", BOTH, "refused", "no-key", "in the file " + health + ": alarm, last good keys stay, start refused; "
            + String.join(", ", seen));
    }

    private static boolean healthy(Jmx jmx)
    {
        return String.valueOf(jmx.attribute("ticketKeyStoreHealth")).contains("error=Optional.empty");
    }

    void sealingFails() throws Exception
    {
        try (MemoryAttacks memory = new MemoryAttacks())
        {
            table.add(6, "seal exception", BOTH, FULL, "-", memory.sealingFails("TLSv1.2") + "; " + memory.sealingFails("TLSv1.3"));
        }
    }

    void openingFails() throws Exception
    {
        try (MemoryAttacks memory = new MemoryAttacks())
        {
            table.add(7, "seal or unseal error", BOTH, FULL, "-", memory.openingFails("TLSv1.2") + "; " + memory.openingFails("TLSv1.3")
                + "; sealing as in 6");
        }
    }

    void hostileStates() throws Exception
    {
        try (MemoryAttacks memory = new MemoryAttacks())
        {
            List<String> seen = new ArrayList<>();
            for (String protocol : PROTOCOLS)
            {
                seen.add(memory.hostileStates(protocol));
                seen.add(memory.cutStates(protocol));
            }
            table.add(8, "hostile plaintext", BOTH, FULL, "certificate or none", String.join("; ", seen));
        }
    }

    void rotationOverlap() throws Exception
    {
        Node node = servers.first();
        List<OpenSsl> previous = PROTOCOLS.stream().map(protocol -> established(node.client(ONE, protocol))).toList();
        String old = keyId(previous.get(0).offered());
        node.jmx().invoke("rotateTicketKeys");
        String now = awaitNewKey(node, old);
        List<OpenSsl> current = PROTOCOLS.stream().map(protocol -> established(node.client(ONE, protocol))).toList();
        current.forEach(client -> assertEquals(now, keyId(client.offered())));
        for (int i = 0; i < previous.size(); i++)
        {
            OpenSsl client = previous.get(i);
            assertEquals(old, keyId(client.offered()));
            // In TLS 1.2 a client keeps a ticket that stays good.
            String next = TLS12.equals(PROTOCOLS.get(i)) ? old : now;
            assertEquals(next, keyId(assertResumed(client.copy()).ticket()), "the key of the client's next ticket");
            assertResumed(client.at(servers.second().port()));
        }
        current.forEach(client -> assertResumed(client.copy()));
        node.jmx().invoke("dropTicketKeys");
        for (OpenSsl client : List.of(previous.get(0), previous.get(1), current.get(0), current.get(1)))
        {
            Map<String, Long> before = node.refusals();
            OpenSsl.Result full = assertFull(client.copy());
            assertEquals(Map.of("unknown-key", 1L), node.refusedSince(before));
            assertFalse(List.of(old, now).contains(keyId(full.ticket())));
        }
        table.add(11, "rotation overlap", BOTH, "RESUMED, FULL", "unknown-key +1",
            "current and previous key resume on both nodes, TLS 1.3 gets a ticket under the current one, retired: FULL");
    }

    private static String awaitNewKey(Node node, String old)
    {
        String[] found = {old};
        Await.until(LIMIT, () ->
        {
            OpenSsl fresh = established(node.client(ONE, TLS13));
            found[0] = keyId(fresh.offered());
            return !found[0].equals(old);
        }, () -> "no new key: " + node.jmx().attribute("ticketKeys"));
        return found[0];
    }

    void concurrentRotation() throws Exception
    {
        Node node = servers.first();
        List<JsseClient> clients = new ArrayList<>();
        for (int i = 0; i < 64; i++)
        {
            clients.add(new JsseClient(node.port(), ONE, PROTOCOLS.get(i % 2)));
        }
        Map<String, Long> before = node.refusals();
        int[] rotations = {0};
        int[] reloads = {0};
        Load.Result rotated = during(clients, Duration.ofSeconds(6), () ->
        {
            // A key seals after its lead, and one that is replaced before that never does.
            node.jmx().invoke("rotateTicketKeys");
            rotations[0]++;
        });
        assertEquals(0, rotated.failed(), rotated::toString);
        assertEquals(clients.size(), rotated.full(), rotated::toString);
        Load.Result reloaded = during(clients, Duration.ofSeconds(6), () ->
        {
            node.jetty().reloadKeyStore();
            reloads[0]++;
        });
        assertEquals(0, reloaded.failed(), reloaded::toString);
        assertEquals(0, reloaded.full(), reloaded::toString);
        assertEquals(Map.of(), node.refusedSince(before));
        try (MemoryAttacks memory = new MemoryAttacks())
        {
            String server = ("server: %d clients, %d connections in %d rotations all resumed, %d in %d reloads too, "
                + "none failed, none refused by us; in memory: ").formatted(clients.size(), rotated.connections(), rotations[0],
                reloaded.connections(), reloads[0]);
            table.add(12, "concurrent rotation", BOTH, "RESUMED", "-", server + memory.concurrentRotation());
        }
    }

    /**
     * What an operator does.
     */
    private interface Change
    {
        void happen() throws Exception;
    }

    private static Load.Result during(List<JsseClient> clients, Duration time, Change change) throws Exception
    {
        AtomicBoolean over = new AtomicBoolean();
        List<Callable<Load.Result>> calls = new ArrayList<>();
        calls.add(() ->
        {
            try
            {
                return Load.run(clients, Probe.PATH, 500, time);
            }
            finally
            {
                over.set(true);
            }
        });
        calls.add(() ->
        {
            while (!over.get())
            {
                change.happen();
                Await.within(Duration.ofMillis(2_200), over::get);
            }
            return null;
        });
        return together(2, calls).get(0);
    }

    void keyPeriodOfSunJsse()
    {
        Node busy = servers.busy();
        Node idle = servers.idle();
        Set<Integer> numbers = new HashSet<>();
        int connections = 0;
        long end = System.nanoTime() + Duration.ofSeconds(10).toNanos();
        while (System.nanoTime() < end)
        {
            for (String protocol : PROTOCOLS)
            {
                OpenSsl client = established(busy.client(ONE, protocol));
                numbers.add(ByteBuffer.wrap(client.offered()).getInt());
                OpenSsl.Result here = assertResumed(client);
                numbers.add(ByteBuffer.wrap(here.ticket()).getInt());
                connections += 2;
            }
        }
        assertEquals(1, numbers.size(), numbers::toString);
        // This node has had nothing to do all the time, for longer than SunJSSE keeps an idle key.
        for (String protocol : PROTOCOLS)
        {
            OpenSsl client = established(busy.client(ONE, protocol));
            OpenSsl there = client.at(idle.port());
            numbers.add(ByteBuffer.wrap(assertResumed(there).ticket()).getInt());
            assertResumed(there.at(busy.port()));
        }
        assertEquals(1, numbers.size(), numbers::toString);
        table.add(13, "SunJSSE's key period", BOTH, "RESUMED", "-", connections
            + " connections in 10 s with a period of 1 s: one key number, also of the node that was idle, which resumes");
    }

    void freshAndIdleNode()
    {
        Node busy = servers.busy();
        JettyBase base = AttackServers.brief("fresh").property(AttackServers.KEY_FILE, AttackServers.keyFile(busy.jetty().base()));
        try (JettyProcess jetty = base.start(AttackServers.JVM_SETTINGS))
        {
            for (String protocol : PROTOCOLS)
            {
                OpenSsl first = established(busy.client(ONE, protocol)).at(jetty.port());
                assertResumed(first);
            }
            Duration idle = Duration.ofSeconds(1 + AttackServers.BRIEF_SECONDS + 1);
            Await.within(idle, () -> false);
            for (String protocol : PROTOCOLS)
            {
                assertResumed(established(busy.client(ONE, protocol)).at(jetty.port()));
            }
            table.add(14, "fresh, idle node", BOTH, "RESUMED", "-", "first connection ever, and first after " + idle.toSeconds()
                + " s of idleness with a period of 1 s and sessions of " + AttackServers.BRIEF_SECONDS + " s");
        }
    }

    void propagationLag() throws Exception
    {
        Node near = servers.near();
        Node far = servers.far();
        OpenSsl before = established(near.client(ONE, TLS13));
        String old = keyId(before.offered());
        servers.network("far").fault(Fault.SILENT);
        long start;
        String now;
        try
        {
            near.jmx().invoke("rotateTicketKeys");
            start = System.nanoTime();
            assertEquals(old, keyId(established(near.client(ONE, TLS13)).offered()), "sealed with a key that nobody knows yet");
            now = awaitNewKey(near, old);
            Duration taken = Duration.ofNanos(System.nanoTime() - start);
            assertTrue(taken.toMillis() >= LEAD_SECONDS * 1_000 - 200, "sealed with a key after " + taken);
            assertResumed(before.at(far.port()));
            for (String protocol : PROTOCOLS)
            {
                OpenSsl client = established(near.client(ONE, protocol));
                assertEquals(now, keyId(client.offered()));
                Map<String, Long> refused = far.refusals();
                OpenSsl there = client.at(far.port());
                OpenSsl.Result full = assertFull(there);
                assertEquals(Map.of("unknown-key", 1L), far.refusedSince(refused));
                assertEquals(old, keyId(full.ticket()));
            }
        }
        finally
        {
            servers.network("far").fault(Fault.NONE);
        }
        OpenSsl client = established(near.client(ONE, TLS13));
        start = System.nanoTime();
        Await.until(LIMIT, () -> client.at(far.port()).connect().reused(), far.jetty()::log);
        PROTOCOLS.forEach(protocol -> assertResumed(established(near.client(ONE, protocol)).at(far.port())));
        table.add(15, "propagation lag", BOTH, "FULL, RESUMED", "unknown-key +1",
            "lead %d s kept; node cut off: FULL, its own key seals on; %d ms after the network is back: resumed"
                .formatted(LEAD_SECONDS, Duration.ofNanos(System.nanoTime() - start).toMillis()));
    }

    void storeFaults() throws Exception
    {
        List<String> seen = new ArrayList<>();
        Node far = servers.far();
        OpenSsl ticket = established(far.client(ONE, TLS13));
        for (Fault fault : List.of(Fault.REFUSED, Fault.SLOW))
        {
            OpenSsl cache = established(far.client(CACHE, TLS13));
            assertResumed(cache.copy());
            servers.network("far").late(Duration.ofSeconds(30));
            servers.network("far").fault(fault);
            try
            {
                long start = System.nanoTime();
                for (int i = 0; i < 5; i++)
                {
                    assertResumed(ticket.copy());
                }
                long tickets = Duration.ofNanos(System.nanoTime() - start).toMillis() / 5;
                Map<String, Long> before = far.refusals();
                start = System.nanoTime();
                assertFull(cache.copy());
                long cached = Duration.ofNanos(System.nanoTime() - start).toMillis();
                assertEquals(Map.of("store-unavailable", 1L), far.refusedSince(before));
                assertTrue(tickets < 3_000 && cached < 5_000, tickets + " and " + cached + " ms");
                Await.until(LIMIT, () -> !healthy(far.jmx()), () -> String.valueOf(far.jmx().attribute("ticketKeyStoreHealth")));
                seen.add("%s: ticket resumed in %d ms, cache FULL in %d ms".formatted(fault, tickets, cached));
            }
            finally
            {
                servers.network("far").fault(Fault.REFUSED);
                servers.network("far").fault(Fault.NONE);
            }
            Await.until(LIMIT, () -> healthy(far.jmx()), () -> String.valueOf(far.jmx().attribute("ticketKeyStoreHealth")));
            OpenSsl again = far.client(CACHE, TLS13);
            Await.until(LIMIT, () -> again.connect().connected() && again.connect().reused(), far.jetty()::log);
        }
        seen.add(downAtStart());
        seen.add(fileFaults());
        table.add(16, "store faults", BOTH, "RESUMED, FULL", "store-unavailable, no-key", String.join("; ", seen));
    }

    private String downAtStart() throws Exception
    {
        try (FaultProxy proxy = new FaultProxy(servers.redis().port()))
        {
            proxy.fault(Fault.REFUSED);
            try (JettyProcess jetty = servers.clustered("late", proxy).start(); Jmx jmx = Jmx.connect(jetty))
            {
                Node late = new Node(jetty, jmx);
                for (String protocol : PROTOCOLS)
                {
                    OpenSsl client = late.client(ONE, protocol);
                    Map<String, Long> before = late.refusals();
                    assertFull(client);
                    assertFull(client);
                    assertEquals(2, late.refusedSince(before).get("no-key"));
                }
                assertFalse(healthy(jmx));
                OpenSsl known = established(servers.near().client(ONE, TLS13));
                assertFull(known.at(late.port()));
                proxy.fault(Fault.NONE);
                Await.until(LIMIT, () -> known.at(late.port()).connect().reused(), jetty::log);
                return "down at start: FULL, no-key, then the cluster's keys and no others";
            }
        }
    }

    private String fileFaults() throws IOException
    {
        JettyBase base = servers.base("faults");
        Path file = base.path().resolve(ModuleBase.KEY_FILE);
        try (JettyProcess jetty = base.start(); Jmx jmx = Jmx.connect(jetty))
        {
            OpenSsl client = established(ModuleBase.openSsl(jetty, ONE, TLS13));
            KeyFile good = KeyFile.read(file);
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
            Await.until(LIMIT, () -> !healthy(jmx), jetty::log);
            assertResumed(client.copy());
            Files.delete(file);
            KeyFile.write(file, "nothing of the kind\n");
            Await.until(LIMIT, () -> String.valueOf(jmx.attribute("ticketKeyStoreHealth")).contains("mv "), jetty::log);
            assertResumed(client.copy());
            good.write(file);
            Await.until(LIMIT, () -> healthy(jmx), jetty::log);
            assertResumed(client.copy());
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        }
        String log = base.startFails();
        assertTrue(log.contains("chmod 600"), log);
        KeyFile.write(file, "nothing of the kind\n");
        log = base.startFails();
        assertTrue(log.contains("mv ") && log.contains(ModuleBase.KEY_FILE), log);
        return "file readable by others, or corrupt: keys in memory go on, the start is refused with the command that mends it";
    }

    void storeTampered() throws Exception
    {
        JettyBase base = servers.base("tampered").property("jetty.tlsResumption.ticketKeyPassphrase", "correct horse");
        Path file = base.path().resolve(ModuleBase.KEY_FILE);
        List<String> seen = new ArrayList<>();
        try (JettyProcess jetty = base.start(); Jmx jmx = Jmx.connect(jetty))
        {
            OpenSsl client = established(ModuleBase.openSsl(jetty, ONE, TLS13));
            KeyFile first = KeyFile.read(file);
            jmx.invoke("rotateTicketKeys");
            KeyFile good = KeyFile.read(file);
            byte[] forged = good.body().clone();
            forged[forged.length / 2] ^= 1;
            Map<String, KeyFile> bad = new LinkedHashMap<>();
            bad.put("unknown version", new KeyFile(good.header().replace("format 1", "format 2"), good.body()));
            bad.put("bad MAC", new KeyFile(good.header(), forged));
            bad.put("other header", new KeyFile(good.header().replace("iterations 3", "iterations 2"), good.body()));
            for (Map.Entry<String, KeyFile> each : bad.entrySet())
            {
                each.getValue().write(file);
                Await.until(LIMIT, () -> !healthy(jmx), () -> each.getKey() + " is not noticed: " + jetty.log());
                assertResumed(client.copy());
                good.write(file);
                Await.until(LIMIT, () -> healthy(jmx), jetty::log);
                seen.add(each.getKey());
            }
            assertTrue(jetty.log().contains("WARN"), jetty::log);
            first.write(file);
            jetty.awaitLog("has gone back from ring version", 1);
            assertResumed(client.copy());
            Await.until(LIMIT, () -> !Arrays.equals(first.body(), KeyFile.read(file).body()), () -> "not written over");
            assertTrue(healthy(jmx));
        }
        table.add(17, "store tampered", "1.3", "RESUMED", "-",
            seen + ": alarm, last good ring stays in use; rolled back: alarm, written over");
    }
}
