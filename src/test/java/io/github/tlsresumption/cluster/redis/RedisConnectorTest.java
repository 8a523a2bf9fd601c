package io.github.tlsresumption.cluster.redis;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import io.github.tlsresumption.cluster.Circuit;
import io.github.tlsresumption.crypto.Random;
import io.github.tlsresumption.forget.ForgetLog;
import io.github.tlsresumption.forget.ForgetLogEntry.Forget;
import io.github.tlsresumption.it.Await;
import io.github.tlsresumption.it.Command.Output;
import io.github.tlsresumption.it.OnAnyJdk;
import io.github.tlsresumption.it.StartsProcesses;
import io.github.tlsresumption.it.Tools;
import io.github.tlsresumption.keys.KeyRotation;
import io.github.tlsresumption.keys.TicketKey;
import io.github.tlsresumption.keys.TicketKeyRing;
import io.github.tlsresumption.keys.TicketKeyStore;
import io.github.tlsresumption.keys.TicketKeyStoreException;
import io.github.tlsresumption.keys.TicketKeyStoreException.Kind;
import io.github.tlsresumption.sessions.SessionKey;
import io.github.tlsresumption.sessions.SessionKeyStore;
import io.github.tlsresumption.sessions.SessionKeys;
import io.github.tlsresumption.ticket.StableId;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.SslOptions;
import redis.clients.jedis.exceptions.JedisDataException;

import static io.github.tlsresumption.cluster.redis.RedisStoresTest.assertNoSecretIn;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * Real Sentinels, real Redis Clusters, TLS, users and passwords.
 */
@OnAnyJdk
@StartsProcesses
class RedisConnectorTest
{
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final String NODE_TIMEOUT = "1000";
    private static final int SLOTS = 16_384;

    private final List<AutoCloseable> opened = new ArrayList<>();

    @TempDir
    private Path directory;

    @AfterEach
    void close() throws Exception
    {
        for (int i = opened.size() - 1; i >= 0; i--)
        {
            opened.get(i).close();
        }
    }

    private <T extends AutoCloseable> T opened(T what)
    {
        opened.add(what);
        return what;
    }

    private RedisServer redis(String... options)
    {
        return opened(RedisServer.start(options));
    }

    /**
     * All that a node has on Redis.
     */
    private final class Node
    {
        private final TicketKeyRing ring = KeyRotation.DEFAULT.next(TicketKeyRing.empty(), Clock.systemUTC().instant());
        private final RedisStores stores;
        private final TicketKeyStore keys;
        private final ForgetLog log;
        private final SessionKeyStore sessions;

        Node(String uri)
        {
            stores = opened(new RedisStores(uri, RedisStoresTest.PASSPHRASE));
            stores.setTimeout(1_000);
            keys = stores.ticketKeyStore();
            log = stores.forgetLog(Duration.ofHours(1), Duration.ZERO, Clock.systemUTC());
            sessions = stores.sessionKeyStore(() -> ring, Clock.systemUTC());
            opened.add(keys);
            opened.add(log);
        }

        void write() throws Exception
        {
            assertTrue(keys.compareAndSet(0, ring));
            use();
        }

        /**
         * Fails where any of the stores is not usable.
         */
        void use() throws IOException, TicketKeyStoreException
        {
            keys.stamp();
            assertEquals(ids(ring), ids(keys.load().orElseThrow()));
            log.append(List.of(new Forget(1, Clock.systemUTC().instant())));
            log.read(entry -> assertFalse(entry.toString().isEmpty()));
            SessionKey key = SessionKeys.of(StableId.random(), Clock.systemUTC().instant().plusSeconds(60), 1, "");
            sessions.put(key);
            assertTrue(sessions.get(key.id()).isPresent());
            stores.time();
        }

        boolean isWell()
        {
            try
            {
                use();
                return true;
            }
            catch (IOException | TicketKeyStoreException e)
            {
                return false;
            }
        }

