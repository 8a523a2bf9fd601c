package io.github.tlsresumption.lean;

import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.stream.Stream;

import io.github.tlsresumption.ResumptionSslContextFactory;
import io.github.tlsresumption.ServerKeyStore;
import io.github.tlsresumption.forget.ForgetLog;
import io.github.tlsresumption.it.Await;
import io.github.tlsresumption.it.JsseClient;
import io.github.tlsresumption.it.JsseConnection;
import io.github.tlsresumption.jetty.PromptIdentity;
import io.github.tlsresumption.keys.MemoryTicketKeyStore;
import io.github.tlsresumption.policy.ResumptionMode;
import io.github.tlsresumption.policy.SessionTerms;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.io.ManagedSelector;
import org.eclipse.jetty.io.SelectorManager;
import org.eclipse.jetty.io.SocketChannelEndPoint;
import org.eclipse.jetty.io.ssl.SslHandshakeListener;
import org.eclipse.jetty.server.ConnectionFactory;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.NetworkConnector;
import org.eclipse.jetty.server.ProxyConnectionFactory;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.strategy.AdaptiveExecutionStrategy;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class LeanConnectorTest
{
    private static final String HOST = "one.test";
    private static final String PASSWORD = "only-for-tests";
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final int RECORD_HEADER = 5;
    /** A resumed client's ChangeCipherSpec, Finished and request. */
    private static final int RECORDS_WITH_REQUEST = 3;

    @TempDir
    private static Path stores;

    private final Server server = new Server();
    private final CountDownLatch go = new CountDownLatch(1);
    private final CountDownLatch blocked = new CountDownLatch(1);
    private final ExecutorService background = Executors.newCachedThreadPool();

    @BeforeAll
    static void makeStore() throws Exception
    {
        ServerKeyStore.write(stores.resolve("server.p12"), HOST, PASSWORD);
    }

    @AfterEach
    void stop() throws Exception
    {
        go.countDown();
        background.shutdownNow();
        server.stop();
    }

    private static ResumptionSslContextFactory factory()
    {
        ResumptionSslContextFactory factory = new ResumptionSslContextFactory();
        factory.setKeyStorePath(stores.resolve("server.p12").toString());
        factory.setKeyStorePassword(PASSWORD);
        return factory;
    }

    private static ConnectionFactory[] protocols(ResumptionSslContextFactory factory)
    {
        return new ConnectionFactory[]{new SslConnectionFactory(factory, "http/1.1"), new HttpConnectionFactory()};
    }

    private JsseClient start(LeanConnector connector, String protocol) throws Exception
    {
        server.addConnector(connector);
        server.setHandler(new Handler.Abstract()
        {
            @Override
            public boolean handle(Request request, Response response, Callback callback) throws Exception
            {
                if (request.getHttpURI().getPath().equals("/late"))
                {
                    waitForGo();
                }
                Content.Sink.write(response, true, "ok", callback);
                return true;
            }
        });
        server.start();
        return new JsseClient(connector.getLocalPort(), HOST, protocol);
    }

    private void waitForGo()
    {
        blocked.countDown();
        try
        {
            go.await();
        }
        catch (InterruptedException e)
        {
            throw new IllegalStateException(e);
        }
    }

    private LeanConnector oneSelector()
    {
        return new LeanConnector(server, 0, 1, protocols(factory()));
    }

    private static int ask(JsseClient client, String path) throws IOException
    {
        try (JsseConnection connection = client.open())
        {
            return connection.get(path).status();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void sessionsAreResumed(String protocol) throws Exception
    {
        JsseClient client = start(oneSelector(), protocol);
        List<Boolean> resumed = new ArrayList<>();
        for (int i = 0; i < 3; i++)
        {
            try (JsseConnection connection = client.open())
            {
                assertEquals(200, connection.get("/").status());
                assertEquals(200, connection.get("/").status());
                resumed.add(connection.resumed());
            }
        }
        assertEquals(List.of(false, true, true), resumed);
    }

    /**
     * The selector's thread reads again after it has answered a ClientHello, and a client may have sent its request by then.
     */
    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void aRequestThatComesRightBehindTheHandshakeDoesNotHoldUpTheSelector(String protocol) throws Exception
    {
        AtomicBoolean hurried = new AtomicBoolean();
        LeanConnector connector = new LeanConnector(server, 0, 1, protocols(factory()))
        {
            @Override
            protected SocketChannelEndPoint newEndPoint(SocketChannel channel, ManagedSelector selector, SelectionKey key)
            {
                return new SocketChannelEndPoint(channel, selector, key, getScheduler())
                {
                    private int reads;

                    @Override
                    public int fill(ByteBuffer buffer) throws IOException
                    {
                        int filled = super.fill(buffer);
                        reads++;
                        // Behind its ClientHello the client's answer is waited for, and its request.
                        while (hurried.get() && reads == 2 && records(buffer) < RECORDS_WITH_REQUEST)
                        {
                            Thread.onSpinWait();
                            filled = Math.max(0, filled) + super.fill(buffer);
                        }
                        return filled;
                    }
                };
            }
        };
        JsseClient client = start(connector, protocol);
        assertTrue(connector.isPrompt());
        assertEquals(200, ask(client, "/"));
        hurried.set(true);
        Future<Integer> late = background.submit(() -> ask(client, "/late"));
        assertTrue(blocked.await(PATIENCE.toSeconds(), TimeUnit.SECONDS));
        hurried.set(false);
        JsseClient another = new JsseClient(connector.getLocalPort(), HOST, protocol);
        assertEquals(200, background.submit(() -> ask(another, "/")).get(PATIENCE.toSeconds(), TimeUnit.SECONDS));
        assertFalse(late.isDone());
        go.countDown();
        assertEquals(200, late.get(PATIENCE.toSeconds(), TimeUnit.SECONDS));
    }

    /**
     * @return how many records of TLS are there as a whole
     */
    private static int records(ByteBuffer buffer)
    {
        int count = 0;
        int next = buffer.position();
        while (next + RECORD_HEADER <= buffer.limit())
        {
            next += RECORD_HEADER + Short.toUnsignedInt(buffer.getShort(next + RECORD_HEADER - Short.BYTES));
            count += next <= buffer.limit() ? 1 : 0;
        }
        return count;
    }

    @Test
    void blockedHandlersHoldUpNobodyElse() throws Exception
    {
        JsseClient client = start(oneSelector(), "TLSv1.3");
        List<Future<Integer>> late = new ArrayList<>();
        for (int i = 0; i < 20; i++)
        {
            late.add(background.submit(() -> ask(client, "/late")));
        }
        assertTrue(blocked.await(PATIENCE.toSeconds(), TimeUnit.SECONDS));
        for (int i = 0; i < 20; i++)
        {
            assertEquals(200, background.submit(() -> ask(client, "/")).get(PATIENCE.toSeconds(), TimeUnit.SECONDS));
        }
        go.countDown();
        for (Future<Integer> one : late)
        {
            assertEquals(200, one.get(PATIENCE.toSeconds(), TimeUnit.SECONDS));
        }
    }

    @Test
    void halfAHelloHoldsUpNobody() throws Exception
    {
        LeanConnector connector = oneSelector();
        JsseClient client = start(connector, "TLSv1.3");
        List<Socket> slow = new ArrayList<>();
        for (int i = 0; i < 10; i++)
        {
            Socket socket = new Socket(InetAddress.getLoopbackAddress(), connector.getLocalPort());
            socket.getOutputStream().write(new byte[]{22, 3, 1, 2, 0, 1});
            slow.add(socket);
        }
        assertEquals(200, ask(client, "/"));
        for (Socket socket : slow)
        {
            socket.close();
        }
        Await.until(PATIENCE, () -> connector.getConnectedEndPoints().isEmpty(), () -> connector.getConnectedEndPoints().toString());
    }

    @Test
    void idleConnectionsEnd() throws Exception
    {
        LeanConnector connector = oneSelector();
        connector.setIdleTimeout(100);
        JsseClient client = start(connector, "TLSv1.3");
        try (JsseConnection connection = client.open();
            Socket silent = new Socket(InetAddress.getLoopbackAddress(), connector.getLocalPort()))
        {
            assertEquals(200, connection.get("/").status());
            InputStream in = silent.getInputStream();
            assertEquals(-1, in.read());
            Await.until(PATIENCE, () -> connector.getConnectedEndPoints().isEmpty(), () -> connector.getConnectedEndPoints().toString());
            assertThrows(IOException.class, () -> connection.get("/"));
        }
    }

    @Test
    void listenersHearOfEachConnectionOnce() throws Exception
    {
        LeanConnector connector = oneSelector();
        ConcurrentLinkedQueue<String> heard = new ConcurrentLinkedQueue<>();
        connector.addBean(new Connection.Listener()
        {
            @Override
            public void onOpened(Connection connection)
            {
                heard.add("+" + connection.getClass().getSimpleName());
            }

            @Override
            public void onClosed(Connection connection)
            {
                heard.add("-" + connection.getClass().getSimpleName());
            }
        });
        JsseClient client = start(connector, "TLSv1.3");
        assertEquals(200, ask(client, "/"));
        Await.until(PATIENCE, () -> heard.size() == 4, heard::toString);
        List<String> expected = List.of("+HttpConnection", "+PromptConnection", "-HttpConnection", "-PromptConnection");
        assertEquals(expected, heard.stream().sorted().toList());
    }

    @Test
    void openConnectionsEndWithTheServer() throws Exception
    {
        LeanConnector connector = oneSelector();
        JsseClient client = start(connector, "TLSv1.3");
        try (JsseConnection connection = client.open();
            Socket silent = new Socket(InetAddress.getLoopbackAddress(), connector.getLocalPort()))
        {
            assertEquals(200, connection.get("/").status());
            Await.until(PATIENCE, () -> connector.getConnectedEndPoints().size() == 2, () -> connector.getConnectedEndPoints().toString());
            server.stop();
            assertEquals(-1, silent.getInputStream().read());
            assertThrows(IOException.class, () -> connection.get("/"));
            assertEquals(0, connector.getConnectedEndPoints().size());
        }
        server.start();
        assertEquals(200, ask(new JsseClient(connector.getLocalPort(), HOST, "TLSv1.3"), "/"));
    }

    static Stream<Arguments> factoriesThatMayWait()
    {
        return Stream.of(
            mayWait("client certificates that are wanted", factory -> factory.setWantClientAuth(true)),
            mayWait("a selector of certificates of the application's own", factory -> factory.setSNISelector(factory::sniSelect)),
            mayWait("a policy of the application's own", factory -> factory.setSessionPolicy(client ->
                new SessionTerms(ResumptionMode.TICKET, Duration.ofHours(1)))),
            mayWait("a store of the application's own", factory -> factory.setTicketKeyStore(new MemoryTicketKeyStore())),
            mayWait("a forget log of the application's own", factory -> factory.setForgetLog(ForgetLog.none())));
    }

    private static Arguments mayWait(String why, Consumer<ResumptionSslContextFactory> setting)
    {
        ResumptionSslContextFactory factory = factory();
        setting.accept(factory);
        return Arguments.of(why, factory);
    }

    /**
     * A strategy that consumes what it has produced is a selector that does its tasks itself.
     */
    private long doneBySelectors()
    {
        return server.getContainedBeans(AdaptiveExecutionStrategy.class).stream()
            .mapToLong(AdaptiveExecutionStrategy::getPCTasksConsumed)
            .sum();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("factoriesThatMayWait")
    void whatMayWaitIsNotTheSelectors(String why, ResumptionSslContextFactory factory) throws Exception
    {
        LeanConnector connector = new LeanConnector(server, 1, 1, protocols(factory));
        JsseClient client = start(connector, "TLSv1.3");
        assertFalse(connector.isPrompt(), why);
        assertEquals(200, ask(client, "/"));
        assertEquals(0, doneBySelectors());
    }

    @Test
    void aHelloIsTheSelectorsAndTheRequestIsNot() throws Exception
    {
        LeanConnector connector = oneSelector();
        JsseClient client = start(connector, "TLSv1.3");
        assertTrue(connector.isPrompt());
        assertEquals(200, ask(client, "/"));
        assertEquals(1, doneBySelectors());
        assertEquals(200, ask(client, "/"));
        assertEquals(2, doneBySelectors());
    }

    @Test
    void keysInATokenAreNot()
    {
        ResumptionSslContextFactory token = factory();
        token.setKeyStoreType("PKCS11");
        assertFalse(PromptIdentity.of(token));
        ResumptionSslContextFactory provider = factory();
        provider.setKeyStoreProvider("of a token");
        assertFalse(PromptIdentity.of(provider));
        assertTrue(PromptIdentity.of(factory()));
    }

    /**
     * Its thread would call them.
     */
    @ParameterizedTest
    @ValueSource(classes = {Connection.Listener.class, SslHandshakeListener.class, SelectorManager.AcceptListener.class})
    void whereTheApplicationListensNothingIsTheSelectors(Class<?> listener) throws Exception
    {
        LeanConnector connector = oneSelector();
        connector.addBean(Proxy.newProxyInstance(getClass().getClassLoader(), new Class<?>[]{listener}, (proxy, method, arguments) ->
            switch (method.getName())
            {
                case "hashCode" -> 1;
                case "equals" -> arguments[0] == proxy;
                default -> null;
            }));
        JsseClient client = start(connector, "TLSv1.3");
        assertFalse(connector.isPrompt());
        assertEquals(200, ask(client, "/"));
        assertEquals(0, doneBySelectors());
    }

    @Test
    void whileTheKeyStoreIsReloadedNothingIsTheSelectors() throws Exception
    {
        ResumptionSslContextFactory factory = factory();
        LeanConnector connector = new LeanConnector(server, 0, 1, protocols(factory));
        JsseClient client = start(connector, "TLSv1.3");
        try (JsseConnection open = client.open())
        {
            assertEquals(200, open.get("/").status());
            Future<?> reload = background.submit(() ->
            {
                factory.reload(same -> waitForGo());
                return null;
            });
            assertTrue(blocked.await(PATIENCE.toSeconds(), TimeUnit.SECONDS));
            assertFalse(connector.isPrompt());
            Future<Integer> waits = background.submit(() -> ask(client, "/"));
            Await.until(PATIENCE, () -> connector.getSelectorManager().getTotalKeys() > 2, () -> "no second connection");
            assertEquals(200, open.get("/").status());
            assertFalse(waits.isDone());
            go.countDown();
            reload.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            assertEquals(200, waits.get(PATIENCE.toSeconds(), TimeUnit.SECONDS));
            assertTrue(connector.isPrompt());
        }
    }

    /**
     * The handshake is driven by what the server writes.
     */
    @Test
    void aProtocolInWhichTheServerSpeaksFirstIsServed() throws Exception
    {
        LeanConnector connector = new LeanConnector(server, 0, 1, new SslConnectionFactory(factory(), Greeting.NAME), new Greeting());
        JsseClient client = start(connector, "TLSv1.3");
        try (JsseConnection connection = client.open())
        {
            assertEquals(200, connection.answer().status());
        }
        Await.until(PATIENCE, () -> connector.getConnectedEndPoints().isEmpty(), () -> connector.getConnectedEndPoints().toString());
    }

    /**
     * There is a ClientHello, or its beginning, before TLS is.
     */
    @Test
    void behindAProxySessionsAreResumed() throws Exception
    {
        LeanConnector connector = new LeanConnector(server, 0, 1, protocols(factory()));
        connector.addFirstConnectionFactory(new ProxyConnectionFactory("SSL"));
        JsseClient client = start(connector, "TLSv1.3").behindProxy("PROXY TCP4 192.0.2.1 192.0.2.2 12345 443\r\n");
        assertFalse(client.get("/").resumed());
        assertTrue(client.get("/").resumed());
        assertTrue(connector.isPrompt());
    }

    @Test
    void aPolicyThatWaitsHoldsUpNobodyElse() throws Exception
    {
        ResumptionSslContextFactory factory = factory();
        factory.setSessionPolicy(client ->
        {
            if (client.remoteHost().equals(Optional.of("127.0.0.2")))
            {
                waitForGo();
            }
            return new SessionTerms(ResumptionMode.TICKET, Duration.ofHours(1));
        });
        LeanConnector connector = new LeanConnector(server, 0, 1, protocols(factory));
        JsseClient client = start(connector, "TLSv1.3");
        assertFalse(connector.isPrompt());
        JsseClient waits = new JsseClient(connector.getLocalPort(), HOST, "TLSv1.3").from("127.0.0.2");
        Future<Integer> late = background.submit(() -> ask(waits, "/"));
        assertTrue(blocked.await(PATIENCE.toSeconds(), TimeUnit.SECONDS));
        assertEquals(200, background.submit(() -> ask(client, "/")).get(PATIENCE.toSeconds(), TimeUnit.SECONDS));
        go.countDown();
        assertEquals(200, late.get(PATIENCE.toSeconds(), TimeUnit.SECONDS));
    }

    @Test
    void itTakesOverAllThatTheStockConnectorHas() throws Exception
    {
        ServerConnector stock = new ServerConnector(server, 1, 3, protocols(factory()));
        stock.setName("first");
        stock.setDefaultProtocol("http/1.1");
        stock.setHost("127.0.0.1");
        stock.setPort(12_345);
        stock.setInheritChannel(true);
        stock.setIdleTimeout(1_234);
        stock.setShutdownIdleTimeout(567);
        stock.setAcceptorPriorityDelta(-1);
        stock.setAcceptQueueSize(77);
        stock.setReuseAddress(false);
        stock.setReusePort(true);
        stock.setAcceptedTcpNoDelay(false);
        stock.setAcceptedReceiveBufferSize(4_567);
        stock.setAcceptedSendBufferSize(7_654);
        SslConnectionFactory ssl = stock.getConnectionFactory(SslConnectionFactory.class);
        ssl.setDirectBuffersForEncryption(true);
        ssl.setDirectBuffersForDecryption(true);
        ssl.setInputBufferSize(23_456);
        ssl.setEnsureSecureRequestCustomizer(false);
        Connection.Listener listener = new Connection.Listener()
        {
        };
        ssl.addBean(listener);
        NetworkConnector.Listener heard = new NetworkConnector.Listener()
        {
        };
        stock.addEventListener(heard);
        ServerConnector later = new ServerConnector(server);
        server.addConnector(stock);
        server.addConnector(later);
        LeanConnector lean = LeanConnector.replace(server, stock);
        assertEquals(List.of(lean, later), List.of(server.getConnectors()));
        assertTrue(lean.getEventListeners().contains(heard));
        assertEquals(settings(stock, ServerConnector.class), settings(lean, ServerConnector.class));
        LeanSslConnectionFactory found = assertInstanceOf(LeanSslConnectionFactory.class, lean.getConnectionFactory("SSL"));
        assertEquals(settings(ssl, SslConnectionFactory.class), settings(found, SslConnectionFactory.class));
        assertSame(listener, found.getBean(Connection.Listener.class));
    }

    private static Map<String, Object> settings(Object bean, Class<?> type) throws Exception
    {
        Map<String, Object> settings = new TreeMap<>();
        for (Method method : type.getMethods())
        {
            boolean getter = method.getName().matches("(get|is)[A-Z].*") && method.getParameterCount() == 0;
            boolean plain = method.getReturnType().isPrimitive() || method.getReturnType() == String.class;
            if (getter && plain && !method.getName().equals("getLastSelectionTimestamp"))
            {
                settings.put(method.getName(), method.invoke(bean));
            }
        }
        settings.remove("hashCode");
        return settings;
    }

    @Test
    void byDefaultItHasAsManyThreadsAsJettys()
    {
        LeanConnector lean = new LeanConnector(server, protocols(factory()));
        ServerConnector stock = new ServerConnector(server);
        assertEquals(stock.getAcceptors(), lean.getAcceptors());
        assertEquals(stock.getSelectorManager().getSelectorCount(), lean.getSelectorManager().getSelectorCount());
    }

    @Test
    void aServerThatRunsKeepsItsConnector() throws Exception
    {
        ServerConnector stock = new ServerConnector(server, 1, 1, protocols(factory()));
        server.addConnector(stock);
        server.start();
        assertThrows(IllegalStateException.class, () -> LeanConnector.replace(server, stock));
        assertEquals(List.of(stock), List.of(server.getConnectors()));
    }
}
