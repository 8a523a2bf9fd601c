package io.github.tlsresumption.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A client made of {@code openssl s_client}. It keeps its newest session in a file, as {@code -sess_out} writes it, and offers
 * it by {@code -sess_in} at the next connection.
 */
public final class OpenSsl
{
    /** Connection preface, empty SETTINGS and GOAWAY: a client of HTTP/2 that changes its mind. */
    private static final String H2_AND_LEAVE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
        + "\0\0\0\4\0\0\0\0\0"
        + "\0\0\10\7\0\0\0\0\0\0\0\0\0\0\0\0\0";

    private final Path session;
    private final int port;
    private final List<String> options = new ArrayList<>();
    private String host = "localhost";
    private boolean sni = true;
    private String path = "/";
    private String headers = "";
    private boolean h2;
    private boolean keepAlive;
    private int requests = 1;
    private Path configuration;

    /**
     * What came of one connection.
     *
     * @param exit the exit code of OpenSSL; 0 when the connection went well
     * @param output everything it wrote
     */
    public record Result(int exit, String output)
    {
        private static final Pattern HANDSHAKE = Pattern.compile("^(New|Reused), (\\S+), Cipher is (\\S+)$", Pattern.MULTILINE);
        private static final Pattern ARRIVAL = Pattern.compile("^Post-Handshake New Session Ticket arrived:$", Pattern.MULTILINE);
        private static final Pattern HINT = Pattern.compile("TLS session ticket lifetime hint: (\\d+) \\(seconds\\)");
        private static final Pattern TICKET = Pattern.compile("TLS session ticket:\n((?: +[0-9a-f]{4,} - .*\n)+)");
        private static final Pattern ROW = Pattern.compile("^ +[0-9a-f]{4,} - ((?:[0-9a-f]{2}[ -]){1,16})", Pattern.MULTILINE);
        private static final Pattern ALPN = Pattern.compile("^ALPN protocol: (\\S+)$", Pattern.MULTILINE);

        /**
         * @return whether the handshake was completed
         */
        public boolean connected()
        {
            Matcher handshake = HANDSHAKE.matcher(output);
            return handshake.find() && !handshake.group(3).equals("(NONE)");
        }

        /**
         * @return whether the handshake resumed the session that was offered
         */
        public boolean reused()
        {
            Matcher handshake = HANDSHAKE.matcher(output);
            if (!handshake.find() || handshake.group(3).equals("(NONE)"))
            {
                throw new AssertionError("no handshake:\n" + output);
            }
            return handshake.group(1).equals("Reused");
        }

        /**
         * @return how many NewSessionTicket messages came after a handshake of TLS 1.3
         */
        public int ticketsAfterHandshake()
        {
            return (int)ARRIVAL.matcher(output).results().count();
        }

        /**
         * @return the newest ticket; empty when the client holds none
         */
        public byte[] ticket()
        {
            List<MatchResult> tickets = TICKET.matcher(output).results().toList();
            if (tickets.isEmpty())
            {
                return new byte[0];
            }
            StringBuilder digits = new StringBuilder();
            ROW.matcher(tickets.get(tickets.size() - 1).group(1)).results()
                .forEach(row -> digits.append(row.group(1).replaceAll("[ -]", "")));
            return HexFormat.of().parseHex(digits);
        }

        /**
         * @return the length of the newest ticket in bytes; 0 when the client holds none
         */
        public int ticketLength()
        {
            return ticket().length;
        }

        /**
         * @return the lifetime hint of the newest ticket in seconds; -1 when the client holds none
         */
        public long lifetimeHint()
        {
            return HINT.matcher(output).results().reduce((first, second) -> second).map(hint -> Long.parseLong(hint.group(1))).orElse(-1L);
        }

        /**
         * @return the application protocol, or an empty string
         */
        public String alpn()
        {
            Matcher alpn = ALPN.matcher(output);
            return alpn.find() ? alpn.group(1) : "";
        }

        /**
         * @return the answer to the request
         */
        public HttpReply reply()
        {
            return HttpReply.in(output);
        }
    }

    private OpenSsl(Path session, int port)
    {
        this.session = session;
        this.port = port;
    }

