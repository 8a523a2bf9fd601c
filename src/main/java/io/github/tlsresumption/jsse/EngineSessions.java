package io.github.tlsresumption.jsse;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSession;

import io.github.tlsresumption.engine.TicketProtector;
import io.github.tlsresumption.engine.TlsSession;

/**
 * The sessions that an engine shows to applications: in front of SunJSSE's, with values of their own, and forgotten when an application
 * invalidates them. Thread-safe.
 */
final class EngineSessions
{
    private final SSLEngine engine;
    private final KnownCertificates certificates;
    private final TicketProtector protector;
    private final Map<String, Object> values = new ConcurrentHashMap<>();
    private final AtomicReference<TlsSession> forgotten = new AtomicReference<>();
    private volatile ResumptionSSLSession session;
    private volatile boolean unwanted;

    /**
     * @param engine of SunJSSE
     * @param certificates of its sessions
     * @param protector forgets
     */
    EngineSessions(SSLEngine engine, KnownCertificates certificates, TicketProtector protector)
    {
        this.engine = engine;
        this.certificates = certificates;
        this.protector = protector;
    }

    /**
     * @return in front of the engine's session
     */
    SSLSession current()
    {
        SSLSession current = engine.getSession();
        ResumptionSSLSession known = session;
        if (known == null || known.delegate() != current)
        {
            known = new ResumptionSSLSession(current, values, null, certificates, () -> invalidate(current));
            session = known;
        }
        return known;
    }

    /**
     * @param current SunJSSE's session
     * @param host of the ClientHello, as long as SunJSSE does not know it; else null
     * @return in front of it, for as long as the handshake lasts
     */
    SSLSession inHandshake(SSLSession current, String host)
    {
        return new ResumptionSSLSession(current, values, host, KnownCertificates.UNKNOWN, () -> invalidateInHandshake(current));
    }

    /**
     * @param known what is known of the engine's session: of a handshake that is complete
     */
    void knows(TlsSession known)
    {
        values.putIfAbsent(TlsSession.FIRST, known);
        values.put(TlsSession.NAME, known);
        if (unwanted)
        {
            unwanted = false;
            invalidate(engine.getSession());
        }
    }

    /**
     * An application wants a session of this connection to be resumed no more.
     */
    private void invalidate(SSLSession ended)
    {
        SessionCache.end(ended);
        Object known = values.get(ended == engine.getSession() ? TlsSession.NAME : TlsSession.FIRST);
        // It may do so with each request.
        if (known instanceof TlsSession first && forgotten.getAndSet(first) != first)
        {
            protector.forget(first);
        }
    }

    /**
     * To invalidate a session of SunJSSE's during a server's handshake would leave a ServerHello of TLS 1.2 without the ticket that it
     * announces.
     */
    private void invalidateInHandshake(SSLSession ended)
    {
        if (engine.getUseClientMode())
        {
            SessionCache.end(ended);
        }
        else
        {
            unwanted = true;
        }
    }
}
