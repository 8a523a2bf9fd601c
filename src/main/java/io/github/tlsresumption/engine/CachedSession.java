package io.github.tlsresumption.engine;

import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A session in the engine's own cache, which clients name by its id.
 *
 * @param id the id
 * @param serverName the host for which it was established, as {@link TlsHandshake#serverName} tells it
 * @param contextDigest what {@link TlsHandshake#contextDigest} told at the full handshake, if it is known
 * @param established when the full handshake was
 * @param deadline what {@link Tickets#finished} said at the full handshake, if it is known
 * @param peerHost the remote host of that handshake, if it is known
 * @param certificates the client's certificate chain, its own first
 */
public record CachedSession(byte[] id, Optional<String> serverName, Optional<Long> contextDigest, Instant established,
    Optional<Instant> deadline, Optional<String> peerHost, List<X509Certificate> certificates)
{
}
