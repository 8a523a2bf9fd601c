package io.github.tlsresumption.ticket;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Random;

import io.github.tlsresumption.Trials;
import io.github.tlsresumption.ticket.SessionRecord.Protocol;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * The record's encoding at its limits.
 */
class SessionRecordTest
{
    private static final Instant LAST_MILLISECOND = Instant.ofEpochMilli((1L << 42) - 1);

    @Test
    void hasTheLayoutOfVersion1()
    {
        SessionRecord record = new SessionRecord(id(0x5a), Instant.ofEpochMilli(0x190_1234_5678L),
            Instant.ofEpochMilli(0x190_1234_5678L).plusSeconds(0x012345), Instant.ofEpochMilli(0x190_1234_5678L).plusSeconds(0x2abcde),
            0x0102030405060708L, 0x1112131415161718L, 0x2122232425262728L, 0x3132333435363738L, 0xa1b2c3, Protocol.TLS_1_3, true);
        String times = HexFormat.of().toHexDigits(0x190_1234_5678L << 22 | 0x2abcde);
        assertEquals("c12345" + "a1b2c3" + times + "5a".repeat(32)
            + "0102030405060708" + "1112131415161718" + "2122232425262728" + "3132333435363738", encoded(record));
    }

    @Test
    void hasTheLayoutOfVersion1WithoutFlags()
    {
        SessionRecord record = new SessionRecord(id(1), Instant.EPOCH, Instant.EPOCH, Instant.EPOCH, 0, 0, 0, 0, 0,
            Protocol.TLS_1_2, false);
        assertEquals("00".repeat(14) + "01".repeat(32) + "00".repeat(32), encoded(record));
    }

    @Test
    void comesBackAsItWas()
    {
        Trials.run(5000, random ->
        {
            SessionRecord record = any(random);
            assertEquals(Optional.of(record), decoded(encoded(record)));
        });
    }

