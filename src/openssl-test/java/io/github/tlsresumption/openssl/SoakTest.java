package io.github.tlsresumption.openssl;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * Many connections in a short time. It runs in {@code verify}, as what takes its time does.
 */
@Tag("process")
@EnabledIf("io.github.tlsresumption.openssl.Library#isThere")
class SoakTest
{
    private static final Certificates.Identity SERVER = Certificates.of(Certificates.Kind.P256);
    private static final int SOAK = Integer.getInteger("native.soak", 20_000);
    private static final Consumer<SSLParameters> AS_IS = parameters ->
    {
    };

    private final LiveObjects live = new LiveObjects();
    private final TestSessions sessions = new TestSessions();
    private final SSLContext clientContext = Peer.client(new Certificates.Trust(SERVER));

    /** Connections that end in all ways: nothing stays, and the process does not grow. */
    @Test
    void aSoak() throws IOException
    {
        try (NativeContext context = Peer.server(sessions, live, 1, null, SERVER))
        {
            Peer first = Peer.client(clientContext, Peer.protocol("TLSv1.3"));
            first.wrap();
            byte[] hello = new byte[first.out.remaining()];
            first.out.get(hello);
            connections(context, hello, SOAK / 4);
            long before = residentKilobytes();
            connections(context, hello, SOAK - SOAK / 4);
            long after = residentKilobytes();
            System.out.printf("%d connections: %s; resident %d KB after a quarter, %d KB at the end%n", SOAK, live, before, after);
            assertEquals(0, live.connections());
            // 15 KB for each of them would be 220 MB.
            assertTrue(after - before < 100_000, before + " -> " + after);
        }
        assertEquals("contexts=0, connections=0, credentials=0", live.toString());
        assertEquals(sessions.begun.get(), sessions.established.get() + sessions.abandoned.get());
    }

    private void connections(NativeContext context, byte[] hello, int count) throws SSLException
    {
        byte[] garbage = {23, 3, 3, 0, 20, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20};
        for (int i = 0; i < count; i++)
        {
            Peer server = Peer.server(context, AS_IS);
            NativeSslEngine engine = (NativeSslEngine)server.engine;
            if (i % 20 == 0)
            {
                Peer client = Peer.client(clientContext, Peer.protocol(i % 40 == 0 ? "TLSv1.2" : "TLSv1.3"));
                Peer.pump(client, server);
                client.engine.closeOutbound();
                engine.closeOutbound();
                Peer.pump(client, server);
                continue;
            }
            server.unwrap(ByteBuffer.wrap(hello));
            server.wrap();
            switch (i % 3)
            {
                case 0 -> engine.close();
                case 1 ->
                {
                    assertThrows(SSLException.class, () -> server.unwrap(ByteBuffer.wrap(garbage)));
                    server.wrap();
                }
                default ->
                {
                    assertThrows(SSLException.class, engine::closeInbound);
                    server.wrap();
                }
            }
            server.out.clear();
        }
    }

    private static long residentKilobytes() throws IOException
    {
        System.gc();
        return Files.readAllLines(Path.of("/proc/self/status")).stream()
            .filter(line -> line.startsWith("VmRSS:"))
            .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
            .findFirst()
            .orElseThrow();
    }
}
