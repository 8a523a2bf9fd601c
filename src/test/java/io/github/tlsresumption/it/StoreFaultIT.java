package io.github.tlsresumption.it;

import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import io.github.tlsresumption.cluster.FaultProxy;
import io.github.tlsresumption.cluster.FaultProxy.Fault;
import io.github.tlsresumption.cluster.SharedStores;
import io.github.tlsresumption.cluster.jdbc.DatabaseServer;
import io.github.tlsresumption.cluster.jdbc.JdbcOptions;
import io.github.tlsresumption.cluster.jdbc.JdbcStores;
import io.github.tlsresumption.cluster.redis.RedisServer;
import io.github.tlsresumption.cluster.redis.RedisStores;
import io.github.tlsresumption.it.Traffic.Connection;
import io.github.tlsresumption.keys.TicketKey;
import io.github.tlsresumption.keys.TicketKeyRing;
import io.github.tlsresumption.keys.TicketKeyStore;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import redis.clients.jedis.Protocol.Command;

import static io.github.tlsresumption.it.ModuleBase.ONE;
import static io.github.tlsresumption.it.ModuleBase.TLS12;
import static io.github.tlsresumption.it.ModuleBase.TLS13;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/**
 * Two nodes on one backend, each by a proxy of its own, and clients that keep connecting while the backend, the way to it or a node has a
 * fault. Each node has a connector of mode ticket, the module's, and one of mode cache. Whatever happens, no connection fails; sessions
 * of mode ticket go on, those of mode cache make full handshakes where the backend is missing; and all comes back by itself.
 */
@OnAnyJdk
@StartsProcesses
class StoreFaultIT
{
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final String PASSPHRASE = "correct horse";
    private static final String TICKET = "ticket";
    private static final String CACHE = "cache";
    private static final List<String> MODES = List.of(TICKET, CACHE);
    private static final int TIMEOUT_MILLIS = 500;
    /** What an answer takes that is slow; and what no handshake may take then, on a busy machine. */
    private static final Duration LATE = Duration.ofSeconds(10);
    private static final long SLOWEST_MILLIS = 8_000;
    private static final int CONNECTIONS = 6;
    /** For as long everyone is forgotten after a loss. */
    private static final int CLOCK_SKEW = 5;
    private static final String CLOCK = """
        <Set name="clock">
          <Call class="java.time.Clock" name="offset">
            <Arg><Call class="java.time.Clock" name="systemUTC"/></Arg>
            <Arg>
              <Call class="java.time.Duration" name="ofSeconds">
                <Arg type="long"><Property name="it.clock" default="0"/></Arg>
              </Call>
            </Arg>
          </Call>
        </Set>
        """;

    @AfterAll
    static void nothingIsLeft()
    {
        new NoProcessLeft().afterAll(null);
    }

    /**
     * A step of a test.
     */
    private interface Step
    {
        void run() throws Exception;
    }

    /**
     * What is the same for every backend.
     */
    @TestInstance(TestInstance.Lifecycle.PER_CLASS)
    @TestMethodOrder(MethodOrderer.OrderAnnotation.class)
    private abstract static class Faults
    {
        private final List<FaultProxy> proxies = new ArrayList<>();
        private final List<JettyProcess> nodes = new ArrayList<>();

        abstract int startBackend();

        abstract void stopBackend();

        abstract void killBackend();

        abstract void backendAgain();

        /**
         * @return the base, with the backend's module, which finds the backend at that port
         */
        abstract JettyBase withModule(JettyBase base, int port);

        /**
         * @return the XML of the stores of mode cache
         */
        abstract String cacheStores(int port);

        /**
         * @return stores as the nodes have them, without a fault
         */
        abstract SharedStores stores(String mode);

