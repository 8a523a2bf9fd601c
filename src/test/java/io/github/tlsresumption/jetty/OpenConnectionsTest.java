package io.github.tlsresumption.jetty;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import javax.net.ssl.SSLSession;

import io.github.tlsresumption.FakeClock;
import io.github.tlsresumption.ResumptionSslContextFactory;
import io.github.tlsresumption.ServerKeyStore;
import io.github.tlsresumption.engine.TlsSession;
import io.github.tlsresumption.it.Await;
import io.github.tlsresumption.it.JsseClient;
import io.github.tlsresumption.it.JsseConnection;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.http2.frames.FrameType;
import org.eclipse.jetty.http2.server.HTTP2ServerConnectionFactory;
import org.eclipse.jetty.io.AbstractConnection;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.ConnectionFactory;
import org.eclipse.jetty.server.ConnectionMetaData;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.HttpStream;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.util.Callback;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * Connections in an embedded server, with a clock that stands still; the sweeps are the test's.
 */
class OpenConnectionsTest
{
    private static final String HOST = "one.test";
    private static final String PASSWORD = "only-for-tests";
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final Duration DURATION = Duration.ofSeconds(600);
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(30);
    private static final Duration MILLI = Duration.ofMillis(1);

    @TempDir
    private static Path stores;

    private final FakeClock clock = new FakeClock(Instant.now());
    private final Server server = new Server();
    private final Application application = new Application();
    private final ExecutorService background = Executors.newCachedThreadPool();
    private final OpenConnections open =
        new OpenConnections(session -> !clock.instant().isBefore(session.deadline()), clock::instant, () -> CLOSE_TIMEOUT);
    private ServerConnector connector;

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

    private JsseClient start(String mode) throws Exception
    {
        return start(mode, new HttpConnectionFactory(new HttpConfiguration()));
    }

    private JsseClient start(String mode, ConnectionFactory http) throws Exception
    {
        ResumptionSslContextFactory factory = new ResumptionSslContextFactory();
        factory.setKeyStorePath(stores.resolve("server.p12").toString());
        factory.setKeyStorePassword(PASSWORD);
        factory.setMode(mode);
        factory.setMaxSessionDuration(DURATION.toSeconds());
        factory.setClock(clock);
        connector = new ServerConnector(server, factory, http);
        server.addConnector(connector);
        server.setHandler(application);
        SslConnectionFactory ssl = connector.getConnectionFactory(SslConnectionFactory.class);
        open.attach(connector, ssl);
        open.attach(connector, ssl);
        server.start();
        return new JsseClient(connector.getLocalPort(), HOST, "TLSv1.3");
    }

    private JsseConnection used(JsseClient client) throws IOException
    {
        JsseConnection connection = client.open();
        assertFalse(connection.get("/").isLast());
        // The client has the answer a moment before the server is done with it.
        Await.until(PATIENCE, () -> application.lastEndPoint.isFillInterested(), open::toString);
        return connection;
    }

    private void toTheDeadline()
    {
        // SunJSSE's time is the system's and in milliseconds, and the session's begin is its.
        clock.set(application.deadline);
    }

    private void assertSweepClosesNothing() throws InterruptedException
    {
        open.sweep();
        for (Thread thread : Thread.getAllStackTraces().keySet())
        {
            if ("tls-resumption-closing".equals(thread.getName()))
                thread.join(PATIENCE.toMillis());
        }
        assertEquals(0, open.gracefulEnds() + open.hardEnds());
    }

    @Test
    void idleConnectionEndsAtTheDeadlineAndNotAMillisecondBefore() throws Exception
    {
        try (JsseConnection connection = used(start("ticket")))
        {
            toTheDeadline();
            clock.advance(MILLI.negated());
            assertSweepClosesNothing();
            assertFalse(connection.get("/").isLast());
            clock.advance(MILLI);
            open.sweep();
            assertEquals(0, connection.end());
        }
        Await.until(PATIENCE, () -> open.gracefulEnds() == 1, open::toString);
        assertEquals(0, open.hardEnds());
        assertEquals(0, open.size());
    }

    /**
     * The values of a TLS session are open to applications, and some clear them.
     */
    @Test
    void applicationThatChangesTheValuesOfItsTlsSessionDoesNotKeepTheConnectionOpen() throws Exception
    {
        try (JsseConnection connection = used(start("ticket")))
        {
            JsseConnection.Answer answer = connection.get("/values");
            assertEquals(200, answer.status());
            String names = new String(answer.body(), StandardCharsets.US_ASCII);
            assertFalse(names.contains(TlsSession.NAME) || names.contains(TlsSession.FIRST), names);
            toTheDeadline();
            open.sweep();
            assertEquals(0, connection.end());
        }
    }

