package io.github.tlsresumption.it;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

/**
 * Finds the programs that the integration tests drive. A program that is missing aborts the test, and on a build server
 * (environment variable or system property {@code CI} set to {@code true}) fails it.
 */
public final class Tools
{
    private Tools()
    {
    }

    /**
     * @param names the names by which the program may be installed, best first; the first one in capitals is also the name
     * of the environment variable that may hold the full path
     * @return the program
     */
    public static Path require(String... names)
    {
        return find(names).orElseGet(() -> missing(names[0] + " is not on the PATH (looked for " + String.join(", ", names) + ")"));
    }

    private static Optional<Path> find(String... names)
    {
        String named = System.getenv(names[0].toUpperCase(Locale.ROOT));
        Stream<Path> byVariable = named == null ? Stream.empty() : Stream.of(Path.of(named));
        Stream<Path> byPath = Stream.of(names).flatMap(name ->
            Stream.of(System.getenv("PATH").split(File.pathSeparator)).map(directory -> Path.of(directory, name)));
        return Stream.concat(byVariable, byPath).filter(Files::isExecutable).findFirst();
    }

    /**
     * @param message says what is missing
     * @param <T> what it would have been
     * @return nothing: the test is aborted or fails
     */
    public static <T> T missing(String message)
    {
        if (Boolean.getBoolean("CI") || Boolean.parseBoolean(System.getenv("CI")))
        {
            return fail(message);
        }
        return abort(message);
    }
}
