package io.github.tlsresumption.openssl;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLEngineResult.Status;
import javax.net.ssl.SSLException;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * What no client sends, in every state of a connection: it ends with an alert or waits for more, and nothing is left.
 */
@EnabledIf("io.github.tlsresumption.openssl.Library#isThere")
class MalformedInputTest
{
    private static final Certificates.Identity SERVER = Certificates.of(Certificates.Kind.P256);
    private static final int MUTATIONS = 500;

    private final LiveObjects live = new LiveObjects();
    private final TestSessions sessions = new TestSessions();
    private final NativeContext context = Peer.server(sessions, live, 1, new Certificates.Trust(SERVER), SERVER);
    private final SSLContext clientContext = Peer.client(new Certificates.Trust(SERVER));

    @AfterEach
    void nothingIsLeft()
    {
        context.close();
        assertEquals("contexts=0, connections=0, credentials=0", live.toString());
    }

    static Stream<String> inputs()
    {
        return Stream.of(
            HexFormat.of().formatHex("GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII)),
            "00".repeat(100),
            "ff".repeat(100),
            // An SSLv2 ClientHello.
            "802e010301001500000010" + "00".repeat(64),
            // Records that are too long, of each type.
            "140303ffff", "150303ffff", "160303ffff", "170303ffff", "180303ffff", "1603034600",
            // Empty ones.
            "1403030000", "1503030000", "1603030000", "1703030000",
            // Of a version that is none.
            "1602000005", "1609090005" + "00".repeat(5),
            // Alerts: close_notify, a fatal one, an unknown one, a torn one, a long one.
            "15030300020100", "15030300020228", "15030300020963", "150303000101", "150303000302286b",
            // ChangeCipherSpec, right and wrong.
            "140303000101", "140303000102", "1403030002" + "0101",
            // Handshake messages: of another kind, far too long, torn, a HelloRequest, a Finished, a KeyUpdate, an EndOfEarlyData.
            "1603030004" + "ff000000", "1603030004" + "01ffffff", "1603030002" + "0100", "1603030004" + "00000000",
            "1603030010" + "1400000c" + "00".repeat(12), "1603030005" + "1800000101", "1603030004" + "05000000",
            // A ClientHello with nothing in it.
            "1603030004" + "01000000",
            // Data that nobody has encrypted.
            "1703030020" + "00".repeat(32));
    }

    @ParameterizedTest
    @MethodSource("inputs")
    void isRefusedOrWaitedFor(String hex) throws SSLException
    {
        byte[] input = HexFormat.of().parseHex(hex);
        for (String protocol : List.of("TLSv1.2", "TLSv1.3"))
        {
            for (State state : State.values())
            {
                Peer client = Peer.client(clientContext, Peer.protocol(protocol));
                Peer server = Peer.server(context, parameters ->
                {
                });
                state.reach(client, server);
                end(server, input);
            }
        }
        assertEquals(0, live.connections());
    }

    /**
     * How far a connection has come.
     */
    private enum State
    {
        FRESH,
        HELLO_RECEIVED,
        FLIGHT_SENT,
        OPEN,
        CLOSED_OUTBOUND;

        private void reach(Peer client, Peer server) throws SSLException
        {
            if (this == FRESH)
            {
                return;
            }
            if (ordinal() >= OPEN.ordinal())
            {
                Peer.pump(client, server);
                assertTrue(server.finished);
            }
            else
            {
                client.wrap();
                server.unwrap(client.out);
            }
            if (this == FLIGHT_SENT)
            {
                server.wrap();
            }
            if (this == CLOSED_OUTBOUND)
            {
                server.engine.closeOutbound();
                server.wrap();
            }
        }
    }

    /**
     * Gives the server the input; it must not hang, and once it was refused it is over after the alert.
     */
    private void end(Peer server, byte[] input) throws SSLException
    {
        ByteBuffer in = ByteBuffer.wrap(input);
        ByteBuffer plain = ByteBuffer.allocate(20_000);
        int steps = 0;
        try
        {
            boolean more = true;
            while (more)
            {
                server.wrap();
                SSLEngineResult result = server.engine.unwrap(in, plain);
                more = result.bytesConsumed() > 0 && in.hasRemaining() && result.getStatus() == Status.OK;
                assertTrue(++steps < 1000, "it goes on for ever");
            }
            assertEquals(0, plain.position());
        }
        catch (SSLException e)
        {
            assertTrue(server.engine.isInboundDone());
            server.wrap();
            assertTrue(server.engine.isOutboundDone());
            assertEquals(HandshakeStatus.NOT_HANDSHAKING, server.engine.getHandshakeStatus());
            assertEquals(0, live.connections());
        }
        ((NativeSslEngine)server.engine).close();
        assertEquals(Status.CLOSED, server.engine.wrap(ByteBuffer.allocate(1), ByteBuffer.allocate(20_000)).getStatus());
        assertEquals(Status.CLOSED, server.engine.unwrap(ByteBuffer.allocate(10), plain).getStatus());
    }

    @Test
    void aChangedHello() throws SSLException
    {
        byte[] hello = hello();
        Random random = new Random(1);
        for (int i = 0; i < MUTATIONS; i++)
        {
            byte[] changed = hello.clone();
            for (int j = random.nextInt(3); j >= 0; j--)
            {
                changed[5 + random.nextInt(changed.length - 5)] = (byte)random.nextInt(256);
            }
            Peer server = Peer.server(context, Peer.protocol("TLSv1.3", "TLSv1.2"));
            end(server, changed);
        }
        assertEquals(0, live.connections());
        assertEquals(0, sessions.established.get());
    }

    @Test
    void aTornHello() throws SSLException
    {
        byte[] hello = hello();
        for (int length = 0; length < hello.length; length += 7)
        {
            Peer server = Peer.server(context, Peer.protocol("TLSv1.3"));
            // The record says that it ends there.
            byte[] torn = Arrays.copyOf(hello, Math.max(5, length));
            torn[3] = (byte)(torn.length - 5 >> 8);
            torn[4] = (byte)(torn.length - 5);
            end(server, torn);
        }
        assertEquals(0, live.connections());
    }

    @Test
    void anOversizedExtension() throws SSLException
    {
        byte[] hello = hello();
        byte[] body = Arrays.copyOfRange(hello, 9, hello.length);
        int extensions = extensionsStart(body);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (int size : new int[]{1000, 16_000, 60_000})
        {
            out.reset();
            int old = (body[extensions] & 0xFF) << 8 | body[extensions + 1] & 0xFF;
            out.write(body, 0, extensions);
            number(out, old + 4 + size, 2);
            // In front: the last one may be a pre-shared key.
            number(out, 0xFAFA, 2);
            number(out, size, 2);
            out.write(new byte[size], 0, size);
            out.write(body, extensions + 2, old);
            byte[] message = out.toByteArray();
            Peer server = Peer.server(context, Peer.protocol("TLSv1.3"));
            end(server, records(message, 16_384));
        }
        assertEquals(0, live.connections());
    }

    static int extensionsStart(byte[] body)
    {
        int place = 34;
        place += 1 + (body[place] & 0xFF);
        place += 2 + ((body[place] & 0xFF) << 8 | body[place + 1] & 0xFF);
        return place + 1 + (body[place] & 0xFF);
    }

    private static void number(ByteArrayOutputStream out, int number, int bytes)
    {
        for (int i = bytes - 1; i >= 0; i--)
        {
            out.write(number >> 8 * i);
        }
    }

    /**
     * @param body of a ClientHello
     * @return it in records of that many bytes
     */
    static byte[] records(byte[] body, int size)
    {
        ByteArrayOutputStream message = new ByteArrayOutputStream();
        message.write(1);
        number(message, body.length, 3);
        message.writeBytes(body);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        byte[] all = message.toByteArray();
        for (int i = 0; i < all.length; i += size)
        {
            int length = Math.min(size, all.length - i);
            out.write(22);
            number(out, 0x0301, 2);
            number(out, length, 2);
            out.write(all, i, length);
        }
        return out.toByteArray();
    }

    private byte[] hello() throws SSLException
    {
        Peer client = Peer.client(clientContext, parameters ->
        {
        });
        client.wrap();
        byte[] hello = new byte[client.out.remaining()];
        client.out.get(hello);
        return hello;
    }

    /** A hello in records of a few bytes each is one (RFC 8446 section 5.1). */
    @ParameterizedTest
    @ValueSource(ints = {1, 3, 50})
    void aHelloInPieces(int size) throws SSLException
    {
        Peer client = Peer.client(clientContext, Peer.protocol("TLSv1.3"));
        client.wrap();
        byte[] hello = new byte[client.out.remaining()];
        client.out.get(hello);
        client.out = ByteBuffer.wrap(records(Arrays.copyOfRange(hello, 9, hello.length), size));
        Peer server = Peer.server(context, Peer.protocol("TLSv1.3"));
        Peer.pump(client, server);
        assertTrue(server.finished);
        ((NativeSslEngine)server.engine).close();
    }

    /** Bytes that come one by one. */
    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void bytesThatComeOneByOne(String protocol) throws SSLException
    {
        Peer client = Peer.client(clientContext, Peer.protocol(protocol));
        Peer server = Peer.server(context, parameters ->
        {
        });
        client.send("request".getBytes(StandardCharsets.US_ASCII));
        List<Byte> here = new ArrayList<>();
        while (server.received.remaining() < "request".length())
        {
            client.step(server);
            while (client.out.hasRemaining())
            {
                here.add(client.out.get());
                byte[] bytes = new byte[here.size()];
                for (int i = 0; i < bytes.length; i++)
                {
                    bytes[i] = here.get(i);
                }
                ByteBuffer in = ByteBuffer.wrap(bytes);
                server.unwrap(in);
                here.subList(0, in.position()).clear();
                server.wrap();
            }
        }
        assertArrayEquals("request".getBytes(StandardCharsets.US_ASCII), server.take());
        ((NativeSslEngine)server.engine).close();
    }

    /** Foreign early data, which nobody here can read (RFC 8446 section 4.2.10). */
    @Test
    void earlyDataIsLeftOut() throws SSLException
    {
        for (int size : new int[]{1, 1000, 16_000})
        {
            Peer client = Peer.client(clientContext, Peer.protocol("TLSv1.3"));
            Peer server = Peer.server(context, Peer.protocol("TLSv1.3"));
            assertTrue(earlyData(client, server, size));
            ((NativeSslEngine)server.engine).close();
        }
        Peer client = Peer.client(clientContext, Peer.protocol("TLSv1.3"));
        Peer server = Peer.server(context, Peer.protocol("TLSv1.3"));
        SSLException failure = assertThrows(SSLException.class, () -> earlyData(client, server, 20_000));
        String reason = Library.sealsTickets() ? "too much early data" : "TOO_MUCH_SKIPPED_EARLY_DATA";
        assertTrue(failure.getMessage().contains(reason), failure.getMessage());
        assertEquals(1, sessions.earlyData.get());
        server.wrap();
        assertEquals(0, live.connections());
    }

    /**
     * The client's own hello, changed to announce early data, is not the one that the client has in its transcript: it gets as far as the
     * server's flight.
     *
     * @return whether the server still waits after the early data
     */
    private boolean earlyData(Peer client, Peer server, int size) throws SSLException
    {
        client.wrap();
        byte[] hello = new byte[client.out.remaining()];
        client.out.get(hello);
        byte[] body = Arrays.copyOfRange(hello, 9, hello.length);
        int extensions = extensionsStart(body);
        int old = (body[extensions] & 0xFF) << 8 | body[extensions + 1] & 0xFF;
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(body, 0, extensions);
        byte[] psk = new byte[32 + 2 + 4 + 2 + 33 + 2];
        number(out, old + 4 + 4 + psk.length, 2);
        out.write(body, extensions + 2, old);
        number(out, 42, 2);
        number(out, 0, 2);
        // A ticket of somebody else, last as it must be: identities, age, binders.
        number(out, 41, 2);
        number(out, psk.length, 2);
        number(out, 32 + 6, 2);
        number(out, 32, 2);
        out.write(new byte[32 + 4], 0, 36);
        number(out, 33, 2);
        out.write(32);
        out.write(new byte[32], 0, 32);
        server.unwrap(ByteBuffer.wrap(records(out.toByteArray(), 16_384)));
        server.engine.getDelegatedTask().run();
        server.wrap();
        int left = size;
        while (left > 0)
        {
            int part = Math.min(left, 16_000);
            ByteArrayOutputStream record = new ByteArrayOutputStream();
            record.write(23);
            number(record, 0x0303, 2);
            number(record, part, 2);
            record.write(new byte[part], 0, part);
            server.unwrap(ByteBuffer.wrap(record.toByteArray()));
            left -= part;
        }
        return server.engine.getHandshakeStatus() == HandshakeStatus.NEED_UNWRAP;
    }
}
