package io.github.tlsresumption.cli;

import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;

import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * The command line's face.
 */
@Command(name = "tls-resumption", mixinStandardHelpOptions = true, versionProvider = Main.Version.class,
    description = "Examines TLS session resumption, and the ticket keys of the Jetty module tls-resumption.",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"0:healthy, or done", "1:the command found a problem that it looks for", "2:the command line is not valid",
        "3:the command could not do its work: not reached, not allowed, not readable"},
    subcommands = {CheckCommand.class, KeysCommand.class, ReportCommand.class, StatusCommand.class,
        ForgetCommand.class, Main.Completion.class, HelpCommand.class})
public final class Main implements Runnable
{
    @Spec
    private CommandSpec spec;

    /**
     * Made by {@link #main} and by tests.
     */
    Main()
    {
    }

    /**
     * @param arguments see {@code help}
     */
    public static void main(String[] arguments)
    {
        // JSON is UTF-8 whatever the locale says.
        PrintWriter out = new PrintWriter(new OutputStreamWriter(System.out, StandardCharsets.UTF_8), true);
        System.exit(commandLine().setOut(out).execute(arguments));
    }

    static CommandLine commandLine()
    {
        CommandLine commandLine = new CommandLine(new Main());
        commandLine.setExecutionExceptionHandler((exception, failed, parsed) ->
        {
            if (!(exception instanceof CannotException))
            {
                throw exception;
            }
            failed.getErr().println(exception.getMessage());
            return Exit.CANNOT;
        });
        commandLine.setParameterExceptionHandler((exception, arguments) -> explain(exception));
        commandLine.setExitCodeExceptionMapper(exception -> exception instanceof ParameterException ? Exit.USAGE : Exit.CANNOT);
        return commandLine;
    }

    /*
     * The usage would push the one line that matters off the screen.
     */
    private static int explain(ParameterException exception)
    {
        CommandLine failed = exception.getCommandLine();
        PrintWriter err = failed.getErr();
        err.println(exception.getMessage());
        UnmatchedArgumentException.printSuggestions(exception, err);
        err.println("See '" + failed.getCommandSpec().qualifiedName() + " --help'.");
        err.flush();
        return Exit.USAGE;
    }

    @Override
    public void run()
    {
        throw new ParameterException(spec.commandLine(), "Missing command: one of " + String.join(", ", spec.subcommands().keySet()));
    }

    /**
     * The release, which the jar's manifest names.
     */
    static final class Version implements IVersionProvider
    {
        @Override
        public String[] getVersion()
        {
            return new String[]{"jetty-tls-resumption " + number()};
        }

        static String number()
        {
            String version = Main.class.getPackage().getImplementationVersion();
            return version == null ? "(not packaged)" : version;
        }
    }

    /**
     * Writes a script that completes commands and options.
     */
    @Command(name = "completion", description = {"Writes a script for bash or zsh that completes commands and options of a command "
        + "named tls-resumption:", "  alias tls-resumption='java -jar .../jetty-tls-resumption-VERSION-cli.jar'",
        "  source <(tls-resumption completion)"})
    static final class Completion implements Runnable
    {
        @Spec
        private CommandSpec spec;

        @Override
        public void run()
        {
            CommandLine root = spec.root().commandLine();
            spec.commandLine().getOut().print(AutoComplete.bash(root.getCommandName(), root));
            spec.commandLine().getOut().flush();
        }
    }

    /**
     * What every command that prints a result has.
     */
    static final class Format
    {
        @Option(names = "--json", description = "Print one object of JSON.")
        private boolean json;

        boolean json()
        {
            return json;
        }
    }
}
