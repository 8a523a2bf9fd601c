package io.github.tlsresumption.resumption;

import java.util.concurrent.TimeUnit;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/**
 * The events of one resumed handshake, when there is no flight recording.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@State(Scope.Thread)
public class FlightEventsBenchmark
{
    private long nanos;

    @Benchmark
    public long off()
    {
        FlightEvents.opened(++nanos, true);
        FlightEvents.sealed(nanos, true);
        return nanos;
    }
}
