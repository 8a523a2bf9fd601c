package io.github.tlsresumption.openssl;

import java.time.Clock;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;

import io.github.tlsresumption.engine.EngineContext;
import io.github.tlsresumption.engine.TicketProtector;

/**
 * A context of the native engine: JSSE's face of it, and its cache of sessions. Thread-safe once it is initialized.
 */
final class NativeEngineContext implements EngineContext
{
    private final SessionCache cache;
    private final SSLContext sslContext;
    private final AtomicReference<NativeContext> made = new AtomicReference<>();

    /**
     * @param lib the library
     * @param protector decides on its sessions
     * @param validation stands for the settings by which client certificates are validated
     * @param tickets how many a handshake of TLS 1.3 issues
     * @param clock tells when sessions are made
     */
    NativeEngineContext(LibSsl lib, TicketProtector protector, byte[] validation, int tickets, Clock clock)
    {
        cache = new SessionCache(protector, clock);
        NativeContext.Sessions sessions = new NativeContext.Sessions(protector, cache, validation.clone());
        sslContext = new NativeSslContext(cache, (keys, trust) ->
        {
            NativeContext context = new NativeContext(lib, keys, trust, sessions, tickets, clock, LiveObjects.OF_ALL);
            made.set(context);
            return context;
        });
    }

    @Override
    public SSLContext sslContext()
    {
        return sslContext;
    }

    @Override
    public void check(SSLEngine engine)
    {
        try
        {
            made.get().check(engine.getSSLParameters());
        }
        catch (TlsLibraryException e)
        {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
    }

    @Override
    public void forgetCachedSessions()
    {
        cache.clear();
    }

    @Override
    public void endCachedSessions()
    {
        cache.endOver();
    }

    @Override
    public void endExpiredSessions(Instant now)
    {
        if (cache.hasExpired(now))
        {
            cache.endOver();
        }
    }

    @Override
    public void renew()
    {
        // Nothing goes stale: the library asks for each ticket.
    }

    @Override
    public void close()
    {
        NativeContext context = made.getAndSet(null);
        if (context != null)
        {
            context.close();
        }
    }
}
