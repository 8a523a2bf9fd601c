package io.github.tlsresumption.it;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Collectors;

import io.github.tlsresumption.cluster.FaultProxy;
import io.github.tlsresumption.cluster.FaultProxy.Fault;
import io.github.tlsresumption.cluster.SharedStores;
import io.github.tlsresumption.it.Traffic.Connection;
import io.github.tlsresumption.keys.TicketKey;
import io.github.tlsresumption.keys.TicketKeyRing;
import io.github.tlsresumption.keys.TicketKeyStore;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;

import static io.github.tlsresumption.it.ModuleBase.ONE;
import static io.github.tlsresumption.it.ModuleBase.TLS12;
import static io.github.tlsresumption.it.ModuleBase.TLS13;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * Two nodes on one backend, each by a proxy of its own, with the faults that every backend may have: its tests are those of
 * {@link StoreFaultIT}, which has a class for each backend.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
abstract class StoreFaults
{
    static final Duration LIMIT = Duration.ofSeconds(60);
    static final String PASSPHRASE = "correct horse";
    static final String TICKET = "ticket";
    static final String CACHE = "cache";
    static final List<String> MODES = List.of(TICKET, CACHE);
    /** What a store that is well does not take on a busy machine. */
    static final int TIMEOUT_MILLIS = 1_500;
    /** What an answer takes that is slow; and what no handshake may take then, on a busy machine. */
    private static final Duration LATE = Duration.ofSeconds(10);
    private static final long SLOWEST_MILLIS = 8_000;
    static final int CONNECTIONS = 6;
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

    private final List<FaultProxy> proxies = new ArrayList<>();
    private final List<JettyProcess> nodes = new ArrayList<>();

    /**
     * A step of a test.
     */
    interface Step
    {
        void run() throws Exception;
    }

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
        {
            proxy.close();
        }
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
        {
            proxy.fault(fault);
        }
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
            {
                traffic.add(name(mode, node), List.of(client(node, mode, TLS12), client(node, mode, TLS13)));
            }
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
        {
            Await.until(LIMIT, () -> !health(node, mode).get("ticket-keys").startsWith("well,"), () -> "all is well");
        }
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
        {
            Await.until(LIMIT, () -> ringOf(0, mode).equals(ringOf(1, mode)), () -> ringOf(0, mode) + "\n" + ringOf(1, mode));
        }
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
