package io.github.tlsresumption.policy;

import java.util.Arrays;
import java.util.Locale;

/**
 * How a connector resumes the sessions of clients that support tickets.
 */
public enum ResumptionMode
{
    /**
     * The ticket that the client holds opens only with a key of its own that the server keeps;
     * erasing that key forgets the session.
     */
    CACHE,
    /**
     * The ticket opens with a key of the ring (RFC 5077 section 4); the server keeps nothing per session.
     */
    TICKET,
    /**
     * Every handshake is full.
     */
    OFF;

    /**
     * @param name {@code cache}, {@code ticket} or {@code off}, in any case, surrounding white space ignored
     * @return the mode of that name
     * @throws IllegalArgumentException when there is no such mode; the message lists the modes
     */
    public static ResumptionMode of(String name)
    {
        return Arrays.stream(values())
            .filter(mode -> mode.name().equalsIgnoreCase(name.strip()))
            .findFirst()
            .orElseThrow(() -> new IllegalArgumentException("unknown resumption mode '" + name + "': use cache, ticket or off"));
    }

    /**
     * @return the name as written in configuration: lower case
     */
    @Override
    public String toString()
    {
        return name().toLowerCase(Locale.ROOT);
    }
}
