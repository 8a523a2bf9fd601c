package io.github.tlsresumption.openssl;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * A TLS library as the settings name it: OpenSSL of the system, BoringSSL of Debian, or a file.
 *
 * @param library {@code openssl} or {@code boringssl}, or the file of libssl; blank for {@code openssl}
 * @param crypto the file of libcrypto; blank for the one that belongs to libssl
 */
record LibraryChoice(String library, String crypto)
{
    private static final String SETTING = "jetty.tlsResumption.native.library";
    private static final String OPENSSL = "openssl";
    private static final String BORINGSSL = "boringssl";
    /** Names by which the system finds OpenSSL 3, from its own directories. */
    private static final String OPENSSL_SSL = "libssl.so.3";
    private static final String OPENSSL_CRYPTO = "libcrypto.so.3";
    private static final List<Path> BORINGSSL_FILES = List.of(
        Path.of("/usr/lib/x86_64-linux-gnu/android/libssl.so.0"),
        Path.of("/usr/lib/aarch64-linux-gnu/android/libssl.so.0"));

    LibraryChoice
    {
        library = library.isBlank() ? OPENSSL : library.strip();
        crypto = crypto.strip();
    }

    /**
     * @return the library, loaded
     * @throws TlsLibraryException when it is missing or cannot be loaded; it names what was looked for
     */
    NativeLibrary load()
    {
        Optional<Path> given = crypto.isEmpty() ? Optional.empty() : Optional.of(Path.of(crypto));
        return switch (library)
        {
            case OPENSSL -> NativeLibrary.ofSystem(OPENSSL_SSL, given.map(Path::toString).orElse(OPENSSL_CRYPTO));
            case BORINGSSL -> NativeLibrary.load(boringSsl(), given);
            default -> NativeLibrary.load(file(), given);
        };
    }

    private static Path boringSsl()
    {
        return BORINGSSL_FILES.stream().filter(Files::isRegularFile).findFirst().orElseThrow(() -> new TlsLibraryException(
            SETTING + " is " + BORINGSSL + ", and there is none: looked for "
                + BORINGSSL_FILES.stream().map(Path::toString).collect(Collectors.joining(", "))));
    }

    private Path file()
    {
        Path given = Path.of(library);
        if (!Files.isRegularFile(given))
        {
            throw new TlsLibraryException(SETTING + " is " + given + ", and there is no such file");
        }
        return given;
    }
}
