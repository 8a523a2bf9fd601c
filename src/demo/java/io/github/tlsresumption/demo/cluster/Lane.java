package io.github.tlsresumption.demo.cluster;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One client that connects again and again, by {@code openssl s_client}, each time with its newest session. It is asked by one thread.
 */
final class Lane
{
    private static final Pattern HANDSHAKE = Pattern.compile("^(New|Reused), \\S+, Cipher is (\\S+)$", Pattern.MULTILINE);
    private static final Pattern ANSWER = Pattern.compile("HTTP/1\\.1 (200|303) ");
    private static final long LIMIT_SECONDS = 10;

    private final String mode;
    private final String protocol;
    private final Path session;
    private final Path certificates;
    private final AtomicBoolean forget = new AtomicBoolean();

    /**
     * How a connection went.
     */
    enum Result
    {
        /** Its handshake resumed a session. */
        REUSED,
        /** Its handshake was full. */
        NEW,
        /** There was no answer. */
        FAILED
    }

    /**
     * @param mode ticket or cache, which the name of the host brings
     * @param protocol 1.2 or 1.3
     * @param directory for the session
     * @param certificates whom it trusts
     */
    Lane(String mode, String protocol, Path directory, Path certificates)
    {
        this.mode = mode;
        this.protocol = protocol;
        this.session = directory.resolve("session-" + mode + "-" + protocol + ".pem");
        this.certificates = certificates;
    }

    /**
     * @param directory for its session
     * @return a client of the same kind with a session of its own
     */
    Lane probe(Path directory)
    {
        return new Lane(mode, protocol, directory, certificates);
    }

    String name()
    {
        return mode + " " + protocol;
    }

    /**
     * The next request has the application forget the session.
     */
    void forgetNext()
    {
        forget.set(true);
    }

    /**
     * @param port of a node, or of the balancer
     */
    Result connect(int port) throws IOException, InterruptedException
    {
        String host = mode + ".localhost";
        Path next = session.resolveSibling(session.getFileName() + ".next");
        // OpenSSL leaves it as it is when there is no new one.
        Files.deleteIfExists(next);
        List<String> command = new ArrayList<>(List.of("openssl", "s_client", "-connect", "127.0.0.1:" + port, "-servername", host,
            "-tls" + protocol.replace('.', '_'), "-CAfile", certificates.toString(), "-verify_return_error", "-ign_eof",
            "-sess_out", next.toString()));
        if (Files.exists(session))
        {
            command.addAll(List.of("-sess_in", session.toString()));
        }
        String request = (forget.getAndSet(false) ? "POST / " : "GET /?format=text ") + "HTTP/1.1\r\nHost: " + host
            + "\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
        String output = run(command, request);
        Matcher handshake = HANDSHAKE.matcher(output);
        if (!handshake.find() || handshake.group(2).equals("(NONE)") || !ANSWER.matcher(output).find())
        {
            return Result.FAILED;
        }
        if (Files.exists(next))
        {
            Files.move(next, session, StandardCopyOption.REPLACE_EXISTING);
        }
        return handshake.group(1).equals("Reused") ? Result.REUSED : Result.NEW;
    }

    private static String run(List<String> command, String input) throws IOException, InterruptedException
    {
        Process process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
        try (OutputStream in = process.getOutputStream())
        {
            in.write(input.getBytes(StandardCharsets.ISO_8859_1));
        }
        catch (IOException e)
        {
            // It has ended already, as nobody listens yet: what it wrote tells. To destroy it would close that too.
        }
        Thread limit = new Thread(() -> endIn(process), "limit");
        limit.setDaemon(true);
        limit.start();
        try (InputStream out = process.getInputStream())
        {
            return new String(out.readAllBytes(), StandardCharsets.ISO_8859_1);
        }
        finally
        {
            process.waitFor();
            limit.interrupt();
        }
    }

    private static void endIn(Process process)
    {
        try
        {
            if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS))
            {
                process.destroyForcibly();
            }
        }
        catch (InterruptedException e)
        {
            Thread.currentThread().interrupt();
        }
    }
}
