package io.github.tlsresumption.resumption;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import io.github.tlsresumption.Exhaustive;
import io.github.tlsresumption.FakeClock;
import io.github.tlsresumption.engine.TlsSession;
import io.github.tlsresumption.forget.FileForgetLog;
import io.github.tlsresumption.forget.ForgetList;
import io.github.tlsresumption.keys.FileTicketKeyStore;
import io.github.tlsresumption.keys.IdleExecutor;
import io.github.tlsresumption.keys.KeyRotation;
import io.github.tlsresumption.keys.TicketKeyRingManager;
import io.github.tlsresumption.policy.ClientIdentities;
import io.github.tlsresumption.policy.ResumptionMode;
import io.github.tlsresumption.policy.SessionTerms;
import io.github.tlsresumption.sessions.HeapSessionKeyStore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * One host with a key file, whose clock is set back or ahead: before the first start, between two runs, or while it runs; and is set
 * right again. In no case is a session resumed that was forgotten, or is over; and sessions established afterwards are resumed within
 * the clock skew and one lead.
 */
@Exhaustive
class ClockStepsTest
{
    private static final Instant START = Instant.parse("2026-11-23T10:00:00Z");
    private static final Duration CLOCK_SKEW = Duration.ofMinutes(2);
    private static final KeyRotation ROTATION = KeyRotation.DEFAULT;
    private static final Duration LONGEST = ROTATION.lifetime();
    private static final Duration MINUTE = Duration.ofMinutes(1);
    private static final Duration TEN_MINUTES = Duration.ofMinutes(10);
    private static final String CLIENT = "192.0.2.1";
    private static final String OTHER_CLIENT = "192.0.2.2";
    private static final String USER = "user";
    private static final String RULE = "rule";
    private static final byte[] STATE = "the state of a session".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] AAD = {1, 2, 3};
    private static final int FORMAT = 0x17_00_15;
    private static final byte[] NO_ID = {};
    private static final List<ResumptionMode> MODES = List.of(ResumptionMode.TICKET, ResumptionMode.CACHE);

    private final FakeClock clock = new FakeClock(START);
    private final List<Node> nodes = new ArrayList<>();
    // What a right clock shows.
    private Instant time = START;

    @TempDir
    private Path directory;

    enum Step
    {
        YEAR_BACK(Duration.ofDays(-365)),
        HOURS_BACK(Duration.ofHours(-2)),
        SECONDS_BACK(Duration.ofSeconds(-5)),
        SECONDS_AHEAD(Duration.ofSeconds(5)),
        HOURS_AHEAD(Duration.ofHours(2)),
        DAYS_AHEAD(Duration.ofDays(2)),
        YEAR_AHEAD(Duration.ofDays(365));

        private final Duration by;

        Step(Duration by)
        {
            this.by = by;
        }
    }

    enum Moment
    {
        FIRST_START, RESTART, RUNNING, RUNNING_UNSEEN
    }

    enum Forgotten
    {
        SESSION, CLIENT, USER, RULE, EVERYONE
    }

    record Cell(Step step, Moment moment, Forgotten forgotten)
    {
    }

    static Stream<Cell> cells()
    {
        List<Cell> cells = new ArrayList<>();
        for (Step step : Step.values())
        {
            for (Moment moment : Moment.values())
            {
                for (Forgotten forgotten : Forgotten.values())
                {
                    cells.add(new Cell(step, moment, forgotten));
                }
            }
        }
        return cells.stream();
    }

    /**
     * What a client got out of full handshakes, one in each mode.
     */
    private record Got(String client, List<byte[]> tickets, List<TlsSession> sessions)
    {
    }

    /**
     * A run of the server, which ends without a word. It has a connector for each mode, which share all.
     */
    private final class Node
    {
        private final IdleExecutor executor = new IdleExecutor();
        private final TicketKeyRingManager ring;
        private final HeapSessionKeyStore sessionKeys = new HeapSessionKeyStore(100, clock);
        private final ForgetList list;
        private final Forgetting forgetting;
        private final ClockGuard guard;
        private final List<MemoryEngine> connectors;
        private final boolean hasRun = Files.exists(directory.resolve("keys"));

        private Node() throws Exception
        {
            ring = new TicketKeyRingManager(new FileTicketKeyStore(directory.resolve("keys")), ROTATION, clock, executor);
            FileForgetLog log = new FileForgetLog(directory.resolve("keys.forgotten"), LONGEST, clock);
            list = new ForgetList(log, LONGEST, 100, 100, clock);
            ClientIdentities identities = new ClientIdentities(() -> ring.ring().identityKey(), 32, 64);
            forgetting = new Forgetting(list, identities, sessionKeys, clock, CLOCK_SKEW, Runnable::run, Runnable::run);
            guard = new ClockGuard(forgetting, list, ring, sessionKeys, clock, CLOCK_SKEW, log.describe());
            ring.start();
            guard.start(!hasRun);
            connectors = MODES.stream().map(mode -> new MemoryEngine(Resumptions.of("scope",
                client -> new SessionTerms(mode, LONGEST, false, RULE), ring::ring, sessionKeys, forgetting, clock,
                new ResumptionStatistics()))).toList();
            nodes.add(this);
        }

        private void poll()
        {
            ring.tick();
            guard.check();
            forgetting.poll();
        }

        private Got establish(String client)
        {
            List<byte[]> got = new ArrayList<>();
            List<TlsSession> sessions = new ArrayList<>();
            for (MemoryEngine connector : connectors)
            {
                MemoryEngine.Handshake tickets = connector.begin(FakeHandshake.at(clock.instant()).from(client));
                got.add(tickets.seal(STATE, AAD, FORMAT).orElse(new byte[0]));
                sessions.add(tickets.finished(NO_ID));
            }
            return new Got(client, got, sessions);
        }

        private void bind(Got got) throws IOException
        {
            for (TlsSession session : got.sessions())
            {
                forgetting.bind(session, USER);
            }
        }

        private boolean resumesAll(Got got)
        {
            return resumes(got) == MODES.size();
        }

        private boolean resumesNone(Got got)
        {
            return resumes(got) == 0;
        }

        /**
         * In mode cache not after a restart, since its keys are in the heap.
         */
        private boolean resumesByTicket(Got got)
        {
            return opens(got, 0);
        }

        private int resumes(Got got)
        {
            return (int)IntStream.range(0, MODES.size()).filter(mode -> opens(got, mode)).count();
        }

        private boolean opens(Got got, int mode)
        {
            return connectors.get(mode).begin(FakeHandshake.at(clock.instant()).from(got.client()))
                .open(got.tickets().get(mode), AAD, FORMAT).isPresent();
        }

        private void forget(Forgotten forgotten, Got got) throws IOException
        {
            switch (forgotten)
            {
                case SESSION ->
                {
                    for (TlsSession session : got.sessions())
                    {
                        forgetting.forgetSession(session.id());
                    }
                }
                case CLIENT -> forgetting.forgetClient(got.client());
                case USER -> forgetting.forgetPrincipal(USER);
                case RULE -> forgetting.forgetRule(RULE);
                case EVERYONE -> forgetting.forgetEveryone();
            }
        }

        private void close()
        {
            ring.stop();
            sessionKeys.close();
            executor.shutdownNow();
        }
    }

    @AfterEach
    void nothingIsLeft()
    {
        nodes.forEach(Node::close);
    }

    private void pass(Node node, Duration duration)
    {
        pass(node, duration, MINUTE);
    }

    private void pass(Node node, Duration duration, Duration step)
    {
        for (Duration passed = Duration.ZERO; passed.compareTo(duration) < 0; passed = passed.plus(step))
        {
            clock.advance(step);
            time = time.plus(step);
            node.poll();
        }
    }

    private void setRight()
    {
        clock.set(time);
    }

    @ParameterizedTest
    @MethodSource("cells")
    void noStepOfTheClockBringsBackWhoeverWasForgotten(Cell cell) throws Exception
    {
        if (cell.moment() == Moment.FIRST_START)
        {
            clock.advance(cell.step().by);
        }
        Node node = new Node();
        pass(node, MINUTE);
        Got got = node.establish(CLIENT);
        node.bind(got);
        Got other = node.establish(OTHER_CLIENT);
        Instant established = time;
        assertTrue(node.resumesAll(got) && node.resumesAll(other) || cell.moment() == Moment.FIRST_START);

        if (cell.moment() == Moment.FIRST_START)
        {
            setRight();
        }
        else
        {
            clock.advance(cell.step().by);
        }
        if (cell.moment() == Moment.RESTART)
        {
            node = new Node();
        }
        if (cell.moment() == Moment.RUNNING)
        {
            node.poll();
        }
        node.forget(cell.forgotten(), got);
        assertTrue(node.resumesNone(got), "at once");
        assertRecovers(node, got, "after the step");

        setRight();
        assertTrue(node.resumesNone(got), "when the clock is right");
        assertRecovers(node, got, "when the clock is right");
        while (time.isBefore(established.plus(Duration.ofHours(3))))
        {
            pass(node, TEN_MINUTES, TEN_MINUTES);
            assertTrue(node.resumesNone(got), () -> "at " + time);
        }
        pass(node, Duration.between(time, established.plus(LONGEST)).plus(MINUTE), Duration.ofHours(1));
        assertTrue(node.resumesNone(other), "a session that is over");
    }

    private void assertRecovers(Node node, Got got, String when)
    {
        node.poll();
        assertTrue(node.resumesNone(got), when);
        pass(node, CLOCK_SKEW.plus(ROTATION.lead()), CLOCK_SKEW);
        assertTrue(node.resumesNone(got), when);
        Got fresh = node.establish(CLIENT);
        assertTrue(node.resumesAll(fresh), when + ": a new session");
    }

    /**
     * Nobody is forgotten, but the clock that was set back would let sessions last longer.
     */
    @ParameterizedTest
    @EnumSource(Step.class)
    void noStepOfTheClockMakesASessionLastLonger(Step step) throws Exception
    {
        Node node = new Node();
        pass(node, MINUTE);
        clock.advance(step.by);
        node.poll();
        Got got = node.establish(CLIENT);
        Instant end = time.plus(LONGEST).plus(CLOCK_SKEW);
        setRight();
        while (time.isBefore(end))
        {
            pass(node, TEN_MINUTES, TEN_MINUTES);
        }
        assertTrue(node.resumesNone(got));
        pass(node, step.by.abs().compareTo(Duration.ofDays(3)) < 0 ? step.by.abs() : Duration.ofDays(3), TEN_MINUTES);
        assertTrue(node.resumesNone(got));
    }

    /**
     * Nobody comes for a while, so no session of that time tells what the clock has shown.
     */
    @ParameterizedTest
    @EnumSource(value = Moment.class, names = {"RESTART", "RUNNING"})
    void aClockThatIsSetBackOnAQuietServerMakesNoSessionLastLonger(Moment moment) throws Exception
    {
        Node node = new Node();
        pass(node, MINUTE);
        Got got = node.establish(CLIENT);
        Instant end = time.plus(LONGEST).plus(CLOCK_SKEW);
        pass(node, Duration.ofHours(5));
        assertTrue(node.resumesAll(got));
        clock.advance(Step.HOURS_BACK.by);
        if (moment == Moment.RESTART)
        {
            node = new Node();
        }
        node.poll();
        while (time.isBefore(end))
        {
            pass(node, TEN_MINUTES, TEN_MINUTES);
        }
        assertTrue(node.resumesNone(got));
    }

    /**
     * Only the new list and the new ring tell then that the clock was ahead.
     */
    @ParameterizedTest
    @EnumSource(Step.class)
    void aWrongClockAtAFirstStartAtWhichNobodyCameIsOverSoon(Step step) throws Exception
    {
        clock.advance(step.by);
        Node node = new Node();
        pass(node, MINUTE);
        setRight();
        node.poll();
        pass(node, CLOCK_SKEW.plus(ROTATION.lead()), CLOCK_SKEW);
        Got got = node.establish(CLIENT);
        assertTrue(node.resumesAll(got));
        assertTrue(new Node().resumesByTicket(got));
    }

    @Test
    void aClockThatIsRightCostsNobodyTheSession() throws Exception
    {
        Node node = new Node();
        pass(node, MINUTE);
        Got got = node.establish(CLIENT);
        clock.advance(Duration.ofSeconds(-5));
        node.poll();
        assertTrue(node.resumesAll(got));
        Node restarted = new Node();
        assertTrue(restarted.resumesByTicket(got));
        pass(restarted, Duration.ofHours(13));
        assertTrue(restarted.resumesByTicket(got), "over a rotation too");
    }

    /**
     * It is not known who was forgotten, and the clock is behind what it was: to forget everyone before now would not do.
     */
    @ParameterizedTest
    @EnumSource(Step.class)
    void aLogThatIsLostOrDamagedForgetsEveryoneWhateverTheClockSays(Step step) throws Exception
    {
        Path file = directory.resolve("keys.forgotten");
        Node node = new Node();
        pass(node, MINUTE);
        Got got = node.establish(CLIENT);
        clock.advance(step.by);
        Files.writeString(file, "no line of ours\n", StandardOpenOption.APPEND);
        node.poll();
        node.poll();
        assertTrue(node.resumesNone(got), "damaged");
        setRight();
        assertRecovers(node, got, "damaged");

        Got next = node.establish(CLIENT);
        clock.advance(step.by);
        Files.delete(file);
        Node restarted = new Node();
        assertTrue(restarted.resumesNone(next), "lost");
        setRight();
        assertRecovers(restarted, next, "lost");
    }

    @Test
    void whoIsForgottenAfterARestartMayComeBackSoon() throws Exception
    {
        Node node = new Node();
        pass(node, MINUTE);
        Got got = node.establish(CLIENT);
        Node restarted = new Node();
        restarted.forgetting.forgetClient(CLIENT);
        assertTrue(restarted.resumesNone(got));
        clock.advance(Duration.ofSeconds(11));
        Got again = restarted.establish(CLIENT);
        assertTrue(restarted.resumesAll(again));
    }
}
