package io.github.tlsresumption.metrics;

import java.util.List;

import io.github.tlsresumption.status.ConnectorStatus;
import io.github.tlsresumption.status.ServerStatus;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpMethod;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.util.Callback;

/**
 * Shows the metrics to Prometheus.
 */
public final class MetricsHandler extends Handler.Abstract
{
    private final ResumptionMetrics metrics;
    private List<List<String>> bound = List.of();
    private PrometheusMeterRegistry registry;

    /**
     * @param server whose connectors
     */
    public MetricsHandler(Server server)
    {
        this.metrics = new ResumptionMetrics(server);
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback)
    {
        if (HttpMethod.POST.is(request.getMethod()))
        {
            return false;
        }
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, "text/plain;version=0.0.4;charset=utf-8");
        Content.Sink.write(response, true, scrape(), callback);
        return true;
    }

    private synchronized String scrape()
    {
        ServerStatus status = metrics.refresh();
        List<List<String>> connectors = status.connectors().stream().map(MetricsHandler::key).toList();
        // Scopes and stores are known when the server has started, and may be others after its next start.
        if (registry == null || !connectors.equals(bound))
        {
            registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
            metrics.bindTo(registry);
            bound = connectors;
        }
        return registry.scrape();
    }

    private static List<String> key(ConnectorStatus connector)
    {
        return List.of(connector.scope(), connector.name(), String.valueOf(connector.stores().size()),
            String.valueOf(connector.resumes()));
    }
}
