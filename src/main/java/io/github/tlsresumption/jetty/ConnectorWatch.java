package io.github.tlsresumption.jetty;

import java.util.function.Consumer;

import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.util.component.Container;
import org.eclipse.jetty.util.component.LifeCycle;
import org.eclipse.jetty.util.ssl.SslContextFactory;

/**
 * Tells of a server's connectors, whenever they are added, and again before each start, since a connector may get its protocols after it
 * was added, and settings may have changed between two starts. To be added to its server as a listener. Thread-safe.
 */
public final class ConnectorWatch implements Container.Listener, LifeCycle.Listener
{
    private final Server server;
    private final Consumer<Connector> connectors;
    private final Consumer<SslContextFactory.Server> factories;

    /**
     * @param server whose connectors, also those that it has already
     * @param connectors is told of a connector, several times
     * @param factories is told of each factory that is a bean of the server, which may start before there is a connector
     */
    public ConnectorWatch(Server server, Consumer<Connector> connectors, Consumer<SslContextFactory.Server> factories)
    {
        this.server = server;
        this.connectors = connectors;
        this.factories = factories;
    }

    @Override
    public void beanAdded(Container parent, Object child)
    {
        if (parent != server)
        {
            return;
        }
        if (child instanceof SslContextFactory.Server factory)
        {
            factories.accept(factory);
        }
        else if (child instanceof Connector connector)
        {
            connector.addEventListener(this);
            connectors.accept(connector);
        }
    }

    @Override
    public void beanRemoved(Container parent, Object child)
    {
        if (parent == server && child instanceof Connector connector)
        {
            connector.removeEventListener(this);
        }
    }

    @Override
    public void lifeCycleStarting(LifeCycle event)
    {
        if (event instanceof Connector connector)
        {
            connectors.accept(connector);
        }
        else if (event == server)
        {
            // The factories that are beans of the server start before its connectors do.
            server.getBeans(SslContextFactory.Server.class).forEach(factories);
            for (Connector connector : server.getConnectors())
            {
                connectors.accept(connector);
            }
        }
    }

    @Override
    public String toString()
    {
        return getClass().getSimpleName();
    }
}
