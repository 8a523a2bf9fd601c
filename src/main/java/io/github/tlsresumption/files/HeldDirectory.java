package io.github.tlsresumption.files;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipalLookupService;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * An open directory, whose files others may exchange at any time: modes and owners are changed of what is in it, never of what a link leads
 * to, whatever becomes of its path.
 *
 * <p>Where the platform cannot keep a directory open, all is done by paths, of which the last part is not followed. For one thread.
 */
final class HeldDirectory implements Closeable
{
    private final Path path;
    /** Null where it cannot be listed. */
    private final DirectoryStream<Path> stream;

    /**
     * What a file is, all of one moment.
     *
     * @param uid its owner's number
     * @param mode its mode
     * @param links how many names it has
     * @param isFile whether it is a plain file
     * @param isDirectory whether it is a directory
     */
    record Facts(int uid, int mode, int links, boolean isFile, boolean isDirectory)
    {
        /**
         * @return whether it is a plain file that has no other name, so that to change it changes nothing elsewhere
         */
        boolean isSoleFile()
        {
            return isFile && links == 1;
        }
    }

    private HeldDirectory(Path path, DirectoryStream<Path> stream)
    {
        this.path = path;
        this.stream = stream;
    }

    /**
     * @param directory symbolic links in its path are followed
     * @return it, to be closed
     * @throws IOException when it cannot be opened
     */
    static HeldDirectory open(Path directory) throws IOException
    {
        try
        {
            return new HeldDirectory(directory, Files.newDirectoryStream(directory));
        }
        catch (AccessDeniedException e)
        {
            // Who may make files in it need not be able to list it.
            return new HeldDirectory(directory, null);
        }
    }

    /**
     * @param name of a directory in this one, which is not a link
     * @return it, to be closed
     * @throws IOException when it cannot be opened
     */
    HeldDirectory child(Path name) throws IOException
    {
        Path there = path.resolve(name);
        if (stream instanceof SecureDirectoryStream<Path> secure)
        {
            return new HeldDirectory(there, secure.newDirectoryStream(name, LinkOption.NOFOLLOW_LINKS));
        }
        if (!Files.isDirectory(there, LinkOption.NOFOLLOW_LINKS))
        {
            throw new NotDirectoryException(there.toString());
        }
        return open(there);
    }

    /**
     * @return the names of what is in it; to be asked once
     * @throws IOException when it cannot be listed
     */
    List<Path> names() throws IOException
    {
        if (stream == null)
        {
            throw new AccessDeniedException(path.toString());
        }
        List<Path> names = new ArrayList<>();
        stream.forEach(entry -> names.add(entry.getFileName()));
        return names;
    }

    /**
     * @return of this directory, which was opened as a {@link #child}
     * @throws FileRefusedException when another one is in its place
     * @throws IOException when it cannot be looked at
     */
    Facts facts() throws IOException
    {
        return facts(path, view());
    }

    /**
     * @param name of something in it; a link is looked at itself
     * @return what it is
     * @throws FileRefusedException when it is not the same by its path
     * @throws IOException when it cannot be looked at
     */
    Facts facts(Path name) throws IOException
    {
        return facts(path.resolve(name), view(name));
    }

    /*
     * The view of an open directory tells neither numbers nor links. What a path tells counts where it is about the same file.
     */
    private static Facts facts(Path there, PosixFileAttributeView held) throws IOException
    {
        Map<String, Object> state = state(there);
        if (!state.get("fileKey").equals(held.readAttributes().fileKey()))
        {
            throw new FileRefusedException(there + " was exchanged while it was looked at: see who may write to its directory");
        }
        return facts(state);
    }

    /**
     * @param path of something that may be another at the next look
     * @return what it is; a link is looked at itself
     * @throws IOException when it cannot be looked at
     */
    static Facts seen(Path path) throws IOException
    {
        return facts(state(path));
    }

    private static Map<String, Object> state(Path path) throws IOException
    {
        return Files.readAttributes(path, "unix:uid,mode,nlink,fileKey,isRegularFile,isDirectory", LinkOption.NOFOLLOW_LINKS);
    }

    private static Facts facts(Map<String, Object> state)
    {
        return new Facts((Integer)state.get("uid"), (Integer)state.get("mode") & 07777, (Integer)state.get("nlink"),
            (Boolean)state.get("isRegularFile"), (Boolean)state.get("isDirectory"));
    }

    /**
     * @param permissions of this directory from now on, as {@code rwx------}
     * @throws IOException when they cannot be changed
     */
    void permit(String permissions) throws IOException
    {
        view().setPermissions(PosixFilePermissions.fromString(permissions));
    }

    /**
     * @param name of a file in it that is no link
     * @param permissions of the file from now on, as {@code rw-------}
     * @throws IOException when they cannot be changed
     */
    void permit(Path name, String permissions) throws IOException
    {
        view(name).setPermissions(PosixFilePermissions.fromString(permissions));
    }

    /**
     * @param user to whom this directory belongs from now on
     * @throws IOException when it cannot be given away
     */
    void give(int user) throws IOException
    {
        view().setOwner(users().lookupPrincipalByName(Integer.toString(user)));
    }

    /**
     * @param next to whom this directory belongs from now on
     * @throws IOException when it cannot be given away
     */
    void give(ProcessUser.Successor next) throws IOException
    {
        give(view(), next);
    }

    /**
     * @param name of a file or a directory in it that is no link
     * @param next to whom it belongs from now on
     * @throws IOException when it cannot be given away
     */
    void give(Path name, ProcessUser.Successor next) throws IOException
    {
        give(view(name), next);
    }

    private void give(PosixFileAttributeView view, ProcessUser.Successor next) throws IOException
    {
        view.setGroup(users().lookupPrincipalByGroupName(Integer.toString(next.gid())));
        view.setOwner(users().lookupPrincipalByName(Integer.toString(next.uid())));
    }

    /**
     * Moves something out of it, over what is there under the new name.
     *
     * @param name of something in it
     * @param to where it is to be, on the same file system
     * @param as under which name
     * @throws IOException when it cannot be moved
     */
    void move(Path name, HeldDirectory to, Path as) throws IOException
    {
        if (stream instanceof SecureDirectoryStream<Path> from && to.stream instanceof SecureDirectoryStream<Path> there)
        {
            from.move(name, there, as);
        }
        else
        {
            Files.move(path.resolve(name), to.path.resolve(as), StandardCopyOption.ATOMIC_MOVE);
        }
    }

    private UserPrincipalLookupService users()
    {
        return path.getFileSystem().getUserPrincipalLookupService();
    }

    private PosixFileAttributeView view()
    {
        return stream instanceof SecureDirectoryStream<Path> secure ? secure.getFileAttributeView(PosixFileAttributeView.class)
            : Files.getFileAttributeView(path, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
    }

    private PosixFileAttributeView view(Path name)
    {
        return stream instanceof SecureDirectoryStream<Path> secure
            ? secure.getFileAttributeView(name, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
            : Files.getFileAttributeView(path.resolve(name), PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
    }

    @Override
    public void close() throws IOException
    {
        if (stream != null)
        {
            stream.close();
        }
    }
}
