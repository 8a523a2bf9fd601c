package io.github.tlsresumption.jetty;

import java.util.concurrent.TimeUnit;

import org.eclipse.jetty.http.HttpException;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.LocalConnector;
import org.eclipse.jetty.server.Server;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

class NoResponseTest
{
    @Test
    void aRequestThatIsRefusedByACustomizerGetsNothingAndItsConnectionEnds() throws Exception
    {
        HttpConfiguration configuration = new HttpConfiguration();
        configuration.addCustomizer((request, headers) ->
        {
            if ("/refused".equals(request.getHttpURI().getPath()))
            {
                request.addHttpStreamWrapper(NoResponse::new);
                throw new HttpException.RuntimeException(HttpStatus.SERVICE_UNAVAILABLE_503, "refused");
            }
            return request;
        });
        Server server = new Server();
        LocalConnector connector = new LocalConnector(server, new HttpConnectionFactory(configuration));
        server.addConnector(connector);
        server.start();
        try (LocalConnector.LocalEndPoint client = connector.connect())
        {
            client.addInput("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
            assertNotNull(client.getResponse());
            client.addInput("GET /refused HTTP/1.1\r\nHost: localhost\r\n\r\n");
            assertNull(client.getResponse(false, 10, TimeUnit.SECONDS));
            client.waitUntilClosed();
        }
        finally
        {
            server.stop();
        }
    }
}
