package io.github.tlsresumption.jsse;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * The trace of RFC 8448 section 4, Resumed 0-RTT Handshake.
 */
class BindersTest
{
    /** "{client} extract secret "early"", the IKM. */
    private static final byte[] KEY = hex("""
        4e cd 0e b6 ec 3b 4d 87 f5 d6 02 8f 92 2c a4 c5
        85 1a 27 7f d4 13 11 c9 e6 2d 2c 94 92 e1 c4 f3
        """);
    /** "{client} calculate PSK binder", the finished value. */
    private static final byte[] BINDER = hex("""
        3a dd 4f b2 d8 fd f8 22 a0 ca 3c f7 67 8e f5 e8 8d
        ae 99 01 41 c5 92 4d 57 bb 6f a3 1b 9e 5f 9d
        """);
    /** "{client} send handshake record", the payload. */
    private static final byte[] HELLO = hex("""
        01 00 01 fc 03 03 1b c3 ce b6 bb e3 9c ff 93 83 55 b5 a5 0a db 6d b2 1b 7a 6a f6 49
        d7 b4 bc 41 9d 78 76 48 7d 95 00 00 06 13 01 13 03 13 02 01 00
        01 cd 00 00 00 0b 00 09 00 00 06 73 65 72 76 65 72 ff 01 00 01
        00 00 0a 00 14 00 12 00 1d 00 17 00 18 00 19 01 00 01 01 01 02
        01 03 01 04 00 33 00 26 00 24 00 1d 00 20 e4 ff b6 8a c0 5f 8d
        96 c9 9d a2 66 98 34 6c 6b e1 64 82 ba dd da fe 05 1a 66 b4 f1
        8d 66 8f 0b 00 2a 00 00 00 2b 00 03 02 03 04 00 0d 00 20 00 1e
        04 03 05 03 06 03 02 03 08 04 08 05 08 06 04 01 05 01 06 01 02
        01 04 02 05 02 06 02 02 02 00 2d 00 02 01 01 00 1c 00 02 40 01
        00 15 00 57 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00
        00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00
        00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00
        00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00
        00 00 00 00 00 00 00 00 29 00 dd 00 b8 00 b2 2c 03 5d 82 93 59
        ee 5f f7 af 4e c9 00 00 00 00 26 2a 64 94 dc 48 6d 2c 8a 34 cb
        33 fa 90 bf 1b 00 70 ad 3c 49 88 83 c9 36 7c 09 a2 be 78 5a bc
        55 cd 22 60 97 a3 a9 82 11 72 83 f8 2a 03 a1 43 ef d3 ff 5d d3
        6d 64 e8 61 be 7f d6 1d 28 27 db 27 9c ce 14 50 77 d4 54 a3 66
        4d 4e 6d a4 d2 9e e0 37 25 a6 a4 da fc d0 fc 67 d2 ae a7 05 29
        51 3e 3d a2 67 7f a5 90 6c 5b 3f 7d 8f 92 f2 28 bd a4 0d da 72
        14 70 f9 fb f2 97 b5 ae a6 17 64 6f ac 5c 03 27 2e 97 07 27 c6
        21 a7 91 41 ef 5f 7d e6 50 5e 5b fb c3 88 e9 33 43 69 40 93 93
        4a e4 d3 57 fa d6 aa cb 00 21 20 3a dd 4f b2 d8 fd f8 22 a0 ca
        3c f7 67 8e f5 e8 8d ae 99 01 41 c5 92 4d 57 bb 6f a3 1b 9e 5f
        9d
        """);
    /** "{client} calculate PSK binder": the ClientHello prefix has 477 octets; length of the list and of the binder come between. */
    private static final int PREFIX = 477;
    /** TLS 1.3, TLS_AES_128_GCM_SHA256. */
    private static final String SUITE = "0304 1301";
    /** What JDK 25 writes before the key: one signature scheme. */
    private static final String NEWER = SUITE + "01 0403";
    /** What JDK 17 writes before it: as many local schemes and ones of the peer, and an algorithm. */
    private static final String OLDER = SUITE + "01 0403 01 0804 0003 455344";

    private static byte[] hex(String published)
    {
        return HexFormat.of().parseHex(published.replaceAll("\\s", ""));
    }

    private static byte[] state(String before, byte[] key)
    {
        return Hellos.join(hex(before), Hellos.vector(2, key), new byte[16]);
    }

    private static boolean proves(byte[] hello, byte[] state)
    {
        HandshakeObserver observer = Hellos.observing(Hellos.records(hello, hello.length));
        return observer.hello().binders().prove(observer.hello().tickets().get(0), state);
    }

    private static byte[] flipped(byte[] bytes, int at)
    {
        byte[] result = bytes.clone();
        result[at] ^= 1;
        return result;
    }

    @Test
    void theTraceIsCopiedWhole()
    {
        assertEquals(512, HELLO.length);
        assertArrayEquals(BINDER, Arrays.copyOfRange(HELLO, HELLO.length - BINDER.length, HELLO.length));
        assertEquals(PREFIX, HELLO.length - BINDER.length - Short.BYTES - 1);
    }

    @ParameterizedTest
    @ValueSource(strings = {NEWER, OLDER})
    void thePublishedBinderProvesThePublishedKey(String before)
    {
        assertTrue(proves(HELLO, state(before, KEY)));
    }

    @ParameterizedTest
    @ValueSource(strings = {NEWER, OLDER})
    void anotherKeyIsNotProven(String before)
    {
        for (int at = 0; at < KEY.length; at++)
        {
            assertFalse(proves(HELLO, state(before, flipped(KEY, at))), "byte " + at);
        }
    }

    @Test
    void anotherBinderProvesNothing()
    {
        for (int at = HELLO.length - BINDER.length; at < HELLO.length; at++)
        {
            assertFalse(proves(flipped(HELLO, at), state(NEWER, KEY)), "byte " + at);
        }
    }

    @Test
    void theBinderIsOverEveryByteInFrontOfTheBinders()
    {
        byte[] ticket = {1};
        for (int at = 0; at < PREFIX; at++)
        {
            Binders binders = new Binders(List.of(ticket), List.of(BINDER), flipped(HELLO, at), HELLO.length - PREFIX);
            assertFalse(binders.prove(ticket, state(NEWER, KEY)), "byte " + at);
        }
    }

    @Test
    void theHashIsThatOfTheSuite()
    {
        assertFalse(proves(HELLO, state(NEWER.replace("1301", "1302"), KEY)));
    }
}
