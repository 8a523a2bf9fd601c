package io.github.tlsresumption.files;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Chooses the place of a file, and of those beside it, so that {@link GuardedFile} may use it. Volumes of containers are often open to a
 * group or to all, and belong to somebody else, and their user cannot change that. There the file is in a subdirectory of the user's own,
 * named after the file and the user's number.
 *
 * <p>Where the file is depends on what is in its directory alone, so that a restarted server and the command line find the same place. A
 * directory that is missing is made. All that is made here is the user's alone (mode 0700).
 *
 * <p>Stateless and safe for use by many threads and processes.
 */
public final class OwnDirectory
{
    private static final Logger LOG = LoggerFactory.getLogger(OwnDirectory.class);
    private static final String OF = ".of-";
    /** Of a directory in which not all files may be yet. */
    private static final String UNFINISHED = ".new-of-";
    private static final int WRITE_FOR_GROUP_OR_OTHERS = 022;
    private static final int STICKY = 01000;

    private OwnDirectory()
    {
    }

    /**
     * Chooses the place, and makes its directory. Says in the log when that is another than the configured one.
     *
     * @param configured where an operator wants the file
     * @param setting by which, for the message
     * @param instead what to set where there can be no such file, for the message
     * @return where it is, or is to be, as an absolute path
     * @throws FileRefusedException when there is no such place; the message has the command that makes one
     * @throws IOException when the place cannot be looked at
     */
    public static Path place(Path configured, String setting, String instead) throws IOException
    {
        Path file = configured.toAbsolutePath();
        if (!hasOwnersAndModes(file))
        {
            return file;
        }
        try
        {
            makeMissing(file.getParent());
            requireDirectory(file.getParent());
            Optional<Path> there = chosen(file);
            Path place = there.isPresent() ? there.get() : own(file, setting);
            requireWritable(place.getParent());
            return place;
        }
        catch (FileSystemException e)
        {
            throw cannot(file, setting, instead, e);
        }
    }

    /**
     * Makes nothing.
     *
     * @param configured where an operator wants the file
     * @return where it is, or would be as far as nothing must be made for it, as an absolute path
     * @throws FileRefusedException when others may know and change what is there; the message has the command that changes that
     * @throws IOException when the place cannot be looked at
     */
    public static Path find(Path configured) throws IOException
    {
        Path file = configured.toAbsolutePath();
        return hasOwnersAndModes(file) && Files.isDirectory(file.getParent()) ? chosen(file).orElse(file) : file;
    }

    /**
     * @param configured where an operator wants the file
     * @return the directories of all users that are there for it
     * @throws IOException when the place cannot be looked at
     */
    public static List<Path> all(Path configured) throws IOException
    {
        Path file = configured.toAbsolutePath();
        if (file.getFileName() == null || !Files.isDirectory(file.getParent()))
        {
            return List.of();
        }
        try (Stream<Path> beside = Files.list(file.getParent()))
        {
            return beside.filter(path -> path.getFileName().toString().startsWith(file.getFileName() + OF)).sorted().toList();
        }
    }

    /**
     * The files of root are out of the reach of a server that runs as the user to whom their directory belongs. What root has chosen there
     * before stays root's.
     *
     * @param configured where an operator wants the file
     * @return the directory that belongs to another user than root, though this process is root's; empty when there is no such
     * @throws IOException when the place cannot be looked at
     */
    public static Optional<Path> ofAnotherThanRoot(Path configured) throws IOException
    {
        Path file = configured.toAbsolutePath();
        if (!hasOwnersAndModes(file) || !ProcessUser.effective().equals(OptionalInt.of(ProcessUser.ROOT)))
        {
            return Optional.empty();
        }
        Path directory = file.getParent();
        while (!Files.exists(directory))
        {
            directory = directory.getParent();
        }
        boolean isRoots = ProcessUser.uid(directory) == ProcessUser.ROOT
            || Files.exists(ownDirectory(file, ProcessUser.ROOT), LinkOption.NOFOLLOW_LINKS);
        return isRoots ? Optional.empty() : Optional.of(directory);
    }

    private static boolean hasOwnersAndModes(Path file)
    {
        return file.getFileName() != null && file.getFileSystem().supportedFileAttributeViews().contains("unix");
    }

