package io.github.tlsresumption.files;

import java.io.IOException;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.AccessMode;
import java.nio.file.CopyOption;
import java.nio.file.DirectoryStream;
import java.nio.file.FileStore;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.nio.file.StandardOpenOption;
import java.nio.file.WatchService;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileAttributeView;
import java.nio.file.attribute.UserPrincipalLookupService;
import java.nio.file.spi.FileSystemProvider;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The machine's file system, of which one step fails: the n-th of all looks, openings, writes, renames and so on. For one thread.
 */
public final class FaultyFileSystem extends FileSystem
{
    private final FileSystem real = FileSystems.getDefault();
    private final Faults provider = new Faults();
    private final FaultySteps steps = new FaultySteps();

    /**
     * How a step fails.
     */
    public enum Fault
    {
        /** It throws, and has done nothing. */
        BEFORE,
        /** It throws, but has been done; of a write, half. */
        AFTER,
        /** It is not done, nor anything after it: the process was killed. */
        KILLED,
        /** It is done, but nothing after it, and what was not forced to the disk by then is gone: the power failed. */
        POWER
    }

    /**
     * @param path a path of the machine's file system
     * @return the same, with faults
     */
    public Path path(Path path)
    {
        return wrapped(path);
    }

    /**
     * Counts the steps anew, and lets one of them fail.
     *
     * @param step which, from 0 on
     * @param how how it fails
     */
    public void failAt(int step, Fault how)
    {
        steps.failAt(step, how);
    }

    /**
     * As the other one, where the step finds nothing, as when somebody exchanges a directory at that moment.
     *
     * @param step which, from 0 on
     */
    public void missingAt(int step)
    {
        steps.missingAt(step);
    }

    /**
     * @return whether the process that uses this is no more, as is what a killed one had open
     */
    public boolean isDead()
    {
        return steps.isDead();
    }

    /**
     * @return whether a step has failed since {@link #failAt}
     */
    public boolean hasFailed()
    {
        return steps.haveFailed();
    }

    /**
     * @return what was done since {@link #failAt}, or tried
     */
    public List<String> steps()
    {
        return steps.done();
    }

    private Path wrapped(Path path)
    {
        InvocationHandler handler = (proxy, method, arguments) ->
        {
            if (method.getName().equals("getFileSystem"))
            {
                return this;
            }
            if (method.getName().equals("equals"))
            {
                return path.equals(unwrapped(arguments[0]));
            }
            Object[] plain = arguments == null ? null : Arrays.stream(arguments).map(FaultyFileSystem::unwrapped).toArray();
            try
            {
                if (method.getName().equals("toRealPath"))
                {
                    return wrapped(steps.run("toRealPath", () -> path.toRealPath((LinkOption[])arguments[0])));
                }
                Object result = method.invoke(path, plain);
                return result instanceof Path other ? wrapped(other) : result;
            }
            catch (InvocationTargetException e)
            {
                throw e.getCause();
            }
        };
        return (Path)Proxy.newProxyInstance(getClass().getClassLoader(), new Class<?>[]{Path.class}, new Wrapper(path, handler));
    }

    private static Object unwrapped(Object object)
    {
        return object instanceof Path path && Proxy.isProxyClass(path.getClass()) ? real(path) : object;
    }

    private static Path real(Path path)
    {
        return ((Wrapper)Proxy.getInvocationHandler(path)).path();
    }

    private record Wrapper(Path path, InvocationHandler handler) implements InvocationHandler
    {
        @Override
        public Object invoke(Object proxy, java.lang.reflect.Method method, Object[] arguments) throws Throwable
        {
            return handler.invoke(proxy, method, arguments);
        }
    }

    @Override
    public FileSystemProvider provider()
    {
        return provider;
    }

    @Override
    public void close()
    {
        throw new UnsupportedOperationException();
    }

    @Override
    public boolean isOpen()
    {
        return true;
    }

    @Override
    public boolean isReadOnly()
    {
        return false;
    }

    @Override
    public String getSeparator()
    {
        return real.getSeparator();
    }

    @Override
    public Iterable<Path> getRootDirectories()
    {
        return List.of(wrapped(real.getRootDirectories().iterator().next()));
    }

    @Override
    public Iterable<FileStore> getFileStores()
    {
        return real.getFileStores();
    }

    @Override
    public Set<String> supportedFileAttributeViews()
    {
        return real.supportedFileAttributeViews();
    }

    @Override
    public Path getPath(String first, String... more)
    {
        return wrapped(real.getPath(first, more));
    }

