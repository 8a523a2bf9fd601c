package io.github.tlsresumption.policy;

import java.time.Duration;
import java.util.Objects;

/**
 * On what terms a client's session is resumed.
 *
 * @param mode how
 * @param maxDuration for how long, counted from the full handshake; more than zero and at most {@link #LONGEST}
 */
public record SessionTerms(ResumptionMode mode, Duration maxDuration)
{
    /**
     * Seven days (RFC 8446 section 4.6.1).
     */
    public static final Duration LONGEST = Duration.ofDays(7);

    /**
     * @throws IllegalArgumentException when the duration is out of bounds
     */
    public SessionTerms
    {
        Objects.requireNonNull(mode);
        if (maxDuration.isNegative() || maxDuration.isZero() || maxDuration.compareTo(LONGEST) > 0)
            throw new IllegalArgumentException("jetty.tlsResumption.maxSessionDuration is " + maxDuration.toSeconds() +
                " seconds: set 1 to " + LONGEST.toSeconds() + " (7 days, the most that RFC 8446 allows for a ticket)");
    }
}
