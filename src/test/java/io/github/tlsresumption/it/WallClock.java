package io.github.tlsresumption.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * The wall clock of processes, which a test moves as an administrator or a time service would. It goes on by itself. The processes see
 * a move at once; monotonic time and the times of files stay as they are. Works by a preloaded library, that of
 * {@code src/test/native/wallclock.c}, which is compiled when it is first needed. Safe for use by several threads.
 */
public final class WallClock
{
    private static final Path SOURCE = Path.of("src", "test", "native", "wallclock.c");

    private final Path library;
    private final Path file;
    private Duration offset = Duration.ZERO;

    private WallClock(Path library, Path file)
    {
        this.library = library;
        this.file = file;
    }

    /**
     * @return a clock that tells the real time until it is moved; aborts the test where there is no C compiler
     */
    public static WallClock real()
    {
        try
        {
            Path file = readable(Files.createTempFile(Library.FILE.getParent(), "clock", ".offset"), "rw-r--r--");
            return new WallClock(Library.FILE, file).move(Duration.ZERO);
        }
        catch (IOException e)
        {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * @return variables for the environment of a process that is to go by this clock
     */
    public Map<String, String> environment()
    {
        return Map.of("LD_PRELOAD", library.toString(), "WALL_CLOCK", file.toString());
    }

    /**
     * @param step by how much to move the clock; negative to set it back
     * @return this clock
     */
    public synchronized WallClock move(Duration step)
    {
        offset = offset.plus(step);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE))
        {
            ByteBuffer nanos = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.nativeOrder());
            channel.write(nanos.putLong(0, offset.toNanos()), 0);
            return this;
        }
        catch (IOException e)
        {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * @param instant what the processes are to take for now, unless it is over already
     */
    public synchronized void moveTo(Instant instant)
    {
        Duration ahead = Duration.between(instant(), instant);
        if (!ahead.isNegative())
        {
            move(ahead);
        }
    }

    /**
     * @return what the processes take for now
     */
    public synchronized Instant instant()
    {
        return Clock.systemUTC().instant().plus(offset);
    }

    /**
     * Compiled once for each run of the tests.
     */
    private static final class Library
    {
        static final Path FILE = compile();

        private static Path compile()
        {
            Path compiler = Tools.require("cc", "gcc", "clang");
            try
            {
                Path made = readable(Files.createTempDirectory("clock"), "rwxr-xr-x").resolve("wallclock.so");
                Command.run(null, List.of(compiler.toString(), "-O2", "-shared", "-fPIC", "-o", made.toString(), SOURCE.toString(), "-ldl"))
                    .succeeded();
                return readable(made, "rwxr-xr-x");
            }
            catch (IOException e)
            {
                throw new UncheckedIOException(e);
            }
        }
    }

    /**
     * A database server, which runs as a user of its own, goes by the clock too.
     */
    private static Path readable(Path path, String permissions) throws IOException
    {
        path.toFile().deleteOnExit();
        return Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(permissions));
    }
}
