package io.github.tlsresumption.resumption;

import java.io.IOException;
import java.time.Clock;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

import io.github.tlsresumption.engine.CachedSession;
import io.github.tlsresumption.engine.TicketProtector;
import io.github.tlsresumption.engine.Tickets;
import io.github.tlsresumption.engine.TlsHandshake;
import io.github.tlsresumption.engine.TlsSession;
import io.github.tlsresumption.keys.TicketKeyRing;
import io.github.tlsresumption.policy.SessionPolicy;
import io.github.tlsresumption.sessions.SessionKeyStore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides for one connector which sessions are resumed, and seals and opens their tickets.
 * <p>
 * Both modes give the client a ticket under a key of the ring. In mode {@code cache} its payload is sealed once more under a
 * key of the session's own: so a ticket is known to be authentic, in time and in its place before a store is asked, and what
 * a client shows in clear names no session.
 * <p>
 * Every doubt ends in a full handshake. Thread-safe.
 */
public final class ConnectorResumption implements TicketProtector
{
    private static final Logger LOG = LoggerFactory.getLogger(ConnectorResumption.class);

    private final ConnectorContext connector;
    private final CachedSessions cached;

    /**
     * @param scope connectors of the same scope may resume each other's sessions
     * @param forgetList tells apart those of the same scope and ring that do not know whom the others have forgotten, so that they do not
     *     resume each other's sessions; empty where there is one list for all
     * @param policy decides on the clients' terms
     * @param ring gives the key ring in force; its result may be empty of keys, and changes with time
     * @param sessionKeys keeps the keys of mode {@code cache}
     * @param forgetting says which sessions have been forgotten
     * @param clock tells the time
     * @param deadlines tells the time by which sessions end, later than the other where it is not sure
     * @param statistics counts what happens
     */
    public ConnectorResumption(String scope, String forgetList, SessionPolicy policy, Supplier<TicketKeyRing> ring,
        SessionKeyStore sessionKeys, Forgetting forgetting, Clock clock, Clock deadlines, ResumptionStatistics statistics)
    {
        this(scope, forgetList, policy, ring, sessionKeys, forgetting, clock, deadlines, System::nanoTime, statistics);
    }

    /**
     * @param nanos counts nanoseconds, whatever the time is
     */
    ConnectorResumption(String scope, String forgetList, SessionPolicy policy, Supplier<TicketKeyRing> ring,
        SessionKeyStore sessionKeys, Forgetting forgetting, Clock clock, Clock deadlines, LongSupplier nanos,
        ResumptionStatistics statistics)
    {
        connector = new ConnectorContext(scope, forgetList, policy, ring, sessionKeys, forgetting, clock, deadlines, nanos, statistics);
        cached = new CachedSessions(connector);
    }

    @Override
    public Tickets begin(TlsHandshake handshake)
    {
        return new HandshakeTickets(connector, cached, handshake);
    }

    @Override
    public boolean isOver(CachedSession session)
    {
        return cached.isOver(session);
    }

    @Override
    public void forget(TlsSession session)
    {
        if (!session.isResumable())
        {
            return;
        }
        try
        {
            connector.forgetting().forgetSession(session.id());
        }
        catch (IOException e)
        {
            // The forget list says so itself, and tells the others as soon as it can.
            LOG.debug("others are told later", e);
        }
    }
}
