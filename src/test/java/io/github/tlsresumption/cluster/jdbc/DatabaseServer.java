package io.github.tlsresumption.cluster.jdbc;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A database server as a process of the tests, in a directory of its own, that ends with them.
 */
public final class DatabaseServer
{
    private static final Pattern READY = Pattern.compile("ready (to accept|for) connections");
    private static final String UNPRIVILEGED = "nobody";
    private static final int ATTEMPTS = 600;
    private static final long PAUSE_NANOS = 50_000_000;

    private final Path directory;
    private final int port;
    private final Map<String, String> environment;
    private final String[] command;
    private Process process;

    private DatabaseServer(Path directory, int port, Map<String, String> environment, String... command)
    {
        this.environment = environment;
        this.directory = directory;
        this.port = port;
        this.command = command;
    }

    public int port()
    {
        return port;
    }

    /**
     * Ends a PostgreSQL at once, with all connections and all of its processes, as a crash does.
     */
    public void kill()
    {
        unchecked(() ->
        {
            new ProcessBuilder("kill", "-QUIT", Long.toString(process.pid())).start().waitFor();
            return process.waitFor();
        });
    }

    /**
     * Starts it again after {@link #kill}, with what it finds on disk.
     */
    public void again()
    {
        unchecked(this::launch);
    }

    /**
     * Ends it for good, before the tests end.
     */
    public void close()
    {
        stop();
    }

    public static boolean isPostgresqlInstalled()
    {
        return newestPostgresql().isPresent();
    }

    /**
     * @return a PostgreSQL with a user postgres without password, unless it is not installed
     */
    public static Optional<DatabaseServer> postgresql()
    {
        return postgresql(Map.of());
    }

    /**
     * @param environment additional variables for the server, such as those of a clock
     * @return a PostgreSQL with a user postgres without password, unless it is not installed
     */
    public static Optional<DatabaseServer> postgresql(Map<String, String> environment)
    {
        return newestPostgresql().map(bin -> unchecked(() ->
        {
            Path directory = newDirectory();
            Path data = directory.resolve("data");
            run(directory, bin.resolve("initdb").toString(), "-D", data.toString(), "-U", "postgres", "-A", "trust", "-N", "-E", "UTF8");
            int port = freePort();
            return start(directory, port, environment, bin.resolve("postgres").toString(), "-D", data.toString(),
                "-p", Integer.toString(port), "-h", "127.0.0.1", "-k", directory.toString(), "-c", "fsync=off");
        }));
    }

    /**
     * @return a MariaDB with a user root without password, unless it is not installed
     */
    public static Optional<DatabaseServer> mariadb()
    {
        return mariadb(Map.of());
    }

    /**
     * @param environment additional variables for the server, such as those of a clock
     * @return a MariaDB with a user root without password, unless it is not installed
     */
    public static Optional<DatabaseServer> mariadb(Map<String, String> environment)
    {
        Path server = Path.of("/usr/sbin/mariadbd");
        if (!Files.isExecutable(server))
        {
            return Optional.empty();
        }
        return Optional.of(unchecked(() ->
        {
            Path directory = newDirectory();
            String data = "--datadir=" + directory.resolve("data");
            run(directory, "mariadb-install-db", "--no-defaults", data, "--auth-root-authentication-method=normal", "--skip-test-db",
                "--skip-name-resolve");
            int port = freePort();
            return start(directory, port, environment, server.toString(), "--no-defaults", data,
                "--port=" + port, "--bind-address=127.0.0.1", "--socket=" + directory.resolve("socket"), "--skip-name-resolve",
                "--innodb-flush-log-at-trx-commit=0");
        }));
    }

    private static Optional<Path> newestPostgresql()
    {
        Path versions = Path.of("/usr/lib/postgresql");
        if (!Files.isDirectory(versions))
        {
            return Optional.empty();
        }
        return unchecked(() ->
        {
            try (Stream<Path> found = Files.list(versions))
            {
                return found.map(version -> version.resolve("bin")).filter(bin -> Files.isExecutable(bin.resolve("initdb")))
                    .max(Comparator.comparing(bin -> Integer.parseInt(bin.getParent().getFileName().toString())));
            }
        });
    }

    private static DatabaseServer start(Path directory, int port, Map<String, String> environment, String... command) throws Exception
    {
        DatabaseServer server = new DatabaseServer(directory, port, environment, command);
        Runtime.getRuntime().addShutdownHook(new Thread(server::stop));
        return server.launch();
    }

    private DatabaseServer launch() throws Exception
    {
        int before = log().length();
        process = process(directory, environment, command);
        for (int attempt = 0; attempt < ATTEMPTS && process.isAlive(); attempt++)
        {
            // PostgreSQL listens before it takes connections.
            if (READY.matcher(log().substring(before)).find())
            {
                return this;
            }
            LockSupport.parkNanos(PAUSE_NANOS);
        }
        throw new IOException(command[0] + " does not start: " + log());
    }

    private String log() throws IOException
    {
        Path log = directory.resolve("log");
        return Files.exists(log) ? Files.readString(log, StandardCharsets.ISO_8859_1) : "";
    }

    private void stop()
    {
        if (!Files.exists(directory))
        {
            return;
        }
        process.destroy();
        unchecked(() ->
        {
            if (!process.waitFor(10, TimeUnit.SECONDS))
            {
                process.destroyForcibly().waitFor();
            }
            try (Stream<Path> files = Files.walk(directory))
            {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList())
                {
                    Files.delete(file);
                }
            }
            return null;
        });
    }

    private static void run(Path directory, String... command) throws Exception
    {
        if (process(directory, Map.of(), command).waitFor() != 0)
        {
            throw new IOException(command[0] + " fails: " + Files.readString(directory.resolve("log")));
        }
    }

    private static Process process(Path directory, Map<String, String> environment, String... command) throws IOException
    {
        List<String> all = new ArrayList<>();
        // PostgreSQL and MariaDB refuse to run as root.
        if (isRoot())
        {
            all.addAll(List.of("setpriv", "--reuid=" + UNPRIVILEGED, "--regid=nogroup", "--clear-groups"));
        }
        all.addAll(List.of(command));
        ProcessBuilder builder = new ProcessBuilder(all).directory(directory.toFile()).redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(directory.resolve("log").toFile()));
        builder.environment().putAll(environment);
        return builder.start();
    }

    private static Path newDirectory() throws IOException
    {
        Path directory = Files.createTempDirectory("database");
        if (isRoot())
        {
            Files.setOwner(directory, directory.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName(UNPRIVILEGED));
        }
        return directory;
    }

    private static boolean isRoot()
    {
        return System.getProperty("user.name").equals("root");
    }

    private static int freePort() throws IOException
    {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress()))
        {
            return socket.getLocalPort();
        }
    }

    /**
     * Something that may fail.
     */
    private interface Action<T>
    {
        T run() throws Exception;
    }

    private static <T> T unchecked(Action<T> action)
    {
        try
        {
            return action.run();
        }
        catch (IOException e)
        {
            throw new UncheckedIOException(e);
        }
        catch (Exception e)
        {
            throw new IllegalStateException(e);
        }
    }
}
