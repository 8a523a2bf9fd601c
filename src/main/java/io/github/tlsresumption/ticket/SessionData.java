package io.github.tlsresumption.ticket;

import java.nio.ByteBuffer;
import java.util.Optional;

import io.github.tlsresumption.crypto.Xaes256Gcm;

/**
 * What rides as application data in a session state that an engine seals by itself, where the ticket is not our
 * {@linkplain Ticket envelope}: the record, and a payload of the engine's. Version 1. Pure functions, safe for use by many threads.
 */
public final class SessionData
{
    /*
     *   version 1 (= 1) | nonce 24 | record 75 | payload
     */

    private static final byte VERSION = 1;
    private static final int OVERHEAD_BYTES = 1 + Xaes256Gcm.NONCE_BYTES + SessionRecord.BYTES;

    private SessionData()
    {
    }

    /**
     * @param nonce {@link Xaes256Gcm#NONCE_BYTES} random bytes, new for each ticket
     * @param record about the session
     * @param payload the engine's, or what {@link Ticket#sealPayload} made of it with that nonce
     * @return the data
     */
    public static byte[] encode(byte[] nonce, SessionRecord record, byte[] payload)
    {
        ByteBuffer data = ByteBuffer.allocate(OVERHEAD_BYTES + payload.length).put(VERSION).put(nonce);
        record.encode(data);
        return data.put(payload).array();
    }

    /**
     * @param data out of a ticket that the engine has found to be authentic
     * @return what was encoded, or nothing when it is of another version
     */
    public static Optional<Ticket.Opened> decode(byte[] data)
    {
        if (data.length < OVERHEAD_BYTES || data[0] != VERSION)
        {
            return Optional.empty();
        }
        ByteBuffer in = ByteBuffer.wrap(data, 1, data.length - 1);
        byte[] nonce = new byte[Xaes256Gcm.NONCE_BYTES];
        in.get(nonce);
        SessionRecord record = SessionRecord.decode(in);
        byte[] payload = new byte[in.remaining()];
        in.get(payload);
        return Optional.of(new Ticket.Opened(record, payload, nonce));
    }
}
