package io.github.tlsresumption.cluster;

import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

import io.github.tlsresumption.FakeClock;
import io.github.tlsresumption.forget.ForgetLog;
import io.github.tlsresumption.keys.TicketKeyRing;
import io.github.tlsresumption.keys.TicketKeyStore;
import io.github.tlsresumption.sessions.SessionKeyStore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

class ClockWatchTest
{
    private static final Instant START = Instant.parse("2026-11-24T10:00:00Z");
    private static final Duration BOUND = Duration.ofMinutes(2);

    private final FakeClock clock = new FakeClock(START);
    private final Backend backend = new Backend();
    private final AtomicLong nanos = new AtomicLong();
    private final ClusterClock cluster = new ClusterClock(clock, nanos::get, BOUND);
    private final ClockWatch watch = new ClockWatch(backend, cluster, "this");

    @Test
    void beforeTheBackendAnsweredNothingIsKnown()
    {
        backend.down = true;
        watch.compare();
        assertEquals(Optional.empty(), watch.offset());
        assertEquals(Optional.empty(), watch.lastContact());
        assertEquals(Optional.empty(), watch.problem());
    }

    @Test
    void clocksMayBeApartByTheBound()
    {
        backend.offset = BOUND;
        watch.compare();
        assertEquals(Optional.of(BOUND.negated()), watch.offset());
        assertEquals(Optional.empty(), watch.problem());
        backend.offset = BOUND.negated();
        watch.compare();
        assertEquals(Optional.of(BOUND), watch.offset());
        assertEquals(Optional.empty(), watch.problem());
    }

    @Test
    void aClockThatIsFurtherAheadIsReportedUntilItIsMended()
    {
        backend.offset = BOUND.negated().minusMillis(1);
        watch.compare();
        assertTrue(watch.problem().orElseThrow().contains("120001 ms ahead of"), watch.problem()::toString);
        assertTrue(watch.problem().orElseThrow().contains("jetty.tlsResumption.clockSkew"));
        backend.offset = Duration.ZERO;
        watch.compare();
        assertEquals(Optional.empty(), watch.problem());
    }

    @Test
    void aClockThatIsFurtherBehindIsReportedToo()
    {
        backend.offset = BOUND.plusMillis(1);
        watch.compare();
        assertTrue(watch.problem().orElseThrow().contains("120001 ms behind"), watch.problem()::toString);
    }

    @Test
    void theTimeThatAnAnswerTakesIsNotTheClocksFault()
    {
        backend.delay = Duration.ofSeconds(10);
        backend.offset = BOUND;
        watch.compare();
        assertEquals(Optional.of(BOUND.minusSeconds(5).negated()), watch.offset());
        backend.offset = BOUND.plusSeconds(10);
        watch.compare();
        assertEquals(Optional.empty(), watch.problem());
        backend.offset = BOUND.plusSeconds(10).plusMillis(1);
        watch.compare();
        assertTrue(watch.problem().isPresent());
    }

    @Test
    void aBackendThatDoesNotAnswerChangesNothing()
    {
        backend.offset = BOUND.multipliedBy(2);
        watch.compare();
        backend.down = true;
        watch.compare();
        assertTrue(watch.problem().isPresent());
        assertEquals(Optional.of(START), watch.lastContact());
    }

    @Test
    void anErrorDoesNotEndTheComparisons()
    {
        backend.broken = true;
        watch.compare();
        assertEquals(Optional.empty(), watch.lastContact());
        backend.broken = false;
        watch.compare();
        assertEquals(Optional.of(START), watch.lastContact());
    }

    @Test
    void aLoneNodeGoesByItsOwnClock()
    {
        backend.offset = Duration.ofDays(2);
        watch.compare();
        assertTrue(watch.problem().isPresent());
        assertEquals(START, cluster.instant());
    }

    @Test
    void aNodeThatIsAloneWithItsTimeGoesByThatOfTheOthers()
    {
        backend.others.add(Duration.ofMillis(3));
        clock.advance(Duration.ofDays(2));
        backend.offset = Duration.ofDays(-2);
        watch.compare();
        assertEquals(START, cluster.instant());
        assertTrue(watch.problem().orElseThrow().contains("goes by the cluster's time"), watch.problem()::toString);
        pass(Duration.ofHours(1));
        assertEquals(START.plus(Duration.ofHours(1)), cluster.instant());
        clock.advance(Duration.ofDays(-2));
        assertEquals(clock.instant(), cluster.instant(), "as soon as it is right");
        backend.offset = Duration.ZERO;
        watch.compare();
        assertEquals(Optional.empty(), watch.problem());
    }

