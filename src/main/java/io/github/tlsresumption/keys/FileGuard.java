package io.github.tlsresumption.keys;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

import io.github.tlsresumption.keys.TicketKeyStoreException.Kind;

/**
 * Who else can read or replace a file. Looks at mode bits and owners, not at what this process may do, so that root is
 * told the same as everybody.
 */
final class FileGuard
{
    private static final FileAttribute<Set<PosixFilePermission>> OWNER_ONLY =
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
    private static final Pattern NEEDS_NO_QUOTES = Pattern.compile("[A-Za-z0-9_./:@%+,=-]+");
    private static final int GROUP_OR_OTHERS = 077;
    private static final int WRITE_FOR_GROUP_OR_OTHERS = 022;
    private static final int STICKY = 01000;
    private static final int ROOT = 0;

    private static volatile UserPrincipal processUser;

    private FileGuard()
    {
    }

    /*
     * Follows symbolic links. The directory that holds the link is checked here, as whoever may write to it can lead
     * the link elsewhere; the caller checks what the link leads to.
     */
    static Path realPath(Path file) throws IOException, TicketKeyStoreException
    {
        requireOwnersAndModes(file);
        Path directory = parentOf(file);
        requireDirectory(directory);
        if (!Files.isSymbolicLink(file))
        {
            return directory.toRealPath().resolve(file.getFileName());
        }
        try
        {
            Path real = file.toRealPath();
            requireDirectory(parentOf(real));
            return real;
        }
        catch (NoSuchFileException e)
        {
            throw refused("the ticket key file " + file + " is a symbolic link to nothing: rm " + quoted(file));
        }
    }

    static void requireFile(Path file) throws IOException, TicketKeyStoreException
    {
        if (!Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS).isRegularFile())
        {
            throw refused("the ticket key file " + file + " is not a regular file: mv " + quoted(file) + " " + quoted(file, ".old"));
        }
        UserPrincipal user = processUser(parentOf(file));
        if (!Files.getOwner(file, LinkOption.NOFOLLOW_LINKS).equals(user))
        {
            throw refused("the ticket key file " + file + " belongs to another user than this process runs as, who may know the keys: "
                + "chown " + user.getName() + " " + quoted(file) + " (or run this as the owner)");
        }
        int mode = mode(file);
        if ((mode & GROUP_OR_OTHERS) != 0)
        {
            throw refused("the ticket key file " + file + " is open to others than its owner (mode " + octal(mode)
                + "), who may know the keys: chmod 600 " + quoted(file));
        }
    }

    private static void requireOwnersAndModes(Path file) throws TicketKeyStoreException
    {
        if (!file.getFileSystem().supportedFileAttributeViews().contains("unix"))
        {
            throw refused("the ticket key file " + file + " is on a file system without owners and modes: "
                + "choose another place, or set jetty.tlsResumption.ticketKeyStore=memory");
        }
    }

    static FileChannel createOwnerOnly(Path file, Set<OpenOption> options) throws IOException
    {
        return FileChannel.open(file, options, OWNER_ONLY);
    }

    /*
     * What changes when a file is replaced, written to, or given another mode or owner.
     */
    static String stamp(Path file) throws IOException, TicketKeyStoreException
    {
        requireOwnersAndModes(file);
        try
        {
            Map<String, Object> state = Files.readAttributes(file, "unix:ino,dev,size,lastModifiedTime,ctime,mode,uid");
            return state.get("dev") + ":" + state.get("ino") + " " + state.get("size") + " " + state.get("lastModifiedTime") + " "
                + state.get("ctime") + " " + state.get("mode") + " " + state.get("uid");
        }
        catch (NoSuchFileException e)
        {
            return "none";
        }
    }

    static Path parentOf(Path file)
    {
        return file.toAbsolutePath().getParent();
    }

    static String quoted(Path path)
    {
        return quoted(path, "");
    }

    static String quoted(Path path, String suffix)
    {
        String text = path + suffix;
        return NEEDS_NO_QUOTES.matcher(text).matches() ? text : "'" + text.replace("'", "'\\''") + "'";
    }

    private static void requireDirectory(Path directory) throws IOException, TicketKeyStoreException
    {
        if (!Files.isDirectory(directory))
        {
            throw refused("the directory " + directory + " for the ticket key file is missing: mkdir -m 700 " + quoted(directory));
        }
        int mode = mode(directory);
        if ((mode & WRITE_FOR_GROUP_OR_OTHERS) != 0 && (mode & STICKY) == 0)
        {
            throw refused("others than the owner may replace files in " + directory + ", where the ticket key file is (mode " + octal(mode)
                + "): chmod go-w " + quoted(directory));
        }
        UserPrincipal user = processUser(directory);
        if (!Files.getOwner(directory).equals(user) && !Files.getAttribute(directory, "unix:uid").equals(ROOT))
        {
            throw refused("the directory " + directory + ", where the ticket key file is, belongs neither to root nor to the user of this "
                + "process: chown " + user.getName() + " " + quoted(directory));
        }
    }

    private static int mode(Path path) throws IOException
    {
        return (Integer)Files.getAttribute(path, "unix:mode") & 07777;
    }

    private static String octal(int mode)
    {
        return Integer.toOctalString(mode);
    }

    private static TicketKeyStoreException refused(String message)
    {
        return new TicketKeyStoreException(Kind.REFUSED, message);
    }

    /*
     * Java does not tell under which user the process runs, and the user's name is '?' where a container has no entry
     * for it. A file that the process makes tells; and it must be able to make files there anyway.
     */
    private static UserPrincipal processUser(Path directory) throws IOException, TicketKeyStoreException
    {
        UserPrincipal known = processUser;
        if (known == null)
        {
            try
            {
                Path probe = Files.createTempFile(directory, ".owner", null, OWNER_ONLY);
                try
                {
                    known = Files.getOwner(probe);
                }
                finally
                {
                    Files.delete(probe);
                }
            }
            catch (AccessDeniedException e)
            {
                throw refused("the user of this process may not make files in " + directory
                    + ", where the ticket key file is, its lock and each new version: chown that user " + quoted(directory));
            }
            processUser = known;
        }
        return known;
    }
}
