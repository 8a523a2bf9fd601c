package io.github.tlsresumption.it;

import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import org.eclipse.jetty.http.HostPortHttpField;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpScheme;
import org.eclipse.jetty.http.HttpURI;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.http.MetaData;
import org.eclipse.jetty.http2.api.Session;
import org.eclipse.jetty.http2.api.Stream;
import org.eclipse.jetty.http2.client.HTTP2Client;
import org.eclipse.jetty.http2.frames.DataFrame;
import org.eclipse.jetty.http2.frames.GoAwayFrame;
import org.eclipse.jetty.http2.frames.HeadersFrame;
import org.eclipse.jetty.http2.frames.ResetFrame;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.ssl.SslContextFactory;

/**
 * One connection of Jetty's own client for HTTP/2, by ALPN, which shows what the server says about the connection.
 */
public final class H2Client implements AutoCloseable
{
    private static final long PATIENCE_SECONDS = 30;

    private final HTTP2Client client = new HTTP2Client();
    private final CompletableFuture<Long> goAway = new CompletableFuture<>();
    private final CompletableFuture<Long> closed = new CompletableFuture<>();
    private final String authority;
    private final Session session;

    /**
     * @param port a port of this machine
     * @param host the host to name in requests; the handshake names none
     * @param protocol {@code TLSv1.2} or {@code TLSv1.3}
     */
    public H2Client(int port, String host, String protocol)
    {
        SslContextFactory.Client ssl = new SslContextFactory.Client(true);
        ssl.setIncludeProtocols(protocol);
        ssl.setEndpointIdentificationAlgorithm(null);
        authority = host + ":" + port;
        try
        {
            client.getClientConnector().setSslContextFactory(ssl);
            client.start();
            InetSocketAddress address = new InetSocketAddress(InetAddress.getByAddress(host, new byte[]{127, 0, 0, 1}), port);
            session = client.connect(ssl, address, new Ears()).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        }
        catch (Exception e)
        {
            throw new AssertionError(e);
        }
    }

    /**
     * @param path the path and query to ask for
     * @return the content, to come; fails when it does not come whole
     */
    public CompletableFuture<byte[]> get(String path)
    {
        CompletableFuture<byte[]> content = new CompletableFuture<>();
        MetaData.Request request =
            new MetaData.Request("GET", HttpURI.from("https://" + authority + path), HttpVersion.HTTP_2, HttpFields.EMPTY);
        session.newStream(new HeadersFrame(request, null, true), new Content(content)).exceptionally(failure ->
        {
            content.completeExceptionally(failure);
            return null;
        });
        return content;
    }

    /**
     * Opens a WebSocket in a stream of its own (RFC 8441), on which nothing is said.
     *
     * @param path the path and query to ask for
     * @return the status, to come; fails when there is no answer
     */
    public CompletableFuture<Integer> webSocket(String path)
    {
        CompletableFuture<Integer> status = new CompletableFuture<>();
        HttpFields fields = HttpFields.build().put("Sec-WebSocket-Version", "13");
        MetaData.ConnectRequest request =
            new MetaData.ConnectRequest(HttpScheme.HTTPS, new HostPortHttpField(authority), path, fields, "websocket");
        Stream.Listener listener = new Stream.Listener()
        {
            @Override
            public void onHeaders(Stream stream, HeadersFrame frame)
            {
                status.complete(((MetaData.Response)frame.getMetaData()).getStatus());
            }

            @Override
            public void onFailure(Stream stream, int error, String reason, Throwable failure, Callback callback)
            {
                status.completeExceptionally(failure);
                callback.succeeded();
            }
        };
        session.newStream(new HeadersFrame(request, null, false), listener).exceptionally(failure ->
        {
            status.completeExceptionally(failure);
            return null;
        });
        return status;
    }

    /**
     * @return when the server first said GOAWAY, to come, as {@link System#nanoTime()} says it
     */
    public CompletableFuture<Long> goAway()
    {
        return goAway;
    }

    /**
     * @return when the connection was closed, to come, as {@link System#nanoTime()} says it
     */
    public CompletableFuture<Long> closed()
    {
        return closed;
    }

    @Override
    public void close()
    {
        try
        {
            client.stop();
        }
        catch (Exception e)
        {
            throw new AssertionError(e);
        }
    }

    private final class Ears implements Session.Listener
    {
        @Override
        public void onGoAway(Session session, GoAwayFrame frame)
        {
            goAway.complete(System.nanoTime());
        }

        @Override
        public void onClose(Session session, GoAwayFrame frame, Callback callback)
        {
            closed.complete(System.nanoTime());
            callback.succeeded();
        }

        @Override
        public void onFailure(Session session, Throwable failure, Callback callback)
        {
            closed.complete(System.nanoTime());
            callback.succeeded();
        }
    }

    private static final class Content implements Stream.Listener
    {
        private final CompletableFuture<byte[]> content;
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

        private Content(CompletableFuture<byte[]> content)
        {
            this.content = content;
        }

        @Override
        public void onHeaders(Stream stream, HeadersFrame frame)
        {
            if (frame.isEndStream())
            {
                content.complete(bytes.toByteArray());
            }
            else
            {
                stream.demand();
            }
        }

        @Override
        public void onDataAvailable(Stream stream)
        {
            Stream.Data data = stream.readData();
            if (data == null)
            {
                stream.demand();
                return;
            }
            DataFrame frame = data.frame();
            bytes.writeBytes(BufferUtil.toArray(frame.getByteBuffer()));
            data.release();
            if (frame.isEndStream())
            {
                content.complete(bytes.toByteArray());
            }
            else
            {
                stream.demand();
            }
        }

        @Override
        public void onReset(Stream stream, ResetFrame frame, Callback callback)
        {
            content.completeExceptionally(new AssertionError(frame.toString()));
            callback.succeeded();
        }

        @Override
        public void onFailure(Stream stream, int error, String reason, Throwable failure, Callback callback)
        {
            content.completeExceptionally(failure);
            callback.succeeded();
        }
    }
}
