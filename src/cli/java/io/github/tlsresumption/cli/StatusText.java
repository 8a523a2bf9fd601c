package io.github.tlsresumption.cli;

import java.io.PrintWriter;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

import io.github.tlsresumption.resumption.RefusalReason;

import static io.github.tlsresumption.cli.StatusCommand.object;
import static io.github.tlsresumption.cli.StatusCommand.objects;

/**
 * Writes about a connector for people.
 */
final class StatusText
{
    private final PrintWriter out;
    private final Map<String, Object> connector;
    private final Map<String, Object> ring;

    StatusText(PrintWriter out, Map<String, Object> connector)
    {
        this.out = out;
        this.connector = connector;
        this.ring = object(connector.get("ring"));
    }

    void printSummary(List<Share> shares)
    {
        Map<String, Object> mode = object(connector.get("mode"));
        out.printf("%s (scope %s): TLS 1.3 %s, TLS 1.2 %s, at most %s s%n", connector.get("name"), connector.get("scope"),
            how(mode.get("TLSv1.3")), how(mode.get("TLSv1.2")), connector.get("maxSessionDuration"));
        if (connector.get("engine") != null)
        {
            line("TLS engine", connector.get("engine"));
        }
        shares.stream().filter(share -> Share.handshakes(share.total()) > 0)
            .forEach(share -> line("resumed, " + share.protocol(), share));
        if (shares.stream().allMatch(share -> Share.handshakes(share.total()) == 0))
        {
            line("resumed", "no handshakes since the start");
        }
        line("refused", refused());
        line("sessions", connector.get("liveSessions") + " of mode cache live; " + connector.get("forgotten") + " on the forget list");
        line("ticket keys", keys());
        line("stores", stores());
    }

    private void line(String name, Object text)
    {
        out.printf("  %-17s %s%n", name, text);
    }

    private static String how(Object mode)
    {
        return "off".equals(mode) ? "off" : "by " + mode;
    }

    private String refused()
    {
        String counts = object(connector.get("refusals")).entrySet().stream()
            .filter(entry -> entry.getValue() instanceof Number count && count.longValue() > 0)
            .map(entry -> entry.getKey() + " " + entry.getValue()).collect(Collectors.joining(", "));
        return counts.isEmpty() ? "none" : counts;
    }

    private String keys()
    {
        if (ring.get("exposure") == null)
        {
            // Earlier servers do not say.
            return Boolean.FALSE.equals(connector.get("resumes")) ? "none, as resumption is off"
                : "none, so handshakes are full or resume by session id";
        }
        String rotation = (ring.get("nextRotation") == null ? "unknown" : ring.get("nextRotation"))
            + (Boolean.FALSE.equals(ring.get("rotatedHere")) ? " (by whoever writes their file)" : "");
        return objects(ring.get("keys")).size() + ", version " + ring.get("version") + ", next rotation " + rotation;
    }

    private String stores()
    {
        List<Map<String, Object>> stores = objects(connector.get("stores"));
        return stores.isEmpty() ? "none" : stores.stream().map(store -> store.get("store")
            + (Boolean.FALSE.equals(store.get("well")) ? " NOT healthy" : " healthy")).collect(Collectors.joining(", "));
    }

    void printDetails()
    {
        Map<String, Object> exposure = object(ring.get("exposure"));
        if (!exposure.isEmpty())
        {
            out.printf("  a ticket key stolen now opens tickets from %s to %s%n", exposure.get("from"), exposure.get("to"));
        }
        objects(ring.get("keys")).forEach(key -> out.printf("    %s %s, seals %s to %s, opens until %s%n", key.get("id"), key.get("state"),
            key.get("sealsFrom"), key.get("sealsUntil"), key.get("opensUntil")));
        objects(connector.get("handshakes")).forEach(row ->
            out.printf("  handshakes, %s, %s: %s%n", row.get("protocol"), row.get("result"), row.get("count")));
        objects(connector.get("rules")).forEach(rule -> out.printf("  rule %s: handshakes %s, live sessions %s%n", rule.get("rule"),
            object(rule.get("handshakes")), rule.get("liveSessions") == null ? "not counted" : rule.get("liveSessions")));
        Map<String, Object> refusals = object(connector.get("refusals"));
        for (RefusalReason reason : RefusalReason.values())
        {
            if (refusals.get(reason.toString()) instanceof Number count && count.longValue() > 0)
            {
                out.printf("  refused as %s, %s times: %s%n", reason, count, reason.meaning());
            }
        }
        objects(connector.get("stores")).forEach(store -> out.printf("  store of %s: %s, %s%n", store.get("store"), store.get("place"),
            Boolean.FALSE.equals(store.get("well")) ? "NOT healthy: " + store.get("problem")
                : "healthy, last contact " + (store.get("lastContact") == null ? "never" : store.get("lastContact"))));
    }
}
