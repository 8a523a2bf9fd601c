package io.github.tlsresumption.fuzz;

import java.nio.ByteBuffer;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;

import io.github.tlsresumption.cluster.SessionKeyCodec;
import io.github.tlsresumption.crypto.Xaes256Gcm;
import io.github.tlsresumption.keys.KeyRotation;
import io.github.tlsresumption.keys.TicketKey;
import io.github.tlsresumption.keys.TicketKeyRing;
import io.github.tlsresumption.ticket.StableId;

/**
 * Bytes for a session key in a store: as they come, and as who has the ticket keys may have sealed them.
 */
public final class SessionKeyFuzz
{
    private static final Instant NOW = Instant.parse("2026-03-01T00:00:00Z");
    private static final TicketKeyRing RING = KeyRotation.DEFAULT.next(TicketKeyRing.empty(), NOW);
    private static final SessionKeyCodec CODEC = new SessionKeyCodec(() -> RING, Clock.fixed(NOW, ZoneOffset.UTC));
    private static final StableId ID = StableId.of(new byte[StableId.BYTES]);

    private SessionKeyFuzz()
    {
    }

    /**
     * @param data any bytes
     */
    public static void fuzzerTestOneInput(byte[] data)
    {
        if (CODEC.decode(ID, data).isPresent())
        {
            throw new AssertionError("a forged key");
        }
        TicketKey key = RING.sealing(NOW).orElseThrow();
        byte[] nonce = new byte[Xaes256Gcm.NONCE_BYTES];
        byte[] head = ByteBuffer.allocate(1 + Long.BYTES).put((byte)1).putLong(key.id()).array();
        byte[] bound = ByteBuffer.allocate(head.length + StableId.BYTES).put(head).put(ID.bytes()).array();
        byte[] sealed = key.cipher().seal(nonce, data, bound);
        CODEC.decode(ID, ByteBuffer.allocate(head.length + nonce.length + sealed.length).put(head).put(nonce).put(sealed).array());
    }
}
