package io.github.tlsresumption.jsse;

import java.nio.charset.StandardCharsets;

import io.github.tlsresumption.crypto.Digests;

/**
 * The mark of the format in which this JDK's SunJSSE writes a session's state. Releases differ, and a state of another
 * one's can cost a client its connection, so the mark is that of the exact runtime.
 */
final class StateFormat
{
    /**
     * 23 bits.
     */
    static final int MARK = mark(System.getProperty("java.vendor"), System.getProperty("java.runtime.version"));

    private StateFormat()
    {
    }

    static int mark(String vendor, String runtimeVersion)
    {
        return (int)Digests.sha256ToLong("state format", bytes(vendor), bytes(runtimeVersion)) & 0x7FFFFF;
    }

    private static byte[] bytes(String value)
    {
        return String.valueOf(value).getBytes(StandardCharsets.UTF_8);
    }
}
