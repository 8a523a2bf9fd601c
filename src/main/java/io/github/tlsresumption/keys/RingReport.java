package io.github.tlsresumption.keys;

import java.time.Instant;
import java.util.Optional;

import io.github.tlsresumption.log.WarningThrottle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells how the last contact with the store went: in the {@link KeyRingHealth}, and now and then in the log.
 *
 * <p>Any thread may read the health, without a lock. Only the thread that has the turn of the {@link TicketKeyRingManager} reports.
 */
final class RingReport
{
    private static final Logger LOG = LoggerFactory.getLogger(TicketKeyRingManager.class);

    private final TicketKeyStore store;
    private final RingInUse inUse;
    private final WarningThrottle warning = WarningThrottle.forFaults();

    // Written under the manager's turn:
    private volatile KeyRingHealth health = new KeyRingHealth(0, Optional.empty(), Optional.empty());

    RingReport(TicketKeyStore store, RingInUse inUse)
    {
        this.store = store;
        this.inUse = inUse;
    }

    KeyRingHealth health()
    {
        return health;
    }

    void healthy(Instant now)
    {
        TicketKeyRing ring = inUse.ring();
        if (warning.hasRecovered())
        {
            LOG.info("Ticket keys: {} has recovered, ring version {}", store.describe(), ring.version());
        }
        health = new KeyRingHealth(ring.version(), Optional.of(now), Optional.empty());
    }

    void failed(Instant now, String message, Throwable cause)
    {
        TicketKeyRing ring = inUse.ring();
        health = new KeyRingHealth(ring.version(), health.lastContact(), Optional.of(message));
        // Whoever stops us interrupts what is under way, which says nothing about the store.
        if (Thread.currentThread().isInterrupted())
        {
            LOG.debug("At the stop", cause);
        }
        else if (warning.isDue(message, now))
        {
            LOG.warn("Ticket keys: {}. {}", message, ring.exposure(now)
                .map(exposure -> "Ring version " + ring.version() + " stays in use, its last key opens until " + exposure.until())
                .orElse("There is no key to go on with, every handshake is full"));
            LOG.debug("The cause", cause);
        }
    }
}
