package io.github.tlsresumption.forget;

import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

class LongRowsTest
{
    @Test
    void everyRowOfAKeyIsFoundAndNoOther()
    {
        LongRows rows = filled(1000, 5);

        for (int key = 0; key < 1000; key++)
        {
            Set<Long> numbers = new HashSet<>();
            for (int slot = rows.find(key); slot != LongRows.NONE; slot = rows.findAfter(slot, key))
            {
                assertEquals(key, rows.key(slot));
                assertEquals(-key, rows.get(slot, 1));
                numbers.add(rows.get(slot, 0));
            }
            assertEquals(Set.of(0L, 1L, 2L, 3L, 4L), numbers);
        }
        assertEquals(LongRows.NONE, rows.find(1000));
        assertEquals(LongRows.NONE, rows.find(-1));
    }

    @Test
    void aCopyHasTheRowsWantedAndRoomForMore()
    {
        LongRows rows = filled(999, 1);
        LongRows copy = rows.where(slot -> rows.key(slot) % 3 == 0);

        assertEquals(333, copy.size());
        assertFalse(copy.isFull());
        for (int key = 0; key < 999; key++)
        {
            assertEquals(key % 3 == 0, copy.find(key) != LongRows.NONE);
        }
        assertEquals(999, rows.size());
        assertEquals(0, rows.where(slot -> false).size());
    }

    @Test
    void aTenthOfAFewRowsIsExactAndNeverNone()
    {
        for (int size : new int[]{1, 9, 10, 11, 20, 99, 100, 4096})
        {
            LongRows rows = new LongRows(1, size);
            for (int i = 1; i <= size; i++)
            {
                rows.add(i * 31L, i);
            }
            assertEquals(Math.max(1, size / 10), rows.tenth(0), () -> "of " + size);
        }
    }

    @Test
    void aTenthOfManyRowsIsAboutThat()
    {
        LongRows rows = new LongRows(1, 100_000);
        for (int i = 1; i <= 100_000; i++)
        {
            rows.add(i, i);
        }
        long tenth = rows.tenth(0);

        // The sample strays by less than 0.5 % (1 in 20 times); five times as much never happens.
        assertTrue(tenth > 7_500 && tenth < 12_500, () -> "up to " + tenth);
    }

    @Test
    void whetherANumberIsReachedIsToldExactly()
    {
        LongRows rows = new LongRows(1, 0);
        assertFalse(rows.hasUpTo(Long.MAX_VALUE, 0));
        rows.add(1, 5);
        rows.add(2, 9);

        assertTrue(rows.hasUpTo(5, 0));
        assertFalse(rows.hasUpTo(4, 0));
    }

    /*
     * With one order for all tables this takes minutes: the first half of the keys would belong in the first half of the slots.
     */
    @Test
    @Timeout(value = 20, unit = TimeUnit.SECONDS)
    void keysInTheOrderOfAnotherTableFillOneQuickly()
    {
        Random random = new Random(1);
        LongRows original = new LongRows(1, 1_000_000);
        for (int i = 0; i < 1_000_000; i++)
        {
            original.add(random.nextLong(), i);
        }
        LongRows rows = new LongRows(1, 0);
        for (int slot = 0; slot < original.slots(); slot++)
        {
            if (original.isUsed(slot))
            {
                rows = rows.isFull() ? rows.where(any -> true) : rows;
                rows.add(original.key(slot), original.get(slot, 0));
            }
        }
        assertEquals(1_000_000, rows.size());
        assertNotEquals(LongRows.NONE, rows.find(new Random(1).nextLong()));
    }

    private static LongRows filled(int keys, int rowsOfEach)
    {
        LongRows rows = new LongRows(2, 0);
        for (int number = 0; number < rowsOfEach; number++)
        {
            for (int key = 0; key < keys; key++)
            {
                rows = rows.isFull() ? rows.where(any -> true) : rows;
                rows.add(key, number, -key);
            }
        }
        return rows;
    }
}
