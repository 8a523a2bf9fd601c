package io.github.tlsresumption.it;

import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import io.github.tlsresumption.cluster.redis.RedisServer;
import io.github.tlsresumption.it.Cluster.Ring;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static io.github.tlsresumption.it.Cluster.CACHE;
import static io.github.tlsresumption.it.Cluster.MODES;
import static io.github.tlsresumption.it.Cluster.TICKET;
import static io.github.tlsresumption.it.ModuleBase.ONE;
import static io.github.tlsresumption.it.ModuleBase.TLS12;
import static io.github.tlsresumption.it.ModuleBase.TLS13;
import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * Three nodes on one backend are one server to their clients: whichever node a client comes to, it resumes.
 */
@StartsProcesses
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ClusterIT
{
    private static final int NODES = 3;
    private static final int ROTATIONS = 3;
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final List<String> PROTOCOLS = List.of(TLS12, TLS13);

    private static WallClock clock;
    private static RedisServer redis;
    private static Cluster cluster;

    /**
     * Somebody who comes back, as the balancer knows it.
     */
    private record Visitor(Balancer balancer, String address, OpenSsl openSsl)
    {
        static Visitor at(Balancer balancer, String address, String protocol)
        {
            OpenSsl openSsl = OpenSsl.client(balancer.port()).host(ONE).protocol(protocol).path(Cluster.PATH).from(address);
            return new Visitor(balancer, address, openSsl);
        }

        void establish()
        {
            OpenSsl.Result first = openSsl.connect();
            assertFalse(first.reused(), first::output);
            assertEquals(200, first.reply().status(), first::output);
        }

        boolean neverTheSameNodeTwice()
        {
            List<Integer> visits = balancer.visits(address);
            return IntStream.range(1, visits.size()).noneMatch(i -> visits.get(i).equals(visits.get(i - 1)));
        }

        Set<Integer> nodes()
        {
            return new HashSet<>(balancer.visits(address));
        }
    }

    @BeforeAll
    static void start()
    {
        clock = WallClock.real();
        redis = RedisServer.start(clock.environment());
        cluster = Cluster.start(Cluster.onRedis("cluster", redis, clock), NODES);
    }

    @AfterAll
    static void stop()
    {
        if (cluster != null)
        {
            cluster.close();
        }
        if (redis != null)
        {
            redis.close();
        }
    }

    @Test
    @Order(1)
    void nodesThatStartTogetherOnAnEmptyRedisMakeOneRing()
    {
        for (String mode : MODES)
        {
            Ring ring = cluster.awaitOneRing(mode);
            assertEquals(ring.version(), ring.keys().size(), ring::toString);
            assertFalse(Files.exists(cluster.node(0).base().path().resolve(ModuleBase.KEY_FILE)), "no other store is used");
        }
    }

    /**
     * Each client comes to another node each time, which is the worst that a balancer can do.
     */
    @OnAnyJdk
    @OnEachEngine
    @Test
    @Order(2)
    void everyResumptionIsOnAnotherNodeThroughRotationsAndARollingRestart() throws Exception
    {
        MODES.forEach(cluster::awaitOneRing);
        try (Balancer ticket = Balancer.neverTheSame(cluster.ports(TICKET)); Balancer cache = Balancer.neverTheSame(cluster.ports(CACHE)))
        {
            List<Visitor> visitors = visitors(ticket, cache);
            visitors.forEach(Visitor::establish);
            Set<String> before = keys(cluster);
            Load.Result load;
            try (Returning returning = Returning.start(openSsl(visitors)))
            {
                rotate(cluster, returning, ROTATIONS);
                for (int node = 0; node < NODES; node++)
                {
                    ticket.drain(node);
                    cache.drain(node);
                    cluster.stop(node);
                    int without = returning.connections();
                    Await.until(LIMIT, () -> returning.connections() > without + visitors.size(), () -> "no more connections");
                    cluster.again(node);
                    ticket.readmit(node);
                    cache.readmit(node);
                }
                rotate(cluster, returning, 1);
                load = returning.stop();
                Set<String> used = returning.keys();
                for (String mode : MODES)
                {
                    List<String> newKeys = ids(cluster.awaitOneRing(mode)).stream().filter(id -> !before.contains(id)).toList();
                    assertTrue(newKeys.stream().filter(used::contains).count() > ROTATIONS, () -> mode + ": " + newKeys + " of " + used);
                }
            }
            told("three nodes on Redis, another node each time, rotations and a rolling restart", load);
            assertAllResumed(load, visitors);
        }
    }

    /**
     * The same clients come back, all as often, to nodes that stay as they are. The nodes are drawn at random, which is kind to stock
     * Jetty: a third of the clients comes back to the node where it was. Where nobody does, as above, next to nothing is resumed.
     */
    @OnAnyJdk
    @Test
    @Order(3)
    void stockNodesLoseMostResumptionsUnderTheSameLoad()
    {
        MODES.forEach(cluster::awaitOneRing);
        int times = 24;
        Load.Result ours;
        try (Balancer ticket = Balancer.random(cluster.ports(TICKET)); Balancer cache = Balancer.random(cluster.ports(CACHE)))
        {
            List<Visitor> visitors = visitors(ticket, cache);
            visitors.forEach(Visitor::establish);
            ours = Returning.times(openSsl(visitors), times);
        }
        // With certificates for two hosts, as the nodes above have, it would resume nothing in TLS 1.2 at all.
        JettyBase base = JettyBase.https("cluster-stock", KeyMaterial.server(KeyMaterial.Algorithm.EC, ONE)).deploy(Probe.war(), "probe");
        List<JettyProcess> stock = Cluster.together(List.of(base, base.twin(), base.twin()));
        try
        {
            List<Integer> ports = stock.stream().map(JettyProcess::port).toList();
            try (Balancer one = Balancer.random(ports); Balancer other = Balancer.random(ports);
                Balancer neverTheSame = Balancer.neverTheSame(ports))
            {
                List<Visitor> visitors = visitors(one, other);
                visitors.forEach(Visitor::establish);
                Load.Result theirs = Returning.times(openSsl(visitors), times);
                List<Visitor> worst = visitors(neverTheSame, neverTheSame);
                worst.forEach(Visitor::establish);
                Load.Result least = Returning.times(openSsl(worst), 3);

                told("three nodes on Redis, nodes at random", ours);
                told("three stock nodes, nodes at random", theirs);
                told("three stock nodes, another node each time", least);
                assertAll(
                    () -> assertEquals(0, ours.failed(), ours::toString),
                    () -> assertEquals(100.0, rate(ours), ours::toString),
                    () -> assertEquals(ours.connections(), theirs.connections()),
                    () -> assertEquals(0, theirs.failed(), theirs::toString),
                    () -> assertTrue(rate(theirs) < 50, theirs::toString),
                    () -> assertTrue(rate(theirs) > 10, "this is a comparison with nodes that resume: " + theirs),
                    () -> assertEquals(0, least.failed(), least::toString));
            }
        }
        finally
        {
            stock.forEach(JettyProcess::close);
        }
    }

    @Test
    @Order(4)
    void oneNodeRotatesForAllOncePerPeriod()
    {
        for (int i = 0; i < ROTATIONS; i++)
        {
            Cluster.Ring before = cluster.awaitOneRing(CACHE);
            publishNextKey(cluster);
            assertEquals(before.version() + 1, cluster.awaitOneRing(CACHE).version(), "one node has made one key");
            clock.move(Cluster.LEAD);
        }
        Ring ring = cluster.awaitOneRing(CACHE);
        assertEquals(ring.version(), ring.keys().size(), "each version has brought one key");
        for (int i = 0; i < ring.keys().size(); i++)
        {
            Ring.Key key = ring.keys().get(i);
            assertEquals(Cluster.SEAL_PERIOD, Duration.between(key.from(), key.until()), key::toString);
            if (i > 0)
            {
                assertEquals(ring.keys().get(i - 1).until(), key.from(), "two keys in one period, or none: " + ring);
            }
        }
    }

    @OnAnyJdk
    @Test
    @Order(5)
    void nodeThatComesLateOrLeavesMakesNoSecondRing()
    {
        Ring before = cluster.awaitOneRing(TICKET);
        awaitTickets(0);
        List<OpenSsl> clients = everyKind(cluster, 0);
        clients.forEach(OpenSsl::connect);

        cluster.join(1, "--jpms");
        Ring with;
        Ring cacheWith;
        List<OpenSsl> there;
        try
        {
            with = cluster.awaitOneRing(TICKET);
            cacheWith = cluster.awaitOneRing(CACHE);
            // The first thing that the new node does for anyone.
            there = elsewhere(cluster, clients, NODES);
        }
        finally
        {
            cluster.leave(NODES);
        }
        Ring after = cluster.awaitOneRing(TICKET);
        Ring cacheAfter = cluster.awaitOneRing(CACHE);
        elsewhere(cluster, there, 1);

        assertAll(
            () -> assertEquals(before, with),
            () -> assertEquals(before, after),
            () -> assertTrue(ids(cacheAfter).containsAll(ids(cacheWith)), cacheAfter::toString),
            () -> assertEquals(cacheAfter.version(), cacheAfter.keys().size(), cacheAfter::toString));
    }

    /**
     * For half a second after its clock was set by more than the lead a node does not know which time counts, and gives no tickets.
     */
    private static void awaitTickets(int node)
    {
        for (OpenSsl client : everyKind(cluster, node))
        {
            Await.until(LIMIT, () -> client.connect().connected() && client.copy().connect().reused(), cluster.node(node)::log);
        }
    }

    @OnAnyJdk
    @Test
    @Order(6)
    void nodeThatStartsFirstAfterAllWereDownGoesOnWithTheRing()
    {
        Ring before = cluster.awaitOneRing(TICKET);
        List<OpenSsl> clients = everyKind(cluster, 0);
        clients.forEach(OpenSsl::connect);
        IntStream.range(0, NODES).forEach(cluster::stop);
        cluster.again(2);
        assertEquals(before, cluster.ring(2, TICKET));
        List<OpenSsl> there = elsewhere(cluster, clients, 2);
        cluster.again(1);
        cluster.again(0);
        assertEquals(before, cluster.awaitOneRing(TICKET));
        elsewhere(cluster, there, 1);
    }

    @Test
    @Order(7)
    void withoutRedisTicketsGoOnTheCacheMakesFullHandshakesAndAllComesBack()
    {
        IntStream.range(0, NODES).forEach(ClusterIT::awaitTickets);
        List<OpenSsl> ticket = PROTOCOLS.stream().map(protocol -> cluster.client(0, TICKET, protocol)).toList();
        List<OpenSsl> cache = PROTOCOLS.stream().map(protocol -> cluster.client(0, CACHE, protocol)).toList();
        Stream.concat(ticket.stream(), cache.stream()).forEach(OpenSsl::connect);

        redis.kill();
        for (int i = 0; i < NODES; i++)
        {
            int node = i;
            ticket.forEach(client -> assertTrue(client.at(cluster.ports(TICKET).get(node)).connect().reused()));
            for (OpenSsl client : cache)
            {
                OpenSsl.Result full = client.at(cluster.ports(CACHE).get(node)).connect();
                assertFalse(full.reused(), full::output);
                assertEquals(200, full.reply().status(), full::output);
            }
        }

        redis.again();
        long start = System.nanoTime();
        for (String mode : MODES)
        {
            OpenSsl client = cluster.client(0, mode, TLS13);
            int other = cluster.ports(mode).get(1);
            Await.until(LIMIT, () -> client.connect().connected() && client.at(other).connect().reused(), cluster.node(0)::log);
        }
        System.out.printf("all is well %d ms after Redis came back%n", Duration.ofNanos(System.nanoTime() - start).toMillis());
    }

    @OnAnyJdk
    @ParameterizedTest
    @CsvSource({"tls-resumption-redis, jetty.tlsResumption.ticketKeyPassphrase is not set",
        "tls-resumption-jdbc, jetty.tlsResumption.ticketKeyPassphrase is not set"})
    @Order(8)
    void withoutAPassphraseTheServerDoesNotStart(String module, String why)
    {
        JettyBase base = ModuleBase.plain("cluster-plain");
        base.property("tls-resumption.jdbc.driver", "h2").modules(module)
            .property("jetty.tlsResumption.redis.uri", redis.uri())
            .property("jetty.tlsResumption.jdbc.url", "jdbc:h2:file:" + base.path().resolve("db/stores"))
            .property("jetty.tlsResumption.jdbc.user", "jetty")
            .property("jetty.tlsResumption.jdbc.password", "of the database");
        String log = base.startFails();
        assertTrue(log.contains(why), log);
        assertTrue(log.contains("jetty.tlsResumption.ticketKeyPassphrase"), log);
    }

    /**
     * One node is there first, the others come later.
     */
    @OnAnyJdk
    @ParameterizedTest
    @ValueSource(strings = {"postgresql", "mariadb"})
    @Order(9)
    void nodesOnADatabaseAreOneServerToo(String backend) throws Exception
    {
        try (Cluster nodes = Cluster.start(Cluster.onDatabase("cluster-" + backend, backend, clock), 1))
        {
            Ring first = nodes.awaitOneRing(TICKET);
            nodes.join(NODES - 1);
            assertEquals(first, nodes.awaitOneRing(TICKET));
            nodes.awaitOneRing(CACHE);
            try (Balancer ticket = Balancer.neverTheSame(nodes.ports(TICKET)); Balancer cache = Balancer.neverTheSame(nodes.ports(CACHE)))
            {
                List<Visitor> visitors = visitors(ticket, cache);
                visitors.forEach(Visitor::establish);
                Load.Result load;
                try (Returning returning = Returning.start(openSsl(visitors)))
                {
                    rotate(nodes, returning, 1);
                    Await.until(LIMIT, () -> returning.connections() > 12 * visitors.size(), () -> "no more connections");
                    load = returning.stop();
                }
                told("three nodes on " + backend + ", another node each time, one rotation", load);
                assertAllResumed(load, visitors);
            }
            for (String mode : MODES)
            {
                Ring ring = nodes.awaitOneRing(mode);
                assertEquals(ring.version(), ring.keys().size(), ring::toString);
            }
        }
    }

    /**
     * One server, which finds all again that it kept. It starts first with a module path, and makes all that is missing.
     */
    @OnAnyJdk
    @Test
    @Order(10)
    void freshBaseResumesByH2OverARestart()
    {
        JettyBase base = ModuleBase.plain("cluster-h2");
        base.property("tls-resumption.jdbc.driver", "h2").modules("tls-resumption-jdbc")
            .property("jetty.tlsResumption.jdbc.url", "jdbc:h2:file:" + base.path().resolve("db/stores"))
            .property("jetty.tlsResumption.jdbc.user", "jetty")
            .property("jetty.tlsResumption.jdbc.password", "of the database")
            // This is about what is kept, not about how fast.
            .property("jetty.tlsResumption.jdbc.timeout", "5000")
            .property("jetty.tlsResumption.ticketKeyPassphrase", "correct horse");
        JettyProcess before = base.start("--jpms");
        List<OpenSsl> clients;
        try (before)
        {
            // TLS 1.2 is cached by default.
            clients = PROTOCOLS.stream().map(protocol -> OpenSsl.client(before.port()).host(ONE).protocol(protocol)).toList();
            for (OpenSsl client : clients)
            {
                // The first ring is new.
                Await.until(LIMIT, () -> client.connect().connected() && client.connect().reused(), before::log);
            }
        }
        try (JettyProcess after = before.again())
        {
            for (OpenSsl client : clients)
            {
                assertTrue(client.connect().reused(), after::log);
            }
            assertFalse(Files.exists(base.path().resolve(ModuleBase.KEY_FILE)));
        }
    }

    /**
     * Two of each mode and protocol.
     */
    private static List<Visitor> visitors(Balancer ticket, Balancer cache)
    {
        List<Visitor> visitors = new ArrayList<>();
        for (Balancer balancer : List.of(ticket, cache))
        {
            for (String protocol : PROTOCOLS)
            {
                visitors.add(Visitor.at(balancer, "127.0.7." + (1 + visitors.size()), protocol));
                visitors.add(Visitor.at(balancer, "127.0.7." + (1 + visitors.size()), protocol));
            }
        }
        return visitors;
    }

    private static List<OpenSsl> openSsl(List<Visitor> visitors)
    {
        return visitors.stream().map(Visitor::openSsl).toList();
    }

    /**
     * Has the ring of mode ticket rotated by one node after the other and the other ring by the time, until clients have tickets of the new
     * keys. No node seals with a key before all have it.
     */
    private static void rotate(Cluster nodes, Returning clients, int times) throws Exception
    {
        for (int i = 0; i < times; i++)
        {
            Set<String> before = keys(nodes);
            publishNextKey(nodes);
            nodes.jmx(i % NODES, TICKET).invoke("rotateTicketKeys");
            MODES.forEach(nodes::awaitOneRing);
            clock.move(Cluster.LEAD);
            for (String mode : MODES)
            {
                Await.until(LIMIT, () -> hasTicketOfNewKey(clients, before, nodes.ring(0, mode)),
                    () -> "nobody has a ticket of a new key of mode " + mode);
            }
        }
    }

    /**
     * Moves the clock to the middle of the lead, and waits until some node has made the next key of the connector that rotates by the time.
     */
    private static void publishNextKey(Cluster nodes)
    {
        List<Ring.Key> known = nodes.ring(0, CACHE).keys();
        clock.moveTo(known.get(known.size() - 1).until().minus(Cluster.LEAD.dividedBy(2)));
        Await.until(LIMIT, () -> nodes.ring(0, CACHE).keys().size() > known.size(), () -> "no rotation: " + nodes.ring(0, CACHE));
    }

    private static boolean hasTicketOfNewKey(Returning clients, Set<String> before, Ring ring)
    {
        Set<String> used = clients.keys();
        return ids(ring).stream().anyMatch(id -> used.contains(id) && !before.contains(id));
    }

    private static Set<String> keys(Cluster nodes)
    {
        Set<String> ids = new HashSet<>();
        MODES.forEach(mode -> ids.addAll(ids(nodes.awaitOneRing(mode))));
        return ids;
    }

    private static List<String> ids(Ring ring)
    {
        return ring.keys().stream().map(Ring.Key::id).toList();
    }

    private static List<OpenSsl> everyKind(Cluster nodes, int node)
    {
        return MODES.stream().flatMap(mode -> PROTOCOLS.stream().map(protocol -> nodes.client(node, mode, protocol))).toList();
    }

    /**
     * @param clients of {@link #everyKind}
     * @return the same clients at another node, where they have resumed
     */
    private static List<OpenSsl> elsewhere(Cluster nodes, List<OpenSsl> clients, int node)
    {
        List<OpenSsl> there = new ArrayList<>();
        for (int i = 0; i < clients.size(); i++)
        {
            String mode = MODES.get(i / PROTOCOLS.size());
            OpenSsl client = clients.get(i).at(nodes.ports(mode).get(node));
            OpenSsl.Result resumed = client.connect();
            assertTrue(resumed.reused(), () -> nodes.jmx(node, mode).attribute("refusals") + "\n" + resumed.output());
            assertEquals(200, resumed.reply().status(), resumed::output);
            there.add(client);
        }
        return there;
    }

    private static void assertAllResumed(Load.Result load, List<Visitor> visitors)
    {
        assertAll(
            () -> assertEquals(0, load.failed(), load::toString),
            () -> assertEquals(100.0, rate(load), load::toString),
            () -> assertTrue(load.connections() > 10 * visitors.size(), load::toString),
            () -> assertTrue(visitors.stream().allMatch(Visitor::neverTheSameNodeTwice)),
            () -> assertTrue(visitors.stream().allMatch(visitor -> visitor.nodes().equals(Set.of(0, 1, 2)))));
    }

    private static double rate(Load.Result load)
    {
        return 100.0 * load.resumed() / load.connections();
    }

    private static void told(String what, Load.Result load)
    {
        System.out.printf("%s: %d connections, %.1f %% resumed, %d failed%n", what, load.connections(), rate(load), load.failed());
    }
}
