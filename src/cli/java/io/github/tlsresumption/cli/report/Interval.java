package io.github.tlsresumption.cli.report;

/**
 * The bounds between which a value lies.
 *
 * @param low the lower bound
 * @param high the upper bound
 */
public record Interval(double low, double high)
{
    /** Standard deviations of a normal distribution on either side that hold 95 %. */
    private static final double DEVIATIONS = 1.96;

    /**
     * From the ranks of the values, whatever their distribution: the median lies below the k-th of n values as often as n tosses of a
     * coin show fewer than k heads. With fewer than six values no interval is that sure; it then spans all values.
     *
     * @param sorted values in rising order, at least one
     * @return the 95 % confidence interval of the median
     */
    static Interval ofMedian(long[] sorted)
    {
        int n = sorted.length;
        int rank = Math.max(1, (int)Math.floor((n - DEVIATIONS * Math.sqrt(n)) / 2));
        return new Interval(sorted[rank - 1], sorted[n - rank]);
    }

    /**
     * @param other of another value
     * @return whether both values may be the same
     */
    boolean overlaps(Interval other)
    {
        return low <= other.high && other.low <= high;
    }

    /**
     * @param value a value that was measured
     * @return an interval with it
     */
    Interval including(double value)
    {
        return new Interval(Math.min(low, value), Math.max(high, value));
    }
}
