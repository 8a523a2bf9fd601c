package io.github.tlsresumption.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A server that is not Jetty, with a configuration written for the test.
 */
final class OtherServer implements AutoCloseable
{
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private final Process process;

    private OtherServer(Process process)
    {
        this.process = process;
    }

    /**
     * @param directory of its own
     * @param configuration in the form of nginx: what stands inside {@code http}
     * @param ports on which it will listen
     */
    static OtherServer nginx(Path directory, String configuration, int... ports)
    {
        Path nginx = program("nginx");
        String text = """
            daemon off;
            master_process off;
            pid %1$s/nginx.pid;
            events { worker_connections 64; }
            http {
              access_log off;
              client_body_temp_path %1$s/body;
              proxy_temp_path %1$s/proxy;
              fastcgi_temp_path %1$s/fastcgi;
              uwsgi_temp_path %1$s/uwsgi;
              scgi_temp_path %1$s/scgi;
              %2$s
            }
            """.formatted(directory, configuration);
        Path file = written(directory.resolve("nginx.conf"), text);
        Path log = directory.resolve("log");
        return start(log, ports, nginx.toString(), "-c", file.toString(), "-p", directory.toString(), "-e", log.toString());
    }

    /**
     * @param directory of its own
     * @param configuration in the form of HAProxy
     * @param ports on which it will listen
     */
    static OtherServer haproxy(Path directory, String configuration, int... ports)
    {
        Path haproxy = program("haproxy");
        return start(directory.resolve("log"), ports, haproxy.toString(), "-db", "-f",
            written(directory.resolve("haproxy.cfg"), configuration).toString());
    }

    /**
     * @param directory of its own
     * @param pem certificate and key
     * @param port on which it will listen
     * @param options of {@code openssl s_server}
     */
    static OtherServer openSsl(Path directory, Path pem, int port, String... options)
    {
        List<String> command = new ArrayList<>(List.of(Tools.require("openssl").toString(), "s_server", "-accept", "127.0.0.1:" + port,
            "-cert", pem.toString(), "-key", pem.toString(), "-www", "-quiet"));
        command.addAll(List.of(options));
        Path log = written(directory.resolve("log"), "");
        return start(log, new int[]{port}, command.toArray(String[]::new));
    }

    /**
     * @return its process id
     */
    long pid()
    {
        return process.pid();
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

    private static Path program(String name)
    {
        Path system = Path.of("/usr/sbin", name);
        return Files.isExecutable(system) ? system : Tools.require(name);
    }

    private static Path written(Path file, String text)
    {
        try
        {
            Files.createDirectories(file.getParent());
            return Files.writeString(file, text);
        }
        catch (IOException e)
        {
            throw new UncheckedIOException(e);
        }
    }

    private static OtherServer start(Path log, int[] ports, String... command)
    {
        try
        {
            Process process = new ProcessBuilder(List.of(command)).redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile())).start();
            OtherServer server = new OtherServer(process);
            for (int port : ports)
            {
                if (!Await.within(LIMIT, () -> accepts(port) || !process.isAlive()) || !process.isAlive())
                {
                    server.close();
                    throw new AssertionError(command[0] + " does not serve:\n" + Files.readString(log));
                }
            }
            return server;
        }
        catch (IOException e)
        {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean accepts(int port)
    {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port))
        {
            return socket.isConnected();
        }
        catch (IOException e)
        {
            return false;
        }
    }

    @Override
    public void close()
    {
        process.destroyForcibly();
        try
        {
            if (!process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS))
            {
                throw new AssertionError("a server cannot be killed");
            }
        }
        catch (InterruptedException e)
        {
            Thread.currentThread().interrupt();
        }
    }
}