    /**
     * @param port a port of this machine
     * @return a new client, which has no session yet
     */
    public static OpenSsl client(int port)
    {
        try
        {
            Path directory = Files.createDirectories(JettyHome.scratch().resolve("sessions-" + ProcessHandle.current().pid()));
            Path file = Files.createTempFile(directory, "client", ".pem");
            Files.delete(file);
            return new OpenSsl(file, port);
        }
        catch (IOException e)
        {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * @param other another port
     * @return a client with the same settings and a copy of this one's session
     */
    public OpenSsl at(int other)
    {
        OpenSsl copy = client(other);
        copy.options.addAll(options);
        copy.host = host;
        copy.sni = sni;
        copy.path = path;
        copy.headers = headers;
        copy.h2 = h2;
        copy.keepAlive = keepAlive;
        copy.requests = requests;
        copy.configuration = configuration;
        if (hasSession())
        {
            try
            {
                Files.copy(session, copy.session, StandardCopyOption.REPLACE_EXISTING);
            }
            catch (IOException e)
            {
                throw new UncheckedIOException(e);
            }
        }
        return copy;
    }

    /**
     * @return a client with the same settings and a copy of this one's session
     */
    public OpenSsl copy()
    {
        return at(port);
    }

    /**
     * @param name the host to name in the handshake (SNI) and in the request
     * @return this client
     */
    public OpenSsl host(String name)
    {
        host = name;
        return this;
    }

    /**
     * @return this client, which names the host in the request alone
     */
    public OpenSsl noSni()
    {
        sni = false;
        return this;
    }

    /**
     * @return this client, which names the host in the handshake and in the request, as it does from the start
     */
    public OpenSsl withSni()
    {
        sni = true;
        return this;
    }

    /**
     * @param version {@code TLSv1.2} or {@code TLSv1.3}
     * @return this client, which offers only that version
     */
    public OpenSsl protocol(String version)
    {
        return option("-" + version.replace("TLSv", "tls").replace('.', '_'));
    }

    /**
     * @return this client, which does not announce support for tickets
     */
    public OpenSsl noTicket()
    {
        return option("-no_ticket");
    }

    /**
     * @param address an address of this machine, such as any of 127.0.0.0/8
     * @return this client, which connects from there
     */
    public OpenSsl from(String address)
    {
        return option("-bind", address + ":0");
    }

    public OpenSsl certificate(KeyMaterial.Client client)
    {
        return option("-cert", client.pem().toString(), "-key", client.pem().toString());
    }

    /**
     * @return this client, which asks the server to keep the connection after the answer
     */
    public OpenSsl keepAlive()
    {
        keepAlive = true;
        return this;
    }

    /**
     * @param count how often to ask in one connection
     * @return this client
     */
    OpenSsl requests(int count)
    {
        requests = count;
        return this;
    }

    /**
     * @return this client, which offers only HTTP/2 and says no more than hello in it
     */
    public OpenSsl h2()
    {
        h2 = true;
        return option("-alpn", "h2");
    }

    public OpenSsl option(String... more)
    {
        options.addAll(List.of(more));
        return this;
    }

    /**
     * @param uri the path and query to ask for
     * @return this client
     */
    public OpenSsl path(String uri)
    {
        path = uri;
        return this;
    }

    /**
     * @param line a header of the request, beside those that it has
     * @return this client
     */
    OpenSsl header(String line)
    {
        headers += line + "\r\n";
        return this;
    }

    /**
     * @param change what to make of the session that this client offers next
     * @return this client
     */
    OpenSsl session(UnaryOperator<SessionFile> change)
    {
        change.apply(SessionFile.read(session)).write(session);
        return this;
    }

    /**
     * @return whether this client offers a ticket next
     */
    boolean offersTicket()
    {
        return SessionFile.read(session).hasTicket();
    }

    /**
     * @return the ticket that this client offers next
     */
    byte[] offered()
    {
        return SessionFile.read(session).ticket();
    }

    /**
     * @param command what a configuration file may set, as in {@code SSL_CONF_cmd(3)}
     * @return this client, which goes by it
     */
    OpenSsl configured(String command)
    {
        try
        {
            configuration = Files.writeString(session.resolveSibling(session.getFileName() + ".cnf"), "openssl_conf = all\n"
                + "[all]\nssl_conf = ssl\n[ssl]\nsystem_default = defaults\n[defaults]\n" + command + "\n");
            return this;
        }
        catch (IOException e)
        {
            throw new UncheckedIOException(e);
        }
    }

    public boolean hasSession()
    {
        return Files.exists(session);
    }

    /**
     * Connects, offering the newest session if there is one, asks, and reads until the server closes.
     *
     * @return what came of it
     */
    public Result connect()
    {
        List<String> command = new ArrayList<>();
        if (configuration != null)
        {
            command.addAll(List.of("env", "OPENSSL_CONF=" + configuration));
        }
        // Line by line, or OpenSSL would write the server's answer into the midst of its own words.
        command.addAll(List.of(Tools.require("stdbuf").toString(), "-oL", Tools.require("openssl").toString()));
        // To read the system's certificate authorities takes longer than all the rest.
        command.addAll(List.of("s_client", "-connect", "127.0.0.1:" + port, "-ign_eof", "-nocommands", "-no-CAfile", "-no-CApath",
            "-no-CAstore"));
        command.addAll(sni ? List.of("-servername", host) : List.of("-noservername"));
        command.addAll(options);
        if (hasSession())
        {
            command.addAll(List.of("-sess_in", session.toString()));
        }
        command.addAll(List.of("-sess_out", session.toString()));
        String line = "GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\n" + headers;
        String request = (line + "\r\n").repeat(requests - 1) + line + (keepAlive ? "" : "Connection: close\r\n") + "\r\n";
        byte[] input = (h2 ? H2_AND_LEAVE : request).getBytes(StandardCharsets.ISO_8859_1);
        Command.Output output = Command.run(null, command, input);
        // Frames of HTTP/2 stand among the words.
        return new Result(output.exit(), output.text().replaceAll("[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f]", "."));
    }
}
