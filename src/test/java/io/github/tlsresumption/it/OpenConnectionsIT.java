package io.github.tlsresumption.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
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
 * Connections to a real Jetty that are open when their session's deadline passes end as {@code closeAtDeadline} says.
 */
@StartsProcesses
@OnEachEngine
class OpenConnectionsIT
{
    private static final Duration DURATION = Duration.ofHours(1);
    /** Of the server that cuts nothing. */
    private static final Duration PATIENT = Duration.ofHours(1);
    /** Of the server that cuts, which counts it in time that nobody can move. */
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(3);
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final long PATIENCE_SECONDS = 30;
    private static final String TIMEOUT = "jetty.tlsResumption.closeTimeout";
    private static final AtomicInteger GATES = new AtomicInteger();

    private static WallClock clock;
    private static JettyProcess jetty;
    private static JettyProcess cutting;

    @BeforeAll
    static void start()
    {
        clock = WallClock.real();
        jetty = base("open", true).property(TIMEOUT, String.valueOf(PATIENT.toSeconds())).start();
        cutting = base("cutting", true).start();
    }

    @AfterAll
    static void stop()
    {
        for (JettyProcess started : new JettyProcess[] {jetty, cutting})
        {
            if (started != null)
            {
                started.close();
            }
        }
    }

    /**
     * The clock has gone on by hours. A server makes a new ticket key as soon as it notices, and until then resumes nothing.
     */
    @BeforeEach
    void aTicketKeySeals()
    {
        for (JettyProcess server : new JettyProcess[] {jetty, cutting})
        {
            Await.until(Duration.ofSeconds(PATIENCE_SECONDS), () -> resumes(server), server::log);
        }
    }

    private static boolean resumes(JettyProcess server)
    {
        JsseClient client = new JsseClient(server.port(), TWO, TLS13);
        try
        {
            client.get(Probe.PATH);
            return client.get(Probe.PATH).resumed();
        }
        catch (IOException e)
        {
            throw new UncheckedIOException(e);
        }
    }

    private static JettyBase base(String name, boolean close)
    {
        return closing(ModuleBase.probed(name, "ticket", "cache").modules("http2"), close);
    }

    private static JettyBase closing(JettyBase base, boolean close)
    {
        return base.clock(clock)
            .property("jetty.tlsResumption.maxSessionDuration", String.valueOf(DURATION.toSeconds()))
            .property("jetty.tlsResumption.closeAtDeadline", String.valueOf(close))
            .property(TIMEOUT, String.valueOf(CLOSE_TIMEOUT.toSeconds()));
    }

    private static String newGate()
    {
        return "g" + GATES.incrementAndGet();
    }

    private static String through(String... gates)
    {
        return Probe.PATH + "?gates=" + String.join(",", gates);
    }

    private static String behind(String gate)
    {
        return Probe.PATH + "?before=" + gate;
    }

    private static void ask(JettyProcess server, String query) throws IOException
    {
        assertEquals(200, new JsseClient(server.port(), TWO, TLS13).get(Probe.PATH + query).reply().status());
    }

    private static void awaitReached(JettyProcess server, String gate) throws IOException
    {
        ask(server, "?reached=" + gate);
    }

    private static void awaitReached(String gate) throws IOException
    {
        awaitReached(jetty, gate);
    }

