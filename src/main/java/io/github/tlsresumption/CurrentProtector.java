package io.github.tlsresumption;

import io.github.tlsresumption.engine.CachedSession;
import io.github.tlsresumption.engine.TicketProtector;
import io.github.tlsresumption.engine.Tickets;
import io.github.tlsresumption.engine.TlsHandshake;
import io.github.tlsresumption.engine.TlsSession;

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
