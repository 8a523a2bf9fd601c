package io.github.tlsresumption.openssl;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A native TLS library that is loaded. There is one for each choice; it stays loaded as long as the JVM lives. Thread-safe.
 */
final class NativeTls
{
    private static final Map<LibraryChoice, NativeTls> LOADED = new ConcurrentHashMap<>();

    private final LibSsl lib;

    private NativeTls(LibSsl lib)
    {
        this.lib = lib;
    }

    /**
     * @param choice a library
     * @return the library
     * @throws TlsLibraryException when it is missing, cannot be loaded, is too old or of a family that is not supported; the message names
     * the files and the fix
     */
    public static NativeTls load(LibraryChoice choice)
    {
        return LOADED.computeIfAbsent(choice, key -> new NativeTls(bind(key.load())));
    }

    private static LibSsl bind(NativeLibrary library)
    {
        String version = library.versionText();
        if (version.contains("BoringSSL") || version.contains("AWS-LC"))
        {
            return new BoringSsl(library);
        }
        if (OpenSsl.is(version))
        {
            return new OpenSsl(library);
        }
        throw new TlsLibraryException(("native TLS library: %s says that it is '%s'; supported are BoringSSL, AWS-LC, and OpenSSL from "
            + "version 3.0 on").formatted(library.file(), version));
    }

    /**
     * @return family, version as far as the library tells it, and file
     */
    public String description()
    {
        return lib.description();
    }

    /**
     * @return what tells the formats of session states apart: the same for two libraries only where one reads the states of the other
     */
    public String stateFormat()
    {
        return lib.stateFormat();
    }

    LibSsl lib()
    {
        return lib;
    }
}
