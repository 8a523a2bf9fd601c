package io.github.tlsresumption.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Map;

import io.github.tlsresumption.json.BoundedJson;
import picocli.CommandLine;

/**
 * A command run within this process.
 *
 * @param exit its exit code
 * @param out standard output
 * @param err standard error
 */
record CommandRun(int exit, String out, String err)
{
    static CommandRun of(String... arguments)
    {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine line = Main.commandLine().setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
        int exit = line.execute(arguments);
        return new CommandRun(exit, out.toString(), err.toString());
    }

    Map<String, Object> json()
    {
        return BoundedJson.parse(out);
    }
}
