package io.github.tlsresumption.keys;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import io.github.tlsresumption.crypto.Xaes256Gcm;
import io.github.tlsresumption.keys.TicketKeyRingFormatException.Reason;

/**
 * The bytes of a ring in clear, as {@link TicketKeyRingCodec} describes them. Stateless.
 */
final class RingBytes
{
    private static final int KEY_BYTES = 5 * Long.BYTES + Xaes256Gcm.KEY_BYTES;
    private static final int DROPPED_BYTES = 2 * Long.BYTES;

    private RingBytes()
    {
    }

    /**
     * @param ring none of its keys destroyed
     * @return its bytes with all secrets, to be overwritten by the caller
     */
    static byte[] of(TicketKeyRing ring)
    {
        int length = Long.BYTES + TicketKeyRing.IDENTITY_KEY_BYTES + 2 * Integer.BYTES
            + ring.keys().size() * KEY_BYTES + ring.dropped().size() * DROPPED_BYTES;
        ByteBuffer bytes = ByteBuffer.allocate(length).putLong(ring.version()).put(ring.identityKey()).putInt(ring.keys().size());
        for (TicketKey key : ring.keys())
        {
            byte[] secret = key.secret();
            bytes.putLong(key.id()).putLong(key.created().toEpochMilli()).putLong(key.sealFrom().toEpochMilli())
                .putLong(key.sealUntil().toEpochMilli()).putLong(key.openUntil().toEpochMilli()).put(secret);
            wipe(secret);
        }
        bytes.putInt(ring.dropped().size());
        ring.dropped().forEach((id, until) -> bytes.putLong(id).putLong(until.toEpochMilli()));
        return bytes.array();
    }

    /**
     * @param bytes what {@link #of} gave
     * @return a ring with keys of its own
     * @throws TicketKeyRingFormatException when the bytes are anything else
     */
    static TicketKeyRing ring(ByteBuffer bytes) throws TicketKeyRingFormatException
    {
        List<TicketKey> keys = new ArrayList<>();
        try
        {
            long version = bytes.getLong();
            byte[] identityKey = new byte[TicketKeyRing.IDENTITY_KEY_BYTES];
            bytes.get(identityKey);
            int count = bytes.getInt();
            for (int i = 0; i < count; i++)
            {
                keys.add(key(bytes));
            }
            Map<Long, Instant> dropped = new HashMap<>();
            int droppedCount = bytes.getInt();
            for (int i = 0; i < droppedCount; i++)
            {
                dropped.put(bytes.getLong(), Instant.ofEpochMilli(bytes.getLong()));
            }
            if (version == 0 || bytes.hasRemaining())
            {
                throw new IllegalArgumentException(version == 0 ? "version 0 stands for no ring" : "there is something behind the ring");
            }
            return new TicketKeyRing(version, identityKey, keys, dropped);
        }
        catch (BufferUnderflowException e)
        {
            keys.forEach(TicketKey::destroy);
            throw new TicketKeyRingFormatException(Reason.CORRUPT, "the ring in it is incomplete");
        }
        catch (IllegalArgumentException e)
        {
            keys.forEach(TicketKey::destroy);
            throw new TicketKeyRingFormatException(Reason.UNFIT_KEYS, "the ring in it must not be used: " + e.getMessage());
        }
    }

    private static TicketKey key(ByteBuffer bytes)
    {
        long id = bytes.getLong();
        Instant created = Instant.ofEpochMilli(bytes.getLong());
        Instant sealFrom = Instant.ofEpochMilli(bytes.getLong());
        Instant sealUntil = Instant.ofEpochMilli(bytes.getLong());
        Instant openUntil = Instant.ofEpochMilli(bytes.getLong());
        byte[] secret = new byte[Xaes256Gcm.KEY_BYTES];
        try
        {
            bytes.get(secret);
            return new TicketKey(id, created, sealFrom, sealUntil, openUntil, secret);
        }
        finally
        {
            wipe(secret);
        }
    }

    static void wipe(byte[] bytes)
    {
        if (bytes != null)
        {
            Arrays.fill(bytes, (byte)0);
        }
    }
}
