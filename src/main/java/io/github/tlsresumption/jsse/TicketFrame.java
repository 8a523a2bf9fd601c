package io.github.tlsresumption.jsse;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * What SunJSSE puts around a ticket. Before what it gave to the cipher it puts a key number, the IV and, in newer releases, a flag that
 * says whether the state is compressed. It does not protect the flag, and a wrong one costs the client its connection.
 *
 * @param offered the ticket with its frame, as it is in the ClientHello
 * @param flag 0 where there is none
 */
record TicketFrame(byte[] offered, int flag)
{
    private static final int KEY_NUMBER_BYTES = 4;
    private static final int IV_BYTES = 16;

    /**
     * @param ticket what SunJSSE gives to the cipher
     * @param iv from the frame
     * @param offers all of the ClientHello
     * @return that of the offer of which the ticket is the end, or empty when there is none
     */
    static Optional<TicketFrame> of(byte[] ticket, byte[] iv, List<byte[]> offers)
    {
        for (byte[] offered : offers)
        {
            int prefix = offered.length - ticket.length;
            if (prefix != KEY_NUMBER_BYTES + IV_BYTES && prefix != KEY_NUMBER_BYTES + IV_BYTES + 1)
            {
                continue;
            }
            if (!Arrays.equals(offered, KEY_NUMBER_BYTES, KEY_NUMBER_BYTES + IV_BYTES, iv, 0, iv.length))
            {
                continue;
            }
            if (!Arrays.equals(offered, prefix, offered.length, ticket, 0, ticket.length))
            {
                continue;
            }
            return Optional.of(new TicketFrame(offered, prefix == KEY_NUMBER_BYTES + IV_BYTES ? 0 : offered[prefix - 1] & 0xFF));
        }
        return Optional.empty();
    }

    /**
     * @return the parts of a frame that its ticket is bound to
     */
    static byte[] associatedData(byte[] iv, byte flag, byte[] aad)
    {
        return ByteBuffer.allocate(1 + iv.length + 1 + aad.length).put((byte)iv.length).put(iv).put(flag).put(aad).array();
    }
}
