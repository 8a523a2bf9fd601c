package io.github.tlsresumption.status;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * The ticket keys of a scope.
 *
 * @param version of the ring, 0 when there is none
 * @param exposedFrom from when on tickets were sealed that a thief of the keys of now could open; nothing without a key
 * @param exposedUntil when the last of these keys ends; nothing without a key
 * @param nextRotation when the key that seals stops; nothing when none does
 * @param keys in the order in which they seal
 * @param rotatedHere whether this server rotates them; otherwise whoever writes the store does
 */
public record RingStatus(long version, Optional<Instant> exposedFrom, Optional<Instant> exposedUntil, Optional<Instant> nextRotation,
    List<KeyStatus> keys, boolean rotatedHere)
{
    /**
     * A ring that this server rotates.
     *
     * @param version of the ring, 0 when there is none
     * @param exposedFrom from when on tickets were sealed that a thief of the keys of now could open; nothing without a key
     * @param exposedUntil when the last of these keys ends; nothing without a key
     * @param nextRotation when the key that seals stops; nothing when none does
     * @param keys in the order in which they seal
     */
    public RingStatus(long version, Optional<Instant> exposedFrom, Optional<Instant> exposedUntil, Optional<Instant> nextRotation,
        List<KeyStatus> keys)
    {
        this(version, exposedFrom, exposedUntil, nextRotation, keys, true);
    }

    /**
     * Copies the list.
     */
    public RingStatus
    {
        keys = List.copyOf(keys);
    }

    /**
     * @return how long the time is whose tickets a thief could open
     */
    public Optional<Duration> exposure()
    {
        return exposedFrom.flatMap(from -> exposedUntil.map(until -> Duration.between(from, until)));
    }
}
