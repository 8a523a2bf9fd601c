package io.github.tlsresumption.openssl;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;

import io.github.tlsresumption.crypto.Aes256Gcm;
import io.github.tlsresumption.engine.CachedSession;
import io.github.tlsresumption.engine.OpenedTicket;
import io.github.tlsresumption.engine.SessionOrigin;
import io.github.tlsresumption.engine.Tickets;
import io.github.tlsresumption.engine.TlsSession;
import io.github.tlsresumption.ticket.Protocol;
import io.github.tlsresumption.ticket.Ticket;

/**
 * The sessions of one handshake: has the decision open, seal and find, and gives the library its answers. What the decision throws is a
 * refusal. Confined to the thread that holds the engine's lock, except for the running of a delegated task.
 */
final class HandshakeSessions
{
    /** By how much a ticket is longer than its state: sealed twice at most. */
    static final int OVERHEAD_BYTES = Ticket.OVERHEAD_BYTES + Aes256Gcm.TAG_BYTES;

    /** No decoy is longer, and no ticket of a plausible session. */
    private static final int MAX_DECOY_BYTES = 2048;
    private static final byte[] NOTHING = {};

    private final NativeContext context;
    private final NativeSslEngine engine;
    private final HandshakeFacts facts;
    private final long connection;
    private final long generation;
    private final Tickets tickets;
    private final DeferredOpening opening;
    private boolean resumable;
    private int offered;
    private volatile OpenedTicket opened;
    private volatile SessionCache.Entry found;
    private byte[] newId = NOTHING;
    private byte[] newState = NOTHING;
    /** In the cache. */
    private volatile byte[] id = NOTHING;
    private volatile boolean over;

    /**
     * @param context what all connections share
     * @param engine is shown to key managers and trust managers
     * @param session the handshake session
     * @param connection the library's
     */
    HandshakeSessions(NativeContext context, NativeSslEngine engine, NativeSession session, long connection)
    {
        this.context = context;
        this.engine = engine;
        this.facts = new HandshakeFacts(context, engine, session, connection);
        this.connection = connection;
        this.generation = context.cache().generation();
        this.opening = new DeferredOpening(context::warn);
        this.tickets = context.protector().begin(facts);
    }

    /**
     * To be called first.
     */
    void received(ClientHello hello)
    {
        facts.received(hello);
    }

    /**
     * To be called while the certificate is chosen.
     *
     * @param tls13 whether TLS 1.3 will be chosen, or else TLS 1.2
     */
    void begin(boolean tls13)
    {
        if (facts.protocol().isPresent())
        {
            return;
        }
        facts.decided(tls13 ? Protocol.TLS_1_3 : Protocol.TLS_1_2);
        byte[] fence = ByteBuffer.allocate(Long.BYTES).putLong(facts.contextDigest()).array();
        context.lib().setSessionIdContext(connection, fence);
        // With client authentication the terms may depend on the certificate.
        resumable = engine.settings().verifyMode() != LibSsl.VERIFY_NONE || isResumable();
        if (!resumable)
        {
            context.lib().setNoTickets(connection);
            refuseOffered();
        }
    }

    private boolean isResumable()
    {
        try
        {
            return tickets.resumable(facts.protocol());
        }
        catch (RuntimeException e)
        {
            context.warn(e);
            return false;
        }
    }

    /**
     * The library does not ask about them, but each refusal is counted.
     */
    private void refuseOffered()
    {
        Optional<byte[]> ticket = facts.offeredTicket();
        try
        {
            if (ticket.isPresent() && !tickets.isExhausted(++offered))
            {
                tickets.states().open(ticket.get(), NOTHING, context.stateFormat());
            }
        }
        catch (RuntimeException e)
        {
            context.warn(e);
        }
        tickets.abandoned();
    }

    /**
     * To be called when the client's certificate is known. Tickets of TLS 1.3 come later, and can still be left out.
     */
    void clientIsKnown()
    {
        if (facts.isTls13() && resumable && !isResumable())
        {
            context.lib().setNoTickets(connection);
        }
    }

    /**
     * @param state a session's state
     * @return its ticket; or one that nobody can open, or in TLS 1.2 an empty one (RFC 5077 section 3.3), since the client must get one
     */
    byte[] seal(byte[] state)
    {
        try
        {
            facts.knowPeer();
            Optional<byte[]> ticket = tickets.states().seal(state, NOTHING, context.stateFormat(), origin());
            if (ticket.isPresent())
            {
                return ticket.get();
            }
        }
        catch (RuntimeException | SSLException e)
        {
            // Not the handshake's failure: it goes on with a decoy.
            context.warn(e);
        }
        return facts.isTls13() ? Ticket.decoy(Math.min(state.length + OVERHEAD_BYTES, MAX_DECOY_BYTES)) : NOTHING;
    }

