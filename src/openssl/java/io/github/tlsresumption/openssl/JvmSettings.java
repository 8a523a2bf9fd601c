package io.github.tlsresumption.openssl;

import java.security.Security;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * Settings of the JVM that are about TLS and that a native library does not know. Whoever has set one believes in it, so it is refused.
 */
final class JvmSettings
{
    private static final String PREFIX = "jdk.tls.";
    private static final String DISABLED = "jdk.tls.disabledAlgorithms";
    /** About clients in this JVM, or about what the library does not do anyway: renegotiation, and finite-field Diffie-Hellman. */
    private static final List<String> HARMLESS = List.of("jdk.tls.client.", "jdk.tls.rejectClientInitiatedRenegotiation",
        "jdk.tls.ephemeralDHKeySize", "jdk.tls.server.defaultDHEParameters", "jdk.tls.alpnCharset", "jdk.tls.trustNameService");

    private JvmSettings()
    {
    }

    /**
     * @return why the engine does not start in this JVM, with the fix, or empty
     */
    static Optional<String> obstacle()
    {
        Set<String> refused = new TreeSet<>(System.getProperties().stringPropertyNames());
        refused.removeIf(name -> !name.startsWith(PREFIX) || HARMLESS.stream().anyMatch(name::startsWith));
        if (!refused.isEmpty())
        {
            return Optional.of("the TLS engine native does not know the system properties " + String.join(", ", refused)
                + ": remove them, and use jetty.sslContext.* where it has such a setting");
        }
        String disabled = Security.getProperty(DISABLED);
        Optional<String> protocol = disabled == null ? Optional.empty() : Stream.of(disabled.split(","))
            .map(String::strip)
            .filter(Supported.PROTOCOLS::containsKey)
            .findFirst();
        return protocol.map(name -> "the security property " + DISABLED + " disables " + name
            + ", which the TLS engine native does not know: use jetty.sslContext.excludeProtocols in its place");
    }
}
