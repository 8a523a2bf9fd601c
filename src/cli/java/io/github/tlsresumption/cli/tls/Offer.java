package io.github.tlsresumption.cli.tls;

import java.util.Optional;

/**
 * What a client says in its ClientHello.
 *
 * @param protocol the only version that it offers
 * @param serverName the host that it names, if any
 * @param tickets whether it announces support for tickets; without effect in TLS 1.3
 * @param session what it would resume
 */
public record Offer(Protocol protocol, Optional<String> serverName, boolean tickets, Optional<ClientSession> session)
{
    /**
     * @param other a session
     * @return the same, to resume that session
     */
    public Offer resuming(ClientSession other)
    {
        return new Offer(protocol, serverName, tickets, Optional.of(other));
    }

    /**
     * @param host another host, or none
     * @return the same for that host
     */
    public Offer naming(Optional<String> host)
    {
        return new Offer(protocol, host, tickets, session);
    }
}
