package io.github.tlsresumption.cli.report;

import java.util.stream.LongStream;

import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * How sure a median is.
 */
class IntervalTest
{
    @Test
    void oneValueIsAllThatIsKnown()
    {
        assertEquals(new Interval(7, 7), Interval.ofMedian(new long[]{7}));
        assertEquals(new Interval(1, 3), Interval.ofMedian(new long[]{1, 2, 3}));
    }

    @Test
    void moreValuesMakeItNarrower()
    {
        assertEquals(new Interval(40, 61), Interval.ofMedian(LongStream.rangeClosed(1, 100).toArray()));
    }

    /**
     * The median lies below the k-th of n values with the probability that fewer than k of n tosses are heads.
     */
    @Test
    void theMedianIsOutsideInFivePerCentAtMost()
    {
        for (int n = Comparison.LEAST_ROUNDS; n <= 600; n++)
        {
            int k = (int)Interval.ofMedian(LongStream.rangeClosed(1, n).toArray()).low();
            double probability = 0;
            double logarithm = -n * Math.log(2);
            for (int heads = 0; heads < k; heads++)
            {
                probability += Math.exp(logarithm);
                logarithm += Math.log((double)(n - heads) / (heads + 1));
            }
            assertTrue(probability <= 0.025, n + " values: " + probability);
        }
    }

    @Test
    void intervalsThatTouchOverlap()
    {
        assertTrue(new Interval(1, 2).overlaps(new Interval(2, 3)));
        assertTrue(new Interval(2, 3).overlaps(new Interval(1, 2)));
        assertTrue(new Interval(1, 9).overlaps(new Interval(2, 3)));
        assertFalse(new Interval(1, 2).overlaps(new Interval(2.1, 3)));
        assertFalse(new Interval(2.1, 3).overlaps(new Interval(1, 2)));
    }
}
