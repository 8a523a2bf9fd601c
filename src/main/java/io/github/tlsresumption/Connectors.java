package io.github.tlsresumption;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import io.github.tlsresumption.status.ConnectorStatus;
import io.github.tlsresumption.status.ServerStatus;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.NetworkConnector;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.SslConnectionFactory;

/**
 * The connectors of a server that resume sessions by this module, as they are when asked. Thread-safe.
 */
public final class Connectors
{
    private final Server server;
    private final String node = nodeName();

    /**
     * @param server whose connectors
     */
    public Connectors(Server server)
    {
        this.server = server;
    }

    /**
     * @param connector a connector
     * @return its factory, if it is one of ours
     */
    static Optional<ResumptionSslContextFactory> factory(Connector connector)
    {
        SslConnectionFactory ssl = connector.getConnectionFactory(SslConnectionFactory.class);
        return ssl != null && ssl.getSslContextFactory() instanceof ResumptionSslContextFactory factory ? Optional.of(factory)
            : Optional.empty();
    }

    /**
     * @return what is known of all connectors now. Those that share a factory are one.
     */
    public ServerStatus status()
    {
        List<ConnectorStatus> all = new ArrayList<>();
        names().forEach((factory, names) -> all.add(factory.status(String.join(", ", names))));
        all.sort((one, other) -> one.name().compareTo(other.name()));
        return new ServerStatus(node, Instant.now(), all);
    }

    /**
     * @param scope the name of a scope
     * @return the factories of its connectors; none when there is no such scope
     */
    public List<ResumptionSslContextFactory> ofScope(String scope)
    {
        return names().keySet().stream().filter(factory -> scope.equals(factory.getScope())).toList();
    }

    private Map<ResumptionSslContextFactory, List<String>> names()
    {
        Map<ResumptionSslContextFactory, List<String>> names = new IdentityHashMap<>();
        for (Connector connector : server.getConnectors())
        {
            factory(connector)
                .ifPresent(factory -> names.computeIfAbsent(factory, first -> new ArrayList<>()).add(name(connector)));
        }
        return names;
    }

    private static String name(Connector connector)
    {
        if (connector.getName() != null)
        {
            return connector.getName();
        }
        if (connector instanceof NetworkConnector network)
        {
            return (network.getHost() == null ? "*" : network.getHost()) + ":"
                + (network.getLocalPort() > 0 ? network.getLocalPort() : network.getPort());
        }
        return connector.getClass().getSimpleName();
    }

    private static String nodeName()
    {
        try
        {
            return InetAddress.getLocalHost().getHostName();
        }
        catch (UnknownHostException e)
        {
            return "localhost";
        }
    }
}
