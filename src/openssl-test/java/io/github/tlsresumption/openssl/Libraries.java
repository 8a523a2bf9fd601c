package io.github.tlsresumption.openssl;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The libraries of both families that Debian has packages of, for tests that try one after the other.
 */
final class Libraries
{
    private static final List<Path> DIRECTORIES = List.of(Path.of("/usr/lib/x86_64-linux-gnu"), Path.of("/usr/lib/aarch64-linux-gnu"));

    private Libraries()
    {
    }

    private static Optional<Path> find(String file)
    {
        return DIRECTORIES.stream().map(directory -> directory.resolve(file)).filter(Files::isRegularFile).findFirst();
    }

    /** Of the system. */
    static Optional<Path> openSsl()
    {
        return find("libssl.so.3");
    }

    /** Those that are there, OpenSSL first. */
    static List<Path> all()
    {
        return Stream.concat(openSsl().stream(), find("android/libssl.so.0").stream()).toList();
    }

    /** The condition of tests whose clients are OpenSSL's. */
    static boolean areThere()
    {
        if (openSsl().isEmpty())
        {
            System.err.println("[WARNING] native TLS is tested in part: there is no libssl.so.3 in " + DIRECTORIES);
        }
        return openSsl().isPresent();
    }
}
