package io.github.tlsresumption.jetty;

import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

import io.github.tlsresumption.ResumptionSslContextFactory;
import io.github.tlsresumption.engine.TlsSession;
import io.github.tlsresumption.it.Await;
import io.github.tlsresumption.it.JsseClient;
import io.github.tlsresumption.it.JsseConnection;
import org.eclipse.jetty.server.ConnectionMetaData;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * The end of open connections of HTTP/1.1, and of those that were upgraded.
 */
class OpenConnectionsTest extends OpenConnectionsBase
{
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
            assertArrayEquals(SlowApplication.BODY, answer.body());
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
            assertArrayEquals(SlowApplication.BODY, answer.body());
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
            {
                application.hold();
            }
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
        connector.setIdleTimeout(IDLE_TIMEOUT.toMillis());
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
        catch (IOException e)
        {
            return answers;
        }
    }
}