    @Override
    public PathMatcher getPathMatcher(String syntaxAndPattern)
    {
        return real.getPathMatcher(syntaxAndPattern);
    }

    @Override
    public UserPrincipalLookupService getUserPrincipalLookupService()
    {
        return real.getUserPrincipalLookupService();
    }

    @Override
    public WatchService newWatchService()
    {
        throw new UnsupportedOperationException();
    }

    /**
     * Does each step on the real file system, unless it is the one to fail.
     */
    private final class Faults extends FileSystemProvider
    {
        private final FileSystemProvider provider = FileSystems.getDefault().provider();

        @Override
        public String getScheme()
        {
            return "faulty";
        }

        @Override
        public FileSystem newFileSystem(URI uri, Map<String, ?> env)
        {
            throw new UnsupportedOperationException();
        }

        @Override
        public FileSystem getFileSystem(URI uri)
        {
            return FaultyFileSystem.this;
        }

        @Override
        public Path getPath(URI uri)
        {
            return wrapped(provider.getPath(uri));
        }

        @Override
        public FileChannel newFileChannel(Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes) throws IOException
        {
            boolean makes = options.contains(StandardOpenOption.CREATE_NEW);
            FileChannel[] opened = new FileChannel[1];
            try
            {
                FileChannel channel = steps.run("open " + name(path), () ->
                {
                    opened[0] = provider.newFileChannel(real(path), options, attributes);
                    return opened[0];
                });
                return new FaultyChannel(steps, channel, real(path), makes);
            }
            finally
            {
                if (opened[0] != null && steps.isDead())
                {
                    opened[0].close();
                }
            }
        }

        @Override
        public SeekableByteChannel newByteChannel(Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes)
            throws IOException
        {
            return newFileChannel(path, options, attributes);
        }

        @Override
        public DirectoryStream<Path> newDirectoryStream(Path path, DirectoryStream.Filter<? super Path> filter)
        {
            throw new UnsupportedOperationException();
        }

        @Override
        public void createDirectory(Path path, FileAttribute<?>... attributes)
        {
            throw new UnsupportedOperationException();
        }

        @Override
        public void delete(Path path) throws IOException
        {
            steps.run("delete " + name(path), () ->
            {
                provider.delete(real(path));
                return null;
            });
        }

        @Override
        public void copy(Path source, Path target, CopyOption... options)
        {
            throw new UnsupportedOperationException();
        }

        @Override
        public void move(Path source, Path target, CopyOption... options) throws IOException
        {
            steps.run("move to " + name(target), () ->
            {
                byte[] before = Files.exists(real(target)) ? Files.readAllBytes(real(target)) : null;
                provider.move(real(source), real(target), options);
                steps.untilForced(FaultySteps.inode(real(target).getParent()), () ->
                {
                    if (before == null)
                    {
                        Files.deleteIfExists(real(target));
                    }
                    else
                    {
                        Files.write(real(target), before);
                    }
                });
                return null;
            });
        }

        @Override
        public boolean isSameFile(Path path, Path other) throws IOException
        {
            return provider.isSameFile(real(path), real(other));
        }

        @Override
        public boolean isHidden(Path path)
        {
            return false;
        }

        @Override
        public FileStore getFileStore(Path path) throws IOException
        {
            return provider.getFileStore(real(path));
        }

        @Override
        public void checkAccess(Path path, AccessMode... modes) throws IOException
        {
            steps.run("look at " + name(path), () ->
            {
                provider.checkAccess(real(path), modes);
                return null;
            });
        }

        @Override
        public <V extends FileAttributeView> V getFileAttributeView(Path path, Class<V> type, LinkOption... options)
        {
            return provider.getFileAttributeView(real(path), type, options);
        }

        @Override
        public <A extends BasicFileAttributes> A readAttributes(Path path, Class<A> type, LinkOption... options) throws IOException
        {
            return steps.run("look at " + name(path), () -> provider.readAttributes(real(path), type, options));
        }

        @Override
        public Map<String, Object> readAttributes(Path path, String attributes, LinkOption... options) throws IOException
        {
            return steps.run("look at " + name(path), () -> provider.readAttributes(real(path), attributes, options));
        }

        @Override
        public void setAttribute(Path path, String attribute, Object value, LinkOption... options) throws IOException
        {
            provider.setAttribute(real(path), attribute, value, options);
        }

        private static String name(Path path)
        {
            return String.valueOf(path.getFileName());
        }
    }
}
