package io.github.tlsresumption.it;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;

/**
 * A fresh {@code JETTY_BASE}, made with the same commands that an operator gives. Each method takes effect at once.
 */
public final class JettyBase
{
    private static final AtomicInteger COUNT = new AtomicInteger();
    private static final String BEING_WRITTEN = ".new";

    private final Path path;
    private Path home = JettyHome.path();
    private WallClock clock;
    private boolean usualJvm;

    private JettyBase(Path path)
    {
        this.path = path;
    }

    /**
     * @param name what the base is for; part of the directory's name
     * @return an empty base
     */
    public static JettyBase create(String name)
    {
        Path path = JettyHome.scratch().resolve(String.format("%s-%d-%02d", name, ProcessHandle.current().pid(), COUNT.incrementAndGet()));
        return new JettyBase(made(path));
    }

    /**
     * @param name what the base is for
     * @param keyStore the server's keys
     * @return a base that serves HTTPS with HTTP/1.1 on a port chosen by the operating system
     */
    public static JettyBase https(String name, Path keyStore)
    {
        return create(name).modules("https").keyStore(keyStore).property("jetty.ssl.port", "0");
    }

    public Path path()
    {
        return path;
    }

    /**
     * @return another base with a copy of what is in this one, which is quicker than to make it again
     */
    public JettyBase twin()
    {
        JettyBase twin = create(path.getFileName() + "-twin");
        twin.home = home;
        twin.clock = clock;
        twin.usualJvm = usualJvm;
        try
        {
            Files.walkFileTree(path, new SimpleFileVisitor<>()
            {
                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException
                {
                    if (!file.toString().endsWith(BEING_WRITTEN))
                    {
                        Path target = twin.path.resolve(path.relativize(file));
                        made(target.getParent());
                        Files.copy(file, target, StandardCopyOption.REPLACE_EXISTING);
                    }
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException
                {
                    // A server that runs here has put it in its place meanwhile.
                    if (file.toString().endsWith(BEING_WRITTEN))
                    {
                        return FileVisitResult.CONTINUE;
                    }
                    throw e;
                }
            });
            return twin;
        }
        catch (IOException e)
        {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * To be called first, since modules are those of a distribution.
     *
     * @param jettyHome the distribution in place of the usual one
     * @return this base
     */
    public JettyBase home(Path jettyHome)
    {
        this.home = jettyHome;
        // By this comment what is kept of one distribution is not used for the other.
        return line("# " + jettyHome);
    }

    /**
     * @param wallClock by which processes started from now on are to go
     * @return this base
     */
    public JettyBase clock(WallClock wallClock)
    {
        this.clock = wallClock;
        return this;
    }

    /**
     * For tests that look into the heap: collector and compilers are as the JVM chooses them, and a full collection leaves nothing dead
     * where it is.
     *
     * @return this base
     */
    public JettyBase usualJvm()
    {
        usualJvm = true;
        return this;
    }

    /**
     * @return variables for the environment of a process
     */
    Map<String, String> environment()
    {
        Map<String, String> variables = new HashMap<>(clock == null ? Map.of() : clock.environment());
        List<String> options = usualJvm ? List.of("-XX:MarkSweepDeadRatio=0") : JettyHome.brief();
        if (!options.isEmpty())
        {
            // start.jar does not give its own options to the JVM that it forks.
            variables.put("JDK_JAVA_OPTIONS", String.join(" ", options));
        }
        return variables;
    }

    /**
     * @param names modules to add by {@code --add-modules}
     * @return this base
     */
    public JettyBase modules(String... names)
    {
        AddedModules.to(path, List.of(names), this::startJar);
        return this;
    }

    /**
     * Sets a property; one that is set twice has its last value.
     *
     * @param name its name
     * @param value its value
     * @return this base
     */
    public JettyBase property(String name, String value)
    {
        return line(name + "=" + value);
    }

    /**
     * @param line any line for start.jar, such as {@code --exec} or the name of an XML file
     * @return this base
     */
    public JettyBase line(String line)
    {
        try
        {
            made(ini().getParent());
            Files.writeString(ini(), line + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
            return this;
        }
        catch (IOException e)
        {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * @param file a file inside the base
     * @param content its new content
     * @return this base
     */
    public JettyBase file(String file, String content)
    {
        try
        {
            Files.writeString(made(path.resolve(file).getParent()).resolve(path.resolve(file)), content);
            return this;
        }
        catch (IOException e)
        {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * @param source a file from elsewhere
     * @param file where to copy it inside the base
     * @return this base
     */
    public JettyBase copy(Path source, String file)
    {
        try
        {
            Path target = path.resolve(file);
            made(target.getParent());
            Files.copy(source, target, StandardCopyOption.REPLACE_EXISTING);
            return this;
        }
        catch (IOException e)
        {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * @param zip an archive to unpack into the base
     * @return this base
     */
    public JettyBase unzip(Path zip)
    {
        try (InputStream in = Files.newInputStream(zip); ZipInputStream entries = new ZipInputStream(in))
        {
            for (ZipEntry entry = entries.getNextEntry(); entry != null; entry = entries.getNextEntry())
            {
                Path target = path.resolve(entry.getName()).normalize();
                if (entry.isDirectory())
                {
                    made(target);
                }
                else
                {
                    made(target.getParent());
                    Files.copy(entries, target, StandardCopyOption.REPLACE_EXISTING);
                }
            }
            return this;
        }
        catch (IOException e)
        {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * @param store the server's keys, from {@link KeyMaterial}
     * @return this base
     */
    public JettyBase keyStore(Path store)
    {
        return copy(store, "etc/keystore.p12").property("jetty.sslContext.keyStorePassword", KeyMaterial.PASSWORD);
    }

    /**
     * @param authority whose clients are trusted
     * @param mode {@code need} or {@code want}
     * @return this base, which now asks clients for a certificate
     */
    public JettyBase clientAuth(KeyMaterial.ClientAuthority authority, String mode)
    {
        return copy(authority.trustStore(), "etc/truststore.p12")
            .property("jetty.sslContext.trustStorePath", "etc/truststore.p12")
            .property("jetty.sslContext.trustStorePassword", KeyMaterial.PASSWORD)
            .property("jetty.sslContext." + mode + "ClientAuth", "true");
    }

    /**
     * Adds a file of Jetty XML that configures the server.
     *
     * @param name the file's name, without directory
     * @param content what stands inside the {@code Configure} element of the server
     * @return this base
     */
    public JettyBase xml(String name, String content)
    {
        String text = """
            <?xml version="1.0"?>
            <!DOCTYPE Configure PUBLIC "-//Jetty//Configure//EN" "https://jetty.org/configure_10_0.dtd">
            <Configure id="Server" class="org.eclipse.jetty.server.Server">
            """ + content + "</Configure>\n";
        return file("etc/" + name, text).line("etc/" + name);
    }

    /**
     * Adds a connector for HTTP/1.1 over TLS.
     *
     * @param name its name, by which {@link JettyProcess#port(String)} finds its port
     * @param sslContextFactory the XML element that makes or names its SslContextFactory
     * @return this base
     */
    public JettyBase connector(String name, String sslContextFactory)
    {
        return connector(name, "org.eclipse.jetty.server.ServerConnector", sslContextFactory);
    }

    /**
     * @param name its name, by which {@link JettyProcess#port(String)} finds it
     * @param connectorClass the class of the connector
     * @param sslContextFactory the XML of its factory
     * @return this base
     */
    public JettyBase connector(String name, String connectorClass, String sslContextFactory)
    {
        return xml(name + ".xml", """
            <Call name="addConnector">
              <Arg>
                <New class="%3$s">
                  <Arg name="server"><Ref refid="Server"/></Arg>
                  <Arg name="factories">
                    <Array type="org.eclipse.jetty.server.ConnectionFactory">
                      <Item>
                        <New class="org.eclipse.jetty.server.SslConnectionFactory">
                          <Arg name="sslContextFactory">%1$s</Arg>
                          <Arg name="next">http/1.1</Arg>
                        </New>
                      </Item>
                      <Item>
                        <New class="org.eclipse.jetty.server.HttpConnectionFactory">
                          <Arg name="config"><Ref refid="sslHttpConfig"/></Arg>
                        </New>
                      </Item>
                    </Array>
                  </Arg>
                  <Set name="name">%2$s</Set>
                  <Set name="port"><Property name="it.port.%2$s" default="0"/></Set>
                </New>
              </Arg>
            </Call>
            """.formatted(sslContextFactory, name, connectorClass));
    }

    /**
     * @param war an application
     * @param name the name under which to deploy it; {@code ROOT} is served at {@code /}
     * @return this base
     */
    public JettyBase deploy(Path war, String name)
    {
        if (!Files.exists(path.resolve("start.d/ee11-deploy.ini")))
        {
            modules("ee11-deploy");
        }
        return copy(war, "webapps/" + name + ".war");
    }

    /**
     * Starts Jetty by the command that {@code start.jar --dry-run} tells, as container images do, without a JVM for start.jar itself.
     *
     * @param options for start.jar, after those in the base
     * @return the process, ready to serve
     */
    public JettyProcess start(String... options)
    {
        return JettyProcess.start(this, more ->
        {
            List<String> command = StartCommand.of(path, ini(), joined(List.of(options), more), asked -> dryRun(asked));
            return sharesClasses() ? SharedClasses.of(path, command) : command;
        });
    }

    private boolean sharesClasses()
    {
        // What another clock says of the jars' ages differs from what was written down; the JVM shares nothing when it is patched.
        boolean isPatched = JettyHome.brief().stream().anyMatch(option -> option.startsWith("--patch-module"));
        return !usualJvm && clock == null && !isPatched && !JettyHome.brief().isEmpty();
    }

    /**
     * Starts Jetty as an operator does, by {@code start.jar}.
     *
     * @param options for start.jar, after those in the base
     * @return the process, ready to serve
     */
    public JettyProcess startByStartJar(String... options)
    {
        return JettyProcess.start(this, more -> startJar(joined(List.of(options), more)));
    }

    /**
     * @param options for start.jar
     * @return the command of the module's launcher, which puts the server in its own place
     */
    List<String> launcher(String... options)
    {
        return joined(List.of("env", "JETTY_HOME=" + home, "JAVA_HOME=" + System.getProperty("java.home"), "sh",
            "bin/tls-resumption-start"), List.of(options));
    }

    /**
     * @param options for start.jar
     * @return the log of a start that did not succeed
     */
    public String startFails(String... options)
    {
        return JettyProcess.startFails(this, startJar(List.of(options)));
    }

    /**
     * @return the command, word by word, that {@code --dry-run} tells to start Jetty with
     */
    public List<String> dryRun()
    {
        return dryRun(List.of());
    }

    private List<String> dryRun(List<String> options)
    {
        List<String> command = JettyHome.briefly(arguments(joined(List.of("--dry-run"), options)));
        String line = Command.run(path, command).succeeded().text().strip();
        // The shell itself takes the line apart.
        return Command.run(path, List.of("sh", "-c", "printf '%s\\n' " + line)).succeeded().text().lines().toList();
    }

    /**
     * @return the command of start.jar, to be run with the variables of {@link #environment}
     */
    List<String> startJar(List<String> options)
    {
        return joined(List.of(JettyHome.java().toString()), arguments(options));
    }

    private List<String> arguments(List<String> options)
    {
        return joined(List.of("-jar", home.resolve("start.jar").toString()), options);
    }

    /*
     * Read last, so that it wins over what the modules' own files set.
     */
    private Path ini()
    {
        return path.resolve("start.d/zz-it.ini");
    }

    private static List<String> joined(List<String> some, List<String> more)
    {
        List<String> all = new ArrayList<>(some);
        all.addAll(more);
        return all;
    }

    private static Path made(Path directory)
    {
        try
        {
            return Files.createDirectories(directory);
        }
        catch (IOException e)
        {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public String toString()
    {
        return path.getFileName().toString();
    }
}
