package io.github.tlsresumption.it;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

import io.github.tlsresumption.cluster.SharedStores;
import io.github.tlsresumption.cluster.jdbc.DatabaseServer;
import io.github.tlsresumption.cluster.jdbc.JdbcOptions;
import io.github.tlsresumption.cluster.jdbc.JdbcStores;
import io.github.tlsresumption.cluster.redis.RedisServer;
import io.github.tlsresumption.cluster.redis.RedisStores;
import io.github.tlsresumption.forget.ForgetLog;
import io.github.tlsresumption.forget.ForgetLogEntry;
import io.github.tlsresumption.keys.KeyRotation;
import io.github.tlsresumption.keys.TicketKeyRing;
import io.github.tlsresumption.sessions.SessionKey;
import io.github.tlsresumption.sessions.SessionKeyStore;
import io.github.tlsresumption.sessions.SessionKeys;
import io.github.tlsresumption.ticket.StableId;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import redis.clients.jedis.Protocol.Command;

import static io.github.tlsresumption.it.ModuleBase.ONE;
import static io.github.tlsresumption.it.ModuleBase.TLS12;
import static io.github.tlsresumption.it.ModuleBase.TLS13;
import static io.github.tlsresumption.it.ModuleBase.TWO;
import static org.junit.jupiter.api.Assertions.assertEquals;

/**
 * Measures the figures of docs/cluster.md. No test: its name is not one that Maven looks for, so it runs only when it is named.
 */
@StartsProcesses
@TestMethodOrder(MethodOrderer.MethodName.class)
class ClusterFigures
{
    private static final int MANY = Integer.getInteger("it.figures", 200_000);
    private static final int HANDSHAKES = 300;
    private static final int THREADS = 16;
    private static final Duration DAY = Duration.ofHours(24);
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final String PASSPHRASE = "correct horse";
    private static final Clock CLOCK = Clock.systemUTC();

    private final TicketKeyRing ring = KeyRotation.DEFAULT.next(TicketKeyRing.empty(), CLOCK.instant());
    private final Instant deadline = CLOCK.instant().plus(DAY);

    /**
     * One of many calls, by its number.
     */
    private interface Call
    {
        void run(int number) throws IOException;
    }

    private static void print(String format, Object... values)
    {
        System.out.printf("FIGURE " + format + "%n", values);
    }

    private static double micros(int count, int threads, Call call) throws Exception
    {
        AtomicInteger next = new AtomicInteger();
        ExecutorService executor = Executors.newFixedThreadPool(threads);
        long start = System.nanoTime();
        try
        {
            List<Future<?>> all = new ArrayList<>();
            for (int i = 0; i < threads; i++)
            {
                all.add(executor.submit(() ->
                {
                    for (int number = next.getAndIncrement(); number < count; number = next.getAndIncrement())
                    {
                        call.run(number);
                    }
                    return null;
                }));
            }
            for (Future<?> one : all)
            {
                one.get();
            }
        }
        finally
        {
            executor.shutdownNow();
        }
        return (System.nanoTime() - start) / 1_000.0 / count;
    }

    private static String ask(RedisServer redis, Command command, String... arguments)
    {
        try (redis.clients.jedis.Connection connection = new redis.clients.jedis.Connection("127.0.0.1", redis.port()))
        {
            connection.sendCommand(command, arguments);
            Object answer = connection.getOne();
            return answer instanceof byte[] bytes ? new String(bytes, StandardCharsets.UTF_8) : String.valueOf(answer);
        }
    }

    private static Map<String, String> info(RedisServer redis, String section)
    {
        Map<String, String> values = new TreeMap<>();
        ask(redis, Command.INFO, section).lines().filter(line -> line.contains(":"))
            .forEach(line -> values.put(line.substring(0, line.indexOf(':')), line.substring(line.indexOf(':') + 1)));
        return values;
    }

    private static long memory(RedisServer redis)
    {
        return Long.parseLong(info(redis, "memory").get("used_memory"));
    }

    private static double cpuMicros(RedisServer redis)
    {
        Map<String, String> cpu = info(redis, "cpu");
        return 1e6 * (Double.parseDouble(cpu.get("used_cpu_user")) + Double.parseDouble(cpu.get("used_cpu_sys")));
    }

