package io.github.tlsresumption.status;

import java.util.List;

/**
 * How often a value was met, by size.
 *
 * @param bounds in ascending order; a value belongs to the first that it does not exceed
 * @param counts one for each bound, and one more for what exceeds them all
 * @param sum of all values
 */
public record Distribution(List<Long> bounds, List<Long> counts, long sum)
{
    /**
     * @throws IllegalArgumentException when there is not one count more than there are bounds
     */
    public Distribution
    {
        bounds = List.copyOf(bounds);
        counts = List.copyOf(counts);
        if (counts.size() != bounds.size() + 1)
        {
            throw new IllegalArgumentException(bounds.size() + " bounds, but " + counts.size() + " counts");
        }
    }

    /**
     * @return how many values there were
     */
    public long count()
    {
        return counts.stream().mapToLong(Long::longValue).sum();
    }

    /**
     * @return the mean, 0 when there was no value
     */
    public double mean()
    {
        long count = count();
        return count == 0 ? 0 : (double)sum / count;
    }

    /**
     * @param share such as 0.99
     * @return the least bound that this share of the values does not exceed: 0 when there was no value, {@link Long#MAX_VALUE} when
     * no bound is large enough
     */
    public long quantile(double share)
    {
        long count = count();
        if (count == 0)
        {
            return 0;
        }
        double needed = share * count;
        long seen = 0;
        for (int i = 0; i < bounds.size(); i++)
        {
            seen += counts.get(i);
            if (seen >= needed)
            {
                return bounds.get(i);
            }
        }
        return Long.MAX_VALUE;
    }
}
