package io.github.tlsresumption.fuzz;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;

import io.github.tlsresumption.crypto.Digests;
import io.github.tlsresumption.keys.TicketKeyRing;
import io.github.tlsresumption.keys.TicketKeyRingCodec;
import io.github.tlsresumption.keys.TicketKeyRingFormatException;

/**
 * Bytes for a key file: as they come, and with a head and a checksum that are right.
 */
public final class TicketKeyRingFuzz
{
    private static final TicketKeyRingCodec CODEC = TicketKeyRingCodec.plain();
    private static final String HEADER = "jetty-tls-resumption ticket key ring, format 1, plain";

    private TicketKeyRingFuzz()
    {
    }

    /**
     * @param data any bytes
     */
    public static void fuzzerTestOneInput(byte[] data)
    {
        decode(data);
        byte[] body = Base64.getEncoder().encode(data);
        String checksum = HexFormat.of().formatHex(Digests.sha256("jetty-tls-resumption ticket key ring",
            HEADER.getBytes(StandardCharsets.US_ASCII), body));
        decode((HEADER + "\n" + new String(body, StandardCharsets.US_ASCII) + "\n" + checksum + "\n").getBytes(StandardCharsets.US_ASCII));
    }

    private static void decode(byte[] document)
    {
        try
        {
            // The order of keys in time, and of what was dropped, is the ring's own.
            TicketKeyRing ring = CODEC.decode(document);
            TicketKeyRing again = CODEC.decode(CODEC.encode(ring));
            if (!ring.toString().equals(again.toString()) || !Arrays.equals(ring.identityKey(), again.identityKey()))
            {
                throw new AssertionError("another ring: " + ring + ", " + again);
            }
        }
        catch (TicketKeyRingFormatException e)
        {
            if (e.getMessage().isEmpty())
            {
                throw new AssertionError("no reason", e);
            }
        }
    }
}
