package io.github.tlsresumption.files;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * A file that nobody but its owner may read or replace, and that processes of one host change in turn.
 *
 * <p><b>Who may touch it.</b> The file belongs to the user of the process and is open to nobody else (mode 0600). Its
 * directory belongs to that user or to root, and nobody else may write to it, unless it is sticky. A symbolic link is
 * followed; then this holds for the directory of the link, and for the file and the directory that it leads to, and the
 * link belongs to that user or to root. Looks at mode bits and owners, not at what this process may do, so that root is
 * told the same as everybody.
 *
 * <p><b>How it is written.</b> Writers take turns by a lock on a second file ({@code .lock}), which stays, and which must
 * be its owner's alone as well: whoever may open it can hold the lock. A new version goes to a third file ({@code .new}),
 * made with mode 0600, is forced to disk and renamed over the old one: a crash leaves one or the other, whole. Where
 * somebody else has put a file of that name into a sticky directory, the third file gets a random name.
 *
 * <p>Immutable and safe for use by many threads and processes. Not for network file systems, whose locks and renames are
 * not reliable.
 */
public final class GuardedFile
{
    static final FileAttribute<Set<PosixFilePermission>> OWNER_ONLY =
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
    static final Set<OpenOption> NEW_FILE = Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    static final Set<OpenOption> EXISTING_FILE = Set.of(StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
    private static final Pattern NEEDS_NO_QUOTES = Pattern.compile("[A-Za-z0-9_./:@%+,=-]+");

    private final Path file;
    private final String name;
    private final String risk;
    private final String instead;
    private final FilePlace place;
    private final LockFile lock;

    /**
     * @param file where it is, or is to be; the directory exists
     * @param name what messages call it, for example 'the ticket key file'
     * @param risk what others may have done when they could touch it, for example 'who may know the keys'
     * @param instead what to do where the file system has no owners and modes
     */
    public GuardedFile(Path file, String name, String risk, String instead)
    {
        Objects.requireNonNull(file.getFileName(), "the root directory is no file");
        this.file = file.toAbsolutePath();
        this.name = Objects.requireNonNull(name);
        this.risk = Objects.requireNonNull(risk);
        this.instead = Objects.requireNonNull(instead);
        this.place = new FilePlace(name);
        this.lock = new LockFile(name, place);
    }

    /**
     * What is done with the file while nobody else changes it.
     *
     * @param <T> what it gives
     * @param <E> what it throws besides
     */
    public interface Change<T, E extends Exception>
    {
        /**
         * @return what the caller wants to know
         * @throws IOException when it fails
         * @throws E when it fails
         */
        T make() throws IOException, E;
    }

    /**
     * Writes a new version.
     */
    public interface Contents
    {
        /**
         * @param out not buffered, so that no copy of a secret stays behind; need not be closed
         * @throws IOException when it fails
         */
        void writeTo(OutputStream out) throws IOException;
    }

    /**
     * @return the absolute path as configured
     */
    public Path path()
    {
        return file;
    }

    /**
     * Follows symbolic links. The directory that holds the link is checked here, as whoever may write to it can lead
     * the link elsewhere; what the link leads to is for {@link #check}.
     *
     * @return where the file is, or is to be
     * @throws FileRefusedException when its place is not safe
     * @throws IOException when the place cannot be looked at
     */
    public Path real() throws IOException
    {
        requireOwnersAndModes();
        Path directory = FilePlace.parentOf(file);
        place.requireDirectory(directory);
        if (!Files.isSymbolicLink(file))
        {
            return directory.toRealPath().resolve(file.getFileName());
        }
        if (!FilePlace.belongsTo(place.owner(directory), file) && !FilePlace.belongsTo(ProcessUser.ROOT, file))
        {
            throw new FileRefusedException(name + " " + file + " is a symbolic link that belongs neither to root nor to the user of"
                + " this process, so that others choose where it leads: " + FilePlace.away(file));
        }
        try
        {
            Path real = file.toRealPath();
            place.requireDirectory(FilePlace.parentOf(real));
            return real;
        }
        catch (NoSuchFileException e)
        {
            throw new FileRefusedException(name + " " + file + " is a symbolic link to nothing: rm " + quoted(file));
        }
    }

    /**
     * @param real from {@link #real}
     * @throws FileRefusedException when it is no regular file, or not its owner's alone
     * @throws NoSuchFileException when there is none
     * @throws IOException when it cannot be looked at
     */
    public void check(Path real) throws IOException
    {
        if (!FilePlace.isRegularFile(real))
        {
            throw new FileRefusedException(name + " " + real + " is not a regular file: " + FilePlace.away(real));
        }
        int user = place.owner(FilePlace.parentOf(real));
        if (!FilePlace.belongsTo(user, real))
        {
            throw new FileRefusedException(name + " " + real + " belongs to another user than this process runs as, " + risk
                + ": chown " + ProcessUser.name(user) + " " + quoted(real) + " (or run this as the owner)");
        }
        int mode = FilePlace.mode(real);
        if ((mode & FilePlace.GROUP_OR_OTHERS) != 0)
        {
            throw new FileRefusedException(name + " " + real + " is open to others than its owner (mode " + FilePlace.octal(mode) + "), "
                + risk + ": chmod 600 " + quoted(real));
        }
    }

    /**
     * A cheap look whether anything changed.
     *
     * @param path the configured path or the real one
     * @return what changes when the file is replaced, written to, or given another mode or owner
     * @throws IOException when it cannot be looked at
     */
    public String stamp(Path path) throws IOException
    {
        requireOwnersAndModes();
        try
        {
            Map<String, Object> state = Files.readAttributes(path, "unix:ino,dev,size,lastModifiedTime,ctime,mode,uid");
            return state.get("dev") + ":" + state.get("ino") + " " + state.get("size") + " " + state.get("lastModifiedTime") + " "
                + state.get("ctime") + " " + state.get("mode") + " " + state.get("uid");
        }
        catch (NoSuchFileException e)
        {
            return "none";
        }
    }

    /**
     * Makes a change while no other thread or process makes one. Waits for its turn for a few seconds at the most.
     *
     * @param real from {@link #real}
     * @param change not to lock again
     * @param <T> what the change gives
     * @param <E> what the change throws besides
     * @return what the change gave
     * @throws FileRefusedException when somebody else can hold the lock
     * @throws IOException when the turn does not come, or the change throws it
     * @throws E when the change throws it
     */
    public <T, E extends Exception> T locked(Path real, Change<T, E> change) throws IOException, E
    {
        return lock.locked(real, change);
    }

    /**
     * Puts a new version in place of the file, or makes it. To be called in {@link #locked}.
     *
     * @param real from {@link #real}
     * @param contents what is to be in it
     * @throws IOException when it fails; then the old version is in place, unless the disk did not say so
     */
    public void replace(Path real, Contents contents) throws IOException
    {
        Path fresh = fresh(real);
        try
        {
            boolean isUsual = fresh.equals(beside(real, ".new"));
            try (FileChannel channel = FileChannel.open(fresh, isUsual ? NEW_FILE : EXISTING_FILE, OWNER_ONLY))
            {
                try (OutputStream out = SecretBytes.to(channel))
                {
                    contents.writeTo(out);
                }
                channel.force(true);
            }
            ProcessUser.handOver(fresh);
            Files.move(fresh, real, StandardCopyOption.ATOMIC_MOVE);
            try (FileChannel directory = FileChannel.open(FilePlace.parentOf(real), StandardOpenOption.READ))
            {
                directory.force(true);
            }
        }
        finally
        {
            Files.deleteIfExists(fresh);
        }
    }

    /**
     * @param verb for example 'read'
     * @param cause why not
     * @return for operators, naming the file
     */
    public String cannotBe(String verb, IOException cause)
    {
        String reason = cause instanceof FileSystemException fault && fault.getReason() != null ? fault.getReason()
            : cause instanceof FileSystemException ? cause.getClass().getSimpleName() : cause.getMessage();
        String where = cause instanceof FileSystemException fault && fault.getFile() != null ? " (" + fault.getFile() + ")" : "";
        return name + " " + file + " cannot be " + verb + ": " + reason + where;
    }

    /**
     * @param path any
     * @return the path as a shell takes it for one word
     */
    public static String quoted(Path path)
    {
        String text = path.toString();
        return NEEDS_NO_QUOTES.matcher(text).matches() ? text : "'" + text.replace("'", "'\\''") + "'";
    }

    /**
     * @param path of a file
     * @param suffix for its name
     * @return a file in the same directory
     */
    public static Path beside(Path path, String suffix)
    {
        return path.resolveSibling(path.getFileName() + suffix);
    }

    private void requireOwnersAndModes() throws FileRefusedException
    {
        if (!file.getFileSystem().supportedFileAttributeViews().contains("unix"))
        {
            throw new FileRefusedException(name + " " + file + " is on a file system without owners and modes: " + instead);
        }
    }

    /*
     * Where the next version is to be written: exists already if its name is not the usual one.
     */
    private Path fresh(Path real) throws IOException
    {
        Path usual = beside(real, ".new");
        if (isOfAnotherUser(usual))
        {
            return Files.createTempFile(FilePlace.parentOf(real), usual.getFileName().toString(), null, OWNER_ONLY);
        }
        // One that a crash left behind; none of ours writes now.
        Files.deleteIfExists(usual);
        return usual;
    }

    private boolean isOfAnotherUser(Path path) throws IOException
    {
        try
        {
            return !FilePlace.belongsTo(place.owner(FilePlace.parentOf(path)), path);
        }
        catch (NoSuchFileException e)
        {
            return false;
        }
    }
}
