package io.github.tlsresumption.it;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import org.eclipse.jetty.util.ajax.JSON;

/**
 * The command line, run from its jar.
 */
final class Cli
{
    /**
     * What a command left behind.
     *
     * @param exit its exit code
     * @param text what it wrote
     */
    record Result(int exit, String text)
    {
        /**
         * @return the object that {@code --json} prints
         */
        @SuppressWarnings("unchecked")
        Map<String, Object> json()
        {
            String line = text.lines().filter(candidate -> candidate.startsWith("{")).findFirst()
                .orElseThrow(() -> new AssertionError("no JSON:\n" + text));
            return (Map<String, Object>)new JSON().fromJSON(line);
        }
    }

    private Cli()
    {
    }

    static Result run(String... arguments)
    {
        Path jar = Path.of(System.getProperty("it.cliJar"));
        if (!Files.exists(jar))
        {
            throw new AssertionError("the command line is not at " + jar + ": run the integration tests by 'mvn verify'");
        }
        List<String> command = new ArrayList<>(List.of("-jar", jar.toString()));
        command.addAll(List.of(arguments));
        Command.Output output = Command.run(null, JettyHome.briefly(command));
        return new Result(output.exit(), new String(output.text().getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8));
    }
}
