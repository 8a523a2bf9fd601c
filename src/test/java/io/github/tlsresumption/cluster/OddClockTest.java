package io.github.tlsresumption.cluster;

import java.io.IOException;
import java.lang.reflect.Proxy;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;

import io.github.tlsresumption.FakeClock;
import io.github.tlsresumption.keys.IdleExecutor;
import io.github.tlsresumption.keys.KeyRotation;
import io.github.tlsresumption.keys.MemoryTicketKeyStore;
import io.github.tlsresumption.keys.TicketKey;
import io.github.tlsresumption.keys.TicketKeyRingManager;
import io.github.tlsresumption.keys.TicketKeyStore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * Three nodes and a backend on one ring, of whose clocks one is wrong: the ring goes on as if it were not, and the nodes that are right
 * lose no key before its time.
 */
class OddClockTest
{
    private static final Instant START = Instant.parse("2026-11-24T10:00:00Z");
    private static final Duration BOUND = Duration.ofMinutes(2);
    private static final Duration TICK = Duration.ofMinutes(5);
    private static final KeyRotation ROTATION = KeyRotation.DEFAULT;

    private final AtomicLong nanos = new AtomicLong();
    private final FakeClock backendClock = new FakeClock(START);
    private final MemoryTicketKeyStore store = new MemoryTicketKeyStore();
    private final Map<String, Duration> told = new HashMap<>();
    private final List<Node> nodes = new ArrayList<>();
    private Instant time = START;

    private final class Node
    {
        private final FakeClock own = new FakeClock(START);
        private final ClusterClock cluster = new ClusterClock(own, nanos::get, BOUND);
        private final ClockWatch watch;
        private final IdleExecutor executor = new IdleExecutor();
        private final TicketKeyRingManager ring = new TicketKeyRingManager(shared(), ROTATION, cluster, executor);

        private Node(String name)
        {
            watch = new ClockWatch(backend(), cluster, name);
            nodes.add(this);
        }

        private void poll()
        {
            watch.compareIfDoubtful();
            watch.compare();
            ring.tick();
        }

        private Set<Long> ids()
        {
            return new HashSet<>(ring.ring().keys().stream().map(TicketKey::id).toList());
        }
    }

    private TicketKeyStore shared()
    {
        return (TicketKeyStore)Proxy.newProxyInstance(getClass().getClassLoader(), new Class<?>[]{TicketKeyStore.class},
            (proxy, method, arguments) -> method.getName().equals("shared") ? true : method.invoke(store, arguments));
    }

    private SharedStores backend()
    {
        return (SharedStores)Proxy.newProxyInstance(getClass().getClassLoader(), new Class<?>[]{SharedStores.class},
            (proxy, method, arguments) -> switch (method.getName())
            {
                case "time" -> backendClock.instant();
                case "offsets" ->
                {
                    told.put((String)arguments[0], (Duration)arguments[1]);
                    yield List.copyOf(told.values());
                }
                case "describe" -> "a backend";
                default -> throw new IOException(method.getName());
            });
    }

    private void start() throws Exception
    {
        for (String name : List.of("one", "two", "three"))
        {
            Node node = new Node(name);
            node.watch.compare();
            node.ring.start();
        }
        nodes.forEach(Node::poll);
    }

    @AfterEach
    void stop()
    {
        for (Node node : nodes)
        {
            node.ring.stop();
            node.executor.shutdownNow();
        }
        store.close();
    }

    private void pass(Duration duration)
    {
        for (Duration passed = Duration.ZERO; passed.compareTo(duration) < 0; passed = passed.plus(TICK))
        {
            time = time.plus(TICK);
            nanos.addAndGet(TICK.toNanos());
            backendClock.advance(TICK);
            for (Node node : nodes)
            {
                node.own.advance(TICK);
                node.poll();
            }
        }
    }

    private void assertRingIsThatOfTheTime()
    {
        for (Node node : nodes)
        {
            assertEquals(Optional.empty(), node.ring.health().error());
            assertEquals(nodes.get(0).ids(), node.ids());
            TicketKey sealing = node.ring.ring().sealing(node.cluster.instant()).orElseThrow();
            assertEquals(nodes.get(0).ring.ring().sealing(time).orElseThrow().id(), sealing.id());
            assertTrue(node.ring.ring().keys().stream().noneMatch(key -> key.created().isAfter(time)));
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {-365 * 86_400L, -7_200, -5, 5, 7_200, 2 * 86_400, 365 * 86_400L})
    void aNodeWhoseClockIsSetWhileItRunsEndsNoKey(long seconds) throws Exception
    {
        start();
        pass(Duration.ofHours(1));
        Set<Long> before = nodes.get(0).ids();
        nodes.get(2).own.advance(Duration.ofSeconds(seconds));
        nodes.get(2).ring.tick();
        nodes.forEach(Node::poll);
        assertEquals(before, nodes.get(2).ids());
        assertRingIsThatOfTheTime();
        pass(Duration.ofHours(30));
        assertRingIsThatOfTheTime();
        nodes.get(2).own.set(time);
        pass(Duration.ofHours(1));
        assertRingIsThatOfTheTime();
    }

    @ParameterizedTest
    @ValueSource(longs = {-365 * 86_400L, -7_200, 7_200, 2 * 86_400, 365 * 86_400L})
    void aNodeThatStartsWithAWrongClockEndsNoKey(long seconds) throws Exception
    {
        start();
        pass(Duration.ofHours(1));
        Set<Long> before = nodes.get(0).ids();
        Node late = new Node("late");
        late.own.set(time.plusSeconds(seconds));
        late.watch.compare();
        late.ring.start();
        nodes.forEach(Node::poll);
        assertEquals(before, nodes.get(0).ids());
        pass(Duration.ofHours(30));
        assertRingIsThatOfTheTime();
    }

    @ParameterizedTest
    @ValueSource(longs = {-365 * 86_400L, -7_200, 7_200, 2 * 86_400, 365 * 86_400L})
    void whereTheBackendsClockIsWrongRotationGoesOn(long seconds) throws Exception
    {
        start();
        pass(Duration.ofHours(1));
        Set<Long> before = nodes.get(0).ids();
        backendClock.advance(Duration.ofSeconds(seconds));
        nodes.forEach(Node::poll);
        assertEquals(before, nodes.get(0).ids());
        pass(Duration.ofHours(30));
        assertRingIsThatOfTheTime();
        backendClock.set(time);
        pass(Duration.ofHours(30));
        assertRingIsThatOfTheTime();
    }

    @Test
    void aClockOfTheWholeClusterIsWrongForNobody() throws Exception
    {
        start();
        Duration step = Duration.ofHours(2);
        time = time.plus(step);
        backendClock.advance(step);
        nodes.forEach(node -> node.own.advance(step));
        pass(Duration.ofHours(30));
        Clock ours = nodes.get(1).cluster;
        assertEquals(time, ours.instant());
        assertRingIsThatOfTheTime();
    }
}
