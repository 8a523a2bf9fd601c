package io.github.tlsresumption.keys;

import java.time.Instant;

/**
 * A ticket key whose secret a test knows.
 */
public final class KnownTicketKey
{
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

    private KnownTicketKey()
    {
    }

    /**
     * @param id the key's
     * @param secret the key's
     * @return the key
     */
    public static TicketKey of(long id, byte[] secret)
    {
        return new TicketKey(id, START, START, START.plusSeconds(60), START.plusSeconds(120), secret);
    }
}
