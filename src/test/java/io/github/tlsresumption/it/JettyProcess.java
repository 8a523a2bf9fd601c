package io.github.tlsresumption.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A running Jetty: start.jar, and the JVM that it forks where a module asks for JVM options.
 */
public final class JettyProcess implements AutoCloseable
{
    static final Set<JettyProcess> RUNNING = ConcurrentHashMap.newKeySet();

    private static final Duration START_LIMIT = Duration.ofSeconds(90);
    private static final Duration STOP_LIMIT = Duration.ofSeconds(30);
    private static final Pattern READY = Pattern.compile(": Started oejs\\.Server@");
    private static final Pattern CONNECTOR =
        Pattern.compile(": Started (?:oejs\\.|igtl\\.)?([\\w.-]+)@[0-9a-f]+\\{[^{}]*\\}\\{[^{}]*:(\\d+)\\}");
    private static final Pattern LOADED = Pattern.compile("Scanner-[\\w-]+: x509=");
    private static final Pattern FAILED = Pattern.compile("Exception in thread \"main\"[\\s\\S]*XmlConfiguration\\.main");
    /** Jetty's own, or a lean one. */
    private static final List<String> MAIN_CONNECTORS = List.of("ServerConnector", "LeanConnector");
    private static final AtomicInteger COUNT = new AtomicInteger();

