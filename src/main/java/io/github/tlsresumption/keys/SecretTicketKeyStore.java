package io.github.tlsresumption.keys;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

import io.github.tlsresumption.files.SecretBytes;
import io.github.tlsresumption.files.SecretFile;
import io.github.tlsresumption.keys.TicketKeyStoreException.Kind;

/**
 * Reads the ring from a file that somebody else writes and gives to many nodes, such as a mounted Secret of Kubernetes. It is never written
 * here, and neither is anything beside it; so it may be on a read-only file system. {@link SecretFile} says who may touch it. Its contents
 * are those of {@link TicketKeyRingCodec}, as {@link FileTicketKeyStore} writes them.
 *
 * <p>Links are followed at each look, so that it is noticed when one of them leads elsewhere: platforms exchange a whole directory in this
 * way.
 *
 * <p>Safe for use by many threads and processes.
 */
public final class SecretTicketKeyStore implements TicketKeyStore
{
    private static final int READ_ATTEMPTS = 3;

    private final Path file;
    private final String setting;
    private final TicketKeyRingCodec codec;

    /**
     * @param file where the ring is
     * @param setting by which an operator has named it, for messages
     * @param passphrase what the ring is encrypted with, if it is; given in a new array whenever a key must be derived
     */
    public SecretTicketKeyStore(Path file, String setting, Optional<Supplier<char[]>> passphrase)
    {
        this.file = file.toAbsolutePath();
        this.setting = setting;
        this.codec = passphrase.map(TicketKeyRingCodec::encrypted).orElseGet(TicketKeyRingCodec::plain);
    }

    @Override
    public Optional<TicketKeyRing> load() throws TicketKeyStoreException
    {
        try
        {
            for (int attempt = 1; attempt < READ_ATTEMPTS; attempt++)
            {
                Optional<TicketKeyRing> ring = attempt();
                if (ring.isPresent())
                {
                    return ring;
                }
            }
            return Optional.of(loadOnce().orElseThrow(() -> new TicketKeyStoreException(Kind.UNAVAILABLE, setting + ": the file " + file
                + " changes while it is read")));
        }
        catch (NoSuchFileException e)
        {
            throw refused("is missing: make one by 'keys init' and mount it, or correct the setting", e);
        }
        catch (AccessDeniedException e)
        {
            throw refused("may not be read by the user of this process: mount it with mode 0440 and a group of this process", e);
        }
        catch (TicketKeyRingFormatException e)
        {
            throw refused("cannot be used: " + e.getMessage() + "; mount what 'keys init' or 'keys rotate' has written, and configure the "
                + "passphrase it was written with", e);
        }
        catch (IOException e)
        {
            throw new TicketKeyStoreException(Kind.UNAVAILABLE, setting + ": the file " + file + " cannot be read: " + e.getMessage(), e);
        }
        catch (UncheckedIOException | IllegalStateException e)
        {
            // It is about the passphrase.
            throw refused("cannot be used: " + e.getMessage(), e);
        }
    }

    /*
     * One of several: the directory of the file may go between two steps, when another one takes its place.
     */
    private Optional<TicketKeyRing> attempt() throws IOException, TicketKeyStoreException, TicketKeyRingFormatException
    {
        try
        {
            return loadOnce();
        }
        catch (NoSuchFileException e)
        {
            return Optional.empty();
        }
    }

    /*
     * Nothing when what was checked and what was read may be two files.
     */
    private Optional<TicketKeyRing> loadOnce() throws IOException, TicketKeyStoreException, TicketKeyRingFormatException
    {
        String before = stampOf(file.toRealPath());
        Optional<String> fault = SecretFile.faultOfKeys(file, setting);
        if (fault.isPresent())
        {
            throw new TicketKeyStoreException(Kind.REFUSED, fault.get());
        }
        byte[] contents = SecretBytes.read(file, TicketKeyRingCodec.MAX_BYTES + 1);
        try
        {
            return before.equals(stampOf(file.toRealPath())) ? Optional.of(codec.decode(contents)) : Optional.empty();
        }
        finally
        {
            Arrays.fill(contents, (byte)0);
        }
    }

    /**
     * @throws TicketKeyStoreException always
     */
    @Override
    public boolean compareAndSet(long expectedVersion, TicketKeyRing ring) throws TicketKeyStoreException
    {
        throw new TicketKeyStoreException(Kind.REFUSED, setting + ": the file " + file + " is written by somebody else, who rotates its"
            + " keys: use 'keys rotate' or 'keys drop' on their copy, and mount that");
    }

    @Override
    public String stamp() throws TicketKeyStoreException
    {
        try
        {
            return stampOf(file.toRealPath());
        }
        catch (NoSuchFileException e)
        {
            return "none";
        }
        catch (IOException e)
        {
            throw new TicketKeyStoreException(Kind.UNAVAILABLE, setting + ": the file " + file + " cannot be read: " + e.getMessage(), e);
        }
    }

    @Override
    public boolean writable()
    {
        return false;
    }

    @Override
    public String describe()
    {
        return "file " + file + " (read only" + (codec.isEncrypted() ? ", encrypted)" : ", not encrypted)");
    }

    /**
     * Overwrites the key derived from the passphrase; the file stays.
     */
    @Override
    public void close()
    {
        codec.close();
    }

    private static String stampOf(Path real) throws IOException
    {
        String attributes = real.getFileSystem().supportedFileAttributeViews().contains("unix")
            ? "unix:ino,dev,size,lastModifiedTime,ctime,mode,uid" : "size,lastModifiedTime,fileKey";
        Map<String, Object> state = Files.readAttributes(real, attributes);
        return real + " " + state;
    }

    private TicketKeyStoreException refused(String what, Exception cause)
    {
        return new TicketKeyStoreException(Kind.REFUSED, setting + ": the file " + file + " " + what, cause);
    }
}
