package io.github.tlsresumption.resumption;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import io.github.tlsresumption.FakeClock;
import io.github.tlsresumption.engine.TlsSession;
import io.github.tlsresumption.forget.ForgetList;
import io.github.tlsresumption.forget.ForgetLog;
import io.github.tlsresumption.forget.ForgetLogEntry;
import io.github.tlsresumption.forget.SharedForgetLog;
import io.github.tlsresumption.keys.IdleExecutor;
import io.github.tlsresumption.keys.KeyRotation;
import io.github.tlsresumption.keys.MemoryTicketKeyStore;
import io.github.tlsresumption.keys.TicketKey;
import io.github.tlsresumption.keys.TicketKeyRingManager;
import io.github.tlsresumption.policy.ClientIdentities;
import io.github.tlsresumption.policy.ResumptionMode;
import io.github.tlsresumption.policy.SessionTerms;
import io.github.tlsresumption.sessions.HeapSessionKeyStore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

/**
 * What must not look like a clock that was set back: it would cost everybody the session.
 */
class ClockGuardTest
{
    private static final Instant START = Instant.parse("2026-11-23T10:00:00Z");
    private static final Duration CLOCK_SKEW = Duration.ofMinutes(2);
    private static final Duration LONGEST = KeyRotation.DEFAULT.lifetime();
    private static final String CLIENT = "192.0.2.1";
    private static final String USER = "user";
    private static final String RULE = "rule";
    private static final byte[] STATE = "the state of a session".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] AAD = {1, 2, 3};
    private static final int FORMAT = 0x17_00_15;
    private static final byte[] NO_ID = {};

    private final List<ForgetLogEntry> entries = new ArrayList<>();
    private final MemoryTicketKeyStore store = new MemoryTicketKeyStore();
    private final List<Node> nodes = new ArrayList<>();

    enum Forgotten
    {
        SESSION, CLIENT, USER, RULE, EVERYONE
    }

    private final class Node
    {
        private final FakeClock clock;
        private final IdleExecutor executor = new IdleExecutor();
        private final TicketKeyRingManager ring;
        private final ForgetList list;
        private final Forgetting forgetting;
        private final ClockGuard guard;
        private final ConnectorResumption resumption;

        private Node(Instant now, ForgetLog log) throws Exception
        {
            clock = new FakeClock(now);
            ring = new TicketKeyRingManager(store, KeyRotation.DEFAULT, clock, executor);
            HeapSessionKeyStore sessionKeys = new HeapSessionKeyStore(100, clock);
            list = new ForgetList(log, LONGEST, 100, 100, clock);
            ClientIdentities identities = new ClientIdentities(() -> ring.ring().identityKey(), 32, 64);
            forgetting = new Forgetting(list, identities, sessionKeys, clock, CLOCK_SKEW, Runnable::run, Runnable::run);
            guard = new ClockGuard(forgetting, list, ring, sessionKeys, clock, CLOCK_SKEW, log.describe());
            ring.start();
            guard.start(true);
            resumption = Resumptions.of("scope", client -> new SessionTerms(ResumptionMode.TICKET, LONGEST, false, RULE),
                ring::ring, sessionKeys, forgetting, clock, new ResumptionStatistics());
            nodes.add(this);
        }

        private void poll()
        {
            ring.tick();
            guard.check();
            forgetting.poll();
        }

        /**
         * @param time what SunJSSE takes for now
         */
        private MemoryEngine.Handshake handshake(Instant time)
        {
            return new MemoryEngine(resumption).begin(FakeHandshake.at(time).from(CLIENT));
        }

        private TlsSession establish(Instant time)
        {
            MemoryEngine.Handshake tickets = handshake(time);
            tickets.seal(STATE, AAD, FORMAT);
            return tickets.finished(NO_ID);
        }

        private void forget(Forgotten forgotten, TlsSession session) throws IOException
        {
            switch (forgotten)
            {
                case SESSION -> forgetting.forgetSession(session.id());
                case CLIENT -> forgetting.forgetClient(CLIENT);
                case USER -> forgetting.forgetPrincipal(USER);
                case RULE -> forgetting.forgetRule(RULE);
                case EVERYONE -> forgetting.forgetEveryone();
            }
        }

        private Set<Long> keys()
        {
            return ring.ring().keys().stream().map(TicketKey::id).collect(Collectors.toSet());
        }

        private void close()
        {
            ring.stop();
            executor.shutdownNow();
        }
    }

    @AfterEach
    void stop()
    {
        nodes.forEach(Node::close);
        store.close();
    }

    static Stream<Arguments> apart()
    {
        // The last two are as far from a third clock as they may be, on either side of it.
        return Stream.of(0, 1, 11, 60, 120, 240).flatMap(seconds ->
            Stream.of(Forgotten.values()).map(forgotten -> arguments(Duration.ofSeconds(seconds), forgotten)));
    }

    @ParameterizedTest
    @MethodSource("apart")
    void toForgetSomebodyCostsNobodyElseTheSessionHoweverFarApartClocksMayBe(Duration apart, Forgotten forgotten) throws Exception
    {
        Node ahead = new Node(START.plus(apart), new SharedForgetLog(entries));
        Node behind = new Node(START, new SharedForgetLog(entries));
        Set<Long> keys = ahead.keys();
        for (Node node : List.of(ahead, behind))
        {
            TlsSession session = node.establish(node.clock.instant());
            node.forgetting.bind(session, USER);
            nodes.forEach(Node::poll);
            node.forget(forgotten, session);
            nodes.forEach(Node::poll);
            nodes.forEach(Node::poll);
            assertEquals(keys, ahead.keys());
            assertEquals(keys, behind.keys());
        }
    }

    @Test
    void theClockOfAllNodesSetBackIsNoticed() throws Exception
    {
        Node one = new Node(START, new SharedForgetLog(entries));
        Node two = new Node(START, new SharedForgetLog(entries));
        Set<Long> keys = one.keys();
        one.establish(START);
        nodes.forEach(Node::poll);
        nodes.forEach(node -> node.clock.advance(Duration.ofMinutes(-5)));
        nodes.forEach(Node::poll);
        nodes.forEach(Node::poll);
        assertNotEquals(keys, one.keys());
        assertEquals(one.keys(), two.keys());
    }

    /**
     * In a cluster a node whose clock is wrong goes by the time of the others, but SunJSSE does not.
     */
    @ParameterizedTest
    @ValueSource(longs = {-365 * 86_400L, -2 * 86_400, -7_200, 7_200, 2 * 86_400, 365 * 86_400L})
    void aSessionThatSunJsseDatesWronglyHasItsTimeByTheClusters(long seconds) throws Exception
    {
        Node node = new Node(START, new SharedForgetLog(entries));
        node.forgetting.bindAll();
        Set<Long> keys = node.keys();
        Instant wrong = START.plusSeconds(seconds);
        TlsSession full = node.handshake(wrong).finished(NO_ID);
        TlsSession renegotiated = node.handshake(wrong).renegotiated();
        for (TlsSession session : List.of(full, renegotiated))
        {
            assertEquals(START, session.established());
            assertEquals(START.plus(LONGEST), session.deadline());
            node.forgetting.bind(session, USER);
            node.poll();
            node.poll();
            assertEquals(keys, node.keys());
            assertFalse(node.forgetting.isForgotten(session));
        }
        node.forgetting.forgetPrincipal(USER);
        assertTrue(node.forgetting.isForgotten(full));
        assertTrue(node.forgetting.isForgotten(renegotiated));
    }

    @ParameterizedTest
    @EnumSource(Forgotten.class)
    void aConnectionOfSuchASessionEndsWithWhoeverIsForgotten(Forgotten forgotten) throws Exception
    {
        Node node = new Node(START, new SharedForgetLog(entries));
        node.forgetting.bindAll();
        TlsSession session = node.handshake(START.plus(Duration.ofDays(2))).finished(NO_ID);
        node.forgetting.bind(session, USER);
        node.forget(forgotten, session);
        assertTrue(node.forgetting.isForgotten(session));
    }

    /**
     * Connections are open whose sessions began before the clock was set back, and their users log in.
     */
    @Test
    void aUserWhoIsNamedOnAnOldConnectionDoesNotDropTheKeysAgain() throws Exception
    {
        Node node = new Node(START, ForgetLog.none());
        List<TlsSession> open = List.of(node.establish(START), node.establish(START));
        node.poll();
        node.clock.advance(Duration.ofHours(-2));
        node.poll();
        node.clock.advance(Duration.ofSeconds(1));
        Set<Long> keys = node.keys();
        for (TlsSession session : open)
        {
            node.forgetting.bind(session, USER + session.id());
            node.poll();
            node.poll();
            assertEquals(keys, node.keys());
        }
        node.forgetting.forgetPrincipal(USER + open.get(0).id());
        assertTrue(node.forgetting.isForgotten(open.get(0)));
        assertFalse(node.forgetting.isForgotten(open.get(1)));
    }

    /**
     * After a machine was suspended its node does not know the cluster's time before it has compared.
     */
    @Test
    void whereTheTimeIsNotSureASessionEndsByTheLaterOne() throws Exception
    {
        Node node = new Node(START, new SharedForgetLog(entries));
        FakeClock deadlines = new FakeClock(START);
        ResumptionStatistics statistics = new ResumptionStatistics();
        MemoryEngine resumption = new MemoryEngine(new ConnectorResumption("scope", "",
            client -> new SessionTerms(ResumptionMode.TICKET, LONGEST), node.ring::ring, new HeapSessionKeyStore(100, node.clock),
            node.forgetting, node.clock, deadlines, statistics));
        byte[] ticket = resumption.begin(FakeHandshake.at(START)).seal(STATE, AAD, FORMAT).orElseThrow();
        deadlines.advance(LONGEST.minusSeconds(1));
        assertTrue(resumption.begin(FakeHandshake.at(START)).open(ticket, AAD, FORMAT).isPresent());
        deadlines.advance(Duration.ofSeconds(1));
        assertTrue(resumption.begin(FakeHandshake.at(START)).open(ticket, AAD, FORMAT).isEmpty());
        assertEquals(1, statistics.refusals(RefusalReason.EXPIRED));
    }
}
