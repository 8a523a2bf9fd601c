package io.github.tlsresumption.resumption;

import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

import io.github.tlsresumption.keys.Exposure;
import io.github.tlsresumption.keys.TicketKey;
import io.github.tlsresumption.keys.TicketKeyRing;
import io.github.tlsresumption.status.KeyStatus;
import io.github.tlsresumption.status.RingStatus;

/**
 * A ring of ticket keys for those who show it: ids and times, never a key. Stateless.
 */
public final class RingFigures
{
    private RingFigures()
    {
    }

    /**
     * @param ring the ring
     * @param now the time by which the states of its keys are told
     * @param rotatedHere whether this process rotates it
     * @return what is shown of it
     */
    public static RingStatus of(TicketKeyRing ring, Instant now, boolean rotatedHere)
    {
        List<KeyStatus> keys = ring.keys().stream().map(key -> of(key, now)).toList();
        Optional<Exposure> exposure = ring.exposure(now);
        return new RingStatus(ring.version(), exposure.map(Exposure::from), exposure.map(Exposure::until), ring.nextRotation(now), keys,
            rotatedHere);
    }

    private static KeyStatus of(TicketKey key, Instant now)
    {
        return new KeyStatus(HexFormat.of().toHexDigits(key.id()), key.created(), key.sealFrom(), key.sealUntil(), key.openUntil(),
            key.state(now).name().toLowerCase(Locale.ROOT));
    }
}
