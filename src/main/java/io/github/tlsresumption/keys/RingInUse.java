package io.github.tlsresumption.keys;

import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The ring that handshakes use: keys that leave it are overwritten, its version is remembered outside the store, listeners are told.
 *
 * <p>Any thread may read it at any time, without a lock, and add or remove listeners. Only the thread that has the turn of the
 * {@link TicketKeyRingManager} changes it.
 */
final class RingInUse
{
    private static final Logger LOG = LoggerFactory.getLogger(TicketKeyRingManager.class);

    private final TicketKeyStore store;
    private final RingMark mark;
    private final List<Consumer<TicketKeyRing>> listeners = new CopyOnWriteArrayList<>();

    // Written under the manager's turn:
    private volatile TicketKeyRing ring = TicketKeyRing.empty();
    private volatile boolean isFirst;

    /**
     * @param store where the ring is from, for messages
     * @param mark remembers the version of the ring
     */
    RingInUse(TicketKeyStore store, RingMark mark)
    {
        this.store = store;
        this.mark = mark;
    }

    TicketKeyRing ring()
    {
        return ring;
    }

    /**
     * @return whether the ring began in this process
     */
    boolean isFirst()
    {
        return isFirst;
    }

    void addListener(Consumer<TicketKeyRing> listener)
    {
        listeners.add(listener);
    }

    void removeListener(Consumer<TicketKeyRing> listener)
    {
        listeners.remove(listener);
    }

    /**
     * The next ring is the first of all.
     */
    void begin()
    {
        isFirst = true;
    }

    /**
     * Overwrites every key.
     */
    void end()
    {
        isFirst = false;
        use(TicketKeyRing.empty());
    }

    void use(TicketKeyRing next)
    {
        TicketKeyRing old = ring;
        ring = next;
        old.keys().stream().filter(key -> next.find(key.id()).isEmpty()).forEach(TicketKey::destroy);
        remember(next);
        for (Consumer<TicketKeyRing> listener : listeners)
        {
            try
            {
                listener.accept(next);
            }
            catch (RuntimeException e)
            {
                LOG.warn("A listener for ticket keys failed", e);
            }
        }
    }

    /**
     * @return the key as handshakes under way have it, rather than its equal just loaded
     */
    TicketKey inUse(TicketKey loaded)
    {
        Optional<TicketKey> known = ring.find(loaded.id()).filter(key -> key.hasSecretOf(loaded));
        if (known.isEmpty())
        {
            return loaded;
        }
        TicketKey key = known.get().hasTimesOf(loaded) ? known.get() : known.get().withTimesOf(loaded);
        loaded.destroy();
        return key;
    }

    void eraseEnded(Instant now)
    {
        ring.keys().stream().filter(key -> key.state(now) == TicketKey.State.ENDED).forEach(TicketKey::destroy);
    }

    private void remember(TicketKeyRing next)
    {
        try
        {
            if (next.version() > mark.version())
            {
                mark.raise(next.version());
            }
        }
        catch (IOException e)
        {
            LOG.warn("Ticket keys: ring version {} is not remembered outside {}, so that an older one may be put back unnoticed: {}",
                next.version(), store.describe(), e.getMessage());
        }
    }
}
