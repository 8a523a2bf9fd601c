package io.github.tlsresumption.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

/**
 * What goes over the wire to one port of this machine, recorded by {@code dumpcap} and read by {@code tshark}. Needs the right to capture.
 */
final class Capture implements AutoCloseable
{
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final int CLIENT_HELLO = 1;
    /** An extension without contents is told in words. */
    private static final Pattern DIGITS = Pattern.compile("(?:[0-9a-f]{2})+");

    private final int port;
    private final Path file;
    private final Path log;
    private final Process recorder;

    /**
     * A connection as everybody on the way has seen it.
     *
     * @param stream its number
     * @param clientRandom what the client's hello begins with, in hexadecimal digits
     * @param tickets all that it showed in clear
     */
    record Connection(String stream, String clientRandom, List<byte[]> tickets)
    {
    }

    private Capture(JettyProcess jetty) throws IOException
    {
        this.port = jetty.port();
        this.file = jetty.base().path().resolve("traffic.pcapng");
        this.log = jetty.base().path().resolve("traffic.log");
        Path program = Tools.require("dumpcap");
        Tools.require("tshark");
        this.recorder = new ProcessBuilder(program.toString(), "-i", "lo", "-f", "tcp port " + port, "-w", file.toString())
            .redirectErrorStream(true).redirectOutput(log.toFile()).start();
    }

    /**
     * @param jetty a server
     * @return a record of all that comes to it from now on
     */
    static Capture of(JettyProcess jetty)
    {
        try
        {
            Capture capture = new Capture(jetty);
            // It names the file when it has begun.
            Await.within(LIMIT, () -> !capture.recorder.isAlive() || capture.said().contains("File: "));
            if (!capture.recorder.isAlive())
            {
                String message = "dumpcap may not capture here: " + capture.said();
                return Boolean.parseBoolean(System.getenv("CI")) ? fail(message) : abort(message);
            }
            return capture;
        }
        catch (IOException e)
        {
            throw new UncheckedIOException(e);
        }
    }

    private String said()
    {
        try
        {
            return Files.readString(log);
        }
        catch (IOException e)
        {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Ends the record.
     *
     * @param connections how many are in it at least
     */
    void end(int connections)
    {
        Await.until(LIMIT, () -> connections().size() >= connections, () -> connections + " connections, not " + connections());
        close();
    }

    /**
     * @return the connections in their order
     */
    List<Connection> connections()
    {
        Map<Integer, Connection> found = new TreeMap<>();
        List<String> rows = tshark("-Y", "tls.handshake", "-T", "fields", "-E", "occurrence=a", "-e", "tcp.stream", "-e",
            "tls.handshake.type", "-e", "tls.handshake.random", "-e", "tls.handshake.session_ticket", "-e",
            "tls.handshake.extensions.psk.identity.identity", "-e", "tls.handshake.extension.type", "-e", "tls.handshake.extension.data");
        for (String row : rows)
        {
            String[] fields = row.split("\t", -1);
            if (fields.length != 7)
            {
                continue;
            }
            Integer stream = Integer.valueOf(fields[0]);
            if (fields[1].equals(String.valueOf(CLIENT_HELLO)))
            {
                found.putIfAbsent(stream, new Connection(fields[0], fields[2], new ArrayList<>()));
            }
            if (!found.containsKey(stream))
            {
                continue;
            }
            Stream.of(fields[3], fields[4], fields[6])
                .flatMap(field -> Stream.of(field.split(",")))
                .filter(field -> DIGITS.matcher(field).matches())
                .forEach(field -> found.get(stream).tickets().add(HexFormat.of().parseHex(field)));
        }
        return List.copyOf(found.values());
    }

    /**
     * @param keyLog lines of a key log, as NSS writes it
     * @return the paths of all HTTP requests that can be read with it
     */
    Set<String> requests(List<String> keyLog)
    {
        try
        {
            Path keys = Files.write(file.resolveSibling("traffic.keys"), keyLog);
            List<String> rows = tshark("-o", "tls.keylog_file:" + keys, "-o", "http.tls.port:" + port, "-Y", "http.request", "-T", "fields",
                "-e", "http.request.uri");
            return new TreeSet<>(rows);
        }
        catch (IOException e)
        {
            throw new UncheckedIOException(e);
        }
    }

    private List<String> tshark(String... options)
    {
        // It warns of much, as of a file that still grows.
        List<String> command = new ArrayList<>(List.of("sh", "-c", "\"$@\" 2>/dev/null; true", "sh", Tools.require("tshark").toString()));
        command.addAll(List.of("-r", file.toString(), "-d", "tcp.port==" + port + ",tls"));
        command.addAll(List.of(options));
        String text = Command.run(null, command).text();
        return text.lines().toList();
    }

    @Override
    public void close()
    {
        recorder.destroy();
        Await.until(LIMIT, () -> !recorder.isAlive(), () -> "dumpcap does not end");
    }
}
