package io.github.tlsresumption.resumption;

import java.util.Optional;

import io.github.tlsresumption.engine.CachedSession;
import io.github.tlsresumption.engine.KeyTickets;
import io.github.tlsresumption.engine.OpenedTicket;
import io.github.tlsresumption.engine.SessionOrigin;
import io.github.tlsresumption.engine.StateTickets;
import io.github.tlsresumption.engine.Tickets;
import io.github.tlsresumption.engine.TlsHandshake;
import io.github.tlsresumption.engine.TlsSession;
import io.github.tlsresumption.ticket.Protocol;

/**
 * The tickets of one handshake: which were opened decides what is sealed, for a resumption carries its session over.
 */
final class HandshakeTickets implements Tickets
{
    private final ConnectorContext connector;
    private final CachedSessions cachedSessions;
    private final TlsHandshake handshake;
    private final Refusals refusals;
    private final SingleUse singleUse;
    private final OpenedTickets opened = new OpenedTickets();
    private final SessionJudge judge;
    private final HandshakeSession session;
    private final TicketSealer sealer;
    private StateTickets states;
    private KeyTickets keys;

    HandshakeTickets(ConnectorContext connector, CachedSessions cachedSessions, TlsHandshake handshake)
    {
        this.connector = connector;
        this.cachedSessions = cachedSessions;
        this.handshake = handshake;
        this.refusals = new Refusals(connector, handshake);
        this.singleUse = new SingleUse(connector, refusals);
        this.judge = new SessionJudge(connector, handshake, refusals, singleUse, opened);
        this.session = new HandshakeSession(connector, handshake, refusals, opened);
        this.sealer = new TicketSealer(connector, refusals, session);
    }

    @Override
    public StateTickets states()
    {
        if (states == null)
        {
            states = new EnvelopeTickets(connector, refusals, judge, sealer);
        }
        return states;
    }

    @Override
    public KeyTickets keys()
    {
        if (keys == null)
        {
            keys = new RingKeyTickets(connector, refusals, judge, sealer);
        }
        return keys;
    }

    @Override
    public boolean isExhausted(int offered)
    {
        return judge.isExhausted(offered);
    }

    @Override
    public boolean renews(OpenedTicket resumed)
    {
        return opened.find(resumed).filter(OpenedTickets.Entry::staysGood).isEmpty();
    }

    @Override
    public boolean resumable(Optional<Protocol> protocol)
    {
        return connector.terms(ConnectorContext.client(handshake, protocol, handshake.peerCertificates())).isPresent();
    }

    @Override
    public boolean resumableById(CachedSession cached)
    {
        Optional<RefusalReason> reason = cachedSessions.reasonToRefuse(cached, handshake);
        reason.ifPresent(refusals::refuse);
        return reason.isEmpty();
    }

    @Override
    public boolean proven()
    {
        return singleUse.proven();
    }

    @Override
    public void earlyData()
    {
        refusals.refuse(RefusalReason.EARLY_DATA);
    }

    @Override
    public void abandoned()
    {
        singleUse.abandoned();
    }

    @Override
    public TlsSession finished(SessionOrigin origin, Optional<byte[]> cachedId)
    {
        try
        {
            return session.finished(origin, cachedId);
        }
        finally
        {
            opened.clear();
        }
    }

    @Override
    public TlsSession renegotiated()
    {
        return session.renegotiated();
    }
}