        @BeforeAll
        void start() throws Exception
        {
            int backend = startBackend();
            for (int i = 0; i < 2; i++)
            {
                FaultProxy proxy = new FaultProxy(backend);
                proxy.late(LATE);
                proxies.add(proxy);
                JettyBase base = ModuleBase.probed("faults", TICKET, TICKET).modules("jmx")
                    .property("jetty.tlsResumption.scope", TICKET)
                    .property("jetty.tlsResumption.clockSkew", String.valueOf(CLOCK_SKEW))
                    .property("jetty.tlsResumption.ticketKeyPassphrase", PASSPHRASE);
                withModule(base, proxy.port()).xml("clock.xml", "<Ref refid=\"sslContextFactory\">" + CLOCK + "</Ref>");
                nodes.add(base.connector(CACHE, """
                    <New class="io.github.tlsresumption.ResumptionSslContextFactory">
                      <Set name="keyStorePath"><Property name="jetty.base"/>/etc/keystore.p12</Set>
                      <Set name="keyStorePassword"><Property name="jetty.sslContext.keyStorePassword"/></Set>
                      <Set name="mode">cache</Set>
                      <Set name="scope">cache</Set>
                      <Set name="clockSkew"><Property name="jetty.tlsResumption.clockSkew"/></Set>
                      <Set name="ticketKeyPassphrase"><Property name="jetty.tlsResumption.ticketKeyPassphrase"/></Set>
                      <Set name="sharedStores">%s</Set>
                      %s
                    </New>
                    """.formatted(cacheStores(proxy.port()), CLOCK)).start());
            }
            // The very first ring waits a few seconds for a node that may have one.
            for (int node = 0; node < 2; node++)
            {
                for (String mode : MODES)
                {
                    OpenSsl client = client(node, mode, TLS13);
                    Await.until(LIMIT, () -> client.connect().connected() && client.connect().reused(), nodes.get(node)::log);
                }
            }
            awaitWell();
        }

        @AfterAll
        void stop() throws Exception
        {
            nodes.forEach(JettyProcess::close);
            for (FaultProxy proxy : proxies)
                proxy.close();
            stopBackend();
        }

        JettyProcess node(int node)
        {
            return nodes.get(node);
        }

        void node(int node, JettyProcess process)
        {
            nodes.set(node, process);
        }

        void fault(Fault fault) throws Exception
        {
            for (FaultProxy proxy : proxies)
                proxy.fault(fault);
        }

        OpenSsl client(int node, String mode, String protocol)
        {
            JettyProcess jetty = nodes.get(node);
            return OpenSsl.client(mode.equals(TICKET) ? jetty.port() : jetty.port(CACHE)).host(ONE).protocol(protocol)
                .path(Probe.PATH + "session");
        }

        static String name(String mode, int node)
        {
            return mode + " " + node;
        }

        /**
         * @return clients of each mode of these nodes, which have a session that is resumed
         */
        Traffic traffic(int... which)
        {
            Traffic traffic = new Traffic();
            for (int node : which)
            {
                for (String mode : MODES)
                    traffic.add(name(mode, node), List.of(client(node, mode, TLS12), client(node, mode, TLS13)));
            }
            traffic.await(2);
            long established = System.nanoTime();
            traffic.await(2);
            List<Connection> lost = traffic.since(established, client -> true).stream().filter(made -> !made.resumed()).toList();
            assertEquals(List.of(), lost);
            return traffic;
        }

        Map<String, String> health(int node, String mode)
        {
            try (Jmx jmx = Jmx.connect(nodes.get(node), mode))
            {
                return ((Map<?, ?>)jmx.attribute("storeHealth")).entrySet().stream()
                    .collect(Collectors.toMap(entry -> String.valueOf(entry.getKey()), entry -> String.valueOf(entry.getValue())));
            }
        }

        boolean isWell(int node)
        {
            return MODES.stream().allMatch(mode -> health(node, mode).values().stream().allMatch(text -> text.startsWith("well,")));
        }

        void awaitWell()
        {
            for (int i = 0; i < 2; i++)
            {
                int node = i;
                Await.until(LIMIT, () -> isWell(node), () -> health(node, TICKET) + " " + health(node, CACHE));
            }
        }

        void awaitProblem(int node)
        {
            for (String mode : MODES)
                Await.until(LIMIT, () -> !health(node, mode).get("ticket-keys").startsWith("well,"), () -> "all is well");
        }

        /**
         * What the backend has.
         */
        TicketKeyRing ring(String mode) throws Exception
        {
            try (SharedStores stores = stores(mode); TicketKeyStore keys = stores.ticketKeyStore())
            {
                return keys.load().orElseThrow();
            }
        }

        Set<Long> keys(String mode) throws Exception
        {
            return ring(mode).keys().stream().map(TicketKey::id).collect(Collectors.toCollection(TreeSet::new));
        }

        String ringOf(int node, String mode)
        {
            try (Jmx jmx = Jmx.connect(nodes.get(node), mode))
            {
                return (String)jmx.attribute("ticketKeys");
            }
        }

