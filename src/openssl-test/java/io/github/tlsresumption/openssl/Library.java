package io.github.tlsresumption.openssl;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The real library that the tests use: the one of the system property {@code native.library}, or Debian's {@code android-libboringssl}.
 */
final class Library
{
    private static final List<Path> CANDIDATES = List.of(
        Path.of(System.getProperty("native.library", "/usr/lib/x86_64-linux-gnu/android/libssl.so.0")),
        Path.of("/usr/lib/aarch64-linux-gnu/android/libssl.so.0"));

    private Library()
    {
    }

    /** The condition of the tests that need it; it tells when it is not there. */
    static boolean isThere()
    {
        if (file().isEmpty())
        {
            System.err.println("[WARNING] native TLS is not tested: none of " + CANDIDATES + " exists; install android-libboringssl");
        }
        return file().isPresent();
    }

    static Optional<Path> file()
    {
        return CANDIDATES.stream().filter(Files::isRegularFile).findFirst();
    }

    static NativeTls load()
    {
        return NativeTls.load(file().orElseThrow(), Optional.empty());
    }

    /** Whether it takes the time from a callback, by which alone a test can go ahead in time. */
    static boolean hasClock()
    {
        return isThere() && !sealsTickets();
    }

    /** Whether it is one that seals tickets by itself, with keys of ours. */
    static boolean sealsTickets()
    {
        return isThere() && load().lib().sealsTickets();
    }
}
