package io.github.tlsresumption.it;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

import org.junit.jupiter.api.Test;

import static io.github.tlsresumption.it.ModuleBase.ONE;
import static io.github.tlsresumption.it.ModuleBase.TLS13;
import static io.github.tlsresumption.it.ModuleBase.openSsl;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * A flood of bad tickets of TLS 1.3 is answered by full handshakes, fills no log, and costs the server no more than a flood of full
 * handshakes. The flood is the cheapest for who makes it: a ClientHello that is answered, and nothing behind it. What it costs is printed:
 * {@code -Dflood.rounds=300} measures it well.
 */
@OnAnyJdk
@StartsProcesses
class FloodIT
{
    private static final int CONNECTIONS = Integer.getInteger("flood.connections", 20);
    private static final int ROUNDS = Integer.getInteger("flood.rounds", 20);
    private static final int WARM_UP_ROUNDS = 6;
    /** Of a full handshake, for a flood that leaves its handshakes half-way; hellos are two thirds of one. */
    private static final double MAX_HALF_WAY = 1.1;
    /** For one that would complete them. On a quiet machine and a warm server it is at most 1.1. */
    private static final double MAX_COMPLETED = 1.3;
    private static final int MAX_LOG_BYTES = 8_000;
    private static final int PATIENCE_MILLIS = 20_000;
    private static final String FULL = "full handshakes";
    private static final String NO_TICKET = "hellos without a ticket";
    private static final String AS_LONG = "hellos without a ticket, as long as with 300 short ones";
    private static final int KEY_NUMBER_BYTES = 4;
    private static final int KEY_ID_OFFSET = ModuleBase.ticketPrefix() + 1;
    private static final int BINDER_BYTES = 48;
    private static final int SHORT = 60;
    /** With its length, its age, and its binder with a length. */
    private static final int BYTES_OF_SHORT = 2 + SHORT + 4 + 1 + 32;
    private static final int HANDSHAKE = 22;
    private static final int ALERT = 21;

    private final Random random = new Random();

    @Test
    void badTicketsCostFullHandshakesAndNoLog() throws Exception
    {
        try (JettyProcess jetty = ModuleBase.probed("flood", "ticket", "cache").modules("jmx").start(); Jmx jmx = Jmx.connect(jetty))
        {
            byte[] good = openSsl(jetty, ONE, TLS13).connect().ticket();
            byte[] tampered = good.clone();
            tampered[tampered.length - 1] ^= 1;
            byte[] unknown = good.clone();
            unknown[KEY_ID_OFFSET] ^= 1;
            Map<String, List<byte[]>> floods = new LinkedHashMap<>();
            floods.put(NO_TICKET, List.of());
            floods.put(AS_LONG, List.of());
            floods.put("hellos with a ticket of an unknown key", List.of(unknown));
            floods.put("hellos with a ticket tampered with", List.of(tampered));
            floods.put("hellos with 300 short tickets", shortTickets(300, tampered));
            floods.put("hellos with as many whole tickets as fit",
                Collections.nCopies(25_000 / (tampered.length + BINDER_BYTES), tampered));
            Map<String, List<Double>> costs = new LinkedHashMap<>();
            int log = 0;
            long refused = 0;
            long tooMany = 0;
            for (int round = -WARM_UP_ROUNDS; round < ROUNDS; round++)
            {
                if (round == 0)
                {
                    log = jetty.log().length();
                    refused = jmx.count("refusals", "tampered") + jmx.count("refusals", "unknown-key");
                    tooMany = jmx.count("refusals", "too-many");
                }
                double whole = nanos(jmx, () -> handshake(jetty));
                if (round >= 0)
                {
                    costs.computeIfAbsent(FULL, name -> new ArrayList<>()).add(whole);
                }
                for (Map.Entry<String, List<byte[]>> flood : floods.entrySet())
                {
                    int padding = flood.getKey().equals(AS_LONG) ? 300 * BYTES_OF_SHORT : 0;
                    double cost = nanos(jmx, () -> assertAnswered(jetty, flood.getKey(), clientHello(flood.getValue(), padding)));
                    if (round >= 0)
                    {
                        costs.computeIfAbsent(flood.getKey(), name -> new ArrayList<>()).add(cost);
                    }
                }
            }
            tell(costs);
            String added = jetty.log().substring(log);
            assertTrue(added.length() < MAX_LOG_BYTES, added);
            long now = jmx.count("refusals", "tampered") + jmx.count("refusals", "unknown-key");
            // All but those without a ticket; once each.
            assertEquals((floods.size() - 2L) * ROUNDS * CONNECTIONS, now - refused);
            assertEquals(2L * ROUNDS * CONNECTIONS, jmx.count("refusals", "too-many") - tooMany);
            for (String flood : floods.keySet())
            {
                assertTrue(halfWay(costs, flood) < MAX_HALF_WAY, () -> flood + ": " + halfWay(costs, flood));
                assertTrue(completed(costs, flood) < MAX_COMPLETED, () -> flood + ", completed: " + completed(costs, flood));
            }
        }
    }

