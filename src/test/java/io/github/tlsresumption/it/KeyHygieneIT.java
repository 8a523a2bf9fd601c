package io.github.tlsresumption.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

import io.github.tlsresumption.keys.TicketKey;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer.OrderAnnotation;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

import static io.github.tlsresumption.it.ModuleBase.ONE;
import static io.github.tlsresumption.it.ModuleBase.TLS12;
import static io.github.tlsresumption.it.ModuleBase.TLS13;
import static io.github.tlsresumption.it.ModuleBase.TWO;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * Keys that have ended are not in the memory of a server any more, and no key is in anything that it prints.
 */
@StartsProcesses
@TestMethodOrder(OrderAnnotation.class)
class KeyHygieneIT
{
    private static final String SESSION = Probe.PATH + "session";
    private static final int KEY_BYTES = 32;
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    /** All keys that were ever in the key file, by what they are called here. */
    private static final Map<String, byte[]> KEYS = new ConcurrentHashMap<>();
    private static final Map<String, Instant> ENDS = new ConcurrentHashMap<>();
    private static final Map<String, byte[]> SESSION_KEYS = new TreeMap<>();
    private static final Map<String, byte[]> MESSAGE_KEYS = new TreeMap<>();
    private static final StringBuilder PRINTED = new StringBuilder();

    private static JettyProcess jetty;
    private static Jmx jmx;
    private static Path keyFile;
    private static ScheduledExecutorService reader;

    @BeforeAll
    static void start()
    {
        JettyBase base = ModuleBase.probed("hygiene", "ticket", "cache").usualJvm()
            .modules("jmx")
            .property("jetty.tlsResumption.maxSessionDuration", "30")
            .property("jetty.tlsResumption.rotation.sealPeriod", "4")
            .property("jetty.tlsResumption.rotation.lead", "1")
            .property("jetty.tlsResumption.rules", "two host=" + TWO + " mode=cache")
            .property("jetty.server.dumpAfterStart", "true")
            .property("jetty.server.dumpBeforeStop", "true")
            .file("resources/jetty-logging.properties", "io.github.tlsresumption.LEVEL=DEBUG\norg.eclipse.jetty.util.ssl.LEVEL=DEBUG\n");
        keyFile = base.path().resolve(ModuleBase.KEY_FILE);
        jetty = base.start();
        jmx = Jmx.connect(jetty);
        reader = Executors.newSingleThreadScheduledExecutor();
        reader.scheduleWithFixedDelay(KeyHygieneIT::read, 0, 200, TimeUnit.MILLISECONDS);
    }

    @AfterAll
    static void stop()
    {
        reader.shutdownNow();
        jmx.close();
        jetty.close();
    }

    private static void read()
    {
        for (TicketKey key : Thief.of(keyFile).keys())
        {
            String name = name(key.id());
            KEYS.putIfAbsent(name, key.cipher().key());
            ENDS.putIfAbsent(name, key.openUntil());
        }
    }

    private static Map<String, byte[]> keys(boolean ended, Instant at)
    {
        Map<String, byte[]> chosen = new TreeMap<>();
        ENDS.forEach((name, end) ->
        {
            if (!end.isAfter(at) == ended)
            {
                chosen.put(name, KEYS.get(name));
            }
        });
        return chosen;
    }

    private static OpenSsl client(String host, String protocol)
    {
        return OpenSsl.client(jetty.port()).host(host).protocol(protocol).path(SESSION);
    }

    @Test
    @Order(1)
    void aForgottenSessionsKeyIsOverwritten() throws Exception
    {
        Map<String, OpenSsl.Result> sessions = new TreeMap<>();
        for (String protocol : List.of(TLS12, TLS13))
        {
            OpenSsl client = client(TWO, protocol);
            client.connect();
            OpenSsl.Result resumed = client.connect();
            assertTrue(resumed.reused(), resumed::output);
            sessions.put(protocol, resumed);
        }
        try (HeapDump before = HeapDump.of(jetty, false))
        {
            Map<String, Integer> arrays = before.arrays(KEY_BYTES);
            sessions.forEach((protocol, session) -> SESSION_KEYS.put("session key of " + protocol, sessionKey(session.ticket(), arrays)));
            Map<String, List<Integer>> places = before.places(SESSION_KEYS);
            // Both halves of both; so whoever looks for them does find them.
            assertEquals(4, places.size(), places::toString);
            assertFalse(before.places(keys(false, Instant.now())).isEmpty());
        }
        sessions.forEach((protocol, session) -> MESSAGE_KEYS.putAll(messageKeys(protocol, session.ticket())));
        for (OpenSsl.Result session : sessions.values())
        {
            jmx.invoke("forgetSession", String.valueOf(session.reply().json().get("id")));
        }
        assertNone(SESSION_KEYS);
        assertNone(MESSAGE_KEYS);
    }

    /**
     * The keys that are derived for one ticket: its own, and that of the state in it.
     */
    private static Map<String, byte[]> messageKeys(String protocol, byte[] ticket)
    {
        Thief thief = Thief.of(keyFile);
        byte[] nonce = thief.open(ticket).orElseThrow().nonce();
        byte[] ticketKey = KEYS.get(name(Thief.keyId(ticket)));
        return Map.of("key of a ticket, " + protocol, Thief.messageKey(ticketKey, nonce),
            "key of a state, " + protocol, Thief.messageKey(SESSION_KEYS.get("session key of " + protocol), nonce));
    }

