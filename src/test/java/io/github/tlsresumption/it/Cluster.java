package io.github.tlsresumption.it;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

import io.github.tlsresumption.cluster.jdbc.DatabaseServer;
import io.github.tlsresumption.cluster.redis.RedisServer;

import static io.github.tlsresumption.it.ModuleBase.ONE;
import static io.github.tlsresumption.it.ModuleBase.set;

/**
 * Jetty processes on one backend, each in a base of its own. Each has two connectors: the module's in mode {@code ticket}, and one in
 * mode {@code cache}, whose ring is another and is rotated more often. Nodes and backend go by one clock, which tests move.
 */
final class Cluster implements AutoCloseable
{
    static final String TICKET = "ticket";
    static final String CACHE = "cache";
    static final List<String> MODES = List.of(TICKET, CACHE);
    static final String PATH = Probe.PATH + "session";
    /** For how long a key of connector {@link #CACHE} seals. */
    static final Duration SEAL_PERIOD = Duration.ofHours(1);
    /** For how long a key is known before it seals, on both connectors. */
    static final Duration LEAD = Duration.ofMinutes(2);

    private static final Duration LIMIT = Duration.ofSeconds(30);
    // This is not about slow backends, and the machine is busy with starting servers.
    private static final String TIMEOUT = "5000";
    private static final String PASSPHRASE = "correct horse";

    private final JettyBase base;
    private final List<JettyProcess> nodes = new ArrayList<>();
    private final Map<JettyProcess, Map<String, Jmx>> jmx = new HashMap<>();

    private Cluster(JettyBase base)
    {
        this.base = base;
    }

    /**
     * A ring as an operator sees it by JMX.
     *
     * @param version counts its changes
     * @param keys from the oldest to the newest
     */
    record Ring(long version, List<Key> keys)
    {
        private static final Pattern VERSION = Pattern.compile("version (\\d+)");
        private static final Pattern KEY = Pattern.compile("ticket key (\\p{XDigit}+) \\(created \\S+, seals (\\S+) to (\\S+),");

        /**
         * A key of it.
         *
         * @param id its id
         * @param from when it begins to seal
         * @param until when it stops
         */
        record Key(String id, Instant from, Instant until)
        {
        }

        static Ring of(Jmx jmx)
        {
            String text = (String)jmx.attribute("ticketKeys");
            Matcher version = VERSION.matcher(text);
            if (!version.find())
            {
                throw new AssertionError("no ring: " + text);
            }
            List<Key> keys = KEY.matcher(text).results()
                .map(key -> new Key(key.group(1), Instant.parse(key.group(2)), Instant.parse(key.group(3)))).toList();
            return new Ring(Long.parseLong(version.group(1)), keys);
        }
    }

    /**
     * @param name what it is for
     * @param redis the backend
     * @param clock by which the backend goes and the node will go
     * @return a base for a node
     */
    static JettyBase onRedis(String name, RedisServer redis, WallClock clock)
    {
        return base(name).clock(clock).modules("jmx", "tls-resumption-redis")
            .property("jetty.tlsResumption.redis.uri", redis.uri())
            .property("jetty.tlsResumption.redis.prefix", TICKET + ":")
            .property("jetty.tlsResumption.redis.timeout", TIMEOUT)
            .connector(CACHE, factory("""
                <Set name="sharedStores">
                  <New class="io.github.tlsresumption.cluster.redis.RedisStores">
                    <Arg>%s</Arg>
                    <Arg><Ref refid="tlsResumptionPassphrase"/></Arg>
                    <Set name="prefix">cache:</Set>
                    <Set name="timeout">%s</Set>
                  </New>
                </Set>
                """.formatted(redis.uri(), TIMEOUT)));
    }

    /**
     * Starts a new database server, or aborts the test where its program is missing.
     *
     * @param name what it is for
     * @param backend {@code postgresql} or {@code mariadb}
     * @param clock by which backend and node will go
     * @return a base for a node
     */
    static JettyBase onDatabase(String name, String backend, WallClock clock)
    {
        boolean isPostgresql = backend.equals("postgresql");
        Optional<DatabaseServer> server = isPostgresql
            ? DatabaseServer.postgresql(clock.environment()) : DatabaseServer.mariadb(clock.environment());
        int port = server.or(() -> Tools.missing(backend + " is not installed")).orElseThrow().port();
        JettyBase base = isPostgresql
            ? onDatabase(name, "jdbc:postgresql://127.0.0.1:" + port + "/postgres", "postgres", org.postgresql.Driver.class)
            : onDatabase(name, "jdbc:mariadb://127.0.0.1:" + port + "/test?createDatabaseIfNotExist=true", "root",
                org.mariadb.jdbc.Driver.class);
        return base.clock(clock);
    }

    private static JettyBase onDatabase(String name, String url, String user, Class<?> driver)
    {
        Path jar = Path.of(driver.getProtectionDomain().getCodeSource().getLocation().getPath());
        return base(name).copy(jar, "lib/ext/" + jar.getFileName())
            .property("tls-resumption.jdbc.driver", "ext")
            .modules("jmx", "tls-resumption-jdbc")
            .property("jetty.tlsResumption.jdbc.url", url)
            .property("jetty.tlsResumption.jdbc.user", user)
            .property("jetty.tlsResumption.jdbc.tablePrefix", TICKET + "_")
            .property("jetty.tlsResumption.jdbc.timeout", TIMEOUT)
            .connector(CACHE, factory("""
                <Call name="setSharedStores">
                  <Arg>
                    <Call class="io.github.tlsresumption.cluster.jdbc.JdbcStores" name="open">
                      <Arg>%s</Arg>
                      <Arg>%s</Arg>
                      <Arg></Arg>
                      <Arg><Ref refid="tlsResumptionPassphrase"/></Arg>
                      <Arg>cache_</Arg>
                      <Arg type="int">8</Arg>
                      <Arg type="long">%s</Arg>
                    </Call>
                  </Arg>
                </Call>
                """.formatted(url.replace("&", "&amp;"), user, TIMEOUT)));
    }

