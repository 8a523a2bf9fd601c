package io.github.tlsresumption.it;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Map;

import org.eclipse.jetty.client.ContentResponse;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.client.HttpClientTransport;
import org.eclipse.jetty.client.transport.HttpClientTransportOverHTTP;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.http2.client.HTTP2Client;
import org.eclipse.jetty.http2.client.transport.HttpClientTransportOverHTTP2;
import org.eclipse.jetty.io.ClientConnector;
import org.eclipse.jetty.util.Promise;
import org.eclipse.jetty.util.SocketAddressResolver;
import org.eclipse.jetty.util.ssl.SslContextFactory;

/**
 * Jetty's own client, for HTTP/1.1 or HTTP/2. Each request goes over a connection of its own; what they share is the memory for
 * TLS sessions.
 */
public final class JettyClient implements AutoCloseable
{
    private final ClientTls tls;
    private final SslContextFactory.Client ssl = new SslContextFactory.Client(true);
    private final int port;
    private final String host;
    private final boolean h2;

    /**
     * What came of one request.
     *
     * @param resumed whether the handshake resumed a session
     * @param version the version of HTTP
     * @param reply the answer
     */
    public record Result(boolean resumed, HttpVersion version, HttpReply reply)
    {
    }

    /**
     * @param port a port of this machine
     * @param host the host to name
     * @param protocol {@code TLSv1.2} or {@code TLSv1.3}
     * @param h2 whether to speak HTTP/2 by ALPN
     */
    public JettyClient(int port, String host, String protocol, boolean h2)
    {
        this.tls = new ClientTls(null);
        this.port = port;
        this.host = host;
        this.h2 = h2;
        ssl.setSslContext(tls.context());
        ssl.setIncludeProtocols(protocol);
        ssl.setEndpointIdentificationAlgorithm(null);
        unchecked(ssl::start);
    }

    /**
     * @param path the path and query to ask for
     * @return what came of it
     */
    public Result get(String path)
    {
        int before = tls.fullHandshakes();
        // Started before it becomes the connector's, so the connector does not stop it, and the sessions stay.
        ClientConnector connector = new ClientConnector();
        connector.setSslContextFactory(ssl);
        HttpClientTransport transport = h2
            ? new HttpClientTransportOverHTTP2(new HTTP2Client(connector))
            : new HttpClientTransportOverHTTP(connector);
        HttpClient client = new HttpClient(transport);
        client.setSocketAddressResolver(new Loopback());
        unchecked(client::start);
        try
        {
            ContentResponse response = client.GET("https://" + host + ":" + port + path);
            boolean resumed = tls.fullHandshakes() == before;
            return new Result(resumed, response.getVersion(), new HttpReply(response.getStatus(), response.getContentAsString()));
        }
        catch (Exception e)
        {
            throw new AssertionError(e);
        }
        finally
        {
            unchecked(client::stop);
        }
    }

    @Override
    public void close()
    {
        unchecked(ssl::stop);
    }

    private static void unchecked(Action action)
    {
        try
        {
            action.run();
        }
        catch (Exception e)
        {
            throw new AssertionError(e);
        }
    }

    private interface Action
    {
        void run() throws Exception;
    }

    private static final class Loopback implements SocketAddressResolver
    {
        @Override
        public void resolve(String name, int port, Map<String, Object> context, Promise<List<InetSocketAddress>> promise)
        {
            try
            {
                // With the name, which becomes the SNI and the key of the client's session.
                promise.succeeded(List.of(new InetSocketAddress(InetAddress.getByAddress(name, new byte[]{127, 0, 0, 1}), port)));
            }
            catch (UnknownHostException e)
            {
                promise.failed(e);
            }
        }
    }
}
