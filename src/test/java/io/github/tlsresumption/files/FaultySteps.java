package io.github.tlsresumption.files;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

import io.github.tlsresumption.files.FaultyFileSystem.Fault;

/**
 * The steps of a {@link FaultyFileSystem}, of which one fails, and what is lost when the power fails. For one thread.
 */
final class FaultySteps
{
    private final List<String> done = new ArrayList<>();
    private final List<NotForced> notForced = new ArrayList<>();
    private int failAt = -1;
    private Fault fault = Fault.BEFORE;
    private Optional<IOException> thrown = Optional.empty();
    private boolean dead;

    interface Step<T>
    {
        T run() throws IOException;
    }

    interface Undo
    {
        void run() throws IOException;
    }

    /**
     * @param inode of the file or directory that is to be forced
     */
    private record NotForced(Object inode, Undo undo)
    {
    }

    void failAt(int step, Fault how)
    {
        done.clear();
        notForced.clear();
        failAt = step;
        fault = how;
        thrown = Optional.empty();
    }

    void missingAt(int step)
    {
        failAt(step, Fault.BEFORE);
        thrown = Optional.of(new NoSuchFileException("of a test"));
    }

    boolean isDead()
    {
        return dead;
    }

    boolean haveFailed()
    {
        return done.size() > failAt;
    }

    List<String> done()
    {
        return done;
    }

    /**
     * @param inode of a file or directory: as long as it is not forced to the disk
     * @param undo is done when the power fails
     */
    void untilForced(Object inode, Undo undo)
    {
        notForced.add(new NotForced(inode, undo));
    }

    void forced(Object inode)
    {
        notForced.removeIf(waiting -> waiting.inode().equals(inode));
    }

    static Object inode(Path path) throws IOException
    {
        return Files.getAttribute(path, "unix:ino");
    }

    private static IOException failure()
    {
        return new IOException("no luck");
    }

    /**
     * @param what it is, for {@link #done()}
     * @param step is run, unless it is the one that fails
     */
    <T> T run(String what, Step<T> step) throws IOException
    {
        return run(what, step, step);
    }

    /**
     * @param half what is done of it when it throws and has been done
     */
    <T> T run(String what, Step<T> step, Step<T> half) throws IOException
    {
        if (dead)
        {
            throw failure();
        }
        boolean fails = done.size() == failAt;
        done.add(what);
        if (!fails)
        {
            return step.run();
        }
        if (fault == Fault.AFTER || fault == Fault.POWER)
        {
            half.run();
        }
        dead = fault == Fault.KILLED || fault == Fault.POWER;
        if (fault == Fault.POWER)
        {
            for (int i = notForced.size() - 1; i >= 0; i--)
            {
                notForced.get(i).undo().run();
            }
        }
        throw thrown.orElseGet(FaultySteps::failure);
    }
}
