package io.github.tlsresumption.cluster.jdbc;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

import io.github.tlsresumption.FakeClock;
import io.github.tlsresumption.forget.ForgetLog;
import io.github.tlsresumption.forget.ForgetLogEntry;
import io.github.tlsresumption.forget.ForgetLogEntry.Bind;
import io.github.tlsresumption.forget.ForgetLogEntry.Forget;
import io.github.tlsresumption.forget.ForgetLogEntry.ForgetEveryone;
import io.github.tlsresumption.forget.ForgetLogEntry.ForgetPrincipal;
import io.github.tlsresumption.it.OnAnyJdk;
import io.github.tlsresumption.it.StartsProcesses;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

@OnAnyJdk
@StartsProcesses
@ParameterizedClass
@EnumSource(TestDatabase.class)
class JdbcForgetLogTest
{
    private static final Instant T0 = Instant.parse("2026-11-24T10:00:00Z");
    private static final Duration LONGEST = Duration.ofHours(24);

    private final FakeClock clock = new FakeClock(T0);
    private final String prefix = TestDatabase.newPrefix();
    private final String table = prefix + "forgotten";

    @Parameter
    private TestDatabase database;

    private JdbcStores stores;
    private ForgetLog log;
    private ForgetLog other;

    @BeforeEach
    void open()
    {
        stores = database.stores(prefix);
        log = newLog();
        other = newLog();
    }

    @AfterEach
    void close()
    {
        if (stores != null)
        {
            stores.close();
        }
    }

    @Test
    void aNewTableForgetsEveryoneBeforeItAndNobodyAfterwards() throws Exception
    {
        assertEquals(Set.of(new ForgetEveryone(T0)), new HashSet<>(read(log)));
        clock.advance(Duration.ofSeconds(1));
        assertEquals(Set.of(new ForgetEveryone(T0)), new HashSet<>(read(other)));
        assertEquals(List.of(), read(log));
    }

    @Test
    void aLogThatBeginsAgainHasNothingOfBeforeForAnybody() throws Exception
    {
        log.append(List.of(new Forget(1, T0.plus(Duration.ofDays(2))), Bind.mark(T0.plus(Duration.ofDays(2)))));
        read(log);
        read(other);
        log.beginAgain(new ForgetEveryone(T0));
        assertEquals(List.of(new ForgetEveryone(T0)), read(log));
        assertEquals(Set.of(new ForgetEveryone(T0)), new HashSet<>(read(newLog())));
        assertTrue(read(other).stream().allMatch(ForgetEveryone.class::isInstance));
        other.append(List.of(new Forget(2, T0)));
        assertTrue(read(log).contains(new Forget(2, T0)));
    }

    @Test
    void aNodeWhoseClockIsAheadDeletesNothingThatMattersToOthers() throws Exception
    {
        Instant now = Instant.now();
        log.append(List.of(new Forget(1, now)));
        read(log);
        clock.set(now.plus(Duration.ofDays(365)));
        log.append(List.of(new Forget(2, now)));
        read(log);
        assertTrue(read(newLog()).contains(new Forget(1, Instant.ofEpochMilli(now.toEpochMilli()))));
    }

    @Test
    void aNewTableForgetsEveryoneTooWhenItIsWrittenFirst() throws Exception
    {
        log.append(List.of(new Forget(1, T0)));
        assertEquals(List.of(new ForgetEveryone(T0), new Forget(1, T0)), read(other));
    }

    @Test
    void everyKindOfEntryComesOnceToEveryReader() throws Exception
    {
        read(log);
        read(other);
        List<ForgetLogEntry> entries = List.of(new Forget(Long.MIN_VALUE, T0), new ForgetPrincipal(-1, T0.plusMillis(1)),
            new Bind(1, T0.minusMillis(1), 2, T0), new ForgetEveryone(T0.minusSeconds(1)));
        log.append(entries);
        assertEquals(entries, read(other));
        assertEquals(entries, read(log));
        assertEquals(List.of(), read(other));
    }

    @Test
    void manyEntriesComeInOneCall() throws Exception
    {
        read(other);
        List<ForgetLogEntry> entries = IntStream.range(0, 2 * JdbcForgetLog.ENTRIES_PER_ROW + 1)
            .mapToObj(i -> (ForgetLogEntry)new Forget(i, T0)).toList();
        log.append(entries);
        assertEquals(entries, read(other));
        for (int i = 0; i < 230; i++)
        {
            log.append(List.of(new Forget(i, T0)));
        }
        assertEquals(230, read(other).size());
    }

    @Test
    void whatTheSinkDidNotTakeItIsGivenAgain() throws Exception
    {
        read(log);
        log.append(List.of(new Forget(1, T0), new Forget(2, T0)));
        AtomicInteger taken = new AtomicInteger();
        assertThrows(IllegalStateException.class, () -> log.read(entry ->
        {
            if (taken.incrementAndGet() == 2)
            {
                throw new IllegalStateException();
            }
        }));
        assertEquals(List.of(new Forget(1, T0), new Forget(2, T0)), read(log));
    }