    @Test
    void theBackendsClockIsNotGoneByWhereTheNodesAgreeOnAnother()
    {
        backend.offset = Duration.ofDays(2);
        backend.others.add(Duration.ofDays(-2).plusSeconds(1));
        watch.compare();
        assertEquals(START, cluster.instant());
        assertTrue(watch.problem().orElseThrow().contains("backend's clock that is wrong"), watch.problem()::toString);
        pass(Duration.ofHours(1));
        watch.compare();
        assertEquals(START.plus(Duration.ofHours(1)), cluster.instant());
    }

    @Test
    void whereNoTwoClocksAgreeTheBackendsCounts()
    {
        backend.offset = Duration.ofDays(-2);
        backend.others.add(Duration.ofDays(1));
        watch.compare();
        assertEquals(START.minus(Duration.ofDays(2)), cluster.instant());
    }

    @Test
    void aNodeThatDoesNotAgreeWithTwoOthersIsTheOddOneWhateverTheBackendSays()
    {
        backend.offset = Duration.ofDays(-2);
        backend.others.addAll(List.of(Duration.ofDays(1), Duration.ofDays(1)));
        watch.compare();
        assertEquals(START.minus(Duration.ofDays(1)), cluster.instant());
    }

    @ParameterizedTest
    @ValueSource(longs = {-365 * 86_400, -7_200, 7_200, 2 * 86_400, 365 * 86_400})
    void aClockThatIsSetWhileTheNodeRunsIsNotGoneByUntilItWasCompared(long seconds)
    {
        Duration step = Duration.ofSeconds(seconds);
        backend.others.add(Duration.ZERO);
        watch.compare();
        clock.advance(step);
        assertEquals(START, cluster.instant());
        assertTrue(cluster.isDoubtful());
        backend.offset = step.negated();
        watch.compareIfDoubtful();
        assertEquals(START, cluster.instant());
        assertEquals(Optional.of(step), watch.offset());
        pass(Duration.ofMinutes(5));
        assertEquals(START.plus(Duration.ofMinutes(5)), cluster.instant());
    }

    @ParameterizedTest
    @ValueSource(longs = {-5, 5})
    void aClockThatIsSetByALittleIsGoneBy(long seconds)
    {
        backend.others.add(Duration.ZERO);
        watch.compare();
        clock.advance(Duration.ofSeconds(seconds));
        assertEquals(clock.instant(), cluster.instant());
        assertFalse(cluster.isDoubtful());
    }

    @Test
    void aBackendThatKeepsNoOffsetsTellsItsTimeAllTheSame()
    {
        backend.keepsOffsets = false;
        backend.offset = Duration.ofDays(1);
        watch.compare();
        assertEquals(Optional.of(Duration.ofDays(-1)), watch.offset());
        assertEquals(START, cluster.instant());
    }

    @Test
    void whenTheBackendsClockIsSetTheOthersTellAgainFirst()
    {
        backend.others.add(Duration.ZERO);
        watch.compare();
        backend.offset = Duration.ofDays(2);
        watch.compare();
        assertEquals(clock.instant(), cluster.instant(), "what the other has told is from before");
        pass(ClockWatch.TOLD_FOR);
        watch.compare();
        assertEquals(clock.instant().plus(Duration.ofDays(2)), cluster.instant(), "it still tells the same");
        assertTrue(watch.problem().isPresent());
    }

    private void pass(Duration duration)
    {
        clock.advance(duration);
        nanos.addAndGet(duration.toNanos());
    }

    /**
     * Has a clock, and knows those of other nodes.
     */
    private final class Backend implements SharedStores
    {
        private final List<Duration> others = new ArrayList<>();
        private boolean keepsOffsets = true;
        private Duration offset = Duration.ZERO;
        private Duration delay = Duration.ZERO;
        private boolean down;
        private boolean broken;

        @Override
        public Instant time() throws IOException
        {
            if (down)
            {
                throw new IOException("down");
            }
            if (broken)
            {
                throw new LinkageError("broken");
            }
            Instant seen = clock.instant().plus(offset);
            clock.advance(delay);
            return seen;
        }

        @Override
        public List<Duration> offsets(String node, Duration ours) throws IOException
        {
            if (!keepsOffsets)
            {
                throw new IOException("no such table");
            }
            List<Duration> all = new ArrayList<>(others);
            all.add(ours);
            return all;
        }

        @Override
        public TicketKeyStore ticketKeyStore()
        {
            throw new UnsupportedOperationException();
        }

        @Override
        public ForgetLog forgetLog(Duration longest, Duration clockSkew, Clock ours)
        {
            throw new UnsupportedOperationException();
        }

        @Override
        public SessionKeyStore sessionKeyStore(Supplier<TicketKeyRing> ring, Clock ours)
        {
            throw new UnsupportedOperationException();
        }

        @Override
        public String describe()
        {
            return "a backend";
        }

        @Override
        public void close()
        {
            throw new UnsupportedOperationException();
        }
    }
}
