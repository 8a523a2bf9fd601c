package io.github.tlsresumption.files;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The user to whom the files of this process belong: the one as whom it runs, or the one that it will become. A server may start as root
 * and then give that up; what it has made by then would be out of its reach.
 *
 * <p>There is one user for a process, so this is kept for the process. Safe for use by many threads.
 */
public final class ProcessUser
{
    static final int ROOT = 0;
    private static final String UID = "unix:uid";
    private static final Set<PosixFilePermission> OWNER_ONLY = PosixFilePermissions.fromString("rw-------");
    /** On Linux. */
    private static final Path STATUS = Path.of("/proc/self/status");
    private static final Pattern EFFECTIVE_UID = Pattern.compile("(?m)^Uid:\\s+\\d+\\s+(\\d+)");

    private static volatile Optional<Successor> successor = Optional.empty();

    /**
     * Whom the process will become.
     *
     * @param uid the user's number
     * @param gid the number of the group
     */
    public record Successor(int uid, int gid)
    {
    }

    private ProcessUser()
    {
    }

    /**
     * Files that are made from now on, while the process is root, are handed over to this user.
     *
     * @param next whom the process will become; empty when it stays who it is
     */
    public static void becomes(Optional<Successor> next)
    {
        successor = next;
    }

    /**
     * @param directory where a file may be made to find out, on systems that do not tell
     * @return the number of the user to whom our files belong
     * @throws IOException when it cannot be found out
     */
    static int owner(Path directory) throws IOException
    {
        OptionalInt effective = effective();
        int uid = effective.isPresent() ? effective.getAsInt() : probed(directory);
        return uid == ROOT ? successor.map(Successor::uid).orElse(uid) : uid;
    }

    /**
     * @return the number of the user as whom the process runs now, where the system tells
     * @throws IOException when it cannot be read
     */
    static OptionalInt effective() throws IOException
    {
        // Not the owner of /proc/self, who is root when the program has capabilities. Read each time: a server may give up root.
        if (!Files.exists(STATUS))
        {
            return OptionalInt.empty();
        }
        Matcher uid = EFFECTIVE_UID.matcher(Files.readString(STATUS));
        return uid.find() ? OptionalInt.of(Integer.parseUnsignedInt(uid.group(1))) : OptionalInt.empty();
    }

    /**
     * @return whether what this process makes must be handed over
     * @throws IOException when it cannot be found out
     */
    static boolean isToChange() throws IOException
    {
        return successor.isPresent() && effective().equals(OptionalInt.of(ROOT));
    }

    /**
     * @return whom the process will become
     */
    static Successor next()
    {
        return successor.orElseThrow();
    }

    /**
     * Gives a file or a directory that root has just made to the user whom the process will become, if it will become one. A link is not
     * followed, and a file that has another name too is not given away.
     *
     * @param made not yet under the name by which others open it, where its directory is open to others
     * @throws IOException when it cannot be given away
     */
    public static void handOver(Path made) throws IOException
    {
        if (!isToChange())
        {
            return;
        }
        Path name = made.getFileName();
        try (HeldDirectory directory = HeldDirectory.open(made.toAbsolutePath().getParent()))
        {
            HeldDirectory.Facts facts = directory.facts(name);
            if (facts.isDirectory())
            {
                handOverDirectory(directory, name);
                return;
            }
            requireRoots(facts.uid() == ROOT && facts.isSoleFile(), made);
            directory.give(name, next());
        }
    }

    private static void handOverDirectory(HeldDirectory directory, Path name) throws IOException
    {
        try (HeldDirectory made = directory.child(name))
        {
            requireRoots(made.facts().uid() == ROOT, name);
            made.give(next());
        }
    }

    private static void requireRoots(boolean isRoots, Path made) throws FileRefusedException
    {
        if (!isRoots)
        {
            throw new FileRefusedException(made + " is not what this process has made, so it is not given to user " + name(next().uid())
                + ": see who may write to its directory");
        }
    }

    /**
     * @param uid a user's number
     * @return what a command takes for that user; the number, as a container often has no name for its user
     */
    static String name(int uid)
    {
        return uid == ROOT ? "root" : Integer.toUnsignedString(uid);
    }

    static int uid(Path path, LinkOption... options) throws IOException
    {
        return (Integer)Files.getAttribute(path, UID, options);
    }

    private static int probed(Path directory) throws IOException
    {
        Path probe = Files.createTempFile(directory, ".owner", null, PosixFilePermissions.asFileAttribute(OWNER_ONLY));
        try
        {
            return uid(probe);
        }
        finally
        {
            Files.delete(probe);
        }
    }
}
