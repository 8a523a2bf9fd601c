package io.github.tlsresumption;

import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;

import io.github.tlsresumption.bench.Report.Spread;
import io.github.tlsresumption.cluster.redis.RedisServer;
import io.github.tlsresumption.cluster.redis.RedisStores;
import io.github.tlsresumption.keys.KeyRotation;
import io.github.tlsresumption.policy.ConnectorTerms;
import io.github.tlsresumption.policy.ResumptionMode;
import io.github.tlsresumption.resumption.Decision;
import redis.clients.jedis.Protocol.Command;

/**
 * Nodes of a cluster on one Redis, all in this process: each has its threads, its connections and its polling, as in a server.
 */
public final class Nodes implements AutoCloseable
{
    private static final Clock CLOCK = Clock.systemUTC();
    private static final Duration SKEW = Duration.ofMinutes(2);
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final long NANOS_PER_MILLI = 1_000_000;
    private static final int TURNS = 7;
    private static final ConnectorTerms TERMS = Decision.terms(ResumptionMode.TICKET);
    private static final ScopeSettings SETTINGS =
        new ScopeSettings(TERMS, KeyRotation.DEFAULT, "redis", "shared", "", "", 1_000, 32, 64, 100_000, 100_000, SKEW);

    private final RedisServer redis = RedisServer.start();
    private final List<ScopeParts> nodes = new ArrayList<>();

    /**
     * @param count how many nodes there shall be
     * @throws Exception when one cannot be started
     */
    public void grow(int count) throws Exception
    {
        while (nodes.size() < count)
        {
            RedisStores stores = new RedisStores(redis.uri(), "correct horse"::toCharArray);
            stores.setTimeout(PATIENCE.toMillis());
            nodes.add(ScopeWiring.start(stores, SETTINGS, CLOCK));
        }
    }

    /**
     * @return what decides on one of the nodes, in mode {@code ticket}
     */
    public Decision decision()
    {
        ScopeParts node = nodes.get(0);
        return new Decision(TERMS, node.ring()::ring, node.sessionKeys(), node.forgetting());
    }

    /**
     * @param duration for how long to watch
     * @return how many commands Redis gets in a second, and the microseconds of its processor time for them
     */
    public double[] load(Duration duration)
    {
        double commands = info("stats", "total_commands_processed");
        double cpu = info("cpu", "used_cpu_user") + info("cpu", "used_cpu_sys");
        LockSupport.parkNanos(duration.toNanos());
        double seconds = duration.toMillis() / 1_000.0;
        return new double[]{(info("stats", "total_commands_processed") - commands) / seconds,
            (info("cpu", "used_cpu_user") + info("cpu", "used_cpu_sys") - cpu) * 1e6 / seconds};
    }

    private double info(String section, String name)
    {
        String answer = new String((byte[])redis.tell(Command.INFO, section), StandardCharsets.UTF_8);
        return answer.lines()
            .filter(line -> line.startsWith(name + ":"))
            .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
            .findFirst().orElseThrow();
    }

    /**
     * @return milliseconds until all nodes know that everybody was forgotten on one
     * @throws Exception when it could not be said to Redis
     */
    public Spread forget() throws Exception
    {
        double[] millis = new double[TURNS];
        for (int i = 0; i < TURNS; i++)
        {
            // As exactly as it is kept.
            Instant now = Instant.ofEpochMilli(CLOCK.millis());
            long start = System.nanoTime();
            nodes.get(0).forgetList().forgetEveryone(now);
            millis[i] = untilAll(start, node -> node.forgetList().everyoneBefore().filter(before -> !before.isBefore(now)).isPresent());
        }
        return Spread.of(millis);
    }

    /**
     * @return milliseconds until all nodes have the ring of a rotation on one
     * @throws Exception when it could not be written
     */
    public Spread rotate() throws Exception
    {
        double[] millis = new double[TURNS];
        for (int i = 0; i < TURNS; i++)
        {
            long start = System.nanoTime();
            long version = nodes.get(0).ring().rotateNow().version();
            millis[i] = untilAll(start, node -> node.ring().ring().version() >= version);
        }
        return Spread.of(millis);
    }

    private double untilAll(long start, Predicate<ScopeParts> knows)
    {
        while (!nodes.stream().allMatch(knows))
        {
            if (System.nanoTime() - start > PATIENCE.toNanos())
            {
                throw new IllegalStateException("a node has not been told");
            }
            LockSupport.parkNanos(NANOS_PER_MILLI / 10);
        }
        return (double)(System.nanoTime() - start) / NANOS_PER_MILLI;
    }

    @Override
    public void close()
    {
        nodes.forEach(ScopeParts::close);
        redis.close();
    }
}
