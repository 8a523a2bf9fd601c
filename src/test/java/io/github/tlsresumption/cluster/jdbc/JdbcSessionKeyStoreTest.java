package io.github.tlsresumption.cluster.jdbc;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;

import io.github.tlsresumption.FakeClock;
import io.github.tlsresumption.it.OnAnyJdk;
import io.github.tlsresumption.it.StartsProcesses;
import io.github.tlsresumption.keys.KeyRotation;
import io.github.tlsresumption.keys.TicketKeyRing;
import io.github.tlsresumption.sessions.SessionKey;
import io.github.tlsresumption.sessions.SessionKeyStore;
import io.github.tlsresumption.sessions.SessionKeys;
import io.github.tlsresumption.ticket.StableId;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

@OnAnyJdk
@StartsProcesses
@ParameterizedClass
@EnumSource(TestDatabase.class)
class JdbcSessionKeyStoreTest
{
    private static final Instant T0 = Instant.parse("2026-11-24T10:00:00Z");
    private static final Instant DEADLINE = T0.plus(Duration.ofHours(1));
    private static final long CLIENT = -42;

    private final FakeClock clock = new FakeClock(T0);
    private final String prefix = TestDatabase.newPrefix();
    private final String table = prefix + "sessions";
    private TicketKeyRing ring = KeyRotation.DEFAULT.next(TicketKeyRing.empty(), T0);

    @Parameter
    private TestDatabase database;

    private JdbcStores stores;
    private JdbcStores otherStores;
    private JdbcSessionKeyStore store;
    private JdbcSessionKeyStore other;

    @BeforeEach
    void open()
    {
        stores = database.stores(prefix);
        otherStores = database.stores(prefix);
        store = (JdbcSessionKeyStore)stores.sessionKeyStore(() -> ring, clock);
        other = (JdbcSessionKeyStore)otherStores.sessionKeyStore(() -> ring, clock);
    }

    @Test
    void nodesTellEachOtherHowTheirClocksAre() throws Exception
    {
        Duration days = Duration.ofDays(2);
        assertEquals(List.of(Duration.ZERO), stores.offsets("one", Duration.ZERO));
        assertEquals(List.of(Duration.ZERO, days), otherStores.offsets("two", days).stream().sorted().toList());
        assertEquals(List.of(Duration.ofMillis(-7), days), stores.offsets("one", Duration.ofMillis(-7)).stream().sorted().toList());
        store.sweep();
        assertEquals(0, store.size(), "a clock is no session");
        assertEquals(0, store.removeIf(any -> true));
    }

    @Test
    void toWarmItMakesTheTablesAndLeavesNoRow() throws Exception
    {
        store.warm();
        assertEquals(0, database.count(table));
        ring = TicketKeyRing.empty();
        other.warm();
        assertEquals(0, database.count(table));
    }

    @AfterEach
    void close()
    {
        if (otherStores != null)
        {
            store.close();
            other.close();
            stores.close();
            otherStores.close();
        }
    }

    @Test
    void everyNodeHasTheKeyThatOnePut() throws Exception
    {
        SessionKey key = newKey();
        store.put(key);
        SessionKey back = other.get(key.id()).orElseThrow();
        assertArrayEquals(key.secret(), back.secret());
        assertEquals(key.id(), back.id());
        assertEquals(key.deadline(), back.deadline());
        assertEquals(CLIENT, back.clientIdentity());
        assertEquals("rule", back.rule());
        assertEquals(Optional.empty(), other.get(StableId.random()));
        assertEquals(CLIENT, database.number("SELECT client FROM " + table));
    }

    @Test
    void aKeyEndsAtItsDeadline() throws Exception
    {
        SessionKey key = newKey();
        store.put(key);
        clock.set(DEADLINE.minusMillis(1));
        assertTrue(store.get(key.id()).isPresent());
        clock.set(DEADLINE);
        assertEquals(Optional.empty(), store.get(key.id()));
        assertFalse(store.replace(key, newKey(key.id())));
    }

