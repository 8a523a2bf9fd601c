package io.github.tlsresumption.jetty;

import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpHeaderValue;
import org.eclipse.jetty.server.HttpStream;

/**
 * The stream of a request of HTTP/1.1, whose response is the last of its connection if the session is over by then.
 */
final class LastResponse extends HttpStream.Wrapper
{
    private final OpenConnection connection;

    LastResponse(HttpStream stream, OpenConnection connection)
    {
        super(stream);
        this.connection = connection;
    }

    @Override
    public void prepareResponse(HttpFields.Mutable headers)
    {
        // The header of an upgrade belongs to it; what comes of it is cut.
        if (connection.isOver() && !headers.contains(HttpHeader.CONNECTION, HttpHeaderValue.UPGRADE.asString()))
        {
            headers.put(HttpHeader.CONNECTION, HttpHeaderValue.CLOSE.asString());
        }
        super.prepareResponse(headers);
    }

    @Override
    public void succeeded()
    {
        connection.requestSucceeds();
        super.succeeded();
    }

    @Override
    public void failed(Throwable x)
    {
        connection.requestFails();
        super.failed(x);
    }
}
