package io.github.tlsresumption.openssl;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Reads and writes memory of a native library by its address. Stateless; nothing here checks an address.
 */
final class Memory
{
    private static final MemorySegment ALL = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;

    private Memory()
    {
    }

    static byte[] bytes(long address, long length)
    {
        byte[] bytes = new byte[Math.toIntExact(length)];
        MemorySegment.copy(ALL, ValueLayout.JAVA_BYTE, address, bytes, 0, bytes.length);
        return bytes;
    }

    static void put(long address, byte[] bytes)
    {
        MemorySegment.copy(bytes, 0, ALL, ValueLayout.JAVA_BYTE, address, bytes.length);
    }

    static void putByte(long address, int value)
    {
        ALL.set(ValueLayout.JAVA_BYTE, address, (byte)value);
    }

    static void putInt(long address, int value)
    {
        ALL.set(INT, address, value);
    }

    static void putLong(long address, long value)
    {
        ALL.set(LONG, address, value);
    }

    static long getLong(long address)
    {
        return ALL.get(LONG, address);
    }

    static byte getByte(long address)
    {
        return ALL.get(ValueLayout.JAVA_BYTE, address);
    }

    static int getInt(long address)
    {
        return ALL.get(INT, address);
    }
}
