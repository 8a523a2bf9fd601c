package io.github.tlsresumption.openssl;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

import io.github.tlsresumption.engine.EngineContext;
import io.github.tlsresumption.engine.TicketProtector;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A choice of library, and whether it works in this JVM: found, loaded and tried once for each choice. Thread-safe.
 */
final class LibraryStart
{
    private static final Logger LOG = LoggerFactory.getLogger(NativeEngine.class);
    private static final Map<String, LibraryStart> STARTS = new ConcurrentHashMap<>();
    /** Debian's package. Those of AWS-LC are where an operator puts them. */
    private static final List<Path> CANDIDATES = List.of(
        Path.of("/usr/lib/x86_64-linux-gnu/android/libssl.so.0"),
        Path.of("/usr/lib/aarch64-linux-gnu/android/libssl.so.0"));
    private static final String FIX =
        ": install Debian's package android-libboringssl, or set jetty.tlsResumption.native.library to the libssl of BoringSSL, AWS-LC or "
            + "OpenSSL 3, and jetty.tlsResumption.native.crypto to its libcrypto where that is not beside it";

    private final NativeTls library;
    private final Optional<String> obstacle;

    private LibraryStart(String ssl, String crypto)
    {
        NativeTls loaded = null;
        Optional<String> fault;
        try
        {
            loaded = NativeTls.load(find(ssl), crypto.isBlank() ? Optional.empty() : Optional.of(Path.of(crypto.strip())));
            fault = selfTest(loaded);
        }
        catch (TlsLibraryException e)
        {
            LOG.debug("native TLS", e);
            fault = Optional.of(e.getMessage() + FIX);
        }
        catch (RuntimeException | LinkageError e)
        {
            LOG.debug("native TLS", e);
            fault = Optional.of("the TLS engine native cannot be used: " + e);
        }
        library = loaded;
        obstacle = fault;
    }

    private static Optional<String> selfTest(NativeTls library)
    {
        return new SelfTest(library.lib()).fault().map(found -> "the TLS library " + library.description()
            + " does not pass the self-test: " + found + FIX);
    }

    /**
     * @param ssl the file of libssl, blank to look for one
     * @param crypto the file of libcrypto, blank for the one beside libssl
     * @return what has become of that choice
     */
    static LibraryStart of(String ssl, String crypto)
    {
        return STARTS.computeIfAbsent(ssl + '\n' + crypto, key -> new LibraryStart(ssl, crypto));
    }

    private static Path find(String ssl)
    {
        if (!ssl.isBlank())
        {
            Path given = Path.of(ssl.strip());
            if (!Files.isRegularFile(given))
            {
                throw new TlsLibraryException("jetty.tlsResumption.native.library is " + given + ", and there is no such file");
            }
            return given;
        }
        return CANDIDATES.stream().filter(Files::isRegularFile).findFirst().orElseThrow(() -> new TlsLibraryException(
            "there is no TLS library for the engine native: looked for "
                + CANDIDATES.stream().map(Path::toString).collect(Collectors.joining(", "))));
    }

    /**
     * @return why the engine cannot work, with the fix, or empty
     */
    Optional<String> obstacle()
    {
        return obstacle.or(JvmSettings::obstacle);
    }

    /**
     * @return family, version and file of the library, and its groups
     */
    String description()
    {
        return "native, " + library.description() + ", groups " + String.join(":", new Supported(library.lib()).groups());
    }

    /**
     * @param protector decides on the context's sessions
     * @param validation stands for the settings by which client certificates are validated
     * @param tickets how many a handshake of TLS 1.3 issues
     * @return a new context
     */
    EngineContext newContext(TicketProtector protector, byte[] validation, int tickets)
    {
        return new NativeEngineContext(library.lib(), protector, validation, tickets, Clock.systemUTC());
    }
}
