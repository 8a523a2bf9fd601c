package io.github.tlsresumption.files;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A file with a password that an operator, or the platform of a container, has made, and that is only read here. Stateless.
 *
 * <p>It belongs to the user of the process and is open to nobody else, as {@link GuardedFile} has it; or it belongs to root, who may let
 * a group read it, since platforms mount secrets in this way for processes that are not root. Nobody else may exchange it: its
 * directory belongs to that user or to root, and others may not write to it unless it is sticky. Symbolic links are followed first.
 */
public final class SecretFile
{
    private static final int GROUP_OR_OTHERS = 077;
    private static final int ALL_BUT_READ_FOR_GROUP = 037;
    private static final int WRITE_FOR_GROUP_OR_OTHERS = 022;
    private static final int STICKY = 01000;
    private static final int ROOT = 0;
    /** On Linux. */
    private static final Path STATUS = Path.of("/proc/self/status");
    private static final Pattern EFFECTIVE_UID = Pattern.compile("(?m)^Uid:\\s+\\d+\\s+(\\d+)");

    private SecretFile()
    {
    }

    /**
     * @param file the configured path
     * @param setting which has it, for the message
     * @return who else may know or exchange what is in it, and the command that changes that; empty when nobody can, and where the file
     *     system has no owners and modes
     * @throws IOException when it cannot be looked at
     */
    public static Optional<String> fault(Path file, String setting) throws IOException
    {
        if (!file.getFileSystem().supportedFileAttributeViews().contains("unix"))
        {
            return Optional.empty();
        }
        Path real = file.toRealPath();
        Path directory = real.getParent();
        String what = setting + ", the file " + real + ",";
        String quoted = GuardedFile.quoted(real);
        if (!Files.readAttributes(real, BasicFileAttributes.class).isRegularFile())
        {
            return Optional.of(what + " is not a regular file: name another one");
        }
        boolean isRoots = Files.getAttribute(real, "unix:uid").equals(ROOT);
        if (!isRoots && !isOurs(real))
        {
            return Optional.of(what + " belongs to another user than this process runs as, who may change it: chown it to the user"
                + " of this process");
        }
        int mode = mode(real);
        if ((mode & (isRoots ? ALL_BUT_READ_FOR_GROUP : GROUP_OR_OTHERS)) != 0)
        {
            return Optional.of(what + " is open to others than its owner (mode " + Integer.toOctalString(mode)
                + "), who may know the password: chmod 600 " + quoted + " (a secret that is mounted in a container has mode 0400, or "
                + "0440 and a group of this process)");
        }
        if ((mode(directory) & WRITE_FOR_GROUP_OR_OTHERS) != 0 && (mode(directory) & STICKY) == 0)
        {
            return Optional.of(what + " is in a directory where others may exchange it: chmod go-w " + GuardedFile.quoted(directory));
        }
        if (!Files.getAttribute(directory, "unix:uid").equals(ROOT) && !isOurs(directory))
        {
            return Optional.of(what + " is in a directory that belongs neither to root nor to the user of this process: move it to"
                + " another one");
        }
        return Optional.empty();
    }

    private static boolean isOurs(Path path) throws IOException
    {
        // Not the owner of /proc/self, who is root when the program has capabilities.
        Optional<Matcher> uid = Files.exists(STATUS) ? Optional.of(EFFECTIVE_UID.matcher(Files.readString(STATUS))).filter(Matcher::find)
            : Optional.empty();
        // Elsewhere the mode alone tells: this process could not read what is another user's alone.
        return uid.isEmpty() || Files.getAttribute(path, "unix:uid").equals(Integer.parseUnsignedInt(uid.get().group(1)));
    }

    private static int mode(Path path) throws IOException
    {
        return (Integer)Files.getAttribute(path, "unix:mode") & 07777;
    }
}
