package io.github.tlsresumption.files;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Reads and writes secrets without copies that nobody overwrites: the JDK's streams read into arrays that they then leave to the garbage
 * collector, and keep for each thread the memory that they wrote from. Stateless.
 */
public final class SecretBytes
{
    private static final int PIECE_BYTES = 8192;

    private SecretBytes()
    {
    }

    /**
     * @param file a file, or a pipe
     * @param most how many bytes to read at the most
     * @param options besides that for reading
     * @return the first bytes of it, and none that were added since it was opened; the caller overwrites them
     * @throws IOException when it cannot be read
     */
    public static byte[] read(Path file, int most, OpenOption... options) throws IOException
    {
        Set<OpenOption> all = Stream.concat(Stream.of(StandardOpenOption.READ), Stream.of(options)).collect(Collectors.toSet());
        try (FileChannel channel = FileChannel.open(file, all))
        {
            long size = channel.size();
            // A pipe has no size.
            return read(channel, size == 0 ? most : (int)Math.min(size, most));
        }
    }

    private static byte[] read(FileChannel channel, int most) throws IOException
    {
        // Outside the heap, where no collection moves it.
        ByteBuffer direct = ByteBuffer.allocateDirect(most);
        try
        {
            int read = 0;
            while (read >= 0 && direct.hasRemaining())
            {
                read = channel.read(direct);
            }
            byte[] bytes = new byte[direct.position()];
            direct.flip().get(bytes);
            return bytes;
        }
        finally
        {
            erase(direct);
        }
    }

    /**
     * @param channel not closed with the stream
     * @return writes to it at once; to be closed
     */
    static OutputStream to(FileChannel channel)
    {
        return new Output(channel);
    }

    private static void erase(ByteBuffer buffer)
    {
        buffer.clear();
        while (buffer.hasRemaining())
        {
            buffer.put((byte)0);
        }
    }

    private static final class Output extends OutputStream
    {
        private final FileChannel channel;
        private final ByteBuffer direct = ByteBuffer.allocateDirect(PIECE_BYTES);

        Output(FileChannel channel)
        {
            this.channel = channel;
        }

        @Override
        public void write(int b) throws IOException
        {
            direct.clear().put((byte)b).flip();
            writeAll();
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException
        {
            int end = offset + length;
            for (int from = offset; from < end; from += direct.capacity())
            {
                direct.clear().put(bytes, from, Math.min(end - from, direct.capacity())).flip();
                writeAll();
            }
        }

        private void writeAll() throws IOException
        {
            while (direct.hasRemaining())
            {
                channel.write(direct);
            }
        }

        @Override
        public void close()
        {
            erase(direct);
        }
    }
}
