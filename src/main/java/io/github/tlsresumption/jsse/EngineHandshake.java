package io.github.tlsresumption.jsse;

import java.nio.ByteBuffer;
import java.util.Optional;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLSession;

import io.github.tlsresumption.engine.CachedSession;
import io.github.tlsresumption.engine.Tickets;
import io.github.tlsresumption.engine.TlsSession;
import io.github.tlsresumption.jsse.HandshakeObserver.Decision;
import io.github.tlsresumption.ticket.Protocol;

/**
 * One server handshake of a {@link ResumptionSSLEngine}, found by the {@link TicketCipher} through the thread that does it.
 * Only an engine's first handshake seals and opens: the ClientHello of a renegotiation is not to be seen.
 */
final class EngineHandshake
{
    /**
     * One place for each thread. It is not removed, which with each call of an engine would cost more than to keep it; and it is of
     * a type of the JDK, so that an idle thread holds nothing of ours.
     */
    private static final ThreadLocal<Object[]> CURRENT = ThreadLocal.withInitial(() -> new Object[1]);
    private static final String TLS13 = "TLSv1.3";
    private static final String SESSION_ID = "session-id";

    private final ResumptionSSLContextSpi context;
    private final ResumptionSSLEngine engine;
    private final HandshakeFacts facts;
    private final Tickets tickets;
    private final TicketExchange exchange;
    private final OfferedSessions offered;
    private final EarlyRecords early;
    private boolean rejected;

    EngineHandshake(ResumptionSSLContextSpi context, ResumptionSSLEngine engine)
    {
        this.context = context;
        this.engine = engine;
        this.facts = new HandshakeFacts(context, engine);
        this.tickets = context.protector().begin(facts);
        this.exchange = new TicketExchange(context, engine.delegate(), facts, tickets);
        this.offered = new OfferedSessions(context.cache(), engine.delegate(), facts.observer(),
            session -> tickets.resumableById(facts.known(session)));
        this.early = new EarlyRecords(engine.delegate(), facts.observer());
    }

    /**
     * @return the handshake that this thread is doing, if it is one of that context; else null
     */
    static EngineHandshake current(ResumptionSSLContextSpi context)
    {
        EngineHandshake handshake = current();
        return handshake != null && handshake.context == context ? handshake : null;
    }

    static ResumptionSSLEngine currentEngine()
    {
        EngineHandshake handshake = current();
        return handshake == null ? null : handshake.engine;
    }

    private static EngineHandshake current()
    {
        return (EngineHandshake)CURRENT.get()[0];
    }

    /**
     * @return what was the thread's handshake until now, to be given back to {@link #leave}
     */
    EngineHandshake enter()
    {
        Object[] place = CURRENT.get();
        EngineHandshake previous = (EngineHandshake)place[0];
        place[0] = this;
        return previous;
    }

    static void leave(EngineHandshake previous)
    {
        CURRENT.get()[0] = previous;
    }

    void received(ByteBuffer consumed)
    {
        try
        {
            HandshakeObserver observer = facts.observer();
            int hellos = observer.hellos();
            observer.received(consumed);
            if (observer.unreadable())
            {
                offered.refuseId();
            }
            else if (observer.hellos() > hellos)
            {
                context.keepKeyNumber();
                facts.identify();
                offered.screen();
                early.announced();
            }
        }
        catch (Throwable e)
        {
            context.warn("could not judge a ClientHello", e);
            facts.doubt();
            offered.refuseId();
        }
    }

    /**
     * To be called when SunJSSE has ended the handshake at a record of the type of application data. A client that has announced early data
     * need not have sent any, and is served then.
     */
    void unread()
    {
        if (!facts.isFinished() && facts.observer().announcesEarlyData())
        {
            tickets.earlyData();
        }
    }

    /**
     * @return whether records of the type of application data are early data now: there are none of the client's else before its second
     * ClientHello
     */
    boolean awaitsSecondHello()
    {
        return !facts.isFinished() && early.areExpected();
    }

    HandshakeFacts facts()
    {
        return facts;
    }

    TicketExchange exchange()
    {
        return exchange;
    }

    OfferedSessions offered()
    {
        return offered;
    }

    EarlyRecords early()
    {
        return early;
    }

