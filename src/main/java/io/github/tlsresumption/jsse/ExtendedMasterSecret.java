package io.github.tlsresumption.jsse;

import java.util.stream.Stream;

/**
 * Whether SunJSSE knows the extension extended_master_secret (RFC 7627). If so, it resumes no session that was established without, and
 * none in a handshake without: section 5.3. That it knows it shows in its answer to the first client that has it, which is most often
 * that of the self-test. Before such an answer two properties tell, which are read once in a JVM, as SunJSSE does: a client without the
 * extension gets no answer from which to tell. Thread-safe.
 */
final class ExtendedMasterSecret
{
    private static final String USE = "jdk.tls.useExtendedMasterSecret";
    private static final String DISABLED = "jdk.tls.server.disableExtensions";
    private static final String NAME = "extended_master_secret";
    private static volatile boolean known = isKnown(System.getProperty(USE, ""), System.getProperty(DISABLED, ""));

    private ExtendedMasterSecret()
    {
    }

    /**
     * @return whether a session of TLS 1.2 has to be established with the extension to be resumed
     */
    static boolean isNeeded()
    {
        return known;
    }

    /**
     * @param answered whether SunJSSE has answered a client of TLS 1.2 with the extension, which the client had sent
     */
    static void seen(boolean answered)
    {
        if (known != answered)
        {
            known = answered;
        }
    }

    static boolean isKnown(String use, String disabled)
    {
        return !"false".equalsIgnoreCase(use) && Stream.of(disabled.split(",")).map(String::strip).noneMatch(NAME::equals);
    }
}