    @Test
    void connectionThatNeverAskedAnythingEndsToo() throws Exception
    {
        JsseClient client = start("ticket");
        try (JsseConnection other = used(client); JsseConnection connection = client.open())
        {
            clock.advance(DURATION.multipliedBy(2));
            Future<Long> end = background.submit(connection::end);
            // The client is done with its handshake a moment before the server.
            Await.until(PATIENCE, () ->
            {
                open.sweep();
                return end.isDone();
            }, open::toString);
            assertEquals(0, end.get());
            assertEquals(0, other.end());
        }
    }

    @Test
    void requestThatBeginsAfterTheDeadlineIsTheLastEvenWithoutASweep() throws Exception
    {
        try (JsseConnection connection = used(start("ticket")))
        {
            toTheDeadline();
            connection.send("/", "/");
            assertTrue(connection.answer().isLast());
            assertEquals(0, connection.end());
        }
        assertEquals(2, application.handled.get());
    }

    @Test
    void responseThatIsNotCommittedAtTheDeadlineSaysThatItIsTheLast() throws Exception
    {
        try (JsseConnection connection = used(start("ticket")))
        {
            connection.send("/late");
            application.reached();
            toTheDeadline();
            assertSweepClosesNothing();
            application.go.countDown();
            JsseConnection.Answer answer = connection.answer();
            assertEquals(200, answer.status());
            assertTrue(answer.isLast());
            assertArrayEquals(Application.BODY, answer.body());
            assertEquals(0, connection.end());
        }
    }

    @Test
    void committedResponseArrivesWholeAndNothingIsServedBehindIt() throws Exception
    {
        try (JsseConnection connection = used(start("ticket")))
        {
            connection.send("/long", "/");
            application.reached();
            toTheDeadline();
            assertSweepClosesNothing();
            clock.advance(CLOSE_TIMEOUT.minus(MILLI));
            assertSweepClosesNothing();
            application.go.countDown();
            JsseConnection.Answer answer = connection.answer();
            assertFalse(answer.isLast(), "was committed before the deadline");
            assertArrayEquals(Application.BODY, answer.body());
            assertEquals(0, connection.end());
        }
        assertEquals(2, application.handled.get(), "the request that was sent ahead must not reach the application");
        Await.until(PATIENCE, () -> open.gracefulEnds() == 1, open::toString);
    }

    @Test
    void requestWhoseContentIsStillAwaitedIsAnswered() throws Exception
    {
        try (JsseConnection connection = used(start("ticket")))
        {
            connection.write("POST /upload HTTP/1.1\r\nHost: " + HOST + "\r\nContent-Length: 2\r\n\r\na");
            application.reached();
            Await.until(PATIENCE, () -> application.lastEndPoint.isFillInterested(), open::toString);
            toTheDeadline();
            assertSweepClosesNothing();
            connection.write("b");
            assertArrayEquals(new byte[]{'a', 'b'}, connection.answer().body());
            assertEquals(0, connection.end());
        }
    }

    @Test
    void requestThatArrivedBeforeTheSweepIsAnsweredThoughNobodyKnewOfIt() throws Exception
    {
        HttpConfiguration configuration = new HttpConfiguration();
        configuration.addCustomizer((request, headers) ->
        {
            if (request.getHttpURI().getPath().equals("/held"))
                application.hold();
            return request;
        });
        try (JsseConnection connection = used(start("ticket", new HttpConnectionFactory(configuration))))
        {
            connection.send("/held");
            application.reached();
            toTheDeadline();
            assertSweepClosesNothing();
            application.go.countDown();
            assertTrue(connection.answer().isLast());
            assertEquals(0, connection.end());
        }
    }

    @Test
    void responseThatDoesNotEndIsCutAtTheTimeToCloseAndNotAMillisecondBefore() throws Exception
    {
        try (JsseConnection connection = used(start("ticket")))
        {
            connection.send("/long");
            application.reached();
            toTheDeadline();
            assertSweepClosesNothing();
            clock.advance(CLOSE_TIMEOUT.minus(MILLI));
            assertSweepClosesNothing();
            clock.advance(MILLI);
            open.sweep();
            assertThrows(EOFException.class, connection::answer);
        }
        Await.until(PATIENCE, () -> open.hardEnds() == 1, open::toString);
        assertEquals(0, open.gracefulEnds());
    }