    /**
     * To be called when the connection ends or fails.
     */
    void ended()
    {
        offered.restore();
        if (!facts.isFinished())
        {
            tickets.abandoned();
        }
    }

    void sent(ByteBuffer produced)
    {
        HandshakeObserver observer = facts.observer();
        observer.sent(produced);
        observer.answeredExtendedMasterSecret().ifPresent(ExtendedMasterSecret::seen);
        if (observer.decision() == Decision.FULL)
        {
            tickets.abandoned();
        }
    }

    /**
     * To be called after each delegated task: the moment at which the protocol becomes known.
     */
    void afterTask()
    {
        early.answered();
        exchange.flightMade();
        try
        {
            SSLSession session = facts.isFinished() || facts.isDoubtful() ? null : engine.delegate().getHandshakeSession();
            if (session == null || !TLS13.equals(session.getProtocol()) || !session.isValid())
            {
                return;
            }
            // With client authentication the terms may depend on the certificate. An invalidated session makes SunJSSE omit the ticket of
            // TLS 1.3; in TLS 1.2 the omission would break the protocol.
            if (facts.knowsClient(session) && !tickets.resumable(Optional.of(Protocol.TLS_1_3)))
            {
                session.invalidate();
            }
        }
        catch (Throwable e)
        {
            context.warn("could not judge a handshake", e);
        }
    }

    /**
     * To be called when the engine reports the end of a handshake.
     *
     * @return what is known of the session, or empty when it is no news
     * @throws SSLHandshakeException when SunJSSE resumed what it was not to resume: a last guard, behind which nothing is served
     */
    Optional<TlsSession> finish() throws SSLHandshakeException
    {
        Optional<TlsSession> result = judged();
        if (rejected)
        {
            throw new SSLHandshakeException("a session was resumed that may not be");
        }
        return result;
    }

    private Optional<TlsSession> judged()
    {
        SSLSession session = engine.delegate().getSession();
        try
        {
            if (facts.isFinished())
            {
                return TLS13.equals(session.getProtocol()) ? Optional.empty() : Optional.of(renegotiated(session));
            }
            return Optional.of(completed(session));
        }
        catch (Throwable e)
        {
            context.warn("could not judge a handshake", e);
            tickets.abandoned();
            SessionCache.end(session);
            return Optional.empty();
        }
        finally
        {
            facts.observer().trim();
            offered.clear();
            exchange.clear();
        }
    }

    private TlsSession completed(SSLSession session)
    {
        facts.finish();
        // Applications see the server's certificates whatever else fails: Jetty answers no request without them.
        if (session.getLocalCertificates() == null)
        {
            exchange.missingChain().ifPresent(chain -> engine.certificates().missing(chain, session));
        }
        if (exchange.resumed())
        {
            rejected = !tickets.proven();
        }
        else
        {
            tickets.abandoned();
        }
        boolean cached = !TLS13.equals(session.getProtocol());
        TlsSession result = tickets.finished(exchange.origin(), Optional.of(session.getId()).filter(id -> cached && id.length > 0));
        if (!tickets.resumable(facts.protocol()) || cached && !result.isResumable())
        {
            SessionCache.end(session);
        }
        boolean byId = cached && SESSION_ID.equals(result.mode());
        rejected |= offered.isIdRefused() && byId && result.resumed();
        // A session in SunJSSE's cache may have been established by an engine that asked.
        if (!byId || !result.resumed())
        {
            engine.certificates().establishes(session);
        }
        if (byId)
        {
            keep(result, session);
        }
        return result;
    }

    private void keep(TlsSession result, SSLSession session)
    {
        if (SessionCache.kept(session).isEmpty())
        {
            context.cache().keep(session, new CachedSession(session.getId(), facts.serverName(), Optional.of(facts.contextDigest()),
                result.established(), Optional.of(result.deadline()), facts.peerHost(), facts.peerCertificates()));
        }
    }

    /**
     * Nobody has seen the ClientHello of a renegotiation, so nothing of it is resumed.
     */
    private TlsSession renegotiated(SSLSession session)
    {
        // Every session in the cache is kept there with what is known of it.
        rejected = SessionCache.kept(session).isPresent();
        SessionCache.end(session);
        return tickets.renegotiated();
    }
}
