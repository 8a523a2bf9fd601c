package io.github.tlsresumption.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import io.github.tlsresumption.crypto.Xaes256Gcm;
import io.github.tlsresumption.keys.TicketKey;
import io.github.tlsresumption.ticket.Protocol;
import io.github.tlsresumption.ticket.Ticket;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer.MethodName;
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
 * What somebody can read who has recorded all traffic, and later gets all keys that the server still has: of sessions of TLS 1.2 that were
 * forgotten in mode {@code cache} nothing, of those of mode {@code ticket} everything, of TLS 1.3 nothing.
 */
@StartsProcesses
@TestMethodOrder(MethodName.class)
class ForwardSecrecyIT
{
    private static final int CLIENTS = 3;
    private static final int CONNECTIONS = 2;
    private static final int MASTER_SECRET_BYTES = 48;
    private static final int OCTET_STRING = 4;
    private static final Pattern MASTER_KEY = Pattern.compile("Master-Key: ([0-9A-F]{96})");
    private static final List<String> LABELS_OF_TLS13 = List.of("CLIENT_HANDSHAKE_TRAFFIC_SECRET", "SERVER_HANDSHAKE_TRAFFIC_SECRET",
        "CLIENT_TRAFFIC_SECRET_0", "SERVER_TRAFFIC_SECRET_0", "CLIENT_EARLY_TRAFFIC_SECRET", "EARLY_EXPORTER_SECRET", "EXPORTER_SECRET");

    private static JettyProcess jetty;
    private static Jmx jmx;
    private static Capture capture;
    private static Thief thief;
    private static Path clientsKeyLog;
    /** By the kind of traffic, what was asked for. */
    private static final Map<String, Set<String>> ASKED = new TreeMap<>();
    private static final Map<String, byte[]> MASTER_SECRETS = new TreeMap<>();

    @BeforeAll
    static void record() throws Exception
    {
        Tools.require("dumpcap");
        Tools.require("tshark");
        JettyBase base = ModuleBase.probed("forward-secrecy", "ticket", "cache").usualJvm()
            .modules("jmx")
            .property("jetty.tlsResumption.rules", "two host=" + TWO + " mode=ticket");
        jetty = base.start();
        jmx = Jmx.connect(jetty);
        clientsKeyLog = base.path().resolve("clients.keys");
        capture = Capture.of(jetty);
        List<Object> ids = new ArrayList<>();
        for (int i = 0; i < CLIENTS; i++)
        {
            ids.add(talk("cache", ONE, TLS12, i));
            talk("ticket", TWO, TLS12, i);
            talk("tls13", ONE, TLS13, i);
        }
        capture.end(3 * CLIENTS * CONNECTIONS);
        for (Object id : ids)
        {
            jmx.invoke("forgetSession", String.valueOf(id));
        }
        thief = Thief.of(base.path().resolve(ModuleBase.KEY_FILE));
    }

    @AfterAll
    static void stop()
    {
        if (capture != null)
        {
            capture.close();
        }
        if (jmx != null)
        {
            jmx.close();
        }
        if (jetty != null)
        {
            jetty.close();
        }
    }

    private static Object talk(String kind, String host, String protocol, int number)
    {
        OpenSsl client = OpenSsl.client(jetty.port()).host(host).protocol(protocol).option("-keylogfile", clientsKeyLog.toString());
        Object id = null;
        for (int i = 0; i < CONNECTIONS; i++)
        {
            String path = Probe.PATH + "session?" + kind + "=" + number + "-" + i;
            OpenSsl.Result result = client.path(path).connect();
            assertEquals(i > 0, result.reused(), result::output);
            ASKED.computeIfAbsent(kind, any -> new TreeSet<>()).add(path);
            id = result.reply().json().get("id");
            List<String> secrets = MASTER_KEY.matcher(result.output()).results().map(found -> found.group(1)).toList();
            if (kind.equals("cache"))
            {
                MASTER_SECRETS.put("master secret " + number, HexFormat.of().parseHex(secrets.get(0)));
            }
        }
        return id;
    }

    /**
     * @param kind the kind of traffic
     * @param keyLog what is known of it
     * @return what of it can be read
     */
    private static Set<String> read(String kind, List<String> keyLog)
    {
        Set<String> read = capture.requests(keyLog);
        read.retainAll(ASKED.get(kind));
        return read;
    }

    private static void tell(String what, Set<String> read, String kind)
    {
        System.out.println(what + ": decrypted " + read.size() + " of " + ASKED.get(kind).size());
    }

    /**
     * Takes everything in the tickets that could be a secret for the secret of each connection that showed the ticket.
     *
     * @param kind the kind of traffic
     * @param secrets what could be one
     * @param labels what it could be
     * @return what of the traffic can be read
     */
    private static Set<String> read(String kind, Function<byte[], List<byte[]>> secrets, List<String> labels)
    {
        Set<String> read = new TreeSet<>();
        List<String> lines;
        int candidate = 0;
        do
        {
            // Of several lines for a connection only one would count.
            lines = keyLog(secrets, candidate++, labels);
            read.addAll(read(kind, lines));
        }
        while (!lines.isEmpty());
        return read;
    }

    private static List<String> keyLog(Function<byte[], List<byte[]>> secrets, int candidate, List<String> labels)
    {
        List<String> lines = new ArrayList<>();
        for (Capture.Connection connection : capture.connections())
        {
            connection.tickets().stream().map(secrets).flatMap(all -> all.stream().skip(candidate).limit(1)).forEach(secret ->
                labels.forEach(label -> lines.add(label + " " + connection.clientRandom() + " " + HexFormat.of().formatHex(secret))));
        }
        return lines;
    }