    static
    {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> RUNNING.forEach(JettyProcess::destroyAll)));
    }

    private final JettyBase base;
    private final UnaryOperator<List<String>> command;
    private final List<String> words;
    private final Path console;
    private final Process process;
    private final Map<String, Integer> ports = new HashMap<>();

    private JettyProcess(JettyBase base, UnaryOperator<List<String>> command)
    {
        this.base = base;
        this.command = command;
        this.console = base.path().resolve("console-" + COUNT.incrementAndGet() + ".log");
        this.words = command.apply(List.of());
        ProcessBuilder builder = new ProcessBuilder(words)
            .directory(base.path().toFile())
            .redirectErrorStream(true)
            .redirectOutput(console.toFile());
        builder.environment().keySet().removeAll(List.of("JETTY_HOME", "JETTY_BASE"));
        builder.environment().putAll(base.environment());
        try
        {
            this.process = builder.start();
        }
        catch (IOException e)
        {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * @param base where to run
     * @param command what to run
     * @return the process, ready to serve
     */
    public static JettyProcess start(JettyBase base, List<String> command)
    {
        return start(base, more ->
        {
            List<String> all = new ArrayList<>(command);
            all.addAll(more);
            return all;
        });
    }

    /**
     * @param base where to run
     * @param command gives what to run, by what start.jar is told besides
     * @return the process, ready to serve
     */
    static JettyProcess start(JettyBase base, UnaryOperator<List<String>> command)
    {
        JettyProcess started = new JettyProcess(base, command);
        RUNNING.add(started);
        boolean decided = Await.within(START_LIMIT, () -> started.logged(READY) || !started.process.isAlive());
        if (!started.logged(READY))
        {
            started.kill();
            throw new AssertionError(base + (decided ? " ended" : " was not ready within " + START_LIMIT) + ":\n" + started.log());
        }
        Matcher connectors = CONNECTOR.matcher(started.log());
        while (connectors.find())
        {
            started.ports.put(connectors.group(1), Integer.valueOf(connectors.group(2)));
        }
        return started;
    }

    /**
     * @param base where to run
     * @param command what to run
     * @return the log of the start, which ended before anything was served
     */
    public static String startFails(JettyBase base, List<String> command)
    {
        JettyProcess failing = new JettyProcess(base, more -> command);
        RUNNING.add(failing);
        // A server of which a later part fails to start is stock Jetty's to end, which leaves its thread pool running.
        boolean decided = Await.within(START_LIMIT, () -> failing.logged(READY) || failing.logged(FAILED) || !failing.process.isAlive());
        boolean served = failing.logged(READY);
        failing.kill();
        // The exit code does not tell: start.jar gives 0 whatever becomes of a JVM that it has forked.
        if (served || !decided)
        {
            throw new AssertionError(base + (served ? " started" : " did not end within " + START_LIMIT) + ":\n" + failing.log());
        }
        return failing.log();
    }

    /**
     * @return the port of the connector that the modules made
     */
    public int port()
    {
        return port(MAIN_CONNECTORS.stream().filter(ports::containsKey).findFirst().orElse(MAIN_CONNECTORS.get(0)));
    }

    /**
     * @param connector the name of a connector from {@link JettyBase#connector(String, String)}
     * @return its port
     */
    public int port(String connector)
    {
        Integer port = ports.get(connector);
        if (port == null)
        {
            throw new AssertionError("no connector " + connector + " among " + ports + ":\n" + log());
        }
        return port;
    }

    public JettyBase base()
    {
        return base;
    }

    /**
     * @return what this process has written so far
     */
    public String log()
    {
        try
        {
            return new String(Files.readAllBytes(console), StandardCharsets.UTF_8);
        }
        catch (IOException e)
        {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * @param regex what to find in a line of the log
     * @param times how many lines must have it
     */
    public void awaitLog(String regex, int times)
    {
        Pattern pattern = Pattern.compile(regex);
        Await.until(START_LIMIT,
            () -> pattern.matcher(log()).results().count() >= times,
            () -> times + " times " + regex + " in\n" + log());
    }

    /**
     * Touches the key store and waits until the module {@code ssl-reload} has seen it.
     */
    public void reloadKeyStore()
    {
        int loads = (int)LOADED.matcher(log()).results().count();
        Path keyStore = base.path().resolve("etc/keystore.p12");
        try
        {
            // Files have times of whole seconds to some.
            Files.setLastModifiedTime(keyStore, FileTime.from(Files.getLastModifiedTime(keyStore).toInstant().plusSeconds(2)));
        }
        catch (IOException e)
        {
            throw new UncheckedIOException(e);
        }
        awaitLog(LOADED.pattern(), loads + 1);
    }

    public boolean isAlive()
    {
        return process.isAlive();
    }

    /**
     * @return the process id of the JVM that serves
     */
    long serverPid()
    {
        return all().get(0).pid();
    }

    /**
     * @return what other users of this host see of each process: that of the JVM that serves, and start.jar while it waits for it
     */
    List<String> commandLines()
    {
        return all().stream().map(running -> Path.of("/proc", Long.toString(running.pid()), "cmdline")).map(file ->
        {
            try
            {
                return Files.readString(file, StandardCharsets.ISO_8859_1).replace('\0', ' ');
            }
            catch (IOException e)
            {
                throw new UncheckedIOException(e);
            }
        }).toList();
    }

    /**
     * Ends it as a service manager does, by SIGTERM, so that Jetty runs its own stop.
     */
    public void stop()
    {
        List<ProcessHandle> all = all();
        // The JVM that serves; start.jar waits for it, and would not wait if it were told to end itself.
        all.get(0).destroy();
        boolean ended = Await.within(STOP_LIMIT, () -> ended(all));
        destroyAll(all);
        SharedClasses.ended(words, ended);
        RUNNING.remove(this);
        if (!ended)
        {
            throw new AssertionError(base + " did not stop within " + STOP_LIMIT + ":\n" + log());
        }
    }

    /**
     * Ends it as a power failure does, without giving it a moment for anything.
     */
    public void kill()
    {
        List<ProcessHandle> all = all();
        destroyAll(all);
        Await.until(STOP_LIMIT, () -> ended(all), () -> base + " cannot be killed");
        SharedClasses.ended(words, false);
        RUNNING.remove(this);
    }

    /**
     * Starts the same base again on the same ports, after {@link #stop()} or {@link #kill()}.
     *
     * @param options more options for start.jar
     * @return the new process
     */
    public JettyProcess again(String... options)
    {
        if (isAlive())
        {
            throw new IllegalStateException(base + " still runs");
        }
        List<String> same = new ArrayList<>();
        ports.forEach((name, port) ->
            same.add((MAIN_CONNECTORS.contains(name) ? "jetty.ssl.port" : "it.port." + name) + "=" + port));
        same.addAll(List.of(options));
        return start(base, more ->
        {
            List<String> all = new ArrayList<>(same);
            all.addAll(more);
            return command.apply(all);
        });
    }

    @Override
    public void close()
    {
        if (RUNNING.contains(this))
        {
            stop();
        }
    }

    private boolean logged(Pattern pattern)
    {
        return pattern.matcher(log()).find();
    }

    private List<ProcessHandle> all()
    {
        // The forked JVM first: start.jar ends by itself when it has gone.
        List<ProcessHandle> all = new ArrayList<>(process.descendants().toList());
        all.add(process.toHandle());
        return all;
    }

    private boolean ended(List<ProcessHandle> all)
    {
        // The JDK tells of the same process by two ways, the one a moment later than the other.
        return all.stream().noneMatch(ProcessHandle::isAlive) && !process.isAlive();
    }

    private void destroyAll()
    {
        destroyAll(all());
    }

    private static void destroyAll(List<ProcessHandle> all)
    {
        all.forEach(ProcessHandle::destroyForcibly);
    }

    @Override
    public String toString()
    {
        return base + " (process " + process.pid() + ")";
    }
}
