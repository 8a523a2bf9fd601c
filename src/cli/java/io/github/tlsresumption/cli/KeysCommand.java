package io.github.tlsresumption.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * Works on a file of ticket keys. What it prints are ids and times, never a key.
 */
@Command(name = "keys", mixinStandardHelpOptions = true,
    description = {"Works on a ticket key file: lists, makes, rotates, drops its keys.", "Run it as the user that owns the file. Servers "
        + "that use the file notice a change within a second. It never prints a key."},
    subcommands = {KeysList.class, KeysInit.class, KeysRotate.class, KeysDrop.class, KeysExport.class, KeysImport.class})
final class KeysCommand implements Runnable
{
    @Spec
    private CommandSpec spec;

    @Override
    public void run()
    {
        throw new ParameterException(spec.commandLine(), "Missing command: one of " + String.join(", ", spec.subcommands().keySet()));
    }
}
