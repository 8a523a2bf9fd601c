package io.github.tlsresumption.jsse;

import java.nio.ByteBuffer;
import java.security.cert.Certificate;
import java.security.cert.CertificateEncodingException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;

import io.github.tlsresumption.engine.CachedSession;
import io.github.tlsresumption.engine.OpenedTicket;
import io.github.tlsresumption.engine.SessionOrigin;
import io.github.tlsresumption.engine.Tickets;
import io.github.tlsresumption.engine.TlsHandshake;
import io.github.tlsresumption.engine.TlsSession;
import io.github.tlsresumption.jsse.HandshakeObserver.Decision;
import io.github.tlsresumption.ticket.Protocol;
import io.github.tlsresumption.ticket.Ticket;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One server handshake of a {@link ResumptionSSLEngine}, found by the {@link TicketCipher} through the thread that does it.
 * Only an engine's first handshake seals and opens: the ClientHello of a renegotiation is not to be seen.
 */
final class EngineHandshake implements TlsHandshake
{
    private static final Logger LOG = LoggerFactory.getLogger(EngineHandshake.class);
    /**
     * One place for each thread. It is not removed, which with each call of an engine would cost more than to keep it; and it is of
     * a type of the JDK, so that an idle thread holds nothing of ours.
     */
    private static final ThreadLocal<Object[]> CURRENT = ThreadLocal.withInitial(() -> new Object[1]);
    private static final String TLS13 = "TLSv1.3";
    private static final String SESSION_ID = "session-id";
    private static final int MAX_DECOY_STATE_BYTES = 3072;
    private static final ServerIdentity UNKNOWN = new ServerIdentity(0, List.of());

    private final ResumptionSSLContextSpi context;
    private final ResumptionSSLEngine engine;
    private final HandshakeObserver observer = new HandshakeObserver();
    private final EarlyRecords early;
    private final Tickets tickets;
    private final OfferedSessions offered;
    private final List<OpenedTicket> opened = new ArrayList<>(1);
    private ServerIdentity identity = UNKNOWN;
    private Optional<LocalChain> missingChain = Optional.empty();
    private boolean doubtful;
    private boolean sealing;
    private volatile boolean finished;
    private int lookups;
    private byte[] opening;
    private boolean rejected;
    private boolean withdrawn;

