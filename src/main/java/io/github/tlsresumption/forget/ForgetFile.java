package io.github.tlsresumption.forget;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;

import io.github.tlsresumption.files.FileRefusedException;
import io.github.tlsresumption.files.GuardedFile;

/**
 * The format of the log in a file: a line that names it, a line about the file, and a line for each entry. Stateless.
 */
final class ForgetFile
{
    private static final String FORMAT = "jetty-tls-resumption forgotten 1";
    private static final String ANY_FORMAT = FORMAT.substring(0, FORMAT.length() - 1);

    private ForgetFile()
    {
    }

    /**
     * Reads the first two lines.
     *
     * @param name what messages call the file
     * @throws FileRefusedException when it is no such file; it stays as it is
     */
    static ForgetLogLines.Head readHead(String name, Path real, LineReader reader) throws IOException
    {
        String format = reader.next();
        if (format == null || !format.equals(FORMAT))
        {
            throw refused(name, real, format != null && format.startsWith(ANY_FORMAT)
                ? "it was written by another release: run that release, or " : "it is another file, or its beginning is lost: ");
        }
        String line = reader.next();
        return (line == null ? Optional.<ForgetLogLines.Head>empty() : ForgetLogLines.decodeHead(line))
            .orElseThrow(() -> refused(name, real, "its beginning is damaged: "));
    }

    /**
     * Writes a whole file.
     */
    static void write(OutputStream unbuffered, ForgetLogLines.Head head, ForgetLogSummary summary) throws IOException
    {
        OutputStream out = new BufferedOutputStream(unbuffered, 1 << 16);
        writeLine(out, FORMAT);
        writeLine(out, ForgetLogLines.encode(head));
        summary.give(entry -> writeLine(out, ForgetLogLines.encode(entry)));
        out.flush();
    }

    /**
     * Writes lines behind what is there, all or none of them.
     */
    static void append(FileChannel channel, byte[] text) throws IOException
    {
        long end = channel.size();
        try
        {
            // A line that a crash cut short must not swallow ours. Whoever reads it next sees that it is damaged.
            long start = end + (endsWithLineFeed(channel, end) ? 0 : writeAll(channel, ByteBuffer.wrap(new byte[]{'\n'}), end));
            writeAll(channel, ByteBuffer.wrap(text), start);
        }
        catch (IOException e)
        {
            channel.truncate(end);
            throw e;
        }
    }

    private static FileRefusedException refused(String name, Path real, String why)
    {
        return new FileRefusedException(name + " " + real + " cannot be used, and is kept as it is: " + why + "mv "
            + GuardedFile.quoted(real) + " " + GuardedFile.quoted(GuardedFile.beside(real, ".old"))
            + " (it is made anew; every session then needs one full handshake)");
    }

    private static void writeLine(OutputStream out, String line) throws IOException
    {
        out.write(line.getBytes(StandardCharsets.US_ASCII));
        out.write('\n');
    }

    private static boolean endsWithLineFeed(FileChannel channel, long end) throws IOException
    {
        ByteBuffer last = ByteBuffer.allocate(1);
        return channel.read(last, end - 1) == 1 && last.get(0) == '\n';
    }

    private static int writeAll(FileChannel channel, ByteBuffer bytes, long start) throws IOException
    {
        int written = 0;
        while (bytes.hasRemaining())
        {
            written += channel.write(bytes, start + written);
        }
        return written;
    }
}
