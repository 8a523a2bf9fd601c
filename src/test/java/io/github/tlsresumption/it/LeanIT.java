package io.github.tlsresumption.it;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static io.github.tlsresumption.it.ModuleBase.ONE;
import static io.github.tlsresumption.it.ModuleBase.TLS12;
import static io.github.tlsresumption.it.ModuleBase.TLS13;
import static io.github.tlsresumption.it.ModuleBase.TWO;
import static io.github.tlsresumption.it.ModuleBase.openSsl;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * What a server does on lean connectors is what it does on Jetty's own.
 */
@StartsProcesses
class LeanIT
{
    private static final long PATIENCE_SECONDS = 60;
    private static final Duration IDLE_TIMEOUT = Duration.ofSeconds(10);
    private static final int MANY = 10_000;

    private static JettyProcess jetty;
    private static Jmx jmx;

    @BeforeAll
    static void start()
    {
        jetty = ModuleBase.probed("lean", "ticket", "ticket")
            .modules("jmx", "http2", "tls-resumption-lean")
            .property("jetty.ssl.idleTimeout", String.valueOf(IDLE_TIMEOUT.toMillis()))
            .start();
        jmx = Jmx.connect(jetty);
    }

    @AfterAll
    static void stop()
    {
        if (jmx != null)
        {
            jmx.close();
        }
        if (jetty != null)
        {
            jetty.close();
        }
    }

    @Test
    @OnEachEngine
    void theSelectorsAnswer() throws Exception
    {
        assertEquals(true, jmx.attribute("io.github.tlsresumption.lean:type=leanconnector,*", "prompt"));
    }

    private static boolean resumed(OpenSsl client)
    {
        OpenSsl.Result result = client.connect();
        assertEquals(200, result.reply().status(), result::output);
        return result.reused();
    }

    @ParameterizedTest
    @ValueSource(strings = {TLS12, TLS13})
    @OnEachEngine
    void sessionsAreResumedAndForgotten(String protocol) throws Exception
    {
        OpenSsl client = openSsl(jetty, ONE, protocol);
        assertFalse(resumed(client));
        OpenSsl.Result next = client.copy().connect();
        assertTrue(next.reused(), next::output);
        jmx.invoke("forgetSession", (String)next.reply().json().get("id"));
        assertFalse(resumed(client));
        assertTrue(resumed(client));
    }

    /**
     * From the zip alone.
     */
    @ParameterizedTest
    @CsvSource({"12.0,", "12.0,--jpms", "12.1,--jpms"})
    void otherLinesAndNamedModulesResumeToo(String line, String option)
    {
        JettyBase base = JettyBase.create("lean-" + line).home(line.equals("12.0") ? JettyHome.jetty120() : JettyHome.path())
            .unzip(JettyHome.moduleZip());
        ModuleBase.engine(base.modules("https", "http2"))
            .modules("tls-resumption-lean")
            .keyStore(ModuleBase.twoHosts())
            .property("jetty.ssl.port", "0");
        try (JettyProcess other = option == null ? base.start() : base.startByStartJar(option))
        {
            for (String protocol : List.of(TLS12, TLS13))
            {
                OpenSsl client = OpenSsl.client(other.port()).host(ONE).protocol(protocol);
                OpenSsl.Result full = client.connect();
                assertFalse(full.reused(), full::output);
                OpenSsl.Result next = client.connect();
                assertTrue(next.reused(), next::output);
                assertEquals(404, next.reply().status(), next::output);
            }
            assertTrue(other.log().contains("LeanConnector@"), other::log);
            assertFalse(other.log().contains("ServerConnector@"), other::log);
        }
    }

