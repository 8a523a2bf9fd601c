package io.github.tlsresumption.keys;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import io.github.tlsresumption.crypto.Digests;
import io.github.tlsresumption.files.GuardedFile;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the mark in a small file on the node: a line with a version and a digest of where the store is, since a version says nothing about
 * another store. {@link GuardedFile} says who may touch it. A file that cannot be read counts as none, and is written anew. Safe for
 * use by many threads and processes.
 */
public final class FileRingMark implements RingMark
{
    private static final Logger LOG = LoggerFactory.getLogger(FileRingMark.class);
    private static final Pattern LINE = Pattern.compile("jetty-tls-resumption ring version (\\d{1,18}) of ([0-9a-f]{32})\n");
    private static final String BESIDE = "the key file beside";
    private static final int MOST_BYTES = 1_000;

    private final GuardedFile file;
    private final String place;
    private long known;

    /**
     * @param file where the mark is, or is to be; the directory exists
     * @param store what and where the store is
     */
    public FileRingMark(Path file, String store)
    {
        this(file, "jetty.tlsResumption.ticketKeyFile", store);
    }

    /**
     * @param file where the mark is, or is to be; the directory exists
     * @param setting by which an operator has chosen the place, for messages
     * @param store what and where the store is
     */
    public FileRingMark(Path file, String setting, String store)
    {
        this.file = new GuardedFile(file, "the file of the version of the ticket keys", "who may put old keys back",
            "choose another place in " + setting);
        this.place = HexFormat.of().formatHex(Digests.sha256("place of a ring", store.getBytes(StandardCharsets.UTF_8)), 0, 16);
        try
        {
            known = read(this.file.real());
        }
        catch (IOException e)
        {
            LOG.warn("{} cannot be read, so a ring that was put back is not known by it: {}", file, e.getMessage());
        }
    }

    /**
     * @param keyFile the file of the ring
     * @return its mark, in a file beside it
     */
    public static FileRingMark beside(Path keyFile)
    {
        return new FileRingMark(besides(keyFile), BESIDE);
    }

    /**
     * @param keyFile the file of the ring, or where it would be
     * @return the file of the mark beside it
     */
    public static Path besides(Path keyFile)
    {
        return Path.of(keyFile + ".version");
    }

    @Override
    public synchronized long version()
    {
        return known;
    }

    @Override
    public synchronized void raise(long version) throws IOException
    {
        if (version <= known)
        {
            return;
        }
        Path real = file.real();
        known = file.locked(real, () ->
        {
            long present = read(real);
            if (present >= version)
            {
                return present;
            }
            String line = "jetty-tls-resumption ring version " + version + " of " + place + "\n";
            file.replace(real, out -> out.write(line.getBytes(StandardCharsets.US_ASCII)));
            return version;
        });
    }

    private long read(Path real) throws IOException
    {
        if (!Files.exists(real, LinkOption.NOFOLLOW_LINKS))
        {
            return 0;
        }
        file.check(real);
        if (Files.size(real) > MOST_BYTES)
        {
            return 0;
        }
        Matcher line = LINE.matcher(Files.readString(real, StandardCharsets.ISO_8859_1));
        return line.matches() && line.group(2).equals(place) ? Long.parseLong(line.group(1)) : 0;
    }
}