        long millisUntilWell(long since)
        {
            Await.until(LIMIT, this::isWell, () -> "the stores do not come back");
            return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - since);
        }
    }

    private static Set<Long> ids(TicketKeyRing ring)
    {
        return ring.keys().stream().map(TicketKey::id).collect(Collectors.toSet());
    }

    private static String ask(RedisServer redis, Command command, String... arguments)
    {
        Object answer = redis.tell(command, arguments);
        return answer instanceof byte[] ? RedisClient.text(answer) : String.valueOf(answer);
    }

    private static boolean isDone(RedisServer redis, Command command, String... arguments)
    {
        try
        {
            return "OK".equals(ask(redis, command, arguments));
        }
        catch (JedisDataException e)
        {
            return false;
        }
    }

    // Sentinel.

    private RedisServer sentinel(int primary, String... more)
    {
        List<String> lines = new ArrayList<>(List.of("sentinel monitor ours 127.0.0.1 " + primary + " 1",
            "sentinel down-after-milliseconds ours 500", "sentinel failover-timeout ours 3000"));
        lines.addAll(List.of(more));
        return opened(RedisServer.sentinel(lines.toArray(String[]::new)));
    }

    private static String primaryOf(RedisServer sentinel)
    {
        List<?> hostAndPort = (List<?>)sentinel.tell(Command.SENTINEL, "GET-MASTER-ADDR-BY-NAME", "ours");
        return RedisClient.text(hostAndPort.get(1));
    }

    private static void awaitReplica(RedisServer sentinel, RedisServer primary)
    {
        Await.until(LIMIT, () -> !((List<?>)sentinel.tell(Command.SENTINEL, "REPLICAS", "ours")).isEmpty(), () -> "no replica");
        Await.until(LIMIT, () -> primary.tell(Command.WAIT, "1", "100").equals(1L), () -> "the replica lags behind");
    }

    /**
     * The first Sentinel is dead.
     */
    private static String bySentinel(RedisServer sentinel, String login)
    {
        return "redis-sentinel://" + login + "127.0.0.1:" + RedisServer.freePort() + ",127.0.0.1:" + sentinel.port() + "/?master=ours";
    }

    @Test
    void whenThePrimaryDiesTheOneThatSentinelsMakeNextIsUsed() throws Exception
    {
        RedisServer primary = redis();
        RedisServer replica = redis("--replicaof", "127.0.0.1 " + primary.port());
        RedisServer sentinel = sentinel(primary.port());
        Node node = new Node(bySentinel(sentinel, ""));
        node.write();
        Semaphore news = new Semaphore(0);
        node.keys.listen(news::release);
        assertTrue(news.tryAcquire(LIMIT.toSeconds(), TimeUnit.SECONDS), "when it is connected");
        awaitReplica(sentinel, primary);

        long start = System.nanoTime();
        primary.kill();
        assertFalse(node.isWell());
        System.out.println("Sentinel: the primary was killed, all stores work again after " + node.millisUntilWell(start) + " ms");
        assertEquals(String.valueOf(replica.port()), primaryOf(sentinel));

        // Notices too; one comes whenever it is connected.
        assertTrue(news.tryAcquire(LIMIT.toSeconds(), TimeUnit.SECONDS));
        news.drainPermits();
        assertTrue(new Node(bySentinel(sentinel, "")).keys.compareAndSet(1, KeyRotation.DEFAULT.rotated(node.ring,
            Clock.systemUTC().instant(), () -> Random.bytes(32), true)));
        assertTrue(news.tryAcquire(LIMIT.toSeconds(), TimeUnit.SECONDS), "when there is another ring");
    }

    @Test
    void aPrimaryThatSentinelsReplaceWhileItRunsIsLeft() throws Exception
    {
        RedisServer primary = redis();
        redis("--replicaof", "127.0.0.1 " + primary.port());
        RedisServer sentinel = sentinel(primary.port());
        Node node = new Node(bySentinel(sentinel, ""));
        node.write();
        awaitReplica(sentinel, primary);
        // It may not have heard of the replica for a moment, on a busy machine.
        Await.until(LIMIT, () -> isDone(sentinel, Command.SENTINEL, "FAILOVER", "ours"), () -> "no failover");
        Await.until(LIMIT, () -> ((List<?>)primary.tell(Command.ROLE)).size() == 5, () -> "it is still the primary");
        long start = System.nanoTime();
        System.out.println("Sentinel: the primary was replaced, all stores work again after " + node.millisUntilWell(start) + " ms");
        node.use();
    }

    @Test
    void sentinelsMayHaveTheSamePasswordOrNone() throws Exception
    {
        RedisServer primary = redis("--requirepass", "open");
        for (String[] more : new String[][]{{}, {"requirepass open"}})
        {
            RedisServer sentinel = sentinel(primary.port(), Stream.concat(Stream.of("sentinel auth-pass ours open"), Stream.of(more))
                .toArray(String[]::new));
            assertEquals("", new Node(bySentinel(sentinel, ":open@")).keys.stamp());
            assertRefused("WRONGPASS", new Node(bySentinel(sentinel, ":sesame@")));
            assertRefused("NOAUTH", new Node(bySentinel(sentinel, "")));
        }
    }

    @Test
    void aNameThatSentinelsDoNotKnowIsSaid()
    {
        RedisServer sentinel = sentinel(redis().port());
        Node node = new Node(bySentinel(sentinel, "").replace("=ours", "=theirs"));
        TicketKeyStoreException failed = assertThrows(TicketKeyStoreException.class, node.keys::stamp);
        assertEquals(Kind.UNAVAILABLE, failed.kind());
        assertTrue(failed.getMessage().contains("knows no master 'theirs'"), failed.getMessage());
    }

    // Redis Cluster.

    private RedisServer clustered(int bus, String... options)
    {
        List<String> all = new ArrayList<>(List.of("--cluster-enabled", "yes", "--cluster-port", String.valueOf(bus),
            "--cluster-node-timeout", NODE_TIMEOUT, "--cluster-replica-validity-factor", "0", "--cluster-allow-replica-migration",
            "no"));
        all.addAll(List.of(options));
        return redis(all.toArray(String[]::new));
    }

    /**
     * Three nodes, of which the last has the slot of our keys and no other.
     */
    private List<RedisServer> cluster(String... options)
    {
        List<RedisServer> nodes = new ArrayList<>();
        for (int i = 0; i < 3; i++)
        {
            int bus = RedisServer.freePort();
            nodes.add(clustered(bus, options));
            assertEquals("OK", ask(nodes.get(0), Command.CLUSTER, "MEET", "127.0.0.1", clientPort(nodes.get(i)), String.valueOf(bus)));
        }
        int slot = Integer.parseInt(ask(nodes.get(0), Command.CLUSTER, "KEYSLOT", "{tls-resumption}"));
        int middle = SLOTS / 2;
        assertTrue(slot > middle, "slot " + slot);
        addSlots(nodes.get(0), 0, middle);
        addSlots(nodes.get(1), middle + 1, slot - 1);
        addSlots(nodes.get(1), slot + 1, SLOTS - 1);
        addSlots(nodes.get(2), slot, slot);
        nodes.forEach(RedisConnectorTest::awaitOk);
        return nodes;
    }

    private static void addSlots(RedisServer node, int from, int to)
    {
        assertEquals("OK", ask(node, Command.CLUSTER, "ADDSLOTSRANGE", String.valueOf(from), String.valueOf(to)));
    }

    private static void awaitOk(RedisServer node)
    {
        Await.until(LIMIT, () -> ask(node, Command.CLUSTER, "INFO").contains("cluster_state:ok"),
            () -> ask(node, Command.CLUSTER, "NODES"));
    }

    /**
     * With TLS it is by that port that nodes know each other.
     */
    private static String clientPort(RedisServer node)
    {
        String tls = RedisClient.text(((List<?>)node.tell(Command.CONFIG, "GET", "tls-port")).get(1));
        return tls.equals("0") ? String.valueOf(node.port()) : tls;
    }

    private static String idOf(RedisServer node)
    {
        return ask(node, Command.CLUSTER, "MYID");
    }

    private static long keysOf(RedisServer node)
    {
        return (Long)node.tell(Command.DBSIZE);
    }

    @Test
    void theNodeOfAClusterThatHasOurKeysIsFoundAndFollowed() throws Exception
    {
        List<RedisServer> nodes = cluster();
        Node node = new Node("redis-cluster://127.0.0.1:" + nodes.get(0).port());
        Semaphore news = new Semaphore(0);
        node.keys.listen(news::release);
        assertTrue(news.tryAcquire(LIMIT.toSeconds(), TimeUnit.SECONDS), "when it is connected");
        node.write();
        assertTrue(news.tryAcquire(LIMIT.toSeconds(), TimeUnit.SECONDS), "when there is a ring");
        assertEquals(0, keysOf(nodes.get(0)));
        assertEquals(0, keysOf(nodes.get(1)));
        assertNotEquals(0, keysOf(nodes.get(2)));

        // The slot moves to the second one, while it is in use.
        RedisServer from = nodes.get(2);
        RedisServer to = nodes.get(1);
        String slot = ask(from, Command.CLUSTER, "KEYSLOT", "{tls-resumption}");
        to.tell(Command.CLUSTER, "SETSLOT", slot, "IMPORTING", idOf(from));
        from.tell(Command.CLUSTER, "SETSLOT", slot, "MIGRATING", idOf(to));
        assertNotEquals("", node.keys.stamp(), "what has not moved is found");
        for (Object key : (List<?>)from.tell(Command.CLUSTER, "GETKEYSINSLOT", slot, "1000"))
        {
            from.tell(Command.MIGRATE, "127.0.0.1", String.valueOf(to.port()), RedisClient.text(key), "0", "5000");
        }
        for (RedisServer each : List.of(to, from, nodes.get(0)))
        {
            each.tell(Command.CLUSTER, "SETSLOT", slot, "NODE", idOf(to));
        }
        long start = System.nanoTime();
        System.out.println("Redis Cluster: the keys have moved, all stores work after " + node.millisUntilWell(start) + " ms");
        assertEquals(0, keysOf(from));
        assertNotEquals(0, keysOf(to));
    }

    @Test
    void whenTheNodeOfOurKeysDiesItsReplicaIsUsed() throws Exception
    {
        List<RedisServer> nodes = cluster();
        int bus = RedisServer.freePort();
        RedisServer replica = clustered(bus);
        nodes.get(0).tell(Command.CLUSTER, "MEET", "127.0.0.1", String.valueOf(replica.port()), String.valueOf(bus));
        RedisServer owner = nodes.get(2);
        Await.until(LIMIT, () -> ask(replica, Command.CLUSTER, "NODES").contains(idOf(owner)), () -> "they do not meet");
        assertEquals("OK", ask(replica, Command.CLUSTER, "REPLICATE", idOf(owner)));
        Node node = new Node("redis-cluster://127.0.0.1:" + nodes.get(0).port() + ",127.0.0.1:" + nodes.get(1).port());
        node.write();
        Await.until(LIMIT, () -> owner.tell(Command.WAIT, "1", "100").equals(1L), () -> "the replica lags behind");
        Await.until(LIMIT, () -> ask(nodes.get(1), Command.CLUSTER, "NODES").contains("slave " + idOf(owner)),
            () -> "no replica is known");
        long start = System.nanoTime();
        owner.kill();
        assertFalse(node.isWell());
        System.out.println("Redis Cluster: the node was killed, all stores work again after " + node.millisUntilWell(start) + " ms");
        assertNotEquals(0, keysOf(replica));
    }

    @Test
    void aNodeOfAClusterThatIsNamedAloneSaysWhatToWrite()
    {
        RedisServer redis = cluster().get(0);
        TicketKeyStoreException failed = assertThrows(TicketKeyStoreException.class, () -> new Node(redis.uri()).keys.load());
        assertTrue(failed.getMessage().contains("write redis-cluster:// in jetty.tlsResumption.redis.uri"), failed.getMessage());
    }

    // TLS.

    /**
     * A certificate, which is its own issuer, and its key.
     */
    private record Certificate(Path certificate, Path key)
    {
        String[] options(int tlsPort, String... more)
        {
            return Stream.concat(Stream.of("--tls-port", String.valueOf(tlsPort), "--tls-cert-file", certificate.toString(),
                "--tls-key-file", key.toString(), "--tls-ca-cert-file", certificate.toString(), "--tls-auth-clients", "no"),
                Stream.of(more)).toArray(String[]::new);
        }

        SslOptions trust() throws Exception
        {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            try (InputStream in = Files.newInputStream(certificate))
            {
                store.setCertificateEntry("redis", CertificateFactory.getInstance("X.509").generateCertificate(in));
            }
            Path file = certificate.resolveSibling("trust.p12");
            char[] password = "changeit".toCharArray();
            try (OutputStream out = Files.newOutputStream(file))
            {
                store.store(out, password);
            }
            return SslOptions.builder().trustStoreType("PKCS12").truststore(file.toFile(), password).build();
        }
    }

    private Certificate certificate(String names)
    {
        Path certificate = directory.resolve("redis.crt");
        Path key = directory.resolve("redis.key");
        Output made = io.github.tlsresumption.it.Command.run(directory, List.of(Tools.require("openssl").toString(), "req", "-x509",
            "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=redis", "-addext", "subjectAltName=" + names, "-keyout",
            key.toString(), "-out", certificate.toString()));
        made.succeeded();
        return new Certificate(certificate, key);
    }

    private RedisClient client(String uri, SslOptions trust)
    {
        return client(uri, trust, LIMIT);
    }

    private RedisClient client(String uri, SslOptions trust, Duration patience)
    {
        RedisConnector connector = new RedisConnector(RedisAddress.parse(uri), "{tls-resumption}:ring", trust);
        return opened(new RedisClient(connector, "Redis", patience, patience, 1, Circuit.none()));
    }

    private static void assertUsable(RedisClient client) throws IOException
    {
        client.requirePrimary();
        client.call(Command.SET, "{tls-resumption}:x", "y");
        assertEquals("y", RedisClient.text(client.call(Command.GET, "{tls-resumption}:x")));
    }

    private static void assertFails(String text, RedisClient client)
    {
        IOException failed = assertThrows(IOException.class, () -> client.call(Command.GET, "{tls-resumption}:x"));
        assertTrue(failed.getMessage().contains(text), failed.getMessage());
        assertNoSecretIn(failed);
    }

    @Test
    void byTlsCertificateAndHostAreChecked() throws Exception
    {
        Certificate certificate = certificate("DNS:localhost");
        int port = RedisServer.freePort();
        RedisServer redis = redis(certificate.options(port, "--requirepass", "sesame"));
        assertUsable(client("rediss://:sesame@localhost:" + port, certificate.trust()));
        assertFails("127.0.0.1", client("rediss://:sesame@127.0.0.1:" + port, certificate.trust()));
        assertFails("certification path", client("rediss://:sesame@localhost:" + port, SslOptions.defaults()));
        // Either side waits for the other to say something.
        Duration patience = Duration.ofSeconds(2);
        assertFails("is not usable", client("rediss://:sesame@localhost:" + redis.port(), certificate.trust(), patience));
        assertFails("is not usable", client("redis://:sesame@localhost:" + port, certificate.trust(), patience));
    }

    @Test
    void sentinelsAndWhomTheyNameAreAskedByTls() throws Exception
    {
        Certificate certificate = certificate("IP:127.0.0.1");
        int port = RedisServer.freePort();
        redis(certificate.options(port));
        int sentinelPort = RedisServer.freePort();
        sentinel(port, "tls-port " + sentinelPort, "tls-replication yes", "tls-auth-clients no",
            "tls-cert-file " + certificate.certificate(), "tls-key-file " + certificate.key(),
            "tls-ca-cert-file " + certificate.certificate());
        assertUsable(client("rediss-sentinel://127.0.0.1:" + sentinelPort + "?master=ours", certificate.trust()));
        assertFails("localhost", client("rediss-sentinel://localhost:" + sentinelPort + "?master=ours", certificate.trust()));
    }

    @Test
    void theNodeOfAClusterIsFoundByTls() throws Exception
    {
        Certificate certificate = certificate("IP:127.0.0.1");
        List<RedisServer> nodes = new ArrayList<>();
        for (int i = 0; i < 2; i++)
        {
            int bus = RedisServer.freePort();
            nodes.add(clustered(bus, certificate.options(RedisServer.freePort(), "--tls-cluster", "yes")));
            nodes.get(0).tell(Command.CLUSTER, "MEET", "127.0.0.1", clientPort(nodes.get(i)), String.valueOf(bus));
        }
        addSlots(nodes.get(1), 0, SLOTS - 1);
        nodes.forEach(RedisConnectorTest::awaitOk);
        assertUsable(client("rediss-cluster://127.0.0.1:" + clientPort(nodes.get(0)), certificate.trust()));
        assertEquals(1, keysOf(nodes.get(1)));
    }

    // Users and passwords.

    private static void assertRefused(String text, Node node)
    {
        for (TicketKeyStoreException refused : Arrays.asList(assertThrows(TicketKeyStoreException.class, node.keys::stamp),
            assertThrows(TicketKeyStoreException.class, () -> node.keys.compareAndSet(0, node.ring))))
        {
            assertEquals(Kind.REFUSED, refused.kind(), refused.getMessage());
            assertTrue(refused.getMessage().contains(text), refused.getMessage());
            assertNoSecretIn(refused);
        }
        IOException failed = assertThrows(IOException.class, () -> node.log.append(List.of(new Forget(1, Clock.systemUTC().instant()))));
        assertTrue(failed.getMessage().contains(text), failed.getMessage());
        assertNoSecretIn(failed);
        assertNoSecretIn(assertThrows(IOException.class, () -> node.sessions.get(StableId.random())));
    }

    @Test
    void aWrongPasswordOfAClusterIsRefusedAndNeverShown() throws Exception
    {
        RedisServer redis = clustered(RedisServer.freePort(), "--requirepass", "open");
        try (redis.clients.jedis.Jedis jedis = new redis.clients.jedis.Jedis("127.0.0.1", redis.port()))
        {
            jedis.auth("open");
            jedis.sendCommand(Command.CLUSTER, "ADDSLOTSRANGE", "0", String.valueOf(SLOTS - 1));
            Await.until(LIMIT, () -> jedis.clusterInfo().contains("cluster_state:ok"), jedis::clusterInfo);
        }
        new Node("redis-cluster://:open@127.0.0.1:" + redis.port()).write();
        assertRefused("WRONGPASS", new Node("redis-cluster://:sesame@127.0.0.1:" + redis.port()));
        assertRefused("WRONGPASS", new Node("redis-cluster://nobody:sesame@127.0.0.1:" + redis.port()));
    }

    /**
     * @param pattern of our keys and channels
     * @return the rights that the guide names
     */
    private static String[] documentedRights(String pattern) throws IOException
    {
        Matcher rights = Pattern.compile("ACL (SETUSER jetty on >PASSWORD [^`]+)").matcher(Files.readString(Path.of("docs/cluster.md")));
        assertTrue(rights.find());
        return rights.group(1).replace("PASSWORD", "se same:@/").replace("tls-resumption:*", pattern).strip()
            .split("(?<!>se)\\s+");
    }

    @ParameterizedTest
    @CsvSource({"redis,tls-resumption:*", "redis-cluster,{tls-resumption}:*"})
    void aUserMayBeConfinedToOurKeysAndChannels(String scheme, String pattern) throws Exception
    {
        boolean isCluster = scheme.equals("redis-cluster");
        RedisServer redis = isCluster ? clustered(RedisServer.freePort()) : redis();
        if (isCluster)
        {
            addSlots(redis, 0, SLOTS - 1);
            awaitOk(redis);
        }
        assertEquals("OK", ask(redis, Command.ACL, documentedRights(pattern)));
        Node node = new Node(scheme + "://jetty:se%20same%3A%40%2F@127.0.0.1:" + redis.port());
        node.sessions.warm();
        node.write();
        node.sessions.warm();
        Semaphore news = new Semaphore(0);
        node.keys.listen(news::release);
        assertTrue(news.tryAcquire(LIMIT.toSeconds(), TimeUnit.SECONDS), "notices");

        redis.tell(Command.ACL, "SETUSER", "jetty", "resetkeys", "~theirs:*");
        assertRefused("NOPERM", node);
    }
}
