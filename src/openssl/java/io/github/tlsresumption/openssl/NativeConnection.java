package io.github.tlsresumption.openssl;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/**
 * A connection of the library, and what of it waits to be sent. Confined to the thread that holds the engine's lock. It is freed once, by
 * {@link #free}; nothing else may be called after that.
 */
final class NativeConnection
{
    /** What the library may keep for the next bytes while the connection has nothing to do. */
    private static final int KEPT_BYTES = 1024;

    private final LibSsl lib;
    private final NativeHandle handle;
    private int pending;
    private boolean held;
    /** The most that the library has held since it was {@linkplain #rest trimmed}. */
    private int largest;

    /**
     * @param lib the library
     * @param handle owned by this from now on
     */
    NativeConnection(LibSsl lib, NativeHandle handle)
    {
        this.lib = lib;
        this.handle = handle;
    }

    long address()
    {
        return handle.address();
    }

    /**
     * @return how many bytes wait to be sent
     */
    int pending()
    {
        return held ? 0 : pending;
    }

    /**
     * What waits to be sent is to leave with the next bytes of the application, or by {@link #flush}. A library that gives its states away
     * does the same by itself.
     */
    void hold()
    {
        held = lib.sealsTickets();
    }

    private void countPending()
    {
        pending = lib.pending(address());
        largest = Math.max(largest, pending);
    }

    private void release()
    {
        held = false;
        countPending();
    }

    /**
     * Gives the library bytes of the client.
     *
     * @param src from its position on; it is moved
     * @param length how many, up to {@link Scratch#BYTES}
     */
    void feed(ByteBuffer src, int length)
    {
        MemorySegment record = MemorySegment.ofBuffer(src).asSlice(0, length);
        if (record.isNative())
        {
            lib.feed(address(), record.address(), length);
        }
        else
        {
            try (Scratch in = Scratch.borrow())
            {
                MemorySegment.copy(record, 0, in.segment(), 0, length);
                lib.feed(address(), in.address(), length);
            }
        }
        src.position(src.position() + length);
        largest = Math.max(largest, length);
    }

    /**
     * The handshake is complete, and the client says nothing for now, which may be for long.
     */
    void rest()
    {
        if (largest > KEPT_BYTES && pending() == 0 && !held)
        {
            lib.trim(address());
            largest = 0;
        }
    }

    /**
     * @return as {@link LibSsl#handshake}
     */
    int handshake(SslCallbacks callbacks)
    {
        int result = lib.handshake(address(), callbacks);
        countPending();
        return result;
    }

    /**
     * Decrypts one record.
     *
     * @return as {@link LibSsl#read}
     */
    int read(ByteBuffer[] dsts, int offset, int length)
    {
        try (Scratch out = Scratch.borrow())
        {
            int count = lib.read(address(), out.address(), NativeSession.APPLICATION_BYTES);
            if (count > 0)
            {
                Records.scatter(out.segment(), dsts, offset, length, count);
            }
            countPending();
            held &= count >= 0 || count == LibSsl.WANTS_INPUT;
            return count;
        }
    }

    /**
     * Encrypts one record.
     *
     * @param count how many bytes, 1 to 16 384
     * @return whether the library has done it
     */
    boolean write(ByteBuffer[] srcs, int offset, int length, int count)
    {
        try (Scratch in = Scratch.borrow())
        {
            Records.gather(srcs, offset, length, in.segment(), count);
            boolean done = lib.write(address(), in.address(), count) == count;
            release();
            return done;
        }
    }

    /**
     * Has the library give out what it holds back.
     *
     * @return whether the library has done it
     */
    boolean flush()
    {
        boolean done = lib.write(address(), 0, 0) == 0;
        release();
        return done;
    }

    /**
     * Adds a close_notify.
     */
    void shutdown()
    {
        lib.shutdown(address());
        release();
    }

    /**
     * Adds a fatal alert.
     *
     * @param alert its number (RFC 8446 section 6)
     */
    void abort(int alert)
    {
        lib.abort(address(), alert);
        release();
    }

    /**
     * Moves what waits to be sent.
     *
     * @param dst may be too small
     * @return how many bytes
     */
    int drain(ByteBuffer dst)
    {
        int count = Math.min(Math.min(pending(), dst.remaining()), Scratch.BYTES);
        if (count > 0)
        {
            try (Scratch out = Scratch.borrow())
            {
                lib.drain(address(), out.address(), count);
                dst.put(out.segment().asSlice(0, count).asByteBuffer());
            }
            pending -= count;
        }
        return count;
    }

    boolean isTls13()
    {
        return lib.version(address()) == Supported.TLS13;
    }

    void free()
    {
        handle.release();
        pending = 0;
    }
}
