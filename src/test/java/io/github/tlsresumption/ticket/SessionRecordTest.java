package io.github.tlsresumption.ticket;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;

import io.github.tlsresumption.Trials;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * The record's encoding at its limits.
 */
class SessionRecordTest
{
    private static final List<Protocol> PROTOCOLS = List.of(Protocol.TLS_1_2, Protocol.TLS_1_3);
    private static final Instant LAST_MILLISECOND = Instant.ofEpochMilli((1L << 42) - 1);

    @Test
    void hasTheLayoutOfVersion1()
    {
        SessionRecord record = new SessionRecord(id(0x5a), Instant.ofEpochMilli(0x190_1234_5678L),
            Instant.ofEpochMilli(0x190_1234_5678L).plusSeconds(0xabcde), 0x0102030405060708L, 0x41424344, 0x1112131415161718L,
            0x21222324, 0x3132333435363738L, 0x21b2c3, Protocol.TLS_1_3, true, true);
        String times = HexFormat.of().toHexDigits(0x190_1234_5678L << 22 | 0xabcde << 2 | 3);
        assertEquals(times + "a1b2c3" + "5a".repeat(32)
            + "0102030405060708" + "41424344" + "1112131415161718" + "21222324" + "3132333435363738", encoded(record));
    }

    @Test
    void hasTheLayoutOfVersion1WithoutFlags()
    {
        SessionRecord record = new SessionRecord(id(1), Instant.EPOCH, Instant.EPOCH, 0, 0, 0, 0, 0, 0, Protocol.TLS_1_2, false, false);
        assertEquals("00".repeat(11) + "01".repeat(32) + "00".repeat(32), encoded(record));
    }

    @ParameterizedTest
    @EnumSource(value = Protocol.class, names = {"TLS_1_0", "TLS_1_1"})
    void refusesAProtocolWithoutTickets(Protocol protocol)
    {
        assertThrows(IllegalArgumentException.class, () ->
            new SessionRecord(id(1), Instant.EPOCH, Instant.EPOCH, 0, 0, 0, 0, 0, 0, protocol, false, false));
    }

    @Test
    void tellsItsFlagsApart()
    {
        assertEquals(Protocol.TLS_1_3, decoded("0000000000000002" + "000000" + "00".repeat(64)).protocol());
        assertTrue(decoded("0000000000000001" + "000000" + "00".repeat(64)).sessionKey());
        assertTrue(decoded("0000000000000000" + "800000" + "00".repeat(64)).singleUse());
        assertEquals(0, decoded("0000000000000000" + "800000" + "00".repeat(64)).stateFormat());
    }

    @Test
    void comesBackAsItWas()
    {
        Trials.run(5000, random ->
        {
            SessionRecord record = any(random);
            assertEquals(record, decoded(encoded(record)));
        });
    }

    @Test
    void comesBackAsItWasAtTheLimits()
    {
        for (Instant established : new Instant[]{Instant.EPOCH, Instant.ofEpochMilli(1), LAST_MILLISECOND})
        {
            for (Duration duration : new Duration[]{Duration.ZERO, Duration.ofSeconds(1), SessionRecord.MAX_DURATION})
            {
                for (long digest : new long[]{0, 1, -1, Long.MIN_VALUE, Long.MAX_VALUE})
                {
                    for (int stateFormat : new int[]{0, 1, 0x400000, 0x7fffff})
                    {
                        for (Protocol protocol : PROTOCOLS)
                        {
                            SessionRecord record = new SessionRecord(id(-1), established, established.plus(duration), digest, (int)~digest,
                                ~digest, (int)digest, ~digest, stateFormat, protocol, digest == 1, digest == -1);
                            assertEquals(record, decoded(encoded(record)));
                        }
                    }
                }
            }
        }
    }

    @Test
    void keepsMillisecondsOfTheHandshakeAndNeverMovesADeadlineLater()
    {
        Instant established = Instant.parse("2026-11-23T10:15:30.123999999Z");
        SessionRecord record = new SessionRecord(id(1), established, established.plusMillis(60_500), 0, 0, 0, 0, 0, 0,
            Protocol.TLS_1_3, false, false);
        assertEquals(Instant.parse("2026-11-23T10:15:30.123Z"), record.established());
        assertEquals(Instant.parse("2026-11-23T10:16:30.123Z"), record.deadline());
    }

    @Test
    void refusesTimesThatItHasNoRoomFor()
    {
        Instant now = Instant.parse("2026-11-23T10:15:30Z");
        refused(Instant.ofEpochMilli(-1), now, 0);
        refused(Instant.MIN, now, 0);
        refused(LAST_MILLISECOND.plusMillis(1), LAST_MILLISECOND.plusMillis(1), 0);
        refused(Instant.MAX, Instant.MAX, 0);
        refused(now, now.plus(SessionRecord.MAX_DURATION).plusSeconds(1), 0);
        refused(now, Instant.MAX, 0);
    }

    @Test
    void refusesTimesOutOfOrder()
    {
        Instant now = Instant.parse("2026-11-23T10:15:30Z");
        refused(now, now.minusMillis(1), 0);
        refused(now, Instant.MIN, 0);
    }

    @Test
    void refusesAStateFormatOfMoreThan23Bits()
    {
        Instant now = Instant.parse("2026-11-23T10:15:30Z");
        refused(now, now, 0x800000);
        refused(now, now, -1);
    }

    @Test
    void decodesAnyBytesToTheRecordWithThatEncoding()
    {
        Trials.run(20_000, random ->
        {
            String bytes = HexFormat.of().formatHex(Trials.bytes(random, SessionRecord.BYTES));
            assertEquals(bytes, encoded(decoded(bytes)));
        });
    }

    static SessionRecord any(Random random)
    {
        Instant established = Instant.ofEpochMilli(random.nextLong(1L << 42));
        return new SessionRecord(StableId.of(Trials.bytes(random, StableId.BYTES)), established,
            established.plusSeconds(random.nextInt(1 << 20)), random.nextLong(), random.nextInt(), random.nextLong(), random.nextInt(),
            random.nextLong(), random.nextInt(1 << 23), PROTOCOLS.get(random.nextInt(2)), random.nextBoolean(), random.nextBoolean());
    }

    private static void refused(Instant established, Instant deadline, int stateFormat)
    {
        assertThrows(IllegalArgumentException.class,
            () -> new SessionRecord(id(1), established, deadline, 0, 0, 0, 0, 0, stateFormat, Protocol.TLS_1_3, false, false));
    }

    private static String encoded(SessionRecord record)
    {
        ByteBuffer out = ByteBuffer.allocate(SessionRecord.BYTES);
        record.encode(out);
        assertEquals(0, out.remaining());
        return HexFormat.of().formatHex(out.array());
    }

    private static SessionRecord decoded(String bytes)
    {
        ByteBuffer in = ByteBuffer.wrap(HexFormat.of().parseHex(bytes));
        SessionRecord record = SessionRecord.decode(in);
        assertEquals(0, in.remaining());
        return record;
    }

    private static StableId id(int octet)
    {
        byte[] bytes = new byte[StableId.BYTES];
        Arrays.fill(bytes, (byte)octet);
        return StableId.of(bytes);
    }
}
