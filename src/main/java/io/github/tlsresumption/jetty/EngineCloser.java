package io.github.tlsresumption.jetty;

import io.github.tlsresumption.engine.ResumingEngine;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.ssl.SslConnection;
import org.eclipse.jetty.server.SslConnectionFactory;

/**
 * Closes a connection's TLS engine behind it. Jetty drops an engine as soon as it has closed its own direction, and what that has outside
 * of the heap would wait for the garbage collector. Stateless.
 */
public final class EngineCloser implements Connection.Listener
{
    private static final EngineCloser ONE = new EngineCloser();

    private EngineCloser()
    {
    }

    /**
     * Closes the engines of a connector's connections from now on. To do so again changes nothing.
     *
     * @param ssl the connector's factory for TLS
     */
    public static void attach(SslConnectionFactory ssl)
    {
        ssl.addEventListener(ONE);
    }

    @Override
    public void onClosed(Connection connection)
    {
        if (connection instanceof SslConnection ssl && ssl.getSSLEngine() instanceof ResumingEngine engine)
        {
            engine.close();
        }
    }

    @Override
    public String toString()
    {
        return getClass().getSimpleName();
    }
}
