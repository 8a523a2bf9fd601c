package io.github.tlsresumption.cluster.redis;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HexFormat;
import java.util.List;

import io.github.tlsresumption.FakeClock;
import io.github.tlsresumption.it.Await;
import io.github.tlsresumption.it.OnAnyJdk;
import io.github.tlsresumption.it.StartsProcesses;
import io.github.tlsresumption.keys.KeyRotation;
import io.github.tlsresumption.keys.TicketKeyRing;
import io.github.tlsresumption.sessions.SessionKey;
import io.github.tlsresumption.sessions.SessionKeyStore;
import io.github.tlsresumption.sessions.SessionKeys;
import io.github.tlsresumption.ticket.StableId;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.exceptions.JedisConnectionException;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * What of single use is left when Redis loses its newest writes: real servers that are promoted or start again without them.
 */
@OnAnyJdk
@StartsProcesses
class RedisFailoverTest
{
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final Instant START = Instant.parse("2026-11-24T10:00:00Z");
    private static final Instant DEADLINE = START.plus(Duration.ofHours(1));
    private static final String[] NO_ONE = {"NO", "ONE"};

    private final FakeClock clock = new FakeClock(START);
    private final TicketKeyRing ring = KeyRotation.DEFAULT.next(TicketKeyRing.empty(), START);
    private final Deque<AutoCloseable> opened = new ArrayDeque<>();
    private RedisServer first;
    private RedisServer second;
    private SessionKeyStore here;
    private SessionKeyStore there;

    @AfterEach
    void close() throws Exception
    {
        for (AutoCloseable last : opened)
        {
            last.close();
        }
    }

    private <T extends AutoCloseable> T opened(T resource)
    {
        opened.push(resource);
        return resource;
    }

    private RedisServer server(String... options)
    {
        return opened(RedisServer.start(options));
    }

    private RedisServer replicaOf(RedisServer primary, String... options)
    {
        RedisServer replica = server(options);
        replicate(replica, primary);
        return replica;
    }

    private static void replicate(RedisServer replica, RedisServer primary)
    {
        replica.tell(Command.REPLICAOF, "127.0.0.1", String.valueOf(primary.port()));
        Await.until(LIMIT, () -> RedisClient.text(replica.tell(Command.INFO, "replication")).contains("master_link_status:up"),
            () -> "does not replicate");
    }

    private static String name(String kind, SessionKey key)
    {
        return "tls-resumption:" + kind + ":" + HexFormat.of().toHexDigits(key.id().number());
    }

    private static void awaitCopied(String name, RedisServer replica)
    {
        Await.until(LIMIT, () -> replica.tell(Command.EXISTS, name).equals(1L), () -> name + " is not copied");
    }

    private SessionKeyStore store(String uri)
    {
        RedisStores stores = opened(new RedisStores(uri, RedisStoresTest.PASSPHRASE));
        stores.setTimeout(5_000);
        return stores.sessionKeyStore(() -> ring, clock);
    }

    private static SessionKey key()
    {
        return SessionKeys.of(StableId.random(), DEADLINE);
    }

    private static SessionKey next(SessionKey key)
    {
        return SessionKeys.of(key.id(), DEADLINE);
    }

    private static SessionKey read(SessionKeyStore store, SessionKey key) throws IOException
    {
        return store.get(key.id()).orElseThrow();
    }

    private static void assertUsedOnce(SessionKeyStore store) throws IOException
    {
        SessionKey key = key();
        store.put(key);
        SessionKey again = read(store, key);
        assertTrue(store.replace(read(store, key), next(key)), "a new session resumes");
        assertFalse(store.replace(again, next(key)));
        SessionKey held = read(store, key);
        assertTrue(store.reserve(held, 1));
        assertTrue(store.commit(held, next(key), 1));
    }

    /**
     * A primary with a replica, and a store at each.
     */
    private void replicate() throws Exception
    {
        first = server();
        second = replicaOf(first);
        here = store(first.uri());
        there = store(second.uri());
    }

    @Test
    void aReplicaThatIsPromotedWithoutTheNewestWritesLetsNothingBeUsedTwice() throws Exception
    {
        replicate();
        SessionKey tls13 = key();
        SessionKey tls12 = key();
        here.put(tls13);
        here.put(tls12);
        awaitCopied(name("session", tls12), second);

        second.tell(Command.REPLICAOF, NO_ONE);
        SessionKey replayed13 = read(there, tls13);
        SessionKey replayed12 = read(there, tls12);
        assertTrue(here.replace(read(here, tls13), next(tls13)));
        assertTrue(here.reserve(tls12, 1));
        assertTrue(here.commit(tls12, next(tls12), 1));
        assertFalse(there.replace(replayed13, next(tls13)));
        assertFalse(there.reserve(replayed12, 2));
        assertTrue(there.get(tls13.id()).isPresent(), "without single use it is good");
        assertUsedOnce(there);

        replicate(first, second);
        first.tell(Command.REPLICAOF, NO_ONE);
        SessionKeyStore back = store(first.uri());
        assertFalse(back.replace(read(back, tls13), next(tls13)), "nor by the one that is promoted again");
        assertFalse(back.reserve(read(back, tls12), 3));
        assertUsedOnce(back);
    }

