package io.github.tlsresumption;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

import org.junit.jupiter.api.extension.AnnotatedElementContext;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.io.TempDirFactory;

/**
 * Makes the temporary directories of unit tests in memory where there is room: they force thousands of files to the disk, and what would
 * be lost with the power is nobody's loss.
 */
public final class MemoryDirectories implements TempDirFactory
{
    private static final Path MEMORY = Path.of("/dev/shm");
    private static final long ROOM_BYTES = 256L << 20;

    @Override
    public Path createTempDirectory(AnnotatedElementContext element, ExtensionContext test) throws IOException
    {
        boolean suits = Files.isWritable(MEMORY) && Files.getFileStore(MEMORY).getUsableSpace() >= ROOM_BYTES;
        return suits ? Files.createTempDirectory(MEMORY, "junit") : Files.createTempDirectory("junit");
    }
}
