package io.github.tlsresumption.jsse;

import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.nio.charset.StandardCharsets;

import io.github.tlsresumption.crypto.Digests;

/**
 * The mark of the format in which this JDK's SunJSSE writes a session's state. Releases differ, and a state of another
 * one's can cost a client its connection, so the mark is that of the exact runtime. Where the JVM's option {@code --patch-module} puts
 * other classes in SunJSSE's place, the version does not tell, so the mark is theirs as well.
 */
final class StateFormat
{
    /**
     * 23 bits.
     */
    static final int MARK = mark(System.getProperty("java.vendor"), System.getProperty("java.runtime.version"), patch());

    /** The class that writes and reads states. */
    private static final String WRITER = "/sun/security/ssl/SSLSessionImpl.class";

    private StateFormat()
    {
    }

    /**
     * @param vendor of the runtime
     * @param runtimeVersion its version
     * @param patch the class that is in the place of the runtime's own, empty for none
     */
    static int mark(String vendor, String runtimeVersion, byte[] patch)
    {
        long digest = patch.length == 0
            ? Digests.sha256ToLong("state format", bytes(vendor), bytes(runtimeVersion))
            : Digests.sha256ToLong("state format", bytes(vendor), bytes(runtimeVersion), patch);
        return (int)digest & 0x7FFFFF;
    }

    private static byte[] patch()
    {
        URL writer = Object.class.getResource(WRITER);
        if (writer == null || "jrt".equals(writer.getProtocol()))
        {
            return new byte[0];
        }
        try (InputStream in = writer.openStream())
        {
            return in.readAllBytes();
        }
        catch (IOException e)
        {
            return bytes(writer.toString());
        }
    }

    private static byte[] bytes(String value)
    {
        return String.valueOf(value).getBytes(StandardCharsets.UTF_8);
    }
}
