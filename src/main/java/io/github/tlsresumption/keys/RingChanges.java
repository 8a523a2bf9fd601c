package io.github.tlsresumption.keys;

import java.time.Clock;
import java.time.Instant;
import java.util.function.Supplier;

import io.github.tlsresumption.keys.TicketKeyStoreException.Kind;

/**
 * Changes the ring while others do the same: a change that comes too late is made anew on what they have written.
 *
 * <p>Used only by the thread that has the turn of the {@link TicketKeyRingManager}.
 */
final class RingChanges
{
    private static final int ATTEMPTS = 8;

    private final TicketKeyStore store;
    private final KeyRotation rotation;
    private final Clock clock;
    private final Supplier<byte[]> secrets;
    private final RingMark mark;
    private final RingInUse inUse;
    private final StoredRing stored;

    RingChanges(TicketKeyStore store, KeyRotation rotation, Clock clock, Supplier<byte[]> secrets, RingMark mark, RingInUse inUse,
        StoredRing stored)
    {
        this.store = store;
        this.rotation = rotation;
        this.clock = clock;
        this.secrets = secrets;
        this.mark = mark;
        this.inUse = inUse;
        this.stored = stored;
    }

    /**
     * What an operator asks for.
     */
    interface Change
    {
        TicketKeyRing apply(TicketKeyRing from, Instant now);
    }

    /**
     * @return the new ring, in use and in the store
     * @throws TicketKeyStoreException when the store does not take it
     */
    TicketKeyRing make(Change change) throws TicketKeyStoreException
    {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++)
        {
            TicketKeyRing next = change.apply(inUse.ring(), clock.instant());
            if (stored.replace(next))
            {
                return inUse.ring();
            }
        }
        throw neverAtRest();
    }

    /**
     * Brings the ring to what it should be now.
     *
     * @throws TicketKeyStoreException when the store does not take it
     * @throws IllegalStateException when a key is missing and cannot be made; what has ended has left the store all the same
     */
    void rotate(Instant now) throws TicketKeyStoreException
    {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++)
        {
            TicketKeyRing ring = inUse.ring();
            RuntimeException noKey = null;
            TicketKeyRing next;
            try
            {
                next = rotation.next(ring, now, secrets);
            }
            catch (RuntimeException e)
            {
                // What has ended must leave the store all the same.
                noKey = e;
                next = rotation.erased(ring, now);
            }
            if (next == ring && stored.version() < ring.version())
            {
                next = ring.again();
            }
            // Else it would be taken for an old one at the next start.
            if (ring.version() == 0 && next != ring && next.version() <= mark.version())
            {
                next = next.atVersion(Math.addExact(mark.version(), 1));
            }
            if (next == ring || stored.replace(next))
            {
                if (noKey != null)
                {
                    throw new IllegalStateException("no new ticket key can be made: " + noKey, noKey);
                }
                return;
            }
        }
        throw neverAtRest();
    }

    private TicketKeyStoreException neverAtRest()
    {
        return new TicketKeyStoreException(Kind.UNAVAILABLE, "the ring in " + store.describe() + " changed " + ATTEMPTS
            + " times meanwhile");
    }
}
