package io.github.tlsresumption.it;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Where the build put what the integration tests run: the Jetty distribution, our module and the demo application.
 */
public final class JettyHome
{
    private JettyHome()
    {
    }

    /**
     * @return the unpacked distribution
     */
    public static Path path()
    {
        return built(property("it.jettyHome"), "the Jetty distribution");
    }

    /**
     * @return the unpacked distribution of Jetty 12.0
     */
    public static Path jetty120()
    {
        return built(property("it.jettyHome12.0"), "the distribution of Jetty 12.0");
    }

    /**
     * @return the zip that is unpacked into a base to install our module
     */
    public static Path moduleZip()
    {
        return built(property("it.moduleZip"), "the Jetty module");
    }

    /**
     * @return the demo application
     */
    public static Path demoWar()
    {
        return built(property("it.demoWar"), "the demo application");
    }

    /**
     * @return the directory with releases of Bouncy Castle that are not ours
     */
    public static Path otherBouncyCastles()
    {
        return built(property("it.otherBouncyCastles"), "other releases of Bouncy Castle");
    }

    /**
     * @return our jar
     */
    public static Path jar()
    {
        return built(property("it.jar"), "the jar");
    }

    /**
     * @return the directory that takes everything the tests write
     */
    public static Path scratch()
    {
        return property("it.directory");
    }

    /**
     * @return the {@code java} of the JDK that runs the tests
     */
    public static Path java()
    {
        return Path.of(System.getProperty("java.home"), "bin", "java");
    }

    /**
     * @return options for JVMs that live for seconds, such as those of the tests; none for a benchmark
     */
    static List<String> brief()
    {
        String options = System.getProperty("it.javaOptions", "").strip();
        return options.isEmpty() ? List.of() : List.of(options.split("\\s+"));
    }

    /**
     * @param arguments what follows the options
     * @return the words of a command that runs the JDK of the tests for seconds
     */
    static List<String> briefly(List<String> arguments)
    {
        List<String> command = new ArrayList<>();
        command.add(java().toString());
        command.addAll(brief());
        command.addAll(arguments);
        return command;
    }

    private static Path built(Path file, String what)
    {
        if (!Files.exists(file))
        {
            throw new AssertionError(what + " is not at " + file + ": run the integration tests by 'mvn verify'");
        }
        return file;
    }

    private static Path property(String name)
    {
        String value = System.getProperty(name);
        if (value == null)
        {
            throw new AssertionError("system property " + name + " is not set: run the integration tests by 'mvn verify'");
        }
        return Path.of(value).toAbsolutePath();
    }
}
