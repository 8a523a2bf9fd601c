package io.github.tlsresumption.jsse;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSession;

/**
 * The sessions of SunJSSE's own cache that the ClientHello of one handshake names. Those that may be resumed stay there for their client,
 * whatever becomes of the handshake. Confined to its handshake.
 */
final class OfferedSessions
{
    private static final String TLS13 = "TLSv1.3";

    private final SessionCache cache;
    private final SSLEngine engine;
    private final HandshakeObserver observer;
    private final Predicate<SSLSession> resumable;
    private List<SSLSession> sessions = List.of();
    private long since;
    private boolean idRefused;

    /**
     * @param cache of the engine's context
     * @param engine of SunJSSE
     * @param observer of the same handshake
     * @param resumable whether a session may be resumed by its id: SunJSSE looks only in part at its host and its age
     */
    OfferedSessions(SessionCache cache, SSLEngine engine, HandshakeObserver observer, Predicate<SSLSession> resumable)
    {
        this.cache = cache;
        this.engine = engine;
        this.observer = observer;
        this.resumable = resumable;
    }

    /**
     * To be called when a ClientHello has been read, and before SunJSSE looks at it.
     */
    void screen()
    {
        since = cache.generation();
        List<SSLSession> named = new ArrayList<>();
        ClientHello hello = observer.hello();
        Optional<SSLSession> byId = hello.hasTicketExtension() ? Optional.empty() : cache.find(hello.sessionId());
        if (byId.isPresent() && resumable.test(byId.get()))
        {
            named.add(byId.get());
        }
        else if (byId.isPresent())
        {
            refuseId();
        }
        hello.tickets().forEach(ticket -> cache.find(ticket).ifPresent(session ->
        {
            // No ticket of ours, but a session of TLS 1.3 in SunJSSE's own cache, which none of its checks would bind to anything.
            if (TLS13.equals(session.getProtocol()))
            {
                SessionCache.end(session);
            }
            else
            {
                named.add(session);
            }
        }));
        sessions = named;
    }

    /**
     * Has SunJSSE resume no session by its id in this handshake. Whoever names a session has not proven to be its client, so it
     * stays for the one who is.
     */
    void refuseId()
    {
        idRefused = true;
        if (!SessionIds.refuse(engine))
        {
            cache.find(observer.hello().sessionId()).ifPresent(SessionCache::end);
        }
    }

    boolean isIdRefused()
    {
        return idRefused;
    }

    /**
     * To be called when SunJSSE may have taken a session out of its cache because of a handshake that is not complete.
     */
    void restore()
    {
        for (SSLSession session : sessions)
        {
            cache.restore(session, since);
        }
    }

    /**
     * To be called when the handshake is complete.
     */
    void clear()
    {
        sessions = List.of();
    }
}
