package io.github.tlsresumption.cluster.redis;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import io.github.tlsresumption.cluster.Circuit;
import io.github.tlsresumption.it.Await;
import io.github.tlsresumption.it.Tools;
import redis.clients.jedis.Connection;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.SslOptions;
import redis.clients.jedis.exceptions.JedisConnectionException;

/**
 * A real Redis on a free port, which keeps nothing on disk unless told to.
 */
public final class RedisServer implements AutoCloseable
{
    private static final Duration LIMIT = Duration.ofSeconds(10);

    private final Path directory;
    private final int port;
    private final Map<String, String> environment;
    private final List<String> options;
    private final String ready;
    private Process process;

    private RedisServer(Path directory, int port, Map<String, String> environment, List<String> options, String ready)
    {
        this.environment = environment;
        this.directory = directory;
        this.port = port;
        this.options = options;
        this.ready = ready;
        again();
    }

    /**
     * @param options of redis-server, beyond port and directory
     * @return a server that answers
     */
    public static RedisServer start(String... options)
    {
        return start(Map.of(), options);
    }

    /**
     * @param environment additional variables for the server, such as those of a clock
     * @param options of redis-server, beyond port and directory
     * @return a server that answers
     */
    public static RedisServer start(Map<String, String> environment, String... options)
    {
        try
        {
            return new RedisServer(Files.createTempDirectory("redis"), freePort(), environment, List.of(options),
                "Ready to accept connections");
        }
        catch (IOException e)
        {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * @param configuration lines of its file
     * @return a Sentinel that answers
     */
    static RedisServer sentinel(String... configuration)
    {
        try
        {
            Path directory = Files.createTempDirectory("sentinel");
            Path file = Files.write(directory.resolve("sentinel.conf"), List.of(configuration));
            return new RedisServer(directory, freePort(), Map.of(), List.of(file.toString(), "--sentinel"), "Sentinel ID is");
        }
        catch (IOException e)
        {
            throw new UncheckedIOException(e);
        }
    }

    static int freePort()
    {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress()))
        {
            return free.getLocalPort();
        }
        catch (IOException e)
        {
            throw new UncheckedIOException(e);
        }
    }

    public int port()
    {
        return port;
    }

    public String uri()
    {
        return "redis://127.0.0.1:" + port;
    }

    /**
     * A client of its own.
     */
    RedisClient client()
    {
        Duration patience = Duration.ofSeconds(5);
        RedisConnector connector = new RedisConnector(RedisAddress.parse(uri()), "any", SslOptions.defaults());
        return new RedisClient(connector, "test", patience, patience, 1, Circuit.none());
    }

    /**
     * Tells it something, whatever it is now.
     */
    public Object tell(Command command, String... arguments)
    {
        try
        {
            return told(command, arguments);
        }
        catch (JedisConnectionException e)
        {
            // One that becomes a replica, or the primary, closes the connections that it has.
            return told(command, arguments);
        }
    }

    private Object told(Command command, String... arguments)
    {
        try (Connection connection = new Connection("127.0.0.1", port))
        {
            connection.sendCommand(command, arguments);
            return connection.getOne();
        }
    }

    /**
     * Where it keeps its files.
     */
    Path directory()
    {
        return directory;
    }

    /**
     * Starts it again after {@link #kill}, with what it finds on disk.
     */
    public void again()
    {
        List<String> command = new ArrayList<>(List.of(Tools.require("redis-server", "valkey-server").toString()));
        // A file, if there is one, comes first.
        command.addAll(options);
        command.addAll(List.of("--port", String.valueOf(port), "--bind", "127.0.0.1", "--dir", directory.toString(), "--save", ""));
        try
        {
            ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true)
                .redirectOutput(directory.resolve("log").toFile());
            builder.environment().putAll(environment);
            process = builder.start();
        }
        catch (IOException e)
        {
            throw new UncheckedIOException(e);
        }
        Await.until(LIMIT, this::answers, () -> "no redis-server on port " + port);
    }

    /**
     * Starts it again after {@link #kill}, with nothing.
     */
    public void againEmpty()
    {
        delete(directory.resolve("appendonlydir"));
        again();
    }

    private boolean answers()
    {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port))
        {
            return socket.isConnected() && Files.readString(directory.resolve("log")).contains(ready);
        }
        catch (IOException e)
        {
            return false;
        }
    }

    /**
     * Ends it without a moment to save anything.
     */
    public void kill()
    {
        process.destroyForcibly();
        try
        {
            if (!process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS))
            {
                throw new AssertionError("redis-server cannot be killed");
            }
        }
        catch (InterruptedException e)
        {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close()
    {
        kill();
        delete(directory);
    }

    private static void delete(Path tree)
    {
        try (Stream<Path> files = Files.walk(tree))
        {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList())
            {
                Files.delete(file);
            }
        }
        catch (IOException e)
        {
            throw new UncheckedIOException(e);
        }
    }
}
