package io.github.tlsresumption.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;

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
@Command(name = "forget", mixinStandardHelpOptions = true, description = "Makes a running server, and those that share its stores, forget "
    + "sessions: each of them needs one more full handshake.", exitCodeListHeading = "%nExit codes:%n", exitCodeList = {"0:forgotten",
    "1:forgotten there, but those that share its stores have not been told yet; the server tries again",
    "2:the command line is not valid", "3:nothing was forgotten, or not in every scope"})
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

    @Option(names = "--scope", paramLabel = "SCOPE", description = "Forget in this scope only. Default: all scopes of the server.")
    private String scope;

    @Option(names = "--yes", description = "Required to forget everyone.")
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
            throw new ParameterException(spec.commandLine(), kind == Kind.everyone ? "everyone has no name: leave out '" + name + "'"
                : "a name is missing: forget " + kind + " NAME");
        }
        if (kind == Kind.everyone && !yes)
        {
            throw new ParameterException(spec.commandLine(), "to forget everyone needs --yes: every session needs one full handshake then");
        }
        PrintWriter out = spec.commandLine().getOut();
        int exit = scope == null ? everywhere(out) : in(scope, out);
        out.flush();
        return exit;
    }

    private JsonObject request(String where)
    {
        return new JsonObject().with("scope", where).with("kind", kind.name()).with("name", name);
    }

    private int in(String where, PrintWriter out)
    {
        Map<String, Object> answer = admin.post("/api/forget", request(where));
        Object problem = answer.get("problem");
        out.println(format.json() ? JsonObject.of(answer) : problem == null ? "forgotten" : problem);
        return problem == null ? Exit.WELL : Exit.WRONG;
    }

    private int everywhere(PrintWriter out)
    {
        List<String> scopes = StatusCommand.objects(admin.status().get("connectors")).stream()
            .map(connector -> String.valueOf(connector.get("scope"))).distinct().toList();
        if (scopes.isEmpty())
        {
            throw new CannotException("the server has no connector that resumes sessions by this module: is it the right one?");
        }
        if (scopes.size() == 1)
        {
            return in(scopes.get(0), out);
        }
        List<Attempt> attempts = new ArrayList<>();
        for (String where : scopes)
        {
            attempts.add(attempt(where, attempts));
        }
        long done = attempts.stream().filter(Attempt::forgotten).count();
        if (done == 0)
        {
            throw new CannotException(attempts.get(0).problem().orElse("nothing was forgotten"));
        }
        if (format.json())
        {
            out.println(new JsonObject().with("forgotten", true).with("count", done).with("scopes", attempts.stream().map(one ->
                new JsonObject().with("scope", one.scope()).with("forgotten", one.forgotten()).with("problem", one.problem())).toList()));
        }
        else
        {
            out.println("forgotten in " + done + " of " + scopes.size() + " scopes: " + attempts.stream().filter(Attempt::forgotten)
                .map(Attempt::scope).collect(Collectors.joining(", ")));
            attempts.forEach(one -> one.problem().ifPresent(problem -> out.println("  scope " + one.scope() + ": " + problem)));
        }
        return attempts.stream().mapToInt(Attempt::exit).max().orElse(Exit.WELL);
    }

    /**
     * What became of it in one scope.
     *
     * @param scope its name
     * @param forgotten whether it was done there
     * @param problem what went wrong, if anything
     * @param exit the exit code that this alone would give
     */
    private record Attempt(String scope, boolean forgotten, Optional<String> problem, int exit)
    {
    }

    private Attempt attempt(String where, List<Attempt> before)
    {
        try
        {
            Optional<String> problem = Optional.ofNullable(admin.post("/api/forget", request(where)).get("problem")).map(Object::toString);
            return new Attempt(where, true, problem, problem.isPresent() ? Exit.WRONG : Exit.WELL);
        }
        catch (AdminClient.RejectedException e)
        {
            // A rule need not be in every scope.
            return new Attempt(where, false, Optional.of(e.getMessage()), kind == Kind.rule ? Exit.WELL : Exit.CANNOT);
        }
        catch (CannotException e)
        {
            if (before.isEmpty())
            {
                throw e;
            }
            return new Attempt(where, false, Optional.of(e.getMessage()), Exit.CANNOT);
        }
    }
}
