package io.github.tlsresumption.jetty;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

import io.github.tlsresumption.ResumptionSslContextFactory;
import io.github.tlsresumption.ServerKeyStore;
import io.github.tlsresumption.it.JsseClient;
import io.github.tlsresumption.it.JsseConnection;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.logging.JettyLogger;
import org.eclipse.jetty.logging.StdErrAppender;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * Connectors that come to a server by other ways than before its start, as frameworks add them.
 */
class ConnectorWatchTest
{
    private static final String HOST = "one.test";
    private static final String PASSWORD = "only-for-tests";

    @TempDir
    private static Path stores;

    private final Server server = new Server();
    private final StdErrAppender appender =
        (StdErrAppender)((JettyLogger)LoggerFactory.getLogger(ResumptionSslContextFactory.class)).getAppender();
    private final PrintStream before = appender.getStream();
    private final ByteArrayOutputStream log = new ByteArrayOutputStream();

    @BeforeAll
    static void makeStore() throws Exception
    {
        ServerKeyStore.write(stores.resolve("server.p12"), HOST, PASSWORD);
    }

    @AfterEach
    void stop() throws Exception
    {
        server.stop();
        appender.setStream(before);
    }

    private ResumptionSslContextFactory factory()
    {
        appender.setStream(new PrintStream(log, true, StandardCharsets.UTF_8));
        ResumptionSslContextFactory factory = new ResumptionSslContextFactory();
        factory.setKeyStorePath(stores.resolve("server.p12").toString());
        factory.setKeyStorePassword(PASSWORD);
        server.setHandler(new Handler.Abstract()
        {
            @Override
            public boolean handle(Request request, Response response, Callback callback)
            {
                response.getHeaders().put(HttpHeader.CONTENT_TYPE, "text/plain");
                if (Request.getPathInContext(request).equals("/alice"))
                {
                    request.setAttribute(SessionCustomizer.PRINCIPAL, "alice");
                }
                Content.Sink.write(response, true, String.valueOf(request.getAttribute(SessionCustomizer.MODE)), callback);
                return true;
            }
        });
        return factory;
    }

    private ServerConnector connector(ResumptionSslContextFactory factory)
    {
        return new ServerConnector(server, factory, new HttpConnectionFactory(new HttpConfiguration()));
    }

    private void assertCustomized(ResumptionSslContextFactory factory, ServerConnector connector) throws IOException
    {
        try (JsseConnection connection = new JsseClient(connector.getLocalPort(), HOST, "TLSv1.3").open())
        {
            assertEquals("ticket", new String(connection.get("/alice").body(), StandardCharsets.UTF_8));
            factory.forgetPrincipal("alice");
            // Ended, since closeAtDeadline says so.
            assertEquals(0, connection.end());
        }
        assertEquals("", warnings());
    }

    private String warnings()
    {
        return String.join("\n", log.toString(StandardCharsets.UTF_8).lines().filter(line -> line.contains(":WARN")).toList());
    }

    @Test
    void connectorsThatAreTakenOffBeforeTheStartAndAddedAfterIt() throws Exception
    {
        ResumptionSslContextFactory factory = factory();
        factory.setCloseAtDeadline(true);
        ServerConnector connector = connector(factory);
        server.addConnector(connector);
        ResumptionSslContextFactory.customize(server);
        Connector[] connectors = server.getConnectors();
        server.setConnectors(null);
        server.start();
        server.setConnectors(connectors);
        connector.start();
        assertCustomized(factory, connector);
    }

    @Test
    void aConnectorOfARunningServer() throws Exception
    {
        ResumptionSslContextFactory factory = factory();
        factory.setCloseAtDeadline(true);
        ResumptionSslContextFactory.customize(server);
        ResumptionSslContextFactory.customize(server);
        assertEquals(1, server.getBeans(ConnectorWatch.class).size());
        server.start();
        ServerConnector connector = connector(factory);
        server.addConnector(connector);
        connector.start();
        assertCustomized(factory, connector);
    }

    @Test
    void aConnectorThatGetsItsProtocolsAfterItWasAdded() throws Exception
    {
        ResumptionSslContextFactory factory = factory();
        factory.setCloseAtDeadline(true);
        ResumptionSslContextFactory.customize(server);
        server.start();
        ServerConnector connector = new ServerConnector(server);
        connector.clearConnectionFactories();
        server.addConnector(connector);
        connector.addConnectionFactory(new SslConnectionFactory(factory, "http/1.1"));
        connector.addConnectionFactory(new HttpConnectionFactory(new HttpConfiguration()));
        connector.start();
        assertCustomized(factory, connector);
    }

    @Test
    void aFactoryThatStartsWithTheServerBeforeItHasAConnector() throws Exception
    {
        ResumptionSslContextFactory factory = factory();
        factory.setCloseAtDeadline(true);
        ResumptionSslContextFactory.customize(server);
        server.addBean(factory);
        server.start();
        assertTrue(factory.isStarted());
        ServerConnector connector = connector(factory);
        server.addConnector(connector);
        connector.start();
        assertCustomized(factory, connector);
    }

    @Test
    void settingsOfTheNextStartCount() throws Exception
    {
        ResumptionSslContextFactory factory = factory();
        ServerConnector connector = connector(factory);
        server.addConnector(connector);
        ResumptionSslContextFactory.customize(server);
        server.start();
        server.stop();
        factory.setCloseAtDeadline(true);
        server.start();
        assertCustomized(factory, connector);
    }

    @Test
    void aFactoryWithoutCustomizedServerSaysSoOnce() throws Exception
    {
        ResumptionSslContextFactory factory = factory();
        ServerConnector connector = connector(factory);
        server.addConnector(connector);
        server.start();
        JsseClient client = new JsseClient(connector.getLocalPort(), HOST, "TLSv1.3");
        assertEquals("null", client.get("/").reply().body());
        assertTrue(client.get("/").resumed());
        List<String> lines = warnings().lines().toList();
        assertEquals(1, lines.size(), lines::toString);
        assertTrue(lines.get(0).contains("ResumptionSslContextFactory.customize(server)"), lines::toString);
    }

    @Test
    void secureGivesTlsToConnectorsThatHaveNone() throws Exception
    {
        ResumptionSslContextFactory factory = factory();
        factory.setCloseAtDeadline(true);
        ServerConnector connector = new ServerConnector(server);
        server.addConnector(connector);
        factory.secure(server);
        server.start();
        assertCustomized(factory, connector);
        HttpConfiguration http = connector.getConnectionFactory(HttpConnectionFactory.class).getHttpConfiguration();
        assertEquals(1, http.getCustomizers().stream().filter(SessionCustomizer.class::isInstance).count());
        assertFalse(new JsseClient(connector.getLocalPort(), HOST, "TLSv1.2").get("/").resumed());
    }

    @Test
    void secureRefusesAConnectorThatHasTls()
    {
        server.addConnector(new ServerConnector(server, new SslContextFactory.Server(), new HttpConnectionFactory()));
        Exception failure = assertThrows(IllegalStateException.class, () -> factory().secure(server));
        assertTrue(failure.getMessage().contains("has TLS already"), failure::getMessage);
    }
}
