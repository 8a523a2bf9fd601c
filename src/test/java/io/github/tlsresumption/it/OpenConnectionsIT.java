package io.github.tlsresumption.it;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static io.github.tlsresumption.it.ModuleBase.TLS12;
import static io.github.tlsresumption.it.ModuleBase.TLS13;
import static io.github.tlsresumption.it.ModuleBase.TWO;
import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * Connections to a real Jetty that are open when their session's deadline passes end as {@code closeAtDeadline} says. Clients and
 * server have one clock.
 */
@ExtendWith(NoProcessLeft.class)
class OpenConnectionsIT
{
    private static final Duration DURATION = Duration.ofSeconds(4);
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(3);
    /** A sweep comes each second; the rest is for a slow machine. */
    private static final Duration LATE = Duration.ofMillis(2_500);
    /** The session begins as SunJSSE counts, in its own milliseconds. */
    private static final Duration EARLY = Duration.ofMillis(50);

    private static JettyProcess jetty;

    @BeforeAll
    static void start()
    {
        jetty = base("open", true).start();
    }

    @AfterAll
    static void stop()
    {
        jetty.close();
    }

    private static JettyBase base(String name, boolean close)
    {
        return ModuleBase.probed(name, "ticket", "cache").modules("http2")
            .property("jetty.tlsResumption.maxSessionDuration", String.valueOf(DURATION.toSeconds()))
            .property("jetty.tlsResumption.closeAtDeadline", String.valueOf(close))
            .property("jetty.tlsResumption.closeTimeout", String.valueOf(CLOSE_TIMEOUT.toSeconds()));
    }

    private static String slow(int chunks)
    {
        return Probe.PATH + "?chunks=" + chunks;
    }

    /**
     * @return a number of chunks that are not all sent before the deadline, but are before the time to close
     */
    private static int chunksPast(Instant deadline)
    {
        Duration past = Duration.between(Instant.now(), deadline).plus(CLOSE_TIMEOUT.dividedBy(2));
        return (int)(past.toMillis() / ProbeServlet.PAUSE_MILLIS);
    }

    private static Map<String, Object> session(JsseConnection connection) throws IOException
    {
        return HttpReply.json(new String(connection.get(Probe.PATH).body()));
    }

    private static Instant deadline(Map<String, Object> session)
    {
        return Instant.parse(String.valueOf(session.get("deadline")));
    }

    private static void assertWhole(int chunks, byte[] body)
    {
        assertEquals(chunks * ProbeServlet.CHUNK, body.length);
        for (int i = 0; i < body.length; i++)
        {
            assertEquals((byte)(i / ProbeServlet.CHUNK), body[i]);
        }
    }

    private static void assertBetween(Instant from, Instant to)
    {
        Instant now = Instant.now();
        assertFalse(now.isBefore(from.minus(EARLY)), () -> Duration.between(now, from) + " early");
        assertFalse(now.isAfter(to), () -> Duration.between(to, now) + " late");
    }

