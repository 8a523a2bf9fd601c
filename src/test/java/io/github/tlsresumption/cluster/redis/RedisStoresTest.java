package io.github.tlsresumption.cluster.redis;

import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;

import io.github.tlsresumption.forget.ForgetLog;
import io.github.tlsresumption.it.OnAnyJdk;
import io.github.tlsresumption.it.StartsProcesses;
import io.github.tlsresumption.keys.TicketKeyRing;
import io.github.tlsresumption.keys.TicketKeyStore;
import io.github.tlsresumption.keys.TicketKeyStoreException;
import io.github.tlsresumption.keys.TicketKeyStoreException.Kind;
import io.github.tlsresumption.sessions.SessionKeyStore;
import io.github.tlsresumption.ticket.StableId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

@OnAnyJdk
@StartsProcesses
class RedisStoresTest
{
    static final Supplier<char[]> PASSPHRASE = () -> "correct horse".toCharArray();

    static void assertNoSecretIn(Throwable thrown)
    {
        for (Throwable cause = thrown; cause != null; cause = cause.getCause())
        {
            assertFalse(String.valueOf(cause).contains("sesame"), String.valueOf(cause));
        }
    }

    @Test
    void withoutAPassphraseItRefuses()
    {
        RedisStores stores = new RedisStores("redis://localhost", () -> new char[0]);
        IllegalStateException refused = assertThrows(IllegalStateException.class, stores::ticketKeyStore);
        assertTrue(refused.getMessage().contains("jetty.tlsResumption.ticketKeyPassphrase"), refused.getMessage());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "localhost:6379", "http://u:sesame@localhost", "redis://u:sesame@", "redis://u:sesame@host:x",
        "redis://u:sesame@host/one", "redis://u:ses ame@host", "redis://u:sesame@host?db=1"})
    void whatIsNoUriIsRefusedWithoutBeingShown(String uri)
    {
        IllegalArgumentException refused = assertThrows(IllegalArgumentException.class, () -> new RedisStores(uri, PASSPHRASE));
        assertTrue(refused.getMessage().contains("jetty.tlsResumption.redis.uri"), refused.getMessage());
        assertNoSecretIn(refused);
        assertFalse(refused.getMessage().contains("ses ame"), refused.getMessage());
    }

    @Test
    void itSaysWhereWithoutThePassword()
    {
        assertEquals("Redis at rediss://host:6380/3, keys tls-resumption:*",
            new RedisStores("rediss://user:sesame@host:6380/3", PASSPHRASE).describe());
        assertEquals("Redis at redis://host:6379/0, keys tls-resumption:*", new RedisStores("redis://:sesame@host", PASSPHRASE).describe());
    }

    @Test
    void settingsOutOfBoundsAreRefusedByName()
    {
        RedisStores stores = new RedisStores("redis://localhost", PASSPHRASE);
        for (long millis : new long[]{0, -1, 10_001})
        {
            assertTrue(assertThrows(IllegalArgumentException.class, () -> stores.setTimeout(millis)).getMessage()
                .contains("jetty.tlsResumption.redis.timeout"));
        }
        for (String prefix : List.of("", "a b", "é", "a".repeat(65)))
        {
            assertTrue(assertThrows(IllegalArgumentException.class, () -> stores.setPrefix(prefix)).getMessage()
                .contains("jetty.tlsResumption.redis.prefix"));
        }
    }

    @Test
    void aWrongPasswordIsRefusedAndNeverShown() throws Exception
    {
        try (RedisServer redis = RedisServer.start("--requirepass", "open"))
        {
            try (RedisStores right = new RedisStores("redis://:open@127.0.0.1:" + redis.port(), PASSPHRASE))
            {
                assertEquals("", right.ticketKeyStore().stamp());
            }
            for (String login : List.of(":sesame@", "nobody:sesame@", ""))
            {
                try (RedisStores wrong = new RedisStores("redis://" + login + "127.0.0.1:" + redis.port(), PASSPHRASE))
                {
                    TicketKeyStore store = wrong.ticketKeyStore();
                    TicketKeyStoreException refused = assertThrows(TicketKeyStoreException.class, store::stamp);
                    assertEquals(Kind.REFUSED, refused.kind(), refused.getMessage());
                    assertNoSecretIn(refused);
                }
            }
        }
    }

    @Test
    void withoutRedisEachStoreSaysSoAndComesBackWithIt() throws Exception
    {
        RedisServer redis = RedisServer.start();
        try (redis; RedisStores stores = new RedisStores(redis.uri(), PASSPHRASE))
        {
            stores.setTimeout(2_000);
            TicketKeyStore keys = stores.ticketKeyStore();
            ForgetLog log = stores.forgetLog(Duration.ofHours(1), Duration.ZERO, Clock.systemUTC());
            SessionKeyStore sessions = stores.sessionKeyStore(TicketKeyRing::empty, Clock.systemUTC());
            sessions.get(StableId.random());
            redis.kill();
            assertEquals(Kind.UNAVAILABLE, assertThrows(TicketKeyStoreException.class, keys::stamp).kind());
            assertThrows(IOException.class, () -> log.read(entry -> fail("there is no log")));
            assertThrows(IOException.class, () -> sessions.get(StableId.random()));
            assertEquals(0, sessions.size());
            redis.again();
            keys.stamp();
            sessions.get(StableId.random());
        }
    }

    @Test
    void nodesTellEachOtherHowTheirClocksAre() throws Exception
    {
        try (RedisServer redis = RedisServer.start(); RedisStores one = new RedisStores(redis.uri(), PASSPHRASE);
            RedisStores two = new RedisStores(redis.uri(), PASSPHRASE))
        {
            Duration days = Duration.ofDays(2);
            assertEquals(List.of(Duration.ZERO), one.offsets("one", Duration.ZERO));
            assertEquals(List.of(Duration.ZERO, days), two.offsets("two", days).stream().sorted().toList());
            assertEquals(List.of(Duration.ofMillis(-7), days), one.offsets("one", Duration.ofMillis(-7)).stream().sorted().toList());
        }
    }

    @Test
    void itIsUsedAgainAfterItWasClosed() throws Exception
    {
        try (RedisServer redis = RedisServer.start())
        {
            RedisStores stores = new RedisStores(redis.uri(), PASSPHRASE);
            for (int i = 0; i < 2; i++)
            {
                stores.ticketKeyStore().stamp();
                stores.close();
            }
        }
    }
}
