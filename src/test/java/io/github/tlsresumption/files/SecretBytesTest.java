package io.github.tlsresumption.files;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Random;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * That no copy stays behind is seen in the heap of a server: see KeyHygieneIT.
 */
class SecretBytesTest
{
    private static final int MOST = 100_000;

    @TempDir
    private Path directory;

    private Path file()
    {
        return directory.resolve("file");
    }

    private static byte[] bytes(int length)
    {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return bytes;
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 8191, 8192, 8193, 20_000, MOST})
    void whatIsWrittenIsRead(int length) throws IOException
    {
        byte[] bytes = bytes(length);
        try (FileChannel channel = FileChannel.open(file(), StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW))
        {
            try (OutputStream out = SecretBytes.to(channel))
            {
                out.write(bytes);
            }
            assertTrue(channel.isOpen());
        }
        assertArrayEquals(bytes, Files.readAllBytes(file()));
        assertArrayEquals(bytes, SecretBytes.read(file(), MOST));
    }

    @Test
    void singleBytesAndPartsAreWritten() throws IOException
    {
        byte[] bytes = bytes(10);
        try (FileChannel channel = FileChannel.open(file(), StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW);
             OutputStream out = SecretBytes.to(channel))
        {
            out.write(bytes[0]);
            out.write(bytes, 1, 8);
            out.write(bytes[9] & 0xFF);
        }
        assertArrayEquals(bytes, Files.readAllBytes(file()));
    }

    @Test
    void noMoreIsReadThanAskedFor() throws IOException
    {
        byte[] bytes = bytes(10);
        Files.write(file(), bytes);
        assertArrayEquals(Arrays.copyOf(bytes, 4), SecretBytes.read(file(), 4));
    }

    @Test
    void aFileWithoutASizeIsReadToItsEnd() throws IOException
    {
        Path status = Path.of("/proc/self/limits");
        assertEquals(0, Files.size(status));
        assertArrayEquals(Files.readAllBytes(status), SecretBytes.read(status, MOST));
    }

    @Test
    void anOptionHolds() throws IOException
    {
        Files.write(directory.resolve("other"), bytes(1));
        Files.createSymbolicLink(file(), directory.resolve("other"));
        assertEquals(1, SecretBytes.read(file(), MOST).length);
        assertThrows(IOException.class, () -> SecretBytes.read(file(), MOST, LinkOption.NOFOLLOW_LINKS));
        assertThrows(NoSuchFileException.class, () -> SecretBytes.read(directory.resolve("none"), MOST));
    }
}
