package io.github.tlsresumption.metrics;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;

import io.github.tlsresumption.status.ConnectorStatus;
import io.github.tlsresumption.status.Distribution;
import io.github.tlsresumption.status.ServerStatus;
import io.prometheus.metrics.model.registry.Collector;
import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;

/**
 * A histogram in seconds of each connector, out of counts that exist already.
 */
final class HistogramCollector implements Collector
{
    private final String name;
    private final String help;
    private final Supplier<ServerStatus> source;
    private final Function<ConnectorStatus, Distribution> distribution;
    private final double perSecond;

    /**
     * @param name with the unit at its end
     * @param help what it is
     * @param source tells the status
     * @param distribution the part of it to show
     * @param perSecond how many of its units are a second
     */
    HistogramCollector(String name, String help, Supplier<ServerStatus> source, Function<ConnectorStatus, Distribution> distribution,
        long perSecond)
    {
        this.name = name;
        this.help = help;
        this.source = source;
        this.distribution = distribution;
        this.perSecond = perSecond;
    }

    @Override
    public MetricSnapshot collect()
    {
        HistogramSnapshot.Builder snapshot = HistogramSnapshot.builder().name(name).help(help);
        for (ConnectorStatus connector : source.get().connectors())
        {
            Distribution values = distribution.apply(connector);
            List<Double> bounds = new ArrayList<>(values.bounds().stream().map(bound -> bound / perSecond).toList());
            bounds.add(Double.POSITIVE_INFINITY);
            snapshot.dataPoint(HistogramDataPointSnapshot.builder()
                .labels(Labels.of("connector", connector.name(), "scope", connector.scope()))
                .classicHistogramBuckets(ClassicHistogramBuckets.of(bounds, values.counts()))
                .sum(values.sum() / perSecond)
                .build());
        }
        return snapshot.build();
    }
}
