package io.github.tlsresumption.cli.report;

import java.util.Arrays;

/**
 * What sessions take on the server's heap.
 *
 * @param way how they are kept
 * @param sessions how many were made
 * @param growths by how many bytes the live heap grew with each batch of them; batches are of the same size
 */
public record MemoryUse(Way way, int sessions, long[] growths)
{
    /** The least number of batches of which the smallest and the largest are a 95 % interval of the median. */
    static final int BATCHES = 6;
    private static final int REFERENCE = 100_000;

    /**
     * @return for 100 000 sessions, in bytes; nothing below what a measurement can tell
     */
    public long perHundredThousand()
    {
        return Math.max(0, Arrays.stream(growths).sum()) * REFERENCE / sessions;
    }

    /**
     * @return from the batch with the smallest growth to that with the largest, for 100 000 sessions, in bytes
     */
    public Interval interval()
    {
        double scale = (double)REFERENCE * growths.length / sessions;
        return new Interval(Arrays.stream(growths).min().orElse(0) * scale, Arrays.stream(growths).max().orElse(0) * scale);
    }

    /**
     * @return whether there were enough batches for a statement
     */
    public boolean isSure()
    {
        return growths.length >= BATCHES;
    }
}
