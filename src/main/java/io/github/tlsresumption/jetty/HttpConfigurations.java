package io.github.tlsresumption.jetty;

import java.util.stream.Stream;

import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.HttpConfiguration;

/**
 * Finds the configurations of a connector's versions of HTTP.
 */
public final class HttpConfigurations
{
    private HttpConfigurations()
    {
    }

    /**
     * @param connector a connector
     * @return its configurations, each once
     */
    public static Stream<HttpConfiguration> of(Connector connector)
    {
        return connector.getConnectionFactories().stream()
            .filter(HttpConfiguration.ConnectionFactory.class::isInstance)
            .map(factory -> ((HttpConfiguration.ConnectionFactory)factory).getHttpConfiguration())
            .distinct();
    }
}
