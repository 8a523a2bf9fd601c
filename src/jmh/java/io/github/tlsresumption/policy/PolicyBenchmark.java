package io.github.tlsresumption.policy;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * The terms of a client that no rule matches, so that all are looked at: a network and a host each in turn.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@State(Scope.Benchmark)
public class PolicyBenchmark
{
    /** How many rules there are. */
    @Param({"1", "100", "10000"})
    public int rules;

    private SessionPolicy policy;
    private Client client;

    @Setup
    public void setUp()
    {
        policy = policy(rules);
        client = client();
    }

    /**
     * @param count how many
     * @return rules none of which matches {@link #client}
     */
    public static SessionPolicy policy(int count)
    {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < count; i++)
        {
            String condition = i % 2 == 0 ? "network=10." + (i >> 8 & 255) + "." + (i & 255) + ".0/24" : "host=host" + i + ".example.com";
            text.append("rule").append(i).append(' ').append(condition).append(" maxDuration=600\n");
        }
        return Rules.parse("bench", text.toString(), new ConnectorTerms(ResumptionMode.TICKET, ResumptionMode.TICKET, Duration.ofDays(1)));
    }

    /**
     * @return somebody from elsewhere
     */
    public static Client client()
    {
        return new Client("TLSv1.3", Optional.of("one.test"), Optional.of("192.0.2.1"), List.of());
    }

    @Benchmark
    public SessionTerms terms()
    {
        return policy.terms(client);
    }
}
