package io.github.tlsresumption.openssl;

import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;

/**
 * The address of a native object that has owners; see {@link Counted}.
 */
final class NativeHandle
{
    private final long address;
    private final Counted counted;

    /**
     * The maker is the first owner.
     *
     * @param address of the object
     * @param live counts such objects
     * @param free frees it; must not refer to an owner
     */
    NativeHandle(long address, AtomicLong live, LongConsumer free)
    {
        this.address = address;
        this.counted = new Counted(live, () -> free.accept(address));
    }

    /**
     * @return the address, good as long as the caller is an owner
     */
    long address()
    {
        return address;
    }

    boolean acquire()
    {
        return counted.acquire();
    }

    void release()
    {
        counted.release();
    }
}
