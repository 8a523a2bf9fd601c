package io.github.tlsresumption.it;

import java.nio.file.Path;

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
        return Tools.require(property("it.jettyHome"), "the Jetty distribution");
    }

    /**
     * @return the zip that is unpacked into a base to install our module
     */
    public static Path moduleZip()
    {
        return Tools.require(property("it.moduleZip"), "the Jetty module");
    }

    /**
     * @return the demo application
     */
    public static Path demoWar()
    {
        return Tools.require(property("it.demoWar"), "the demo application");
    }

    /**
     * @return our jar
     */
    public static Path jar()
    {
        return Tools.require(property("it.jar"), "the jar");
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
