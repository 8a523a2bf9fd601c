package io.github.tlsresumption;

import io.github.tlsresumption.ticket.CachedSession;
import io.github.tlsresumption.ticket.TicketProtector;
import io.github.tlsresumption.ticket.TlsHandshake;
import io.github.tlsresumption.ticket.TlsSession;

/**
 * Passes on to another, which may change while the connector runs: a handshake goes on with the one that it began with. Thread-safe.
 */
final class CurrentProtector implements TicketProtector
{
    private volatile TicketProtector current;

    /**
     * @param protector for the handshakes from now on
     */
    void set(TicketProtector protector)
    {
        current = protector;
    }

    @Override
    public Tickets begin(TlsHandshake handshake)
    {
        return current.begin(handshake);
    }

    @Override
    public boolean isOver(CachedSession session)
    {
        return current.isOver(session);
    }

    @Override
    public void forget(TlsSession session)
    {
        current.forget(session);
    }
}