    @Test
    void sessionThatIsNotResumedHasADeadlineToo() throws Exception
    {
        try (JsseConnection connection = used(start("off")))
        {
            toTheDeadline();
            clock.advance(MILLI.negated());
            assertSweepClosesNothing();
            assertFalse(connection.get("/").isLast());
            clock.advance(MILLI);
            open.sweep();
            assertEquals(0, connection.end());
        }
    }

    /**
     * A client has no session to resume when it offers no way to, or the rules give it none; it has a connection all the same.
     */
    @ParameterizedTest
    @ValueSource(strings = {"ticket", "off"})
    void aForgottenUserLosesTheConnectionOfASessionThatIsNotResumedToo(String mode) throws Exception
    {
        ResumptionSslContextFactory factory = new ResumptionSslContextFactory();
        factory.setKeyStorePath(stores.resolve("server.p12").toString());
        factory.setKeyStorePassword(PASSWORD);
        factory.setMode(mode);
        factory.setCloseAtDeadline(true);
        connector = new ServerConnector(server, factory, new HttpConnectionFactory(new HttpConfiguration()));
        server.addConnector(connector);
        server.setHandler(new Handler.Wrapper(application)
        {
            @Override
            public boolean handle(Request request, Response response, Callback callback) throws Exception
            {
                request.setAttribute(SessionCustomizer.PRINCIPAL, "alice");
                return super.handle(request, response, callback);
            }
        });
        ResumptionSslContextFactory.customize(server);
        server.start();
        try (JsseConnection connection = used(new JsseClient(connector.getLocalPort(), HOST, "TLSv1.3")))
        {
            factory.forgetPrincipal("bob");
            assertFalse(connection.get("/").isLast());
            factory.forgetPrincipal("alice");
            assertEquals(0, connection.end());
        }
    }

    @Test
    void resumedConnectionEndsAtTheDeadlineOfItsSession() throws Exception
    {
        JsseClient client = start("ticket");
        used(client).close();
        Instant deadline = application.deadline;
        clock.advance(DURATION.dividedBy(2));
        try (JsseConnection connection = used(client))
        {
            assertTrue(connection.resumed());
            assertEquals(deadline, application.deadline);
            toTheDeadline();
            clock.advance(MILLI.negated());
            assertSweepClosesNothing();
            clock.advance(MILLI);
            open.sweep();
            assertEquals(0, connection.end());
        }
        try (JsseConnection connection = client.open())
        {
            assertFalse(connection.resumed());
        }
    }

    @Test
    void upgradedConnectionIsCutAtTheDeadline() throws Exception
    {
        try (JsseConnection connection = used(start("ticket")))
        {
            connection.send("/upgrade");
            assertEquals(101, connection.answer().status());
            // The client has the answer a moment before the server has upgraded.
            Await.until(PATIENCE, () -> !(application.lastEndPoint.getConnection() instanceof ConnectionMetaData), open::toString);
            toTheDeadline();
            clock.advance(MILLI.negated());
            assertSweepClosesNothing();
            clock.advance(MILLI);
            open.sweep();
            assertEquals(0, connection.end());
        }
        Await.until(PATIENCE, () -> open.hardEnds() == 1, open::toString);
    }

    @Test
    void upgradeAfterTheDeadlineKeepsItsHeaderAndEnds() throws Exception
    {
        try (JsseConnection connection = used(start("ticket")))
        {
            toTheDeadline();
            connection.send("/upgrade");
            JsseConnection.Answer answer = connection.answer();
            assertEquals("Upgrade", answer.headers().get("connection"));
            assertEquals(0, connection.end());
        }
    }

    @Test
    void clientThatDoesNotCloseItsSideIsCutAtTheTimeToClose() throws Exception
    {
        try (JsseConnection connection = used(start("ticket")))
        {
            toTheDeadline();
            open.sweep();
            Await.until(PATIENCE, () -> application.lastEndPoint.isOutputShutdown(), open::toString);
            clock.advance(CLOSE_TIMEOUT.minus(MILLI));
            assertSweepClosesNothing();
            assertEquals(1, open.size());
            clock.advance(MILLI);
            open.sweep();
            Await.until(PATIENCE, () -> open.hardEnds() == 1, open::toString);
            assertEquals(0, connection.end());
        }
    }