    /**
     * @param ticket what the client offers
     * @return put off: a store may be asked, or a trust manager
     */
    Opening open(byte[] ticket)
    {
        return opening.ask(() -> new Opening.Deferred(() -> judged(ticket)));
    }

    private Opening judged(byte[] ticket)
    {
        if (tickets.isExhausted(++offered))
        {
            return Opening.REFUSED;
        }
        Optional<OpenedTicket> judged = tickets.states().open(ticket, NOTHING, context.stateFormat());
        opened = judged.orElse(null);
        if (over)
        {
            tickets.abandoned();
        }
        return judged.map(ours -> Opening.opened(ours.state())).orElse(Opening.REFUSED);
    }

    /**
     * The handshake establishes a session with an id.
     */
    void add(byte[] id, byte[] state)
    {
        if (resumable)
        {
            newId = id;
            newState = state;
        }
    }

    /**
     * @param id what the client offers
     * @return put off where there is such a session: a trust manager may be asked
     */
    Opening find(byte[] id)
    {
        Optional<SessionCache.Entry> known = resumable ? context.cache().get(id) : Optional.empty();
        return known.isEmpty() ? Opening.REFUSED : opening.ask(() -> new Opening.Deferred(() -> judged(known.get())));
    }

    private Opening judged(SessionCache.Entry known)
    {
        if (!tickets.resumableById(known.session()))
        {
            return Opening.REFUSED;
        }
        found = known;
        return Opening.opened(known.state());
    }

    /**
     * @return what is to be run before the library asks again
     */
    Optional<Deferred<Opening>> waiting()
    {
        return opening.waiting();
    }

    /**
     * To be called when the library waits for the client: it may have decided not to resume what it was given.
     */
    void progressed()
    {
        if ((opened != null || found != null) && !context.lib().isResumed(connection))
        {
            opened = null;
            found = null;
            tickets.abandoned();
        }
    }

    /**
     * The handshake is complete.
     *
     * @return what is known of its session, or empty when that cannot be told
     * @throws SSLException when the connection must end
     */
    Optional<TlsSession> finish() throws SSLException
    {
        over = true;
        SessionOrigin origin = origin();
        try
        {
            facts.knowPeer();
            if (origin.isResumed() && !tickets.proven())
            {
                throw new SSLHandshakeException("the ticket was used by another handshake");
            }
            if (!origin.isResumed())
            {
                tickets.abandoned();
            }
            id = origin instanceof SessionOrigin.Cache cached ? cached.session().id() : newId;
            TlsSession known = tickets.finished(origin, Optional.of(id).filter(bytes -> bytes.length > 0));
            keep(known);
            return Optional.of(known);
        }
        catch (RuntimeException e)
        {
            context.warn(e);
            tickets.abandoned();
            return Optional.empty();
        }
        finally
        {
            // The connection may last for hours; states shall not.
            Arrays.fill(newState, (byte)0);
            newState = NOTHING;
            opened = null;
            found = null;
        }
    }

    private void keep(TlsSession known)
    {
        if (!known.isResumable())
        {
            context.cache().remove(id);
        }
        else if (newState.length > 0 && !known.resumed())
        {
            context.cache().put(new SessionCache.Entry(new CachedSession(id, facts.serverName(), Optional.of(facts.contextDigest()),
                known.established(), Optional.of(known.deadline()), facts.peerHost(), facts.peerCertificates()), newState), generation);
            newState = NOTHING;
        }
    }

    /**
     * @throws SSLException when the library has resumed what nobody gave it: a last guard
     */
    private SessionOrigin origin() throws SSLException
    {
        if (!context.lib().isResumed(connection))
        {
            return SessionOrigin.FULL_HANDSHAKE;
        }
        OpenedTicket ticket = opened;
        SessionCache.Entry cached = found;
        if (ticket != null)
        {
            return new SessionOrigin.Ticket(ticket);
        }
        if (cached != null)
        {
            return new SessionOrigin.Cache(cached.session());
        }
        throw new SSLHandshakeException("a session was resumed that was not found here");
    }

    /**
     * The handshake will not be complete. May be called more than once, by any thread, and when it is complete, when it does nothing.
     */
    void abandoned()
    {
        if (!over)
        {
            over = true;
            tickets.abandoned();
        }
    }

    /**
     * The handshake has failed.
     *
     * @param errors the library's
     */
    void failed(String errors)
    {
        if (facts.hello().filter(ClientHello::earlyData).isPresent() && errors.contains("EARLY_DATA"))
        {
            tickets.earlyData();
        }
        abandoned();
    }

    /**
     * @param known the session, which an application has invalidated
     */
    void forget(TlsSession known)
    {
        context.cache().remove(id);
        context.protector().forget(known);
    }

    Optional<ClientHello> hello()
    {
        return facts.hello();
    }
}
