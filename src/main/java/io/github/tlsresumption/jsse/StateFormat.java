package io.github.tlsresumption.jsse;

import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.nio.charset.StandardCharsets;

import io.github.tlsresumption.crypto.Digests;

/**
 * The format in which this JDK's SunJSSE writes a session's state: how a state begins, and the format's mark. Releases differ, and a state
 * of another one's can cost a client its connection, so the mark is that of the exact runtime. Where the JVM's option
 * {@code --patch-module} puts other classes in SunJSSE's place, the version does not tell, so the mark is theirs as well.
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

    /**
     * @return 1 for a compressed state (RFC 1952 section 2.3.1), 0 for one that starts with its protocol version, else -1
     */
    static int start(byte[] state)
    {
        if (state.length < 2)
        {
            return -1;
        }
        int start = (state[0] & 0xFF) << 8 | state[1] & 0xFF;
        return switch (start)
        {
            case 0x1F8B -> 1;
            case 0x0303, 0x0304 -> 0;
            default -> -1;
        };
    }

    /**
     * @param state one that starts with its protocol version
     * @return the name of that protocol
     */
    static String protocol(byte[] state)
    {
        return state[1] == 4 ? "TLSv1.3" : "TLSv1.2";
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
