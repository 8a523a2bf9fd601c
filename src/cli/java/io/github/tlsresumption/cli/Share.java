package io.github.tlsresumption.cli;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

import io.github.tlsresumption.json.JsonObject;

/**
 * How many of the handshakes of a connector, with one version of TLS, resumed a session.
 *
 * @param scope of the connector
 * @param connector its name
 * @param protocol the version
 * @param total by result, since the start
 * @param recent by result, in the last minutes; none when the server does not tell
 */
record Share(String scope, String connector, String protocol, Map<String, Long> total, Optional<Map<String, Long>> recent)
{
    /** Fewer handshakes say nothing about a share. */
    static final int LEAST = 20;
    private static final String FULL = "full";
    private static final int HUNDRED = 100;

    static List<Share> of(Map<String, Object> connector, Optional<Map<String, Object>> history)
    {
        String scope = String.valueOf(connector.get("scope"));
        String name = String.valueOf(connector.get("name"));
        Map<String, Map<String, Long>> totals = new TreeMap<>((one, other) -> other.compareTo(one));
        for (Map<String, Object> row : StatusCommand.objects(connector.get("handshakes")))
        {
            totals.computeIfAbsent(String.valueOf(row.get("protocol")), key -> new TreeMap<>())
                .merge(String.valueOf(row.get("result")), number(row.get("count")), Long::sum);
        }
        List<Share> shares = new ArrayList<>();
        totals.forEach((protocol, counts) -> shares.add(new Share(scope, name, protocol, counts,
            history.map(past -> recent(past, scope, name, protocol)))));
        return shares;
    }

    private static Map<String, Long> recent(Map<String, Object> history, String scope, String name, String protocol)
    {
        Map<String, Long> counts = new TreeMap<>();
        for (Map<String, Object> series : StatusCommand.objects(history.get("series")))
        {
            if (scope.equals(series.get("scope")) && name.equals(series.get("name")) && protocol.equals(series.get("protocol"))
                && series.get("counts") instanceof Object[] points)
            {
                counts.put(String.valueOf(series.get("result")), Arrays.stream(points).mapToLong(Share::number).sum());
            }
        }
        return counts;
    }

    private static long number(Object value)
    {
        return value instanceof Number number ? number.longValue() : 0;
    }

    static long handshakes(Map<String, Long> counts)
    {
        return counts.values().stream().mapToLong(Long::longValue).sum();
    }

    /**
     * @return in percent, rounded down, so that all means all; none without handshakes
     */
    static Optional<Long> percent(Map<String, Long> counts)
    {
        long all = handshakes(counts);
        return all == 0 ? Optional.empty() : Optional.of((all - counts.getOrDefault(FULL, 0L)) * HUNDRED / all);
    }

    /**
     * @param least in percent
     * @return whether less was resumed, in the last minutes if the server tells; too few handshakes are not judged
     */
    boolean isBelow(int least)
    {
        Map<String, Long> judged = recent.orElse(total);
        return handshakes(judged) >= LEAST && percent(judged).filter(share -> share < least).isPresent();
    }

    JsonObject json()
    {
        JsonObject json = new JsonObject().with("scope", scope).with("name", connector).with("protocol", protocol)
            .with("handshakes", handshakes(total)).put("resumedPercent", percent(total));
        recent.ifPresent(counts -> json.with("recentHandshakes", handshakes(counts)).put("recentResumedPercent", percent(counts)));
        return json;
    }

    @Override
    public String toString()
    {
        return words(total) + " since the start" + recent.map(counts -> "; " + words(counts) + " in the last minutes").orElse("");
    }

    private static String words(Map<String, Long> counts)
    {
        return percent(counts).map(share -> share + " % of " + handshakes(counts)).orElse("no handshakes");
    }
}
