package io.github.tlsresumption;

import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.function.Supplier;

import io.github.tlsresumption.jetty.ConnectorWatch;
import io.github.tlsresumption.jetty.FactorySettings;
import io.github.tlsresumption.jetty.HttpConfigurations;
import io.github.tlsresumption.jetty.SetUid;
import io.github.tlsresumption.settings.StartRefusals;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.server.AbstractConnector;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.SecureRequestCustomizer;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.util.component.LifeCycle;
import org.eclipse.jetty.util.ssl.SslContextFactory;

/**
 * Puts factories into a server that is yet to start, and looks at all of them together when it starts.
 */
final class Installation
{
    private Installation()
    {
    }

    static ResumptionSslContextFactory install(Server server)
    {
        SslContextFactory.Server stock = server.getBeans(SslContextFactory.Server.class).stream()
            .filter(bean -> bean.getClass() == SslContextFactory.Server.class)
            .findFirst()
            .orElseThrow(() -> StartRefusals.logged(new IllegalStateException("there is no SslContextFactory.Server to replace: enable the "
                + "module ssl-context, or make a ResumptionSslContextFactory in your own XML"), "jetty.sslContext"));
        checkStopped(server);
        ResumptionSslContextFactory factory = new ResumptionSslContextFactory();
        FactorySettings.copy(stock, factory);
        server.removeBean(stock);
        server.addBean(factory);
        // Before the listeners that may refuse the start.
        server.addEventListener(new EndOfFailedStart());
        customize(server);
        return factory;
    }

    /**
     * Jetty keeps the threads of a server of which a later part fails to start, and with them a process that serves nothing, and that no
     * service manager starts again.
     */
    private static final class EndOfFailedStart implements LifeCycle.Listener
    {
        private volatile boolean starting;

        @Override
        public void lifeCycleStarting(LifeCycle event)
        {
            starting = true;
        }

        @Override
        public void lifeCycleStarted(LifeCycle event)
        {
            starting = false;
        }

        /**
         * Called for a stop that fails, too, and for the one made here.
         */
        @Override
        public void lifeCycleFailure(LifeCycle event, Throwable cause)
        {
            if (!starting)
            {
                return;
            }
            starting = false;
            try
            {
                event.stop();
            }
            catch (Throwable e)
            {
                if (e != cause)
                {
                    cause.addSuppressed(e);
                }
            }
        }
    }

    static void customize(Server server)
    {
        checkStopped(server);
        if (server.getBean(ConnectorWatch.class) == null)
        {
            // Which makes it a bean, and tells it of all beans that there are.
            server.addEventListener(new ConnectorWatch(server, Installation::customize, Installation::await));
            server.addEventListener(new StartOfServer(server));
        }
    }

    /**
     * Comes behind the customizers.
     */
    private record StartOfServer(Server server) implements LifeCycle.Listener
    {
        @Override
        public void lifeCycleStarting(LifeCycle event)
        {
            try
            {
                SetUid.prepare(server);
            }
            catch (RuntimeException e)
            {
                throw StartRefusals.logged(e, "jetty.setuid.startServerAsPrivileged");
            }
            Set<ResumptionSslContextFactory> factories = new LinkedHashSet<>();
            for (Connector connector : server.getConnectors())
            {
                Connectors.factory(connector).ifPresent(factories::add);
            }
            checkTogether(factories);
        }
    }

    /**
     * Before any of them starts: a server of which a later connector fails keeps its threads, and so its process, for ever.
     */
    private static void checkTogether(Collection<ResumptionSslContextFactory> factories)
    {
        Together together = new Together();
        for (ResumptionSslContextFactory factory : factories)
        {
            try
            {
                together.add(factory.settings.scopeName, factory.settings.scope(factory.checkSettings(), factory.check.rotation()));
                factory.settings.passphrase().map(Supplier::get).ifPresent(secret -> Arrays.fill(secret, '\0'));
            }
            catch (RuntimeException e)
            {
                StartRefusals.log(factory.blamed.refusal(e));
                throw e;
            }
        }
    }

    static void secure(Server server, ResumptionSslContextFactory factory)
    {
        checkStopped(server);
        for (Connector connector : server.getConnectors())
        {
            if (connector.getConnectionFactory(SslConnectionFactory.class) != null)
            {
                throw new IllegalStateException(connector + " has TLS already: remove the settings that give it, such as server.ssl of "
                    + "Spring Boot, or use ResumptionSslContextFactory there");
            }
        }
        for (Connector connector : server.getConnectors())
        {
            if (connector instanceof AbstractConnector plain && plain.getConnectionFactory(HttpConnectionFactory.class) != null)
            {
                secure(plain, factory);
            }
        }
        customize(server);
    }

    private static void secure(AbstractConnector connector, ResumptionSslContextFactory factory)
    {
        HttpConfigurations.of(connector)
            .filter(configuration -> configuration.getCustomizer(SecureRequestCustomizer.class) == null)
            .forEach(configuration -> configuration.addCustomizer(new SecureRequestCustomizer()));
        connector.addFirstConnectionFactory(new SslConnectionFactory(factory, HttpVersion.HTTP_1_1.asString()));
    }

    static void secureLike(AbstractConnector connector, AbstractConnector model, ResumptionSslContextFactory factory)
    {
        SslConnectionFactory known = model.getConnectionFactory(SslConnectionFactory.class);
        if (known == null)
        {
            throw StartRefusals.logged(new IllegalStateException(model + " has no TLS that a second connector could have too: enable the "
                + "module https, and run tls-resumption-second-connector.xml behind all files that give protocols to the first"),
                "jetty.tlsResumption.second.port");
        }
        SslConnectionFactory ssl = new SslConnectionFactory(factory, known.getNextProtocol());
        ssl.setDirectBuffersForEncryption(known.isDirectBuffersForEncryption());
        ssl.setDirectBuffersForDecryption(known.isDirectBuffersForDecryption());
        ssl.setInputBufferSize(known.getInputBufferSize());
        // Those of HTTP and ALPN know no connector: they are told at each connection.
        connector.setConnectionFactories(model.getConnectionFactories().stream().map(one -> one == known ? ssl : one).toList());
    }

    private static void checkStopped(Server server)
    {
        if (!server.isStopped())
        {
            throw new IllegalStateException("the server has been started");
        }
    }

    private static void customize(Connector connector)
    {
        Connectors.factory(connector).ifPresent(factory ->
            factory.customization.customize(connector, connector.getConnectionFactory(SslConnectionFactory.class)));
    }

    private static void await(SslContextFactory.Server bean)
    {
        if (bean instanceof ResumptionSslContextFactory factory)
        {
            factory.customization.await();
        }
    }
}
