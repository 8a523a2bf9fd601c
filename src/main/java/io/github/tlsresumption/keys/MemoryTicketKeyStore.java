package io.github.tlsresumption.keys;

import java.util.Map;
import java.util.Optional;

/**
 * Keeps the ring in this process's memory: no ticket survives a restart, and no other node can open one. The contexts
 * of one process can share it. Safe for use by many threads.
 */
public final class MemoryTicketKeyStore implements TicketKeyStore
{
    private TicketKeyRing ring = TicketKeyRing.empty();

    /**
     * An empty store.
     */
    public MemoryTicketKeyStore()
    {
    }

    @Override
    public synchronized Optional<TicketKeyRing> load()
    {
        return ring.version() == 0 ? Optional.empty() : Optional.of(copyOf(ring));
    }

    @Override
    public synchronized boolean compareAndSet(long expectedVersion, TicketKeyRing next)
    {
        next.requireHigherThan(expectedVersion);
        if (ring.version() != expectedVersion)
        {
            return false;
        }
        TicketKeyRing old = ring;
        ring = copyOf(next);
        old.destroyKeys();
        return true;
    }

    @Override
    public synchronized String stamp()
    {
        return Long.toString(ring.version());
    }

    @Override
    public boolean shared()
    {
        return false;
    }

    @Override
    public boolean persistent()
    {
        return false;
    }

    @Override
    public String describe()
    {
        return "memory";
    }

    /**
     * Erases the ring; the store is empty and can be used again.
     */
    @Override
    public synchronized void close()
    {
        ring.destroyKeys();
        ring = TicketKeyRing.empty();
    }

    private static TicketKeyRing copyOf(TicketKeyRing ring)
    {
        return new TicketKeyRing(ring.version(), ring.identityKey(), ring.keys().stream().map(TicketKey::copy).toList(),
            Map.copyOf(ring.dropped()));
    }
}
