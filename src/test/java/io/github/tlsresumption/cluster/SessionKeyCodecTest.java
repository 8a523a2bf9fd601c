package io.github.tlsresumption.cluster;

import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;

import io.github.tlsresumption.FakeClock;
import io.github.tlsresumption.Trials;
import io.github.tlsresumption.keys.KeyRotation;
import io.github.tlsresumption.keys.TicketKeyRing;
import io.github.tlsresumption.sessions.SessionKey;
import io.github.tlsresumption.sessions.SessionKeys;
import io.github.tlsresumption.ticket.StableId;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class SessionKeyCodecTest
{
    private static final Instant START = Instant.parse("2026-11-24T10:00:00Z");

    private final FakeClock clock = new FakeClock(START);
    private TicketKeyRing ring = KeyRotation.DEFAULT.next(TicketKeyRing.empty(), START);
    private final SessionKeyCodec codec = new SessionKeyCodec(() -> ring, clock);
    private final StableId id = StableId.random();
    private final SessionKey key = SessionKeys.of(id, START.plus(Duration.ofHours(1)), -4711, "rüle");

    @Test
    void aKeyComesBackAsItWas()
    {
        SessionKey back = codec.decode(id, codec.encode(key).orElseThrow()).orElseThrow();
        assertArrayEquals(key.secret(), back.secret());
        assertEquals(key.id(), back.id());
        assertEquals(key.established(), back.established());
        assertEquals(key.deadline(), back.deadline());
        assertEquals(key.clientIdentity(), back.clientIdentity());
        assertEquals(key.rule(), back.rule());
    }

    @Test
    void itIsGoodForItsSessionAndItsRingAlone()
    {
        byte[] bytes = codec.encode(key).orElseThrow();
        assertEquals(Optional.empty(), codec.decode(StableId.random(), bytes));
        ring = KeyRotation.DEFAULT.next(TicketKeyRing.empty(), START);
        assertEquals(Optional.empty(), codec.decode(id, bytes));
    }

    @Test
    void itEndsWithTheTicketKeyThatSealedIt()
    {
        byte[] bytes = codec.encode(key).orElseThrow();
        Instant end = ring.keys().get(0).openUntil();
        clock.set(end.minusMillis(1));
        assertTrue(codec.decode(id, bytes).isPresent());
        clock.set(end);
        assertEquals(Optional.empty(), codec.decode(id, bytes));
    }

    @Test
    void withoutATicketKeyNothingIsStored()
    {
        ring = TicketKeyRing.empty();
        assertEquals(Optional.empty(), codec.encode(key));
    }

    @Test
    void aDestroyedKeyIsNotStored()
    {
        key.destroy();
        assertThrows(IllegalStateException.class, () -> codec.encode(key));
    }

    @Test
    void anyOtherBytesAreNoKey()
    {
        byte[] bytes = codec.encode(key).orElseThrow();
        for (int length = 0; length < bytes.length; length++)
        {
            assertEquals(Optional.empty(), codec.decode(id, Arrays.copyOf(bytes, length)));
        }
        for (int i = 0; i < bytes.length; i++)
        {
            byte[] changed = bytes.clone();
            changed[i] ^= 1;
            assertEquals(Optional.empty(), codec.decode(id, changed), "byte " + i);
        }
        Trials.run(1000, random -> assertEquals(Optional.empty(), codec.decode(id, Trials.bytes(random, random.nextInt(300)))));
    }
}
