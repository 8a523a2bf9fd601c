package io.github.tlsresumption.resumption;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.LongStream;

import io.github.tlsresumption.status.Distribution;

/**
 * Counts values in buckets. To count one takes neither lock nor memory; thread-safe.
 */
final class Histogram
{
    private final long[] bounds;
    private final LongAdder[] counts;
    private final LongAdder sum = new LongAdder();

    /**
     * @param bounds the largest value of each bucket but the last, in ascending order
     */
    Histogram(long... bounds)
    {
        this.bounds = bounds.clone();
        this.counts = new LongAdder[bounds.length + 1];
        for (int i = 0; i < counts.length; i++)
        {
            counts[i] = new LongAdder();
        }
    }

    /**
     * @param value counts as 0 when it is negative, as a clock that goes back makes it
     */
    void count(long value)
    {
        long counted = Math.max(0, value);
        int bucket = 0;
        while (bucket < bounds.length && counted > bounds[bucket])
        {
            bucket++;
        }
        counts[bucket].increment();
        sum.add(counted);
    }

    Distribution distribution()
    {
        List<Long> now = new ArrayList<>(counts.length);
        for (LongAdder count : counts)
        {
            now.add(count.sum());
        }
        return new Distribution(LongStream.of(bounds).boxed().toList(), now, sum.sum());
    }
}
