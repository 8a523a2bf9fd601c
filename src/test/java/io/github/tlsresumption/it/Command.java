package io.github.tlsresumption.it;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Runs a program to its end, with a limit in time, and keeps what it says.
 */
public final class Command
{
    private static final Duration LIMIT = Duration.ofSeconds(300);

    /**
     * What a program left behind.
     *
     * @param exit its exit code
     * @param text standard output and standard error, one character per byte
     */
    public record Output(int exit, String text)
    {
        /**
         * @return this, when the program ended well
         */
        public Output succeeded()
        {
            if (exit != 0)
            {
                throw new AssertionError("exit code " + exit + ":\n" + text);
            }
            return this;
        }
    }

    private Command()
    {
    }

    public static Output run(Path directory, List<String> command)
    {
        return run(directory, command, new byte[0]);
    }

    public static Output run(Path directory, List<String> command, byte[] input)
    {
        ProcessBuilder builder = new ProcessBuilder(new ArrayList<>(command)).redirectErrorStream(true);
        if (directory != null)
        {
            builder.directory(directory.toFile());
        }
        try
        {
            Process process = builder.start();
            ByteArrayOutputStream output = new ByteArrayOutputStream();
            Thread reader = new Thread(() -> copy(process.getInputStream(), output), "output of " + command.get(0));
            reader.setDaemon(true);
            reader.start();
            feed(process, input);
            boolean ended = process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS);
            if (!ended)
            {
                process.destroyForcibly();
            }
            reader.join(TimeUnit.SECONDS.toMillis(10));
            String text = output.toString(StandardCharsets.ISO_8859_1);
            if (!ended)
            {
                throw new AssertionError(command + " did not end within " + LIMIT + ":\n" + text);
            }
            return new Output(process.exitValue(), text);
        }
        catch (IOException e)
        {
            throw new UncheckedIOException(e);
        }
        catch (InterruptedException e)
        {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private static void feed(Process process, byte[] input)
    {
        try (OutputStream out = process.getOutputStream())
        {
            out.write(input);
        }
        catch (IOException e)
        {
            // The program ended without reading: its exit code and output tell why.
            return;
        }
    }

    private static void copy(InputStream from, OutputStream to)
    {
        try (from)
        {
            from.transferTo(to);
        }
        catch (IOException e)
        {
            // The stream of a killed process; what came before is kept.
            return;
        }
    }
}
