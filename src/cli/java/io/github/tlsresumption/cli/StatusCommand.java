package io.github.tlsresumption.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;

import io.github.tlsresumption.json.JsonObject;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * Shows how a running server is.
 */
@Command(name = "status", mixinStandardHelpOptions = true, sortOptions = false, description = "Shows which share of a running "
    + "server's handshakes resumes sessions, by protocol, and whether it is healthy.", exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
    "0:healthy",
    "1:a store is not healthy, there is no ticket key, or the share is below --min-share", "2:the command line is not valid",
    "3:the server could not be asked"})
final class StatusCommand implements Callable<Integer>
{
    private static final int HUNDRED = 100;

    @Option(names = "--min-share", paramLabel = "PERCENT", description = "Exit with 1 when, for a connector and a protocol that is not "
        + "off, a smaller share of the handshakes of the last ten minutes resumed a session. Fewer than " + Share.LEAST
        + " handshakes are not judged.")
    private Integer minShare;

    @Option(names = "--details", description = "Show each ticket key, the handshakes by result and rule, the meaning of refusals, and each "
        + "store.")
    private boolean details;

    @Mixin
    private AdminClient admin;

    @Mixin
    private Palette palette;

    @Mixin
    private Main.Format format;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call()
    {
        if (minShare != null && (minShare < 1 || minShare > HUNDRED))
        {
            throw new ParameterException(spec.commandLine(), "--min-share is a number of percent from 1 to 100, not " + minShare);
        }
        Map<String, Object> status = admin.status();
        Optional<Map<String, Object>> history = admin.history();
        List<Map<String, Object>> connectors = objects(status.get("connectors"));
        // Connectors of one scope have the same stores.
        List<String> problems = connectors.stream().flatMap(connector -> problems(connector, history).stream()).distinct().toList();
        PrintWriter out = spec.commandLine().getOut();
        if (format.json())
        {
            out.println(JsonObject.of(status).put("healthy", problems.isEmpty()).put("problems", problems).put("shares",
                connectors.stream().flatMap(connector -> Share.of(connector, history).stream()).map(Share::json).toList()));
        }
        else
        {
            print(out, status, history, problems);
        }
        out.flush();
        return problems.isEmpty() ? Exit.WELL : Exit.WRONG;
    }

    private List<String> problems(Map<String, Object> connector, Optional<Map<String, Object>> history)
    {
        List<String> problems = new ArrayList<>();
        for (Map<String, Object> store : objects(connector.get("stores")))
        {
            if (Boolean.FALSE.equals(store.get("well")))
            {
                problems.add("scope " + connector.get("scope") + ": the store of " + store.get("store") + ": " + store.get("problem"));
            }
        }
        boolean lacksKeys = object(object(connector.get("ring")).get("exposure")).isEmpty();
        if (lacksKeys && object(connector.get("refusals")).get("no-key") instanceof Number count && count.longValue() > 0)
        {
            problems.add("scope " + connector.get("scope") + ": there is no ticket key to seal with, so handshakes are full: see the "
                + "server's log about the key file or the store");
        }
        if (minShare != null && !Boolean.FALSE.equals(connector.get("resumes")))
        {
            Map<String, Object> modes = object(connector.get("mode"));
            Share.of(connector, history).stream().filter(share -> !"off".equals(modes.get(share.protocol())) && share.isBelow(minShare))
                .forEach(share -> problems.add(share.connector() + ", " + share.protocol() + ": less than " + minShare + " % resumed: "
                    + share));
        }
        return problems;
    }

    private void print(PrintWriter out, Map<String, Object> status, Optional<Map<String, Object>> history, List<String> problems)
    {
        out.println(palette.title(status.get("node")) + ", " + status.get("time") + ": "
            + (problems.isEmpty() ? palette.good("healthy") : palette.bad("NOT healthy")));
        problems.forEach(problem -> out.println("  " + palette.bad("PROBLEM") + " " + problem));
        objects(status.get("connectors")).forEach(connector ->
        {
            StatusText text = new StatusText(out, connector);
            text.printSummary(Share.of(connector, history));
            if (details)
            {
                text.printDetails();
            }
        });
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
