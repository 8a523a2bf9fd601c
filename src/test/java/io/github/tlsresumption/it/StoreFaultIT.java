package io.github.tlsresumption.it;

import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

import io.github.tlsresumption.cluster.SharedStores;
import io.github.tlsresumption.cluster.jdbc.DatabaseServer;
import io.github.tlsresumption.cluster.jdbc.JdbcOptions;
import io.github.tlsresumption.cluster.jdbc.JdbcStores;
import io.github.tlsresumption.cluster.redis.RedisServer;
import io.github.tlsresumption.cluster.redis.RedisStores;
import io.github.tlsresumption.it.Traffic.Connection;
import io.github.tlsresumption.keys.TicketKey;
import io.github.tlsresumption.keys.TicketKeyRing;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.Protocol.Command;

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
    @AfterAll
    static void nothingIsLeft()
    {
        new NoProcessLeft().afterAll(null);
    }

    /**
     * Redis, which keeps its data on disk.
     */
    @Nested
    class OnRedis extends StoreFaults
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
                {
                    Await.until(LIMIT, () -> traffic.lastResumed(client, back, 4), () -> traffic.since(back, client::equals).toString());
                }
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
                    {
                        each.get();
                    }
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
                catch (AssertionError e)
                {
                    // The connection to what was killed cannot be closed.
                    assertTrue(rotations.get() > 5, e::getMessage);
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
            catch (Exception e)
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
    class OnPostgresql extends StoreFaults
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
            {
                database.close();
            }
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
            catch (URISyntaxException e)
            {
                throw new AssertionError(e);
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
