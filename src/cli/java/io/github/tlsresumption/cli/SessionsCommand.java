package io.github.tlsresumption.cli;

import java.io.PrintWriter;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;

import io.github.tlsresumption.json.JsonObject;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/**
 * Shows how many sessions a running server has, and how its handshakes went.
 */
@Command(name = "sessions", mixinStandardHelpOptions = true, description = {"Shows for each connector of a running server how many "
    + "sessions live and how its handshakes went.", "Sessions of mode ticket are with the clients, so they are not counted."})
final class SessionsCommand implements Callable<Integer>
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
        List<Map<String, Object>> connectors = StatusCommand.objects(admin.status().get("connectors"));
        PrintWriter out = spec.commandLine().getOut();
        if (format.json())
        {
            out.println(new JsonObject().with("connectors", connectors.stream().map(connector -> new JsonObject()
                .with("scope", connector.get("scope")).with("name", connector.get("name"))
                .with("liveSessions", connector.get("liveSessions")).with("forgotten", connector.get("forgotten"))
                .with("handshakes", connector.get("handshakes")).with("rules", connector.get("rules"))).toList()));
        }
        else
        {
            for (Map<String, Object> connector : connectors)
            {
                out.println(connector.get("name") + " (scope " + connector.get("scope") + ")");
                StatusCommand.handshakes(out, connector);
            }
        }
        out.flush();
        return Exit.WELL;
    }
}
