package io.github.tlsresumption.keys;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

import io.github.tlsresumption.keys.TicketKeyStoreException.Kind;

/**
 * Keeps the ring in a file, for the processes of one host, over restarts. The contents are those of
 * {@link TicketKeyRingCodec}, encrypted when there is a passphrase.
 *
 * <p><b>Who may touch it.</b> The file belongs to the user of the process and is open to nobody else (mode 0600). Its
 * directory belongs to that user or to root, and nobody else may write to it, unless it is sticky. A symbolic link is
 * followed; then this holds for the directory of the link, and for the file and the directory that it leads to. Each
 * {@link #load} checks it and refuses with the command that mends it.
 *
 * <p><b>How it is written.</b> The new ring goes to a file of its own ({@code .new}), made with mode 0600, is forced to
 * disk and renamed over the old one: a crash leaves one ring or the other, whole. Writers take turns by a lock on a
 * third file ({@code .lock}), which stays. An operator may replace the file in the same way at any time; it is noticed.
 *
 * <p><b>What it never does.</b> A file that it cannot use (damaged, written by a later release, under another
 * passphrase) stays as it is, byte by byte, and every call says what to do.
 *
 * <p>A renamed-over file's blocks stay on the disk until they are used again, and in backups longer. Where that matters,
 * set a passphrase or put the file in a memory file system.
 *
 * <p>Safe for use by many threads and processes. Not for network file systems, whose locks and renames are not reliable.
 */
public final class FileTicketKeyStore implements TicketKeyStore
{
    private static final Duration POLL_INTERVAL = Duration.ofSeconds(1);
    private static final Duration LOCK_WAIT = Duration.ofSeconds(5);
    private static final long LOCK_RETRY_MILLIS = 10;
    private static final int READ_ATTEMPTS = 3;

    private final Path file;
    private final TicketKeyRingCodec codec;

    /**
     * @param file where the ring is, or is to be; the directory exists
     */
    public FileTicketKeyStore(Path file)
    {
        this(file, TicketKeyRingCodec.plain());
    }

    /**
     * @param file where the ring is, or is to be; the directory exists
     * @param passphrase gives it in a new array whenever a key must be derived, see {@link Passphrases#fromFile}
     */
    public FileTicketKeyStore(Path file, Supplier<char[]> passphrase)
    {
        this(file, TicketKeyRingCodec.encrypted(passphrase));
    }

    private FileTicketKeyStore(Path file, TicketKeyRingCodec codec)
    {
        Objects.requireNonNull(file.getFileName(), "the root directory is no file");
        this.file = file.toAbsolutePath();
        this.codec = codec;
    }

    @Override
    public Optional<TicketKeyRing> load() throws TicketKeyStoreException
    {
        try
        {
            return read(FileGuard.realPath(file));
        }
        catch (IOException e)
        {
            throw failed("read", e);
        }
    }

    @Override
    public boolean compareAndSet(long expectedVersion, TicketKeyRing ring) throws TicketKeyStoreException
    {
        if (ring.version() <= expectedVersion)
        {
            throw new IllegalArgumentException("ring version " + ring.version() + " is to replace version " + expectedVersion);
        }
        try
        {
            Path real = FileGuard.realPath(file);
            // The lock on the file is the process's: a second one in the same process fails, and when its channel is closed
            // the first may be gone. So threads take turns first, on the one object that all class loaders share.
            synchronized ((FileTicketKeyStore.class.getName() + " " + real).intern())
            {
                try (FileChannel channel = openLock(real); FileLock lock = lock(channel, real))
                {
                    if (!lock.isValid() || versionOf(real) != expectedVersion)
                    {
                        return false;
                    }
                    write(real, ring);
                    return true;
                }
            }
        }
        catch (IOException e)
        {
            throw failed("written", e);
        }
    }

    @Override
    public String stamp() throws TicketKeyStoreException
    {
        try
        {
            return FileGuard.stamp(file);
        }
        catch (IOException e)
        {
            throw failed("read", e);
        }
    }

    @Override
    public Duration pollInterval()
    {
        return POLL_INTERVAL;
    }

    @Override
    public boolean shared()
    {
        return true;
    }

    @Override
    public boolean persistent()
    {
        return true;
    }

    @Override
    public String describe()
    {
        return "file " + file + (codec.isEncrypted() ? " (encrypted)" : " (not encrypted)");
    }

    /**
     * Overwrites the key derived from the passphrase; the file stays.
     */
    @Override
    public void close()
    {
        codec.close();
    }

    private Optional<TicketKeyRing> read(Path real) throws IOException, TicketKeyStoreException
    {
        for (int attempt = 0; attempt < READ_ATTEMPTS; attempt++)
        {
            String before = FileGuard.stamp(real);
            byte[] contents;
            try
            {
                FileGuard.requireFile(real);
                contents = readAll(real);
            }
            catch (NoSuchFileException e)
            {
                return Optional.empty();
            }
            try
            {
                // Else what was checked and what was read may be two files.
                if (before.equals(FileGuard.stamp(real)))
                {
                    return Optional.of(codec.decode(contents));
                }
            }
            catch (TicketKeyRingFormatException e)
            {
                throw unusable(real, e);
            }
            catch (RuntimeException e)
            {
                throw withoutPassphrase(e);
            }
            finally
            {
                Arrays.fill(contents, (byte)0);
            }
        }
        throw new TicketKeyStoreException(Kind.UNAVAILABLE, "the ticket key file " + real + " changes while it is read");
    }

