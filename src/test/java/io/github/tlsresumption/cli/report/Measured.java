package io.github.tlsresumption.cli.report;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;

/**
 * Measurements as tests want them: at first clear ones, in which a resumption takes half the time of a full handshake.
 */
final class Measured
{
    static final long FULL = 1_000_000;
    private static final int BATCH = 20;

    private final List<Measurement> measurements = new ArrayList<>();
    private final List<MemoryUse> memory = new ArrayList<>();
    private boolean isWarm = true;
    private boolean isQuick;
    private boolean clientCertificates;

    private Measured()
    {
    }

    static Measured clearly()
    {
        Measured measured = new Measured();
        for (String protocol : Bench.PROTOCOLS)
        {
            Arrays.stream(Way.values()).filter(way -> way.isFor(protocol))
                .forEach(way -> measured.with(way, protocol, way.isFull() ? FULL : FULL / 2, 1));
        }
        measured.memory.add(new MemoryUse(Way.TICKET, 600, new long[]{0, 10, -10, 0, 5, -5}));
        measured.memory.add(new MemoryUse(Way.CACHE, 600, new long[]{30_000, 29_000, 31_000, 30_000, 30_000, 30_000}));
        return measured;
    }

    /** The median, and by how much the rounds lie around it, in per cent. */
    Measured with(Way way, String protocol, long median, int spread)
    {
        return with(way, protocol, rounds(median, spread, 40), way.isFull() ? 0 : 40 * BATCH);
    }

    Measured withAllRounds(int rounds)
    {
        List.copyOf(measurements).forEach(old -> with(old.way(), old.protocol(), rounds(old.median(), 1, rounds),
            old.way().isFull() ? 0 : rounds * BATCH));
        return this;
    }

    /** So many of 800 handshakes resumed a session. */
    Measured resuming(Way way, String protocol, int resumed)
    {
        return with(way, protocol, rounds(way.isFull() ? FULL : FULL / 2, 1, 40), resumed);
    }

    Measured resumingNothing()
    {
        List.copyOf(measurements).forEach(old -> resuming(old.way(), old.protocol(), 0));
        return this;
    }

    Measured without(Way way, String protocol)
    {
        measurements.removeIf(old -> old.way() == way && old.protocol().equals(protocol));
        return this;
    }

    Measured memory(Way way, long... growths)
    {
        memory.removeIf(old -> old.way() == way);
        if (growths.length > 0)
        {
            memory.add(new MemoryUse(way, 100 * growths.length, growths));
        }
        return this;
    }

    Measured cold()
    {
        isWarm = false;
        return this;
    }

    Measured quick()
    {
        isQuick = true;
        return this;
    }

    Measured clientCertificates()
    {
        clientCertificates = true;
        return this;
    }

    Bench.Results results()
    {
        return new Bench.Results(measurements, memory, isWarm);
    }

    Environment environment()
    {
        return new Environment("2026-01-01T00:00:00Z", "a JDK", "a machine", "1 certificate: RSA-2048", Duration.ofHours(24),
            Duration.ofHours(12), clientCertificates, isQuick);
    }

    Recommendation recommendation()
    {
        return Recommendation.of(results(), environment());
    }

    Document document()
    {
        return new Document(environment(), results(), recommendation());
    }

    private Measured with(Way way, String protocol, long[] rounds, int resumed)
    {
        long[] nanos = Arrays.stream(rounds).flatMap(round -> LongStream.generate(() -> round).limit(BATCH)).sorted()
            .toArray();
        Measurement measurement = new Measurement(way, protocol, resumed, nanos, rounds, 500, 1500);
        for (int i = 0; i < measurements.size(); i++)
        {
            if (measurements.get(i).way() == way && measurements.get(i).protocol().equals(protocol))
            {
                measurements.set(i, measurement);
                return this;
            }
        }
        measurements.add(measurement);
        return this;
    }

    private static long[] rounds(long median, int spread, int count)
    {
        long[] rounds = new long[count];
        for (int i = 0; i < count; i++)
        {
            rounds[i] = median + median * spread * (2 * i - count + 1) / (100L * count);
        }
        return rounds;
    }
}
