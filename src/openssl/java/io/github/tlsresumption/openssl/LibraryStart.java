package io.github.tlsresumption.openssl;

import java.time.Clock;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

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
    private static final Map<LibraryChoice, LibraryStart> STARTS = new ConcurrentHashMap<>();
    private static final String FIX =
        ": install OpenSSL 3 (Debian's package libssl3), or set jetty.tlsResumption.native.library to 'boringssl' for Debian's package "
            + "android-libboringssl, or to the libssl of OpenSSL 3, BoringSSL or AWS-LC, and jetty.tlsResumption.native.crypto to its "
            + "libcrypto where that is not beside it";

    private final NativeTls library;
    private final Optional<String> obstacle;

    private LibraryStart(LibraryChoice choice)
    {
        NativeTls loaded = null;
        Optional<String> fault;
        try
        {
            loaded = NativeTls.load(choice);
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
     * @param library {@code openssl} or {@code boringssl}, or the file of libssl; blank for {@code openssl}
     * @param crypto the file of libcrypto, blank for the one that belongs to libssl
     * @return what has become of that choice
     */
    static LibraryStart of(String library, String crypto)
    {
        return STARTS.computeIfAbsent(new LibraryChoice(library, crypto), LibraryStart::new);
    }

    /**
     * @return why the engine cannot work, with the fix, or empty
     */
    Optional<String> obstacle()
    {
        // A setting that is refused may be why the library does not work.
        return JvmSettings.obstacle().or(() -> obstacle);
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
