package io.github.tlsresumption.keys;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Threads;

/**
 * Finding a key to open with and one to seal with, while another thread rotates the ring every ten milliseconds.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@State(Scope.Benchmark)
public class RingBenchmark
{
    private static final Duration EVERY = Duration.ofMillis(10);
    private static final int KEYS = 4;

    private final Instant now = Instant.now();
    private volatile TicketKeyRing ring = ring(KEYS, now);
    private long id;
    private volatile boolean over;
    private Thread rotating;

    /**
     * @param keys how many, 3 or more
     * @param now the time
     * @return a ring in which that many keys open now
     */
    public static TicketKeyRing ring(int keys, Instant now)
    {
        Duration period = Duration.ofSeconds(60);
        KeyRotation rotation = new KeyRotation(period, Duration.ofSeconds(10), period.multipliedBy(Math.max(1, keys - 2)));
        TicketKeyRing ring = TicketKeyRing.empty();
        for (Instant time = now.minus(period.multipliedBy(keys)); !time.isAfter(now); time = time.plusSeconds(10))
        {
            ring = rotation.next(ring, time);
        }
        return ring;
    }

    @Setup(Level.Iteration)
    public void start()
    {
        id = ring.sealing(now).orElseThrow().id();
        over = false;
        TicketKeyRing one = ring;
        TicketKeyRing other = ring(KEYS, now);
        rotating = new Thread(() ->
        {
            while (!over)
            {
                ring = ring == one ? other : one;
                LockSupport.parkNanos(EVERY.toNanos());
            }
        }, "rotation");
        rotating.start();
    }

    @TearDown(Level.Iteration)
    public void stop() throws InterruptedException
    {
        over = true;
        rotating.join();
    }

    @Benchmark
    @Threads(1)
    public boolean find()
    {
        return look();
    }

    @Benchmark
    @Threads(2)
    public boolean findByTwoThreads()
    {
        return look();
    }

    private boolean look()
    {
        Optional<TicketKey> opening = ring.opening(id, now);
        return opening.isPresent() == ring.sealing(now).isPresent();
    }
}
