package io.github.tlsresumption.keys;

import java.time.Instant;
import java.util.Optional;

/**
 * How a manager and its store get on.
 *
 * @param version of the ring in use; 0 when there is none yet
 * @param lastContact when the store was last asked and all was well
 * @param error what is wrong now, with what to do; no secrets. Nothing when the last contact went well
 */
public record KeyRingHealth(long version, Optional<Instant> lastContact, Optional<String> error)
{
}
