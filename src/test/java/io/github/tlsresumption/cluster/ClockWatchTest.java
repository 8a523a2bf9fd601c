package io.github.tlsresumption.cluster;

import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Supplier;

import io.github.tlsresumption.FakeClock;
import io.github.tlsresumption.forget.ForgetLog;
import io.github.tlsresumption.keys.TicketKeyRing;
import io.github.tlsresumption.keys.TicketKeyStore;
import io.github.tlsresumption.sessions.SessionKeyStore;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

class ClockWatchTest
{
    private static final Instant START = Instant.parse("2026-11-24T10:00:00Z");
    private static final Duration BOUND = Duration.ofMinutes(2);

    private final FakeClock clock = new FakeClock(START);
    private final Engine engine = new Engine();
    private final ClockWatch watch = new ClockWatch(engine, BOUND, clock);

    @Test
    void beforeTheEngineAnsweredNothingIsKnown()
    {
        engine.down = true;
        watch.compare();
        assertEquals(Optional.empty(), watch.offset());
        assertEquals(Optional.empty(), watch.lastContact());
        assertEquals(Optional.empty(), watch.problem());
    }

    @Test
    void clocksMayBeApartByTheBound()
    {
        engine.offset = BOUND;
        watch.compare();
        assertEquals(Optional.of(BOUND.negated()), watch.offset());
        assertEquals(Optional.empty(), watch.problem());
        engine.offset = BOUND.negated();
        watch.compare();
        assertEquals(Optional.of(BOUND), watch.offset());
        assertEquals(Optional.empty(), watch.problem());
    }

    @Test
    void aClockThatIsFurtherAheadIsReportedUntilItIsMended()
    {
        engine.offset = BOUND.negated().minusMillis(1);
        watch.compare();
        assertTrue(watch.problem().orElseThrow().contains("120001 ms ahead of"), watch.problem()::toString);
        assertTrue(watch.problem().orElseThrow().contains("jetty.tlsResumption.clockSkew"));
        engine.offset = Duration.ZERO;
        watch.compare();
        assertEquals(Optional.empty(), watch.problem());
    }

    @Test
    void aClockThatIsFurtherBehindIsReportedToo()
    {
        engine.offset = BOUND.plusMillis(1);
        watch.compare();
        assertTrue(watch.problem().orElseThrow().contains("120001 ms behind"), watch.problem()::toString);
    }

    @Test
    void theTimeThatAnAnswerTakesIsNotTheClocksFault()
    {
        engine.delay = Duration.ofSeconds(10);
        engine.offset = BOUND;
        watch.compare();
        assertEquals(Optional.of(BOUND.minusSeconds(5).negated()), watch.offset());
        engine.offset = BOUND.plusSeconds(10);
        watch.compare();
        assertEquals(Optional.empty(), watch.problem());
        engine.offset = BOUND.plusSeconds(10).plusMillis(1);
        watch.compare();
        assertTrue(watch.problem().isPresent());
    }

    @Test
    void anEngineThatDoesNotAnswerChangesNothing()
    {
        engine.offset = BOUND.multipliedBy(2);
        watch.compare();
        engine.down = true;
        watch.compare();
        assertTrue(watch.problem().isPresent());
        assertEquals(Optional.of(START), watch.lastContact());
    }

    /**
     * Has a clock, and nothing else.
     */
    private final class Engine implements SharedStores
    {
        private Duration offset = Duration.ZERO;
        private Duration delay = Duration.ZERO;
        private boolean down;

        @Override
        public Instant time() throws IOException
        {
            if (down)
                throw new IOException("down");
            Instant seen = clock.instant().plus(offset);
            clock.advance(delay);
            return seen;
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
            return "an engine";
        }

        @Override
        public void close()
        {
            throw new UnsupportedOperationException();
        }
    }
}
