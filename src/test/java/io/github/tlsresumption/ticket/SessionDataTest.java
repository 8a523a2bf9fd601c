package io.github.tlsresumption.ticket;

import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;

import io.github.tlsresumption.Trials;
import io.github.tlsresumption.crypto.Xaes256Gcm;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

class SessionDataTest
{
    private static final Instant NOW = Instant.parse("2026-11-23T10:00:00.123Z");
    private static final SessionRecord RECORD = new SessionRecord(StableId.random(), NOW, NOW.plus(Duration.ofHours(1)), 1, 2, 3, 4, 5, 6,
        Protocol.TLS_1_2, true, false);

    @Test
    void comesBackAsItWas()
    {
        Trials.run(200, random ->
        {
            byte[] nonce = Trials.bytes(random, Xaes256Gcm.NONCE_BYTES);
            byte[] payload = Trials.bytes(random, random.nextInt(300));
            Ticket.Opened opened = SessionData.decode(SessionData.encode(nonce, RECORD, payload)).orElseThrow();
            assertEquals(RECORD, opened.record());
            assertArrayEquals(payload, opened.payload());
            assertArrayEquals(nonce, opened.nonce());
        });
    }

    @Test
    void whatIsTooShortOrOfAnotherVersionIsNothing()
    {
        byte[] data = SessionData.encode(new byte[Xaes256Gcm.NONCE_BYTES], RECORD, new byte[0]);
        assertTrue(SessionData.decode(data).isPresent());
        assertTrue(SessionData.decode(Arrays.copyOf(data, data.length - 1)).isEmpty());
        assertTrue(SessionData.decode(new byte[0]).isEmpty());
        data[0]++;
        assertTrue(SessionData.decode(data).isEmpty());
    }

    @Test
    void aNameTellsItsKeyAndNoNameTellsNone()
    {
        byte[] name = TicketKeyName.of(0x1122334455667788L);
        assertEquals(TicketKeyName.BYTES, name.length);
        assertEquals(0x1122334455667788L, TicketKeyName.keyId(name).orElseThrow());
        assertFalse(Arrays.equals(name, TicketKeyName.of(0x1122334455667788L)), "each is another");
        assertTrue(TicketKeyName.keyId(Arrays.copyOf(name, TicketKeyName.BYTES - 1)).isEmpty());
        assertTrue(TicketKeyName.keyId(Ticket.decoy(TicketKeyName.BYTES)).isEmpty());
        assertNotEquals(1, name[0], "an envelope is no name");
    }
}
