package io.github.tlsresumption.jetty;

import org.eclipse.jetty.http2.ErrorCode;
import org.eclipse.jetty.http2.HTTP2Connection;
import org.eclipse.jetty.http2.api.Session;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.util.Callback;

/**
 * Ends connections of HTTP/2. Apart from the rest since its libraries are there only where HTTP/2 is: it must be touched for
 * a connection of that protocol alone.
 */
final class Http2Connection
{
    private Http2Connection()
    {
    }

    /**
     * Asks the client to open no more streams, then refuses them, then closes; the streams that run are finished
     * (RFC 9113, 6.8). To be called again until the connection is closed.
     *
     * @param connection a connection of HTTP/2
     * @param refuse whether the client has had the time to hear of it, so that new streams are refused
     */
    static void end(Connection connection, boolean refuse)
    {
        Session session = ((HTTP2Connection)connection).getSession();
        session.shutdown();
        if (!refuse)
        {
            return;
        }
        session.close(ErrorCode.NO_ERROR.code, "session over", Callback.NOOP);
        // A client that does not close by itself then has nothing to wait for.
        if (session.getStreams().isEmpty())
        {
            connection.getEndPoint().shutdownOutput();
        }
    }
}
