package io.github.tlsresumption.openssl;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngineResult.Status;

import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/**
 * Connections that have had much to do, and wait for their clients.
 */
@EnabledIf("io.github.tlsresumption.openssl.Library#isThere")
class IdleConnectionTest
{
    private static final Certificates.Identity SERVER = Certificates.of(Certificates.Kind.P256);
    private static final int CONNECTIONS = 400;
    private static final int LARGE = 16_384;
    /** What a connection is, with some that others in this process allocate; two buffers for large records are 44 000. */
    private static final long BYTES_EACH = 30_000;

    private final SSLContext clientContext = Peer.client(new Certificates.Trust(SERVER));

    private NativeContext server()
    {
        return Peer.server(new TestSessions(), new LiveObjects(), 1, new Certificates.Trust(), SERVER);
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void theyGoOn(String protocol) throws IOException
    {
        try (NativeContext context = server())
        {
            Peer client = Peer.client(clientContext, Peer.protocol(protocol));
            Peer server = Peer.server(context, Peer.protocol(protocol));
            Peer.pump(client, server);
            rest(server);
            for (int size : new int[]{LARGE, 10, 2000, 1, LARGE})
            {
                exchange(client, server, size);
                rest(server);
                exchange(server, client, size);
                rest(server);
            }
            client.engine.closeOutbound();
            client.wrap();
            server.unwrap(client.out);
            assertTrue(server.engine.isInboundDone());
            ((NativeSslEngine)server.engine).close();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void theyKeepNoRoomForLargeRecords(String protocol) throws IOException
    {
        assumeTrue(ProcessMemory.now().allocated() > 0, "this libc does not tell what is allocated");
        List<Peer> idle = new ArrayList<>();
        try (NativeContext context = server())
        {
            connect(context, protocol, new ArrayList<>(), 10);
            long before = ProcessMemory.now().allocated();
            connect(context, protocol, idle, CONNECTIONS);
            long each = (ProcessMemory.now().allocated() - before) / CONNECTIONS;
            assertTrue(each < BYTES_EACH, each + " bytes for each connection");
        }
        finally
        {
            idle.forEach(server -> ((NativeSslEngine)server.engine).close());
        }
    }

    private void connect(NativeContext context, String protocol, List<Peer> idle, int count) throws IOException
    {
        for (int i = 0; i < count; i++)
        {
            Peer client = Peer.client(clientContext, Peer.protocol(protocol));
            Peer server = Peer.server(context, Peer.protocol(protocol));
            idle.add(server);
            Peer.pump(client, server);
            exchange(client, server, LARGE);
            exchange(server, client, LARGE);
            rest(server);
        }
    }

    private static void exchange(Peer from, Peer to, int size) throws IOException
    {
        byte[] sent = new byte[size];
        sent[size / 2] = 7;
        from.send(sent);
        Peer.pump(from, to);
        assertArrayEquals(sent, to.take());
    }

    /** Jetty asks in vain whether there is more. */
    private static void rest(Peer server) throws IOException
    {
        assertEquals(Status.BUFFER_UNDERFLOW,
            server.engine.unwrap(ByteBuffer.allocate(0), ByteBuffer.allocate(LARGE)).getStatus());
    }
}
