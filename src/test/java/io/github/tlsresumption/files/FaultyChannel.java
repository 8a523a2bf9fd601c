package io.github.tlsresumption.files;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.stream.Stream;

/**
 * A file or a directory that is open.
 */
final class FaultyChannel extends FileChannel
{
    private final FaultySteps steps;
    private final FileChannel channel;
    private final Path file;
    private final Object inode;
    private boolean empties;

    FaultyChannel(FaultySteps steps, FileChannel channel, Path file, boolean empties) throws IOException
    {
        this.steps = steps;
        this.channel = channel;
        this.file = file;
        this.inode = FaultySteps.inode(file);
        this.empties = empties;
    }

    @Override
    public int read(ByteBuffer target) throws IOException
    {
        return steps.run("read", () -> channel.read(target));
    }

    @Override
    public int write(ByteBuffer source) throws IOException
    {
        if (empties)
        {
            // What the disk has of a new file is nothing, whatever it is called by then.
            empties = false;
            steps.untilForced(inode, () -> empty(file.getParent(), inode));
        }
        return steps.run("write", () -> channel.write(source), () ->
        {
            ByteBuffer half = source.duplicate();
            return channel.write(half.limit(half.position() + half.remaining() / 2));
        });
    }

    private static void empty(Path directory, Object inode) throws IOException
    {
        try (Stream<Path> files = Files.list(directory))
        {
            for (Path file : (Collection<Path>)files.toList())
            {
                if (FaultySteps.inode(file).equals(inode))
                {
                    Files.write(file, new byte[0]);
                }
            }
        }
    }

    @Override
    public void force(boolean metaData) throws IOException
    {
        steps.run("force", () ->
        {
            // The disk itself need not work: what would be lost is known.
            steps.forced(inode);
            return null;
        });
    }

    @Override
    public FileLock tryLock(long position, long size, boolean shared) throws IOException
    {
        return steps.run("lock", () -> channel.tryLock(position, size, shared));
    }

    @Override
    protected void implCloseChannel() throws IOException
    {
        channel.close();
        steps.run("close", () -> null);
    }

    @Override
    public FileChannel position(long position) throws IOException
    {
        channel.position(position);
        return this;
    }

    @Override
    public long position() throws IOException
    {
        return channel.position();
    }

    @Override
    public long size() throws IOException
    {
        return channel.size();
    }

    @Override
    public long read(ByteBuffer[] targets, int offset, int length)
    {
        throw new UnsupportedOperationException();
    }

    @Override
    public long write(ByteBuffer[] sources, int offset, int length)
    {
        throw new UnsupportedOperationException();
    }

    @Override
    public FileChannel truncate(long size)
    {
        throw new UnsupportedOperationException();
    }

    @Override
    public long transferTo(long position, long count, WritableByteChannel target)
    {
        throw new UnsupportedOperationException();
    }

    @Override
    public long transferFrom(ReadableByteChannel source, long position, long count)
    {
        throw new UnsupportedOperationException();
    }

    @Override
    public int read(ByteBuffer target, long position)
    {
        throw new UnsupportedOperationException();
    }

    @Override
    public int write(ByteBuffer source, long position)
    {
        throw new UnsupportedOperationException();
    }

    @Override
    public MappedByteBuffer map(MapMode mode, long position, long size)
    {
        throw new UnsupportedOperationException();
    }

    @Override
    public FileLock lock(long position, long size, boolean shared)
    {
        throw new UnsupportedOperationException();
    }
}
