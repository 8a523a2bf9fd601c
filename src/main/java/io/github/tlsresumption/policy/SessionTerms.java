package io.github.tlsresumption.policy;

import java.time.Duration;
import java.util.Objects;

/**
 * On what terms a client's session is resumed.
 *
 * @param mode how
 * @param maxDuration for how long, counted from the full handshake; more than zero and at most {@link #LONGEST}
 * @param singleUse whether each ticket resumes once only (RFC 8446 section 8.1); without meaning in mode {@code off}
 * @param rule the name of the rule that gave these terms, empty when none did
 */
public record SessionTerms(ResumptionMode mode, Duration maxDuration, boolean singleUse, String rule)
{
    /**
     * Seven days (RFC 8446 section 4.6.1).
     */
    public static final Duration LONGEST = Duration.ofDays(7);

    /**
     * @throws IllegalArgumentException when the duration is out of bounds, or a single use is asked for in mode {@code ticket}
     */
    public SessionTerms
    {
        Objects.requireNonNull(mode);
        Objects.requireNonNull(rule);
        if (maxDuration.isNegative() || maxDuration.isZero() || maxDuration.compareTo(LONGEST) > 0)
        {
            throw new IllegalArgumentException("jetty.tlsResumption.maxSessionDuration is " + maxDuration.toSeconds()
                + " seconds: set 1 to " + LONGEST.toSeconds() + " (7 days, the most that RFC 8446 allows for a ticket)");
        }
        if (singleUse && mode == ResumptionMode.TICKET)
        {
            throw new IllegalArgumentException("only a server that keeps a key for each session knows that a ticket was used: "
                + "for a single use, use mode cache");
        }
    }

    /**
     * Terms that no rule gave, without single use.
     *
     * @param mode how
     * @param maxDuration for how long
     * @throws IllegalArgumentException when the duration is out of bounds
     */
    public SessionTerms(ResumptionMode mode, Duration maxDuration)
    {
        this(mode, maxDuration, false, "");
    }
}
