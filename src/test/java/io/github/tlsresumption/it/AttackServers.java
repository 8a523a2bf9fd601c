package io.github.tlsresumption.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

import io.github.tlsresumption.cluster.FaultProxy;
import io.github.tlsresumption.cluster.redis.RedisServer;

import static io.github.tlsresumption.it.ModuleBase.ONE;
import static io.github.tlsresumption.it.ModuleBase.TWO;
import static io.github.tlsresumption.it.ModuleBase.set;

/**
 * The servers that the cases of {@link AttackSuiteIT} share.
 */
final class AttackServers implements AutoCloseable
{
    static final String CACHE = "cache.test";
    static final String SHORT = "short.test";
    static final String SHORT_CACHE = "shortcache.test";
    static final int SHORT_SECONDS = 7_200;

    private static final String RULES = "short host=" + SHORT + " maxDuration=" + SHORT_SECONDS
        + "; shortcache host=" + SHORT_CACHE + " mode=cache maxDuration=" + SHORT_SECONDS
        + "; cache host=" + CACHE + " mode=cache";

    static final int BRIEF_SECONDS = 4;
    static final int LEAD_SECONDS = 3;
    static final String KEY_FILE = "jetty.tlsResumption.ticketKeyFile";
    static final String RULES_FILE = "etc/rules";
    static final String[] JVM_SETTINGS = {"-Djdk.tls.server.statelessKeyTimeout=1", "-Djdk.tls.namedGroups=secp256r1",
        "-Djavax.net.debug=ssl:handshake"};

    private static final List<String> BRIEF = List.of("busy", "idle");

    private final Map<String, FaultProxy> proxies = new TreeMap<>();
    private WallClock clock;
    private RedisServer redis;
    private final KeyMaterial.ClientAuthority authority = KeyMaterial.clientAuthority("attacked");
    private final Map<String, Node> nodes = new TreeMap<>();

    /**
     * A server, and what is known of it by JMX.
     *
     * @param jetty the server
     * @param jmx its beans
     */
    record Node(JettyProcess jetty, Jmx jmx)
    {
        int port()
        {
            return jetty.port();
        }

        OpenSsl client(String host, String protocol)
        {
            return ModuleBase.openSsl(jetty, host, protocol);
        }

        /**
         * @return the refusals by reason, for {@link #refusedSince}
         */
        Map<String, Long> refusals()
        {
            return jmx.counts("refusals");
        }

        /**
         * @param before what {@link #refusals} gave
         * @return which reasons were counted since, and how often
         */
        Map<String, Long> refusedSince(Map<String, Long> before)
        {
            return changed(before, refusals());
        }

        Map<String, Long> handshakes()
        {
            return jmx.counts("handshakes");
        }

        Map<String, Long> handshakesSince(Map<String, Long> before)
        {
            return changed(before, handshakes());
        }

        private static Map<String, Long> changed(Map<String, Long> before, Map<String, Long> after)
        {
            Map<String, Long> changed = new TreeMap<>(after);
            before.forEach((reason, count) -> changed.merge(reason, -count, Long::sum));
            changed.values().removeIf(count -> count == 0);
            return changed;
        }

        private void close()
        {
            jmx.close();
            jetty.close();
        }
    }

    /**
     * Starts them, several at a time.
     */
    void start() throws IOException
    {
        clock = WallClock.real();
        redis = RedisServer.start();
        Map<String, JettyBase> bases = new TreeMap<>();
        bases.put("first", base("first"));
        bases.put("second", base("second").property(KEY_FILE, keyFile(bases.get("first"))));
        bases.put("busy", brief("busy"));
        bases.put("idle", brief("idle").property(KEY_FILE, keyFile(bases.get("busy"))));
        bases.put("near", clustered("near", new FaultProxy(redis.port())));
        bases.put("far", clustered("far", new FaultProxy(redis.port())));
        bases.put("timed", base("timed").clock(clock));
        bases.put("strict", strictBase());
        bases.put("connectors", connectorsBase());
        start(bases);
        for (Node node : List.of(near(), far()))
        {
            // The very first ring waits a few seconds for a node that may have one.
            OpenSsl client = node.client(ONE, ModuleBase.TLS13);
            Await.until(Duration.ofSeconds(20), () -> client.connect().connected() && client.connect().reused(), node.jetty()::log);
        }
    }

