package io.github.tlsresumption.ticket;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Objects;

/**
 * What the ticket says about its session, beside the engine's own state: who, since when, until when, and where it is good.
 * A record that exists can be encoded: the constructor refuses what the encoding has no room for. Immutable.
 *
 * @param id the session's name over all its resumptions
 * @param established when the full handshake was; kept to the millisecond, 1970 to 2109
 * @param deadline when the session ends, not before {@code established}, at most {@link #MAX_DURATION} after it;
 *     kept to the second after {@code established}, rounded down
 * @param clientIdentity a keyed hash of the client's identity, 0 for none
 * @param ruleIdentity a keyed hash of the rule that gave the session its terms, 0 for none
 * @param sniDigest a digest of the host name that the client asked for, or of there being none
 * @param scopeDigest a digest of the scope within which the session may be resumed
 * @param contextDigest a digest of the client-authentication setting, the settings of validation and the server's certificates in force
 * @param stateFormat the mark of the engine's state format, 23 bits
 * @param protocol the session's protocol version: TLS 1.2 or TLS 1.3
 * @param sessionKey whether the payload beside this record is sealed once more, under the session's own key (mode {@code cache})
 * @param singleUse whether the ticket resumes once only
 */
public record SessionRecord(StableId id, Instant established, Instant deadline, long clientIdentity, int ruleIdentity, long sniDigest,
    int scopeDigest, long contextDigest, int stateFormat, Protocol protocol, boolean sessionKey, boolean singleUse)
{
    /*
     * 75 bytes, big-endian, all of them meaningful: a new field or flag needs a new version of the envelope.
     *
     *   offset  bytes
     *        0      8  established 42 bits, ms since 1970 | deadline 20 bits, s after established
     *                  | protocol 1 bit (1: TLS 1.3) | session key 1 bit (1: payload is under one)
     *        8      3  single use 1 bit | state format 23 bits
     *       11     32  stable id
     *       43      8  client identity
     *       51      4  rule identity
     *       55      8  SNI digest
     *       63      4  scope digest
     *       67      8  context digest
     *
     * Together with 1 + 8 + 24 + 16 bytes of the envelope, 16 of the second seal in mode cache and 3 by which the engine's part
     * finds a client's certificates, a ticket is then 127 bytes longer than the engine's own, whose tag of 16 we save. Hence the
     * odd numbers of bits: 42 of milliseconds reach 2109, 20 of seconds 12 days, where RFC 8446 section 4.6.1 lets a ticket live
     * for 7.
     */

    /**
     * Length of an encoded record.
     */
    public static final int BYTES = 75;

    /**
     * The longest time from {@code established} to {@code deadline}: 2^20 - 1 seconds, 12 days.
     */
    public static final Duration MAX_DURATION = Duration.ofSeconds((1 << 20) - 1);

    private static final int SECONDS_BITS = 20;
    private static final int SECONDS_MASK = (1 << SECONDS_BITS) - 1;
    private static final int TLS_1_3_BIT = 1 << 1;
    private static final int SESSION_KEY_BIT = 1;
    private static final int FLAG_BITS = 2;
    private static final int SINGLE_USE_BIT = 1 << 23;
    private static final int STATE_FORMAT_MASK = SINGLE_USE_BIT - 1;
    private static final Instant END_OF_TIME = Instant.ofEpochMilli(1L << 42);

    /**
     * @throws IllegalArgumentException when the times are not in order, a value is out of its range, or the protocol has no tickets
     */
    public SessionRecord
    {
        Objects.requireNonNull(id);
        if (!protocol.hasTickets())
        {
            throw new IllegalArgumentException("no tickets in " + protocol);
        }
        if (established.isBefore(Instant.EPOCH) || !established.isBefore(END_OF_TIME))
        {
            throw new IllegalArgumentException("established is out of range: " + established);
        }
        established = established.truncatedTo(ChronoUnit.MILLIS);
        long seconds = Duration.between(established, deadline).getSeconds();
        if (seconds < 0 || seconds > SECONDS_MASK)
        {
            throw new IllegalArgumentException("not in order, or more than " + MAX_DURATION.toDays() + " days: established " + established
                + ", deadline " + deadline);
        }
        deadline = established.plusSeconds(seconds);
        if ((stateFormat & ~STATE_FORMAT_MASK) != 0)
        {
            throw new IllegalArgumentException("a state format has 23 bits: " + stateFormat);
        }
    }

    void encode(ByteBuffer out)
    {
        long seconds = Duration.between(established, deadline).getSeconds();
        int flags = (protocol == Protocol.TLS_1_3 ? TLS_1_3_BIT : 0) | (sessionKey ? SESSION_KEY_BIT : 0);
        out.putLong((established.toEpochMilli() << SECONDS_BITS | seconds) << FLAG_BITS | flags);
        int format = (singleUse ? SINGLE_USE_BIT : 0) | stateFormat;
        out.put((byte)(format >>> 16)).putShort((short)format);
        out.put(id.bytes());
        out.putLong(clientIdentity).putInt(ruleIdentity).putLong(sniDigest).putInt(scopeDigest).putLong(contextDigest);
    }

    /*
     * Reads BYTES bytes; any are a record.
     */
    static SessionRecord decode(ByteBuffer in)
    {
        long times = in.getLong();
        int format = (in.get() & 0xff) << 16 | in.getShort() & 0xffff;
        byte[] id = new byte[StableId.BYTES];
        in.get(id);
        long clientIdentity = in.getLong();
        int ruleIdentity = in.getInt();
        long sniDigest = in.getLong();
        int scopeDigest = in.getInt();
        long contextDigest = in.getLong();

        Instant established = Instant.ofEpochMilli(times >>> SECONDS_BITS + FLAG_BITS);
        Instant deadline = established.plusSeconds(times >>> FLAG_BITS & SECONDS_MASK);
        return new SessionRecord(StableId.of(id), established, deadline, clientIdentity, ruleIdentity, sniDigest, scopeDigest,
            contextDigest, format & STATE_FORMAT_MASK, (times & TLS_1_3_BIT) != 0 ? Protocol.TLS_1_3 : Protocol.TLS_1_2,
            (times & SESSION_KEY_BIT) != 0, (format & SINGLE_USE_BIT) != 0);
    }
}
