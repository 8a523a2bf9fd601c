package io.github.tlsresumption.forget;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;

/**
 * Reads whole lines and says up to where. A line that is too long comes in pieces. Not thread-safe.
 */
final class LineReader
{
    private static final int LONGEST = 1 << 16;

    private final FileChannel channel;
    private final byte[] bytes = new byte[LONGEST];
    private long position;
    private int from;
    private int to;

    /**
     * @param channel read at given positions, so that its own is not moved
     * @param position where the first line begins
     */
    LineReader(FileChannel channel, long position)
    {
        this.channel = channel;
        this.position = position;
    }

    /**
     * @return the next line without its line feed, one character for each byte; null when there is no whole one
     */
    String next() throws IOException
    {
        int scanned = from;
        while (true)
        {
            for (; scanned < to; scanned++)
            {
                if (bytes[scanned] == '\n')
                {
                    return take(scanned, 1);
                }
            }
            if (from == 0 && to == LONGEST)
            {
                return take(to, 0);
            }
            scanned -= from;
            if (!fill())
            {
                return null;
            }
        }
    }

    /**
     * @return behind the last line given
     */
    long position()
    {
        return position;
    }

    /**
     * @return whether there are bytes without a line feed behind the last line, once {@link #next} has given null
     */
    boolean isUnfinished()
    {
        return to > from;
    }

    private String take(int end, int skip)
    {
        String line = new String(bytes, from, end - from, StandardCharsets.ISO_8859_1);
        position += end + skip - from;
        from = end + skip;
        return line;
    }

    private boolean fill() throws IOException
    {
        System.arraycopy(bytes, from, bytes, 0, to - from);
        to -= from;
        from = 0;
        int count = channel.read(ByteBuffer.wrap(bytes, to, LONGEST - to), position + to);
        if (count <= 0)
        {
            return false;
        }
        to += count;
        return true;
    }
}
