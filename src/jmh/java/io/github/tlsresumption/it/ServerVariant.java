package io.github.tlsresumption.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import io.github.tlsresumption.it.KeyMaterial.Algorithm;
import io.github.tlsresumption.lean.LeanConnector;
import org.eclipse.jetty.server.ServerConnector;

/**
 * A server to be measured, with a connector for each kind of key.
 *
 * @param name in the table
 * @param against the name of the one to whose cost its own is compared, empty for none
 * @param pick which of several tickets clients keep: of a stock Jetty the longest, which is the sealed one, where the newest may be
 * one of 32 bytes that names a session in the cache
 * @param starter starts it; a Jetty with more lines for its start.jar
 */
record ServerVariant(String name, String against, String pick, Function<List<String>, Running> starter)
{
    private static final String STOCK_TICKETS = "Jetty, tickets";
    private static final String STOCK_CACHE = "Jetty, cache";
    private static final String NGINX = "nginx";
    private static final String HAPROXY = "HAProxy";
    private static final String NEWEST = "newest";
    private static final String RSA = "rsa";
    private static final int OLDEST_NATIVE_JDK = 22;
    private static final String LEAN = "--modules=tls-resumption-lean";

    /**
     * A server at work.
     *
     * @param pid its process
     * @param jvm whether it has compilers to come to rest
     * @param ports where it listens
     * @param stop ends it
     */
    record Running(long pid, boolean jvm, Map<Algorithm, Integer> ports, Runnable stop)
    {
    }

    /**
     * @return all, or those in whose names the pattern of the system property {@code bench.servers} is found; in the order of the table's
     * columns
     */
    static List<ServerVariant> all()
    {
        Pattern wanted = Pattern.compile(System.getProperty("bench.servers", ""));
        return here().stream().filter(variant -> wanted.matcher(variant.name()).find()).toList();
    }

    /**
     * @param name of a variant
     * @return that one
     * @throws IllegalArgumentException when there is none, or not here
     */
    static ServerVariant named(String name)
    {
        List<ServerVariant> here = here();
        return here.stream().filter(variant -> variant.name().equals(name)).findFirst().orElseThrow(() ->
            new IllegalArgumentException("no such server: " + name + "; there are " + here.stream().map(ServerVariant::name).toList()));
    }

    private static List<ServerVariant> here()
    {
        List<ServerVariant> all = new ArrayList<>(everywhere());
        if (Runtime.version().feature() >= OLDEST_NATIVE_JDK)
        {
            Stream.of("BoringSSL", "OpenSSL")
                .filter(library -> ModuleBase.hasLibrary(setting(library)))
                .forEach(library -> all.add(3, new ServerVariant("engine `native`, " + library, STOCK_TICKETS, NEWEST,
                    more -> started(ModuleBase.nativeEngine(ours("engine", "ticket"), setting(library)), ourFactory("ticket"), more))));
        }
        // Each with tickets of ours also on lean connectors.
        for (ServerVariant variant : List.copyOf(all))
        {
            if (!variant.against().isEmpty() && !variant.name().contains("`cache`"))
            {
                all.add(variant.lean());
            }
        }
        return all;
    }

    private ServerVariant lean()
    {
        return new ServerVariant(name + ", lean", against, pick,
            more -> starter.apply(Stream.concat(more.stream(), Stream.of(LEAN)).toList()));
    }

    /**
     * @return those of {@link #all} that are Jetty
     */
    static List<ServerVariant> jetties()
    {
        return all().stream().filter(variant -> !variant.name().equals(NGINX) && !variant.name().equals(HAPROXY)).toList();
    }

    private static String setting(String library)
    {
        return library.toLowerCase(Locale.ROOT);
    }

    private static List<ServerVariant> everywhere()
    {
        return List.of(
            new ServerVariant(STOCK_TICKETS, "", "longest", more -> started(stock("tickets"), stockFactory(), more)),
            new ServerVariant("ours, `ticket`", STOCK_TICKETS, NEWEST,
                more -> started(ours("ticket", "ticket"), ourFactory("ticket"), more)),
            new ServerVariant("the same, native", STOCK_TICKETS, NEWEST,
                more -> started(ours("native", "ticket").modules("tls-resumption-accp"), ourFactory("ticket"), more)),
            new ServerVariant(STOCK_CACHE, "", NEWEST,
                more -> started(stock("cache").line("-Djdk.tls.server.enableSessionTicketExtension=false"), stockFactory(), more)),
            new ServerVariant("ours, `cache`", STOCK_CACHE, NEWEST, more -> started(ours("cache", "cache"), ourFactory("cache"), more)),
            new ServerVariant(NGINX, "", NEWEST, more -> other("nginx", ServerVariant::nginx)),
            new ServerVariant(HAPROXY, "", NEWEST, more -> other("haproxy", ServerVariant::haproxy)));
    }

