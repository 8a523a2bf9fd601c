package io.github.tlsresumption.openssl;

import java.lang.ref.Cleaner;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A native object with owners. It is freed once, when the last owner has released it, or, as a net, when no owner can be reached any more.
 * Thread-safe.
 */
final class Counted
{
    private static final Cleaner CLEANER = Cleaner.create();

    private final Cleaner.Cleanable cleanable;
    private final AtomicInteger owners = new AtomicInteger(1);

    /**
     * The maker is the first owner.
     *
     * @param live is counted up now and down when the object is freed
     * @param free frees the object; it must not refer to this, nor to an owner
     */
    Counted(AtomicLong live, Runnable free)
    {
        live.incrementAndGet();
        this.cleanable = CLEANER.register(this, () ->
        {
            free.run();
            live.decrementAndGet();
        });
    }

    /**
     * @return whether there was an owner, so that the caller is one more; if not, the object is gone
     */
    boolean acquire()
    {
        return owners.updateAndGet(count -> count == 0 ? 0 : count + 1) > 0;
    }

    /**
     * The caller is no owner any more.
     */
    void release()
    {
        if (owners.decrementAndGet() == 0)
        {
            cleanable.clean();
        }
    }
}