    private static String name(long id)
    {
        return "ticket key " + HexFormat.of().toHexDigits(id);
    }

    /**
     * With a dump, the key file and the ticket in hand everybody can find the session's key.
     */
    private static byte[] sessionKey(byte[] ticket, Map<String, Integer> candidates)
    {
        Thief thief = Thief.of(keyFile);
        assertTrue(thief.open(ticket).isPresent());
        return candidates.keySet().stream()
            .map(HexFormat.of()::parseHex)
            .filter(candidate -> thief.state(ticket, candidate).isPresent())
            .findFirst()
            .orElseThrow(() -> new AssertionError("the session's key is not among " + candidates.size() + " arrays"));
    }

    private static void assertNone(Map<String, byte[]> secrets)
    {
        for (boolean all : new boolean[]{true, false})
        {
            try (HeapDump dump = HeapDump.of(jetty, all))
            {
                assertEquals(Map.of(), dump.places(secrets), all ? "in the whole heap" : "in what is in use");
            }
        }
    }

    @Test
    @Order(2)
    void anEndedTicketKeyIsOverwritten()
    {
        int enough = 3;
        // Each key seals and opens.
        List<OpenSsl> clients = List.of(client(ONE, TLS13), client(TWO, TLS13), client(ONE, TLS12));
        Await.until(PATIENCE, () ->
        {
            clients.forEach(OpenSsl::connect);
            return keys(true, Instant.now().minusSeconds(1)).size() >= enough;
        }, KEYS::toString);
        Map<String, byte[]> ended = keys(true, Instant.now().minusSeconds(1));
        assertNone(ended);
        Map<String, byte[]> before = keys(false, Instant.now());
        try (HeapDump dump = HeapDump.of(jetty, true))
        {
            Map<String, byte[]> live = keys(false, Instant.now().plusSeconds(1));
            // One that was made during the dump is not in it.
            live.keySet().retainAll(before.keySet());
            Map<String, List<Integer>> places = dump.places(live);
            // The key and the cipher have one copy each.
            assertTrue(places.keySet().stream().map(place -> place.substring(0, place.indexOf(" ["))).distinct().count() >= live.size(),
                places::toString);
        }
        // Dropped ones too, before their time.
        Map<String, byte[]> live = keys(false, Instant.now().plusSeconds(1));
        try
        {
            jmx.invoke("dropTicketKeys");
        }
        catch (Exception e)
        {
            throw new AssertionError(e);
        }
        assertNone(live);
    }

    /**
     * A collection moves what it finds, and what it moved from may lie there until something else is written over it. So nothing may be
     * left for it to find.
     */
    @Test
    @Order(3)
    void noTextOfTheKeyFileIsLeftBehind() throws Exception
    {
        jmx.invoke("rotateTicketKeys");
        read();
        try (HeapDump dump = HeapDump.withGarbage(jetty))
        {
            // The keys themselves are there, as the server uses them.
            Map<String, List<Integer>> places = dump.places(KEYS);
            assertFalse(places.isEmpty());
            places.keySet().removeIf(place -> !place.contains("Base64"));
            assertEquals(Map.of(), places);
        }
    }

    /**
     * The server may write the next ring over it before it has looked.
     */
    private static boolean damageIsNoticed()
    {
        try
        {
            Files.writeString(keyFile, "damaged");
        }
        catch (IOException e)
        {
            throw new UncheckedIOException(e);
        }
        return jetty.log().contains("cannot be used");
    }

    @Test
    @Order(4)
    void noKeyIsPrinted() throws Exception
    {
        byte[] good = Files.readAllBytes(keyFile);
        // Refusals, and troubles with the file, are told at level DEBUG.
        OpenSsl stranger = client(ONE, TLS13);
        stranger.connect();
        stranger.copy().host(TWO).connect();
        Await.until(PATIENCE, KeyHygieneIT::damageIsNoticed, jetty::log);
        Files.write(keyFile, good);
        jmx.invoke("rotateTicketKeys");
        PRINTED.append(jmx.everything());
        assertTrue(PRINTED.indexOf("exposure") > 0 && PRINTED.length() > 10_000, PRINTED::toString);
        read();
        jmx.close();
        jetty.stop();
        PRINTED.append(jetty.log());
        assertTrue(jetty.log().contains("DEBUG:igt"), jetty::log);
        assertTrue(KEYS.size() > 5, KEYS::toString);

        SecretForms secrets = new SecretForms(all());
        // The key file has them, in Base64.
        assertFalse(new SecretForms(KEYS).in(text(keyFile)).isEmpty());
        assertEquals(Map.of(), secrets.in(PRINTED.toString()));
        try (var files = Files.walk(jetty.base().path()))
        {
            for (Path file : files.filter(path -> Files.isRegularFile(path) && !path.equals(keyFile)).toList())
            {
                assertEquals(Map.of(), secrets.in(text(file)), file::toString);
            }
        }
    }

    private static Map<String, byte[]> all()
    {
        Map<String, byte[]> all = new TreeMap<>(KEYS);
        all.putAll(SESSION_KEYS);
        all.putAll(MESSAGE_KEYS);
        return all;
    }

    private static String text(Path file)
    {
        try
        {
            return new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
        }
        catch (IOException e)
        {
            throw new UncheckedIOException(e);
        }
    }
}
