package io.github.tlsresumption.files;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * The file beside a {@link GuardedFile} by whose lock its writers take turns. Immutable and safe for use by many threads and processes.
 */
final class LockFile
{
    private static final Duration LOCK_WAIT = Duration.ofSeconds(5);
    private static final long LOCK_RETRY_MILLIS = 10;

    private final String name;
    private final FilePlace place;

    /**
     * @param name what messages call the guarded file
     * @param place where it is
     */
    LockFile(String name, FilePlace place)
    {
        this.name = name;
        this.place = place;
    }

    /**
     * See {@link GuardedFile#locked}.
     */
    <T, E extends Exception> T locked(Path real, GuardedFile.Change<T, E> change) throws IOException, E
    {
        // The lock on the file is the process's: a second one in the same process fails, and when its channel is closed
        // the first may be gone. So threads take turns first, on the one object that all class loaders share.
        synchronized ((GuardedFile.class.getName() + " " + real).intern())
        {
            try (FileChannel channel = open(real); FileLock lock = lock(channel, real))
            {
                if (!lock.isValid())
                {
                    throw new IOException("the lock on " + GuardedFile.beside(real, ".lock") + " was lost");
                }
                return change.make();
            }
        }
    }

    /*
     * Looks before it opens: everybody may make files in a sticky directory, and to open a named pipe may wait without end.
     * Afterwards nobody but the owners of the file and of the directory can exchange it.
     */
    private FileChannel open(Path real) throws IOException
    {
        Path lock = GuardedFile.beside(real, ".lock");
        try
        {
            FileChannel made = FileChannel.open(lock, GuardedFile.NEW_FILE, GuardedFile.OWNER_ONLY);
            handOver(lock, made);
            return made;
        }
        catch (AccessDeniedException e)
        {
            throw place.mayNotMakeFiles(FilePlace.parentOf(lock), e);
        }
        catch (FileAlreadyExistsException e)
        {
            if (!FilePlace.isRegularFile(lock) || !FilePlace.belongsTo(place.owner(FilePlace.parentOf(lock)), lock)
                || (FilePlace.mode(lock) & FilePlace.GROUP_OR_OTHERS) != 0)
            {
                throw new FileRefusedException("the lock file " + lock + " is not a regular file that only the user of this process may"
                    + " open, so that others can hold up every change of " + name + ": " + FilePlace.away(lock)
                    + " (as root if it belongs to somebody else), and keep " + name
                    + " in a directory where nobody else may make files");
            }
            return FileChannel.open(lock, GuardedFile.EXISTING_FILE);
        }
    }

    private static void handOver(Path lock, FileChannel made) throws IOException
    {
        try
        {
            ProcessUser.handOver(lock);
        }
        catch (IOException e)
        {
            made.close();
            throw e;
        }
    }

    /*
     * Not FileChannel.lock, which waits without end for a process that was stopped while it held the lock.
     */
    private static FileLock lock(FileChannel channel, Path real) throws IOException
    {
        long deadline = System.nanoTime() + LOCK_WAIT.toNanos();
        do
        {
            FileLock lock = tryLock(channel);
            if (lock != null)
            {
                return lock;
            }
            try
            {
                TimeUnit.MILLISECONDS.sleep(LOCK_RETRY_MILLIS);
            }
            catch (InterruptedException e)
            {
                Thread.currentThread().interrupt();
                throw new IOException("interrupted while waiting for " + GuardedFile.beside(real, ".lock"), e);
            }
        }
        while (System.nanoTime() < deadline);
        throw new IOException("another process holds " + GuardedFile.beside(real, ".lock") + " for more than " + LOCK_WAIT.toSeconds()
            + " s: find it with fuser " + GuardedFile.quoted(GuardedFile.beside(real, ".lock")));
    }

    private static FileLock tryLock(FileChannel channel) throws IOException
    {
        try
        {
            return channel.tryLock();
        }
        catch (OverlappingFileLockException e)
        {
            return null;
        }
    }
}
