package io.github.tlsresumption.openssl;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;

import io.github.tlsresumption.crypto.Random;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.io.ssl.SslConnection;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.SecureRequestCustomizer;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

/**
 * The engine as Jetty drives it.
 */
@EnabledIf("io.github.tlsresumption.openssl.Library#isThere")
class JettyTest
{
    private static final Certificates.Identity SERVER = Certificates.of(Certificates.Kind.P256);
    private static final Certificates.Identity CLIENT = Certificates.of(Certificates.Kind.CLIENT);

    private final LiveObjects live = new LiveObjects();
    private final TestSessions sessions = new TestSessions();

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void answersAndResumes(String protocol) throws Exception
    {
        try (NativeContext context = Peer.server(sessions, live, 2, new Certificates.Trust(CLIENT), SERVER))
        {
            Server server = start(context, true);
            SSLContext clientContext = Peer.client(new Certificates.Trust(SERVER), CLIENT);
            byte[] body = Random.bytes(1_000_000);
            for (int i = 0; i < 3; i++)
            {
                try (HttpClient client = client(clientContext, protocol))
                {
                    assertArrayEquals(new byte[]{1, 2, 3}, post(client, server, new byte[]{1, 2, 3}).body());
                    assertArrayEquals(body, post(client, server, body).body());
                    assertArrayEquals(new byte[]{4}, post(client, server, new byte[]{4}).body());
                }
            }
            assertEquals(2, sessions.resumed.get());
            server.stop();
            assertEquals(0, live.connections());
        }
    }

    @Test
    void refusesAStranger() throws Exception
    {
        try (NativeContext context = Peer.server(sessions, live, 2, new Certificates.Trust(CLIENT), SERVER))
        {
            Server server = start(context, true);
            SSLContext stranger = Peer.client(new Certificates.Trust(SERVER), Certificates.of(Certificates.Kind.STRANGER));
            try (HttpClient client = client(stranger, "TLSv1.3"))
            {
                assertThrows(IOException.class, () -> post(client, server, new byte[]{1}));
            }
            try (HttpClient client = client(Peer.client(new Certificates.Trust(SERVER), CLIENT), "TLSv1.3"))
            {
                assertEquals(200, post(client, server, new byte[]{1}).statusCode());
            }
            server.stop();
            assertEquals(0, live.connections());
            assertEquals(1, sessions.abandoned.get());
        }
    }

    private static HttpClient client(SSLContext context, String protocol)
    {
        SSLParameters parameters = new SSLParameters();
        parameters.setProtocols(new String[]{protocol});
        return HttpClient.newBuilder().sslContext(context).sslParameters(parameters).version(HttpClient.Version.HTTP_1_1).build();
    }

    private static HttpResponse<byte[]> post(HttpClient client, Server server, byte[] body) throws IOException, InterruptedException
    {
        int port = ((ServerConnector)server.getConnectors()[0]).getLocalPort();
        URI uri = URI.create("https://127.0.0.1:" + port + "/");
        return client.send(HttpRequest.newBuilder(uri).POST(BodyPublishers.ofByteArray(body)).build(), BodyHandlers.ofByteArray());
    }

    private static Server start(NativeContext context, boolean needClientAuth) throws Exception
    {
        Server server = new Server();
        SslContextFactory.Server factory = new SslContextFactory.Server();
        factory.setSslContext(NativeSslContext.of(context));
        factory.setNeedClientAuth(needClientAuth);
        HttpConfiguration configuration = new HttpConfiguration();
        configuration.addCustomizer(new SecureRequestCustomizer(false));
        HttpConnectionFactory http = new HttpConnectionFactory(configuration);
        ServerConnector connector = new ServerConnector(server, 1, 1, new SslConnectionFactory(factory, http.getProtocol()), http);
        connector.setHost("127.0.0.1");
        // Jetty drops an engine when it has closed its own direction.
        connector.addBean(new Connection.Listener()
        {
            @Override
            public void onClosed(Connection connection)
            {
                if (connection instanceof SslConnection secure)
                {
                    ((NativeSslEngine)secure.getSSLEngine()).close();
                }
            }
        });
        server.addConnector(connector);
        server.setHandler(new Handler.Abstract()
        {
            @Override
            public boolean handle(Request request, Response response, Callback callback)
            {
                Content.copy(request, response, callback);
                return true;
            }
        });
        server.start();
        return server;
    }
}
