package io.github.tlsresumption.keys;

import java.time.Instant;
import java.util.Objects;

/**
 * Which tickets a thief of the ring could open: those sealed from {@code from} on. After {@code until} every key that
 * he took has ended; that is a promise about the servers, recorded traffic of TLS 1.2 stays open to him.
 *
 * @param from the first instant at which a key now in the ring sealed or will seal
 * @param until the first instant at which none of them opens
 */
public record Exposure(Instant from, Instant until)
{
    /**
     * @throws NullPointerException when one is missing
     */
    public Exposure
    {
        Objects.requireNonNull(from);
        Objects.requireNonNull(until);
    }
}