    @Test
    @OnEachEngine
    void http2IsServed() throws Exception
    {
        try (H2Client client = new H2Client(jetty.port(), ONE, TLS13))
        {
            String body = new String(client.get(Probe.PATH).get(PATIENCE_SECONDS, TimeUnit.SECONDS), StandardCharsets.UTF_8);
            assertTrue(body.contains("\"protocol\""), body);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {TLS12, TLS13})
    @OnEachEngine
    void requestsThatWaitHoldUpNobodyElse(String protocol) throws Exception
    {
        List<CompletableFuture<Integer>> waiting = new ArrayList<>();
        for (int i = 0; i < 30; i++)
        {
            JsseClient client = new JsseClient(jetty.port(), TWO, protocol);
            String gate = protocol + i;
            waiting.add(CompletableFuture.supplyAsync(() -> status(client, "?before=" + gate), task -> new Thread(task, gate).start()));
        }
        JsseClient client = new JsseClient(jetty.port(), TWO, protocol);
        for (int i = 0; i < waiting.size(); i++)
        {
            assertEquals(200, status(client, "?reached=" + protocol + i));
            assertFalse(waiting.get(i).isDone());
        }
        for (int i = 0; i < waiting.size(); i++)
        {
            assertEquals(200, status(client, "?open=" + protocol + i));
            assertEquals(200, waiting.get(i).get(PATIENCE_SECONDS, TimeUnit.SECONDS));
        }
    }

    private static int status(JsseClient client, String query)
    {
        try
        {
            return client.get(Probe.PATH + query).reply().status();
        }
        catch (IOException e)
        {
            throw new AssertionError(e);
        }
    }

    /**
     * Some of them have sent the beginning of a ClientHello.
     */
    @Test
    @OnAnyJdk
    void tenThousandIdleConnectionsHoldUpNobodyAndAreClosed() throws IOException
    {
        List<SocketChannel> idle = new ArrayList<>();
        try
        {
            for (int i = 0; i < MANY; i++)
            {
                SocketChannel channel = SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), jetty.port()));
                idle.add(channel);
                if (i % 10 == 0)
                {
                    channel.write(ByteBuffer.wrap(new byte[]{22, 3, 1, 2, 0, 1}));
                }
            }
            OpenSsl client = openSsl(jetty, ONE, TLS13);
            assertFalse(resumed(client));
            assertTrue(resumed(client));
            for (SocketChannel channel : idle)
            {
                assertEquals(-1, ended(channel.socket()));
            }
        }
        finally
        {
            for (SocketChannel channel : idle)
            {
                channel.close();
            }
        }
    }

    /**
     * @return the end of its input, behind an alert where there is one
     */
    private static int ended(Socket socket) throws IOException
    {
        socket.setSoTimeout((int)TimeUnit.SECONDS.toMillis(PATIENCE_SECONDS));
        try
        {
            int read;
            do
            {
                read = socket.getInputStream().read(new byte[100]);
            }
            while (read > 0);
            return read;
        }
        catch (SocketTimeoutException e)
        {
            throw e;
        }
        catch (IOException e)
        {
            // Reset, since what it had sent was not read.
            return -1;
        }
    }

    @Test
    @OnEachEngine
    void theSecondConnectorIsLeanTooAndOpenConnectionsEndWithTheServer() throws Exception
    {
        JettyBase base = ModuleBase.probed("lean-stop", "ticket", "ticket")
            .modules("tls-resumption-lean", "tls-resumption-second-connector")
            .property("jetty.tlsResumption.second.port", "0")
            .property("jetty.tlsResumption.second.mode", "cache");
        try (JettyProcess other = base.start();
            JsseConnection open = new JsseClient(other.port(), ONE, TLS13).open();
            Socket silent = new Socket(InetAddress.getLoopbackAddress(), other.port()))
        {
            assertEquals(200, open.get(Probe.PATH).status());
            OpenSsl second = OpenSsl.client(other.port("second")).host(ONE).protocol(TLS13).path(Probe.PATH);
            assertFalse(resumed(second));
            OpenSsl.Result next = second.connect();
            assertTrue(next.reused(), next::output);
            assertEquals("cache", next.reply().json().get("mode"));
            other.stop();
            assertFalse(other.isAlive());
            assertEquals(-1, ended(silent));
            // Jetty warns of cipher suites at its start.
            assertFalse(other.log().replaceFirst("(?s).*: Started oejs\\.Server@", "").contains("WARN"), other::log);
        }
    }
}
