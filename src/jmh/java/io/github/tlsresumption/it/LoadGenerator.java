package io.github.tlsresumption.it;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Clients outside this JVM: {@code src/jmh/c/tls-load.c}, made by {@link #build}.
 */
final class LoadGenerator implements AutoCloseable
{
    private static final Path SOURCE = Path.of("src", "jmh", "c", "tls-load.c");
    private static final String SERVED = "ok";

    private final Process process;
    private final Writer commands;
    private final BufferedReader answers;
    private int ticketBytes;

    /**
     * @param program from {@link #build}
     * @param port of a server on the loopback interface
     * @param protocol as JSSE names it
     * @param pick which of several tickets to keep: {@code newest} or {@code longest}
     */
    LoadGenerator(Path program, int port, String protocol, String pick)
    {
        List<String> command = new ArrayList<>(List.of(program.toString(), String.valueOf(port), ModuleBase.ONE,
            protocol.substring("TLSv".length()), pick));
        String groups = System.getProperty("bench.groups");
        if (groups != null)
        {
            command.add(groups);
        }
        try
        {
            process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        }
        catch (IOException e)
        {
            throw new UncheckedIOException(e);
        }
        commands = process.outputWriter(StandardCharsets.US_ASCII);
        answers = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.US_ASCII));
    }

    /**
     * @param directory where to put the program
     * @return the program
     */
    static Path build(Path directory)
    {
        try
        {
            Path program = Files.createDirectories(directory).resolve("tls-load");
            Command.run(null, List.of("gcc", "-O2", "-Wall", "-Wextra", "-Werror", "-o", program.toString(), SOURCE.toString(), "-lssl",
                "-lcrypto")).succeeded();
            return program;
        }
        catch (IOException e)
        {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Makes connections, one after the other, each with a request.
     *
     * @param resumed whether all of them must be resumed, or all full
     * @param count how many
     */
    void connect(boolean resumed, int count)
    {
        command(resumed ? "resumed" : "full", count);
    }

    /**
     * Makes connections by full handshakes, each with a request, that stay open.
     *
     * @param count how many more
     */
    void keep(int count)
    {
        command("keep", count);
    }

    /**
     * Closes those that were kept.
     */
    void drop()
    {
        command("drop", 0);
    }

    private void command(String what, int count)
    {
        try
        {
            commands.write(what + " " + count + "\n");
            commands.flush();
            String answer = answers.readLine();
            if (answer == null || !answer.startsWith(SERVED))
            {
                throw new AssertionError("the clients ended, see their message");
            }
            ticketBytes = Integer.parseInt(answer.split(" ")[2]);
        }
        catch (IOException e)
        {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * @return the length of the ticket that is kept, 0 when the session has only an id
     */
    int ticketBytes()
    {
        return ticketBytes;
    }

    @Override
    public void close()
    {
        process.destroy();
    }
}
