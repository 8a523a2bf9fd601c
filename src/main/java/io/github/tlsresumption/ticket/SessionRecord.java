package io.github.tlsresumption.ticket;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Objects;
import java.util.Optional;

/**
 * What the ticket says about its session, beside the engine's own state: who, since when, until when, and where it is good.
 * A record that exists can be encoded: the constructor refuses what the encoding has no room for. Immutable.
 *
 * @param id the session's name over all its resumptions
 * @param established when the full handshake was; kept to the millisecond, 1970 to 2109
 * @param issued when this ticket was made, not before {@code established}; kept to the second after {@code established}, rounded down
 * @param deadline when the session ends, not before {@code issued}, at most {@link #MAX_DURATION} after {@code established};
 *     kept to the second after {@code established}, rounded down
 * @param clientIdentity a keyed hash of the client's identity, 0 for none
 * @param sniDigest a digest of the host name that the client asked for, or of there being none
 * @param scopeDigest a digest of the scope within which the session may be resumed
 * @param contextDigest a digest of the client-authentication setting, the trust anchors and the server's certificates in force
 * @param stateFormat the mark of the engine's state format, 24 bits
 * @param protocol the session's protocol version
 * @param sessionKey whether the payload beside this record is sealed once more, under the session's own key (mode {@code cache})
 */
public record SessionRecord(StableId id, Instant established, Instant issued, Instant deadline, long clientIdentity, long sniDigest,
    long scopeDigest, long contextDigest, int stateFormat, Protocol protocol, boolean sessionKey)
{
    /*
     * 78 bytes, big-endian, all of them meaningful: a new field or flag needs a new version of the envelope.
     *
     *   offset  bytes
     *        0      3  session key 1 bit (1: payload is under one) | protocol 1 bit (1: TLS 1.3) | issued 22 bits, s after established
     *        3      3  state format
     *        6      8  established 42 bits, ms since 1970 | deadline 22 bits, s after established
     *       14     32  stable id
     *       46      8  client identity
     *       54      8  SNI digest
     *       62      8  scope digest
     *       70      8  context digest
     *
     * 78 is what is left: with 1 + 8 + 24 + 16 bytes of the envelope and 16 of the second seal in mode cache, a ticket is
     * then 127 bytes longer than the engine's own, whose tag of 16 we save. Hence the odd numbers of bits:
     * 42 of milliseconds reach 2109, 22 of seconds 48 days, where RFC 8446 section 4.6.1 lets a ticket live for 7.
     */

    /**
     * Length of an encoded record.
     */
    public static final int BYTES = 78;

    /**
     * The longest time from {@code established} to {@code deadline}: 2^22 - 1 seconds, 48 days and a half.
     */
    public static final Duration MAX_DURATION = Duration.ofSeconds((1 << 22) - 1);

    private static final int SECONDS_BITS = 22;
    private static final int SECONDS_MASK = (1 << SECONDS_BITS) - 1;
    private static final int SESSION_KEY_BIT = 1 << 23;
    private static final int TLS_1_3_BIT = 1 << 22;
    private static final int STATE_FORMAT_MASK = 0xff_ff_ff;
    private static final Instant END_OF_TIME = Instant.ofEpochMilli(1L << 42);

    /**
     * The versions of TLS whose sessions can be resumed by tickets here.
     */
    public enum Protocol
    {
        /** TLS 1.2, RFC 5246. */
        TLS_1_2,
        /** TLS 1.3, RFC 8446. */
        TLS_1_3
    }

    /**
     * @throws IllegalArgumentException when the times are not in order or a value is out of its range
     */
    public SessionRecord
    {
        Objects.requireNonNull(id);
        Objects.requireNonNull(protocol);
        if (established.isBefore(Instant.EPOCH) || !established.isBefore(END_OF_TIME))
        {
            throw new IllegalArgumentException("established is out of range: " + established);
        }
        established = established.truncatedTo(ChronoUnit.MILLIS);
        long issuedSeconds = Duration.between(established, issued).getSeconds();
        long deadlineSeconds = Duration.between(established, deadline).getSeconds();
        if (issuedSeconds < 0 || issuedSeconds > deadlineSeconds || deadlineSeconds > SECONDS_MASK)
        {
            throw new IllegalArgumentException("not in order, or more than " + MAX_DURATION.toDays() + " days: established " + established
                + ", issued " + issued + ", deadline " + deadline);
        }
        issued = established.plusSeconds(issuedSeconds);
        deadline = established.plusSeconds(deadlineSeconds);
        if ((stateFormat & ~STATE_FORMAT_MASK) != 0)
        {
            throw new IllegalArgumentException("a state format has 24 bits: " + stateFormat);
        }
    }

    /**
     * The same session in its next ticket: nothing moves but the time of issue, the deadline least of all.
     *
     * @param now the time of issue; a clock behind the one that established the session counts as {@code established}
     * @return a record that differs in {@code issued} alone
     * @throws IllegalArgumentException when the deadline has passed
     */
    public SessionRecord reissued(Instant now)
    {
        Instant time = now.isBefore(established) ? established : now;
        return new SessionRecord(id, established, time, deadline, clientIdentity, sniDigest, scopeDigest, contextDigest,
            stateFormat, protocol, sessionKey);
    }

    void encode(ByteBuffer out)
    {
        int flags = (sessionKey ? SESSION_KEY_BIT : 0) | (protocol == Protocol.TLS_1_3 ? TLS_1_3_BIT : 0);
        put24(out, flags | (int)Duration.between(established, issued).getSeconds());
        put24(out, stateFormat);
        out.putLong(established.toEpochMilli() << SECONDS_BITS | Duration.between(established, deadline).getSeconds());
        out.put(id.bytes());
        out.putLong(clientIdentity).putLong(sniDigest).putLong(scopeDigest).putLong(contextDigest);
    }

    /*
     * Reads BYTES bytes; nothing when they are no record.
     */
    static Optional<SessionRecord> decode(ByteBuffer in)
    {
        int flagsAndIssued = get24(in);
        int stateFormat = get24(in);
        long times = in.getLong();
        byte[] id = new byte[StableId.BYTES];
        in.get(id);
        long clientIdentity = in.getLong();
        long sniDigest = in.getLong();
        long scopeDigest = in.getLong();
        long contextDigest = in.getLong();

        int issuedSeconds = flagsAndIssued & SECONDS_MASK;
        long deadlineSeconds = times & SECONDS_MASK;
        if (issuedSeconds > deadlineSeconds)
        {
            return Optional.empty();
        }
        Instant established = Instant.ofEpochMilli(times >>> SECONDS_BITS);
        return Optional.of(new SessionRecord(StableId.of(id), established, established.plusSeconds(issuedSeconds),
            established.plusSeconds(deadlineSeconds), clientIdentity, sniDigest, scopeDigest, contextDigest, stateFormat,
            (flagsAndIssued & TLS_1_3_BIT) != 0 ? Protocol.TLS_1_3 : Protocol.TLS_1_2, (flagsAndIssued & SESSION_KEY_BIT) != 0));
    }

    private static void put24(ByteBuffer out, int value)
    {
        out.put((byte)(value >>> 16)).putShort((short)value);
    }

    private static int get24(ByteBuffer in)
    {
        return (in.get() & 0xff) << 16 | in.getShort() & 0xffff;
    }
}
