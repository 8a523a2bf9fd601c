package io.github.tlsresumption.keys;

import java.util.function.LongSupplier;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Waits before the first ring is made in an empty store, which may just have lost a ring that another node still has: a second one beside
 * it would split the cluster.
 *
 * <p>Used only by the thread that has the turn of the {@link TicketKeyRingManager}, which guards all fields.
 */
final class EmptyStore
{
    private static final Logger LOG = LoggerFactory.getLogger(TicketKeyRingManager.class);

    private final TicketKeyStore store;
    private final LongSupplier nanos;
    private final RingInUse inUse;
    private final StoredRing stored;
    /** By {@code nanos}: a clock that is set meanwhile must not end the wait. */
    private Long emptySince;

    EmptyStore(TicketKeyStore store, LongSupplier nanos, RingInUse inUse, StoredRing stored)
    {
        this.store = store;
        this.nanos = nanos;
        this.inUse = inUse;
        this.stored = stored;
    }

    /**
     * @return whether there is no ring and another node may still bring one
     */
    boolean awaitsOthers()
    {
        if (inUse.ring().version() > 0 || stored.version() > 0)
        {
            emptySince = null;
            return false;
        }
        if (emptySince == null)
        {
            emptySince = nanos.getAsLong();
            if (!store.settling().isZero())
            {
                LOG.info("{} is empty: unless another node brings its ticket keys the first one is made in {} s", store.describe(),
                    store.settling().toSeconds());
            }
        }
        return nanos.getAsLong() - emptySince < store.settling().toNanos();
    }

    /**
     * The wait begins anew: what happens while the store cannot be seen does not count.
     */
    void restart()
    {
        emptySince = null;
    }
}
