package io.github.tlsresumption.policy;

import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;

/**
 * What is known of a client when its terms are asked for.
 *
 * @param protocol the protocol of its session as JSSE names it: {@code TLSv1.3} or {@code TLSv1.2}
 * @param serverName the host of its ClientHello as {@link io.github.tlsresumption.ticket.HostName} writes it
 * @param remoteHost the remote host, usually an address
 * @param certificates its certificate chain, its own first; empty without client authentication
 */
public record Client(String protocol, Optional<String> serverName, Optional<String> remoteHost, List<X509Certificate> certificates)
{
    /**
     * Copies the list.
     */
    public Client
    {
        certificates = List.copyOf(certificates);
    }
}
