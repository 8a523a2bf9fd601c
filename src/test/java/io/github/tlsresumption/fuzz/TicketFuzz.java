package io.github.tlsresumption.fuzz;

import java.nio.ByteBuffer;
import java.util.Arrays;

import io.github.tlsresumption.crypto.Aes256Gcm;
import io.github.tlsresumption.crypto.Xaes256Gcm;
import io.github.tlsresumption.ticket.SessionRecord;
import io.github.tlsresumption.ticket.Ticket;

/**
 * Bytes for tickets: as they come, and as what a thief of a ticket key may have sealed.
 */
public final class TicketFuzz
{
    private static final byte[] SECRET = new byte[Xaes256Gcm.KEY_BYTES];
    private static final Xaes256Gcm KEY;
    private static final Aes256Gcm SESSION_KEY;
    private static final byte[] NONCE = new byte[Xaes256Gcm.NONCE_BYTES];
    private static final byte[] BOUND = {1, 2, 3};

    static
    {
        Arrays.fill(SECRET, 0, 5, (byte)7);
        KEY = new Xaes256Gcm(SECRET);
        SESSION_KEY = new Aes256Gcm(SECRET);
    }

    private TicketFuzz()
    {
    }

    /**
     * @param data any bytes
     */
    public static void fuzzerTestOneInput(byte[] data)
    {
        if (Ticket.open(KEY, data, BOUND).isPresent())
        {
            throw new AssertionError("a forged ticket");
        }
        byte[] head = ByteBuffer.allocate(1 + Long.BYTES).put((byte)1).putLong(42).array();
        byte[] bound = ByteBuffer.allocate(head.length + BOUND.length).put(head).put(BOUND).array();
        byte[] sealed = KEY.seal(NONCE, data, bound);
        byte[] ticket = ByteBuffer.allocate(head.length + NONCE.length + sealed.length).put(head).put(NONCE).put(sealed).array();
        boolean fits = ticket.length >= Ticket.MIN_BYTES && ticket.length <= Ticket.MAX_BYTES;
        Ticket.open(KEY, ticket, BOUND).ifPresentOrElse(opened ->
        {
            SessionRecord record = opened.record();
            byte[] again = Ticket.seal(KEY, 42, NONCE, record, opened.payload(), BOUND);
            if (!Arrays.equals(ticket, again))
            {
                throw new AssertionError("two tickets for one session");
            }
            Ticket.openPayload(SESSION_KEY, opened).ifPresent(state ->
            {
                throw new AssertionError("a forged state");
            });
        }, () ->
        {
            if (fits)
            {
                throw new AssertionError("a ticket that does not open");
            }
        });
    }
}
