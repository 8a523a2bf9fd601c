package io.github.tlsresumption.jetty;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Predicate;
import java.util.function.Supplier;

import io.github.tlsresumption.engine.TlsSession;
import org.eclipse.jetty.http.HttpException;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.ssl.SslConnection;
import org.eclipse.jetty.server.ConnectionMetaData;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The open TLS connections of a factory, each of which ends when its session is over.
 * <ul>
 * <li>HTTP/1.1: at once when idle, else behind the response that runs, which says so where it can still
 * (RFC 9112, 9.6);</li>
 * <li>HTTP/2: by GOAWAY, behind the streams that run (RFC 9113, 6.8);</li>
 * <li>anything else at once; and whatever is still open after the time to close, by closing the socket. TLS's close_notify is
 * left out then, so that nobody takes what was cut for whole (RFC 8446, 6.1).</li>
 * </ul>
 * A renegotiation does not move a deadline: a connection ends with the session that it began with, or with the one that it has now if
 * that is over earlier.
 * <p>
 * Thread-safe. As a customizer it sees the requests of HTTP/1.1, as a listener the connections.
 */
public final class OpenConnections implements Connection.Listener, HttpConfiguration.Customizer
{
    private static final Logger LOG = LoggerFactory.getLogger(OpenConnections.class);

    private final Map<EndPoint, OpenConnection> connections = new ConcurrentHashMap<>();
    private final LongAdder graceful = new LongAdder();
    private final LongAdder hard = new LongAdder();
    private final OpenConnection.Settings settings;

    /**
     * @param over says whether a session has ended; asked for each connection in each sweep, and with each request and response of
     * HTTP/1.1, by any thread, so it must be quick and must not wait
     * @param now tells the time
     * @param closeTimeout how long after the end of its session was noticed a connection may be open
     */
    public OpenConnections(Predicate<TlsSession> over, Supplier<Instant> now, Supplier<Duration> closeTimeout)
    {
        this.settings = new OpenConnection.Settings(over, now, closeTimeout);
    }

    /**
     * Learns of a connector's connections from now on. To do so again changes nothing.
     *
     * @param connector the connector
     * @param ssl its factory for TLS
     */
    public void attach(Connector connector, SslConnectionFactory ssl)
    {
        ssl.addEventListener(this);
        HttpConfigurations.of(connector)
            .filter(configuration -> !configuration.getCustomizers().contains(this))
            .forEach(configuration -> configuration.addCustomizer(this));
    }

    /**
     * Undoes {@link #attach(Connector, SslConnectionFactory)}.
     *
     * @param connector the connector
     * @param ssl its factory for TLS
     */
    public void detach(Connector connector, SslConnectionFactory ssl)
    {
        ssl.removeEventListener(this);
        HttpConfigurations.of(connector).forEach(configuration -> configuration.removeCustomizer(this));
    }

    /**
     * Looks for connections whose session is over and ends them. Returns at once; the work is done by a thread of its own,
     * since the application's callbacks may wait.
     */
    public void sweep()
    {
        List<OpenConnection> ending = connections.values().stream().filter(OpenConnection::isOver).toList();
        if (ending.isEmpty())
        {
            return;
        }
        // Not the server's pool, whose threads may all be waiting for the very connections that are to be cut. A thread that an
        // application holds up does not matter: the next sweep has its own, for which that connection is closed already.
        Thread thread = new Thread(() -> ending.forEach(OpenConnections::end), "tls-resumption-closing");
        thread.setDaemon(true);
        thread.start();
    }

    private static void end(OpenConnection connection)
    {
        try
        {
            connection.end();
        }
        catch (Throwable e)
        {
            // The next sweep tries again.
            LOG.debug("{} could not be ended", connection, e);
        }
    }

    /**
     * @return how many connections are known
     */
    public int size()
    {
        return connections.size();
    }

    /**
     * @return how many connections ended by themselves after their session was over
     */
    public long gracefulEnds()
    {
        return graceful.sum();
    }

    /**
     * @return how many connections were cut
     */
    public long hardEnds()
    {
        return hard.sum();
    }

    @Override
    public void onOpened(Connection connection)
    {
        if (!(connection instanceof SslConnection ssl))
        {
            return;
        }
        EndPoint endPoint = ssl.getSslEndPoint();
        connections.put(endPoint, new OpenConnection(ssl, settings));
        // It may have been closed meanwhile, by another thread.
        if (!endPoint.isOpen())
        {
            connections.remove(endPoint);
        }
    }

    @Override
    public void onClosed(Connection connection)
    {
        if (!(connection instanceof SslConnection ssl))
        {
            return;
        }
        OpenConnection closed = connections.remove(ssl.getSslEndPoint());
        if (closed != null && closed.isEnding())
        {
            (closed.isCut() ? hard : graceful).increment();
        }
    }

    /**
     * @throws HttpException.RuntimeException when the connection was closed before the request came; no response is sent then
     */
    @Override
    public Request customize(Request request, HttpFields.Mutable responseHeaders)
    {
        ConnectionMetaData http = request.getConnectionMetaData();
        // HTTP/2 ends by other means, and not every connection is one of TLS.
        OpenConnection connection = OpenConnection.isHttp1(http) ? find(http.getConnection().getEndPoint()) : null;
        if (connection == null)
        {
            return request;
        }
        if (!connection.requestBegins())
        {
            // The output may not be shut yet: whoever does that may be another thread.
            request.addHttpStreamWrapper(NoResponse::new);
            throw new HttpException.RuntimeException(HttpStatus.SERVICE_UNAVAILABLE_503, "The TLS session is over");
        }
        request.addHttpStreamWrapper(stream -> new LastResponse(stream, connection));
        return request;
    }

    private OpenConnection find(EndPoint endPoint)
    {
        EndPoint current = endPoint;
        while (current != null)
        {
            OpenConnection connection = connections.get(current);
            if (connection != null)
            {
                return connection;
            }
            current = current instanceof EndPoint.Wrapper wrapper ? wrapper.unwrap() : null;
        }
        return null;
    }

    @Override
    public String toString()
    {
        return "%s[%d]".formatted(getClass().getSimpleName(), size());
    }
}