    private static void waitUntil(Instant instant)
    {
        while (Instant.now().isBefore(instant))
        {
            LockSupport.parkNanos(Duration.between(Instant.now(), instant).toNanos());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {TLS12, TLS13})
    void idleConnectionIsClosedAtTheDeadlineAndTheNextOneDoesAFullHandshake(String protocol) throws IOException
    {
        JsseClient client = new JsseClient(jetty.port(), TWO, protocol);
        try (JsseConnection connection = client.open())
        {
            Instant deadline = deadline(session(connection));
            assertEquals(0, connection.end());
            assertBetween(deadline, deadline.plus(LATE));
        }
        try (JsseConnection next = client.open())
        {
            assertFalse(next.resumed());
            assertEquals(false, session(next).get("resumed"));
        }
    }

    /**
     * OpenSSL calls an end without a close_notify an error, and ends with 0 otherwise.
     */
    @ParameterizedTest
    @ValueSource(strings = {TLS12, TLS13})
    void idleConnectionGetsACloseNotifyAndOneThatIsCutDoesNot(String protocol)
    {
        Instant begin = Instant.now();
        OpenSsl.Result idle = ModuleBase.openSsl(jetty, TWO, protocol).keepAlive().connect();
        assertBetween(begin.plus(DURATION), begin.plus(DURATION).plus(LATE));
        OpenSsl.Result cut = ModuleBase.openSsl(jetty, TWO, protocol).keepAlive().path(slow(100)).connect();
        assertBetween(begin.plus(DURATION.multipliedBy(2)).plus(CLOSE_TIMEOUT), Instant.MAX);
        assertAll(
            () -> assertEquals(200, idle.reply().status(), idle::output),
            () -> assertFalse(idle.output().contains("unexpected eof"), idle::output),
            () -> assertEquals(0, idle.exit(), idle::output),
            () -> assertTrue(cut.output().contains("unexpected eof"), "no unexpected eof"));
    }

    @ParameterizedTest
    @ValueSource(strings = {TLS12, TLS13})
    void downloadThatRunsAtTheDeadlineArrivesWholeAndIsTheLast(String protocol) throws IOException
    {
        try (JsseConnection connection = new JsseClient(jetty.port(), TWO, protocol).open())
        {
            Instant deadline = deadline(session(connection));
            int chunks = chunksPast(deadline);
            connection.send(slow(chunks), Probe.PATH);
            JsseConnection.Answer answer = connection.answer();
            assertBetween(deadline, deadline.plus(CLOSE_TIMEOUT));
            assertFalse(answer.isLast(), "was committed long before");
            assertWhole(chunks, answer.body());
            assertEquals(0, connection.end(), "the request that was sent ahead must not be answered");
            assertBetween(deadline, deadline.plus(CLOSE_TIMEOUT).plus(LATE));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {TLS12, TLS13})
    void answerThatBeginsAfterTheDeadlineSaysThatItIsTheLast(String protocol) throws IOException
    {
        try (JsseConnection connection = new JsseClient(jetty.port(), TWO, protocol).open())
        {
            Instant deadline = deadline(session(connection));
            long delay = Duration.between(Instant.now(), deadline).toMillis() + 500;
            JsseConnection.Answer answer = connection.get(slow(1) + "&delay=" + delay);
            assertTrue(answer.isLast());
            assertWhole(1, answer.body());
            assertEquals(0, connection.end());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {TLS12, TLS13})
    void answerThatNeverEndsIsCutAtTheTimeToCloseAndNotBefore(String protocol) throws IOException
    {
        try (JsseConnection connection = new JsseClient(jetty.port(), TWO, protocol).open())
        {
            Instant deadline = deadline(session(connection));
            connection.send(slow(100));
            assertThrows(IOException.class, connection::answer);
            assertBetween(deadline.plus(CLOSE_TIMEOUT), deadline.plus(CLOSE_TIMEOUT).plus(LATE));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {TLS12, TLS13})
    void resumedConnectionEndsAtTheDeadlineOfTheFullHandshake(String protocol) throws IOException
    {
        JsseClient client = new JsseClient(jetty.port(), TWO, protocol);
        Instant deadline;
        try (JsseConnection first = client.open())
        {
            deadline = deadline(session(first));
        }
        waitUntil(deadline.minus(DURATION.dividedBy(2)));
        try (JsseConnection resumed = client.open())
        {
            assertTrue(resumed.resumed());
            assertEquals(deadline, deadline(session(resumed)));
            assertEquals(0, resumed.end());
            assertBetween(deadline, deadline.plus(LATE));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {TLS12, TLS13})
    void http2ConnectionSaysGoAwayAtTheDeadlineAndFinishesItsStreams(String protocol) throws Exception
    {
        try (H2Client client = new H2Client(jetty.port(), TWO, protocol))
        {
            Instant deadline = deadline(HttpReply.json(new String(client.get(Probe.PATH).get(10, TimeUnit.SECONDS))));
            int chunks = chunksPast(deadline);
            List<CompletableFuture<byte[]>> downloads = new ArrayList<>();
            for (int i = 0; i < 3; i++)
            {
                downloads.add(client.get(slow(chunks)));
            }
            client.goAway().get(10, TimeUnit.SECONDS);
            assertBetween(deadline, deadline.plus(LATE));
            assertTrue(downloads.stream().noneMatch(CompletableFuture::isDone));
            assertThrows(ExecutionException.class, () -> client.get(Probe.PATH).get(10, TimeUnit.SECONDS));
            for (CompletableFuture<byte[]> download : downloads)
            {
                assertWhole(chunks, download.get(10, TimeUnit.SECONDS));
            }
            client.closed().get(10, TimeUnit.SECONDS);
            assertBetween(deadline, deadline.plus(CLOSE_TIMEOUT).plus(LATE));
        }
    }

    @Test
    void http2StreamThatNeverEndsIsCutAtTheTimeToCloseAndNotBefore() throws Exception
    {
        try (H2Client client = new H2Client(jetty.port(), TWO, TLS13))
        {
            Instant deadline = deadline(HttpReply.json(new String(client.get(Probe.PATH).get(10, TimeUnit.SECONDS))));
            CompletableFuture<byte[]> download = client.get(slow(100));
            client.closed().get(20, TimeUnit.SECONDS);
            assertBetween(deadline.plus(CLOSE_TIMEOUT), deadline.plus(CLOSE_TIMEOUT).plus(LATE));
            assertThrows(ExecutionException.class, () -> download.get(10, TimeUnit.SECONDS));
        }
    }

    @Test
    void nothingIsClosedAtTheDeadlineWhereTheSettingIsOff() throws Exception
    {
        try (JettyProcess off = base("open-off", false).start();
            JsseConnection connection = new JsseClient(off.port(), TWO, TLS13).open();
            H2Client http2 = new H2Client(off.port(), TWO, TLS13))
        {
            Instant deadline = deadline(session(connection));
            http2.get(Probe.PATH).get(10, TimeUnit.SECONDS);
            waitUntil(deadline.plus(CLOSE_TIMEOUT).plus(LATE));
            assertFalse(connection.get(Probe.PATH).isLast());
            assertFalse(http2.goAway().isDone());
            http2.get(Probe.PATH).get(10, TimeUnit.SECONDS);
        }
    }

    /**
     * The classes of HTTP/2 are there only where its module is, and under JPMS only what the module descriptors name is seen.
     */
    @ParameterizedTest
    @CsvSource({"--jpms,true", "--jpms,false", ",false"})
    void connectionsEndAlsoAsNamedModulesAndWithoutHttp2(String option, boolean http2) throws Exception
    {
        JettyBase base = ModuleBase.plain("open-modules")
            .property("jetty.tlsResumption.maxSessionDuration", "2")
            .property("jetty.tlsResumption.closeAtDeadline", "true")
            .property("jetty.tlsResumption.closeTimeout", "5");
        if (http2)
        {
            base.modules("http2");
        }
        try (JettyProcess other = option == null ? base.start() : base.start(option);
            JsseConnection connection = new JsseClient(other.port(), TWO, TLS13).open())
        {
            Instant begin = Instant.now();
            assertEquals(404, connection.get("/").status());
            if (http2)
            {
                try (H2Client client = new H2Client(other.port(), TWO, TLS13))
                {
                    client.goAway().get(10, TimeUnit.SECONDS);
                    client.closed().get(10, TimeUnit.SECONDS);
                }
            }
            assertEquals(0, connection.end());
            assertBetween(begin.plusSeconds(1), begin.plusSeconds(2).plus(LATE).plus(LATE));
            assertFalse(other.log().contains("NoClassDefFoundError") || other.log().contains("IllegalAccessError"), other::log);
        }
    }
}
