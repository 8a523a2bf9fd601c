package io.github.tlsresumption.admin;

import java.time.Duration;
import java.util.OptionalDouble;

/**
 * What a connector has done lately, beside what it did before.
 *
 * @param length how long that is
 * @param counted in that time
 * @param before what it had counted when that time began
 */
record Recent(Duration length, Counters counted, Counters before)
{
    /** With fewer handshakes nothing is told about a share. */
    private static final int ENOUGH = 20;
    /** With fewer handshakes before, nothing is known of what is usual. */
    private static final int ENOUGH_BEFORE = 100;
    private static final double LEAST_FALL = 0.1;
    private static final double DEVIATIONS = 3;

    /**
     * @return the share of resumed handshakes that this connector had before, if it had enough handshakes
     */
    OptionalDouble usualShare()
    {
        return before.all() >= ENOUGH_BEFORE ? OptionalDouble.of(before.share()) : OptionalDouble.empty();
    }

    /**
     * @return whether there were enough handshakes to judge their share
     */
    boolean isTelling()
    {
        return counted.all() >= ENOUGH;
    }

    /**
     * @return whether the share is lower than is usual here, by more than chance explains
     */
    boolean isUnusuallyLow()
    {
        if (usualShare().isEmpty() || !isTelling())
        {
            return false;
        }
        double usual = usualShare().getAsDouble();
        double deviation = Math.sqrt(usual * (1 - usual) / counted.all());
        return counted.share() < usual - Math.max(LEAST_FALL, DEVIATIONS * deviation);
    }
}