    private static void open(String gate) throws IOException
    {
        ask(jetty, "?open=" + gate);
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

    /**
     * Ends all sessions that were established before, and waits until the server has noticed, by a connection that had nothing to do.
     */
    private static void endAllSessions() throws IOException
    {
        try (JsseConnection idle = new JsseClient(jetty.port(), TWO, TLS13).open())
        {
            clock.moveTo(deadline(session(idle)).plus(SECOND));
            assertEquals(0, idle.end());
        }
    }

    private static void assertNotEarly(long sessionEnded)
    {
        Duration taken = Duration.ofNanos(System.nanoTime() - sessionEnded);
        assertFalse(taken.compareTo(CLOSE_TIMEOUT) < 0, () -> "cut after " + taken);
    }

    @ParameterizedTest
    @ValueSource(strings = {TLS12, TLS13})
    void idleConnectionIsClosedAtTheDeadlineAndTheNextOneDoesAFullHandshake(String protocol) throws IOException
    {
        JsseClient client = new JsseClient(jetty.port(), TWO, protocol);
        try (JsseConnection connection = client.open())
        {
            Instant deadline = deadline(session(connection));
            clock.moveTo(deadline.minus(Duration.ofMinutes(5)));
            assertFalse(connection.get(Probe.PATH).isLast(), "ended early");
            clock.moveTo(deadline.plus(SECOND));
            assertEquals(0, connection.end());
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
    void idleConnectionGetsACloseNotifyAndOneThatIsCutDoesNot(String protocol) throws Exception
    {
        String gate = newGate();
        CompletableFuture<OpenSsl.Result> idle = connecting(jetty, protocol, behind(gate));
        awaitReached(gate);
        open(gate);
        endAllSessions();
        OpenSsl.Result closed = idle.get(PATIENCE_SECONDS, TimeUnit.SECONDS);

        String never = newGate();
        CompletableFuture<OpenSsl.Result> busy = connecting(cutting, protocol, through(never));
        awaitReached(cutting, never);
        long ended = System.nanoTime();
        clock.move(DURATION.plus(SECOND));
        OpenSsl.Result cut = busy.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        assertNotEarly(ended);
        assertAll(
            () -> assertEquals(200, closed.reply().status(), closed::output),
            () -> assertFalse(closed.output().contains("unexpected eof"), closed::output),
            () -> assertEquals(0, closed.exit(), closed::output),
            () -> assertTrue(cut.output().contains("unexpected eof"), "no unexpected eof"));
    }

    private static CompletableFuture<OpenSsl.Result> connecting(JettyProcess server, String protocol, String path)
    {
        OpenSsl client = ModuleBase.openSsl(server, TWO, protocol).keepAlive().path(path);
        return CompletableFuture.supplyAsync(client::connect);
    }

    @ParameterizedTest
    @ValueSource(strings = {TLS12, TLS13})
    void downloadThatRunsAtTheDeadlineArrivesWholeAndIsTheLast(String protocol) throws IOException
    {
        String gate = newGate();
        try (JsseConnection connection = new JsseClient(jetty.port(), TWO, protocol).open())
        {
            connection.send(through(gate), Probe.PATH);
            awaitReached(gate);
            endAllSessions();
            open(gate);
            JsseConnection.Answer answer = connection.answer();
            assertFalse(answer.isLast(), "was committed before");
            assertWhole(2, answer.body());
            assertEquals(0, connection.end(), "the request that was sent ahead must not be answered");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {TLS12, TLS13})
    void answerThatBeginsAfterTheDeadlineSaysThatItIsTheLast(String protocol) throws IOException
    {
        String gate = newGate();
        try (JsseConnection connection = new JsseClient(jetty.port(), TWO, protocol).open())
        {
            connection.send(behind(gate));
            awaitReached(gate);
            endAllSessions();
            open(gate);
            JsseConnection.Answer answer = connection.answer();
            assertTrue(answer.isLast());
            assertEquals(200, answer.status());
            assertEquals(0, connection.end());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {TLS12, TLS13})
    void answerThatNeverEndsIsCutAtTheTimeToCloseAndNotBefore(String protocol) throws IOException
    {
        String never = newGate();
        try (JsseConnection connection = new JsseClient(cutting.port(), TWO, protocol).open())
        {
            connection.send(through(never));
            awaitReached(cutting, never);
            long ended = System.nanoTime();
            clock.move(DURATION.plus(SECOND));
            assertThrows(IOException.class, connection::answer);
            assertNotEarly(ended);
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
        clock.moveTo(deadline.minus(DURATION.dividedBy(2)));
        try (JsseConnection resumed = client.open())
        {
            assertTrue(resumed.resumed());
            assertEquals(deadline, deadline(session(resumed)));
            clock.moveTo(deadline.plus(SECOND));
            assertEquals(0, resumed.end());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {TLS12, TLS13})
    void http2ConnectionSaysGoAwayAtTheDeadlineAndFinishesItsStreams(String protocol) throws Exception
    {
        List<String> gates = List.of(newGate(), newGate(), newGate());
        try (H2Client client = new H2Client(jetty.port(), TWO, protocol))
        {
            Instant deadline = deadline(HttpReply.json(new String(client.get(Probe.PATH).get(PATIENCE_SECONDS, TimeUnit.SECONDS))));
            List<CompletableFuture<byte[]>> downloads = new ArrayList<>();
            for (String gate : gates)
            {
                downloads.add(client.get(through(gate)));
                awaitReached(gate);
            }
            assertFalse(client.goAway().isDone(), "ended early");
            clock.moveTo(deadline.plus(SECOND));
            client.goAway().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            assertTrue(downloads.stream().noneMatch(CompletableFuture::isDone));
            assertThrows(ExecutionException.class, () -> client.get(Probe.PATH).get(PATIENCE_SECONDS, TimeUnit.SECONDS));
            for (int i = 0; i < gates.size(); i++)
            {
                open(gates.get(i));
                assertWhole(2, downloads.get(i).get(PATIENCE_SECONDS, TimeUnit.SECONDS));
            }
            client.closed().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        }
    }

    @Test
    void http2StreamThatNeverEndsIsCutAtTheTimeToCloseAndNotBefore() throws Exception
    {
        String never = newGate();
        try (H2Client client = new H2Client(cutting.port(), TWO, TLS13))
        {
            Instant deadline = deadline(HttpReply.json(new String(client.get(Probe.PATH).get(PATIENCE_SECONDS, TimeUnit.SECONDS))));
            CompletableFuture<byte[]> download = client.get(through(never));
            awaitReached(cutting, never);
            long ended = System.nanoTime();
            clock.moveTo(deadline.plus(SECOND));
            client.goAway().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            client.closed().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            assertNotEarly(ended);
            assertThrows(ExecutionException.class, () -> download.get(PATIENCE_SECONDS, TimeUnit.SECONDS));
        }
    }

    @Test
    void nothingIsClosedAtTheDeadlineWhereTheSettingIsOff() throws Exception
    {
        try (JettyProcess off = base("open-off", false).start();
            JsseConnection connection = new JsseClient(off.port(), TWO, TLS13).open();
            H2Client http2 = new H2Client(off.port(), TWO, TLS13))
        {
            assertFalse(connection.get(Probe.PATH).isLast());
            http2.get(Probe.PATH).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            // Two sweeps of the other server, one after the other.
            endAllSessions();
            endAllSessions();
            assertFalse(connection.get(Probe.PATH).isLast());
            assertFalse(http2.goAway().isDone());
            http2.get(Probe.PATH).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        }
    }

    /**
     * The classes of HTTP/2 are there only where its module is, and under JPMS only what the module descriptors name is seen.
     */
    @ParameterizedTest
    @CsvSource({"--jpms,true", "--jpms,false", ",false"})
    void connectionsEndAlsoAsNamedModulesAndWithoutHttp2(String option, boolean http2) throws Exception
    {
        JettyBase base = closing(ModuleBase.plain("open-modules"), true);
        if (http2)
        {
            base.modules("http2");
        }
        try (JettyProcess other = option == null ? base.start() : base.start(option);
            JsseConnection connection = new JsseClient(other.port(), TWO, TLS13).open())
        {
            assertEquals(404, connection.get("/").status());
            Instant established = clock.instant();
            if (http2)
            {
                try (H2Client client = new H2Client(other.port(), TWO, TLS13))
                {
                    // The client is ready before the server is, whose session would begin after the clock was moved.
                    client.get("/").get(PATIENCE_SECONDS, TimeUnit.SECONDS);
                    clock.moveTo(established.plus(DURATION).plus(SECOND));
                    client.goAway().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
                    client.closed().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
                }
            }
            clock.moveTo(established.plus(DURATION));
            assertEquals(0, connection.end());
            assertFalse(other.log().contains("NoClassDefFoundError") || other.log().contains("IllegalAccessError"), other::log);
        }
    }
}
