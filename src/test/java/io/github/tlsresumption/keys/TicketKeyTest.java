package io.github.tlsresumption.keys;

import java.lang.reflect.Field;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

import io.github.tlsresumption.crypto.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class TicketKeyTest
{
    private static final Instant START = Instant.parse("2026-03-01T12:00:00Z");
    private static final byte[] NONCE = new byte[24];

    @ParameterizedTest
    @CsvSource({
        "-600001, PUBLISHED",
        "-1, PUBLISHED",
        "0, SEALING",
        "3599999, SEALING",
        "3600000, OPENING",
        "10799999, OPENING",
        "10800000, ENDED",
        "10800001, ENDED"})
    void eachBoundaryBelongsToTheStateThatBeginsThere(long millisAfterStart, TicketKey.State state)
    {
        assertEquals(state, key(Random.bytes(32)).state(START.plusMillis(millisAfterStart)));
    }

    @Test
    void destroyOverwritesTheSecretAndEndsTheKey() throws Exception
    {
        TicketKey key = key(Random.bytes(32));
        byte[] secret = secretField(key);
        byte[] sealed = key.cipher().seal(NONCE, new byte[]{1}, new byte[0]);

        key.destroy();

        assertArrayEquals(new byte[32], secret);
        assertTrue(key.isDestroyed());
        assertEquals(TicketKey.State.ENDED, key.state(START));
        assertTrue(key.cipher().open(NONCE, sealed, 0, sealed.length, new byte[0]).isEmpty());
        assertThrows(IllegalStateException.class, key::secret);
    }

    @Test
    void theSecretIsCopied()
    {
        byte[] secret = Random.bytes(32);
        byte[] original = secret.clone();
        TicketKey key = key(secret);

        Arrays.fill(secret, (byte)0);
        Arrays.fill(key.secret(), (byte)0);

        assertArrayEquals(original, key.secret());
    }

    @Test
    void aCopyOutlivesItsOriginalAndANewTimeDoesNot()
    {
        TicketKey key = key(Random.bytes(32));
        TicketKey copy = key.copy();
        TicketKey shorter = key.sealingUntil(START.plusSeconds(10));

        key.destroy();

        assertFalse(copy.isDestroyed());
        assertTrue(shorter.isDestroyed());
    }

    @Test
    void aKeyThatStopsEarlierOpensAsMuchShorter()
    {
        TicketKey shorter = key(Random.bytes(32)).sealingUntil(START.plusSeconds(10));

        assertEquals(START.plusSeconds(10), shorter.sealUntil());
        assertEquals(START.plusSeconds(10).plus(Duration.ofHours(2)), shorter.openUntil());
    }

    @Test
    void weakSecretsAreRefused()
    {
        byte[] ones = new byte[32];
        Arrays.fill(ones, (byte)1);
        for (byte[] weak : new byte[][]{new byte[32], ones, new byte[0], Random.bytes(16), Random.bytes(33)})
        {
            IllegalArgumentException refusal = assertThrows(IllegalArgumentException.class, () -> key(weak));
            assertTrue(refusal.getMessage().contains("weak"), refusal::getMessage);
        }
    }

    @Test
    void impossibleTimesAndTheIdZeroAreRefused()
    {
        Instant week = START.plus(TicketKey.MAX_PERIOD);
        refused("never 0", 0, START, START, START, START);
        refused("seals before it is created", 1, START, START.minusMillis(1), START, START);
        refused("stops sealing before it begins", 1, START, START, START.minusMillis(1), START);
        refused("stops opening before it stops sealing", 1, START, START, START, START.minusMillis(1));
        refused("seals for more than 7 days", 1, START, START, week.plusMillis(1), week.plusMillis(1));
        refused("opens after its last seal for more than 7 days", 1, START, START, week, week.plus(TicketKey.MAX_PERIOD).plusMillis(1));
    }

    @Test
    void theTextShowsIdAndTimesAndNoSecret()
    {
        TicketKey key = key(Random.bytes(32));

        assertTrue(key.toString().startsWith("ticket key 00000000000000ff (created 2026-03-01T11:50:00Z, seals 2026-03-01T12:00:00Z to "
            + "2026-03-01T13:00:00Z, opens until 2026-03-01T15:00:00Z)"), key::toString);
        Secrets.assertNoneIn(key.toString(), new TicketKeyRing(1, KeyRotation.newSecret(), List.of(key), Map.of()));
    }

    static byte[] secretField(TicketKey key) throws ReflectiveOperationException
    {
        Field field = TicketKey.class.getDeclaredField("secret");
        field.setAccessible(true);
        return (byte[])field.get(key);
    }

    @Test
    void whatIsDerivedIsThatOfHkdf()
    {
        byte[] secret = new byte[32];
        for (int i = 0; i < secret.length; i++)
        {
            secret[i] = (byte)i;
        }
        byte[] derived = key(secret).derive(HexFormat.of().parseHex("0102030405060708"), 40);

        // By another implementation.
        assertEquals("8d6d4731025dca602141906ddcad07fe5c8d0f4a7020f9d6a26a488bc552a7f5f55a24249938fe65", HexFormat.of().formatHex(derived));
    }

    @Test
    void whatIsDerivedDiffersByPurposeAndSecretAlone()
    {
        byte[] secret = Random.bytes(32);
        TicketKey key = key(secret);

        byte[] derived = key.derive(new byte[]{1}, 32);

        assertEquals(32, derived.length);
        assertArrayEquals(derived, key(secret).copy().derive(new byte[]{1}, 32));
        assertFalse(Arrays.equals(derived, key.derive(new byte[]{2}, 32)));
        assertFalse(Arrays.equals(derived, key(Random.bytes(32)).derive(new byte[]{1}, 32)));
        assertFalse(Arrays.equals(derived, secret));
    }

    @Test
    void aDestroyedKeyDerivesNothing()
    {
        TicketKey key = key(Random.bytes(32));

        key.destroy();

        assertThrows(IllegalStateException.class, () -> key.derive(new byte[]{1}, 32));
    }

    private static TicketKey key(byte[] secret)
    {
        return new TicketKey(0xff, START.minus(Duration.ofMinutes(10)), START, START.plus(Duration.ofHours(1)),
            START.plus(Duration.ofHours(3)), secret);
    }

    private static void refused(String why, long id, Instant created, Instant sealFrom, Instant sealUntil, Instant openUntil)
    {
        IllegalArgumentException refusal = assertThrows(IllegalArgumentException.class,
            () -> new TicketKey(id, created, sealFrom, sealUntil, openUntil, Random.bytes(32)));
        assertTrue(refusal.getMessage().contains(why), refusal::getMessage);
    }
}