    @Test
    void aRedisThatStartsAgainWithAnOlderStateLetsNothingBeUsedTwice() throws Exception
    {
        RedisServer redis = server();
        SessionKeyStore store = store(redis.uri());
        SessionKey key = key();
        store.put(key);
        redis.tell(Command.SAVE);
        SessionKey replayed = read(store, key);
        assertTrue(store.replace(read(store, key), next(key)));
        redis.kill();
        redis.again();
        SessionKeyStore later = store(redis.uri());
        assertTrue(later.get(key.id()).isPresent(), "the older state is back");
        assertFalse(later.replace(replayed, next(key)));
        assertFalse(later.reserve(read(later, key), 1));
        assertUsedOnce(later);
    }

    /**
     * It is too late for a full handshake then, and nobody else holds the ticket: the connection is not to be ended.
     */
    @Test
    void aHandshakeThatHeldATicketWhenRedisFailedOverIsNoSecondUse() throws Exception
    {
        replicate();
        SessionKey key = key();
        here.put(key);
        assertTrue(here.reserve(key, 1));
        awaitCopied(name("reserved", key), second);
        second.tell(Command.REPLICAOF, NO_ONE);
        SessionKey held = read(there, key);
        assertThrows(IOException.class, () -> there.commit(held, next(key), 1));
        assertFalse(there.reserve(held, 2));
    }

    @Test
    void aReplicaThatSentinelsPromoteWithoutTheNewestWritesLetsNothingBeUsedTwice() throws Exception
    {
        first = server("--user", "copier", "on", ">copy", "+psync", "+replconf", "+ping");
        second = replicaOf(first, "--masteruser", "copier", "--masterauth", "copy");
        RedisServer sentinel = opened(RedisServer.sentinel("sentinel monitor ours 127.0.0.1 " + first.port() + " 1",
            "sentinel down-after-milliseconds ours 500", "sentinel failover-timeout ours 3000"));
        Await.until(LIMIT, () -> !((List<?>)sentinel.tell(Command.SENTINEL, "REPLICAS", "ours")).isEmpty(), () -> "no replica");
        SessionKeyStore store = store("redis-sentinel://127.0.0.1:" + sentinel.port() + "/?master=ours");
        SessionKey key = key();
        store.put(key);
        awaitCopied(name("session", key), second);

        first.tell(Command.ACL, "SETUSER", "copier", "off");
        first.tell(Command.CLIENT, "KILL", "TYPE", "replica");
        SessionKey replayed = read(store, key);
        assertTrue(store.replace(read(store, key), next(key)));
        first.kill();
        Await.until(LIMIT, () -> isPrimary(second), () -> "not promoted");
        Await.until(LIMIT, () -> answers(store, key), () -> "the new primary is not found");
        assertFalse(store.replace(replayed, next(key)));
        assertUsedOnce(store);
    }

    private static boolean isPrimary(RedisServer redis)
    {
        try
        {
            return RedisClient.text(redis.tell(Command.INFO, "replication")).contains("role:master");
        }
        catch (JedisConnectionException e)
        {
            // Sentinels end its connections then.
            return false;
        }
    }

    private static boolean answers(SessionKeyStore store, SessionKey key)
    {
        try
        {
            return store.get(key.id()).isPresent();
        }
        catch (IOException e)
        {
            return false;
        }
    }

    /**
     * Rights as earlier releases needed them.
     */
    @Test
    void withoutTheRightToSeeTheReplicationIdSessionsAreUsedAllTheSame() throws Exception
    {
        RedisServer redis = server();
        redis.tell(Command.ACL, "SETUSER", "jetty", "on", ">open", "~*", "&*", "+@all", "-info");
        assertUsedOnce(store("redis://jetty:open@127.0.0.1:" + redis.port()));
    }

    /**
     * Earlier releases had more of the digest in place of the life.
     */
    @Test
    void aSessionThatAnEarlierReleaseHasStoredIsReadAndNotReplaced() throws Exception
    {
        RedisServer redis = server();
        SessionKeyStore store = store(redis.uri());
        SessionKey key = key();
        store.put(key);
        redis.tell(Command.SETRANGE, name("session", key), "40", "\1\2\3\4\5\6\7\1");
        assertTrue(store.get(key.id()).isPresent());
        assertFalse(store.replace(read(store, key), next(key)));
        assertFalse(store.reserve(key, 1));
    }
}
