package io.github.tlsresumption.sessions;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

import io.github.tlsresumption.ticket.StableId;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * Session keys put and taken, in a store that is full.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@State(Scope.Benchmark)
public class SessionKeyStoreBenchmark
{
    private static final int SESSIONS = 100_000;

    private final Clock clock = Clock.systemUTC();
    private final HeapSessionKeyStore store = new HeapSessionKeyStore(SESSIONS, clock);
    private final byte[] secret = new byte[32];
    private final Instant deadline = clock.instant().plus(Duration.ofDays(1));
    private StableId known;

    @Setup
    public void setUp()
    {
        for (int i = 0; i < SESSIONS; i++)
        {
            store.put(key(StableId.random()));
        }
        known = StableId.random();
        store.put(key(known));
    }

    private SessionKey key(StableId id)
    {
        return SessionKey.of(secret, id, clock.instant(), deadline, 0, "");
    }

    @Benchmark
    public void put()
    {
        store.put(key(StableId.random()));
    }

    @Benchmark
    public Optional<SessionKey> take()
    {
        return store.get(known);
    }
}
