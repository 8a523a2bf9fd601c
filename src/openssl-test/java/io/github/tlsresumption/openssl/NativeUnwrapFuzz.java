package io.github.tlsresumption.openssl;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.Consumer;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;

/**
 * What no client sends, to the engine with libraries of both families, some steps into a connection: as it comes, or as the body of a
 * ClientHello.
 */
public final class NativeUnwrapFuzz
{
    private static final int TLS_12 = 1;
    private static final int CERTIFICATE = 2;
    private static final int HELLO = 4;
    private static final int RECORD_BYTES = 16_384;
    private static final NativeClients CLIENTS = new NativeClients(Libraries.openSsl().orElseThrow());
    private static final Link.Buffers BUFFERS = new Link.Buffers(false);
    private static final List<FuzzedServer> SERVERS = Libraries.all().stream()
        .map(file -> new FuzzedServer(NativeTls.load(new LibraryChoice(file.toString(), "")).lib(), lib -> lib)).toList();

    private NativeUnwrapFuzz()
    {
    }

    /**
     * @param data flags and steps of a handshake in its first byte; then a hello's body, or calls
     */
    public static void fuzzerTestOneInput(byte[] data)
    {
        for (FuzzedServer server : SERVERS)
        {
            connect(server, new FuzzInput(data));
        }
    }

    private static void connect(FuzzedServer server, FuzzInput input)
    {
        int flags = input.next();
        if ((flags & HELLO) != 0)
        {
            NativeSslEngine engine = server.newEngine(parameters -> parameters.setWantClientAuth((flags & CERTIFICATE) != 0));
            byte[] body = input.rest();
            boolean failed = false;
            try
            {
                FuzzedServer.unwrap(engine, ByteBuffer.wrap(MalformedInputTest.records(body, RECORD_BYTES)));
            }
            catch (SSLException e)
            {
                failed = true;
            }
            server.end(engine, failed);
            return;
        }
        try (NativeClient client = CLIENTS.connect((flags & TLS_12) != 0 ? Supported.TLS12 : Supported.TLS13))
        {
            Consumer<SSLParameters> change = parameters -> parameters.setWantClientAuth((flags & CERTIFICATE) != 0);
            Link link = new Link(client, server.newEngine(change), BUFFERS, Runnable::run);
            for (int steps = flags >> 4; steps > 0; steps--)
            {
                if (!link.serverStep())
                {
                    link.clientStep();
                }
            }
            FuzzedServer.require(link.failure == null, "a good handshake has failed: " + link.failure);
            boolean goesOn = true;
            while (goesOn && !input.isEmpty())
            {
                goesOn = FuzzedServer.call(link.engine, input);
            }
            server.end(link.engine, !goesOn);
        }
    }
}
