package io.github.tlsresumption.status;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What the clients of one rule of a connector do.
 *
 * @param rule its name, or {@link #DEFAULT} or {@link #OTHERS}, which no rule can be called
 * @param handshakes completed handshakes by result, since the rule has been in force; all results
 * @param liveSessions of mode cache that got their terms by a rule of that name, in all of the scope; nothing where only a look at all
 * sessions would tell
 * @param modes how its clients' sessions are resumed, by protocol; empty where an application decides
 * @param maxDuration of its clients' sessions, from the full handshake; nothing where an application decides
 */
public record RuleStatus(String rule, Map<String, Long> handshakes, OptionalLong liveSessions, Map<String, String> modes,
    Optional<Duration> maxDuration)
{
    /**
     * The clients that no rule matches.
     */
    public static final String DEFAULT = "(default)";
    /**
     * What an application's policy names beyond the bound.
     */
    public static final String OTHERS = "(others)";

    /**
     * Copies the maps.
     */
    public RuleStatus
    {
        handshakes = Map.copyOf(handshakes);
        modes = Map.copyOf(modes);
    }

    /**
     * A rule whose terms are not known.
     *
     * @param rule its name
     * @param handshakes completed handshakes by result
     * @param liveSessions of mode cache
     */
    public RuleStatus(String rule, Map<String, Long> handshakes, OptionalLong liveSessions)
    {
        this(rule, handshakes, liveSessions, Map.of(), Optional.empty());
    }

    /**
     * @param byProtocol how its clients' sessions are resumed, by protocol
     * @param duration the maximum
     * @return the same rule with its terms
     */
    public RuleStatus withTerms(Map<String, String> byProtocol, Duration duration)
    {
        return new RuleStatus(rule, handshakes, liveSessions, byProtocol, Optional.of(duration));
    }
}