    @Test
    void aDeadlineThatSomebodyMovedInTheTableDoesNotCount() throws Exception
    {
        SessionKey key = newKey();
        store.put(key);
        database.execute("UPDATE " + table + " SET deadline = deadline + 3600000");
        clock.set(DEADLINE);
        assertEquals(Optional.empty(), store.get(key.id()));
    }

    @Test
    void aRowOfAnotherSessionIsNoKey() throws Exception
    {
        SessionKey key = newKey();
        store.put(key);
        StableId thief = StableId.random();
        database.execute("UPDATE " + table + " SET id = ?", thief.toString());
        assertEquals(Optional.empty(), store.get(thief));
        assertEquals(Optional.empty(), store.get(key.id()));
    }

    @Test
    void aKeyIsHeldForOneHandshakeOfAllNodes() throws Exception
    {
        SessionKey key = newKey();
        store.put(key);
        SessionKey seen = other.get(key.id()).orElseThrow();
        assertTrue(store.reserve(key, 1));
        assertFalse(other.reserve(seen, 2));
        SessionKey loser = newKey(key.id());
        assertFalse(other.commit(seen, loser, 2));
        other.release(seen, 2);
        assertFalse(other.reserve(seen, 2), "another's release does not matter");
        store.release(key, 1);
        assertTrue(other.reserve(seen, -2));
        SessionKey next = newKey(key.id());
        assertTrue(other.commit(seen, next, -2));
        assertArrayEquals(next.secret(), store.get(key.id()).orElseThrow().secret());
        assertFalse(store.reserve(key, 3), "it was replaced");
        assertFalse(store.commit(key, loser, 3));
        assertTrue(store.reserve(next, 3));
    }

    /**
     * By the database's clock, which the test moves by moving what it wrote.
     */
    @Test
    void aReservationEndsByTheClockOfTheDatabase() throws Exception
    {
        SessionKey key = newKey();
        store.put(key);
        assertTrue(store.reserve(key, 1));
        database.execute("UPDATE " + table + " SET held_at = held_at + 60000");
        assertTrue(other.reserve(key, 2), "a clock that was set back ends it");
        database.execute("UPDATE " + table + " SET held_at = held_at - " + SessionKeyStore.RESERVATION.toMillis());
        assertTrue(store.reserve(key, 3));
        assertFalse(other.commit(key, newKey(key.id()), 2));
        database.execute("UPDATE " + table + " SET held_at = held_at - " + SessionKeyStore.RESERVATION.toMillis());
        assertTrue(store.commit(key, newKey(key.id()), 3), "late, but nobody has come meanwhile");
    }

    @Test
    void tablesOfAReleaseWithoutReservationsGetThem() throws Exception
    {
        SessionKey key = newKey();
        store.put(key);
        database.execute("ALTER TABLE " + table + " DROP COLUMN holder");
        database.execute("ALTER TABLE " + table + " DROP COLUMN held_at");
        JdbcStores later = database.stores(prefix);
        SessionKeyStore upgraded = later.sessionKeyStore(() -> ring, clock);
        try
        {
            SessionKey seen = upgraded.get(key.id()).orElseThrow();
            assertTrue(upgraded.reserve(seen, 1));
            assertTrue(upgraded.commit(seen, newKey(key.id()), 1));
        }
        finally
        {
            upgraded.close();
            later.close();
        }
    }

    @Test
    void ofManyThatReplaceAKeyOneSucceeds() throws Exception
    {
        for (int round = 0; round < 5; round++)
        {
            SessionKey first = newKey();
            store.put(first);
            List<SessionKey> offered = new ArrayList<>();
            List<Callable<Boolean>> calls = new ArrayList<>();
            for (int i = 0; i < 6; i++)
            {
                JdbcSessionKeyStore through = i % 2 == 0 ? store : other;
                SessionKey seen = through.get(first.id()).orElseThrow();
                SessionKey next = newKey(first.id());
                offered.add(next);
                calls.add(() -> through.replace(seen, next));
            }
            List<Boolean> won = JdbcTicketKeyStoreTest.together(calls);
            assertEquals(1, won.stream().filter(Boolean::booleanValue).count());
            assertArrayEquals(offered.get(won.indexOf(true)).secret(), store.get(first.id()).orElseThrow().secret());
        }
    }

