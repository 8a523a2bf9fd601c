package io.github.tlsresumption.ticket;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

import io.github.tlsresumption.Trials;
import io.github.tlsresumption.crypto.Aes256Gcm;
import io.github.tlsresumption.crypto.Random;
import io.github.tlsresumption.crypto.Xaes256Gcm;
import io.github.tlsresumption.ticket.Ticket.Opened;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * What opens, and that nothing else does.
 */
class TicketTest
{
    /** By how much SunJSSE's own seal, AES-GCM, lengthens the state. */
    private static final int ENGINES_TAG_BYTES = 16;

    private static final long KEY_ID = 0x8899aabbccddeeffL;
    private static final byte[] BOUND = "scope, engine's data".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] STATE = "the engine's state".getBytes(StandardCharsets.US_ASCII);
    private static final Instant NOW = Instant.parse("2026-11-23T10:15:30.123Z");

    private final Xaes256Gcm key = newKey();
    private final byte[] nonce = Random.bytes(Xaes256Gcm.NONCE_BYTES);
    private final SessionRecord record = new SessionRecord(StableId.random(), NOW, NOW.plusSeconds(3600), 1, 2, 3, 4,
        5, 6, Protocol.TLS_1_3, false, false);
    private final byte[] ticket = Ticket.seal(key, KEY_ID, nonce, record, STATE, BOUND);

    @Test
    void opensToWhatWasSealed()
    {
        Opened opened = Ticket.open(key, ticket, BOUND).orElseThrow();
        assertEquals(record, opened.record());
        assertArrayEquals(STATE, opened.payload());
        assertArrayEquals(nonce, opened.nonce());
    }

    @Test
    void opensToWhatWasSealedForAnyValues()
    {
        Trials.run(1000, random ->
        {
            byte[] anyNonce = Trials.bytes(random, Xaes256Gcm.NONCE_BYTES);
            byte[] payload = Trials.bytes(random, random.nextInt(Ticket.MAX_PAYLOAD_BYTES + 1));
            byte[] bound = Trials.bytes(random, random.nextInt(100));
            SessionRecord anyRecord = SessionRecordTest.any(random);
            long keyId = random.nextLong();
            byte[] sealed = Ticket.seal(key, keyId, anyNonce, anyRecord, payload, bound);
            assertEquals(OptionalLong.of(keyId), Ticket.keyId(sealed));
            Opened opened = Ticket.open(key, sealed, bound).orElseThrow();
            assertEquals(anyRecord, opened.record());
            assertArrayEquals(payload, opened.payload());
        });
    }

    @Test
    void hasTheLayoutOfVersion1()
    {
        ByteBuffer plaintext = ByteBuffer.allocate(SessionRecord.BYTES + STATE.length);
        record.encode(plaintext);
        plaintext.put(STATE);
        ByteBuffer associatedData = ByteBuffer.allocate(9 + BOUND.length).put((byte)1).putLong(KEY_ID).put(BOUND);
        byte[] sealed = key.seal(nonce, plaintext.array(), associatedData.array());
        ByteBuffer expected = ByteBuffer.allocate(33 + sealed.length).put((byte)1).putLong(KEY_ID).put(nonce).put(sealed);
        assertArrayEquals(expected.array(), ticket);
    }

    @Test
    void addsLessThan128BytesToTheEnginesOwnTicketInModeTicket()
    {
        int overhead = ticket.length - (STATE.length + ENGINES_TAG_BYTES);
        assertTrue(overhead < 128, "overhead " + overhead);
        assertEquals(Ticket.OVERHEAD_BYTES, ticket.length - STATE.length);
    }

    @Test
    void addsLessThan128BytesToTheEnginesOwnTicketInModeCache()
    {
        byte[] payload = Ticket.sealPayload(newSessionKey(), nonce, record.id(), STATE);
        int overhead = Ticket.seal(key, KEY_ID, nonce, record, payload, BOUND).length - (STATE.length + ENGINES_TAG_BYTES);
        assertTrue(overhead < 128, "overhead " + overhead);
    }

    @Test
    void isRefusedWithAnyFlippedBit()
    {
        for (int bit = 0; bit < ticket.length * Byte.SIZE; bit++)
        {
            byte[] flipped = ticket.clone();
            flipped[bit / Byte.SIZE] ^= (byte)(1 << bit % Byte.SIZE);
            assertRefused(flipped);
        }
    }

    @Test
    void isRefusedWithAnyByteReplaced()
    {
        for (int i = 0; i < ticket.length; i++)
        {
            for (int value = 0; value < 256; value++)
            {
                byte[] replaced = ticket.clone();
                replaced[i] = (byte)value;
                assertEquals(value == (ticket[i] & 0xff), Ticket.open(key, replaced, BOUND).isPresent());
            }
        }
    }

    @Test
    void isRefusedAtAnyOtherLength()
    {
        for (int length = 0; length < ticket.length + 100; length++)
        {
            if (length != ticket.length)
            {
                assertRefused(Arrays.copyOf(ticket, length));
            }
        }
        assertRefused(Arrays.copyOf(ticket, Ticket.MAX_BYTES));
        assertRefused(Arrays.copyOf(ticket, Ticket.MAX_BYTES + 1));
        assertRefused(Arrays.copyOf(ticket, 1 << 20));
        assertRefused(Arrays.copyOfRange(ticket, 1, ticket.length));
    }

    @Test
    void isRefusedWhenMadeUpOfRandomBytes()
    {
        Trials.run(5000, random ->
        {
            byte[] bytes = Trials.bytes(random, random.nextInt(400));
            assertRefused(bytes);
            if (bytes.length > 0)
            {
                bytes[0] = 1;
                assertRefused(bytes);
            }
        });
    }

    @Test
    void isRefusedWhenPutTogetherFromTwo()
    {
        byte[] other = Ticket.seal(key, KEY_ID, Random.bytes(Xaes256Gcm.NONCE_BYTES), record, STATE, BOUND);
        for (int cut = 10; cut < ticket.length; cut++)
        {
            byte[] mixed = other.clone();
            System.arraycopy(ticket, 0, mixed, 0, cut);
            // Near the ends the two may not differ.
            if (!Arrays.equals(mixed, ticket) && !Arrays.equals(mixed, other))
            {
                assertRefused(mixed);
            }
        }
    }

    @Test
    void isRefusedByAnotherKey()
    {
        assertEquals(Optional.empty(), Ticket.open(newKey(), ticket, BOUND));
    }

    @Test
    void isRefusedWhereItIsBoundToSomethingElse()
    {
        assertEquals(Optional.empty(), Ticket.open(key, ticket, new byte[0]));
        assertEquals(Optional.empty(), Ticket.open(key, ticket, Arrays.copyOf(BOUND, BOUND.length + 1)));
        assertEquals(Optional.empty(), Ticket.open(key, ticket, Arrays.copyOf(BOUND, BOUND.length - 1)));
    }

    @Test
    void isRefusedUnderAnotherKeyId()
    {
        byte[] renamed = ticket.clone();
        ByteBuffer.wrap(renamed).putLong(1, KEY_ID + 1);
        assertEquals(OptionalLong.of(KEY_ID + 1), Ticket.keyId(renamed));
        assertRefused(renamed);
    }

    @Test
    void isRefusedWhenItsKeyWasDestroyed()
    {
        key.destroy();
        assertRefused(ticket);
        assertThrows(IllegalStateException.class, () -> Ticket.seal(key, KEY_ID, nonce, record, STATE, BOUND));
    }

    @Test
    void namesItsKeyOnlyWhenItHasTheVersionAndTheLengthOfATicket()
    {
        assertEquals(OptionalLong.of(KEY_ID), Ticket.keyId(ticket));
        byte[] newer = ticket.clone();
        newer[0] = 2;
        assertEquals(OptionalLong.empty(), Ticket.keyId(newer));
        assertTrue(Ticket.keyId(Arrays.copyOf(ticket, Ticket.MIN_BYTES)).isPresent());
        assertTrue(Ticket.keyId(Arrays.copyOf(ticket, Ticket.MIN_BYTES - 1)).isEmpty());
        assertTrue(Ticket.keyId(Arrays.copyOf(ticket, Ticket.MAX_BYTES)).isPresent());
        assertTrue(Ticket.keyId(Arrays.copyOf(ticket, Ticket.MAX_BYTES + 1)).isEmpty());
        assertTrue(Ticket.keyId(new byte[0]).isEmpty());
    }

    @Test
    void takesAPayloadOfAnyLengthUpToTheLimit()
    {
        assertEquals(Ticket.MIN_BYTES, Ticket.seal(key, KEY_ID, nonce, record, new byte[0], BOUND).length);
        byte[] longest = Ticket.seal(key, KEY_ID, nonce, record, new byte[Ticket.MAX_PAYLOAD_BYTES], BOUND);
        assertEquals(Ticket.MAX_BYTES, longest.length);
        assertTrue(Ticket.open(key, longest, BOUND).isPresent());
        assertThrows(IllegalArgumentException.class,
            () -> Ticket.seal(key, KEY_ID, nonce, record, new byte[Ticket.MAX_PAYLOAD_BYTES + 1], BOUND));
    }

    @Test
    void givesTheStateOfModeCacheToTheSessionsOwnKeyOnly()
    {
        Aes256Gcm sessionKey = newSessionKey();
        byte[] payload = Ticket.sealPayload(sessionKey, nonce, record.id(), STATE);
        Opened opened = Ticket.open(key, Ticket.seal(key, KEY_ID, nonce, record, payload, BOUND), BOUND).orElseThrow();
        assertArrayEquals(STATE, Ticket.openPayload(sessionKey, opened).orElseThrow());
        assertEquals(Optional.empty(), Ticket.openPayload(newSessionKey(), opened));
        assertEquals(Optional.empty(), Ticket.openPayload(new Aes256Gcm(key.key()), opened));
        sessionKey.destroy();
        assertEquals(Optional.empty(), Ticket.openPayload(sessionKey, opened));
    }

    @Test
    void bindsTheStateOfModeCacheToItsSessionAndItsTicket()
    {
        Aes256Gcm sessionKey = newSessionKey();
        byte[] payload = Ticket.sealPayload(sessionKey, nonce, record.id(), STATE);
        SessionRecord other = new SessionRecord(StableId.random(), NOW, NOW, 1, 2, 3, 4, 5, 6, Protocol.TLS_1_3, true, false);
        assertTrue(Ticket.openPayload(sessionKey, new Opened(record, payload, nonce)).isPresent());
        assertEquals(Optional.empty(), Ticket.openPayload(sessionKey, new Opened(other, payload, nonce)));
        assertEquals(Optional.empty(),
            Ticket.openPayload(sessionKey, new Opened(record, payload, Random.bytes(Xaes256Gcm.NONCE_BYTES))));
        assertThrows(IllegalArgumentException.class,
            () -> Ticket.sealPayload(sessionKey, new byte[Aes256Gcm.NONCE_BYTES], record.id(), STATE));
        for (int length = 0; length < payload.length; length++)
        {
            assertEquals(Optional.empty(), Ticket.openPayload(sessionKey, new Opened(record, Arrays.copyOf(payload, length), nonce)));
        }
    }

    @Test
    void hasADecoyOfItsShapeThatNeverOpens()
    {
        Set<Long> keyIds = new HashSet<>();
        for (int i = 0; i < 1000; i++)
        {
            byte[] decoy = Ticket.decoy(ticket.length);
            assertEquals(ticket.length, decoy.length);
            assertTrue(keyIds.add(Ticket.keyId(decoy).orElseThrow()));
            assertRefused(decoy);
        }
    }

    @Test
    void hasADecoyForAnyLengthNeverEmptyAndNeverTooLong()
    {
        for (int length : new int[]{Integer.MIN_VALUE, -1, 0, 1})
        {
            assertEquals(1, Ticket.decoy(length).length);
        }
        assertEquals(Ticket.MAX_BYTES, Ticket.decoy(Ticket.MAX_BYTES).length);
        assertEquals(Ticket.MAX_BYTES, Ticket.decoy(Integer.MAX_VALUE).length);
        assertFalse(Arrays.equals(Ticket.decoy(200), Ticket.decoy(200)));
    }

    private void assertRefused(byte[] bytes)
    {
        assertEquals(Optional.empty(), Ticket.open(key, bytes, BOUND));
        Ticket.keyId(bytes);
    }

    private static Aes256Gcm newSessionKey()
    {
        return new Aes256Gcm(Random.bytes(Aes256Gcm.KEY_BYTES));
    }

    private static Xaes256Gcm newKey()
    {
        return new Xaes256Gcm(Random.bytes(Xaes256Gcm.KEY_BYTES));
    }
}
