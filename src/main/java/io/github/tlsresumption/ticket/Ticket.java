package io.github.tlsresumption.ticket;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;

import io.github.tlsresumption.crypto.Aes256Gcm;
import io.github.tlsresumption.crypto.Random;
import io.github.tlsresumption.crypto.Xaes256Gcm;

/**
 * The envelope that a client carries, version 1. Pure functions, safe for use by many threads.
 *
 * <p>Bytes from the network are either opened or refused: no input makes {@link #keyId}, {@link #open} or {@link #openPayload} throw.
 */
// Its ciphers are for this module's other packages.
@SuppressWarnings("exports")
public final class Ticket
{
    /*
     *   version 1 (= 1) | key id 8 | nonce 24 | XAES-256-GCM(record 75 | payload) | tag 16
     *
     * Associated data: version | key id | the caller's bytes. The first two have a fixed length, so the three cannot run into each other.
     */

    /**
     * By how much a ticket is longer than its payload.
     */
    public static final int OVERHEAD_BYTES = 1 + Long.BYTES + Xaes256Gcm.NONCE_BYTES + SessionRecord.BYTES + Xaes256Gcm.TAG_BYTES;

    /**
     * Length of the shortest ticket: one with an empty payload.
     */
    public static final int MIN_BYTES = OVERHEAD_BYTES;

    /**
     * Length of the longest ticket. A client sends it in its ClientHello, and one that is too large to be read locks the client out.
     */
    public static final int MAX_BYTES = 8 * 1024;

    /**
     * Length of the longest payload.
     */
    public static final int MAX_PAYLOAD_BYTES = MAX_BYTES - OVERHEAD_BYTES;

    private static final byte VERSION = 1;
    private static final int HEAD_BYTES = 1 + Long.BYTES;
    private static final int SEALED_OFFSET = HEAD_BYTES + Xaes256Gcm.NONCE_BYTES;

    private Ticket()
    {
    }

    /**
     * What was in a ticket.
     *
     * @param record about the session
     * @param payload the engine's state; when the record says so, still sealed under the session's key, see {@link #openPayload}
     * @param nonce the ticket's nonce
     */
    public record Opened(SessionRecord record, byte[] payload, byte[] nonce)
    {
    }

    /**
     * The cheap question, before any cryptography: is it shaped like a ticket, and which key would open it?
     *
     * @param ticket any bytes
     * @return the id of the key that it names, or nothing when no key opens it
     */
    public static OptionalLong keyId(byte[] ticket)
    {
        if (ticket.length < MIN_BYTES || ticket.length > MAX_BYTES || ticket[0] != VERSION)
        {
            return OptionalLong.empty();
        }
        return OptionalLong.of(ByteBuffer.wrap(ticket).getLong(1));
    }

    /**
     * @param key seals; a key of the ring
     * @param keyId its id, by which {@link #keyId} will tell it
     * @param nonce {@link Xaes256Gcm#NONCE_BYTES} random bytes, new for each ticket
     * @param record about the session
     * @param payload at most {@link #MAX_PAYLOAD_BYTES} bytes: the engine's state, or what {@link #sealPayload} made of it
     * @param associatedData what {@link #open} must be told again: all that the ticket is bound to
     * @return the ticket, {@link #OVERHEAD_BYTES} longer than the payload
     * @throws IllegalArgumentException when the payload is too long or the nonce has another length
     * @throws IllegalStateException when the key was destroyed
     */
    public static byte[] seal(Xaes256Gcm key, long keyId, byte[] nonce, SessionRecord record, byte[] payload, byte[] associatedData)
    {
        if (payload.length > MAX_PAYLOAD_BYTES)
        {
            throw new IllegalArgumentException("a ticket has room for " + MAX_PAYLOAD_BYTES + " bytes, not " + payload.length);
        }
        ByteBuffer plaintext = ByteBuffer.allocate(SessionRecord.BYTES + payload.length);
        record.encode(plaintext);
        plaintext.put(payload);
        byte[] sealed = key.seal(nonce, plaintext.array(), associatedData(keyId, associatedData));
        return ByteBuffer.allocate(SEALED_OFFSET + sealed.length).put(VERSION).putLong(keyId).put(nonce).put(sealed).array();
    }

