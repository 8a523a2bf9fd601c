package io.github.tlsresumption.jetty;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

import io.github.tlsresumption.Exhaustive;
import io.github.tlsresumption.ResumptionSslContextFactory;
import io.github.tlsresumption.it.JsseClient;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.junit.jupiter.api.Assertions.assertEquals;

/**
 * One address that makes more sessions than the cache has room for, and the others meanwhile.
 */
@Exhaustive
class CacheFloodTest
{
    private static final String HOST = "one.test";
    private static final int ROOM = 50;
    private static final int CLIENTS = 5;

    @TempDir
    private Path directory;
    private int port;

    private ResumptionSslContextFactory factory() throws Exception
    {
        ResumptionSslContextFactory factory = TestFactories.cache(directory, HOST);
        factory.setMaxCachedSessions(ROOM);
        return factory;
    }

    private static int resumed(List<JsseClient> clients) throws IOException
    {
        int resumed = 0;
        for (JsseClient client : clients)
        {
            resumed += client.get("/").resumed() ? 1 : 0;
        }
        return resumed;
    }

    private List<JsseClient> newClients(int network) throws IOException
    {
        List<JsseClient> clients = new ArrayList<>();
        for (int i = 1; i <= CLIENTS; i++)
        {
            clients.add(new JsseClient(port, HOST, "TLSv1.3").from("127.0." + network + "." + i));
        }
        assertEquals(0, resumed(clients));
        return clients;
    }

    private void flood() throws IOException
    {
        JsseClient flooder = new JsseClient(port, HOST, "TLSv1.3").from("127.0.9.9");
        for (int i = 0; i < ROOM * 3 / 2; i++)
        {
            flooder.forgetSessions();
            flooder.get("/");
        }
    }

    @Test
    void clientsFromBeforeAndAfterAFloodResume() throws Exception
    {
        Server server = new Server();
        ServerConnector connector = new ServerConnector(server, factory(), new HttpConnectionFactory(new HttpConfiguration()));
        server.addConnector(connector);
        server.start();
        try
        {
            port = connector.getLocalPort();
            List<JsseClient> before = newClients(1);
            flood();
            List<JsseClient> after = newClients(2);
            flood();
            assertEquals(CLIENTS, resumed(before));
            assertEquals(CLIENTS, resumed(after));
        }
        finally
        {
            server.stop();
        }
    }
}
