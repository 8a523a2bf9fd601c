package io.github.tlsresumption;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

import io.github.tlsresumption.jetty.CheckConnections;
import io.github.tlsresumption.jetty.EngineCloser;
import io.github.tlsresumption.jetty.HttpConfigurations;
import io.github.tlsresumption.jetty.OpenConnections;
import io.github.tlsresumption.jetty.SessionCustomizer;
import io.github.tlsresumption.resumption.ForgetOrder;
import io.github.tlsresumption.resumption.Forgetting;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts into the connectors of a factory the customizer that shows applications their session, and the listener that hears of open
 * connections. Thread-safe.
 */
final class Customization
{
    private static final Logger LOG = LoggerFactory.getLogger(ResumptionSslContextFactory.class);

    private final ResumptionSettings settings;
    private final OpenConnections connections;
    /** Whether connectors tell of their connections. */
    private volatile boolean attached;
    /** Whether the connectors are those that a watched server is yet to get. */
    private volatile boolean awaiting;
    private volatile boolean customized;
    private final AtomicBoolean warned = new AtomicBoolean();

    Customization(ResumptionSettings settings, ScopeMember member)
    {
        this.settings = settings;
        this.connections = new OpenConnections(member::isOver, () -> settings.elapsed.get(),
            () -> Duration.ofSeconds(settings.closeTimeout));
    }

    OpenConnections connections()
    {
        return connections;
    }

    /**
     * @return whether connectors tell of their connections, or will
     */
    boolean isToldOfConnections()
    {
        return attached || awaiting;
    }

    /**
     * A server is watched that has the factory, though no connector for it yet.
     */
    void await()
    {
        customized = true;
        awaiting = true;
    }

    /**
     * @param connector that has the factory
     * @param ssl its factory for TLS
     */
    void customize(Connector connector, SslConnectionFactory ssl)
    {
        HttpConfigurations.of(connector)
            .filter(configuration -> configuration.getCustomizer(SessionCustomizer.class) == null)
            .forEach(configuration -> configuration.addCustomizer(new SessionCustomizer(Customization::present, Customization::forget)));
        // The first of all: what another one refuses is from check too.
        HttpConfigurations.of(connector)
            .filter(configuration -> configuration.getCustomizer(CheckConnections.class) == null)
            .forEach(configuration -> configuration.getCustomizers().add(0, new CheckConnections(Customization::countCheck)));
        EngineCloser.attach(ssl);
        customized = true;
        awaiting = false;
        attached = settings.closeAtDeadline;
        if (settings.closeAtDeadline)
        {
            connections.attach(connector, ssl);
        }
        else
        {
            connections.detach(connector, ssl);
        }
    }

    /**
     * @param scope of the connector, whose connections begin
     */
    void warnIfMissing(String scope)
    {
        if (!customized && warned.compareAndSet(false, true))
        {
            LOG.warn("TLS resumption of scope {}: applications find no session in their requests, and cannot forget any: call "
                + "ResumptionSslContextFactory.customize(server) before the server starts", scope);
        }
    }

    /**
     * @return what knows who was forgotten on a connector, if it has a factory of ours that has started
     */
    private static Optional<Forgetting> present(Connector connector)
    {
        return Connectors.factory(connector).flatMap(factory -> factory.member.scope()).map(scope -> scope.parts().forgetting());
    }

    private static void countCheck(Connector connector)
    {
        Connectors.factory(connector).ifPresent(ManagedSslContextFactory::countCheckConnection);
    }

    /**
     * Somebody may have sessions though the connector resumes none.
     */
    private static void forget(Connector connector, ForgetOrder order) throws IOException
    {
        Optional<ResumptionSslContextFactory> factory =
            Connectors.factory(connector).filter(known -> known.member.scope().isPresent());
        if (factory.isPresent())
        {
            factory.get().forget(order);
        }
    }
}
