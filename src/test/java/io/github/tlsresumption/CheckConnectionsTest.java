package io.github.tlsresumption;

import java.io.IOException;
import java.util.Map;

import io.github.tlsresumption.it.JsseClient;
import io.github.tlsresumption.it.JsseConnection;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.SecureRequestCustomizer;
import org.eclipse.jetty.server.ServerConnector;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * The connections that say they are from {@code check} have a figure of their own, beside all others. Who says so is not known, and gains
 * nothing by it.
 */
class CheckConnectionsTest extends FactoryTestBase
{
    private static final String MARK = "jetty-tls-resumption";

    private static JsseConnection.Answer ask(JsseConnection connection, String agent) throws IOException
    {
        connection.write("GET / HTTP/1.1\r\nHost: " + HOST + "\r\nUser-Agent: " + agent + "\r\n\r\n");
        return connection.answer();
    }

    private static void connect(JsseClient client, String agent) throws IOException
    {
        try (JsseConnection connection = client.open())
        {
            assertEquals(200, ask(connection, agent).status());
        }
    }

    @ParameterizedTest
    @CsvSource({"jetty-tls-resumption, 1", "jetty-tls-resumption/1.0.0, 1", "jetty-tls-resumption/1.0.0 (x), 1", "jetty-tls-resumptions, 0",
        "curl/8.0 jetty-tls-resumption, 0", "'', 0"})
    void theMarkIsTheProductInFront(String agent, long counted) throws Exception
    {
        ResumptionSslContextFactory tls = factory();
        ServerConnector connector = connector(tls);
        server.start();
        connect(client(connector, TLS13), agent);
        assertEquals(counted, tls.getCheckConnections());
    }

    @Test
    void aConnectionCountsOnceByItsFirstRequest() throws Exception
    {
        ResumptionSslContextFactory tls = factory();
        ServerConnector connector = connector(tls);
        server.start();
        try (JsseConnection marked = client(connector, TLS13).open(); JsseConnection other = client(connector, TLS13).open())
        {
            for (int i = 0; i < 3; i++)
            {
                ask(marked, MARK);
            }
            ask(other, "curl");
            ask(other, MARK);
        }
        assertEquals(1, tls.getCheckConnections());
        assertEquals(1, new Connectors(server).status().connectors().get(0).checkConnections());
        StringBuilder dump = new StringBuilder();
        tls.dump(dump, "");
        assertTrue(dump.toString().contains("checkConnections=1"), dump::toString);
    }

    @Test
    void aProbeThatAnotherCustomizerRefusesCountsToo() throws Exception
    {
        ResumptionSslContextFactory tls = factory();
        ServerConnector connector = connector(tls);
        connector.getConnectionFactory(HttpConfiguration.ConnectionFactory.class).getHttpConfiguration()
            .addCustomizer(new SecureRequestCustomizer());
        server.start();
        try (JsseConnection connection = client(connector, TLS13).open())
        {
            connection.write("GET / HTTP/1.1\r\nHost: another.test\r\nUser-Agent: " + MARK + "\r\nConnection: close\r\n\r\n");
            assertEquals(400, connection.answer().status());
        }
        assertEquals(1, tls.getCheckConnections());
    }

    @Test
    void connectionsOfAnotherConnectorThatSharesTheConfigurationAreNotCounted() throws Exception
    {
        ResumptionSslContextFactory one = factory();
        ResumptionSslContextFactory two = factory();
        connector(one);
        ServerConnector second = connector(two);
        server.start();
        connect(client(second, TLS13), MARK);
        assertEquals(0, one.getCheckConnections());
        assertEquals(1, two.getCheckConnections());
    }

    @Test
    void theMarkSilencesNoOtherFigure() throws Exception
    {
        assertEquals(figures("curl"), figures(MARK));
    }

    /**
     * @return what a factory counts of two clients with that agent, one of whom is refused
     */
    private Map<String, Object> figures(String agent) throws Exception
    {
        ResumptionSslContextFactory tls = factory();
        ServerConnector connector = connector(tls);
        server.start();
        JsseClient client = client(connector, TLS13);
        connect(client, agent);
        connect(client, agent);
        tls.dropTicketKeys();
        connect(client, agent);
        assertEquals(agent.equals(MARK) ? 3 : 0, tls.getCheckConnections());
        assertEquals(1, tls.getRefusals().get("unknown-key"));
        Map<String, Object> figures = Map.of("handshakes", tls.getHandshakes(), "refusals", tls.getRefusals(), "byProtocol",
            tls.getHandshakesByProtocol(), "byRule", tls.getHandshakesByRule(), "opened", tls.getOpenTimes().get("count"), "sealed",
            tls.getSealTimes().get("count"), "age", tls.getResumptionAge().get("count"));
        server.stop();
        server.removeConnector(connector);
        return figures;
    }
}