    @Test
    void comesBackAsItWasAtTheLimits()
    {
        for (Instant established : new Instant[]{Instant.EPOCH, Instant.ofEpochMilli(1), LAST_MILLISECOND})
        {
            for (Duration age : new Duration[]{Duration.ZERO, Duration.ofSeconds(1), SessionRecord.MAX_DURATION})
            {
                for (long digest : new long[]{0, 1, -1, Long.MIN_VALUE, Long.MAX_VALUE})
                {
                    for (int stateFormat : new int[]{0, 1, 0x800000, 0xffffff})
                    {
                        for (Protocol protocol : Protocol.values())
                        {
                            SessionRecord record = new SessionRecord(id(-1), established, established.plus(age),
                                established.plus(SessionRecord.MAX_DURATION), digest, ~digest, digest, ~digest, stateFormat, protocol,
                                digest == 1);
                            assertEquals(Optional.of(record), decoded(encoded(record)));
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
        SessionRecord record = new SessionRecord(id(1), established, established.plusMillis(1999), established.plusMillis(60_500),
            0, 0, 0, 0, 0, Protocol.TLS_1_3, false);
        assertEquals(Instant.parse("2026-11-23T10:15:30.123Z"), record.established());
        assertEquals(Instant.parse("2026-11-23T10:15:31.123Z"), record.issued());
        assertEquals(Instant.parse("2026-11-23T10:16:30.123Z"), record.deadline());
    }

    @Test
    void refusesTimesThatItHasNoRoomFor()
    {
        Instant now = Instant.parse("2026-11-23T10:15:30Z");
        refused(Instant.ofEpochMilli(-1), now, now, 0);
        refused(Instant.MIN, now, now, 0);
        refused(LAST_MILLISECOND.plusMillis(1), LAST_MILLISECOND.plusMillis(1), LAST_MILLISECOND.plusMillis(1), 0);
        refused(Instant.MAX, Instant.MAX, Instant.MAX, 0);
        refused(now, now, now.plus(SessionRecord.MAX_DURATION).plusSeconds(1), 0);
        refused(now, now, Instant.MAX, 0);
        refused(now, Instant.MAX, Instant.MAX, 0);
    }

    @Test
    void refusesTimesOutOfOrder()
    {
        Instant now = Instant.parse("2026-11-23T10:15:30Z");
        refused(now, now.minusMillis(1), now, 0);
        refused(now, now, now.minusMillis(1), 0);
        refused(now, now.plusSeconds(2), now.plusSeconds(1), 0);
        refused(now, Instant.MIN, now, 0);
    }

    @Test
    void refusesAStateFormatOfMoreThan24Bits()
    {
        Instant now = Instant.parse("2026-11-23T10:15:30Z");
        refused(now, now, now, 0x1000000);
        refused(now, now, now, -1);
    }

    @Test
    void refusesToDecodeATicketIssuedAfterItsDeadline()
    {
        String late = "000002" + "000000" + "0000000000000001" + "01".repeat(32) + "00".repeat(32);
        assertEquals(Optional.empty(), decoded(late));
        assertTrue(decoded(late.replaceFirst("000002", "000001")).isPresent());
    }

    @Test
    void decodesAnyBytesToARecordWithThatEncodingOrToNothing()
    {
        Trials.run(20_000, random ->
        {
            String bytes = HexFormat.of().formatHex(Trials.bytes(random, SessionRecord.BYTES));
            decoded(bytes).ifPresent(record -> assertEquals(bytes, encoded(record)));
        });
    }

    @Test
    void movesNothingButTheTimeOfIssueWhenReissued()
    {
        Trials.run(1000, random ->
        {
            SessionRecord record = any(random);
            long seconds = random.nextLong(Duration.between(record.established(), record.deadline()).getSeconds() + 1);
            SessionRecord next = record.reissued(record.established().plusSeconds(seconds));
            assertEquals(record.established().plusSeconds(seconds), next.issued());
            assertEquals(record, next.reissued(record.issued()));
        });
    }

    @Test
    void isReissuedByAClockThatIsBehindButNotAfterTheDeadline()
    {
        Instant now = Instant.parse("2026-11-23T10:15:30Z");
        SessionRecord record = new SessionRecord(id(1), now, now.plusSeconds(5), now.plusSeconds(60), 0, 0, 0, 0, 0,
            Protocol.TLS_1_3, false);
        assertEquals(now, record.reissued(now.minusSeconds(300)).issued());
        assertEquals(now.plusSeconds(60), record.reissued(now.plusMillis(60_999)).issued());
        assertThrows(IllegalArgumentException.class, () -> record.reissued(now.plusSeconds(61)));
    }

    static SessionRecord any(Random random)
    {
        Instant established = Instant.ofEpochMilli(random.nextLong(1L << 42));
        int duration = random.nextInt(1 << 22);
        return new SessionRecord(StableId.of(Trials.bytes(random, StableId.BYTES)), established,
            established.plusSeconds(random.nextInt(duration + 1)), established.plusSeconds(duration), random.nextLong(), random.nextLong(),
            random.nextLong(), random.nextLong(), random.nextInt(1 << 24), Protocol.values()[random.nextInt(2)], random.nextBoolean());
    }

    private static void refused(Instant established, Instant issued, Instant deadline, int stateFormat)
    {
        assertThrows(IllegalArgumentException.class,
            () -> new SessionRecord(id(1), established, issued, deadline, 0, 0, 0, 0, stateFormat, Protocol.TLS_1_3, false));
    }

    private static String encoded(SessionRecord record)
    {
        ByteBuffer out = ByteBuffer.allocate(SessionRecord.BYTES);
        record.encode(out);
        assertEquals(0, out.remaining());
        return HexFormat.of().formatHex(out.array());
    }

    private static Optional<SessionRecord> decoded(String bytes)
    {
        ByteBuffer in = ByteBuffer.wrap(HexFormat.of().parseHex(bytes));
        Optional<SessionRecord> record = SessionRecord.decode(in);
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
