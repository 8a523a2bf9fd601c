package io.github.tlsresumption.status;

import java.util.Map;
import java.util.OptionalLong;

/**
 * What the clients of one rule of a connector do.
 *
 * @param rule its name, or {@link #DEFAULT} or {@link #OTHERS}, which no rule can be called
 * @param handshakes completed handshakes by result, since the rule has been in force; all results
 * @param liveSessions of mode cache that got their terms by a rule of that name, in all of the scope; nothing where only a look at all
 * sessions would tell
 */
public record RuleStatus(String rule, Map<String, Long> handshakes, OptionalLong liveSessions)
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
     * Copies the map.
     */
    public RuleStatus
    {
        handshakes = Map.copyOf(handshakes);
    }
}