    /**
     * In a state secrets are behind their length: in 2 bytes, or, where OpenSSL writes it, as an OCTET STRING.
     */
    private static List<byte[]> secretsIn(byte[] state, int... lengths)
    {
        List<byte[]> found = new ArrayList<>();
        for (int length : lengths)
        {
            for (int i = 0; i + 2 + length <= state.length; i++)
            {
                if ((state[i] == 0 || state[i] == OCTET_STRING) && state[i + 1] == length)
                {
                    found.add(Arrays.copyOfRange(state, i + 2, i + 2 + length));
                }
            }
        }
        return found;
    }

    private static List<byte[]> masterSecrets(byte[] ticket)
    {
        return parts(ticket).map(part -> secretsIn(part, MASTER_SECRET_BYTES)).flatMap(List::stream).toList();
    }

    /**
     * @return what the thief sees in a ticket: our payload, and the state of a library that seals by itself
     */
    private static Stream<byte[]> parts(byte[] ticket)
    {
        return Stream.concat(thief.open(ticket).map(Ticket.Opened::payload).stream(), thief.librarysState(ticket).stream());
    }

    @Test
    void forgottenSessionsOfModeCacheStaySecret()
    {
        List<byte[]> tickets = capture.connections().stream().flatMap(connection -> connection.tickets().stream())
            .filter(ticket -> thief.open(ticket).filter(opened -> opened.record().sessionKey()).isPresent()).toList();
        // Each client gets one, which stays good, and offers it on each further connection.
        assertTrue(tickets.size() >= CLIENTS * CONNECTIONS, () -> tickets.size() + " tickets");
        // All that is left on the server: the ring, and whatever in its memory could be a key.
        Map<String, Integer> candidates;
        try (HeapDump dump = HeapDump.of(jetty, true))
        {
            candidates = dump.arrays(Xaes256Gcm.KEY_BYTES);
            assertEquals(Map.of(), dump.places(MASTER_SECRETS));
            assertFalse(dump.places(Map.of("ticket key", thief.keys().get(0).cipher().key())).isEmpty());
        }
        for (byte[] ticket : tickets)
        {
            assertTrue(candidates.keySet().stream().noneMatch(key -> thief.state(ticket, HexFormat.of().parseHex(key)).isPresent()));
        }
        Set<String> read = read("cache", ForwardSecrecyIT::masterSecrets, List.of("CLIENT_RANDOM"));
        tell("TLS 1.2, mode cache, forgotten, the ticket keys in hand", read, "cache");
        assertEquals(Set.of(), read);
    }

    @Test
    void sessionsOfModeTicketDoNot()
    {
        Set<String> read = read("ticket", ForwardSecrecyIT::masterSecrets, List.of("CLIENT_RANDOM"));
        tell("TLS 1.2, mode ticket, the ticket keys in hand", read, "ticket");
        assertEquals(ASKED.get("ticket"), read);
    }

    private static List<byte[]> preSharedKeys(byte[] ticket)
    {
        return thief.open(ticket).filter(opened -> opened.record().protocol() == Protocol.TLS_1_3)
            .map(opened -> secretsIn(opened.payload(), MASTER_SECRET_BYTES, 32)).orElse(List.of());
    }

    @Test
    void applicationDataOfTls13StaysSecret() throws IOException
    {
        // Whoever has the ticket keys does get at the pre-shared keys of all resumed connections ...
        List<byte[]> found = capture.connections().stream().flatMap(connection -> connection.tickets().stream())
            .map(ForwardSecrecyIT::preSharedKeys).filter(secrets -> !secrets.isEmpty()).map(secrets -> secrets.get(0)).toList();
        assertTrue(found.size() >= CLIENTS * (CONNECTIONS - 1), () -> found.size() + " pre-shared keys");
        // ... but nothing was encrypted under these alone: psk_dhe_ke.
        Set<String> read = read("tls13", ForwardSecrecyIT::preSharedKeys, LABELS_OF_TLS13);
        tell("TLS 1.3, mode ticket, the ticket keys in hand", read, "tls13");
        assertEquals(Set.of(), read);
        // And what can be decrypted is found, as with the secrets that the clients wrote down.
        assertEquals(ASKED.get("tls13"), read("tls13", Files.readAllLines(clientsKeyLog)));
    }

    @Test
    void theExposureIsThatOfTheKeys()
    {
        String[] exposure = String.valueOf(jmx.attribute("exposure")).split("/");
        Instant from = Instant.parse(exposure[0]);
        Instant until = Instant.parse(exposure[1]);
        List<TicketKey> keys = thief.keys();
        assertEquals(keys.stream().map(TicketKey::sealFrom).min(Instant::compareTo).orElseThrow().truncatedTo(ChronoUnit.SECONDS),
            from.truncatedTo(ChronoUnit.SECONDS));
        assertEquals(keys.stream().map(TicketKey::openUntil).max(Instant::compareTo).orElseThrow().truncatedTo(ChronoUnit.SECONDS),
            until.truncatedTo(ChronoUnit.SECONDS));
        // All that was opened here was sealed within it.
        capture.connections().stream().flatMap(connection -> connection.tickets().stream()).map(thief::open).flatMap(Optional::stream)
            .forEach(opened -> assertTrue(!opened.record().established().isBefore(from) && opened.record().deadline().isBefore(until)));
    }
}
