package io.github.tlsresumption.keys;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.Supplier;

import io.github.tlsresumption.files.FileRefusedException;
import io.github.tlsresumption.files.GuardedFile;
import io.github.tlsresumption.files.SecretBytes;
import io.github.tlsresumption.keys.TicketKeyStoreException.Kind;

/**
 * Keeps the ring in a file, for the processes of one host, over restarts. The contents are those of
 * {@link TicketKeyRingCodec}, encrypted when there is a passphrase.
 *
 * <p>{@link GuardedFile} says who may touch it and how it is written. Each {@link #load} checks it and refuses with the
 * command that mends it. An operator may replace the file, by renaming another over it, at any time; it is noticed.
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
    private static final int READ_ATTEMPTS = 3;

    private final GuardedFile file;
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

    FileTicketKeyStore(Path file, TicketKeyRingCodec codec)
    {
        this.file = new GuardedFile(file, "the ticket key file", "who may know the keys",
            "choose another place, or set jetty.tlsResumption.ticketKeyStore=memory");
        this.codec = codec;
    }

    @Override
    public Optional<TicketKeyRing> load() throws TicketKeyStoreException
    {
        try
        {
            return read(file.real());
        }
        catch (IOException e)
        {
            throw failed("read", e);
        }
    }

    @Override
    public boolean compareAndSet(long expectedVersion, TicketKeyRing ring) throws TicketKeyStoreException
    {
        ring.requireHigherThan(expectedVersion);
        try
        {
            Path real = file.real();
            return file.locked(real, () ->
            {
                if (versionOf(real) != expectedVersion)
                {
                    return false;
                }
                write(real, ring);
                return true;
            });
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
            return file.stamp(file.path());
        }
        catch (IOException e)
        {
            throw failed("read", e);
        }
    }

    @Override
    public String describe()
    {
        return "file " + file.path() + (codec.isEncrypted() ? " (encrypted)" : " (not encrypted)");
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
            String before = file.stamp(real);
            byte[] contents;
            try
            {
                file.check(real);
                contents = SecretBytes.read(real, TicketKeyRingCodec.MAX_BYTES + 1, LinkOption.NOFOLLOW_LINKS);
            }
            catch (NoSuchFileException e)
            {
                return Optional.empty();
            }
            try
            {
                // Else what was checked and what was read may be two files.
                if (before.equals(file.stamp(real)))
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
        byte[] contents = encode(ring);
        try
        {
            file.replace(real, out ->
            {
                out.write(contents);
                // Not when the disk has it, which may take long.
                Arrays.fill(contents, (byte)0);
            });
        }
        finally
        {
            Arrays.fill(contents, (byte)0);
        }
    }

    private static TicketKeyStoreException unusable(Path real, TicketKeyRingFormatException cause)
    {
        String away = "mv " + GuardedFile.quoted(real) + " " + GuardedFile.quoted(GuardedFile.beside(real, ".old"))
            + " (a running server then writes its ring anew; after a restart every session needs one full handshake)";
        String mend = switch (cause.reason())
        {
            case ENCRYPTED, WRONG_PASSPHRASE -> "set jetty.tlsResumption.ticketKeyPassphrase, or .ticketKeyPassphraseFile, to the "
                + "passphrase it was written with, or " + away;
            case NOT_ENCRYPTED -> "to go on without encryption remove jetty.tlsResumption.ticketKeyPassphrase and "
                + ".ticketKeyPassphraseFile; to encrypt from now on, stop the servers and " + away;
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
        return new TicketKeyStoreException(Kind.REFUSED, "the ticket key file " + file.path() + " cannot be used: " + cause.getMessage(),
            cause);
    }

    /*
     * Kubernetes mounts a Secret with that link, which leads to the files of now.
     */
    private String hint()
    {
        boolean isMounted = Files.isSymbolicLink(file.path().resolveSibling("..data"));
        return isMounted ? "; for a mounted Secret set jetty.tlsResumption.ticketKeyStore=secret" : "";
    }

    private TicketKeyStoreException failed(String verb, IOException cause)
    {
        if (cause instanceof FileRefusedException)
        {
            return new TicketKeyStoreException(Kind.REFUSED, cause.getMessage() + hint(), cause);
        }
        Kind kind = cause instanceof AccessDeniedException ? Kind.REFUSED : Kind.UNAVAILABLE;
        return new TicketKeyStoreException(kind, file.cannotBe(verb, cause), cause);
    }
}
