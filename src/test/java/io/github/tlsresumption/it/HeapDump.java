package io.github.tlsresumption.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The heap of a running server in a file, in the format HPROF of the JDK.
 */
final class HeapDump implements AutoCloseable
{
    private static final int HEAP_DUMP = 0x0C;
    private static final int HEAP_DUMP_SEGMENT = 0x1C;
    private static final int ID_BYTES = 8;
    private static final int OBJECT = 2;
    private static final int BYTE = 8;

    private final Path file;
    private final MappedByteBuffer bytes;

    private HeapDump(Path file) throws IOException
    {
        this.file = file;
        try (FileChannel channel = FileChannel.open(file))
        {
            this.bytes = channel.map(MapMode.READ_ONLY, 0, channel.size());
        }
    }

    /**
     * @param jetty a server, whose garbage is collected first
     * @param all whether to dump also what nobody refers to any more, as far as it is still there
     * @return its heap
     */
    static HeapDump of(JettyProcess jetty, boolean all)
    {
        try
        {
            jcmd(jetty, "GC.run");
            return all ? withGarbage(jetty) : dump(jetty);
        }
        catch (IOException e)
        {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * @param jetty a server
     * @return its heap as it is, with all that nobody refers to any more and that no collection has taken
     */
    static HeapDump withGarbage(JettyProcess jetty)
    {
        try
        {
            return dump(jetty, "-all");
        }
        catch (IOException e)
        {
            throw new UncheckedIOException(e);
        }
    }

    private static HeapDump dump(JettyProcess jetty, String... options) throws IOException
    {
        Path file = Files.createTempFile(jetty.base().path(), "heap", ".hprof");
        Files.delete(file);
        List<String> words = new ArrayList<>(List.of("GC.heap_dump"));
        words.addAll(List.of(options));
        words.add(file.toString());
        jcmd(jetty, words.toArray(String[]::new));
        return new HeapDump(file);
    }

    private static void jcmd(JettyProcess jetty, String... words)
    {
        List<String> command = new ArrayList<>();
        command.add(JettyHome.java().resolveSibling("jcmd").toString());
        command.add(String.valueOf(jetty.serverPid()));
        command.addAll(List.of(words));
        Command.run(null, command).succeeded();
    }

    /**
     * @param secrets what to look for, by its name
     * @return the places where one of them is, in any form, by the name and the form
     */
    Map<String, List<Integer>> places(Map<String, byte[]> secrets)
    {
        return new SecretForms(secrets).in(bytes);
    }

    /**
     * @param length a length
     * @return the contents of all byte arrays of that length, in hexadecimal digits, and how many there are of each
     */
    Map<String, Integer> arrays(int length)
    {
        Map<String, Integer> found = new LinkedHashMap<>();
        int position = 0;
        while (bytes.get(position) != 0)
        {
            position++;
        }
        // The format's name and a zero, the size of ids, the time.
        position += 1 + Integer.BYTES + Long.BYTES;
        while (position < bytes.limit())
        {
            int tag = bytes.get(position);
            long size = Integer.toUnsignedLong(bytes.getInt(position + 5));
            position += 9;
            if (tag == HEAP_DUMP || tag == HEAP_DUMP_SEGMENT)
            {
                segment(position, position + (int)size, length, found);
            }
            position += (int)size;
        }
        return found;
    }

    private void segment(int start, int end, int length, Map<String, Integer> found)
    {
        int position = start;
        while (position < end)
        {
            int tag = bytes.get(position++) & 0xFF;
            position += switch (tag)
            {
                case 0xFF, 0x05, 0x07 -> ID_BYTES;
                case 0x01 -> 2 * ID_BYTES;
                case 0x02, 0x03, 0x08 -> ID_BYTES + 8;
                case 0x04, 0x06 -> ID_BYTES + 4;
                case 0x20 -> classBytes(position);
                case 0x21 -> ID_BYTES + 4 + ID_BYTES + 4 + bytes.getInt(position + ID_BYTES + 4 + ID_BYTES);
                case 0x22 -> ID_BYTES + 4 + 4 + ID_BYTES + bytes.getInt(position + ID_BYTES + 4) * ID_BYTES;
                case 0x23 -> arrayBytes(position, length, found);
                default -> throw new AssertionError("no such record in " + file + ": " + tag + " at " + position);
            };
        }
    }

    private int arrayBytes(int position, int length, Map<String, Integer> found)
    {
        int count = bytes.getInt(position + ID_BYTES + 4);
        int type = bytes.get(position + ID_BYTES + 8);
        int contents = position + ID_BYTES + 9;
        if (type == BYTE && count == length)
        {
            byte[] array = new byte[length];
            bytes.get(contents, array);
            found.merge(HexFormat.of().formatHex(array), 1, Integer::sum);
        }
        return ID_BYTES + 9 + count * size(type);
    }

    private int classBytes(int start)
    {
        int position = start + 7 * ID_BYTES + 8;
        int constants = bytes.getShort(position);
        position += 2;
        for (int i = 0; i < constants; i++)
        {
            position += 3 + size(bytes.get(position + 2));
        }
        int statics = bytes.getShort(position);
        position += 2;
        for (int i = 0; i < statics; i++)
        {
            position += ID_BYTES + 1 + size(bytes.get(position + ID_BYTES));
        }
        int fields = bytes.getShort(position);
        return position + 2 + fields * (ID_BYTES + 1) - start;
    }

    private static int size(int type)
    {
        return switch (type)
        {
            case OBJECT, 7, 11 -> 8;
            case 4, BYTE -> 1;
            case 5, 9 -> 2;
            case 6, 10 -> 4;
            default -> throw new AssertionError("no such type: " + type);
        };
    }

    @Override
    public void close()
    {
        try
        {
            Files.delete(file);
        }
        catch (IOException e)
        {
            throw new UncheckedIOException(e);
        }
    }
}
