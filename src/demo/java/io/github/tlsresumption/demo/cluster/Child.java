package io.github.tlsresumption.demo.cluster;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A server that this process starts, and that does not outlive it. Thread-safe.
 */
class Child
{
    private static final int CONNECT_MILLIS = 200;
    private static final long PAUSE_MILLIS = 50;
    private static final long STOP_SECONDS = 15;

    private final String name;
    private final int port;
    private final List<String> command;
    private final Path log;
    private Process process;
    private boolean closed;

    /**
     * @param name for messages
     * @param port where it listens
     * @param command starts it
     * @param log takes what it writes
     */
    Child(String name, int port, List<String> command, Path log)
    {
        this.name = name;
        this.port = port;
        this.command = command;
        this.log = log;
    }

    final String name()
    {
        return name;
    }

    final int port()
    {
        return port;
    }

    final Path log()
    {
        return log;
    }

    final synchronized boolean isAlive()
    {
        return process != null && process.isAlive();
    }

    /**
     * @return its process id, or that of the one before; 0 when there was none
     */
    final synchronized long pid()
    {
        return process == null ? 0 : process.pid();
    }

    /**
     * Starts it, unless it runs.
     */
    final synchronized void start() throws IOException
    {
        if (closed || process != null && process.isAlive())
        {
            return;
        }
        process = new ProcessBuilder(command).redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile())).start();
    }

    /**
     * @param seconds how long to wait
     * @return whether it takes connections
     */
    final boolean awaitPort(int seconds) throws InterruptedException
    {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        while (!isListening())
        {
            if (!isAlive() || System.nanoTime() - end > 0)
            {
                return false;
            }
            Thread.sleep(PAUSE_MILLIS);
        }
        return true;
    }

    private boolean isListening()
    {
        try (Socket socket = new Socket())
        {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), CONNECT_MILLIS);
            return true;
        }
        catch (IOException e)
        {
            return false;
        }
    }

    /**
     * Sends SIGTERM, and waits.
     */
    final void stop() throws InterruptedException
    {
        Process stopping = ending();
        if (stopping == null)
        {
            return;
        }
        stopping.destroy();
        if (!stopping.waitFor(STOP_SECONDS, TimeUnit.SECONDS))
        {
            stopping.destroyForcibly().waitFor();
        }
    }

    /**
     * Sends SIGKILL, and waits.
     */
    final void kill() throws InterruptedException
    {
        Process killed = ending();
        if (killed != null)
        {
            killed.destroyForcibly().waitFor();
        }
    }

    private synchronized Process ending()
    {
        return process;
    }

    /**
     * Sends SIGTERM. It is not started again.
     */
    final synchronized void close()
    {
        closed = true;
        if (process != null)
        {
            process.destroy();
        }
    }
}