    /**
     * @param key the key that {@link #keyId} tells
     * @param ticket any bytes
     * @param associatedData what was given to {@link #seal}
     * @return what was sealed; or nothing, when the bytes are not exactly what {@link #seal} gave for this key and associated data,
     *     or when the key was destroyed
     */
    public static Optional<Opened> open(Xaes256Gcm key, byte[] ticket, byte[] associatedData)
    {
        Objects.requireNonNull(key);
        Objects.requireNonNull(associatedData);
        OptionalLong keyId = keyId(ticket);
        if (keyId.isEmpty())
        {
            return Optional.empty();
        }
        byte[] nonce = new byte[Xaes256Gcm.NONCE_BYTES];
        System.arraycopy(ticket, HEAD_BYTES, nonce, 0, nonce.length);
        return key.open(nonce, ticket, SEALED_OFFSET, ticket.length - SEALED_OFFSET, associatedData(keyId.getAsLong(), associatedData))
            .map(plaintext -> opened(plaintext, nonce));
    }

    /**
     * Mode {@code cache}: seals the state under the session's own key, before {@link #seal} seals all of it under the ring's.
     * Once that key is erased the state is gone, whoever holds the ticket and the ring.
     *
     * <p>Both seals use one nonce, this one its last bytes, to save room. A nonce must be new to its key, not to the world, and the keys
     * differ. So few tickets are sealed under a session's key that AES-256-GCM itself will do.
     *
     * @param sessionKey the session's own key, never one of the ring
     * @param nonce the nonce of the ticket that the state will travel in
     * @param id the session's name, which is bound to the state
     * @param state the engine's state
     * @return the payload for {@link #seal}, {@link Aes256Gcm#TAG_BYTES} longer than the state
     * @throws IllegalArgumentException when the nonce has another length
     * @throws IllegalStateException when the key was destroyed
     */
    public static byte[] sealPayload(Aes256Gcm sessionKey, byte[] nonce, StableId id, byte[] state)
    {
        return sessionKey.seal(shortNonce(nonce), state, id.bytes());
    }

    /**
     * @param sessionKey the session's own key
     * @param opened what {@link #open} gave
     * @return the engine's state; or nothing, when {@link #sealPayload} did not make this payload for this key, nonce and session,
     *     or when the key was destroyed
     */
    public static Optional<byte[]> openPayload(Aes256Gcm sessionKey, Opened opened)
    {
        byte[] payload = opened.payload();
        return sessionKey.open(shortNonce(opened.nonce()), payload, 0, payload.length, opened.record().id().bytes());
    }

    /**
     * What to put on the wire when there is nothing to seal: it has the shape of a ticket, a key id that nobody has, and opens nowhere.
     * RFC 8446 section 4.6.1 forbids an empty ticket, and clients abort the connection at one.
     *
     * @param length the length wished; it is brought into 1 to {@link #MAX_BYTES}, for nothing may fail where decoys are needed
     * @return new random bytes, the version in front
     */
    public static byte[] decoy(int length)
    {
        byte[] decoy = Random.bytes(Math.max(1, Math.min(length, MAX_BYTES)));
        decoy[0] = VERSION;
        return decoy;
    }

    private static byte[] shortNonce(byte[] nonce)
    {
        if (nonce.length != Xaes256Gcm.NONCE_BYTES)
        {
            throw new IllegalArgumentException("a ticket's nonce has " + Xaes256Gcm.NONCE_BYTES + " bytes, not " + nonce.length);
        }
        return Arrays.copyOfRange(nonce, nonce.length - Aes256Gcm.NONCE_BYTES, nonce.length);
    }

    private static Opened opened(byte[] plaintext, byte[] nonce)
    {
        ByteBuffer in = ByteBuffer.wrap(plaintext);
        SessionRecord record = SessionRecord.decode(in);
        byte[] payload = new byte[in.remaining()];
        in.get(payload);
        return new Opened(record, payload, nonce);
    }

    private static byte[] associatedData(long keyId, byte[] callers)
    {
        return ByteBuffer.allocate(HEAD_BYTES + callers.length).put(VERSION).putLong(keyId).put(callers).array();
    }
}