    private JsseConnection http2() throws Exception
    {
        JsseConnection connection = start("ticket", new HTTP2ServerConnectionFactory(new HttpConfiguration())).open();
        // The preface, settings with a large window for each stream, and a large one for the connection.
        connection.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(FrameType.SETTINGS, 0, 0, "\0\4\177\377\377\377") +
            frame(FrameType.WINDOW_UPDATE, 0, 0, "\160\0\0\0"));
        return connection;
    }

    private static String request(int stream, String path)
    {
        // HPACK (RFC 7541): GET, https, and a path and an authority that are not indexed.
        String headers = "\202\207\4" + (char)path.length() + path + "\1" + (char)HOST.length() + HOST;
        return frame(FrameType.HEADERS, 5, stream, headers);
    }

    private static String frame(FrameType type, int flags, int stream, String payload)
    {
        return "\0\0" + (char)payload.length() + (char)type.getType() + (char)flags + "\0\0\0" + (char)stream + payload;
    }

    /**
     * @return the frames, those of content and of GOAWAY as their type, stream and what they are about
     */
    private static List<String> frames(byte[] bytes)
    {
        List<String> frames = new ArrayList<>();
        int content = 0;
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        while (buffer.hasRemaining())
        {
            int lengthAndType = buffer.getInt();
            int length = lengthAndType >>> 8;
            buffer.get();
            int stream = buffer.getInt();
            FrameType type = FrameType.from(lengthAndType & 0xFF);
            if (type == FrameType.GO_AWAY)
                frames.add("GOAWAY " + buffer.getInt(buffer.position()));
            else if (type == FrameType.HEADERS)
                frames.add("HEADERS of " + stream);
            else if (type == FrameType.DATA)
                content += length;
            buffer.position(buffer.position() + length);
        }
        frames.add("bytes of content " + content);
        return frames;
    }

    @Test
    void http2SaysGoAwayFinishesWhatRunsAndTakesNothingNew() throws Exception
    {
        try (JsseConnection connection = http2())
        {
            connection.write(request(1, "/long"));
            application.reached();
            toTheDeadline();
            clock.advance(MILLI.negated());
            assertSweepClosesNothing();
            clock.advance(MILLI);
            assertSweepClosesNothing();
            clock.advance(Duration.ofSeconds(1));
            assertSweepClosesNothing();
            connection.write(request(3, "/"));
            clock.advance(Duration.ofSeconds(1));
            assertSweepClosesNothing();
            application.go.countDown();
            Future<byte[]> rest = background.submit(connection::rest);
            Await.until(PATIENCE, () ->
            {
                open.sweep();
                return rest.isDone();
            }, open::toString);
            assertEquals(List.of("HEADERS of 1", "GOAWAY " + Integer.MAX_VALUE, "GOAWAY 1", "bytes of content " + Application.BODY.length),
                frames(rest.get()));
        }
        assertEquals(1, application.handled.get());
        Await.until(PATIENCE, () -> open.gracefulEnds() == 1, open::toString);
    }

    @Test
    void http2StreamThatDoesNotEndIsCutAtTheTimeToClose() throws Exception
    {
        try (JsseConnection connection = http2())
        {
            connection.write(request(1, "/long"));
            application.reached();
            toTheDeadline();
            assertSweepClosesNothing();
            clock.advance(CLOSE_TIMEOUT.minus(MILLI));
            assertSweepClosesNothing();
            clock.advance(MILLI);
            open.sweep();
            assertTrue(frames(connection.rest()).contains("GOAWAY 1"));
        }
        Await.until(PATIENCE, () -> open.hardEnds() == 1, open::toString);
    }

    @Test
    void idleHttp2ConnectionIsClosedForAClientThatDoesNotCloseIt() throws Exception
    {
        try (JsseConnection connection = http2())
        {
            connection.write(request(1, "/"));
            Await.until(PATIENCE, () -> application.deadline != null, open::toString);
            toTheDeadline();
            open.sweep();
            assertSweepClosesNothing();
            clock.advance(Duration.ofSeconds(1));
            open.sweep();
            // The answer may still be on its way when the session ends.
            assertEquals(Set.of("HEADERS of 1", "GOAWAY " + Integer.MAX_VALUE, "GOAWAY 1", "bytes of content 2"),
                Set.copyOf(frames(connection.rest())));
        }
        Await.until(PATIENCE, () -> open.gracefulEnds() == 1, open::toString);
    }

    /**
     * A request that the application gets is answered whole, and one that it does not get is not answered at all: whatever the
     * moment at which the session ends.
     */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6})
    void noRequestIsHandledWithoutAnAnswer(int hundreds) throws Exception
    {
        JsseClient client = start("ticket");
        int count = 8;
        List<JsseConnection> connections = new ArrayList<>();
        for (int i = 0; i < count; i++)
        {
            connections.add(used(client));
        }
        Instant deadline = application.deadline;
        application.handled.set(0);
        List<Future<Integer>> answers = new ArrayList<>();
        for (JsseConnection connection : connections)
        {
            answers.add(background.submit(() -> askUntilTheEnd(connection)));
        }
        Await.until(PATIENCE, () -> application.handled.get() > 100 * hundreds, () -> application.handled + " requests");
        clock.set(deadline);
        int answered = 0;
        for (Future<Integer> one : answers)
        {
            while (!one.isDone())
            {
                open.sweep();
                LockSupport.parkNanos(100_000);
            }
            answered += one.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        }
        assertEquals(application.handled.get(), answered);
        Await.until(PATIENCE, () -> open.gracefulEnds() == count, () -> open.gracefulEnds() + " have ended");
    }

    private static int askUntilTheEnd(JsseConnection connection)
    {
        int answers = 0;
        try (connection)
        {
            while (!connection.get("/").isLast())
            {
                answers++;
            }
            return answers + 1;
        }
        catch (IOException x)
        {
            return answers;
        }
    }

    /**
     * Answers at once, or where the path says so only when the test says go.
     */
    private static final class Application extends Handler.Abstract
    {
        private static final byte[] BODY = new byte[1_000_000];

        private final CountDownLatch reached = new CountDownLatch(1);
        private final CountDownLatch go = new CountDownLatch(1);
        private final AtomicInteger handled = new AtomicInteger();
        private volatile Instant deadline;
        private volatile EndPoint lastEndPoint;

        private Application()
        {
            for (int i = 0; i < BODY.length; i++)
            {
                BODY[i] = (byte)(i % 251);
            }
        }

        private void reached() throws InterruptedException
        {
            assertTrue(reached.await(PATIENCE.toSeconds(), TimeUnit.SECONDS));
        }

        private void hold()
        {
            reached.countDown();
            try
            {
                go.await();
            }
            catch (InterruptedException x)
            {
                throw new IllegalStateException(x);
            }
        }

        @Override
        public boolean handle(Request request, Response response, Callback callback) throws Exception
        {
            handled.incrementAndGet();
            EndPoint endPoint = request.getConnectionMetaData().getConnection().getEndPoint();
            lastEndPoint = endPoint;
            if (endPoint.getSslSessionData().sslSession().getValue(TlsSession.NAME)
                instanceof TlsSession session)
                deadline = session.deadline();
            switch (request.getHttpURI().getPath())
            {
                case "/late" ->
                {
                    hold();
                    response.write(true, ByteBuffer.wrap(BODY), callback);
                }
                case "/values" ->
                {
                    SSLSession values = endPoint.getSslSessionData().sslSession();
                    for (String name : List.of(TlsSession.NAME, TlsSession.FIRST))
                    {
                        values.removeValue(name);
                        assertThrows(IllegalArgumentException.class, () -> values.putValue(name, "mine"));
                    }
                    Content.Sink.write(response, true, String.join(",", values.getValueNames()), callback);
                }
                case "/long" ->
                {
                    response.getHeaders().put(HttpHeader.CONTENT_LENGTH, BODY.length);
                    Content.Sink.write(response, false, ByteBuffer.wrap(BODY, 0, BODY.length / 2));
                    hold();
                    response.write(true, ByteBuffer.wrap(BODY, BODY.length / 2, BODY.length - BODY.length / 2), callback);
                }
                case "/upload" ->
                {
                    response.getHeaders().put(HttpHeader.CONTENT_LENGTH, request.getLength());
                    reached.countDown();
                    Content.copy(request, response, callback);
                }
                case "/upgrade" ->
                {
                    request.setAttribute(HttpStream.UPGRADE_CONNECTION_ATTRIBUTE, new Silent(endPoint, getServer().getThreadPool()));
                    response.setStatus(HttpStatus.SWITCHING_PROTOCOLS_101);
                    response.getHeaders().put(HttpHeader.UPGRADE, "silence");
                    response.getHeaders().put(HttpHeader.CONNECTION, "Upgrade");
                    callback.succeeded();
                }
                default -> Content.Sink.write(response, true, "ok", callback);
            }
            return true;
        }
    }

    /**
     * A protocol that is not HTTP and in which nobody says anything.
     */
    private static final class Silent extends AbstractConnection
    {
        private Silent(EndPoint endPoint, Executor executor)
        {
            super(endPoint, executor);
        }

        @Override
        public void onOpen()
        {
            super.onOpen();
            fillInterested();
        }

        @Override
        public void onFillable()
        {
            getEndPoint().close();
        }
    }
}
