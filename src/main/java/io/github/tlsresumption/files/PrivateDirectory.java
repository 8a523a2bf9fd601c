package io.github.tlsresumption.files;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Directories of one user alone, in places where others may make and exchange files: how they are made, filled and kept closed. Root does
 * that for a user too, and then changes nothing that this user could exchange at that moment. Stateless.
 */
final class PrivateDirectory
{
    private static final Logger LOG = LoggerFactory.getLogger(PrivateDirectory.class);
    private static final FileAttribute<Set<PosixFilePermission>> OWNER_ONLY =
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
    /** What belongs to a file moves with it; a lock is made anew. */
    private static final List<String> SUFFIXES = List.of("", ".forgotten", ".version");
    private static final int OTHERS = 007;
    private static final int GROUP_OR_OTHERS = 077;

    private PrivateDirectory()
    {
    }

    /**
     * Makes one, and moves into it what was kept when the directory was still another's business, or the user another: otherwise all
     * sessions would end. It has another name until all is in it: what a start that was cut short has left is finished by the next one.
     *
     * @param file where the files were, and beside which the directory is to be
     * @param unfinished its name until then
     * @param own its name afterwards
     * @param user to whom it is to belong
     * @return whether there were files
     * @throws IOException when it cannot be made
     */
    static boolean make(Path file, Path unfinished, Path own, int user) throws IOException
    {
        create(unfinished);
        try (HeldDirectory volume = HeldDirectory.open(file.getParent()))
        {
            boolean isMoved = false;
            // Root does nothing in a directory that has been handed over already.
            if (requireOurs(unfinished, user) == ProcessUser.effective().orElse(user))
            {
                try (HeldDirectory inside = volume.child(unfinished.getFileName()))
                {
                    take(inside, user);
                    moveInto(inside, volume, file, user);
                    isMoved = close(inside, user);
                }
            }
            volume.move(unfinished.getFileName(), volume, own.getFileName());
            return isMoved;
        }
        catch (FileSystemException e)
        {
            if (!Files.exists(own, LinkOption.NOFOLLOW_LINKS))
            {
                throw e;
            }
            LOG.debug("Another process has made {}", own, e);
            return false;
        }
    }

    private static void moveInto(HeldDirectory inside, HeldDirectory volume, Path file, int user) throws IOException
    {
        for (String suffix : SUFFIXES)
        {
            Path old = suffix.isEmpty() ? file : GuardedFile.beside(file, suffix);
            if (!isMovable(old, user))
            {
                continue;
            }
            Path name = old.getFileName();
            try
            {
                volume.move(name, inside, name);
            }
            catch (AccessDeniedException | NoSuchFileException e)
            {
                LOG.debug("{} stays", old, e);
                continue;
            }
            // Here nobody else can exchange it any more.
            if (!isMovable(inside.facts(name), user))
            {
                inside.move(name, volume, name);
                LOG.warn("{} was exchanged while it was moved, and stays", old);
            }
        }
    }

    /**
     * Closes one to its group. Kubernetes opens all of a volume to the group at each mount, where fsGroup is set.
     *
     * @param own one that is there
     * @param user to whom it is to belong
     * @throws FileRefusedException when somebody else may know and change what is in it; the message has the command that changes that
     * @throws IOException when it cannot be looked at
     */
    static void settle(Path own, int user) throws IOException
    {
        int present = requireOurs(own, user);
        int mode = mode(own);
        if ((mode & OTHERS) != 0)
        {
            throw new FileRefusedException(own + " is open to others than its owner (mode " + octal(mode) + "), who may know and"
                + " change what is in it: chmod 700 " + GuardedFile.quoted(own) + " (on a file system that keeps no owners and modes:"
                + " choose another place)");
        }
        boolean isOpen = (mode & GROUP_OR_OTHERS) != 0;
        if (!isOpen && present == user)
        {
            return;
        }
        try (HeldDirectory volume = HeldDirectory.open(own.getParent()); HeldDirectory held = volume.child(own.getFileName()))
        {
            take(held, user);
            close(held, user);
        }
        if (isOpen)
        {
            LOG.warn("{} was open to its group (mode {}), as Kubernetes leaves it where fsGroup is set, and is closed again. Who is in "
                + "that group may know what is in it. fsGroupChangePolicy: OnRootMismatch leaves it closed", own, octal(mode));
        }
    }

    /*
     * Root may have made it for the user whom the process will become, and not have got further.
     *
     * @return the owner
     */
    private static int requireOurs(Path own, int user) throws IOException
    {
        int present = ProcessUser.uid(own, LinkOption.NOFOLLOW_LINKS);
        if (present != user && present != ProcessUser.effective().orElse(user) || !Files.isDirectory(own, LinkOption.NOFOLLOW_LINKS))
        {
            throw new FileRefusedException(own + " is not a directory of the user of this process, so that others may know and change"
                + " what is in it: mv " + GuardedFile.quoted(own) + " " + GuardedFile.quoted(GuardedFile.beside(own, ".old"))
                + " (as its owner or root), or on a file system that keeps no owners and modes choose another place");
        }
        return present;
    }

    /*
     * From now on nobody else can exchange what is in it.
     */
    private static void take(HeldDirectory held, int user) throws IOException
    {
        int effective = ProcessUser.effective().orElse(user);
        int present = held.facts().uid();
        if (present != user && present != effective)
        {
            throw new FileRefusedException("a directory for the ticket keys was exchanged while it was opened: see who may write "
                + "beside it");
        }
        if (present != effective)
        {
            held.give(effective);
        }
        held.permit("rwx------");
    }

    /*
     * @return whether there are files
     */
    private static boolean close(HeldDirectory held, int user) throws IOException
    {
        List<Path> names = held.names();
        for (Path name : names)
        {
            close(held, name, user);
        }
        if (ProcessUser.isToChange())
        {
            held.give(ProcessUser.next());
        }
        return !names.isEmpty();
    }

    private static void close(HeldDirectory held, Path name, int user) throws IOException
    {
        try
        {
            if (!isMovable(held.facts(name), user))
            {
                return;
            }
            held.permit(name, "rw-------");
            if (ProcessUser.isToChange())
            {
                held.give(name, ProcessUser.next());
            }
        }
        catch (NoSuchFileException e)
        {
            LOG.debug("Another process has put something else in place of {}", name, e);
        }
    }

    /**
     * @param file any path
     * @param user who is looked for
     * @return whether there is a file of that user, or of this process', that others cannot know
     * @throws IOException when it cannot be looked at
     */
    static boolean isMovable(Path file, int user) throws IOException
    {
        if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS))
        {
            return false;
        }
        return isMovable(HeldDirectory.seen(file), user);
    }

    private static boolean isMovable(HeldDirectory.Facts facts, int user) throws IOException
    {
        boolean isOurs = facts.uid() == user || facts.uid() == ProcessUser.effective().orElse(user);
        return isOurs && facts.isSoleFile() && (facts.mode() & OTHERS) == 0;
    }

    /**
     * @param directory to be made with mode 0700, in a directory that is there
     * @return whether it was made; otherwise there is something already
     * @throws IOException when it cannot be made
     */
    static boolean create(Path directory) throws IOException
    {
        try
        {
            Files.createDirectory(directory, OWNER_ONLY);
            return true;
        }
        catch (FileAlreadyExistsException e)
        {
            LOG.debug("Another process has made {}", directory, e);
            return false;
        }
    }

    private static int mode(Path path) throws IOException
    {
        return HeldDirectory.seen(path).mode();
    }

    private static String octal(int mode)
    {
        return Integer.toOctalString(mode);
    }
}
