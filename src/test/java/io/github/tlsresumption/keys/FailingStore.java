package io.github.tlsresumption.keys;

import java.time.Duration;
import java.util.Optional;

import io.github.tlsresumption.keys.TicketKeyStoreException.Kind;

/**
 * A store in memory that fails when the test says: before it does what it is asked, or after, when only the answer is lost.
 */
final class FailingStore implements TicketKeyStore
{
    final MemoryTicketKeyStore inner = new MemoryTicketKeyStore();

    private Duration settling = Duration.ZERO;
    private boolean down;
    private boolean shared;
    private int calls;
    private int failAt = -1;
    private boolean failAfter;

    void down(boolean isDown)
    {
        down = isDown;
    }

    /*
     * As a backup does, or a copy that lagged behind.
     */
    void goBackTo(TicketKeyRing ring)
    {
        inner.close();
        if (ring.version() > 0)
        {
            inner.compareAndSet(0, ring);
        }
    }

    void settling(Duration duration)
    {
        settling = duration;
    }

    void shared(boolean isShared)
    {
        shared = isShared;
    }

    /*
     * The nth call from the first on, counted from 0.
     */
    void failAt(int call, boolean after)
    {
        failAt = call;
        failAfter = after;
    }

    int calls()
    {
        return calls;
    }

    @Override
    public Optional<TicketKeyRing> load() throws TicketKeyStoreException
    {
        boolean fails = before();
        Optional<TicketKeyRing> ring = inner.load();
        after(fails);
        return ring;
    }

    @Override
    public boolean compareAndSet(long expectedVersion, TicketKeyRing ring) throws TicketKeyStoreException
    {
        boolean fails = before();
        boolean stored = inner.compareAndSet(expectedVersion, ring);
        after(fails);
        return stored;
    }

    @Override
    public String stamp() throws TicketKeyStoreException
    {
        boolean fails = before();
        String stamp = inner.stamp();
        after(fails);
        return stamp;
    }

    @Override
    public Duration pollInterval()
    {
        return Duration.ofSeconds(1);
    }

    @Override
    public Duration settling()
    {
        return settling;
    }

    @Override
    public boolean shared()
    {
        return shared;
    }

    @Override
    public boolean persistent()
    {
        return false;
    }

    @Override
    public String describe()
    {
        return "failing store";
    }

    @Override
    public void close()
    {
        inner.close();
    }

    private boolean before() throws TicketKeyStoreException
    {
        boolean fails = calls++ == failAt;
        if (down || fails && !failAfter)
        {
            throw failure();
        }
        return fails;
    }

    private static void after(boolean fails) throws TicketKeyStoreException
    {
        if (fails)
        {
            throw failure();
        }
    }

    private static TicketKeyStoreException failure()
    {
        return new TicketKeyStoreException(Kind.UNAVAILABLE, "the store is down");
    }
}
