package io.github.tlsresumption.openssl;

import java.util.Arrays;

/**
 * Bytes that say what a fuzz target does. Behind their end there are zeros.
 */
final class FuzzInput
{
    private final byte[] data;
    private int place;

    FuzzInput(byte[] data)
    {
        this.data = data;
    }

    boolean isEmpty()
    {
        return place >= data.length;
    }

    /**
     * @return the next byte, 0 to 255
     */
    int next()
    {
        return isEmpty() ? 0 : Byte.toUnsignedInt(data[place++]);
    }

    /**
     * @return as many bytes as the next byte says, or fewer at the end
     */
    byte[] some()
    {
        int count = Math.min(next(), data.length - Math.min(place, data.length));
        byte[] bytes = Arrays.copyOfRange(data, place, place + count);
        place += count;
        return bytes;
    }

    /**
     * @return all that are left
     */
    byte[] rest()
    {
        byte[] bytes = Arrays.copyOfRange(data, Math.min(place, data.length), data.length);
        place = data.length;
        return bytes;
    }
}
