package io.github.tlsresumption;

import java.util.Arrays;
import java.util.Locale;

/**
 * What to do in a JVM whose TLS engine does not pass the self-test.
 */
public enum Fallback
{
    /** Do not start. */
    FAIL,
    /** Start with the engine's own cache and without tickets. */
    SESSION_ID;

    /**
     * @param name {@code fail} or {@code session-id}
     * @return the value of that name
     * @throws IllegalArgumentException when there is none
     */
    public static Fallback of(String name)
    {
        return Arrays.stream(values())
            .filter(value -> value.toString().equalsIgnoreCase(name.strip()))
            .findFirst()
            .orElseThrow(() -> new IllegalArgumentException("unknown jetty.tlsResumption.fallback '" + name + "': use fail or session-id"));
    }

    /**
     * @return the name as written in configuration
     */
    @Override
    public String toString()
    {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
