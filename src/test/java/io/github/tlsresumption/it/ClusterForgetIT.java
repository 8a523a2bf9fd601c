package io.github.tlsresumption.it;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

import io.github.tlsresumption.cluster.jdbc.DatabaseServer;
import io.github.tlsresumption.cluster.redis.RedisServer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import static io.github.tlsresumption.it.Cluster.MODES;
import static io.github.tlsresumption.it.ModuleBase.TLS12;
import static io.github.tlsresumption.it.ModuleBase.TLS13;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

/**
 * Whoever is forgotten on one node does a full handshake on every other; all others resume there. How soon is printed at the end.
 */
@OnAnyJdk
@StartsProcesses
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ClusterForgetIT
{
    private static final int A = 0;
    private static final int B = 1;
    private static final int C = 2;
    private static final List<Integer> OTHERS = List.of(B, C);
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final String REDIS = "redis";
    private static final String POSTGRESQL = "postgresql";
    private static final AtomicInteger ADDRESSES = new AtomicInteger();
    private static final Map<String, Cluster> CLUSTERS = new HashMap<>();
    private static final Map<String, Integer> MEASUREMENTS = new TreeMap<>();
    private static final Map<String, Duration> LONGEST = new TreeMap<>();
    private static RedisServer redis;

    /**
     * What an operator or an application does.
     */
    private interface Action
    {
        void run() throws Exception;
    }

    @BeforeAll
    static void start()
    {
        WallClock clock = WallClock.real();
        redis = RedisServer.start(clock.environment());
        CLUSTERS.put(REDIS, Cluster.start(Cluster.onRedis("cluster-forget", redis, clock), 3));
        if (DatabaseServer.isPostgresqlInstalled())
        {
            CLUSTERS.put(POSTGRESQL, Cluster.start(Cluster.onDatabase("cluster-forget-database", POSTGRESQL, clock), 3));
        }
        CLUSTERS.values().forEach(cluster -> MODES.forEach(cluster::awaitOneRing));
    }

    @AfterAll
    static void stop()
    {
        CLUSTERS.values().forEach(Cluster::close);
        if (redis != null)
        {
            redis.close();
        }
        LONGEST.forEach((what, longest) -> System.out.printf("%s: on the other nodes after at most %d ms (%d times)%n", what,
            longest.toMillis(), MEASUREMENTS.get(what)));
    }

    static Stream<Arguments> everywhere()
    {
        return Stream.of(REDIS, POSTGRESQL).flatMap(backend -> MODES.stream().flatMap(mode ->
            Stream.of(TLS12, TLS13).map(protocol -> arguments(backend, mode, protocol))));
    }

    private static Cluster cluster(String backend)
    {
        Cluster cluster = CLUSTERS.get(backend);
        return cluster == null ? Tools.missing(backend + " is not installed") : cluster;
    }

    /**
     * @return somebody with an address of its own and a session established on node A
     */
    private static OpenSsl established(Cluster cluster, String mode, String protocol, String address)
    {
        OpenSsl client = cluster.client(A, mode, protocol).from(address);
        // Whom everyone's being forgotten reaches is told by the second, and clocks may be apart.
        Await.until(LIMIT, () -> client.connect().connected() && client.copy().connect().reused(), () -> "no session");
        return client;
    }

    private static String newAddress()
    {
        return "127.0.9." + ADDRESSES.incrementAndGet();
    }

    private static Object id(OpenSsl client)
    {
        return client.copy().connect().reply().json().get("id");
    }

    private static boolean resumes(Cluster cluster, String mode, OpenSsl client, int node)
    {
        OpenSsl.Result next = client.at(cluster.ports(mode).get(node)).connect();
        assertEquals(200, next.reply().status(), next::output);
        return next.reused();
    }

    /**
     * @param done what another node can be asked for once it has heard of it
     */
    private static void within(String what, Action action, BooleanSupplier done) throws Exception
    {
        action.run();
        long start = System.nanoTime();
        Await.until(LIMIT, done, () -> what + " is not known to the others");
        Duration time = Duration.ofNanos(System.nanoTime() - start);
        MEASUREMENTS.merge(what, 1, Integer::sum);
        LONGEST.merge(what, time, (one, other) -> one.compareTo(other) > 0 ? one : other);
    }

    /**
     * Does something on node A after which one client is forgotten on all nodes and the other is not.
     */
    private static void assertForgottenByAll(Cluster cluster, String mode, String what, Action action, OpenSsl one, OpenSsl other)
        throws Exception
    {
        for (int node : OTHERS)
        {
            assertTrue(resumes(cluster, mode, one, node), "before");
            assertTrue(resumes(cluster, mode, other, node), "before");
        }
        Map<Integer, Integer> before = new HashMap<>();
        OTHERS.forEach(node -> before.put(node, forgotten(cluster, mode, node)));
        within(what, action, () -> OTHERS.stream().allMatch(node -> forgotten(cluster, mode, node) > before.get(node)));
        for (int node : List.of(B, C, A))
        {
            assertFalse(resumes(cluster, mode, one, node), () -> what + ": node " + node + " resumes");
            assertTrue(resumes(cluster, mode, other, node), () -> what + ": node " + node + " does not resume another client");
        }
    }

    private static int forgotten(Cluster cluster, String mode, int node)
    {
        return (Integer)cluster.jmx(node, mode).attribute("forgotten");
    }

    @OnEachEngine
    @ParameterizedTest
    @MethodSource("everywhere")
    @Order(1)
    void sessionForgottenOnOneNodeIsForgottenOnAll(String backend, String mode, String protocol) throws Exception
    {
        Cluster cluster = cluster(backend);
        String address = newAddress();
        OpenSsl one = established(cluster, mode, protocol, address);
        OpenSsl other = established(cluster, mode, protocol, address);
        String id = (String)id(one);
        assertForgottenByAll(cluster, mode, backend + ", session", () -> cluster.jmx(A, mode).invoke("forgetSession", id), one, other);
        OpenSsl.Result again = one.connect();
        assertFalse(again.reused(), again::output);
        // The client may establish a new session.
        assertTrue(resumes(cluster, mode, established(cluster, mode, protocol, address), B));
    }

    @ParameterizedTest
    @MethodSource("everywhere")
    @Order(1)
    void clientForgottenOnOneNodeIsForgottenOnAll(String backend, String mode, String protocol) throws Exception
    {
        Cluster cluster = cluster(backend);
        String address = newAddress();
        OpenSsl one = established(cluster, mode, protocol, address);
        OpenSsl other = established(cluster, mode, protocol, newAddress());
        assertForgottenByAll(cluster, mode, backend + ", client", () -> cluster.jmx(A, mode).invoke("forgetClient", address), one, other);
    }

    /**
     * The user was named on another node than the one that is told to forget it.
     */
    @ParameterizedTest
    @MethodSource("everywhere")
    @Order(1)
    void userForgottenOnOneNodeIsForgottenOnAll(String backend, String mode, String protocol) throws Exception
    {
        Cluster cluster = cluster(backend);
        String alice = "alice-" + protocol;
        OpenSsl one = established(cluster, mode, protocol, newAddress());
        OpenSsl other = established(cluster, mode, protocol, newAddress());
        login(cluster, mode, one, alice);
        login(cluster, mode, other, "bob-" + protocol);
        assertForgottenByAll(cluster, mode, backend + ", user", () -> cluster.jmx(A, mode).invoke("forgetPrincipal", alice), one, other);
    }

    private static void login(Cluster cluster, String mode, OpenSsl client, String user)
    {
        OpenSsl.Result login = client.at(cluster.ports(mode).get(C)).path(Cluster.PATH + "?principal=" + user).connect();
        assertTrue(login.reused(), login::output);
    }

    @ParameterizedTest
    @MethodSource("everywhere")
    @Order(1)
    void whomTheApplicationForgetsOnOneNodeIsForgottenOnAll(String backend, String mode, String protocol) throws Exception
    {
        Cluster cluster = cluster(backend);
        OpenSsl one = established(cluster, mode, protocol, newAddress());
        OpenSsl other = established(cluster, mode, protocol, newAddress());
        OpenSsl user = established(cluster, mode, protocol, newAddress());
        assertForgottenByAll(cluster, mode, backend + ", session, by the application", () -> ask(one, "?forget=session"), one, other);
        String carol = "carol-" + protocol;
        login(cluster, mode, user, carol);
        assertForgottenByAll(cluster, mode, backend + ", user, by the application", () -> ask(other, "?forget=principal:" + carol), user,
            other);
    }

    @ParameterizedTest
    @MethodSource("everywhere")
    @Order(1)
    void whatTheApplicationInvalidatesOnOneNodeIsForgottenOnAll(String backend, String mode, String protocol) throws Exception
    {
        Cluster cluster = cluster(backend);
        String address = newAddress();
        OpenSsl one = established(cluster, mode, protocol, address);
        OpenSsl other = established(cluster, mode, protocol, address);
        assertForgottenByAll(cluster, mode, backend + ", session, invalidated", () -> ask(one, "?forget=invalidate"), one, other);
        // The client may establish a new session.
        assertTrue(resumes(cluster, mode, established(cluster, mode, protocol, address), B));
    }

    private static void ask(OpenSsl client, String query)
    {
        OpenSsl.Result result = client.copy().path(Cluster.PATH + query).connect();
        assertTrue(result.reused(), result::output);
        assertEquals(200, result.reply().status(), result::output);
    }

    /**
     * No attribute tells of this, so the other nodes are asked by handshakes.
     */
    @ParameterizedTest
    @MethodSource("everywhere")
    @Order(2)
    void everyoneForgottenOnOneNodeIsForgottenOnAll(String backend, String mode, String protocol) throws Exception
    {
        Cluster cluster = cluster(backend);
        OpenSsl one = established(cluster, mode, protocol, newAddress());
        OpenSsl other = established(cluster, mode, protocol, newAddress());
        for (int node : OTHERS)
        {
            assertTrue(resumes(cluster, mode, one, node), "before");
            assertTrue(resumes(cluster, mode, other, node), "before");
        }
        within(backend + ", everyone, with handshakes", () -> cluster.jmx(A, mode).invoke("forgetEveryone"),
            () -> OTHERS.stream().noneMatch(node -> resumes(cluster, mode, one, node)));
        for (int node : List.of(B, C, A))
        {
            assertFalse(resumes(cluster, mode, one, node));
            assertFalse(resumes(cluster, mode, other, node));
        }
    }
}
