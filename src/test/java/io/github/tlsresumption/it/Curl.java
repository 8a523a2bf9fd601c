package io.github.tlsresumption.it;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The curl program. It keeps TLS sessions only while it runs, so all requests of one test go into one call, each over a connection
 * of its own.
 */
public final class Curl
{
    private static final String END = "~~end of answer~~";
    private static final Pattern OFFER = Pattern.compile("SSL re-using session ID");

    private final int port;
    private final String host;
    private final List<String> options = new ArrayList<>();

    /**
     * What came of one call.
     *
     * @param replies the answers in their order
     * @param offers in how many handshakes curl offered a session
     * @param output everything it wrote
     */
    public record Result(List<HttpReply> replies, int offers, String output)
    {
    }

    /**
     * @param port a port of this machine
     * @param host the host to name
     */
    public Curl(int port, String host)
    {
        this.port = port;
        this.host = host;
    }

    /**
     * @param version {@code TLSv1.2} or {@code TLSv1.3}
     * @return this client, which offers only that version
     */
    public Curl protocol(String version)
    {
        String number = version.replace("TLSv", "");
        return option("--tlsv" + number, "--tls-max", number);
    }

    public Curl certificate(KeyMaterial.Client client)
    {
        return option("--cert", client.pem().toString());
    }

    public Curl option(String... more)
    {
        options.addAll(List.of(more));
        return this;
    }

    /**
     * @param paths the paths and queries to ask for
     * @return what came of it
     */
    public Result get(String... paths)
    {
        List<String> command = new ArrayList<>();
        command.add(Tools.require("curl").toString());
        command.addAll(List.of("--silent", "--show-error", "--verbose", "--insecure", "--noproxy", "*", "--http1.1", "--max-time", "30"));
        command.addAll(List.of("--resolve", host + ":" + port + ":127.0.0.1", "--header", "Connection: close"));
        command.addAll(List.of("--write-out", "\n" + END + "%{http_code}\n"));
        command.addAll(options);
        Stream.of(paths).map(path -> "https://" + host + ":" + port + path).forEach(command::add);
        Command.Output output = Command.run(null, command).succeeded();
        List<HttpReply> replies = new ArrayList<>();
        String[] parts = output.text().split("\n" + END);
        for (int i = 1; i < parts.length; i++)
        {
            replies.add(new HttpReply(Integer.parseInt(parts[i].substring(0, 3)), content(parts[i - 1])));
        }
        int offers = (int)OFFER.matcher(output.text()).results().count();
        return new Result(replies, offers, output.text());
    }

    private static String content(String part)
    {
        // Verbose lines begin with '*', '>', '<', '{' or '}' and a space; the content itself is what is left.
        StringBuilder content = new StringBuilder();
        part.lines().filter(line -> !line.matches("[*><{}] .*|\\d{3}|[<>] ?")).forEach(line -> content.append(line).append('\n'));
        return content.toString().strip();
    }
}
