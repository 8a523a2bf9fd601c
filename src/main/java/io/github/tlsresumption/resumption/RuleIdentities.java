package io.github.tlsresumption.resumption;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import io.github.tlsresumption.policy.ClientIdentities;

/**
 * The names of rules as {@link ClientIdentities} gives them, computed once: every handshake asks for one. Thread-safe.
 */
final class RuleIdentities
{
    private static final int MAX_RULES = 10_000;

    private final ClientIdentities identities;
    private final Map<String, Integer> rules = new ConcurrentHashMap<>();

    RuleIdentities(ClientIdentities identities)
    {
        this.identities = identities;
    }

    /**
     * @return the name of a rule, 0 for none and as long as there is no key to name it by
     */
    int of(String rule)
    {
        if (rule.isEmpty())
        {
            return 0;
        }
        Integer known = rules.get(rule);
        if (known != null)
        {
            return known;
        }
        int identity = identities.rule(rule);
        if (identity != 0 && rules.size() < MAX_RULES)
        {
            rules.put(rule, identity);
        }
        return identity;
    }
}
