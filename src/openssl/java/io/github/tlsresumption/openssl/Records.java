package io.github.tlsresumption.openssl;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/**
 * Records in buffers (RFC 8446 section 5.1), and bytes between buffers and native memory. Stateless.
 */
final class Records
{
    static final int HEADER_BYTES = 5;
    /** The largest content that a record of any version may have, with what encryption adds. */
    static final int MAX_CONTENT_BYTES = NativeSession.PACKET_BYTES - HEADER_BYTES;
    /** What encryption adds at least: the tag of an AEAD. */
    private static final int MIN_EXPANSION_BYTES = 16;
    private static final int CHANGE_CIPHER_SPEC = 20;
    private static final int APPLICATION_DATA = 23;
    private static final int MAJOR_VERSION = 3;

    private Records()
    {
    }

    /**
     * @param src at the beginning of a record, with its header
     * @return whether that is a record of TLS and not too long
     */
    static boolean isRecord(ByteBuffer src)
    {
        int type = src.get(src.position());
        return type >= CHANGE_CIPHER_SPEC && type <= APPLICATION_DATA && src.get(src.position() + 1) == MAJOR_VERSION
            && length(src) <= HEADER_BYTES + MAX_CONTENT_BYTES;
    }

    /**
     * @return whether the record has more to say than that the cipher changes
     */
    static boolean saysMore(ByteBuffer src)
    {
        return src.get(src.position()) != CHANGE_CIPHER_SPEC;
    }

    /**
     * @return the length of the record with its header
     */
    static int length(ByteBuffer src)
    {
        int start = src.position();
        return HEADER_BYTES + (Byte.toUnsignedInt(src.get(start + 3)) << Byte.SIZE | Byte.toUnsignedInt(src.get(start + 4)));
    }

    /**
     * @return whether a record begins there, and all of it is there
     */
    static boolean hasRecord(ByteBuffer src)
    {
        return src.remaining() >= HEADER_BYTES && src.remaining() >= length(src);
    }

    /**
     * @param recordLength with the header
     * @return the longest content that it may have when it is decrypted
     */
    static int maxPlain(int recordLength)
    {
        return Math.clamp((long)recordLength - HEADER_BYTES - MIN_EXPANSION_BYTES, 0, NativeSession.APPLICATION_BYTES);
    }

    static long remaining(ByteBuffer[] buffers, int offset, int length)
    {
        long remaining = 0;
        for (int i = offset; i < offset + length; i++)
        {
            remaining += buffers[i].remaining();
        }
        return remaining;
    }

    /**
     * Takes bytes out of buffers.
     *
     * @param count as many as there are, or fewer
     */
    static void gather(ByteBuffer[] from, int offset, int length, MemorySegment to, int count)
    {
        int done = 0;
        for (int i = offset; i < offset + length && done < count; i++)
        {
            int part = Math.min(from[i].remaining(), count - done);
            MemorySegment.copy(MemorySegment.ofBuffer(from[i]), 0, to, done, part);
            from[i].position(from[i].position() + part);
            done += part;
        }
    }

    /**
     * Puts bytes into buffers.
     *
     * @param count for as many there is room, or fewer
     */
    static void scatter(MemorySegment from, ByteBuffer[] to, int offset, int length, int count)
    {
        int done = 0;
        for (int i = offset; i < offset + length && done < count; i++)
        {
            int part = Math.min(to[i].remaining(), count - done);
            MemorySegment.copy(from, done, MemorySegment.ofBuffer(to[i]), 0, part);
            to[i].position(to[i].position() + part);
            done += part;
        }
    }
}
