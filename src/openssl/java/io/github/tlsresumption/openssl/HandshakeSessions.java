package io.github.tlsresumption.openssl;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;
import java.util.regex.Pattern;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;

import io.github.tlsresumption.engine.CachedSession;
import io.github.tlsresumption.engine.OpenedTicket;
import io.github.tlsresumption.engine.SessionOrigin;
import io.github.tlsresumption.engine.Tickets;
import io.github.tlsresumption.engine.TlsSession;
import io.github.tlsresumption.ticket.Protocol;

/**
 * The sessions of one handshake: has the decision open, seal and find, and gives the library its answers. What the decision throws is a
 * refusal. Confined to the thread that holds the engine's lock, except for the running of a delegated task.
 */
final class HandshakeSessions
{
    private static final byte[] NOTHING = {};
    /** As each family names it. */
    private static final Pattern EARLY_DATA = Pattern.compile("EARLY_DATA|early data");

    private final NativeContext context;
    private final NativeSslEngine engine;
    private final HandshakeFacts facts;
    private final long connection;
    private final long generation;
    private final Tickets tickets;
    private final SealedByUs byUs;
    private final SealedByLibrary byLibrary;
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
    HandshakeSessions(NativeContext context, NativeSslEngine engine, NativeSession session, NativeContext.NewConnection connection)
    {
        this.context = context;
        this.engine = engine;
        this.facts = new HandshakeFacts(context, engine, session, connection);
        this.connection = connection.address();
        this.generation = context.cache().generation();
        this.opening = new DeferredOpening(context::warn);
        this.tickets = context.protector().begin(facts);
        this.byUs = new SealedByUs(context, facts, tickets, this);
        this.byLibrary = new SealedByLibrary(context, facts, tickets, this);
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
            if (!context.lib().sealsTickets())
            {
                byUs.refuse();
            }
        }
    }

    /**
     * @return whether what the client offers is going to be judged, for which a store may be asked, or a trust manager
     */
    boolean mayBlock()
    {
        return facts.offeredTicket().isPresent() || facts.hello().flatMap(hello -> known(hello.sessionId())).isPresent();
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
     * @return the tickets of a library that gives its states away
     */
    SealedByUs byUs()
    {
        return byUs;
    }

    /**
     * @return the tickets of a library that seals by itself
     */
    SealedByLibrary byLibrary()
    {
        return byLibrary;
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
        if (isExhausted())
        {
            return Opening.REFUSED;
        }
        Optional<OpenedTicket> judged = byUs.open(ticket);
        opened = judged.orElse(null);
        if (over)
        {
            tickets.abandoned();
        }
        return judged.map(ours -> Opening.opened(ours.state())).orElse(Opening.REFUSED);
    }

    /**
     * @param ticket what the library was able to decrypt, if its session may be resumed
     * @return whether it may be, as far as is known now
     */
    boolean opened(Optional<OpenedTicket> ticket)
    {
        opened = ticket.filter(one -> resumable).orElse(null);
        if (over)
        {
            tickets.abandoned();
        }
        return opened != null;
    }

    /**
     * @return whether a session of this handshake may ever be resumed, as far as is known
     */
    boolean mayBeResumed()
    {
        return resumable;
    }

    /**
     * To be asked for each ticket that the client offers.
     *
     * @return whether nothing more is opened
     */
    boolean isExhausted()
    {
        return tickets.isExhausted(++offered);
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
     * @return put off where there is such a session, since a trust manager may be asked; but not of a library that does not wait
     */
    Opening find(byte[] id)
    {
        Optional<SessionCache.Entry> known = known(id);
        if (known.isEmpty())
        {
            return Opening.REFUSED;
        }
        return context.lib().sealsTickets()
            ? opening.ask(() -> judged(known.get()))
            : opening.ask(() -> new Opening.Deferred(() -> judged(known.get())));
    }

    private Optional<SessionCache.Entry> known(byte[] id)
    {
        return resumable ? context.cache().get(id) : Optional.empty();
    }

    private Opening judged(SessionCache.Entry known)
    {
        if (!tickets.resumableById(known.session()))
        {
            return Opening.REFUSED;
        }
        found = known;
        facts.resumes(known.session().certificates());
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
    SessionOrigin origin() throws SSLException
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
        if (facts.hello().filter(ClientHello::earlyData).isPresent() && EARLY_DATA.matcher(errors).find())
        {
            tickets.earlyData();
        }
        abandoned();
    }

    /**
     * @param known the session of the complete handshake
     * @return to be run when an application invalidates it; knows no more than that needs
     */
    Runnable forgetting(TlsSession known)
    {
        NativeContext shared = context;
        byte[] cached = id;
        return () ->
        {
            shared.cache().remove(cached);
            shared.protector().forget(known);
        };
    }

    Optional<ClientHello> hello()
    {
        return facts.hello();
    }
}
