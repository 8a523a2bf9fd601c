package io.github.tlsresumption.openssl;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Native memory for one record on its way in or out, lent for the time of a call. As many exist as threads are in calls at the same
 * time; those that are not lent are kept. Not thread-safe itself: one borrower has it at a time.
 */
final class Scratch implements AutoCloseable
{
    /** More than the largest record (RFC 8446 section 5.2). */
    static final int BYTES = 32 * 1024;

    private static final ConcurrentLinkedQueue<Scratch> FREE = new ConcurrentLinkedQueue<>();

    private final MemorySegment segment = Arena.ofAuto().allocate(BYTES, Long.BYTES);

    private Scratch()
    {
    }

    /**
     * @return memory with what its last borrower has left in it, to be closed by the borrower
     */
    static Scratch borrow()
    {
        Scratch free = FREE.poll();
        return free == null ? new Scratch() : free;
    }

    MemorySegment segment()
    {
        return segment;
    }

    /**
     * @return the address, good until this is closed
     */
    long address()
    {
        return segment.address();
    }

    @Override
    public void close()
    {
        FREE.offer(this);
    }
}
