package io.github.tlsresumption.admin;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Collectors;

import io.github.tlsresumption.json.JsonObject;
import io.github.tlsresumption.status.ConnectorStatus;
import io.github.tlsresumption.status.ServerStatus;
import org.eclipse.jetty.util.component.AbstractLifeCycle;
import org.eclipse.jetty.util.thread.Scheduler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How many handshakes there were in each of the last intervals, by connector, protocol and result; and what each connector had counted at
 * their ends. Thread-safe.
 */
final class History extends AbstractLifeCycle
{
    private static final Logger LOG = LoggerFactory.getLogger(History.class);
    private static final int POINTS = 120;

    /**
     * The length of an interval in seconds.
     */
    static final int INTERVAL = 5;

    private final Supplier<ServerStatus> source;
    private final Scheduler scheduler;
    private final Deque<Point> points = new ArrayDeque<>();
    private Map<Series, Long> last;
    private Instant begin;
    private Map<Place, Counters> before = Map.of();
    private volatile Scheduler.Task next;

    /**
     * @param source tells the counts
     * @param scheduler runs {@link #sample}
     */
    History(Supplier<ServerStatus> source, Scheduler scheduler)
    {
        this.source = source;
        this.scheduler = scheduler;
    }

    private record Series(String scope, String name, String protocol, String result)
    {
    }

    private record Place(String scope, String name)
    {
        private static Place of(ConnectorStatus connector)
        {
            return new Place(connector.scope(), connector.name());
        }
    }

    private record Point(Instant end, Map<Series, Long> counts, Map<Place, Counters> totals)
    {
    }

    @Override
    protected void doStart()
    {
        // From here on, so that the first handshakes are in the first interval.
        run();
    }

    @Override
    protected void doStop()
    {
        Scheduler.Task task = next;
        if (task != null)
        {
            task.cancel();
        }
    }

    private void schedule()
    {
        next = scheduler.schedule(this::run, INTERVAL, TimeUnit.SECONDS);
    }

    private void run()
    {
        try
        {
            sample();
        }
        catch (RuntimeException e)
        {
            LOG.debug("sample", e);
        }
        if (isStarting() || isRunning())
        {
            schedule();
        }
    }

    /**
     * Ends an interval.
     */
    void sample()
    {
        ServerStatus status = source.get();
        Map<Series, Long> counts = new HashMap<>();
        status.connectors().forEach(connector -> connector.handshakes().forEach(handshake ->
            counts.merge(new Series(connector.scope(), connector.name(), handshake.protocol(), handshake.result()), handshake.count(),
                Long::sum)));
        Map<Place, Counters> totals = status.connectors().stream()
            .collect(Collectors.toMap(Place::of, Counters::of, (first, next) -> first));
        synchronized (this)
        {
            if (last != null)
            {
                Map<Series, Long> rise = new HashMap<>();
                counts.forEach((series, count) -> rise.put(series, Math.max(0, count - last.getOrDefault(series, 0L))));
                points.addLast(new Point(status.time(), rise, totals));
                if (points.size() > POINTS)
                {
                    Point left = points.removeFirst();
                    begin = left.end();
                    before = left.totals();
                }
            }
            else
            {
                begin = status.time();
                before = totals;
            }
            last = counts;
        }
    }

    /**
     * @param connector as it is now
     * @param now the time
     * @return what it has counted in the last intervals; since its start where it began in them, or nothing is known of them
     */
    synchronized Recent recent(ConnectorStatus connector, Instant now)
    {
        Counters counted = Counters.of(connector);
        Counters then = before.getOrDefault(Place.of(connector), counted.since(counted));
        return new Recent(begin == null ? Duration.ZERO : Duration.between(begin, now), counted.since(then), then);
    }

    /**
     * @return the last intervals as the API shows them: {@code seconds} of the epoch at which each ended, and {@code series} with a count
     * for each of them; those without any count are left out
     */
    synchronized JsonObject json()
    {
        Set<Series> met = new LinkedHashSet<>();
        points.forEach(point -> point.counts().forEach((series, count) ->
        {
            if (count > 0)
            {
                met.add(series);
            }
        }));
        List<JsonObject> all = new ArrayList<>();
        for (Series series : met)
        {
            JsonObject json = new JsonObject();
            json.put("scope", series.scope());
            json.put("name", series.name());
            json.put("protocol", series.protocol());
            json.put("result", series.result());
            json.put("counts", points.stream().map(point -> point.counts().getOrDefault(series, 0L)).toList());
            all.add(json);
        }
        JsonObject json = new JsonObject();
        json.put("interval", INTERVAL);
        json.put("seconds", points.stream().map(point -> point.end().getEpochSecond()).toList());
        json.put("series", all);
        return json;
    }
}
