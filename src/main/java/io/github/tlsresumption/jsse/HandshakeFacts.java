package io.github.tlsresumption.jsse;

import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;

import io.github.tlsresumption.engine.CachedSession;
import io.github.tlsresumption.engine.TlsHandshake;
import io.github.tlsresumption.jsse.HandshakeObserver.Decision;
import io.github.tlsresumption.ticket.Protocol;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is known of one handshake: read from its hellos, or asked of SunJSSE. Confined to the thread that drives the engine.
 */
final class HandshakeFacts implements TlsHandshake
{
    private static final Logger LOG = LoggerFactory.getLogger(EngineHandshake.class);
    private static final String TLS13 = "TLSv1.3";
    private static final ServerIdentity UNKNOWN = new ServerIdentity(0, List.of());

    private final ResumptionSSLContextSpi context;
    private final ResumptionSSLEngine engine;
    private final HandshakeObserver observer = new HandshakeObserver();
    private ServerIdentity identity = UNKNOWN;
    private boolean doubtful;
    private volatile boolean finished;
    private byte[] opening;

    HandshakeFacts(ResumptionSSLContextSpi context, ResumptionSSLEngine engine)
    {
        this.context = context;
        this.engine = engine;
    }

    HandshakeObserver observer()
    {
        return observer;
    }

    /**
     * To be called when a ClientHello has been read.
     */
    void identify()
    {
        identity = context.identities().of(engine, observer.hello().serverName());
    }

    /**
     * @return as whom the server shows itself to this client
     */
    ServerIdentity identity()
    {
        return identity;
    }

    /**
     * Nothing is sealed or opened in a handshake of which something could not be judged.
     */
    void doubt()
    {
        doubtful = true;
    }

    boolean isDoubtful()
    {
        return doubtful;
    }

    void finish()
    {
        finished = true;
    }

    boolean isFinished()
    {
        return finished;
    }

    /**
     * @param ticket the very object of the ClientHello's that SunJSSE looks at, or null for one that is not in it
     */
    void opening(byte[] ticket)
    {
        opening = ticket;
    }

    /**
     * @return whether SunJSSE has looked at a ticket, and at last at one of the ClientHello
     */
    boolean isTicketOffered()
    {
        return opening != null;
    }

    /**
     * @return SunJSSE's session: that of the handshake as long as there is one
     */
    SSLSession session()
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

    /**
     * @return whether the ClientHello is known, and nothing of it is in doubt
     */
    boolean readable()
    {
        return !doubtful && observer.readable();
    }

    /**
     * @param cached a session of SunJSSE's own cache
     * @return what is known of it
     */
    CachedSession known(SSLSession cached)
    {
        Optional<CachedSession> kept = SessionCache.kept(cached);
        return new CachedSession(cached.getId(), ResumptionSSLSession.hostName(cached), kept.flatMap(CachedSession::contextDigest),
            Instant.ofEpochMilli(cached.getCreationTime()), kept.flatMap(CachedSession::deadline),
            Optional.ofNullable(cached.getPeerHost()), certificates(cached));
    }

    /**
     * @param session of this handshake
     * @return whether the client's certificate is known, if one is asked for
     */
    boolean knowsClient(SSLSession session)
    {
        return !asksForCertificate() || !certificates(session).isEmpty();
    }

    private boolean asksForCertificate()
    {
        return engine.getNeedClientAuth() || engine.getWantClientAuth();
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
}
