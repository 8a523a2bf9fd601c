package io.github.tlsresumption.cluster.redis;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

import io.github.tlsresumption.forget.ForgetList;
import io.github.tlsresumption.forget.ForgetLog;
import io.github.tlsresumption.forget.ForgetLogEntry;
import io.github.tlsresumption.forget.ForgetLogEntry.Bind;
import io.github.tlsresumption.forget.ForgetLogEntry.Forget;
import io.github.tlsresumption.forget.ForgetLogEntry.ForgetEveryone;
import io.github.tlsresumption.forget.ForgetLogEntry.ForgetPrincipal;
import io.github.tlsresumption.forget.ForgetLogLines;
import io.github.tlsresumption.it.OnAnyJdk;
import io.github.tlsresumption.it.StartsProcesses;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.Protocol.Command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

@OnAnyJdk
@StartsProcesses
class RedisForgetLogTest
{
    private static final Duration LONGEST = Duration.ofHours(1);
    private static final Instant NOW = Instant.ofEpochMilli(System.currentTimeMillis());

    private final Clock clock = Clock.systemUTC();
    private final List<AutoCloseable> opened = new ArrayList<>();
    private RedisServer redis;
    private ForgetLog here;
    private ForgetLog there;

    @BeforeEach
    void open()
    {
        redis = RedisServer.start();
        opened.add(redis);
        here = log(redis.uri());
        there = log(redis.uri());
    }

    @AfterEach
    void close() throws Exception
    {
        for (int i = opened.size() - 1; i >= 0; i--)
        {
            opened.get(i).close();
        }
    }

    private ForgetLog log(String uri)
    {
        RedisStores stores = new RedisStores(uri, RedisStoresTest.PASSPHRASE);
        ForgetLog log = stores.forgetLog(LONGEST, Duration.ZERO, clock);
        opened.add(stores);
        opened.add(log);
        return log;
    }

    private RedisClient client()
    {
        RedisClient client = redis.client();
        opened.add(client);
        return client;
    }

    private static List<ForgetLogEntry> read(ForgetLog log) throws IOException
    {
        List<ForgetLogEntry> entries = new ArrayList<>();
        log.read(entries::add);
        return entries;
    }

    /**
     * A connection from before is found dead by whoever asks first, who asks again with the next poll.
     */
    private void restart() throws IOException
    {
        redis.kill();
        for (ForgetLog log : List.of(here, there))
        {
            assertThrows(IOException.class, () -> read(log));
        }
        redis.again();
    }

    private static boolean forgetsEveryone(List<ForgetLogEntry> entries, Instant since)
    {
        return entries.stream().anyMatch(entry -> entry instanceof ForgetEveryone everyone && !everyone.before().isBefore(since));
    }

    @Test
    void aLogThatBeginsAgainHasNothingOfBeforeForAnybody() throws IOException
    {
        here.append(List.of(new Forget(1, NOW.plus(Duration.ofDays(2)))));
        read(here);
        read(there);
        ForgetEveryone everyone = new ForgetEveryone(NOW);
        here.beginAgain(everyone);
        assertEquals(List.of(), read(here));
        assertEquals(List.of(everyone), read(there));
        assertEquals(List.of(everyone), read(log(redis.uri())));
        there.append(List.of(new Forget(2, NOW)));
        assertEquals(List.of(new Forget(2, NOW)), read(here));
    }

    @Test
    void aNewLogForgetsEveryoneFromBefore() throws IOException
    {
        List<ForgetLogEntry> entries = read(here);
        assertEquals(1, entries.size());
        assertTrue(forgetsEveryone(entries, NOW));
        assertEquals(List.of(), read(here));
        assertEquals(entries, read(there));
    }

    @Test
    void whatIsAddedReachesEveryReaderOnceAndInOrder() throws IOException
    {
        read(here);
        read(there);
        List<ForgetLogEntry> entries = List.of(new Forget(-1, NOW), new ForgetPrincipal(2, NOW), new Bind(3, NOW, 4, NOW),
            new ForgetEveryone(NOW.minusSeconds(60)));
        here.append(entries);
        assertEquals(entries, read(here));
        assertEquals(entries, read(there));
        assertEquals(List.of(), read(there));
    }

    @Test
    void whatTheReaderDidNotTakeComesAgain() throws IOException
    {
        read(there);
        here.append(List.of(new Forget(1, NOW), new Forget(2, NOW)));
        assertThrows(IllegalStateException.class, () -> there.read(entry ->
        {
            if (entry.equals(new Forget(2, NOW)))
            {
                throw new IllegalStateException();
            }
        }));
        assertEquals(List.of(new Forget(2, NOW)), read(there));
    }

    @Test
    void moreThanOneBatchIsWrittenAndRead() throws IOException
    {
        read(there);
        List<ForgetLogEntry> entries = new ArrayList<>();
        for (int i = 0; i < 2_500; i++)
        {
            entries.add(new Forget(i, NOW));
        }
        here.append(entries);
        assertEquals(entries, read(there));
    }

    @Test
    void ofConcurrentWritersNothingIsLost() throws Exception
    {
        int writers = 4;
        int each = 250;
        Set<ForgetLogEntry> found = ConcurrentHashMap.newKeySet();
        CountDownLatch running = new CountDownLatch(writers);
        for (int w = 0; w < writers; w++)
        {
            ForgetLog log = log(redis.uri());
            int first = w * each;
            new Thread(() ->
            {
                try
                {
                    for (int i = 0; i < each; i++)
                    {
                        log.append(List.of(new Forget(first + i, NOW)));
                    }
                }
                catch (IOException e)
                {
                    throw new AssertionError(e);
                }
                finally
                {
                    running.countDown();
                }
            }).start();
        }
        while (running.getCount() > 0)
        {
            there.read(found::add);
        }
        there.read(found::add);
        Set<ForgetLogEntry> expected = new HashSet<>();
        for (int i = 0; i < writers * each; i++)
        {
            expected.add(new Forget(i, NOW));
        }
        found.removeIf(ForgetEveryone.class::isInstance);
        assertEquals(expected, found);
    }