    @Test
    void ofConcurrentWritersAReaderMissesNothing() throws Exception
    {
        int writers = 4;
        int each = 50;
        List<Callable<Boolean>> calls = new ArrayList<>();
        List<JdbcStores> nodes = new ArrayList<>();
        AtomicInteger writing = new AtomicInteger(writers);
        for (int w = 0; w < writers; w++)
        {
            JdbcStores node = database.stores(prefix);
            nodes.add(node);
            ForgetLog writer = node.forgetLog(LONGEST, Duration.ZERO, clock);
            int first = w * each;
            calls.add(() ->
            {
                for (int i = 0; i < each; i++)
                {
                    writer.append(List.of(new Forget(first + i, T0)));
                }
                writing.decrementAndGet();
                return true;
            });
        }
        List<ForgetLogEntry> seen = new ArrayList<>();
        calls.add(() ->
        {
            while (writing.get() > 0)
            {
                other.read(seen::add);
            }
            return true;
        });
        JdbcTicketKeyStoreTest.together(calls);
        other.read(seen::add);
        nodes.forEach(JdbcStores::close);
        List<Long> subjects = seen.stream().filter(Forget.class::isInstance).map(entry -> ((Forget)entry).subject()).sorted().toList();
        assertEquals(IntStream.range(0, writers * each).mapToObj(Long::valueOf).toList(), subjects);
        assertEquals(database.number("SELECT MAX(seq) FROM " + table), database.count(table), "no number is left out");
    }

    @Test
    void anEmptiedTableForgetsEveryoneBeforeNow() throws Exception
    {
        read(log);
        log.append(List.of(new Forget(1, T0)));
        read(log);
        clock.advance(Duration.ofMinutes(1));
        database.execute("DELETE FROM " + table);
        assertTrue(read(log).contains(new ForgetEveryone(clock.instant())));
        assertTrue(read(other).contains(new ForgetEveryone(clock.instant())), "who reads it for the first time must know too");
        assertEquals(List.of(), read(log));
    }

    @Test
    void aTableThatWasDroppedIsMadeAnewAndForgetsEveryoneBeforeNow() throws Exception
    {
        read(log);
        clock.advance(Duration.ofMinutes(1));
        database.execute("DROP TABLE " + table);
        assertTrue(read(log).contains(new ForgetEveryone(clock.instant())));
        assertEquals(List.of(), read(log));
    }

    @Test
    void anOlderBackupForgetsEveryoneBeforeNowEvenWhenOthersHaveWrittenToItSince() throws Exception
    {
        for (int i = 0; i < 3; i++)
        {
            log.append(List.of(new Forget(i, T0)));
        }
        read(log);
        database.execute("DELETE FROM " + table + " WHERE seq > 2");
        for (int i = 0; i < 3; i++)
        {
            other.append(List.of(new Forget(10 + i, T0)));
        }
        clock.advance(Duration.ofMinutes(1));
        Set<ForgetLogEntry> seen = new HashSet<>(read(log));
        assertTrue(seen.contains(new ForgetEveryone(clock.instant())));
        assertTrue(seen.contains(new Forget(12, T0)));
    }

    @Test
    void aFirstRowThatIsMissingForgetsEveryoneOnceAndNotForEver() throws Exception
    {
        log.append(List.of(new Forget(1, T0)));
        read(log);
        read(other);
        database.execute("DELETE FROM " + table + " WHERE seq = 1");
        clock.advance(Duration.ofMinutes(1));
        assertTrue(read(log).contains(new ForgetEveryone(clock.instant())));
        assertEquals(List.of(), read(log));
        assertTrue(read(other).contains(new ForgetEveryone(clock.instant())));
        read(log);
        assertEquals(List.of(), read(other));
        assertEquals(List.of(), read(log));
    }

    @Test
    void aDamagedRowForgetsEveryoneBeforeNowAndTheOthersCount() throws Exception
    {
        read(other);
        log.append(List.of(new Forget(1, T0)));
        log.append(List.of(new Forget(2, T0)));
        database.execute("UPDATE " + table + " SET entries = ? WHERE seq = 3", new byte[]{1, 2, 3});
        clock.advance(Duration.ofMinutes(1));
        List<ForgetLogEntry> seen = read(other);
        assertTrue(seen.contains(new ForgetEveryone(clock.instant())) && seen.contains(new Forget(2, T0)), seen.toString());
    }

    @Test
    void expiredRowsAreDeletedExceptTheLastAndNobodyTakesThatForALoss() throws Exception
    {
        read(log);
        read(other);
        log.append(List.of(new Forget(1, T0)));
        read(other);
        log.append(List.of(new Forget(2, T0)));
        log.append(List.of(new Forget(3, T0)));
        read(log);
        long rows = database.count(table);

        clock.set(T0.plus(LONGEST).plus(JdbcForgetLog.MARGIN));
        read(log);
        assertEquals(rows, database.count(table), "not yet");
        clock.advance(JdbcForgetLog.SWEEP_EVERY);
        assertEquals(List.of(), read(log));
        assertEquals(2, database.count(table), "the first and the last");

        // The last one that the other has read is gone.
        assertEquals(List.of(new Forget(3, T0)), read(other));
        log.append(List.of(new Forget(4, clock.instant())));
        assertEquals(List.of(new Forget(4, clock.instant())), read(other));
        assertEquals(List.of(new Forget(4, clock.instant())), read(log));
    }

    @Test
    void aDatabaseThatIsGoneSaysWhere()
    {
        stores.close();
        IOException gone = assertThrows(IOException.class, () -> log.append(List.of(new Forget(1, T0))));
        assertTrue(gone.getMessage().contains(table), gone.getMessage());
        assertThrows(IOException.class, () -> read(log));
    }

    private ForgetLog newLog()
    {
        return stores.forgetLog(LONGEST, Duration.ZERO, clock);
    }

    private static List<ForgetLogEntry> read(ForgetLog from) throws IOException
    {
        List<ForgetLogEntry> entries = new ArrayList<>();
        from.read(entries::add);
        return entries;
    }
}