    private static RedisStores stores(RedisServer redis)
    {
        RedisStores stores = new RedisStores(redis.uri(), PASSPHRASE::toCharArray);
        stores.setTimeout(PATIENCE.toMillis());
        return stores;
    }

    @Test
    void redisSessions() throws Exception
    {
        for (int sessionsPerClient : new int[] {1, 10})
        {
            try (RedisServer redis = RedisServer.start(); RedisStores stores = stores(redis))
            {
                SessionKeyStore store = stores.sessionKeyStore(() -> ring, CLOCK);
                StableId[] ids = ids();
                store.put(key(StableId.random(), 0));
                long before = memory(redis);
                double cpu = cpuMicros(redis);
                double put = micros(MANY, THREADS, i -> store.put(key(ids[i], i / sessionsPerClient + 1)));
                double putCpu = (cpuMicros(redis) - cpu) / MANY;
                print("Redis, %d sessions, %d a client: %.0f bytes each; %s bytes of it the value", MANY, sessionsPerClient,
                    (memory(redis) - before) / (double)MANY,
                    ask(redis, Command.MEMORY, "USAGE", "tls-resumption:session:" + ids[0].toString().substring(0, 16)));
                cpu = cpuMicros(redis);
                double get = micros(MANY, THREADS, i -> store.get(ids[i]).orElseThrow());
                print("Redis: put %.1f us of its CPU, get %.1f us; %d threads of one node take %.1f and %.1f us", putCpu,
                    (cpuMicros(redis) - cpu) / MANY, THREADS, put, get);
                print("Redis, one thread alone: put %.0f us, get %.0f us",
                    micros(MANY / 20, 1, i -> store.put(key(StableId.random(), i + 1))),
                    micros(MANY / 20, 1, i -> store.get(ids[i]).orElseThrow()));
            }
        }
    }

    private static StableId[] ids()
    {
        StableId[] ids = new StableId[MANY];
        for (int i = 0; i < MANY; i++)
        {
            ids[i] = StableId.random();
        }
        return ids;
    }

    private SessionKey key(StableId id, long client)
    {
        // Spread over all numbers, as keyed hashes are.
        return SessionKeys.of(id, deadline, client * 0x9E3779B97F4A7C15L, "everybody");
    }

    @Test
    void redisForgotten() throws Exception
    {
        try (RedisServer redis = RedisServer.start(); RedisStores stores = stores(redis))
        {
            ForgetLog log = stores.forgetLog(DAY, Duration.ofSeconds(120), CLOCK);
            log.append(List.of(forgotten(0)));
            long before = memory(redis);
            double cpu = cpuMicros(redis);
            double append = micros(MANY, THREADS, i -> log.append(List.of(forgotten(i + 1))));
            print("Redis, %d forgotten clients: %.0f bytes each, %.1f us of its CPU, %.1f us", MANY,
                (memory(redis) - before) / (double)MANY, (cpuMicros(redis) - cpu) / MANY, append);
        }
    }

    private static ForgetLogEntry forgotten(long number)
    {
        return new ForgetLogEntry.Forget(number * 0x9E3779B97F4A7C15L, CLOCK.instant());
    }

    @Test
    void postgresql() throws Exception
    {
        DatabaseServer server = DatabaseServer.postgresql().orElseThrow(() -> new AssertionError("PostgreSQL is not installed"));
        String url = "jdbc:postgresql://127.0.0.1:" + server.port() + "/postgres";
        JdbcOptions options = new JdbcOptions("figures_", THREADS + 2, PATIENCE);
        try (SharedStores stores = new JdbcStores(url, "postgres", "", PASSPHRASE::toCharArray, options);
            Connection sql = DriverManager.getConnection(url, "postgres", ""))
        {
            SessionKeyStore store = stores.sessionKeyStore(() -> ring, CLOCK);
            StableId[] ids = ids();
            store.put(key(StableId.random(), 0));
            double put = micros(MANY, THREADS, i -> store.put(key(ids[i], i + 1)));
            double get = micros(MANY, THREADS, i -> store.get(ids[i]).orElseThrow());
            print("PostgreSQL, %d sessions: %.0f bytes each, indexes included; %d threads of one node: put %.0f us, get %.0f us", MANY,
                number(sql, "SELECT pg_total_relation_size('figures_sessions')") / (double)MANY, THREADS, put, get);
            print("PostgreSQL, one thread alone, fsync off: put %.0f us, get %.0f us",
                micros(MANY / 20, 1, i -> store.put(key(StableId.random(), i + 1))),
                micros(MANY / 20, 1, i -> store.get(ids[i]).orElseThrow()));
            ForgetLog log = stores.forgetLog(DAY, Duration.ofSeconds(120), CLOCK);
            double append = micros(MANY / 2, 1, i -> log.append(List.of(forgotten(i + 1))));
            print("PostgreSQL, %d forgotten clients: %.0f bytes each, %.0f us by one thread", MANY / 2,
                number(sql, "SELECT pg_total_relation_size('figures_forgotten')") / (MANY / 2.0), append);
        }
    }

