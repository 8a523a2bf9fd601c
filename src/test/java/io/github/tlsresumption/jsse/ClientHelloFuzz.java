package io.github.tlsresumption.jsse;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Bytes of both directions at the start of a handshake: as they come, and in records.
 */
public final class ClientHelloFuzz
{
    private static final int MAX_NAME = 255;

    private ClientHelloFuzz()
    {
    }

    /**
     * @param data any bytes
     */
    public static void fuzzerTestOneInput(byte[] data)
    {
        observe(data);
        observe(Hellos.record(Hellos.HANDSHAKE, Hellos.message(1, data)));
        observe(Hellos.join(Hellos.record(Hellos.HANDSHAKE, Hellos.clientHello(new byte[0], Hellos.tls13())),
            Hellos.record(Hellos.HANDSHAKE, Hellos.message(1, data))));
    }

    private static void observe(byte[] records)
    {
        HandshakeObserver observer = new HandshakeObserver();
        observer.received(ByteBuffer.wrap(records));
        HandshakeObserver inPieces = new HandshakeObserver();
        inPieces.received(ByteBuffer.wrap(records));
        inPieces.sent(ByteBuffer.wrap(records));
        if (!observer.readable())
        {
            return;
        }
        String name = observer.hello().serverName();
        if (name != null && (name.isEmpty() || name.length() > MAX_NAME))
        {
            throw new AssertionError("a name that is none: " + name);
        }
        if (observer.hello().tickets().stream().anyMatch(ticket -> ticket.length > records.length)
            || observer.hello().sessionId().length > records.length)
        {
            throw new AssertionError("more than there is in " + Arrays.toString(records));
        }
    }
}
