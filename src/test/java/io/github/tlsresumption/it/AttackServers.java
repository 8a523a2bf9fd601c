package io.github.tlsresumption.it;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

import static io.github.tlsresumption.it.ModuleBase.ONE;
import static io.github.tlsresumption.it.ModuleBase.TWO;

/**
 * The servers that the cases of {@link AttackSuiteIT} share.
 */
final class AttackServers implements AutoCloseable
{
    static final String CACHE = "cache.test";
    static final String SHORT = "short.test";
    static final String SHORT_CACHE = "shortcache.test";
    static final int SHORT_SECONDS = 6;

    private static final String RULES = "short host=" + SHORT + " maxDuration=" + SHORT_SECONDS
        + "; shortcache host=" + SHORT_CACHE + " mode=cache maxDuration=" + SHORT_SECONDS
        + "; cache host=" + CACHE + " mode=cache";

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
    void start()
    {
        JettyBase first = base("first");
        JettyBase second = base("second").property("jetty.tlsResumption.ticketKeyFile",
            first.path().resolve(ModuleBase.KEY_FILE).toString());
        start(Map.of("first", first, "second", second));
    }

    private void start(Map<String, JettyBase> bases)
    {
        ExecutorService threads = Executors.newFixedThreadPool(2);
        try
        {
            Map<String, Future<Node>> starting = new TreeMap<>();
            bases.forEach((name, base) -> starting.put(name, threads.submit(() ->
            {
                JettyProcess jetty = base.start();
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

    private JettyBase base(String name)
    {
        return ModuleBase.probed("attacks-" + name, "ticket", "ticket")
            .modules("jmx", "ssl-reload")
            .keyStore(KeyMaterial.server(KeyMaterial.Algorithm.EC, ONE, TWO, CACHE, SHORT, SHORT_CACHE))
            .clientAuth(authority, "want")
            .property("jetty.tlsResumption.rules", RULES);
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

    List<Node> all()
    {
        return new ArrayList<>(nodes.values());
    }

    @Override
    public void close()
    {
        all().forEach(Node::close);
    }
}
