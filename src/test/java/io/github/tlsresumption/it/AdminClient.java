package io.github.tlsresumption.it;

import java.util.ArrayList;
import java.util.List;

/**
 * The curl program at the admin pages of a server.
 */
final class AdminClient
{
    static final String CONNECTOR = "tls-resumption-admin";

    private final int port;

    /**
     * @param jetty a server with the module tls-resumption-admin-connector
     */
    AdminClient(JettyProcess jetty)
    {
        this.port = jetty.port(CONNECTOR);
    }

    int port()
    {
        return port;
    }

    /**
     * @param path the path
     * @param options more options for curl
     * @return the answer with its headers
     */
    String getRaw(String path, String... options)
    {
        List<String> command = new ArrayList<>();
        command.add(Tools.require("curl").toString());
        command.addAll(List.of("--silent", "--show-error", "--include", "--noproxy", "*", "--max-time", "30"));
        command.addAll(List.of(options));
        command.add("http://127.0.0.1:" + port + path);
        return Command.run(null, command).succeeded().text();
    }

    HttpReply get(String path, String... options)
    {
        return HttpReply.in(getRaw(path, options));
    }

    /**
     * @param path the path
     * @param body JSON
     * @param options more options for curl
     * @return the answer
     */
    HttpReply post(String path, String body, String... options)
    {
        List<String> all = new ArrayList<>(List.of("--request", "POST", "--data-binary", body));
        all.addAll(List.of(options));
        return get(path, all.toArray(String[]::new));
    }

    /**
     * As the page does it.
     */
    HttpReply change(String path, String body, String password)
    {
        return post(path, body, "--header", "X-Tls-Resumption: 1", "--user", "admin:" + password);
    }
}
