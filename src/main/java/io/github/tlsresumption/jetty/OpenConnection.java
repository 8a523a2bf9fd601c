package io.github.tlsresumption.jetty;

import java.time.Duration;
import java.time.Instant;
import java.util.function.Predicate;
import java.util.function.Supplier;
import javax.net.ssl.SSLSession;

import io.github.tlsresumption.engine.TlsSession;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EofException;
import org.eclipse.jetty.io.ssl.SslConnection;
import org.eclipse.jetty.server.ConnectionMetaData;

/**
 * One open TLS connection: its session, the requests of HTTP/1.1 that run on it, and how far its end has come. Thread-safe. Its lock
 * is held for no call into Jetty.
 */
final class OpenConnection
{
    /**
     * How long a client has to hear of the first GOAWAY before its new streams are refused.
     */
    private static final Duration GRACE = Duration.ofSeconds(1);

    private final SslConnection connection;
    private final Settings settings;
    private volatile Instant overSince;
    private boolean answering;
    private boolean shut;
    private boolean cut;

    OpenConnection(SslConnection connection, Settings settings)
    {
        this.connection = connection;
        this.settings = settings;
    }

    /**
     * What all connections have in common.
     *
     * @param over says whether a session has ended
     * @param now tells the time
     * @param closeTimeout how long after the end of its session was noticed a connection may be open
     */
    record Settings(Predicate<TlsSession> over, Supplier<Instant> now, Supplier<Duration> closeTimeout)
    {
    }

    static boolean isHttp1(ConnectionMetaData connection)
    {
        return connection.getHttpVersion().getVersion() < HttpVersion.HTTP_2.getVersion();
    }

    /**
     * @return whether the session is over: from the first time on, for good
     */
    boolean isOver()
    {
        if (overSince != null)
        {
            return true;
        }
        if (!isSessionOver())
        {
            return false;
        }
        Instant time = settings.now().get();
        synchronized (this)
        {
            if (overSince == null)
            {
                overSince = time;
            }
        }
        return true;
    }

    /**
     * Of a connection that was renegotiated neither the session that it began with nor the one that it has may be over: the user may have
     * become known in either.
     */
    private boolean isSessionOver()
    {
        SSLSession tls = connection.getSSLEngine().getSession();
        return isOver(tls.getValue(TlsSession.NAME)) || isOver(tls.getValue(TlsSession.FIRST));
    }

    private boolean isOver(Object value)
    {
        return value instanceof TlsSession session && settings.over().test(session);
    }

    /**
     * @return whether it is to be answered: false when the connection has been shut, so that nothing can be written to it
     */
    boolean requestBegins()
    {
        synchronized (this)
        {
            answering = !shut;
            if (answering)
            {
                return true;
            }
        }
        // Whoever has shut it may not have come to this yet.
        connection.getSslEndPoint().shutdownOutput();
        return false;
    }

    synchronized void requestFails()
    {
        answering = false;
    }

    /**
     * Called when the response has been written, and before the next request can begin.
     */
    void requestSucceeds()
    {
        boolean last = isOver();
        synchronized (this)
        {
            answering = false;
            // Of requests that were sent ahead only the first is answered.
            shut |= last;
        }
        if (last)
        {
            connection.getSslEndPoint().shutdownOutput();
        }
    }

    /**
     * Goes a step towards the end of a connection whose session is over.
     */
    void end()
    {
        Instant time = settings.now().get();
        Connection current = connection.getSslEndPoint().getConnection();
        if (!time.isBefore(overSince.plus(settings.closeTimeout().get())) || !(current instanceof ConnectionMetaData http))
        {
            cut();
        }
        else if (!isHttp1(http))
        {
            Http2Connection.end(current, !time.isBefore(overSince.plus(GRACE)));
        }
        else if (shutIfIdle())
        {
            connection.getSslEndPoint().shutdownOutput();
        }
    }

    private boolean shutIfIdle()
    {
        // A connection that waits for nothing is about to begin a request.
        boolean waiting = connection.getSslEndPoint().isFillInterested();
        synchronized (this)
        {
            shut |= waiting && !answering;
            return shut;
        }
    }

    private void cut()
    {
        synchronized (this)
        {
            cut = true;
        }
        connection.getEndPoint().close(new EofException("the TLS session is over"));
    }

    /**
     * @return whether its socket was closed without more ado
     */
    synchronized boolean isCut()
    {
        return cut;
    }

    /**
     * @return whether its end has begun
     */
    boolean isEnding()
    {
        return overSince != null;
    }

    @Override
    public String toString()
    {
        return connection.toString();
    }
}
