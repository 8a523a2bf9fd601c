package io.github.tlsresumption.jetty;

import java.nio.ByteBuffer;

import org.eclipse.jetty.http.MetaData;
import org.eclipse.jetty.io.EofException;
import org.eclipse.jetty.server.HttpStream;
import org.eclipse.jetty.util.Callback;

/**
 * The stream of a request of HTTP/1.1 that came behind the end of its connection. Nothing is written to it, so that its client may take
 * the request for unprocessed and repeat it (RFC 9112, 9.3.1).
 */
final class NoResponse extends HttpStream.Wrapper
{
    NoResponse(HttpStream stream)
    {
        super(stream);
    }

    @Override
    public void send(MetaData.Request request, MetaData.Response response, boolean last, ByteBuffer content, Callback callback)
    {
        callback.failed(new EofException("the TLS session is over"));
    }
}
