package io.github.tlsresumption;

import java.util.Random;
import java.util.function.Consumer;

/**
 * Repeats a property with random values. A failure names the seed of its trial; {@code -Dtrials.seed=N} runs that one alone.
 */
public final class Trials
{
    private Trials()
    {
    }

    /**
     * @param count how often
     * @param property is given its own generator each time, and throws when it does not hold
     */
    public static void run(int count, Consumer<Random> property)
    {
        Long only = Long.getLong("trials.seed");
        if (only != null)
        {
            run(only, property);
            return;
        }
        Random seeds = new Random();
        for (int i = 0; i < count; i++)
        {
            run(seeds.nextLong(), property);
        }
    }

    /**
     * @param random gives the bytes
     * @param count how many
     * @return new random bytes
     */
    public static byte[] bytes(Random random, int count)
    {
        byte[] bytes = new byte[count];
        random.nextBytes(bytes);
        return bytes;
    }

    private static void run(long seed, Consumer<Random> property)
    {
        try
        {
            property.accept(new Random(seed));
        }
        catch (RuntimeException | Error e)
        {
            throw new AssertionError("with -Dtrials.seed=" + seed + ": " + e.getMessage(), e);
        }
    }
}