    /**
     * A full handshake that a client completes; another client each time.
     */
    private static void handshake(JettyProcess jetty) throws IOException
    {
        try (JsseConnection connection = new JsseClient(jetty.port(), ONE, TLS13).open())
        {
            assertFalse(connection.resumed());
        }
    }

    /**
     * @return the nanoseconds of CPU time that the server uses for a connection, as a mean
     */
    private static double nanos(Jmx jmx, Connection connection) throws IOException
    {
        long before = cpuTime(jmx);
        for (int i = 0; i < CONNECTIONS; i++)
        {
            connection.make();
        }
        return (double)(cpuTime(jmx) - before) / CONNECTIONS;
    }

    private static void tell(Map<String, List<Double>> costs)
    {
        costs.forEach((flood, all) ->
        {
            System.out.printf("flood of %s: %.2f ms of CPU each, %.2f of a full handshake", flood, middle(all) / 1_000_000,
                halfWay(costs, flood));
            if (!flood.equals(FULL))
            {
                System.out.printf(", %.2f if it were completed; %.2f of a hello without a ticket, %.2f of a long one",
                    completed(costs, flood), middle(all) / middle(costs.get(NO_TICKET)), middle(all) / middle(costs.get(AS_LONG)));
            }
            System.out.println();
        });
    }

    /**
     * @return CPU time in comparison with full handshakes
     */
    private static double halfWay(Map<String, List<Double>> costs, String flood)
    {
        return middle(costs.get(flood)) / middle(costs.get(FULL));
    }

    /**
     * What a ticket costs is spent before the server's answer; behind that all full handshakes are alike.
     *
     * @return the CPU time that it would be if the handshakes were completed, in comparison with full handshakes
     */
    private static double completed(Map<String, List<Double>> costs, String flood)
    {
        return 1 + (middle(costs.get(flood)) - middle(costs.get(NO_TICKET))) / middle(costs.get(FULL));
    }

    /**
     * @return the mean without the quarters at both ends: garbage collections and the compiler's work fall anywhere, and the time comes
     * in hundredths of a second
     */
    private static double middle(List<Double> all)
    {
        int quarter = all.size() / 4;
        return all.stream().sorted().skip(quarter).limit(all.size() - 2L * quarter).mapToDouble(Double::doubleValue).average()
            .orElseThrow();
    }

    /**
     * @return the nanoseconds of CPU time that the server has used
     */
    private static long cpuTime(Jmx jmx)
    {
        return (Long)jmx.jvm("java.lang:type=OperatingSystem", "ProcessCpuTime");
    }

    /**
     * Which SunJSSE takes for its own, each another.
     */
    private List<byte[]> shortTickets(int count, byte[] real)
    {
        List<byte[]> tickets = new ArrayList<>();
        for (int i = 0; i < count; i++)
        {
            byte[] ticket = new byte[SHORT];
            random.nextBytes(ticket);
            System.arraycopy(real, 0, ticket, 0, KEY_NUMBER_BYTES);
            tickets.add(ticket);
        }
        return tickets;
    }

