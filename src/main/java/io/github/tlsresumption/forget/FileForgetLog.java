package io.github.tlsresumption.forget;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

import io.github.tlsresumption.crypto.Random;
import io.github.tlsresumption.files.FileRefusedException;
import io.github.tlsresumption.files.GuardedFile;
import io.github.tlsresumption.forget.ForgetLogEntry.ForgetEveryone;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the log in a text file, for the processes of one host, over restarts: beside the ticket key file, since it is
 * about the sessions sealed under those keys. {@link GuardedFile} says who may touch it.
 *
 * <p><b>Too much forgotten rather than too little.</b> A new file forgets everyone established before it was made: it may
 * stand for one that was lost. (At the very first start there is nobody to forget.) A line that is damaged or was cut
 * short by a crash, and a file that has become shorter, forget everyone established before that is noticed; then the
 * file is written anew without the damage. All this counts as a {@linkplain #losses loss}. A file of another format is refused and stays
 * as it is.
 *
 * <p><b>Size.</b> About 47 bytes for a forgotten subject, 75 for a binding. Once what no longer matters may be as much as
 * the rest, the file is written anew without it, by whoever reads it next; the others notice and read the new file from
 * its beginning. What still matters is bounded by nothing but the number of those forgotten or bound while the longest
 * session lives.
 *
 * <p>Safe for use by many threads and processes. Not for network file systems, whose locks and renames are not reliable.
 */
public final class FileForgetLog implements ForgetLog
{
    private static final Logger LOG = LoggerFactory.getLogger(FileForgetLog.class);
    private static final long TOO_FEW_TO_COMPACT = 1_000;
    private static final long SLACK = 10_000;

    private final GuardedFile file;
    private final String name;
    private final long longest;
    private final Clock clock;

    // What was read, under this:
    private String stamp = "";
    private ForgetLogLines.Head head;
    private long position;
    private long lines;
    private boolean damaged;
    private volatile Instant newest = Instant.MIN;
    private final AtomicInteger losses = new AtomicInteger();

    /**
     * Checks the file, or makes it.
     *
     * @param file where the log is, or is to be; the directory exists
     * @param longest how long a session can live at the most
     * @param clock the time
     * @throws IOException when the file cannot be used; the message says what to do
     */
    public FileForgetLog(Path file, Duration longest, Clock clock) throws IOException
    {
        this(file, "the forget list beside the ticket keys", "jetty.tlsResumption.ticketKeyFile", longest, clock);
    }

    /**
     * As the other one, for a log in a place of its own.
     *
     * @param file where the log is, or is to be; the directory exists
     * @param setting by which an operator has chosen the place, for messages
     * @param longest how long a session can live at the most
     * @param clock the time
     * @throws IOException when the file cannot be used; the message says what to do
     */
    public FileForgetLog(Path file, String setting, Duration longest, Clock clock) throws IOException
    {
        this(file, "the forget list", setting, longest, clock);
    }

    private FileForgetLog(Path file, String name, String setting, Duration longest, Clock clock) throws IOException
    {
        this.name = name;
        this.file = new GuardedFile(file, name, "who may have changed it", "choose another place in " + setting);
        this.longest = longest.toMillis();
        this.clock = Objects.requireNonNull(clock);
        // With no bytes it changes nothing, but looks at all that a change looks at.
        write(new byte[0]);
    }

    @Override
    public void append(List<ForgetLogEntry> entries) throws IOException
    {
        StringBuilder text = new StringBuilder();
        entries.forEach(entry -> text.append(ForgetLogLines.encode(entry)).append('\n'));
        write(text.toString().getBytes(StandardCharsets.US_ASCII));
    }

    @Override
    public synchronized void read(Consumer<ForgetLogEntry> sink) throws IOException
    {
        try
        {
            String present = file.stamp(file.path());
            if (present.equals(stamp))
            {
                return;
            }
            // Until all is done the stamp counts as unseen, so that each call tries again.
            stamp = "";
            Path real = file.real();
            boolean isWhole = Files.exists(real, LinkOption.NOFOLLOW_LINKS) && readNew(real, sink, false);
            if (!isWhole || damaged || isWorthCompacting())
            {
                file.locked(real, () -> mend(real, sink));
            }
            stamp = present;
        }
        catch (IOException e)
        {
            throw failed("read", e);
        }
    }

    @Override
    public synchronized void beginAgain(ForgetEveryone everyone) throws IOException
    {
        try
        {
            Path real = file.real();
            file.locked(real, () ->
            {
                ForgetLogSummary summary = new ForgetLogSummary(ForgetTable.NOBODY);
                summary.add(everyone);
                head = replace(real, summary, clock.instant());
                position = Files.size(real);
                lines = head.entries();
                damaged = false;
                newest = everyone.before();
                return null;
            });
            stamp = "";
        }
        catch (IOException e)
        {
            throw failed("written", e);
        }
    }

    @Override
    public int losses()
    {
        return losses.get();
    }

    @Override
    public String describe()
    {
        return "file " + file.path();
    }

    /**
     * No file is open between calls; this only lets {@link #read} begin again.
     */
    @Override
    public synchronized void close()
    {
        stamp = "";
        // Without it the file counts as one never read.
        head = null;
    }

    /*
     * Nobody else writes now.
     */
    private Void mend(Path real, Consumer<ForgetLogEntry> sink) throws IOException
    {
        createIfMissing(real);
        readNew(real, sink, true);
        if (damaged || isWorthCompacting())
        {
            compact(real);
        }
        return null;
    }

    private void write(byte[] text) throws IOException
    {
        try
        {
            Path real = file.real();
            file.locked(real, () ->
            {
                createIfMissing(real);
                write(real, text);
                return null;
            });
        }
        catch (IOException e)
        {
            throw failed("written", e);
        }
    }

    private void write(Path real, byte[] text) throws IOException
    {
        try (FileChannel channel = open(real, StandardOpenOption.READ, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS))
        {
            ForgetFile.readHead(name, real, new LineReader(channel, 0));
            if (text.length == 0)
            {
                return;
            }
            ForgetFile.append(channel, text);
            channel.force(false);
        }
    }

    /*
     * Gives the whole lines that were not given yet. While others may write, a line that is not whole yet is left.
     *
     * @return whether there is nothing behind them
     */
    private boolean readNew(Path real, Consumer<ForgetLogEntry> sink, boolean isAlone) throws IOException
    {
        try (FileChannel channel = open(real, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS))
        {
            LineReader reader = new LineReader(channel, 0);
            ForgetLogLines.Head present = ForgetFile.readHead(name, real, reader);
            if (head == null || present.generation() != head.generation())
            {
                head = present;
                position = reader.position();
                lines = 0;
                damaged = false;
            }
            long end = channel.size();
            if (end < position)
            {
                damage(sink, "is shorter than it was");
                position = end;
            }
            reader = new LineReader(channel, position);
            giveLines(reader, sink);
            if (isAlone && reader.isUnfinished())
            {
                damage(sink, "ends in a line that was cut short");
                position = channel.size();
            }
            return !reader.isUnfinished();
        }
    }

    private void giveLines(LineReader reader, Consumer<ForgetLogEntry> sink) throws IOException
    {
        boolean isNews = true;
        for (String line = reader.next(); line != null; line = reader.next())
        {
            Optional<ForgetLogEntry> entry = ForgetLogLines.decode(line);
            if (entry.isPresent())
            {
                sink.accept(entry.get());
                newest = entry.get().reach().isAfter(newest) ? entry.get().reach() : newest;
            }
            else if (isNews)
            {
                damage(sink, "is damaged");
                isNews = false;
            }
            position = reader.position();
            lines++;
        }
    }

    private void damage(Consumer<ForgetLogEntry> sink, String what)
    {
        ForgetEveryone everyone = new ForgetEveryone(latest());
        sink.accept(everyone);
        damaged = true;
        losses.incrementAndGet();
        LOG.warn("{} {}: it is not known who was forgotten there, so everyone established at or before {} is", file.path(), what,
            everyone.before());
    }

    private boolean isWorthCompacting()
    {
        return lines > 2 * head.entries() + SLACK
            || lines > TOO_FEW_TO_COMPACT && head.begun().toEpochMilli() < clock.millis() - longest;
    }

    /*
     * All whole lines of the present file have been given.
     */
    private void compact(Path real) throws IOException
    {
        Instant now = clock.instant();
        ForgetLogSummary summary = new ForgetLogSummary(now.toEpochMilli() - longest - 1);
        try (FileChannel channel = open(real, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS))
        {
            LineReader reader = new LineReader(channel, 0);
            ForgetFile.readHead(name, real, reader);
            for (String line = reader.next(); line != null; line = reader.next())
            {
                ForgetLogLines.decode(line).ifPresent(summary::add);
            }
        }
        if (damaged)
        {
            summary.add(new ForgetEveryone(latest()));
        }
        head = replace(real, summary, now);
        position = Files.size(real);
        lines = head.entries();
        damaged = false;
    }

    private void createIfMissing(Path real) throws IOException
    {
        if (Files.exists(real, LinkOption.NOFOLLOW_LINKS))
        {
            return;
        }
        Instant now = clock.instant();
        Instant before = latest();
        ForgetLogSummary summary = new ForgetLogSummary(ForgetTable.NOBODY);
        summary.add(new ForgetEveryone(before));
        replace(real, summary, now);
        losses.incrementAndGet();
        LOG.info("{} is new: sessions established at or before {} are not resumed", file.path(), before);
    }

    /*
     * Now, or later where the clock was set back since the file was read.
     */
    private Instant latest()
    {
        Instant now = clock.instant();
        return newest.isAfter(now) ? newest : now;
    }

    private ForgetLogLines.Head replace(Path real, ForgetLogSummary summary, Instant now) throws IOException
    {
        ForgetLogLines.Head fresh = new ForgetLogLines.Head(ByteBuffer.wrap(Random.bytes(Long.BYTES)).getLong(), now,
            summary.count());
        file.replace(real, unbuffered -> ForgetFile.write(unbuffered, fresh, summary));
        return fresh;
    }

    private FileChannel open(Path real, OpenOption... options) throws IOException
    {
        file.check(real);
        return FileChannel.open(real, options);
    }

    private IOException failed(String verb, IOException cause)
    {
        return cause instanceof FileRefusedException ? cause : new IOException(file.cannotBe(verb, cause), cause);
    }
}
