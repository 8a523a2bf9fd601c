package io.github.tlsresumption.files;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.UnaryOperator;

/**
 * A file with a password or with keys that an operator, or the platform of a container, has made, and that is only read here. Stateless.
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

    private SecretFile()
    {
    }

    /**
     * As the other one, for a file with a password.
     *
     * @param file the configured path
     * @param setting which has it, for the message
     * @return who else may know or exchange what is in it, and the command that changes that; empty when nobody can
     * @throws IOException when it cannot be looked at
     */
    public static Optional<String> fault(Path file, String setting) throws IOException
    {
        return fault(file, setting, "the password", quoted -> "chmod 600 " + quoted + " (a secret that is mounted in a container has mode "
            + "0400, or 0440 and a group of this process)");
    }

    /**
     * As the other one, for a file with ticket keys, which a platform has mounted.
     *
     * @param file the configured path
     * @param setting which has it, for the message
     * @return who else may know or exchange what is in it, and how to change that; empty when nobody can
     * @throws IOException when it cannot be looked at
     */
    public static Optional<String> faultOfKeys(Path file, String setting) throws IOException
    {
        return fault(file, setting, "the keys", quoted -> "set defaultMode to 0440 where the Secret is mounted, and fsGroup to a group of"
            + " this process; a file of your own, chmod 600 " + quoted);
    }

    /**
     * @param file the configured path
     * @param setting which has it, for the message
     * @param secret what is in it, for the message
     * @param closed tells how to close the file to others
     * @return who else may know or exchange what is in it, and the command that changes that; empty when nobody can, and where the file
     *     system has no owners and modes
     * @throws IOException when it cannot be looked at
     */
    private static Optional<String> fault(Path file, String setting, String secret, UnaryOperator<String> closed) throws IOException
    {
        if (!file.getFileSystem().supportedFileAttributeViews().contains("unix"))
        {
            return Optional.empty();
        }
        Path real = file.toRealPath();
        Path directory = real.getParent();
        String what = setting + ": the file " + real;
        String quoted = GuardedFile.quoted(real);
        if (!Files.readAttributes(real, BasicFileAttributes.class).isRegularFile())
        {
            return Optional.of(what + " is not a regular file: name another one");
        }
        boolean isRoots = Files.getAttribute(real, "unix:uid").equals(ProcessUser.ROOT);
        if (!isRoots && !isOurs(real))
        {
            return Optional.of(what + " belongs to another user than this process runs as, who may change it: chown "
                + ProcessUser.name(ProcessUser.owner(directory)) + " " + quoted);
        }
        int mode = mode(real);
        if ((mode & (isRoots ? ALL_BUT_READ_FOR_GROUP : GROUP_OR_OTHERS)) != 0)
        {
            return Optional.of(what + " is open to others than its owner (mode " + Integer.toOctalString(mode)
                + "), who may know " + secret + ": " + closed.apply(quoted));
        }
        if ((mode(directory) & WRITE_FOR_GROUP_OR_OTHERS) != 0 && (mode(directory) & STICKY) == 0)
        {
            return Optional.of(what + " is in a directory where others may exchange it: chmod go-w " + GuardedFile.quoted(directory));
        }
        if (!Files.getAttribute(directory, "unix:uid").equals(ProcessUser.ROOT) && !isOurs(directory))
        {
            return Optional.of(what + " is in a directory that belongs neither to root nor to the user of this process: move it to"
                + " another one");
        }
        return Optional.empty();
    }

    private static boolean isOurs(Path path) throws IOException
    {
        OptionalInt effective = ProcessUser.effective();
        int present = ProcessUser.uid(path);
        // Elsewhere the mode alone tells: this process could not read what is another user's alone.
        return effective.isEmpty() || present == effective.getAsInt() || present == ProcessUser.owner(path.getParent());
    }

    private static int mode(Path path) throws IOException
    {
        return (Integer)Files.getAttribute(path, "unix:mode") & 07777;
    }
}
