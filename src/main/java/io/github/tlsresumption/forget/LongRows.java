package io.github.tlsresumption.forget;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.IntPredicate;

/**
 * Rows of a key and a few numbers, in one array: a hash table with open addressing that allows several rows of one key.
 * Takes a third of the memory of a map of objects, and the garbage collector has nothing to follow.
 *
 * <p>One thread at a time adds and changes rows; any number may read meanwhile, without a lock. Rows never go: the
 * writer makes another table {@link #where} they are left out.
 */
final class LongRows
{
    static final int NONE = -1;

    private static final VarHandle CELL = MethodHandles.arrayElementVarHandle(long[].class);
    private static final long EMPTY = 0;
    /** Stands for the key 0: two of 2^64 numbers are taken for one, so at worst too much is forgotten. */
    private static final long ZERO = 0x9e3779b97f4a7c15L;
    private static final int LEAST_SLOTS = 32;
    private static final int SAMPLE = 4096;

    private final long seed;
    private final int width;
    private final int slots;
    private final int limit;
    private final long[] cells;
    private int size;

    /**
     * @param columns how many numbers beside the key
     * @param rows how many rows there will be, about
     */
    LongRows(int columns, int rows)
    {
        this(columns, rows, ThreadLocalRandom.current().nextLong());
    }

    /*
     * Each table has an order of its own, and a copy that of its original. Keys that come in the order of another table,
     * from a file that one wrote, would otherwise fill a table that is still small from one end, and take minutes.
     */
    private LongRows(int columns, int rows, long seed)
    {
        this.seed = seed;
        this.width = columns + 1;
        this.slots = Math.max(LEAST_SLOTS, Integer.highestOneBit(Math.multiplyExact(rows, 3) - 1));
        this.limit = slots / 3 * 2;
        this.cells = new long[Math.multiplyExact(slots, width)];
    }

    /**
     * @return the slot of the first row of the key, or {@link #NONE}
     */
    int find(long key)
    {
        return search(stored(key), home(stored(key)));
    }

    /**
     * @return the slot of the row of that key after this slot, or {@link #NONE}
     */
    int findAfter(int slot, long key)
    {
        return search(stored(key), slot + 1 & slots - 1);
    }

    long get(int slot, int column)
    {
        return (long)CELL.getOpaque(cells, slot * width + 1 + column);
    }

    void set(int slot, int column, long value)
    {
        CELL.setOpaque(cells, slot * width + 1 + column, value);
    }

    /**
     * @return this table, or a larger copy when the next row would not find room in it
     */
    LongRows withRoom()
    {
        return isFull() ? where(any -> true) : this;
    }

    /**
     * @return whether the next row needs a larger table
     */
    boolean isFull()
    {
        return size >= limit;
    }

    /**
     * Adds a row to a table that is not full, behind those of the same key.
     */
    void add(long key, long... values)
    {
        int slot = search(EMPTY, home(stored(key)));
        for (int column = 0; column < values.length; column++)
        {
            set(slot, column, values[column]);
        }
        // Last, so that whoever sees the key sees the row.
        CELL.setRelease(cells, slot * width, stored(key));
        size++;
    }

    int size()
    {
        return size;
    }

    /**
     * @return how many slots to look at, for those who want all rows
     */
    int slots()
    {
        return slots;
    }

    boolean isUsed(int slot)
    {
        return keyAt(slot) != EMPTY;
    }

    long key(int slot)
    {
        long key = keyAt(slot);
        return key == ZERO ? 0 : key;
    }

    /**
     * @param keep tells for a slot whether its row is wanted
     * @return a new table of the rows wanted, with room for some more
     */
    LongRows where(IntPredicate keep)
    {
        int kept = 0;
        for (int slot = 0; slot < slots; slot++)
        {
            kept += isUsed(slot) && keep.test(slot) ? 1 : 0;
        }
        LongRows copy = new LongRows(width - 1, kept + kept / 4 + 1, seed);
        for (int slot = 0; slot < slots; slot++)
        {
            if (isUsed(slot) && keep.test(slot))
            {
                int place = copy.search(EMPTY, copy.home(keyAt(slot)));
                System.arraycopy(cells, slot * width, copy.cells, place * width, width);
                copy.size++;
            }
        }
        return copy;
    }

    /**
     * @return whether a row has this number or a smaller one in a column
     */
    boolean hasUpTo(long number, int column)
    {
        for (int slot = 0; slot < slots; slot++)
        {
            if (isUsed(slot) && get(slot, column) <= number)
            {
                return true;
            }
        }
        return false;
    }

    /**
     * Looks at a few thousand rows only, wherever chance has put them.
     *
     * @return a number in a column that about a tenth of the rows, and at least one, do not exceed; the table is not empty
     */
    long tenth(int column)
    {
        long[] sample = new long[Math.min(size, SAMPLE)];
        int count = 0;
        for (int slot = 0; count < sample.length; slot++)
        {
            if (isUsed(slot))
            {
                sample[count++] = get(slot, column);
            }
        }
        Arrays.sort(sample);
        return sample[Math.max(0, count / 10 - 1)];
    }

    private int search(long key, int from)
    {
        for (int slot = from; ; slot = slot + 1 & slots - 1)
        {
            long present = keyAt(slot);
            if (present == key)
            {
                return slot;
            }
            if (present == EMPTY)
            {
                return NONE;
            }
        }
    }

    private long keyAt(int slot)
    {
        return (long)CELL.getAcquire(cells, slot * width);
    }

    private int home(long key)
    {
        long hash = (key ^ seed) * ZERO;
        return (int)((hash ^ hash >>> 32) * ZERO >>> Long.numberOfLeadingZeros(slots - 1));
    }

    private static long stored(long key)
    {
        return key == EMPTY ? ZERO : key;
    }
}