    @Test
    void aReplacedKeyIsOverwritten() throws Exception
    {
        SessionKey key = newKey();
        store.put(key);
        SessionKey next = newKey(key.id());
        assertTrue(store.replace(key, next));
        assertThrows(IllegalStateException.class, key::secret);
        assertArrayEquals(next.secret(), other.get(key.id()).orElseThrow().secret());
    }

    @Test
    void aRemovedKeyIsNotReplacedAndStaysAway() throws Exception
    {
        SessionKey key = newKey();
        store.put(key);
        SessionKey seen = other.get(key.id()).orElseThrow();
        assertEquals(1, store.removeIf(any -> any.id().equals(key.id())));
        assertFalse(other.replace(seen, newKey(key.id())));
        assertEquals(Optional.empty(), store.get(key.id()));
        assertEquals(0, store.removeIf(any -> true));
    }

    @Test
    void theForgottenAreFoundAmongMoreThanABatch() throws Exception
    {
        int count = 2 * SessionTable.BATCH + 1;
        List<StableId> kept = new ArrayList<>();
        for (int i = 0; i < count; i++)
        {
            SessionKey key = SessionKeys.of(StableId.random(), DEADLINE, i % 2, "");
            store.put(key);
            if (i % 2 == 1)
            {
                kept.add(key.id());
            }
        }
        assertEquals(count - kept.size(), other.removeIf(key -> key.clientIdentity() == 0));
        assertEquals(kept.size(), database.count(table));
        assertTrue(store.get(kept.get(0)).isPresent());
        store.sweep();
        assertEquals(kept.size(), store.size());
    }

    @Test
    void whatASubjectConcernsIsFoundWithoutReadingTheOthers() throws Exception
    {
        for (int i = 0; i < 50; i++)
        {
            store.put(SessionKeys.of(StableId.random(), DEADLINE, 1 + i % 5, ""));
        }
        SessionKey own = SessionKeys.of(StableId.random(), DEADLINE, 0, "");
        SessionKey negative = SessionKeys.of(StableId.of(new byte[]{-1, -2, -3, -4, -5, -6, -7, -8, 0, 0, 0, 0, 0, 0, 0, 0,
            -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1}), DEADLINE, 0, "");
        SessionKey next = SessionKeys.of(StableId.of(new byte[]{-1, -2, -3, -4, -5, -6, -7, -7, 0, 0, 0, 0, 0, 0, 0, 0,
            0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}), DEADLINE, 0, "");
        for (SessionKey key : List.of(own, negative, next))
        {
            store.put(key);
        }
        CountingDataSource counting = new CountingDataSource(database);
        try (JdbcStores counted = new JdbcStores(counting.dataSource(), "counted", "a passphrase"::toCharArray,
            new JdbcOptions(prefix, TestDatabase.PATIENT.poolSize(), TestDatabase.PATIENT.timeout())))
        {
            SessionKeyStore sessions = counted.sessionKeyStore(() -> ring, clock);
            sessions.get(own.id());
            counting.rowsRead();

            assertEquals(2, sessions.removeIf(key -> true, Set.of(own.id().number(), negative.id().number())));
            assertEquals(2, counting.rowsRead());
            assertEquals(Optional.empty(), other.get(negative.id()));
            assertTrue(other.get(next.id()).isPresent());

            assertEquals(10, sessions.removeIf(key -> true, Set.of(3L)));
            assertEquals(1 + 10, counting.rowsRead(), "which of them are clients, and their sessions");
            assertEquals(0, sessions.removeIf(key -> false, Set.of(1L, next.id().number())));
            assertEquals(41, database.count(table));
            assertTrue(sessions.shared());
            sessions.close();
        }
    }