    private long versionOf(Path real) throws IOException, TicketKeyStoreException
    {
        Optional<TicketKeyRing> ring = read(real);
        ring.ifPresent(TicketKeyRing::destroyKeys);
        return ring.map(TicketKeyRing::version).orElse(0L);
    }

    private static byte[] readAll(Path real) throws IOException
    {
        try (InputStream in = Files.newInputStream(real, LinkOption.NOFOLLOW_LINKS))
        {
            return in.readNBytes(TicketKeyRingCodec.MAX_BYTES + 1);
        }
    }

    private byte[] encode(TicketKeyRing ring) throws TicketKeyStoreException
    {
        try
        {
            return codec.encode(ring);
        }
        catch (RuntimeException e)
        {
            throw withoutPassphrase(e);
        }
    }

    private void write(Path real, TicketKeyRing ring) throws IOException, TicketKeyStoreException
    {
        Path fresh = beside(real, ".new");
        byte[] contents = encode(ring);
        try
        {
            // One that a crash left behind; nobody else writes now.
            Files.deleteIfExists(fresh);
            try (FileChannel channel = FileGuard.createOwnerOnly(fresh, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)))
            {
                ByteBuffer remaining = ByteBuffer.wrap(contents);
                while (remaining.hasRemaining())
                {
                    channel.write(remaining);
                }
                channel.force(true);
            }
            Files.move(fresh, real, StandardCopyOption.ATOMIC_MOVE);
            try (FileChannel directory = FileChannel.open(FileGuard.parentOf(real), StandardOpenOption.READ))
            {
                directory.force(true);
            }
        }
        finally
        {
            Arrays.fill(contents, (byte)0);
            Files.deleteIfExists(fresh);
        }
    }

    private static FileChannel openLock(Path real) throws IOException
    {
        Path path = beside(real, ".lock");
        return FileGuard.createOwnerOnly(path, Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS));
    }

    /*
     * Not FileChannel.lock, which waits without end for a process that was stopped while it held the lock.
     */
    private static FileLock lock(FileChannel channel, Path real) throws IOException, TicketKeyStoreException
    {
        long deadline = System.nanoTime() + LOCK_WAIT.toNanos();
        do
        {
            FileLock lock = tryLock(channel);
            if (lock != null)
            {
                return lock;
            }
            try
            {
                TimeUnit.MILLISECONDS.sleep(LOCK_RETRY_MILLIS);
            }
            catch (InterruptedException e)
            {
                Thread.currentThread().interrupt();
                throw new TicketKeyStoreException(Kind.UNAVAILABLE, "interrupted while waiting for " + beside(real, ".lock"), e);
            }
        }
        while (System.nanoTime() < deadline);
        throw new TicketKeyStoreException(Kind.UNAVAILABLE, "another process holds " + beside(real, ".lock") + " for more than "
            + LOCK_WAIT.toSeconds() + " s: find it with fuser " + FileGuard.quoted(real, ".lock"));
    }

    private static FileLock tryLock(FileChannel channel) throws IOException
    {
        try
        {
            return channel.tryLock();
        }
        catch (OverlappingFileLockException e)
        {
            return null;
        }
    }

    private static Path beside(Path real, String suffix)
    {
        return real.resolveSibling(real.getFileName() + suffix);
    }

    private static TicketKeyStoreException unusable(Path real, TicketKeyRingFormatException cause)
    {
        String away = "mv " + FileGuard.quoted(real) + " " + FileGuard.quoted(real, ".old")
            + " (a running server then writes its ring anew; after a restart every session needs one full handshake)";
        String mend = switch (cause.reason())
        {
            case ENCRYPTED -> "configure the passphrase it was written with, or " + away;
            case NOT_ENCRYPTED -> "to go on without encryption remove the passphrase; to encrypt from now on, stop the servers and " + away;
            case WRONG_PASSPHRASE -> "configure the passphrase it was written with, or " + away;
            case UNKNOWN_FORMAT -> "run the release that wrote it, or a later one, or " + away;
            case CORRUPT, UNFIT_KEYS -> away;
        };
        return new TicketKeyStoreException(Kind.REFUSED, "the ticket key file " + real + " cannot be used: " + cause.getMessage()
            + ". It is kept as it is. What to do: " + mend, cause);
    }

    /*
     * What the codec throws besides is about the passphrase: it cannot be had, or is none.
     */
    private TicketKeyStoreException withoutPassphrase(RuntimeException cause)
    {
        return new TicketKeyStoreException(Kind.REFUSED, "the ticket key file " + file + " cannot be used: " + cause.getMessage(), cause);
    }

    private TicketKeyStoreException failed(String verb, IOException cause)
    {
        String reason = cause instanceof FileSystemException fault && fault.getReason() != null ? fault.getReason()
            : cause instanceof FileSystemException ? cause.getClass().getSimpleName() : cause.getMessage();
        Kind kind = cause instanceof AccessDeniedException ? Kind.REFUSED : Kind.UNAVAILABLE;
        String where = cause instanceof FileSystemException fault && fault.getFile() != null ? " (" + fault.getFile() + ")" : "";
        return new TicketKeyStoreException(kind, "the ticket key file " + file + " cannot be " + verb + ": " + reason + where, cause);
    }
}
