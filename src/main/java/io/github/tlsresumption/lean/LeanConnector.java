package io.github.tlsresumption.lean;

import java.util.Collection;
import java.util.EventListener;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.stream.Stream;

import io.github.tlsresumption.settings.StartRefusals;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.ManagedSelector;
import org.eclipse.jetty.io.SelectorManager;
import org.eclipse.jetty.io.ssl.SslHandshakeListener;
import org.eclipse.jetty.server.ConnectionFactory;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.util.annotation.ManagedAttribute;
import org.eclipse.jetty.util.annotation.ManagedObject;
import org.eclipse.jetty.util.annotation.Name;
import org.eclipse.jetty.util.component.Container;
import org.eclipse.jetty.util.thread.Scheduler;

/**
 * A connector that wakes fewer threads for each connection: its selectors open connections and answer the ClientHello themselves, where
 * that waits for nothing. A plain {@link SslConnectionFactory} is copied when it is added, so configure it before. Thread-safe once it has
 * started.
 */
@ManagedObject("A connector that wakes fewer threads for each connection")
public class LeanConnector extends ServerConnector
{
    /** Whose listeners are known to wait for nothing. */
    private static final List<String> KNOWN = List.of("org.eclipse.jetty.", "io.github.tlsresumption.");

    /** Who knows whether handshakes wait; null where somebody unknown takes part. */
    private PromptHandshakes handshakes;

    /**
     * Makes one with as many acceptors and selectors as Jetty makes by default.
     *
     * @param server of which it is a connector
     * @param factories of its protocols
     * @throws IllegalStateException when Jetty is of a version that was not tried
     */
    public LeanConnector(@Name("server") Server server, @Name("factories") ConnectionFactory... factories)
    {
        this(server, -1, -1, factories);
    }

    /**
     * @param server of which it is a connector
     * @param acceptors the number of threads that accept connections; 0 for the selectors, -1 for Jetty's default
     * @param selectors the number of selectors; -1 for Jetty's default
     * @param factories of its protocols
     * @throws IllegalStateException when Jetty is of a version that was not tried
     */
    public LeanConnector(@Name("server") Server server, @Name("acceptors") int acceptors, @Name("selectors") int selectors,
        @Name("factories") ConnectionFactory... factories)
    {
        super(server, acceptors, selectors, factories);
        TriedVersions.obstacle(Server.getVersion()).ifPresent(text ->
        {
            throw StartRefusals.logged(new IllegalStateException(text), "tls-resumption-lean");
        });
    }

    /**
     * Puts such a connector into the place of another, with the same settings, protocols and listeners.
     *
     * @param server that has not started
     * @param stock the other, as it was made by {@code jetty-ssl.xml}
     * @return what has taken its place
     * @throws IllegalStateException when the server has started, or is of a version that was not tried
     */
    public static LeanConnector replace(Server server, ServerConnector stock)
    {
        if (!server.isStopped())
        {
            throw new IllegalStateException("the server has been started");
        }
        LeanConnector lean = new LeanConnector(server, stock.getAcceptors(), stock.getSelectorManager().getSelectorCount(),
            stock.getConnectionFactories().toArray(ConnectionFactory[]::new));
        lean.setName(stock.getName());
        lean.setHost(stock.getHost());
        lean.setPort(stock.getPort());
        lean.setInheritChannel(stock.isInheritChannel());
        lean.setIdleTimeout(stock.getIdleTimeout());
        lean.setShutdownIdleTimeout(stock.getShutdownIdleTimeout());
        lean.setAcceptorPriorityDelta(stock.getAcceptorPriorityDelta());
        lean.setAcceptQueueSize(stock.getAcceptQueueSize());
        lean.setReuseAddress(stock.getReuseAddress());
        lean.setReusePort(stock.isReusePort());
        lean.setAcceptedTcpNoDelay(stock.getAcceptedTcpNoDelay());
        lean.setAcceptedReceiveBufferSize(stock.getAcceptedReceiveBufferSize());
        lean.setAcceptedSendBufferSize(stock.getAcceptedSendBufferSize());
        if (stock.getDefaultProtocol() != null)
        {
            lean.setDefaultProtocol(stock.getDefaultProtocol());
        }
        server.setConnectors(Stream.of(server.getConnectors()).map(each -> each == stock ? lean : each).toArray(Connector[]::new));
        // The server has given it its own.
        stock.getEventListeners().stream().filter(listener -> !lean.getEventListeners().contains(listener)).forEach(lean::addEventListener);
        return lean;
    }

