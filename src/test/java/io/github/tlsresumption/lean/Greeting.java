package io.github.tlsresumption.lean;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

import org.eclipse.jetty.io.AbstractConnection;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.AbstractConnectionFactory;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.util.Callback;

/**
 * Sends an answer that nobody has asked for.
 */
final class Greeting extends AbstractConnectionFactory
{
    static final String NAME = "greeting";
    private static final byte[] HELLO = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    Greeting()
    {
        super(NAME);
    }

    @Override
    public Connection newConnection(Connector connector, EndPoint endPoint)
    {
        return configure(new AbstractConnection(endPoint, connector.getExecutor())
        {
            @Override
            public void onOpen()
            {
                super.onOpen();
                endPoint.write(Callback.from(this::fillInterested, failure -> close()), ByteBuffer.wrap(HELLO));
            }

            @Override
            public void onFillable()
            {
                close();
            }
        }, connector, endPoint);
    }
}
