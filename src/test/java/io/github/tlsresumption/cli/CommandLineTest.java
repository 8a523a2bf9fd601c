package io.github.tlsresumption.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * An error says which option is wrong and what to do, in a line or two.
 */
class CommandLineTest
{
    @TempDir
    private Path directory;

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', value = {
        "                                           | Missing command: one of check, keys, report, status, forget",
        "keys                                       | Missing command: one of ",
        "check                                      | HOST:PORT",
        "check one:0                                | 'one:0' has no port from 1 to 65535",
        "check one --timeout 0                      | --timeout is a number from 1 to 3600, not 0",
        "check one --timeout soon                   | --timeout",
        "check one --duration 1                     | --duration is a number from 2 to 604800, not 1",
        "check one --watch 0                        | --watch is a number from 1 to 86400, not 0",
        "check one --rounds 2                       | --rounds needs --watch SECONDS",
        "check one --host 127.0.0.1                 | --host is a name, not an address",
        "check one --other-host 127.0.0.1           | --other-host is a name, not an address",
        "check one --color=sometimes                | --color",
        "status --min-share 101                     | --min-share is a number of percent from 1 to 100, not 101",
        "status --url ftp://one                     | --url is http://HOST:PORT",
        "forget everyone                            | --yes",
        "forget client                              | a name is missing: forget client NAME",
        "forget everyone alice --yes                | leave out 'alice'",
        "report --keystore a --keystore-password-file b --seal-period 0 | --seal-period is a number from 1 to 604800, not 0",
        "sessions                                   | sessions"})
    void theCommandLineIsNotUnderstood(String line, String message)
    {
        CommandRun run = CommandRun.of(line == null ? new String[0] : line.split(" "));

        assertAll(run::err,
            () -> assertEquals(2, run.exit()),
            () -> assertTrue(run.err().contains(message)),
            () -> assertTrue(run.err().contains(" --help'.")),
            () -> assertFalse(run.err().contains("Usage:")),
            () -> assertTrue(run.err().lines().count() <= 3),
            () -> assertEquals("", run.out()));
    }

    @Test
    void aFileThatCannotBeReadIsNamedWithItsOption() throws IOException
    {
        String missing = directory.resolve("missing").toString();
        String empty = Files.createFile(directory.resolve("empty")).toString();

        assertCannot("--ca " + missing, "check", "127.0.0.1:1", "--ca", missing);
        assertCannot("--ca " + empty + ": there is no certificate", "check", "127.0.0.1:1", "--ca", empty);
        assertCannot("--password-file: ", "status", "--password-file", missing);
        assertCannot("--keystore-password-file: ", "report", "--keystore", missing, "--keystore-password-file", empty);
    }

    private static void assertCannot(String message, String... arguments)
    {
        CommandRun run = CommandRun.of(arguments);

        assertEquals(3, run.exit(), run::err);
        assertTrue(run.err().startsWith(message), run::err);
        assertEquals(1, run.err().lines().count(), run::err);
    }
}