    private static void assertAnswered(JettyProcess jetty, String what, byte[] hello) throws IOException
    {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), jetty.port()))
        {
            socket.setSoTimeout(PATIENCE_MILLIS);
            socket.getOutputStream().write(hello);
            socket.shutdownOutput();
            InputStream in = socket.getInputStream();
            byte[] answer = in.readAllBytes();
            // ServerHello, and then, encrypted, the certificate: a full handshake's.
            assertTrue(answer.length > 500 && answer[0] == HANDSHAKE && answer[0] != ALERT, () -> what + ": " + Arrays.toString(answer));
        }
    }

    private byte[] clientHello(List<byte[]> tickets, int padding)
    {
        byte[] name = ONE.getBytes(StandardCharsets.US_ASCII);
        byte[] key = new byte[32];
        random.nextBytes(key);
        // Below the order of the field.
        key[31] &= 0x3F;
        List<byte[]> extensions = new ArrayList<>();
        extensions.add(extension(0, vector(2, join(new byte[]{0}, vector(2, name)))));
        extensions.add(extension(10, vector(2, new byte[]{0, 29, 0, 23})));
        extensions.add(extension(13, vector(2, new byte[]{4, 3, 8, 4, 4, 1})));
        extensions.add(extension(43, vector(1, new byte[]{3, 4})));
        extensions.add(extension(45, vector(1, new byte[]{1})));
        extensions.add(extension(51, vector(2, join(new byte[]{0, 29}, vector(2, key)))));
        if (padding > 0)
        {
            extensions.add(extension(21, new byte[padding]));
        }
        if (!tickets.isEmpty())
        {
            List<byte[]> identities = new ArrayList<>();
            List<byte[]> binders = new ArrayList<>();
            for (byte[] ticket : tickets)
            {
                identities.add(join(vector(2, ticket), new byte[4]));
                binders.add(vector(1, new byte[tickets.size() > 1 ? 32 : BINDER_BYTES]));
            }
            extensions.add(extension(41, join(vector(2, join(identities.toArray(byte[][]::new))),
                vector(2, join(binders.toArray(byte[][]::new))))));
        }
        byte[] nonce = new byte[32];
        random.nextBytes(nonce);
        byte[] body = join(new byte[]{3, 3}, nonce, vector(1, nonce), vector(2, new byte[]{0x13, 2}), new byte[]{1, 0},
            vector(2, join(extensions.toArray(byte[][]::new))));
        byte[] message = ByteBuffer.allocate(4 + body.length).putInt(1 << 24 | body.length).put(body).array();
        ByteArrayOutputStream records = new ByteArrayOutputStream();
        for (int from = 0; from < message.length; from += 16_384)
        {
            byte[] fragment = Arrays.copyOfRange(message, from, Math.min(message.length, from + 16_384));
            records.writeBytes(join(new byte[]{HANDSHAKE, 3, 1}, vector(2, fragment)));
        }
        return records.toByteArray();
    }

    private static byte[] extension(int type, byte[] content)
    {
        return join(new byte[]{(byte)(type >>> 8), (byte)type}, vector(2, content));
    }

    private static byte[] vector(int lengthBytes, byte[] content)
    {
        byte[] vector = new byte[lengthBytes + content.length];
        for (int i = 0; i < lengthBytes; i++)
        {
            vector[i] = (byte)(content.length >>> 8 * (lengthBytes - 1 - i));
        }
        System.arraycopy(content, 0, vector, lengthBytes, content.length);
        return vector;
    }

    private static byte[] join(byte[]... parts)
    {
        ByteArrayOutputStream joined = new ByteArrayOutputStream();
        for (byte[] part : parts)
        {
            joined.writeBytes(part);
        }
        return joined.toByteArray();
    }

    /**
     * One connection of a flood.
     */
    private interface Connection
    {
        void make() throws IOException;
    }
}
