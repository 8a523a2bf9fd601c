package io.github.tlsresumption.jsse;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Hellos as they are on the wire, byte by byte (RFC 8446 sections 4.1 and 5.1).
 */
public final class Hellos
{
    public static final int CHANGE_CIPHER_SPEC = 20;
    public static final int ALERT = 21;
    public static final int HANDSHAKE = 22;
    public static final int SERVER_NAME = 0;
    public static final int SESSION_TICKET = 35;
    public static final int PRE_SHARED_KEY = 41;
    public static final int SUPPORTED_VERSIONS = 43;
    public static final int GREASE = 0xDADA;

    private Hellos()
    {
    }

    public static byte[] join(byte[]... parts)
    {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (byte[] part : parts)
        {
            out.writeBytes(part);
        }
        return out.toByteArray();
    }

    public static byte[] number(int value, int bytes)
    {
        byte[] result = new byte[bytes];
        for (int i = 0; i < bytes; i++)
        {
            result[i] = (byte)(value >>> 8 * (bytes - 1 - i));
        }
        return result;
    }

    public static byte[] vector(int lengthBytes, byte[]... parts)
    {
        byte[] content = join(parts);
        return join(number(content.length, lengthBytes), content);
    }

    public static byte[] record(int type, byte[] fragment)
    {
        return join(number(type, 1), number(0x0303, 2), vector(2, fragment));
    }

    /**
     * A message in records of a size.
     */
    public static byte[] records(byte[] message, int size)
    {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (int at = 0; at < message.length; at += size)
        {
            byte[] fragment = new byte[Math.min(size, message.length - at)];
            System.arraycopy(message, at, fragment, 0, fragment.length);
            out.writeBytes(record(HANDSHAKE, fragment));
        }
        return out.toByteArray();
    }

    public static byte[] message(int type, byte[] body)
    {
        return join(number(type, 1), vector(3, body));
    }

    public static byte[] extension(int type, byte[] content)
    {
        return join(number(type, 2), vector(2, content));
    }

    public static byte[] serverName(String host)
    {
        return serverName(host.getBytes(StandardCharsets.ISO_8859_1));
    }

    public static byte[] serverName(byte[] name)
    {
        return extension(SERVER_NAME, vector(2, new byte[]{0}, vector(2, name)));
    }

    public static byte[] preSharedKeys(List<byte[]> identities)
    {
        byte[] list = {};
        byte[] binders = {};
        for (byte[] identity : identities)
        {
            list = join(list, vector(2, identity), new byte[4]);
            binders = join(binders, vector(1, new byte[32]));
        }
        return extension(PRE_SHARED_KEY, join(vector(2, list), vector(2, binders)));
    }

    /**
     * A ClientHello message.
     *
     * @param extensions null for a hello that ends before them
     */
    static byte[] clientHello(byte[] sessionId, byte[]... extensions)
    {
        byte[] start = join(number(0x0303, 2), new byte[32], vector(1, sessionId), vector(2, number(0x1301, 2), number(0xDADA, 2)),
            vector(1, new byte[1]));
        return message(1, extensions == null ? start : join(start, vector(2, extensions)));
    }

    /**
     * One of TLS 1.2 that SunJSSE answers, with ECDSA over P-256.
     */
    static byte[] clientHelloOfTls12(String host, byte[] sessionId)
    {
        return clientHelloOfTls12(host, sessionId, new int[]{0xC02C, 0xC02B, 0xCCA9});
    }

    /**
     * One with some cipher suites only, and with more extensions.
     */
    static byte[] clientHelloOfTls12(String host, byte[] sessionId, int[] suites, byte[]... extensions)
    {
        return helloOfTls12(sessionId, suites, join(serverName(host), join(extensions)));
    }

    /**
     * @return one whose list of names begins with a long one of a type that nobody knows
     */
    static byte[] unreadableClientHelloOfTls12(String host, byte[] sessionId)
    {
        byte[] names = vector(2, number(7, 1), vector(2, new byte[300]), new byte[1], vector(2, host.getBytes(StandardCharsets.US_ASCII)));
        return helloOfTls12(sessionId, new int[]{0xC02C, 0xC02B, 0xCCA9}, extension(0, names));
    }

    private static byte[] helloOfTls12(byte[] sessionId, int[] suites, byte[] more)
    {
        byte[] offered = join(IntStream.of(suites).mapToObj(suite -> number(suite, 2)).toArray(byte[][]::new));
        byte[] extensions = join(more, extension(10, vector(2, number(29, 2), number(23, 2))), extension(11, vector(1, new byte[1])),
            extension(13, vector(2, number(0x0403, 2), number(0x0503, 2), number(0x0804, 2))), extension(23, new byte[0]),
            extension(0xFF01, new byte[1]));
        return message(1, join(number(0x0303, 2), new byte[32], vector(1, sessionId), vector(2, offered), vector(1, new byte[1]),
            vector(2, extensions)));
    }

    /**
     * One that SunJSSE answers, with X25519 and ECDSA over P-256.
     */
    static byte[] clientHelloOfTls13(String host, List<byte[]> identities)
    {
        return clientHelloOfTls13(serverName(host), identities);
    }

    /**
     * @return one whose list of names begins with a long one of a type that nobody knows
     */
    static byte[] unreadableClientHelloOfTls13(List<byte[]> identities)
    {
        return clientHelloOfTls13(extension(0, vector(2, number(7, 1), vector(2, new byte[300]))), identities);
    }

    private static byte[] clientHelloOfTls13(byte[] serverName, List<byte[]> identities)
    {
        byte[] share = new byte[32];
        share[0] = 9;
        return clientHello(new byte[32], serverName, extension(10, vector(2, number(29, 2))),
            extension(13, vector(2, number(0x0403, 2))),
            extension(SUPPORTED_VERSIONS, vector(1, number(0x0304, 2))), extension(45, vector(1, new byte[]{1})),
            extension(51, vector(2, number(29, 2), vector(2, share))), preSharedKeys(identities));
    }

    static byte[] serverHello(byte[] random, byte[]... extensions)
    {
        byte[] start = join(number(0x0303, 2), random, vector(1, new byte[32]), number(0x1301, 2), new byte[1]);
        return message(2, extensions == null ? start : join(start, vector(2, extensions)));
    }

    static byte[] tls13()
    {
        return extension(SUPPORTED_VERSIONS, number(0x0304, 2));
    }

    static byte[] selectedPreSharedKey()
    {
        return extension(PRE_SHARED_KEY, number(0, 2));
    }

    static HandshakeObserver observing(byte[] records)
    {
        HandshakeObserver observer = new HandshakeObserver();
        observer.received(ByteBuffer.wrap(records));
        return observer;
    }
}