    private static long number(Connection connection, String query) throws SQLException
    {
        try (Statement statement = connection.createStatement(); ResultSet rows = statement.executeQuery(query))
        {
            rows.next();
            return rows.getLong(1);
        }
    }

    @AfterAll
    static void stop()
    {
        JettyProcess.RUNNING.forEach(JettyProcess::kill);
    }

    @Test
    void handshakes() throws Exception
    {
        try (RedisServer redis = RedisServer.start();
            JettyProcess jetty = ModuleBase.plain("figures").modules("tls-resumption-redis")
                .deploy(Probe.war(), "probe")
                .property("jetty.tlsResumption.rules", "ticket host=" + ONE + " mode=ticket; cache host=" + TWO + " mode=cache")
                .property("jetty.tlsResumption.ticketKeyPassphrase", PASSPHRASE)
                .property("jetty.tlsResumption.redis.uri", redis.uri())
                .property("jetty.tlsResumption.redis.timeout", "5000")
                .start())
        {
            JsseClient first = new JsseClient(jetty.port(), ONE, TLS13);
            Await.until(PATIENCE, () -> resumes(first), jetty::log);
            for (String host : List.of(ONE, TWO))
            {
                for (String protocol : List.of(TLS13, TLS12))
                {
                    String name = (host.equals(ONE) ? "ticket" : "cache") + ", " + protocol;
                    new JsseClient(jetty.port(), host, protocol).get(Probe.PATH);
                    count(redis, name + ", full", false, () -> new JsseClient(jetty.port(), host, protocol));
                    JsseClient client = new JsseClient(jetty.port(), host, protocol);
                    client.get(Probe.PATH);
                    count(redis, name + ", resumed", true, () -> client);
                }
            }
            ask(redis, Command.CONFIG, "RESETSTAT");
            LockSupport.parkNanos(PATIENCE.toNanos());
            print("one idle node, in a second: %.1f commands, those of scripts included; %s bytes to Redis, %s from it",
                Double.parseDouble(info(redis, "stats").get("total_commands_processed")) / PATIENCE.toSeconds(),
                Long.parseLong(info(redis, "stats").get("total_net_input_bytes")) / PATIENCE.toSeconds(),
                Long.parseLong(info(redis, "stats").get("total_net_output_bytes")) / PATIENCE.toSeconds());
        }
    }

    private static boolean resumes(JsseClient client)
    {
        try
        {
            return client.get(Probe.PATH).resumed();
        }
        catch (IOException e)
        {
            return false;
        }
    }

    private interface Clients
    {
        JsseClient next();
    }

    private static void count(RedisServer redis, String name, boolean resumed, Clients clients) throws IOException
    {
        ask(redis, Command.CONFIG, "RESETSTAT");
        int resumptions = 0;
        long start = System.nanoTime();
        for (int i = 0; i < HANDSHAKES; i++)
        {
            if (clients.next().get(Probe.PATH).resumed())
            {
                resumptions++;
            }
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        StringBuilder commands = new StringBuilder();
        info(redis, "commandstats").forEach((command, values) -> commands.append(' ').append(command.replace("cmdstat_", "")).append(' ')
            .append(values.replaceAll("calls=(\\d+),.*", "$1")));
        Map<String, String> stats = info(redis, "stats");
        print("%s: %d handshakes in %.1f s:%s; %s bytes to Redis, %s from it", name, HANDSHAKES, seconds, commands,
            stats.get("total_net_input_bytes"), stats.get("total_net_output_bytes"));
        assertEquals(resumed ? HANDSHAKES : 0, resumptions, name);
    }
}
