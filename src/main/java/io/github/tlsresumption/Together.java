package io.github.tlsresumption;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Compares the settings of connectors that are to start together, before any of them does. Not thread-safe.
 */
final class Together
{
    private final Map<String, ScopeSettings> named = new HashMap<>();
    private final List<ScopeSettings> all = new ArrayList<>();

    /**
     * @param name the connector's scope, null for one of its own
     * @param settings of the connector
     * @throws IllegalStateException when they do not go together with those of the others
     */
    void add(String name, ScopeSettings settings)
    {
        ScopeSettings known = name == null ? null : named.putIfAbsent(name, settings);
        if (known != null)
        {
            known.requireSame(name, settings);
        }
        all.forEach(other -> other.requireSameUse(settings));
        all.add(settings);
    }
}
