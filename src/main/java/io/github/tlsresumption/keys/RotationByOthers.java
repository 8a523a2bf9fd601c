package io.github.tlsresumption.keys;

import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.Optional;

import io.github.tlsresumption.keys.TicketKeyStoreException.Kind;

/**
 * Whether whoever writes a store that is only read here rotates its ring in time. Immutable.
 */
final class RotationByOthers
{
    private final TicketKeyStore store;
    private final KeyRotation rotation;

    RotationByOthers(TicketKeyStore store, KeyRotation rotation)
    {
        this.store = store;
        this.rotation = rotation;
    }

    /**
     * A quarter of the time for which the last key seals is enough to act, and longer than whoever rotates in time lets it become.
     *
     * @throws TicketKeyStoreException when no key seals, or soon none will
     */
    void requireRotated(TicketKeyRing ring, Instant now) throws TicketKeyStoreException
    {
        Optional<TicketKey> last = ring.keys().stream().max(Comparator.comparing(TicketKey::sealUntil));
        if (ring.sealing(now).isEmpty())
        {
            throw new TicketKeyStoreException(Kind.UNAVAILABLE, "no key in " + store.describe() + " seals new tickets, so clients make"
                + " full handshakes: use 'keys rotate' on the original and mount it");
        }
        TicketKey key = last.orElseThrow();
        Duration quarter = Duration.between(key.sealFrom(), key.sealUntil()).dividedBy(4);
        Duration notice = quarter.compareTo(rotation.lead()) > 0 ? quarter : rotation.lead();
        if (!now.isBefore(key.sealUntil().minus(notice)))
        {
            throw new TicketKeyStoreException(Kind.UNAVAILABLE, "nobody has rotated the keys in " + store.describe() + " in time: the last"
                + " one seals until " + key.sealUntil() + ", and then clients make full handshakes: use 'keys rotate' on the original and"
                + " mount it");
        }
    }
}