    private static JettyBase base(String name)
    {
        return ModuleBase.probed(name, TICKET, TICKET)
            .property("jetty.tlsResumption.scope", TICKET)
            .property("jetty.tlsResumption.ticketKeyPassphrase", PASSPHRASE)
            .property("jetty.tlsResumption.rotation.lead", String.valueOf(LEAD.toSeconds()))
            .property("jetty.tlsResumption.clockSkew", "1");
    }

    private static String factory(String stores)
    {
        return ModuleBase.factory(set("mode", CACHE), set("tls12Mode", CACHE), set("scope", CACHE), set("clockSkew", "1"),
            set("maxSessionDuration", "86400"), set("rotationSealPeriod", String.valueOf(SEAL_PERIOD.toSeconds())),
            set("rotationLead", String.valueOf(LEAD.toSeconds())), stores);
    }

    /**
     * @param base of the first node; the others' are copies
     * @param count how many nodes
     * @return a cluster of them, which have all started at the same time
     */
    static Cluster start(JettyBase base, int count)
    {
        Cluster cluster = new Cluster(base);
        cluster.join(count);
        return cluster;
    }

    /**
     * Starts more nodes, all at the same time.
     *
     * @param count how many
     * @param options for start.jar
     */
    void join(int count, String... options)
    {
        List<JettyBase> bases = new ArrayList<>();
        while (bases.size() < count)
        {
            bases.add(nodes.isEmpty() && bases.isEmpty() ? base : base.twin());
        }
        nodes.addAll(together(bases, options));
    }

    /**
     * @param bases some bases
     * @param options for start.jar
     * @return a process in each of them, which have all started at the same time
     */
    static List<JettyProcess> together(List<JettyBase> bases, String... options)
    {
        ExecutorService threads = Executors.newFixedThreadPool(bases.size());
        try
        {
            List<Future<JettyProcess>> all = bases.stream().map(one -> threads.submit(() -> one.start(options))).toList();
            List<JettyProcess> started = new ArrayList<>();
            for (Future<JettyProcess> one : all)
            {
                started.add(one.get());
            }
            return started;
        }
        catch (InterruptedException e)
        {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
        catch (ExecutionException e)
        {
            throw new AssertionError(e);
        }
        finally
        {
            threads.shutdown();
        }
    }

    int size()
    {
        return nodes.size();
    }

    JettyProcess node(int number)
    {
        return nodes.get(number);
    }

    /**
     * @param mode that of the connector
     * @return the ports of the nodes
     */
    List<Integer> ports(String mode)
    {
        return nodes.stream().map(node -> mode.equals(TICKET) ? node.port() : node.port(CACHE)).toList();
    }

    /**
     * @param number of the node
     * @param mode that of the connector
     * @param protocol the version of TLS
     * @return a new client, which asks the {@link SessionServlet}
     */
    OpenSsl client(int number, String mode, String protocol)
    {
        return OpenSsl.client(ports(mode).get(number)).host(ONE).protocol(protocol).path(PATH);
    }

    /**
     * @param number of the node
     * @param mode that of the connector
     * @return a connection to its MBean, which is closed with the node
     */
    Jmx jmx(int number, String mode)
    {
        return jmx.computeIfAbsent(node(number), node -> new HashMap<>())
            .computeIfAbsent(mode, scope -> Jmx.connect(node(number), scope));
    }

    Ring ring(int number, String mode)
    {
        return Ring.of(jmx(number, mode));
    }

    /**
     * @param mode that of the connectors
     * @return the ring, once it is the same on all nodes and has keys
     */
    Ring awaitOneRing(String mode)
    {
        List<Ring> rings = new ArrayList<>();
        Await.until(LIMIT, () ->
        {
            rings.clear();
            IntStream.range(0, nodes.size()).mapToObj(number -> ring(number, mode)).forEach(rings::add);
            return rings.get(0).version() > 0 && rings.stream().distinct().count() == 1;
        }, () -> "rings of mode " + mode + " are " + rings);
        return rings.get(0);
    }

    /**
     * Ends a node in good order.
     *
     * @param number of the node, which keeps its place
     */
    void stop(int number)
    {
        closeJmx(node(number));
        node(number).stop();
    }

    /**
     * Starts a node that was stopped, on the same ports.
     *
     * @param number of the node
     */
    void again(int number)
    {
        nodes.set(number, node(number).again());
    }

    /**
     * @param number of a node that has stopped for good; those behind it have the next lower numbers from now on
     */
    void leave(int number)
    {
        stop(number);
        nodes.remove(number);
    }

    private void closeJmx(JettyProcess node)
    {
        jmx.getOrDefault(node, Map.of()).values().forEach(Jmx::close);
        jmx.remove(node);
    }

    @Override
    public void close()
    {
        nodes.forEach(this::closeJmx);
        nodes.forEach(JettyProcess::close);
    }
}