        void awaitOneRing()
        {
            for (String mode : MODES)
                Await.until(LIMIT, () -> ringOf(0, mode).equals(ringOf(1, mode)), () -> ringOf(0, mode) + "\n" + ringOf(1, mode));
        }

        /**
         * @param since from when on
         * @param resume by nodes of whose sessions of mode cache
         */
        void awaitCache(Traffic traffic, long since, int... resume)
        {
            for (int node : resume)
            {
                Await.until(LIMIT, () -> traffic.since(since, name(CACHE, node)::equals).stream().anyMatch(Connection::resumed),
                    () -> traffic.since(since, name(CACHE, node)::equals).toString());
            }
        }

        static void assertAllResumed(Traffic traffic, long since, Predicate<String> which)
        {
            List<Connection> made = traffic.since(since, which);
            assertFalse(made.isEmpty());
            assertEquals(List.of(), made.stream().filter(connection -> !connection.resumed()).toList());
        }

        static void assertNoneResumed(Traffic traffic, long since, Predicate<String> which)
        {
            List<Connection> made = traffic.since(since, which);
            assertFalse(made.isEmpty());
            assertEquals(List.of(), made.stream().filter(Connection::resumed).toList());
        }

        static long slowest(Traffic traffic, long since)
        {
            return traffic.since(since, client -> true).stream().mapToLong(Connection::millis).max().orElseThrow();
        }

        void report(String fault, Traffic traffic, long back)
        {
            long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - back);
            traffic.close();
            List<Connection> failed = traffic.all().filter(Connection::failed).toList();
            System.out.printf("%s, fault %s: %d connections, %d failed, tickets resumed %d, back after %d ms%n", getClass().getSimpleName(),
                fault, traffic.all().count(), failed.size(),
                traffic.all().filter(made -> made.resumed() && made.client().startsWith(TICKET)).count(), millis);
            assertEquals(List.of(), failed);
        }

        /**
         * A fault of the backend as all nodes see it.
         */
        private void backendFault(String name, Step begin, Step end) throws Exception
        {
            try (Traffic traffic = traffic(0, 1))
            {
                Set<Long> before = keys(TICKET);
                long start = System.nanoTime();
                begin.run();
                long begun = System.nanoTime();
                traffic.await(CONNECTIONS);
                awaitProblem(0);
                awaitProblem(1);
                assertAllResumed(traffic, start, client -> client.startsWith(TICKET));
                assertNoneResumed(traffic, begun, client -> client.startsWith(CACHE));
                long slowest = slowest(traffic, begun);
                end.run();
                long back = System.nanoTime();
                awaitCache(traffic, back, 0, 1);
                awaitWell();
                report(name + " (slowest connection " + slowest + " ms)", traffic, back);
                assertTrue(slowest < SLOWEST_MILLIS, slowest + " ms");
                assertAllResumed(traffic, start, client -> client.startsWith(TICKET));
                assertEquals(before, keys(TICKET));
            }
        }

        @Test
        @Order(1)
        void slow() throws Exception
        {
            backendFault("slow", () -> fault(Fault.SLOW), () -> fault(Fault.NONE));
        }

        @Test
        @Order(2)
        void refused() throws Exception
        {
            backendFault("refused", this::killBackend, this::backendAgain);
        }

        @Test
        @Order(3)
        void resetInMidAnswer() throws Exception
        {
            backendFault("reset in mid-answer", () -> fault(Fault.RESET), () -> fault(Fault.NONE));
        }

