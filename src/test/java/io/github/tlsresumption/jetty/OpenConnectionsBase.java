package io.github.tlsresumption.jetty;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

import io.github.tlsresumption.FakeClock;
import io.github.tlsresumption.ResumptionSslContextFactory;
import io.github.tlsresumption.ServerKeyStore;
import io.github.tlsresumption.it.Await;
import io.github.tlsresumption.it.JsseClient;
import io.github.tlsresumption.it.JsseConnection;
import org.eclipse.jetty.server.ConnectionFactory;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

/**
 * Connections in an embedded server, with a clock that stands still; the sweeps are the test's.
 */
abstract class OpenConnectionsBase
{
    static final String HOST = "one.test";
    static final String PASSWORD = "only-for-tests";
    static final Duration PATIENCE = Duration.ofSeconds(20);
    static final Duration DURATION = Duration.ofSeconds(600);
    static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(30);
    static final Duration MILLI = Duration.ofMillis(1);
    /** Longer than any client waits, since Jetty ends an idle connection as well. */
    static final Duration IDLE_TIMEOUT = Duration.ofMinutes(10);

    @TempDir
    static Path stores;

    final FakeClock clock = new FakeClock(Instant.now());
    final Server server = new Server();
    final SlowApplication application = new SlowApplication();
    final ExecutorService background = Executors.newCachedThreadPool();
    final OpenConnections open =
        new OpenConnections(session -> !clock.instant().isBefore(session.deadline()), clock::instant, () -> CLOSE_TIMEOUT);
    ServerConnector connector;

    @BeforeAll
    static void makeStore() throws Exception
    {
        ServerKeyStore.write(stores.resolve("server.p12"), HOST, PASSWORD);
    }

    @AfterEach
    void stop() throws Exception
    {
        application.go.countDown();
        background.shutdownNow();
        server.stop();
        Await.until(PATIENCE, () -> open.size() == 0, () -> open + " are still known");
    }

    JsseClient start(String mode) throws Exception
    {
        return start(mode, new HttpConnectionFactory(new HttpConfiguration()));
    }

    JsseClient start(String mode, ConnectionFactory http) throws Exception
    {
        ResumptionSslContextFactory factory = new ResumptionSslContextFactory();
        factory.setKeyStorePath(stores.resolve("server.p12").toString());
        factory.setKeyStorePassword(PASSWORD);
        factory.setMode(mode);
        factory.setMaxSessionDuration(DURATION.toSeconds());
        factory.setClock(clock);
        connector = new ServerConnector(server, factory, http);
        connector.setIdleTimeout(IDLE_TIMEOUT.toMillis());
        server.addConnector(connector);
        server.setHandler(application);
        SslConnectionFactory ssl = connector.getConnectionFactory(SslConnectionFactory.class);
        open.attach(connector, ssl);
        open.attach(connector, ssl);
        server.start();
        return new JsseClient(connector.getLocalPort(), HOST, "TLSv1.3");
    }

    JsseConnection used(JsseClient client) throws IOException
    {
        JsseConnection connection = client.open();
        assertFalse(connection.get("/").isLast());
        // The client has the answer a moment before the server is done with it.
        Await.until(PATIENCE, () -> application.lastEndPoint.isFillInterested(), open::toString);
        return connection;
    }

    void toTheDeadline()
    {
        // SunJSSE's time is the system's and in milliseconds, and the session's begin is its.
        clock.set(application.deadline);
    }

    void assertSweepClosesNothing() throws InterruptedException
    {
        open.sweep();
        for (Thread thread : Thread.getAllStackTraces().keySet())
        {
            if ("tls-resumption-closing".equals(thread.getName()))
            {
                thread.join(PATIENCE.toMillis());
            }
        }
        assertEquals(0, open.gracefulEnds() + open.hardEnds());
    }
}
