package io.github.tlsresumption.jetty;

import java.util.function.Consumer;

import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.ConnectionMetaData;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.Request;

/**
 * Tells of each TLS connection whose first request says that it comes from the command {@code check}. Anybody can say so: it is for a
 * figure beside the others, from which nothing is subtracted. Of a connection's later requests only their number is looked at. Stateless.
 */
public final class CheckConnections implements HttpConfiguration.Customizer
{
    /**
     * The product in the {@code User-Agent} of {@code check}, alone or with a version.
     */
    public static final String PRODUCT = "jetty-tls-resumption";

    private final Consumer<Connector> counter;

    /**
     * @param counter is told the connector of such a connection, once for each
     */
    public CheckConnections(Consumer<Connector> counter)
    {
        this.counter = counter;
    }

    @Override
    public Request customize(Request request, HttpFields.Mutable responseHeaders)
    {
        ConnectionMetaData data = request.getConnectionMetaData();
        Connection connection = data.getConnection();
        if (connection != null && connection.getMessagesIn() <= 1 && isOfCheck(request.getHeaders().get(HttpHeader.USER_AGENT))
            && isPlausible(data, connection.getEndPoint()))
        {
            counter.accept(data.getConnector());
        }
        return request;
    }

    private static boolean isOfCheck(String agent)
    {
        return agent != null && agent.startsWith(PRODUCT) && (agent.length() == PRODUCT.length() || agent.charAt(PRODUCT.length()) == '/');
    }

    /*
     * The command speaks HTTP/1.1 over TLS. Later versions may have a connection of Jetty's for each request.
     */
    private static boolean isPlausible(ConnectionMetaData data, EndPoint endPoint)
    {
        return data.getHttpVersion() == HttpVersion.HTTP_1_1 && endPoint != null && endPoint.getSslSessionData() != null;
    }
}