        @Test
        @Order(4)
        void oneNodeIsCutOff() throws Exception
        {
            try (Traffic traffic = traffic(0, 1))
            {
                long start = System.nanoTime();
                proxies.get(0).fault(Fault.SILENT);
                long begun = System.nanoTime();
                traffic.await(CONNECTIONS);
                awaitProblem(0);
                assertTrue(isWell(1), () -> health(1, TICKET) + " " + health(1, CACHE));
                assertNoneResumed(traffic, begun, name(CACHE, 0)::equals);
                proxies.get(0).fault(Fault.NONE);
                long back = System.nanoTime();
                awaitCache(traffic, back, 0);
                awaitWell();
                report("partition of one node", traffic, back);
                assertAllResumed(traffic, start, client -> !client.equals(name(CACHE, 0)));
            }
        }
    }

    /**
     * Redis, which keeps its data on disk.
     */
    @Nested
    class OnRedis extends Faults
    {
        private RedisServer redis;

        @Override
        int startBackend()
        {
            redis = RedisServer.start("--appendonly", "yes");
            return redis.port();
        }

        @Override
        void stopBackend()
        {
            redis.close();
        }

        @Override
        void killBackend()
        {
            redis.kill();
        }

        @Override
        void backendAgain()
        {
            redis.again();
        }

        @Override
        JettyBase withModule(JettyBase base, int port)
        {
            return base.modules("tls-resumption-redis")
                .property("jetty.tlsResumption.redis.uri", "redis://127.0.0.1:" + port)
                .property("jetty.tlsResumption.redis.prefix", "ticket:")
                .property("jetty.tlsResumption.redis.timeout", String.valueOf(TIMEOUT_MILLIS));
        }

        @Override
        String cacheStores(int port)
        {
            return """
                <New class="io.github.tlsresumption.cluster.redis.RedisStores">
                  <Arg>redis://127.0.0.1:%d</Arg>
                  <Arg><Ref refid="tlsResumptionPassphrase"/></Arg>
                  <Set name="prefix">cache:</Set>
                  <Set name="timeout">%d</Set>
                </New>
                """.formatted(port, TIMEOUT_MILLIS);
        }

        @Override
        SharedStores stores(String mode)
        {
            RedisStores stores = new RedisStores(redis.uri(), PASSPHRASE::toCharArray);
            stores.setPrefix(mode + ":");
            return stores;
        }

        @Test
        @Order(5)
        void full() throws Exception
        {
            try (Traffic traffic = traffic(0, 1))
            {
                long start = System.nanoTime();
                long refused = unavailable();
                redis.tell(Command.CONFIG, "SET", "maxmemory", "1");
                OpenSsl late = client(0, CACHE, TLS13);
                for (int i = 0; i < 3; i++)
                {
                    OpenSsl.Result full = late.connect();
                    assertFalse(full.reused(), full::output);
                    assertEquals(200, full.reply().status(), full::output);
                }
                assertTrue(unavailable() >= refused + 3, () -> refused + " before");
                String ring = ringOf(0, TICKET);
                try (Jmx jmx = Jmx.connect(node(0), TICKET))
                {
                    assertThrows(Exception.class, () -> jmx.invoke("rotateTicketKeys"));
                }
                assertEquals(ring, ringOf(0, TICKET));
                traffic.await(CONNECTIONS);
                redis.tell(Command.CONFIG, "SET", "maxmemory", "0");
                long back = System.nanoTime();
                Await.until(LIMIT, () -> late.connect().connected() && late.connect().reused(), node(0)::log);
                awaitWell();
                report("full", traffic, back);
                // What was stored before can be read.
                assertAllResumed(traffic, start, client -> true);
            }
            finally
            {
                redis.tell(Command.CONFIG, "SET", "maxmemory", "0");
            }
        }

        private long unavailable()
        {
            try (Jmx jmx = Jmx.connect(node(0), CACHE))
            {
                return jmx.count("refusals", "store-unavailable");
            }
        }

        @Test
        @Order(6)
        void readOnlyReplica() throws Exception
        {
            try (RedisServer other = RedisServer.start("--replicaof", "127.0.0.1 " + redis.port()); Traffic traffic = traffic(0, 1))
            {
                Await.until(LIMIT, () -> redis.tell(Command.WAIT, "1", "100").equals(1L), () -> "the replica lags behind");
                long start = System.nanoTime();
                other.tell(Command.REPLICAOF, "NO", "ONE");
                redis.tell(Command.REPLICAOF, "127.0.0.1", String.valueOf(other.port()));
                for (int node = 0; node < 2; node++)
                {
                    awaitProblem(node);
                    String problem = health(node, TICKET).get("ticket-keys");
                    assertTrue(problem.contains("replica"), problem);
                    OpenSsl late = client(node, CACHE, TLS13);
                    assertFalse(late.connect().reused());
                    assertFalse(late.connect().reused(), "it cannot be stored");
                }
                traffic.await(CONNECTIONS);
                redis.tell(Command.REPLICAOF, "NO", "ONE");
                long back = System.nanoTime();
                awaitCache(traffic, back, 0, 1);
                awaitWell();
                report("read-only replica", traffic, back);
                assertAllResumed(traffic, start, client -> client.startsWith(TICKET));
            }
            finally
            {
                redis.tell(Command.REPLICAOF, "NO", "ONE");
            }
        }

        private void emptied(String name, Step step) throws Exception
        {
            List<Set<Long>> before = List.of(keys(TICKET), keys(CACHE));
            try (Traffic traffic = traffic(0, 1))
            {
                long start = System.nanoTime();
                step.run();
                long back = System.nanoTime();
                Await.until(LIMIT, () -> MODES.stream().allMatch(mode -> redis.tell(Command.EXISTS, mode + ":ring").equals(1L)),
                    () -> "no ring");
                awaitWell();
                for (String client : traffic.names())
                    Await.until(LIMIT, () -> traffic.lastResumed(client, back, 4), () -> traffic.since(back, client::equals).toString());
                report(name, traffic, back);
                assertEquals(before, List.of(keys(TICKET), keys(CACHE)), "the ring that the nodes had");
                // Who was forgotten is not known, so everyone established before is.
                assertFalse(traffic.since(start, client -> client.startsWith(TICKET)).stream().allMatch(Connection::resumed));
            }
            awaitOneRing();
        }

        @Test
        @Order(7)
        void restartedEmpty() throws Exception
        {
            emptied("restarted empty", () ->
            {
                redis.kill();
                redis.againEmpty();
            });
        }

        @Test
        @Order(8)
        void flushed() throws Exception
        {
            emptied("FLUSHALL", () -> redis.tell(Command.FLUSHALL));
        }

        @Test
        @Order(9)
        void twoNodesRotateInTheSameMillisecond() throws Exception
        {
            int rounds = 40;
            try (Traffic traffic = traffic(0, 1); Jmx one = Jmx.connect(node(0), TICKET); Jmx two = Jmx.connect(node(1), TICKET))
            {
                long start = System.nanoTime();
                TicketKeyRing before = ring(TICKET);
                CyclicBarrier barrier = new CyclicBarrier(2);
                ExecutorService threads = Executors.newFixedThreadPool(2);
                try
                {
                    List<Future<?>> both = Stream.of(one, two).<Future<?>>map(jmx -> threads.submit(() ->
                    {
                        for (int i = 0; i < rounds; i++)
                        {
                            barrier.await();
                            jmx.invoke("rotateTicketKeys");
                        }
                        return null;
                    })).toList();
                    for (Future<?> each : both)
                        each.get();
                }
                finally
                {
                    threads.shutdownNow();
                }
                long back = System.nanoTime();
                awaitOneRing();
                awaitWell();
                report(2 * rounds + " rotations, two at a time", traffic, back);
                TicketKeyRing after = ring(TICKET);
                assertEquals(after.toString(), ringOf(0, TICKET));
                assertEquals(before.version() + 2 * rounds, after.version());
                assertTrue(keys(TICKET).containsAll(before.keys().stream().map(TicketKey::id).toList()), "a key that sealed is lost");
                assertEquals(before.keys().size() + before.dropped().size() + 2 * rounds, after.keys().size() + after.dropped().size());
                assertAllResumed(traffic, start, client -> true);
            }
        }

        @Test
        @Order(10)
        void aNodeIsKilledWhileItRotates() throws Exception
        {
            try (Traffic traffic = traffic(1))
            {
                long start = System.nanoTime();
                AtomicInteger rotations = new AtomicInteger();
                try (Jmx jmx = Jmx.connect(node(0), TICKET))
                {
                    Thread thread = new Thread(() -> rotate(jmx, rotations));
                    thread.start();
                    Await.until(LIMIT, () -> rotations.get() > 5, () -> "no rotation");
                    node(0).kill();
                    thread.join(LIMIT.toMillis());
                }
                catch (AssertionError x)
                {
                    // The connection to what was killed cannot be closed.
                    assertTrue(rotations.get() > 5, x::getMessage);
                }
                long back = System.nanoTime();
                try (Jmx jmx = Jmx.connect(node(1), TICKET))
                {
                    jmx.invoke("rotateTicketKeys");
                }
                assertEquals(ring(TICKET).toString(), ringOf(1, TICKET));
                traffic.await(CONNECTIONS);
                report("node killed after " + rotations + " rotations in a row", traffic, back);
                assertAllResumed(traffic, start, client -> true);
                node(0, node(0).again());
                awaitWell();
                awaitOneRing();
                assertEquals(ring(TICKET).toString(), ringOf(0, TICKET));
            }
        }

        private static void rotate(Jmx jmx, AtomicInteger rotations)
        {
            try
            {
                while (rotations.get() < 300)
                {
                    jmx.invoke("rotateTicketKeys");
                    rotations.incrementAndGet();
                }
            }
            catch (Exception x)
            {
                // It is dead.
                return;
            }
        }

        @Test
        @Order(11)
        void aNodesClockIsAhead() throws Exception
        {
            try (Traffic traffic = traffic(1))
            {
                long start = System.nanoTime();
                Set<Long> before = keys(TICKET);
                node(0).stop();
                node(0, node(0).again("it.clock=3"));
                long back = System.nanoTime();
                awaitWell();
                for (String mode : MODES)
                {
                    Await.until(LIMIT, () -> health(0, mode).get("clock").matches(".*lag [234]\\..*"),
                        () -> health(0, mode).toString());
                    for (int from = 0; from < 2; from++)
                    {
                        OpenSsl client = client(from, mode, TLS13);
                        client.connect();
                        OpenSsl there = client.at(portOf(1 - from, mode));
                        assertTrue(there.connect().reused(), mode + " from " + from);
                        assertTrue(there.at(portOf(from, mode)).connect().reused(), mode + " back to " + from);
                    }
                }
                report("a clock 3 s ahead", traffic, back);
                assertAllResumed(traffic, start, client -> true);
                assertEquals(before, keys(TICKET));
            }
            node(0).stop();
            node(0, node(0).again("it.clock=600"));
            for (String mode : MODES)
            {
                Await.until(LIMIT, () -> health(0, mode).get("clock").contains("ahead of"), () -> health(0, mode).toString());
                assertTrue(health(0, mode).get("clock").contains("jetty.tlsResumption.clockSkew"), health(0, mode)::toString);
                assertEquals(200, client(0, mode, TLS13).connect().reply().status());
            }
            System.out.println("fault a clock 600 s ahead: " + health(0, TICKET).get("clock"));
        }

        private int portOf(int node, String mode)
        {
            return mode.equals(TICKET) ? node(node).port() : node(node).port(CACHE);
        }
    }

    /**
     * PostgreSQL, with the driver in lib/ext.
     */
    @Nested
    class OnPostgresql extends Faults
    {
        private DatabaseServer database;

        @Override
        int startBackend()
        {
            database = DatabaseServer.postgresql().orElse(null);
            assumeTrue(database != null, "PostgreSQL is not installed on this machine");
            return database.port();
        }

        @Override
        void stopBackend()
        {
            if (database != null)
                database.close();
        }

        @Override
        void killBackend()
        {
            database.kill();
        }

        @Override
        void backendAgain()
        {
            database.again();
        }

        private static String url(int port)
        {
            return "jdbc:postgresql://127.0.0.1:" + port + "/postgres";
        }

        private static Path driver()
        {
            try
            {
                return Path.of(org.postgresql.Driver.class.getProtectionDomain().getCodeSource().getLocation().toURI());
            }
            catch (URISyntaxException x)
            {
                throw new AssertionError(x);
            }
        }

        @Override
        JettyBase withModule(JettyBase base, int port)
        {
            return base.copy(driver(), "lib/ext/postgresql.jar")
                .property("tls-resumption.jdbc.driver", "ext")
                .modules("tls-resumption-jdbc")
                .property("jetty.tlsResumption.jdbc.url", url(port))
                .property("jetty.tlsResumption.jdbc.user", "postgres")
                .property("jetty.tlsResumption.jdbc.tablePrefix", "ticket_")
                .property("jetty.tlsResumption.jdbc.timeout", String.valueOf(TIMEOUT_MILLIS));
        }

        @Override
        String cacheStores(int port)
        {
            return """
                <Call class="io.github.tlsresumption.cluster.jdbc.JdbcStores" name="open">
                  <Arg>%s</Arg>
                  <Arg>postgres</Arg>
                  <Arg><Property name="it.none" default=""/></Arg>
                  <Arg><Ref refid="tlsResumptionPassphrase"/></Arg>
                  <Arg>cache_</Arg>
                  <Arg type="int">8</Arg>
                  <Arg type="long">%d</Arg>
                </Call>
                """.formatted(url(port), TIMEOUT_MILLIS);
        }

        @Override
        SharedStores stores(String mode)
        {
            return new JdbcStores(url(database.port()), "postgres", null, PASSPHRASE::toCharArray,
                new JdbcOptions(mode + "_", 4, Duration.ofSeconds(1)));
        }
    }
}
