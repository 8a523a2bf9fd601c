package io.github.tlsresumption.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;

import io.github.tlsresumption.json.JsonObject;
import io.github.tlsresumption.resumption.RefusalReason;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/**
 * Shows how a running server is.
 */
@Command(name = "status", mixinStandardHelpOptions = true, description = "Shows modes, ticket keys, refusals and stores of a running "
    + "server.", exitCodeListHeading = "%nExit codes:%n", exitCodeList = {"0:all stores are well", "1:a store is not well",
    "2:the command line is not understood", "3:the server could not be asked"})
final class StatusCommand implements Callable<Integer>
{
    @Mixin
    private AdminClient admin;

    @Mixin
    private Main.Format format;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call()
    {
        Map<String, Object> status = admin.status();
        List<Map<String, Object>> connectors = objects(status.get("connectors"));
        PrintWriter out = spec.commandLine().getOut();
        if (format.json())
        {
            out.println(JsonObject.of(status));
        }
        else
        {
            out.println(status.get("node") + ", " + status.get("time"));
            connectors.forEach(connector -> print(out, connector));
        }
        out.flush();
        boolean well = connectors.stream().flatMap(connector -> objects(connector.get("stores")).stream())
            .noneMatch(store -> Boolean.FALSE.equals(store.get("well")));
        return well ? Exit.WELL : Exit.WRONG;
    }

    private static void print(PrintWriter out, Map<String, Object> connector)
    {
        Map<String, Object> mode = object(connector.get("mode"));
        Map<String, Object> ring = object(connector.get("ring"));
        out.printf("%s (scope %s): TLS 1.3 by %s, TLS 1.2 by %s, at most %s s%n", connector.get("name"), connector.get("scope"),
            mode.get("TLSv1.3"), mode.get("TLSv1.2"), connector.get("maxSessionDuration"));
        if (connector.get("engine") != null)
        {
            out.println("  TLS engine: " + connector.get("engine"));
        }
        handshakes(out, connector);
        refusals(out, object(connector.get("refusals")));
        if (ring.get("exposure") == null)
        {
            // Earlier servers do not say.
            out.println(Boolean.FALSE.equals(connector.get("resumes")) ? "  ticket keys: none, as resumption is off"
                : "  ticket keys: none, so handshakes are full or resume by session id");
        }
        else
        {
            Map<String, Object> exposure = object(ring.get("exposure"));
            String rotation = (ring.get("nextRotation") == null ? "unknown" : ring.get("nextRotation"))
                + (Boolean.FALSE.equals(ring.get("rotatedHere")) ? " (by whoever writes their file)" : "");
            out.printf("  ticket keys: version %s, next rotation %s; one stolen now opens tickets from %s to %s%n", ring.get("version"),
                rotation, exposure.get("from"), exposure.get("to"));
        }
        objects(ring.get("keys")).forEach(key -> out.printf("    %s %s, seals %s to %s, opens until %s%n", key.get("id"), key.get("state"),
            key.get("sealsFrom"), key.get("sealsUntil"), key.get("opensUntil")));
        objects(connector.get("stores")).forEach(store -> out.printf("  store of %s: %s, %s%n", store.get("store"), store.get("place"),
            Boolean.FALSE.equals(store.get("well")) ? "NOT well: " + store.get("problem")
                : "well, last contact " + (store.get("lastContact") == null ? "never" : store.get("lastContact"))));
    }

    private static void refusals(PrintWriter out, Map<String, Object> counts)
    {
        out.printf("  refusals: %s%n", counts);
        for (RefusalReason reason : RefusalReason.values())
        {
            if (counts.get(reason.toString()) instanceof Number count && count.longValue() > 0)
            {
                out.printf("    %s: %s%n", reason, reason.meaning());
            }
        }
    }

    static void handshakes(PrintWriter out, Map<String, Object> connector)
    {
        out.printf("  live sessions: %s, forgotten: %s%n", connector.get("liveSessions"), connector.get("forgotten"));
        objects(connector.get("handshakes")).forEach(row ->
            out.printf("  handshakes, %s, %s: %s%n", row.get("protocol"), row.get("result"), row.get("count")));
        objects(connector.get("rules")).forEach(rule -> out.printf("  rule %s: handshakes %s, live sessions %s%n", rule.get("rule"),
            object(rule.get("handshakes")), rule.get("liveSessions") == null ? "not counted" : rule.get("liveSessions")));
    }

    @SuppressWarnings("unchecked")
    static Map<String, Object> object(Object value)
    {
        return value instanceof Map<?, ?> map ? (Map<String, Object>)map : Map.of();
    }

    static List<Map<String, Object>> objects(Object values)
    {
        List<Map<String, Object>> all = new ArrayList<>();
        if (values instanceof Object[] array)
        {
            Arrays.stream(array).forEach(value -> all.add(object(value)));
        }
        return all;
    }
}
