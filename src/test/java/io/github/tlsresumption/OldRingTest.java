package io.github.tlsresumption;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

import io.github.tlsresumption.forget.FileForgetLog;
import io.github.tlsresumption.forget.ForgetList;
import io.github.tlsresumption.forget.ForgetLogEntry;
import io.github.tlsresumption.forget.SharedForgetLog;
import io.github.tlsresumption.keys.FileRingMark;
import io.github.tlsresumption.keys.FileTicketKeyStore;
import io.github.tlsresumption.keys.IdleExecutor;
import io.github.tlsresumption.keys.KeyRotation;
import io.github.tlsresumption.keys.RingMark;
import io.github.tlsresumption.keys.TicketKey;
import io.github.tlsresumption.keys.TicketKeyRing;
import io.github.tlsresumption.keys.TicketKeyRingManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * A ring from a backup, put back while no node runs, brings no key back.
 */
class OldRingTest
{
    private static final KeyRotation ROTATION = KeyRotation.DEFAULT;
    private static final Duration LONGEST = ROTATION.lifetime();

    private final FakeClock clock = new FakeClock(Instant.parse("2026-11-23T10:00:00Z"));
    private final IdleExecutor executor = new IdleExecutor();

    @TempDir
    private Path directory;
    private Path keys;
    private Path backup;

    /**
     * Where the version is remembered.
     */
    enum Place
    {
        NODE, LOG, BOTH
    }

    @BeforeEach
    void place()
    {
        keys = directory.resolve("keys");
        backup = directory.resolve("backup");
    }

    @AfterEach
    void stop()
    {
        executor.shutdownNow();
    }

    private TicketKeyRingManager start(Place place) throws Exception
    {
        RingMarks marks = new RingMarks(place == Place.LOG ? RingMark.NONE : FileRingMark.beside(keys));
        if (place != Place.NODE)
        {
            marks.add(list());
        }
        TicketKeyRingManager ring = new TicketKeyRingManager(new FileTicketKeyStore(keys), ROTATION, clock, executor, marks);
        ring.start();
        return ring;
    }

    private ForgetList list() throws IOException
    {
        return new ForgetList(new FileForgetLog(directory.resolve("keys.forgotten"), LONGEST, clock), LONGEST, 100, 100, clock);
    }

    private static Set<Long> ids(TicketKeyRing ring)
    {
        return new HashSet<>(ring.keys().stream().map(TicketKey::id).toList());
    }

    private void copy(Path from, Path to) throws IOException
    {
        Files.copy(from, to, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.COPY_ATTRIBUTES);
    }

    @ParameterizedTest
    @EnumSource(Place.class)
    void keysThatWereDroppedDoNotComeBackWithABackup(Place place) throws Exception
    {
        TicketKeyRingManager before = start(place);
        Set<Long> stolen = ids(before.ring());
        copy(keys, backup);
        before.dropAll();
        long version = before.ring().version();
        before.stop();
        copy(backup, keys);

        TicketKeyRingManager after = start(place);

        assertTrue(after.ring().version() > version);
        stolen.forEach(id -> assertTrue(after.ring().opening(id, clock.instant()).isEmpty()));
        assertTrue(after.ring().dropped().keySet().containsAll(stolen));
        assertTrue(after.ring().sealing(clock.instant()).isPresent());
        assertTrue(after.health().error().isEmpty());
        Set<Long> fresh = ids(after.ring());
        after.stop();
        TicketKeyRingManager again = start(place);
        assertEquals(fresh, ids(again.ring()));
        again.stop();
    }

    @ParameterizedTest
    @EnumSource(Place.class)
    void theRingOfTheLastRunIsNoOldOne(Place place) throws Exception
    {
        TicketKeyRingManager before = start(place);
        before.rotateNow();
        before.rotateNow();
        Set<Long> present = ids(before.ring());
        before.stop();
        TicketKeyRingManager after = start(place);
        assertEquals(present, ids(after.ring()));
        after.stop();
    }

    @ParameterizedTest
    @EnumSource(Place.class)
    void aNewRingInAnEmptyStoreIsNotTakenForAnOldOne(Place place) throws Exception
    {
        TicketKeyRingManager before = start(place);
        before.rotateNow();
        long version = before.ring().version();
        before.stop();
        Files.delete(keys);
        TicketKeyRingManager fresh = start(place);
        assertTrue(fresh.ring().version() > version);
        Set<Long> present = ids(fresh.ring());
        fresh.stop();
        TicketKeyRingManager after = start(place);
        assertEquals(present, ids(after.ring()));
        after.stop();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "jetty-tls-resumption ring version x of y\n",
        "jetty-tls-resumption ring version 99999999999999999999999 of"})
    void aDamagedMarkIsWrittenAnew(String text) throws Exception
    {
        Path file = FileRingMark.besides(keys);
        Files.writeString(file, text);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        TicketKeyRingManager ring = start(Place.NODE);
        assertEquals(1, ring.ring().version());
        assertEquals(1, FileRingMark.beside(keys).version());
        ring.stop();
    }

    @Test
    void theMarkOfAnotherStoreSaysNothing() throws Exception
    {
        Path file = FileRingMark.besides(keys);
        new FileRingMark(file, "Redis at one").raise(40);
        assertEquals(40, new FileRingMark(file, "Redis at one").version());
        assertEquals(0, new FileRingMark(file, "Redis at another").version());
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
    }

    @Test
    void theLogKeepsTheVersionForAsLongAsItIsUsed() throws Exception
    {
        ForgetList list = list();
        list.rememberRing(7);
        list.rememberRing(6);
        for (int day = 0; day < 30; day++)
        {
            clock.advance(Duration.ofHours(13));
            list.rememberRing(7);
            list.poll();
        }
        assertEquals(7, list().ringVersion());
        assertEquals(0, list().bindings());
    }

    @Test
    void aLogThatDropsWhatIsOldIsToldTheVersionInTime() throws Exception
    {
        List<ForgetLogEntry> entries = new ArrayList<>();
        RingMarks marks = new RingMarks(RingMark.NONE);
        marks.add(new ForgetList(new SharedForgetLog(entries), LONGEST, 100, 100, clock));
        marks.raise(7);
        for (int day = 0; day < 3; day++)
        {
            clock.advance(Duration.ofHours(13));
            marks.refresh(7);
            entries.removeIf(entry -> entry.reach().isBefore(clock.instant().minus(LONGEST)));
        }
        assertEquals(7, new ForgetList(new SharedForgetLog(entries), LONGEST, 100, 100, clock).ringVersion());
    }

    @Test
    void aLogThatBeginsAgainIsToldTheVersionAgain() throws Exception
    {
        ForgetList list = list();
        list.rememberRing(7);
        list.beginAgain(clock.instant());
        assertEquals(0, list.ringVersion());
        list.rememberRing(8);
        assertEquals(8, list().ringVersion());
        assertFalse(list.isForgotten(0, clock.instant().plusMillis(1)), "nobody's session is nobody");
        assertEquals(List.of(), list.problem().stream().toList());
    }
}