    @Test
    void anEmptiedRedisForgetsEveryoneFromBefore() throws IOException
    {
        read(here);
        here.append(List.of(new Forget(1, NOW)));
        read(there);
        Instant before = Instant.ofEpochMilli(clock.millis());
        restart();
        assertTrue(forgetsEveryone(read(there), before));
        assertTrue(forgetsEveryone(read(here), before));
    }

    @Test
    void aRedisThatIsEmptiedAndWrittenByAnotherForgetsEveryoneToo() throws IOException
    {
        read(there);
        Instant before = Instant.ofEpochMilli(clock.millis());
        restart();
        here.append(List.of(new Forget(1, NOW)));
        List<ForgetLogEntry> entries = read(there);
        assertTrue(forgetsEveryone(entries, before));
        assertTrue(entries.contains(new Forget(1, NOW)));
    }

    @Test
    void aRedisThatCameBackFromASnapshotForgetsEveryoneForAll() throws IOException
    {
        read(here);
        here.append(List.of(new Forget(1, NOW)));
        read(here);
        client().call(Command.SAVE);
        Files.copy(redis.directory().resolve("dump.rdb"), redis.directory().resolve("old.rdb"), StandardCopyOption.REPLACE_EXISTING);
        // Nobody has read it when it is lost; only who wrote it knows.
        here.append(List.of(new Forget(2, NOW)));
        Instant before = Instant.ofEpochMilli(clock.millis());
        restart();
        read(there);
        there.append(List.of(new Forget(3, NOW)));
        assertTrue(forgetsEveryone(read(here), before));
        assertTrue(forgetsEveryone(read(there), before));
        assertTrue(forgetsEveryone(read(log(redis.uri())), before));
        Instant after = Instant.ofEpochMilli(clock.millis() + 1);
        assertFalse(forgetsEveryone(read(here), after), "once only");
    }

    @Test
    void aRestartThatLosesNothingForgetsNobody() throws IOException
    {
        read(here);
        here.append(List.of(new Forget(1, NOW)));
        read(here);
        read(there);
        client().call(Command.SAVE);
        restart();
        assertEquals(List.of(), read(here));
        assertEquals(List.of(), read(there));
    }

    @Test
    void aDamagedEntryForgetsEveryone() throws IOException
    {
        read(there);
        Instant before = Instant.ofEpochMilli(clock.millis());
        client().call(Command.XADD, "tls-resumption:forgotten", "*", "e", "forget 0000000000000001 1 00000000");
        assertTrue(forgetsEveryone(read(there), before));
    }

    @Test
    void whatNoLongerMattersLeaves() throws IOException
    {
        read(here);
        long old = clock.millis() - Duration.ofHours(2).toMillis() - 10_000;
        RedisClient client = client();
        client.call(Command.DEL, "tls-resumption:forgotten");
        // Redis lets go of whole nodes of its list, of 100 entries each.
        for (int i = 0; i < 250; i++)
        {
            client.call(Command.XADD, "tls-resumption:forgotten", String.valueOf(old + i), "e", "x");
        }
        ForgetLog fresh = log(redis.uri());
        fresh.append(List.of(new Forget(1, NOW)));
        long left = (Long)client.call(Command.XLEN, "tls-resumption:forgotten");
        assertTrue(left < 100, left + " left");
    }

    @Test
    void anIdleReaderWhoseLastEntryHasExpiredForgetsNobody() throws IOException
    {
        read(there);
        RedisClient client = client();
        long old = clock.millis() - Duration.ofHours(2).toMillis() - 10_000;
        client.call(Command.DEL, "tls-resumption:forgotten");
        client.call(Command.XADD, "tls-resumption:forgotten", String.valueOf(old), "e",
            ForgetLogLines.encode(new Forget(1, NOW)));
        ForgetLog idle = log(redis.uri());
        read(idle);
        client.call(Command.XTRIM, "tls-resumption:forgotten", "MAXLEN", 0);
        assertEquals(List.of(), read(idle));
    }

    @Test
    void aForgetIsNoticedAtOnceElsewhere() throws Exception
    {
        ForgetList local = new ForgetList(here, LONGEST, 100, 100, clock);
        ForgetList remote = new ForgetList(there, LONGEST, 100, 100, clock);
        Semaphore noticed = new Semaphore(0);
        there.listen(() ->
        {
            remote.poll();
            noticed.release();
        });
        assertTrue(noticed.tryAcquire(5, TimeUnit.SECONDS), "when it is connected");
        long start = System.nanoTime();
        Instant later = clock.instant().plusSeconds(1);
        local.forget(5, later);
        // Nobody looks but for the notice.
        assertTrue(noticed.tryAcquire(20, TimeUnit.SECONDS));
        assertTrue(remote.isForgotten(9, later, 5));
        System.out.printf("forgotten elsewhere after %d ms%n", Duration.ofNanos(System.nanoTime() - start).toMillis());
    }

    @Test
    void noticesComeBackWithRedis() throws Exception
    {
        Semaphore noticed = new Semaphore(0);
        there.listen(noticed::release);
        assertTrue(noticed.tryAcquire(5, TimeUnit.SECONDS));
        redis.kill();
        redis.again();
        assertTrue(noticed.tryAcquire(5, TimeUnit.SECONDS), "for what was missed");
        here.append(List.of(new Forget(1, NOW)));
        assertTrue(noticed.tryAcquire(5, TimeUnit.SECONDS));
    }
}