    private void start(Map<String, JettyBase> bases)
    {
        ExecutorService threads = Executors.newFixedThreadPool(3);
        try
        {
            Map<String, Future<Node>> starting = new TreeMap<>();
            bases.forEach((name, base) -> starting.put(name, threads.submit(() ->
            {
                JettyProcess jetty = base.start(BRIEF.contains(name) ? JVM_SETTINGS : new String[0]);
                return new Node(jetty, Jmx.connect(jetty));
            })));
            for (Map.Entry<String, Future<Node>> each : starting.entrySet())
            {
                nodes.put(each.getKey(), each.getValue().get());
            }
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

    static String keyFile(JettyBase base)
    {
        return base.path().resolve(ModuleBase.KEY_FILE).toString();
    }

    JettyBase base(String name)
    {
        return ModuleBase.probed("attacks-" + name, "ticket", "ticket")
            .modules("jmx", "ssl-reload")
            .keyStore(KeyMaterial.server(KeyMaterial.Algorithm.EC, ONE, TWO, CACHE, SHORT, SHORT_CACHE))
            .clientAuth(authority, "want")
            .property("jetty.tlsResumption.rotation.lead", "2")
            .property("jetty.tlsResumption.rules", RULES);
    }

    /**
     * SunJSSE's own keys last a second there, sessions little longer; and it knows few groups, so that clients are asked to retry.
     */
    static JettyBase brief(String name)
    {
        return ModuleBase.probed("attacks-" + name, "ticket", "ticket").modules("jmx")
            .property("jetty.tlsResumption.maxSessionDuration", String.valueOf(BRIEF_SECONDS));
    }

    JettyBase clustered(String name, FaultProxy proxy)
    {
        proxies.put(name, proxy);
        return ModuleBase.probed("attacks-" + name, "ticket", "ticket")
            .modules("jmx", "tls-resumption-redis")
            .keyStore(KeyMaterial.server(KeyMaterial.Algorithm.EC, ONE, TWO, CACHE, SHORT, SHORT_CACHE))
            .property("jetty.tlsResumption.ticketKeyPassphrase", "correct horse")
            .property("jetty.tlsResumption.redis.uri", "redis://127.0.0.1:" + proxy.port())
            .property("jetty.tlsResumption.redis.timeout", "300")
            .property("jetty.tlsResumption.rotation.lead", String.valueOf(LEAD_SECONDS))
            .property("jetty.tlsResumption.rules", RULES);
    }

    /**
     * Two certificates for each of two hosts, and no service without the name of one.
     */
    private static JettyBase strictBase()
    {
        List<KeyMaterial.Algorithm> both = List.of(KeyMaterial.Algorithm.EC, KeyMaterial.Algorithm.RSA);
        return ModuleBase.probed("attacks-strict", "ticket", "ticket").modules("jmx", "ssl-reload")
            .keyStore(KeyMaterial.server(both, ONE, TWO))
            .property("jetty.sslContext.sniRequired", "true")
            .file(RULES_FILE, "switched host=" + TWO + " mode=ticket\n")
            .property("jetty.tlsResumption.rulesFile", RULES_FILE)
            .property("jetty.ssl.sniRequired", "true");
    }

    /**
     * Connectors that differ from the first in one thing each.
     */
    private JettyBase connectorsBase()
    {
        JettyBase base = base("connectors").property("jetty.tlsResumption.scope", "shared").property("jetty.tlsResumption.rules", "");
        KeyMaterial.ClientAuthority others = KeyMaterial.clientAuthority("others");
        base.copy(others.trustStore(), "etc/others.p12");
        base.copy(KeyMaterial.newServer(base.path().resolve("other-server.p12"), List.of(KeyMaterial.Algorithm.EC), ONE, TWO),
            "etc/other-keystore.p12");
        String trust = trust("truststore.p12");
        String want = set("wantClientAuth", "true");
        connector(base, "same", set("scope", "shared") + trust + want);
        connector(base, "id", set("scope", "another") + trust + want);
        connector(base, "trust", set("scope", "shared") + trust("others.p12") + want);
        connector(base, "need", set("scope", "shared") + trust + set("needClientAuth", "true"));
        connector(base, "none", set("scope", "shared") + trust);
        connector(base, "certificate", set("scope", "shared") + trust + want
            + set("keyStorePath", "<Property name=\"jetty.base\"/>/etc/other-keystore.p12"));
        connector(base, "suites", set("scope", "shared") + trust + want + set("includeCipherSuites",
            "<Array type=\"String\"><Item>TLS_AES_128_GCM_SHA256</Item><Item>TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256</Item></Array>"));
        connector(base, "protocols", set("scope", "shared") + trust + want + set("includeProtocols",
            "<Array type=\"String\"><Item>TLSv1.2</Item></Array>"));
        return base;
    }

    private static String trust(String file)
    {
        return set("trustStorePath", "<Property name=\"jetty.base\"/>/etc/" + file) + set("trustStorePassword", KeyMaterial.PASSWORD);
    }

    private static void connector(JettyBase base, String name, String settings)
    {
        base.connector(name, ModuleBase.factory(set("mode", "ticket"), set("tls12Mode", "ticket"), set("rotationLead", "2"), settings));
    }

    KeyMaterial.ClientAuthority authority()
    {
        return authority;
    }

    /**
     * @return a server with both modes, by host, and clients with and without certificates
     */
    Node first()
    {
        return nodes.get("first");
    }

    /**
     * @return another one with the same ticket keys
     */
    Node second()
    {
        return nodes.get("second");
    }

    /**
     * @return a server whose SunJSSE renews its key each second
     */
    Node busy()
    {
        return nodes.get("busy");
    }

    /**
     * @return another one with the same ticket keys
     */
    Node idle()
    {
        return nodes.get("idle");
    }

    /**
     * @return a node of a cluster
     */
    Node near()
    {
        return nodes.get("near");
    }

    /**
     * @return the other node of the cluster
     */
    Node far()
    {
        return nodes.get("far");
    }

    /**
     * @return a server that goes by {@link #clock}
     */
    Node timed()
    {
        return nodes.get("timed");
    }

    WallClock clock()
    {
        return clock;
    }

    /**
     * @return a server with several certificates, which asks for a host name
     */
    Node strict()
    {
        return nodes.get("strict");
    }

    /**
     * @return a server with connectors that share keys and differ in one setting each
     */
    Node connectors()
    {
        return nodes.get("connectors");
    }

    /**
     * @param name of a node of the cluster
     * @return what is between it and Redis
     */
    FaultProxy network(String name)
    {
        return proxies.get(name);
    }

    RedisServer redis()
    {
        return redis;
    }

    /**
     * @return the servers that nobody makes talk about handshakes
     */
    List<Node> quiet()
    {
        return nodes.entrySet().stream().filter(node -> !BRIEF.contains(node.getKey())).map(Map.Entry::getValue).toList();
    }

    List<Node> all()
    {
        return new ArrayList<>(nodes.values());
    }

    @Override
    public void close()
    {
        all().forEach(Node::close);
        try
        {
            for (FaultProxy proxy : proxies.values())
            {
                proxy.close();
            }
        }
        catch (IOException e)
        {
            throw new UncheckedIOException(e);
        }
        if (redis != null)
        {
            redis.close();
        }
    }
}