    /*
     * Empty where a directory must be made.
     */
    private static Optional<Path> chosen(Path file) throws IOException
    {
        Path directory = file.getParent();
        int user = ProcessUser.owner(directory);
        Path own = ownDirectory(file, user);
        if (Files.exists(own, LinkOption.NOFOLLOW_LINKS))
        {
            PrivateDirectory.settle(own, user);
            return Optional.of(own.resolve(file.getFileName()));
        }
        if (Files.exists(unfinished(file, user), LinkOption.NOFOLLOW_LINKS))
        {
            return Optional.empty();
        }
        return isLeftThere(file, user) || isOfUserAlone(directory, user) ? Optional.of(file) : Optional.empty();
    }

    /*
     * Whether root or the user has put something there that is not simply to be moved: a link, or a file in a sticky directory, which
     * earlier versions used as it is; or one that GuardedFile refuses with the command that mends it, rather than that it is passed over.
     */
    private static boolean isLeftThere(Path file, int user) throws IOException
    {
        if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS))
        {
            return false;
        }
        int present = ProcessUser.uid(file, LinkOption.NOFOLLOW_LINKS);
        boolean isSticky = (mode(file.getParent()) & STICKY) != 0;
        return (present == user || present == ProcessUser.ROOT) && (isSticky || !PrivateDirectory.isMovable(file, user));
    }

    private static boolean isOfUserAlone(Path directory, int user) throws IOException
    {
        return ProcessUser.uid(directory) == user && (mode(directory) & WRITE_FOR_GROUP_OR_OTHERS) == 0;
    }

    private static Path ownDirectory(Path file, int user)
    {
        return GuardedFile.beside(file, OF + Integer.toUnsignedString(user));
    }

    private static Path unfinished(Path file, int user)
    {
        return GuardedFile.beside(file, UNFINISHED + Integer.toUnsignedString(user));
    }

    private static Path own(Path file, String setting) throws IOException
    {
        Path directory = file.getParent();
        int user = ProcessUser.owner(directory);
        Path own = ownDirectory(file, user);
        boolean isMoved = PrivateDirectory.make(file, unfinished(file, user), own, user);
        PrivateDirectory.settle(own, user);
        LOG.info("{}: {} belongs to another user than that of this process, or others may make files there (mode {}), so the file is in a "
            + "directory of its own, {}{}", setting, directory, Integer.toOctalString(mode(directory)), own,
            isMoved ? ", to which it was moved" : "");
        return own.resolve(file.getFileName());
    }

    /**
     * Makes a directory, and those in which it is to be, where they are missing. What is made is the user's alone.
     *
     * @param directory there afterwards, or a file is in its place
     * @throws IOException when it cannot be made
     */
    public static void makeMissing(Path directory) throws IOException
    {
        Deque<Path> missing = new ArrayDeque<>();
        for (Path at = directory; at != null && !Files.exists(at); at = at.getParent())
        {
            missing.push(at);
        }
        for (Path next : missing)
        {
            if (PrivateDirectory.create(next))
            {
                ProcessUser.handOver(next);
            }
        }
    }

    private static void requireDirectory(Path directory) throws IOException
    {
        if (!Files.isDirectory(directory))
        {
            throw new NotDirectoryException(directory.toString());
        }
    }

    private static void requireWritable(Path directory) throws IOException
    {
        if (Files.isWritable(directory))
        {
            return;
        }
        boolean isReadOnly = Files.getFileStore(directory).isReadOnly();
        throw isReadOnly ? new FileSystemException(directory.toString(), null, "read-only file system")
            : new AccessDeniedException(directory.toString());
    }

    private static FileRefusedException cannot(Path file, String setting, String instead, FileSystemException cause)
    {
        Path directory = file.getParent();
        String why = cause instanceof AccessDeniedException ? "the user of this process may not make files there"
            : cause instanceof NotDirectoryException ? "it is no directory"
            : Objects.requireNonNullElse(cause.getReason(), cause.getClass().getSimpleName());
        FileRefusedException refused = new FileRefusedException(setting + " is " + file + ", but " + directory + " cannot be used (" + why
            + "): " + command(file, cause) + instead);
        refused.initCause(cause);
        return refused;
    }

    private static String command(Path file, FileSystemException cause)
    {
        try
        {
            String user = Integer.toUnsignedString(ProcessUser.owner(Path.of(System.getProperty("java.io.tmpdir"))));
            Path made = Files.isDirectory(file.getParent()) ? GuardedFile.beside(file, OF + user) : file.getParent();
            return cause instanceof AccessDeniedException ? "as root, install -d -m 700 -o " + user + " " + GuardedFile.quoted(made)
                + ", or " : "";
        }
        catch (IOException e)
        {
            cause.addSuppressed(e);
            return "";
        }
    }

    private static int mode(Path path) throws IOException
    {
        return (Integer)Files.getAttribute(path, "unix:mode") & 07777;
    }
}
