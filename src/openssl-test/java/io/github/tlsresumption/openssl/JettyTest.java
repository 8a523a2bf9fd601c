package io.github.tlsresumption.openssl;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
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
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
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
            SSLContext clientContext = clientContext();
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
            try (HttpClient client = client(clientContext(), "TLSv1.3"))
            {
                assertEquals(200, post(client, server, new byte[]{1}).statusCode());
            }
            server.stop();
            assertEquals(0, live.connections());
            assertEquals(1, sessions.abandoned.get());
        }
    }

    /**
     * What may be slow in a handshake.
     */
    private enum Slow
    {
        TRUST_MANAGER,
        STORE_THAT_OPENS,
        STORE_THAT_SEALS
    }

    /** The connector has one selector: whatever that waits for, all wait for. */
    @ParameterizedTest
    @CsvSource({
        "TLSv1.2, TRUST_MANAGER", "TLSv1.2, STORE_THAT_OPENS", "TLSv1.2, STORE_THAT_SEALS",
        "TLSv1.3, TRUST_MANAGER", "TLSv1.3, STORE_THAT_OPENS", "TLSv1.3, STORE_THAT_SEALS"})
    void whatIsSlowHoldsNobodyElseUp(String protocol, Slow slow) throws Exception
    {
        Hold hold = new Hold();
        Certificates.Trust trust = new Certificates.Trust(CLIENT)
        {
            @Override
            public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine) throws CertificateException
            {
                hold.pass(Slow.TRUST_MANAGER);
                super.checkClientTrusted(chain, authType, engine);
            }
        };
        sessions.answer = opened ->
        {
            hold.pass(Slow.STORE_THAT_OPENS);
            return opened;
        };
        sessions.atSeal = () -> hold.pass(Slow.STORE_THAT_SEALS);
        try (NativeContext context = Peer.server(sessions, live, 2, trust, SERVER))
        {
            Server server = start(context, true);
            try (HttpClient first = client(clientContext(), protocol);
                HttpClient held = client(slow == Slow.STORE_THAT_OPENS ? first.sslContext() : clientContext(), protocol);
                hold)
            {
                post(first, server, new byte[]{1});
                hold.next(slow);
                CompletableFuture<HttpResponse<byte[]>> waiting =
                    held.sendAsync(request(server, new byte[]{2}), BodyHandlers.ofByteArray());
                hold.awaitSomebody();
                SSLContext other = clientContext();
                for (int i = 0; i < 2; i++)
                {
                    try (HttpClient client = client(other, protocol))
                    {
                        assertEquals(200, post(client, server, new byte[]{3}).statusCode());
                    }
                }
                assertFalse(waiting.isDone());
                hold.close();
                assertEquals(200, waiting.get().statusCode());
                assertEquals(slow == Slow.STORE_THAT_OPENS ? 2 : 1, sessions.resumed.get());
            }
            server.stop();
            assertEquals(0, live.connections());
        }
    }

    /**
     * Makes one call wait.
     */
    private static final class Hold implements AutoCloseable
    {
        private final AtomicReference<Slow> next = new AtomicReference<>();
        private final CountDownLatch reached = new CountDownLatch(1);
        private final CountDownLatch released = new CountDownLatch(1);

        /** The next one that passes there waits. */
        void next(Slow place)
        {
            next.set(place);
        }

        void pass(Slow place)
        {
            if (next.compareAndSet(place, null))
            {
                reached.countDown();
                await(released);
            }
        }

        void awaitSomebody()
        {
            await(reached);
        }

        /** It may go on. */
        @Override
        public void close()
        {
            released.countDown();
        }

        private static void await(CountDownLatch latch)
        {
            try
            {
                latch.await();
            }
            catch (InterruptedException e)
            {
                throw new IllegalStateException(e);
            }
        }
    }

    private static SSLContext clientContext()
    {
        return Peer.client(new Certificates.Trust(SERVER), CLIENT);
    }

    private static HttpClient client(SSLContext context, String protocol)
    {
        SSLParameters parameters = new SSLParameters();
        parameters.setProtocols(new String[]{protocol});
        return HttpClient.newBuilder().sslContext(context).sslParameters(parameters).version(HttpClient.Version.HTTP_1_1).build();
    }

    private static HttpResponse<byte[]> post(HttpClient client, Server server, byte[] body) throws IOException, InterruptedException
    {
        return client.send(request(server, body), BodyHandlers.ofByteArray());
    }

    private static HttpRequest request(Server server, byte[] body)
    {
        int port = ((ServerConnector)server.getConnectors()[0]).getLocalPort();
        URI uri = URI.create("https://127.0.0.1:" + port + "/");
        return HttpRequest.newBuilder(uri).timeout(Duration.ofMinutes(1)).POST(BodyPublishers.ofByteArray(body)).build();
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
