package io.github.tlsresumption.cli;

import io.github.tlsresumption.cli.tls.Protocol;

/**
 * The clients that a server meets.
 */
enum Variant
{
    TLS13(Protocol.TLS_1_3, true),
    TLS12_TICKETS(Protocol.TLS_1_2, true),
    TLS12_IDS(Protocol.TLS_1_2, false);

    private final Protocol protocol;
    private final boolean tickets;

    Variant(Protocol protocol, boolean tickets)
    {
        this.protocol = protocol;
        this.tickets = tickets;
    }

    Protocol protocol()
    {
        return protocol;
    }

    boolean tickets()
    {
        return tickets;
    }

    @Override
    public String toString()
    {
        return protocol == Protocol.TLS_1_3 ? "TLSv1.3" : tickets ? "TLSv1.2 with tickets" : "TLSv1.2 without tickets";
    }
}