    @Test
    void manySubjectsAndManySessionsOfOneAreFoundInBatches() throws Exception
    {
        Set<Long> subjects = new HashSet<>(Set.of(7L));
        for (int i = 0; i < SessionTable.BATCH + 1; i++)
        {
            store.put(SessionKeys.of(StableId.random(), DEADLINE, 7, ""));
        }
        for (int i = 0; i < JdbcSessionKeyStore.SUBJECTS_PER_CALL + 1; i++)
        {
            SessionKey key = SessionKeys.of(StableId.random(), DEADLINE, 0, "");
            subjects.add(key.id().number());
            store.put(key);
        }
        store.put(newKey());
        assertEquals(SessionTable.BATCH + 1 + JdbcSessionKeyStore.SUBJECTS_PER_CALL + 1, other.removeIf(key -> true, subjects));
        assertEquals(1, database.count(table));
    }

    @Test
    void aRowThatIsNoSessionDoesNotEndAScan() throws Exception
    {
        store.get(StableId.random());
        String number = "0".repeat(16);
        for (String id : List.of("", "0", number + "!".repeat(48), number + "a".repeat(48), "z"))
        {
            database.execute("INSERT INTO " + table + " (id, tag, client, deadline, sealed) VALUES (?, 1, 7, ?, ?)", id,
                DEADLINE.toEpochMilli(), new byte[]{1, 2, 3});
        }
        store.put(SessionKeys.of(StableId.random(), DEADLINE, 7, ""));
        store.put(newKey());
        assertEquals(1, store.removeIf(key -> true, Set.of(0L, 7L)));
        assertEquals(1, store.removeIf(key -> true));
        assertEquals(5, database.count(table));
    }

    @Test
    void aKeyThatIsTooLongForTheTableIsRefusedByName() throws Exception
    {
        // Its size besides the name of the rule is 105 bytes.
        int longest = Tables.MAX_SEALED - 105;
        SessionKey fits = SessionKeys.of(StableId.random(), DEADLINE, CLIENT, "r".repeat(longest));
        store.put(fits);
        assertEquals("r".repeat(longest), other.get(fits.id()).orElseThrow().rule());
        IOException refused = assertThrows(IOException.class,
            () -> store.put(SessionKeys.of(StableId.random(), DEADLINE, CLIENT, "r".repeat(longest + 1))));
        assertTrue(refused.getMessage().contains("give its rule a shorter name"), refused.getMessage());
    }

    @Test
    void expiredRowsAreSwept() throws Exception
    {
        store.put(newKey());
        store.put(SessionKeys.of(StableId.random(), DEADLINE.plusMillis(1)));
        clock.set(DEADLINE.minusMillis(1));
        store.sweep();
        assertEquals(2, store.size());
        clock.set(DEADLINE);
        other.sweep();
        assertEquals(1, other.size());
        assertEquals(1, database.count(table));
    }

    @Test
    void withoutATicketKeyNothingIsStored() throws Exception
    {
        SessionKey key = newKey();
        store.put(key);
        ring = TicketKeyRing.empty();
        assertThrows(IOException.class, () -> store.put(newKey()));
        assertThrows(IOException.class, () -> store.replace(key, newKey(key.id())));
        assertEquals(Optional.empty(), store.get(key.id()));
        assertEquals(1, database.count(table));
    }

    @Test
    void noSecretIsInTheTable() throws Exception
    {
        SessionKey key = newKey();
        store.put(key);
        byte[] row = database.bytes("SELECT sealed FROM " + table);
        String hex = HexFormat.of().formatHex(row);
        assertFalse(hex.contains(HexFormat.of().formatHex(key.secret())));
    }

    private static SessionKey newKey()
    {
        return newKey(StableId.random());
    }

    private static SessionKey newKey(StableId id)
    {
        return SessionKeys.of(id, DEADLINE, CLIENT, "rule");
    }
}
