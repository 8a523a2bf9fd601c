package io.github.tlsresumption.files;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;

/**
 * The place of a {@link GuardedFile}: to whom files and directories belong there, and what others may do to them. Immutable.
 */
final class FilePlace
{
    static final int GROUP_OR_OTHERS = 077;

    private static final int WRITE_FOR_GROUP_OR_OTHERS = 022;
    private static final int STICKY = 01000;

    private final String name;

    /**
     * @param name what messages call the file
     */
    FilePlace(String name)
    {
        this.name = name;
    }

    /**
     * @throws FileRefusedException when it is missing, or others than its owner may replace files in it
     */
    void requireDirectory(Path directory) throws IOException
    {
        if (!Files.isDirectory(directory))
        {
            throw new FileRefusedException("the directory " + directory + " for " + name + " is missing: mkdir -m 700 "
                + GuardedFile.quoted(directory));
        }
        int mode = mode(directory);
        if ((mode & WRITE_FOR_GROUP_OR_OTHERS) != 0 && (mode & STICKY) == 0)
        {
            throw new FileRefusedException("others than the owner may replace files in " + directory + ", where " + name + " is (mode "
                + octal(mode) + "): chmod go-w " + GuardedFile.quoted(directory));
        }
        int user = owner(directory);
        int present = ProcessUser.uid(directory);
        if (present != user && present != ProcessUser.ROOT)
        {
            throw new FileRefusedException("the directory " + directory + ", where " + name
                + " is, belongs neither to root nor to the user of this process: chown " + ProcessUser.name(user) + " "
                + GuardedFile.quoted(directory));
        }
    }

    /**
     * @return the user to whom files in the directory must belong
     * @throws FileRefusedException when the user of this process may not make files there
     */
    int owner(Path directory) throws IOException
    {
        try
        {
            return ProcessUser.owner(directory);
        }
        catch (AccessDeniedException e)
        {
            throw mayNotMakeFiles(directory, e);
        }
    }

    FileRefusedException mayNotMakeFiles(Path directory, AccessDeniedException cause) throws IOException
    {
        String user;
        try
        {
            user = ProcessUser.name(ProcessUser.owner(directory));
        }
        catch (AccessDeniedException e)
        {
            cause.addSuppressed(e);
            user = "the-user-of-this-process";
        }
        FileRefusedException refused = new FileRefusedException("the user of this process may not make files in " + directory + ", where "
            + name + " is, its lock and each new version: chown " + user + " " + GuardedFile.quoted(directory));
        refused.initCause(cause);
        return refused;
    }

    static boolean isRegularFile(Path path) throws IOException
    {
        return Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS).isRegularFile();
    }

    static boolean belongsTo(int user, Path path) throws IOException
    {
        return ProcessUser.uid(path, LinkOption.NOFOLLOW_LINKS) == user;
    }

    static String away(Path path)
    {
        return "mv " + GuardedFile.quoted(path) + " " + GuardedFile.quoted(GuardedFile.beside(path, ".old"));
    }

    static Path parentOf(Path path)
    {
        return path.toAbsolutePath().getParent();
    }

    static int mode(Path path) throws IOException
    {
        return (Integer)Files.getAttribute(path, "unix:mode") & 07777;
    }

    static String octal(int mode)
    {
        return Integer.toOctalString(mode);
    }
}
