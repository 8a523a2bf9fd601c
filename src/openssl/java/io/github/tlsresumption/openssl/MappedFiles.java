package io.github.tlsresumption.openssl;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The files that the kernel has mapped into this process, by which the file of a library that was found by its name is known.
 *
 * @see <a href="https://man7.org/linux/man-pages/man5/proc_pid_maps.5.html">proc_pid_maps(5)</a>
 */
final class MappedFiles
{
    private static final Path MAPS = Path.of("/proc/self/maps");
    private static final Pattern LINE = Pattern.compile("([0-9a-f]+)-([0-9a-f]+) \\S+ \\S+ \\S+ \\S+ +(/.*)");
    private static final int HEX = 16;

    private MappedFiles()
    {
    }

    /**
     * @param address any
     * @return the file that is mapped there; empty if there is none, or the system does not tell
     */
    static Optional<Path> of(long address)
    {
        try
        {
            return find(Files.readAllLines(MAPS), address);
        }
        catch (IOException e)
        {
            return Optional.empty();
        }
    }

    static Optional<Path> find(List<String> lines, long address)
    {
        return lines.stream()
            .map(LINE::matcher)
            .filter(line -> line.matches() && contains(line, address))
            .findFirst()
            .map(line -> Path.of(line.group(3)));
    }

    private static boolean contains(Matcher line, long address)
    {
        return Long.parseUnsignedLong(line.group(1), HEX) <= address && address < Long.parseUnsignedLong(line.group(2), HEX);
    }
}
