package io.github.tlsresumption.engine;

import java.util.Optional;

import io.github.tlsresumption.ticket.Protocol;

/**
 * Does as another does, where a test does not say otherwise.
 */
public class ForwardingTickets implements Tickets, StateTickets
{
    private final Tickets tickets;

    public ForwardingTickets(Tickets tickets)
    {
        this.tickets = tickets;
    }

    @Override
    public StateTickets states()
    {
        return this;
    }

    @Override
    public KeyTickets keys()
    {
        return tickets.keys();
    }

    @Override
    public Optional<OpenedTicket> open(byte[] ticket, byte[] associatedData, int stateFormat)
    {
        return tickets.states().open(ticket, associatedData, stateFormat);
    }

    @Override
    public Optional<byte[]> seal(byte[] state, byte[] associatedData, int stateFormat, SessionOrigin origin)
    {
        return tickets.states().seal(state, associatedData, stateFormat, origin);
    }

    @Override
    public boolean isExhausted(int offered)
    {
        return tickets.isExhausted(offered);
    }

    @Override
    public boolean renews(OpenedTicket resumed)
    {
        return tickets.renews(resumed);
    }

    @Override
    public boolean resumable(Optional<Protocol> protocol)
    {
        return tickets.resumable(protocol);
    }

    @Override
    public boolean resumableById(CachedSession cached)
    {
        return tickets.resumableById(cached);
    }

    @Override
    public boolean proven()
    {
        return tickets.proven();
    }

    @Override
    public void earlyData()
    {
        tickets.earlyData();
    }

    @Override
    public void abandoned()
    {
        tickets.abandoned();
    }

    @Override
    public TlsSession finished(SessionOrigin origin, Optional<byte[]> cachedId)
    {
        return tickets.finished(origin, cachedId);
    }

    @Override
    public TlsSession renegotiated()
    {
        return tickets.renegotiated();
    }
}
