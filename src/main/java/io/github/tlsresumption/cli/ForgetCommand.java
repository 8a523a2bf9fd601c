package io.github.tlsresumption.cli;

import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;

import org.eclipse.jetty.util.ajax.JSON;
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
    + "sessions: each of them needs one full handshake more.")
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
        Json request = new Json().with("scope", scope == null ? onlyScope() : scope).with("kind", kind.name()).with("name", name);
        String answer = new JSON().toJSON(admin.post("/api/forget", request));
        PrintWriter out = spec.commandLine().getOut();
        out.println(format.json() ? answer : "forgotten");
        out.flush();
        return Exit.WELL;
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
