package io.github.tlsresumption.ticket;

import java.util.HashSet;
import java.util.Set;

import io.github.tlsresumption.Trials;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * That the id is a value.
 */
class StableIdTest
{
    @Test
    void equalsTheIdOfTheSameBytes()
    {
        Trials.run(100, random ->
        {
            byte[] bytes = Trials.bytes(random, StableId.BYTES);
            StableId id = StableId.of(bytes);
            assertEquals(StableId.of(bytes), id);
            assertEquals(StableId.of(bytes).hashCode(), id.hashCode());
            byte[] other = bytes.clone();
            other[random.nextInt(other.length)] ^= (byte)(1 << random.nextInt(8));
            assertNotEquals(StableId.of(other), id);
        });
    }

    @Test
    void doesNotChangeWithTheArraysItTakesAndGives()
    {
        byte[] bytes = new byte[StableId.BYTES];
        StableId id = StableId.of(bytes);
        bytes[0] = 1;
        id.bytes()[1] = 1;
        assertArrayEquals(new byte[StableId.BYTES], id.bytes());
    }

    @Test
    void isDrawnAnewForEachSession()
    {
        Set<StableId> ids = new HashSet<>();
        for (int i = 0; i < 1000; i++)
        {
            assertTrue(ids.add(StableId.random()));
        }
    }

    @Test
    void hasOneLengthAndPrintsAsLowerCaseHexadecimal()
    {
        assertThrows(IllegalArgumentException.class, () -> StableId.of(new byte[31]));
        assertThrows(IllegalArgumentException.class, () -> StableId.of(new byte[33]));
        byte[] bytes = new byte[StableId.BYTES];
        bytes[0] = (byte)0xab;
        assertEquals("ab" + "00".repeat(31), StableId.of(bytes).toString());
    }
}
