package io.github.tlsresumption.resumption;

import java.time.Instant;
import java.util.concurrent.TimeUnit;

import io.github.tlsresumption.policy.ResumptionMode;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Threads;

/**
 * What a handshake asks of us.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@State(Scope.Benchmark)
public class TicketBenchmark
{
    private static final int SESSIONS = 10_000;

    /** How sessions are resumed. */
    @Param({"ticket", "cache"})
    public String mode;

    private Decision decision;
    private Instant established;
    private byte[] ticket;

    @Setup
    public void setUp()
    {
        // Full, so that no iteration has more sessions than another.
        decision = Decision.of(ResumptionMode.of(mode), SESSIONS);
        established = Decision.established();
        ticket = decision.sealAt(established);
    }

    @Benchmark
    public byte[] seal()
    {
        return decision.seal();
    }

    @Benchmark
    public byte[] open()
    {
        return decision.open(ticket);
    }

    @Benchmark
    public byte[] resume()
    {
        return decision.resume(ticket, established);
    }

    @Benchmark
    @Threads(2)
    public byte[] resumeByTwoThreads()
    {
        return decision.resume(ticket, established);
    }
}