    /**
     * Makes a second connector beside another, lean where that is lean.
     *
     * @param model the other
     * @param acceptors the number of threads that accept connections; 0 for the selectors
     * @param selectors the number of selectors; -1 for the default of such a connector
     * @return the new one, without protocols, and not yet one of the server's
     */
    public static ServerConnector another(ServerConnector model, int acceptors, int selectors)
    {
        if (!(model instanceof LeanConnector))
        {
            return new ServerConnector(model.getServer(), acceptors, selectors, new ConnectionFactory[0]);
        }
        return new LeanConnector(model.getServer(), acceptors, selectors);
    }

    @Override
    protected SelectorManager newSelectorManager(Executor executor, Scheduler scheduler, int selectors)
    {
        return new LeanManager(executor, scheduler, selectors);
    }

    private final class LeanManager extends ServerConnectorManager
    {
        private LeanManager(Executor executor, Scheduler scheduler, int selectors)
        {
            super(executor, scheduler, selectors);
        }

        /**
         * Of a selector's tasks the one that is an update too is a connection that was accepted. Others are its end, for which an
         * application may be told, and the selector itself.
         */
        @Override
        protected void execute(Runnable task)
        {
            if (task instanceof ManagedSelector.SelectorUpdate && isPrompt())
            {
                task.run();
            }
            else
            {
                super.execute(task);
            }
        }
    }

    @Override
    public void addConnectionFactory(ConnectionFactory factory)
    {
        super.addConnectionFactory(lean(factory));
    }

    @Override
    public void addFirstConnectionFactory(ConnectionFactory factory)
    {
        super.addFirstConnectionFactory(lean(factory));
    }

    @Override
    public void addIfAbsentConnectionFactory(ConnectionFactory factory)
    {
        super.addIfAbsentConnectionFactory(lean(factory));
    }

    @Override
    public void setConnectionFactories(Collection<ConnectionFactory> factories)
    {
        super.setConnectionFactories(factories.stream().map(this::lean).toList());
    }

    private ConnectionFactory lean(ConnectionFactory factory)
    {
        return factory.getClass() == SslConnectionFactory.class ? LeanSslConnectionFactory.like(this, (SslConnectionFactory)factory)
            : factory;
    }

    @Override
    protected void doStart() throws Exception
    {
        SslConnectionFactory ssl = getConnectionFactory(SslConnectionFactory.class);
        boolean heard = Stream.concat(Stream.of(this), getConnectionFactories().stream()).anyMatch(LeanConnector::isHeardByOthers);
        handshakes = !heard && ssl instanceof LeanSslConnectionFactory && ssl.getSslContextFactory() instanceof PromptHandshakes known
            ? known : null;
        super.doStart();
    }

    /**
     * Listeners of the application's own would be called by a selector's thread.
     */
    private static boolean isHeardByOthers(Object part)
    {
        return part instanceof Container container && container.getBeans(EventListener.class).stream()
            .filter(listener -> listener instanceof Connection.Listener || listener instanceof SelectorManager.SelectorManagerListener
                || listener instanceof SslHandshakeListener)
            .anyMatch(listener -> KNOWN.stream().noneMatch(listener.getClass().getName()::startsWith));
    }

    /**
     * @return whether nothing is waited for until a ClientHello is answered, so that a selector's thread does all that; false before the
     * start, and while the key store is reloaded
     */
    @ManagedAttribute("Whether a selector's thread opens connections and answers their ClientHello")
    public boolean isPrompt()
    {
        return handshakes != null && handshakes.isHelloPrompt();
    }
}
