package io.github.tlsresumption.openssl;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

import io.github.tlsresumption.crypto.Digests;

/**
 * The two shared objects of a TLS library, {@code libssl} and {@code libcrypto}. They stay loaded as long as the JVM lives. Thread-safe.
 */
final class NativeLibrary
{
    /** A pointer or a {@code size_t}. */
    static final ValueLayout.OfLong POINTER = ValueLayout.JAVA_LONG;
    /** An {@code int} or a {@code uint32_t}. */
    static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
    /** A {@code uint16_t}. */
    static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT;
    /** A {@code uint8_t}. */
    static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;

    private static final String SSL = "libssl";
    private static final String A_FUNCTION_OF_SSL = "SSL_new";
    private static final int FINGERPRINT_BYTES = 4;
    private static final int MAX_VERSION_BYTES = 256;

    private final Path ssl;
    private final SymbolLookup sslSymbols;
    private final SymbolLookup cryptoSymbols;

    private NativeLibrary(Path ssl, SymbolLookup sslSymbols, SymbolLookup cryptoSymbols)
    {
        this.ssl = ssl;
        this.sslSymbols = sslSymbols;
        this.cryptoSymbols = cryptoSymbols;
    }

    /**
     * @param ssl the file of libssl
     * @param crypto the file of libcrypto; if empty, the file beside libssl whose name has {@code libcrypto} in place of {@code libssl}
     * @return the library
     * @throws TlsLibraryException when one of them is missing or cannot be loaded; it names the files
     */
    static NativeLibrary load(Path ssl, Optional<Path> crypto)
    {
        Path file = ssl.toAbsolutePath();
        Path beside = crypto.orElseGet(() -> file.resolveSibling(file.getFileName().toString().replace(SSL, "libcrypto"))).toAbsolutePath();
        List<Path> missing = new ArrayList<>(List.of(file, beside));
        missing.removeIf(Files::isRegularFile);
        if (!missing.isEmpty())
        {
            throw new TlsLibraryException("native TLS library: no such file: " + missing);
        }
        try
        {
            // First libcrypto: libssl then finds it by its name, wherever it is.
            SymbolLookup cryptoSymbols = SymbolLookup.libraryLookup(beside, Arena.global());
            return new NativeLibrary(file, SymbolLookup.libraryLookup(file, Arena.global()), cryptoSymbols);
        }
        catch (IllegalArgumentException e)
        {
            throw new TlsLibraryException("native TLS library: cannot load %s with %s: %s".formatted(file, beside, e.getMessage()), e);
        }
    }

    /**
     * @param ssl the name of libssl, which the system's loader looks for in its directories
     * @param crypto name or file of libcrypto
     * @return the library
     * @throws TlsLibraryException when one of them is missing or cannot be loaded; it names both
     */
    static NativeLibrary ofSystem(String ssl, String crypto)
    {
        try
        {
            SymbolLookup cryptoSymbols = SymbolLookup.libraryLookup(crypto, Arena.global());
            SymbolLookup sslSymbols = SymbolLookup.libraryLookup(ssl, Arena.global());
            Optional<Path> file = sslSymbols.find(A_FUNCTION_OF_SSL).flatMap(function -> MappedFiles.of(function.address()));
            return new NativeLibrary(file.orElse(Path.of(ssl)), sslSymbols, cryptoSymbols);
        }
        catch (IllegalArgumentException e)
        {
            throw new TlsLibraryException("native TLS library: the system does not find %s with %s: %s"
                .formatted(ssl, crypto, e.getMessage()), e);
        }
    }

    /**
     * @return what libcrypto says of itself, such as {@code BoringSSL}, {@code OpenSSL 3.0.19 27 Jan 2026} or one with {@code AWS-LC}
     * @throws TlsLibraryException when it has no such function
     */
    String versionText()
    {
        NativeFunction version = FunctionTable.link("OpenSSL_version", address("OpenSSL_version"), POINTER, new MemoryLayout[]{INT});
        long text = version.call(0);
        return text == 0 ? "" : MemorySegment.ofAddress(text).reinterpret(MAX_VERSION_BYTES).getString(0);
    }

    /**
     * @return the beginning of a digest of libssl's file, which tells two builds of one version apart
     * @throws TlsLibraryException when the file cannot be read
     */
    String fingerprint()
    {
        try
        {
            return HexFormat.of().formatHex(Digests.fingerprint(Files.readAllBytes(ssl)), 0, FINGERPRINT_BYTES);
        }
        catch (IOException e)
        {
            throw new TlsLibraryException("native TLS library: cannot read " + ssl, e);
        }
    }

    /**
     * @return version, file and build, for messages
     */
    String description()
    {
        return "%s (%s, build %s)".formatted(versionText(), ssl, fingerprint());
    }

    Path file()
    {
        return ssl;
    }

    Optional<MemorySegment> find(String name)
    {
        return sslSymbols.find(name).or(() -> cryptoSymbols.find(name));
    }

    /**
     * @param name a function
     * @return its address
     * @throws TlsLibraryException when the library lacks it
     */
    MemorySegment address(String name)
    {
        return find(name).orElseThrow(() -> new TlsLibraryException(
            "native TLS library: %s lacks the function %s: it is too old or of an unknown family".formatted(ssl, name)));
    }
}