    EngineHandshake(ResumptionSSLContextSpi context, ResumptionSSLEngine engine)
    {
        this.context = context;
        this.engine = engine;
        this.early = new EarlyRecords(engine.delegate(), observer);
        this.tickets = context.protector().begin(this);
        this.offered = new OfferedSessions(context.cache(), engine.delegate(), observer, session -> tickets.resumableById(known(session)));
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

    /**
     * @param stateLength the length of the state for which there is no ticket
     * @return random bytes in the shape of a ticket: what a refusal to seal puts on the wire
     */
    static byte[] decoy(int stateLength)
    {
        // As long as the real one, so that an observer learns nothing; but no burden to the client where the state is one.
        return Ticket.decoy(Ticket.OVERHEAD_BYTES + Math.min(stateLength, MAX_DECOY_STATE_BYTES));
    }

    boolean isFinished()
    {
        return finished;
    }

    private boolean asksForCertificate()
    {
        return engine.getNeedClientAuth() || engine.getWantClientAuth();
    }

    void received(ByteBuffer consumed)
    {
        try
        {
            int hellos = observer.hellos();
            observer.received(consumed);
            if (observer.unreadable())
            {
                offered.refuseId();
            }
            else if (observer.hellos() > hellos)
            {
                context.keepKeyNumber();
                identity = context.identities().of(engine, observer.hello().serverName());
                offered.screen();
                early.announced();
            }
        }
        catch (Throwable e)
        {
            context.warn("could not judge a ClientHello", e);
            doubtful = true;
            offered.refuseId();
        }
    }

    /**
     * To be called when SunJSSE has ended the handshake at a record of the type of application data. A client that has announced early data
     * need not have sent any, and is served then.
     */
    void unread()
    {
        if (!finished && observer.announcesEarlyData())
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
        return !finished && early.areExpected();
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
        if (!finished)
        {
            tickets.abandoned();
        }
    }

    void sent(ByteBuffer produced)
    {
        observer.sent(produced);
        observer.answeredExtendedMasterSecret().ifPresent(ExtendedMasterSecret::seen);
        if (observer.decision() == Decision.FULL)
        {
            tickets.abandoned();
        }
    }

    private CachedSession known(SSLSession cached)
    {
        Optional<CachedSession> kept = SessionCache.kept(cached);
        return new CachedSession(cached.getId(), ResumptionSSLSession.hostName(cached), kept.flatMap(CachedSession::contextDigest),
            Instant.ofEpochMilli(cached.getCreationTime()), kept.flatMap(CachedSession::deadline),
            Optional.ofNullable(cached.getPeerHost()), certificates(cached));
    }

    /**
     * SunJSSE may still refuse what we have opened, and does a full handshake then. Which session it has resumed is told by the time of
     * creation, which it takes over from the original. It opens tickets until one suits, so of several of one moment it is the last.
     */
    private Optional<OpenedTicket> resumedTicket()
    {
        long creationTime = session().getCreationTime();
        for (int i = opened.size() - 1; i >= 0; i--)
        {
            if (opened.get(i).established().toEpochMilli() == creationTime)
            {
                return Optional.of(opened.get(i));
            }
        }
        return Optional.empty();
    }

    private SessionOrigin origin()
    {
        if (!resumed())
        {
            return SessionOrigin.FULL_HANDSHAKE;
        }
        Optional<OpenedTicket> ticket = resumedTicket();
        return ticket.isPresent() ? new SessionOrigin.Ticket(ticket.get()) : new SessionOrigin.Cache(known(session()));
    }

    /**
     * To be called when SunJSSE has drawn random bytes. In TLS 1.2 it draws the ServerHello's between its choice of a session and the
     * ServerHello's extensions, which is where a new ticket can still be left out.
     */
    void randomDrawn()
    {
        try
        {
            boolean undecided = context.withdraws() && opening != null && !withdrawn && choosing();
            if (undecided && TicketOffer.isDue(engine.delegate()) && resumedTicket().filter(ticket -> !tickets.renews(ticket)).isPresent())
            {
                withdrawn = TicketOffer.withdraw(engine.delegate());
            }
        }
        catch (Throwable e)
        {
            context.warn("could not judge a resumption", "the client gets a new ticket", e);
        }
    }

    /**
     * To be called after each delegated task: the moment at which the protocol becomes known.
     */
    void afterTask()
    {
        early.answered();
        // One task makes all of a server's flight, from the ServerHello to Finished.
        if (withdrawn && !TicketOffer.restore(engine.delegate()))
        {
            LOG.trace("the handshake has failed");
        }
        try
        {
            SSLSession session = finished || doubtful ? null : engine.delegate().getHandshakeSession();
            if (session == null || !TLS13.equals(session.getProtocol()) || !session.isValid())
            {
                return;
            }
            // With client authentication the terms may depend on the certificate.
            boolean known = !asksForCertificate() || !certificates(session).isEmpty();
            // An invalidated session makes SunJSSE omit the ticket of TLS 1.3; in TLS 1.2 the omission would break the protocol.
            if (known && !tickets.resumable(Optional.of(Protocol.TLS_1_3)))
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
            if (finished)
            {
                return TLS13.equals(session.getProtocol()) ? Optional.empty() : Optional.of(renegotiated(session));
            }
            finished = true;
            // Applications see the server's certificates whatever else fails: Jetty answers no request without them.
            if (session.getLocalCertificates() == null)
            {
                missingChain.ifPresent(chain -> engine.resumedWithout(chain, session));
            }
            if (resumed())
            {
                rejected = !tickets.proven();
            }
            else
            {
                tickets.abandoned();
            }
            boolean cached = !TLS13.equals(session.getProtocol());
            TlsSession result = tickets.finished(origin(), Optional.of(session.getId()).filter(id -> cached && id.length > 0));
            if (!tickets.resumable(protocol()) || cached && !result.isResumable())
            {
                SessionCache.end(session);
            }
            boolean byId = cached && SESSION_ID.equals(result.mode());
            rejected |= offered.isIdRefused() && byId && result.resumed();
            // A session in SunJSSE's cache may have been established by an engine that asked.
            if (!byId || !result.resumed())
            {
                engine.established(session);
            }
            if (byId)
            {
                keep(result, session);
            }
            return Optional.of(result);
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
            observer.trim();
            offered.clear();
            // The connection may last for hours; states shall not.
            opened.clear();
        }
    }

    private void keep(TlsSession result, SSLSession session)
    {
        if (SessionCache.kept(session).isEmpty())
        {
            context.cache().keep(session, new CachedSession(session.getId(), serverName(), Optional.of(contextDigest()),
                result.established(), Optional.of(result.deadline()), peerHost(), peerCertificates()));
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

    byte[] seal(byte[] state, byte[] iv, byte[] aad)
    {
        boolean tls13 = true;
        int length = state.length;
        try
        {
            String protocol = session().getProtocol();
            tls13 = TLS13.equals(protocol);
            // TLS 1.2 seals a resumed session's ticket before its ServerHello, any other after the client's Finished;
            // TLS 1.3 seals after the client's Finished always.
            boolean known = tls13
                ? observer.decision() == Decision.FULL || observer.decision() == Decision.RESUMED
                : observer.decision() != Decision.PENDING;
            sealing = true;
            int format = StateFormat.start(state);
            if (!finished && readable() && known && format >= 0)
            {
                byte[] bound = TicketFrame.associatedData(iv, (byte)format, aad);
                byte[] content = content(state, protocol);
                length = content.length;
                Optional<byte[]> ticket = tickets.states().seal(content, bound, StateFormat.MARK, origin());
                if (ticket.isPresent())
                {
                    return ticket.get();
                }
            }
        }
        catch (Throwable e)
        {
            // Whatever escapes costs the client its connection, an Error even without an alert.
            context.warn("could not seal a ticket", e);
        }
        finally
        {
            sealing = false;
        }
        if (tls13)
        {
            return decoy(length);
        }
        throw new TicketCipher.NoTicket();
    }

    private byte[] content(byte[] state, String protocol) throws CertificateEncodingException
    {
        Optional<LocalChain> missing = resumed() ? missingChain : Optional.empty();
        if (missing.isPresent())
        {
            return StateCertificates.append(TLS13.equals(protocol) ? mended(state) : state, peerCertificates(), missing.get().number());
        }
        Optional<LocalChain> chain = context.cuts(protocol) ? identity.chainIn(state) : Optional.empty();
        return StateCertificates.append(chain.map(found -> found.cutFrom(state)).orElse(state), peerCertificates(),
            chain.map(LocalChain::number).orElse(0));
    }

    private static byte[] mended(byte[] state)
    {
        return LocalChain.withoutPreSharedKey(state).orElseThrow(() ->
            new IllegalStateException("the state of a session without local certificates does not end as expected on this JDK"));
    }

    Optional<byte[]> open(byte[] ticket, byte[] iv, byte[] aad)
    {
        try
        {
            if (finished || !readable())
            {
                return Optional.empty();
            }
            Optional<TicketFrame> frame = TicketFrame.of(ticket, iv, observer.hello().tickets());
            opening = frame.map(TicketFrame::offered).orElse(null);
            if (frame.isEmpty())
            {
                return Optional.empty();
            }
            int flag = frame.get().flag();
            // Whoever has a ticket key can seal anything; what does not begin as a state would cost SunJSSE the connection.
            Optional<OpenedTicket> found = tickets.states().open(ticket, TicketFrame.associatedData(iv, (byte)flag, aad), StateFormat.MARK);
            if (found.isEmpty())
            {
                return Optional.empty();
            }
            opened.remove(found.get());
            opened.add(found.get());
            byte[] content = found.get().state();
            int number = StateCertificates.local(content);
            missingChain = identity.chain(number);
            if (number != 0 && (missingChain.isEmpty() || !context.cuts(StateFormat.protocol(content))))
            {
                return Optional.empty();
            }
            return Optional.of(StateCertificates.strip(content)).filter(state -> StateFormat.start(state) == flag);
        }
        catch (Throwable e)
        {
            context.warn("could not open a ticket", e);
            return Optional.empty();
        }
    }

    /**
     * To be called when SunJSSE looks for a ticket key. It makes a cipher before it sees that a ticket is too short for one, and of
     * a ClientHello that cannot be judged too, so what is counted are the keys that it looks for.
     *
     * @return whether SunJSSE reads the tickets of a ClientHello, and whatever it reads will not be opened
     */
    boolean isExhausted()
    {
        try
        {
            // Later the key is for sealing.
            return !finished && observer.decision() == Decision.NONE && tickets.isExhausted(++lookups);
        }
        catch (Throwable e)
        {
            context.warn("could not judge a ClientHello", e);
            return true;
        }
    }

    /**
     * A ticket of the session_ticket extension proves itself with the client's Finished (RFC 5077 section 3.1).
     */
    @Override
    public Proof proof(byte[] sealed)
    {
        byte[] state = StateCertificates.strip(sealed);
        state = StateCertificates.uncompressed(state, state.length);
        boolean tls13 = TLS13.equals(StateFormat.protocol(state));
        Binders binders = observer.hello().binders();
        if (binders == null || !binders.has(opening))
        {
            return tls13 ? Proof.MISSING : Proof.LATER;
        }
        return tls13 && binders.prove(opening, state) ? Proof.GIVEN : Proof.MISSING;
    }

    private SSLSession session()
    {
        SSLSession session = engine.delegate().getHandshakeSession();
        return session != null ? session : engine.delegate().getSession();
    }

    /**
     * @return whether the ClientHello is known and nothing is decided yet: the time at which tickets are read
     */
    boolean choosing()
    {
        return !finished && readable() && observer.decision() == Decision.NONE;
    }

    private boolean readable()
    {
        return !doubtful && observer.readable();
    }

    @Override
    public Optional<String> serverName()
    {
        return Optional.ofNullable(observer.hello().serverName());
    }

    @Override
    public Optional<String> peerHost()
    {
        return Optional.ofNullable(engine.getPeerHost());
    }

    @Override
    public long contextDigest()
    {
        return identity.digest();
    }

    @Override
    public Optional<Protocol> protocol()
    {
        return Protocol.of(session().getProtocol());
    }

    @Override
    public boolean extendedMasterSecret()
    {
        return observer.hello().hasExtendedMasterSecret() || !ExtendedMasterSecret.isNeeded();
    }

    /**
     * @return whether the server has accepted a session that the client offered; false as long as that is not decided
     */
    private boolean resumed()
    {
        return observer.decision() == Decision.RESUMED || (sealing && observer.decision() == Decision.NONE);
    }

    @Override
    public Instant established()
    {
        return Instant.ofEpochMilli(session().getCreationTime());
    }

    @Override
    public List<X509Certificate> peerCertificates()
    {
        return certificates(session());
    }

    @Override
    public List<X509Certificate> peerCertificates(byte[] state) throws CertificateException
    {
        return StateCertificates.read(state);
    }

    @Override
    public boolean trusts(List<X509Certificate> certificates)
    {
        return context.clientTrust().trusts(certificates);
    }

    private List<X509Certificate> certificates(SSLSession session)
    {
        // SunJSSE answers by an exception, several times in a handshake: too dear where it is known.
        if (!asksForCertificate())
        {
            return List.of();
        }
        try
        {
            Certificate[] chain = session.getPeerCertificates();
            return Stream.of(chain).filter(X509Certificate.class::isInstance).map(X509Certificate.class::cast).toList();
        }
        catch (SSLPeerUnverifiedException e)
        {
            LOG.trace("no client certificate", e);
            return List.of();
        }
    }
}
