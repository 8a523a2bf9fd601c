package io.github.tlsresumption.resumption;

import java.util.ArrayList;
import java.util.List;

import io.github.tlsresumption.status.Distribution;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

class HistogramTest
{
    private final Histogram histogram = new Histogram(10, 100);

    @Test
    void aValueBelongsToTheFirstBucketWhoseBoundItDoesNotExceed()
    {
        for (long value : new long[]{-5, 0, 10, 11, 100, 101, Long.MAX_VALUE / 4})
        {
            histogram.count(value);
        }
        Distribution distribution = histogram.distribution();
        assertEquals(List.of(10L, 100L), distribution.bounds());
        assertEquals(List.of(3L, 2L, 2L), distribution.counts());
        assertEquals(7, distribution.count());
        assertEquals(222 + Long.MAX_VALUE / 4, distribution.sum());
    }

    @Test
    void aQuantileIsTheLeastBoundThatSoManyDoNotExceed()
    {
        assertEquals(0, histogram.distribution().quantile(0.5));
        for (int i = 0; i < 9; i++)
        {
            histogram.count(1);
        }
        histogram.count(50);
        assertEquals(10, histogram.distribution().quantile(0.9));
        assertEquals(100, histogram.distribution().quantile(0.91));
        assertEquals(5.9, histogram.distribution().mean());
        histogram.count(1_000);
        assertEquals(Long.MAX_VALUE, histogram.distribution().quantile(1));
    }

    @Test
    void nothingIsLostWhenManyCount() throws InterruptedException
    {
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 4; i++)
        {
            Thread thread = new Thread(() ->
            {
                for (int value = 0; value < 10_000; value++)
                {
                    histogram.count(value % 200);
                }
            });
            threads.add(thread);
            thread.start();
        }
        for (Thread thread : threads)
        {
            thread.join();
        }
        assertEquals(List.of(2_200L, 18_000L, 19_800L), histogram.distribution().counts());
    }

    @Test
    void aDistributionHasOneCountMoreThanBounds()
    {
        assertThrows(IllegalArgumentException.class, () -> new Distribution(List.of(1L), List.of(1L), 0));
    }
}
