package io.github.tlsresumption.cli;

import java.io.PrintWriter;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;

import io.github.tlsresumption.json.JsonObject;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * Has a running server forget sessions.
 */
@Command(name = "forget", mixinStandardHelpOptions = true, description = "Has a running server, and those that share its stores, forget "
    + "sessions: each of them needs one full handshake more.", exitCodeListHeading = "%nExit codes:%n", exitCodeList = {"0:forgotten",
    "1:forgotten there, but those that share its stores have not been told yet, which the server tries again",
    "2:the command line is not understood", "3:nothing was forgotten"})
final class ForgetCommand implements Callable<Integer>
{
    /**
     * Whose sessions.
     */
    enum Kind
    {
        session, client, principal, rule, everyone
    }

    @Parameters(index = "0", paramLabel = "KIND", description = "One of ${COMPLETION-CANDIDATES}.")
    private Kind kind;

    @Parameters(index = "1", arity = "0..1", paramLabel = "NAME", description = "The session's id, the client's address or fingerprint, "
        + "the user, or the rule; none for everyone.")
    private String name;

    @Option(names = "--scope", paramLabel = "SCOPE", description = "Of the connector; needed where there are several.")
    private String scope;

    @Option(names = "--yes", description = "Needed to forget everyone.")
    private boolean yes;

    @Mixin
    private AdminClient admin;

    @Mixin
    private Main.Format format;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call()
    {
        if ((kind == Kind.everyone) != (name == null))
        {
            throw new ParameterException(spec.commandLine(), kind == Kind.everyone ? "everyone has no name" : "a name is missing");
        }
        if (kind == Kind.everyone && !yes)
        {
            throw new ParameterException(spec.commandLine(), "to forget everyone needs --yes: every session needs one full handshake then");
        }
        JsonObject request = new JsonObject().with("scope", scope == null ? onlyScope() : scope).with("kind", kind.name())
            .with("name", name);
        Map<String, Object> answer = admin.post("/api/forget", request);
        Object problem = answer.get("problem");
        PrintWriter out = spec.commandLine().getOut();
        out.println(format.json() ? JsonObject.of(answer) : problem == null ? "forgotten" : problem);
        out.flush();
        return problem == null ? Exit.WELL : Exit.WRONG;
    }

    private String onlyScope()
    {
        List<String> scopes = StatusCommand.objects(admin.status().get("connectors")).stream()
            .map(connector -> String.valueOf(connector.get("scope"))).distinct().toList();
        if (scopes.size() != 1)
        {
            throw new CannotException("the server has the scopes " + scopes + ": name one by --scope");
        }
        return scopes.get(0);
    }
}
