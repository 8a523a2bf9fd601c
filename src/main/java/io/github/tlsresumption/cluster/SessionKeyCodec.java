package io.github.tlsresumption.cluster;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.Supplier;

import io.github.tlsresumption.crypto.Aes256Gcm;
import io.github.tlsresumption.crypto.Random;
import io.github.tlsresumption.crypto.Xaes256Gcm;
import io.github.tlsresumption.keys.TicketKey;
import io.github.tlsresumption.keys.TicketKeyRing;
import io.github.tlsresumption.sessions.SessionKey;
import io.github.tlsresumption.ticket.StableId;

/**
 * A session key as bytes for a store outside this process, sealed under the ticket key that seals now:
 *
 * <pre>
 *   format 1 (= 1) | ticket key id 8 | nonce 24
 *     | XAES-256-GCM(secret 32 | established 8 | deadline 8 | client identity 8 | rule, UTF-8) | tag 16
 * </pre>
 *
 * Associated data: format, ticket key id, stable id. A ticket key opens for as long as any session that began while it sealed, and is
 * erased then: so an old copy of the store is worth nothing to who steals the ring later. Numbers are big-endian, times in
 * milliseconds since 1970. Thread-safe.
 */
public final class SessionKeyCodec
{
    private static final byte FORMAT = 1;
    private static final int HEAD_BYTES = 1 + Long.BYTES;
    private static final int SEALED_OFFSET = HEAD_BYTES + Xaes256Gcm.NONCE_BYTES;
    private static final int FIXED_BYTES = Aes256Gcm.KEY_BYTES + 3 * Long.BYTES;

    private final Supplier<TicketKeyRing> ring;
    private final Clock clock;

    /**
     * @param ring gives the key ring in force
     * @param clock tells the time
     */
    public SessionKeyCodec(Supplier<TicketKeyRing> ring, Clock clock)
    {
        this.ring = ring;
        this.clock = clock;
    }

    /**
     * @return whether there is a ticket key that seals now
     */
    public boolean seals()
    {
        return ring.get().sealing(clock.instant()).isPresent();
    }

    /**
     * @param key a session's key
     * @return the bytes, or empty when there is no ticket key that seals
     * @throws IllegalStateException when the key was destroyed
     */
    public Optional<byte[]> encode(SessionKey key)
    {
        return ring.get().sealing(clock.instant()).map(sealing -> encode(key, sealing));
    }

    private static byte[] encode(SessionKey key, TicketKey sealing)
    {
        byte[] rule = key.rule().getBytes(StandardCharsets.UTF_8);
        byte[] secret = key.secret();
        byte[] plain = ByteBuffer.allocate(FIXED_BYTES + rule.length).put(secret).putLong(key.established().toEpochMilli())
            .putLong(key.deadline().toEpochMilli()).putLong(key.clientIdentity()).put(rule).array();
        try
        {
            byte[] nonce = Random.bytes(Xaes256Gcm.NONCE_BYTES);
            byte[] head = ByteBuffer.allocate(HEAD_BYTES).put(FORMAT).putLong(sealing.id()).array();
            byte[] sealed = sealing.cipher().seal(nonce, plain, associatedData(head, key.id()));
            return ByteBuffer.allocate(SEALED_OFFSET + sealed.length).put(head).put(nonce).put(sealed).array();
        }
        finally
        {
            Arrays.fill(secret, (byte)0);
            Arrays.fill(plain, (byte)0);
        }
    }

    /**
     * @param id the session's stable id
     * @param bytes any bytes
     * @return the key, or empty when the bytes are not what {@link #encode} gave for that session, or their ticket key has ended
     */
    public Optional<SessionKey> decode(StableId id, byte[] bytes)
    {
        if (bytes.length < SEALED_OFFSET || bytes[0] != FORMAT)
        {
            return Optional.empty();
        }
        Optional<TicketKey> key = ring.get().opening(ByteBuffer.wrap(bytes).getLong(1), clock.instant());
        byte[] nonce = Arrays.copyOfRange(bytes, HEAD_BYTES, SEALED_OFFSET);
        byte[] bound = associatedData(Arrays.copyOf(bytes, HEAD_BYTES), id);
        return key.flatMap(opening -> opening.cipher().open(nonce, bytes, SEALED_OFFSET, bytes.length - SEALED_OFFSET, bound))
            .flatMap(plain -> sessionKey(id, plain));
    }

    private static Optional<SessionKey> sessionKey(StableId id, byte[] plain)
    {
        byte[] secret = new byte[Aes256Gcm.KEY_BYTES];
        try
        {
            ByteBuffer in = ByteBuffer.wrap(plain);
            in.get(secret);
            Instant established = Instant.ofEpochMilli(in.getLong());
            Instant deadline = Instant.ofEpochMilli(in.getLong());
            long clientIdentity = in.getLong();
            String rule = StandardCharsets.UTF_8.decode(in).toString();
            return Optional.of(SessionKey.of(secret, id, established, deadline, clientIdentity, rule));
        }
        catch (BufferUnderflowException e)
        {
            return Optional.empty();
        }
        finally
        {
            Arrays.fill(secret, (byte)0);
            Arrays.fill(plain, (byte)0);
        }
    }

    private static byte[] associatedData(byte[] head, StableId id)
    {
        return ByteBuffer.allocate(head.length + StableId.BYTES).put(head).put(id.bytes()).array();
    }
}
