package io.github.tlsresumption.openssl;

import java.util.List;

/**
 * What all connections of a native context have in common.
 *
 * @param minVersion the lowest protocol version as on the wire, such as 0x0303
 * @param maxVersion the highest one
 * @param cipherSuites those of TLS 1.2 by their standard names, the preferred one first; empty without TLS 1.2
 * @param serverPreference whether the order of the suites counts, and not the client's
 * @param groups the library's names of groups, the preferred one first; empty for the library's own choice
 * @param tickets how many tickets a handshake of TLS 1.3 issues
 * @param authorities names of certificate authorities (RFC 5280) of which clients are asked for certificates
 */
record ContextOptions(int minVersion, int maxVersion, List<String> cipherSuites, boolean serverPreference, List<String> groups, int tickets,
    List<byte[]> authorities)
{
    /** How long a session may be resumed at most, by RFC 8446 section 4.6.1, in seconds; the protector ends it earlier. */
    static final int SESSION_SECONDS = 604_800;
}