    private static JettyBase stock(String name)
    {
        return JettyBase.https("bench-stock-" + name, keys(Algorithm.EC));
    }

    private static JettyBase ours(String name, String mode)
    {
        return JettyBase.create("bench-" + name)
            .unzip(JettyHome.moduleZip())
            .modules("https", "tls-resumption")
            .keyStore(keys(Algorithm.EC))
            .property("jetty.ssl.port", "0")
            .property("jetty.tlsResumption.mode", mode)
            .property("jetty.tlsResumption.tls12Mode", mode);
    }

    private static String stockFactory()
    {
        return """
            <New class="org.eclipse.jetty.util.ssl.SslContextFactory$Server">
              <Set name="keyStorePath"><Property name="jetty.base"/>/etc/rsa.p12</Set>
              <Set name="keyStorePassword">%s</Set>
            </New>
            """.formatted(KeyMaterial.PASSWORD);
    }

    private static String ourFactory(String mode)
    {
        return ModuleBase.factory(ModuleBase.set("mode", mode), ModuleBase.set("tls12Mode", mode)).replace("keystore.p12", "rsa.p12");
    }

    private static Running started(JettyBase base, String rsaFactory, List<String> more)
    {
        boolean lean = more.contains(LEAN);
        more.forEach(base::line);
        JettyProcess jetty = base
            .copy(keys(Algorithm.RSA), "etc/rsa.p12")
            .connector(RSA, lean ? LeanConnector.class.getName() : ServerConnector.class.getName(), rsaFactory)
            .line("--exec")
            // Those that came and went would be missing where compilers are counted apart.
            .line("-XX:-UseDynamicNumberOfCompilerThreads")
            .start();
        Map<Algorithm, Integer> ports = Map.of(Algorithm.EC, jetty.port(), Algorithm.RSA, jetty.port(RSA));
        return new Running(jetty.serverPid(), true, ports, jetty::close);
    }

    private static Path keys(Algorithm algorithm)
    {
        return KeyMaterial.server(algorithm, ModuleBase.ONE);
    }

    private static Running other(String name, BiFunction<Path, Map<Algorithm, Integer>, OtherServer> starter)
    {
        Path directory = JettyHome.scratch().toAbsolutePath().resolve("bench-" + name + "-" + ProcessHandle.current().pid());
        Map<Algorithm, Integer> ports = Map.of(Algorithm.EC, OtherServer.freePort(), Algorithm.RSA, OtherServer.freePort());
        OtherServer server = starter.apply(directory, ports);
        return new Running(server.pid(), false, ports, server::close);
    }

    private static Path pem(Path directory, Algorithm algorithm)
    {
        try
        {
            Files.createDirectories(directory);
            return KeyMaterial.pem(keys(algorithm), ModuleBase.ONE, directory.resolve(algorithm + ".pem"));
        }
        catch (IOException e)
        {
            throw new UncheckedIOException(e);
        }
    }

    private static OtherServer nginx(Path directory, Map<Algorithm, Integer> ports)
    {
        StringBuilder servers = new StringBuilder();
        ports.forEach((algorithm, port) -> servers.append("""
            server {
              listen 127.0.0.1:%d ssl;
              server_name one.test;
              ssl_certificate %2$s;
              ssl_certificate_key %2$s;
              ssl_protocols TLSv1.2 TLSv1.3;
              ssl_session_timeout 1d;
              location / { return 200 "%3$s"; }
            }
            """.formatted(port, pem(directory, algorithm), body())));
        return OtherServer.nginx(directory, servers.toString(), ports.values().stream().mapToInt(Integer::intValue).toArray());
    }

    private static OtherServer haproxy(Path directory, Map<Algorithm, Integer> ports)
    {
        StringBuilder text = new StringBuilder("""
            global
              nbthread 1
              tune.ssl.default-dh-param 2048
            defaults
              mode http
              timeout client 5s
              timeout server 5s
              timeout connect 5s
            """);
        ports.forEach((algorithm, port) -> text.append("""
            frontend %s
              bind 127.0.0.1:%d ssl crt %s
              http-request return status 200 content-type text/plain string %s
            """.formatted(algorithm, port, pem(directory, algorithm), body())));
        return OtherServer.haproxy(directory, text.toString(), ports.values().stream().mapToInt(Integer::intValue).toArray());
    }

    /**
     * As long as what Jetty answers.
     */
    private static String body()
    {
        return "x".repeat(1150);
    }
}
