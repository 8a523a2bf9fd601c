package io.github.tlsresumption.cli.tls;

import java.util.Optional;

/**
 * What a client must know to resume: a ticket, or in TLS 1.2 an id.
 *
 * @param protocol of the session
 * @param suite of the session
 * @param secret the pre-shared key of TLS 1.3, the master secret of TLS 1.2
 * @param ticket if there is one
 * @param sessionId of TLS 1.2; empty when the server gave none
 * @param since by {@link System#nanoTime} when the ticket came
 */
public record ClientSession(Protocol protocol, Suite suite, byte[] secret, Optional<Ticket> ticket, byte[] sessionId, long since)
{
    /**
     * @return the same with a ticket that no server has sealed
     */
    public ClientSession tampered()
    {
        return new ClientSession(protocol, suite, secret, ticket.map(Ticket::tampered), sessionId, since);
    }

    /**
     * @return the same without its ticket
     */
    public ClientSession withoutTicket()
    {
        return new ClientSession(protocol, suite, secret, Optional.empty(), sessionId, since);
    }

    /**
     * @return nothing of the secret
     */
    @Override
    public String toString()
    {
        return "session of " + protocol + ", " + ticket;
    }
}
