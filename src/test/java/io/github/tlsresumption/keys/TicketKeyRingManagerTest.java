package io.github.tlsresumption.keys;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

import io.github.tlsresumption.CaughtLog;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * The life of a ring, and what an operator does to it.
 */
class TicketKeyRingManagerTest extends TicketKeyRingManagerFixture
{
    @Test
    void theStartMakesTheFirstRingAndPutsItInTheStore() throws Exception
    {
        assertTrue(manager.ring().sealing(T0).isEmpty());

        manager.start();

        assertTrue(manager.ring().sealing(T0).isPresent());
        assertTrue(manager.ring().hasContentsOf(store.inner.load().orElseThrow()));
        assertEquals(new KeyRingHealth(1, Optional.of(T0), Optional.empty()), manager.health());
        assertThrows(IllegalStateException.class, manager::start);
    }

    @Test
    void theFirstKeyIsToldOnceAndWithoutAWarning() throws Exception
    {
        store.settling(SETTLING);
        try (CaughtLog log = new CaughtLog())
        {
            AtomicLong nanos = new AtomicLong();
            TicketKeyRingManager waiting = new TicketKeyRingManager(store, KeyRotation.DEFAULT, clock, nanos::get, executor, RingMark.NONE);
            waiting.start();
            assertEquals(List.of(), first(log));
            nanos.addAndGet(SETTLING.toNanos());
            waiting.tick();
            TicketKey key = waiting.ring().keys().get(0);
            assertEquals(1, first(log).size(), log.infos()::toString);
            assertTrue(first(log).get(0).endsWith("Ticket keys: the first one, " + TicketKey.hex(key.id()) + ", was made in "
                + store.describe() + ": it seals from " + key.sealFrom() + " to " + key.sealUntil() + ", ring version 1"),
                first(log)::toString);
            waiting.rotateNow();
            managerOf(store).start();
            assertEquals(1, first(log).size(), "only the first, and only where it was made");
            assertEquals(List.of(), log.warnings());
        }
    }

    private static List<String> first(CaughtLog log)
    {
        return log.infos().stream().filter(line -> line.contains("the first one, ")).toList();
    }

    @Test
    void whereNoKeyCanBeMadeTheWarningStays() throws Exception
    {
        try (CaughtLog log = new CaughtLog())
        {
            TicketKeyRingManager mute = new TicketKeyRingManager(store, KeyRotation.DEFAULT, clock, executor, () ->
            {
                throw new IllegalStateException("no random bytes");
            });
            mute.start();
            assertEquals(List.of(), first(log));
            assertEquals(1, log.warnings().stream().filter(line -> line.contains("no new ticket key can be made")
                && line.contains("There is no key to go on with")).count(), log.warnings()::toString);
        }
    }

    @Test
    void theStartTakesTheRingThatIsThere() throws Exception
    {
        manager.start();
        TicketKeyRingManager other = managerOf(store);

        other.start();

        assertTrue(manager.ring().hasContentsOf(other.ring()));
        assertEquals(1, store.inner.load().orElseThrow().version());
    }

    @Test
    void ofTwoFirstRingsTheStoreKeepsOneAndTheLoserTakesIt() throws Exception
    {
        // The other one comes in between the look at an empty store and the write.
        TicketKeyRing others = KeyRotation.DEFAULT.next(TicketKeyRing.empty(), T0);
        AtomicBoolean first = new AtomicBoolean(true);
        List<TicketKey> made = new ArrayList<>();
        TicketKeyRingManager loser = new TicketKeyRingManager(store, KeyRotation.DEFAULT, clock, executor, () ->
        {
            if (first.getAndSet(false))
            {
                store.inner.compareAndSet(0, others);
            }
            return KeyRotation.newSecret();
        });
        loser.addListener(ring -> made.addAll(ring.keys()));

        loser.start();

        assertTrue(others.hasContentsOf(loser.ring()));
        assertEquals(1, made.size(), "the loser's own key was never in use");
    }

    @Test
    void aKeyIsPublishedSealsOpensAndIsErasedInTime() throws Exception
    {
        manager.start();
        TicketKey key = manager.ring().keys().get(0);
        byte[] secret = TicketKeyTest.secretField(key);

        tickAt(T0.plus(PERIOD).minus(LEAD).minusMillis(1));
        assertEquals(1, manager.ring().keys().size());
        tickAt(T0.plus(PERIOD).minus(LEAD));
        assertEquals(2, manager.ring().keys().size());
        assertEquals(2, store.inner.load().orElseThrow().version());
        TicketKey successor = manager.ring().keys().get(1);
        assertSame(key, manager.ring().sealing(T0.plus(PERIOD).minusMillis(1)).orElseThrow());
        assertSame(successor, manager.ring().sealing(T0.plus(PERIOD)).orElseThrow());

        tickAt(T0.plus(PERIOD).plus(LIFETIME).minusMillis(1));
        assertFalse(key.isDestroyed());
        assertSame(key, manager.ring().opening(key.id(), clock.instant()).orElseThrow());
        tickAt(T0.plus(PERIOD).plus(LIFETIME));
        assertArrayEquals(new byte[32], secret);
        assertTrue(manager.ring().find(key.id()).isEmpty());
        assertTrue(store.inner.load().orElseThrow().find(key.id()).isEmpty());
    }

    @Test
    void aRingThatSleptLongGetsAFreshKeyAtTheFirstTick() throws Exception
    {
        manager.start();
        TicketKey old = manager.ring().keys().get(0);

        tickAt(T0.plus(Duration.ofDays(100)));

        assertTrue(old.isDestroyed());
        assertEquals(1, manager.ring().keys().size());
        assertTrue(manager.ring().sealing(clock.instant()).isPresent());
    }

    @Test
    void aClockThatGoesBackErasesNothing() throws Exception
    {
        manager.start();
        tickEachHour(Duration.ofDays(3));
        List<TicketKey> before = manager.ring().keys();

        tickAt(T0.minus(Duration.ofDays(365)));

        before.forEach(key -> assertFalse(key.isDestroyed()));
        before.forEach(key -> assertTrue(manager.ring().opening(key.id(), clock.instant()).isPresent()));
        assertTrue(manager.ring().sealing(clock.instant()).isPresent());
    }

    @Test
    void aNoticeMakesATickByTheExecutor() throws Exception
    {
        manager.start();
        store.goBackTo(TicketKeyRing.empty());

        manager.tickSoon();

        executor.runAll();
        assertTrue(store.inner.load().isPresent());
    }

    @Test
    void aFileReplacedByAnOperatorIsNoticedByTheNextTick() throws Exception
    {
        Path file = fileInOwnDirectory();
        TicketKeyRingManager onFile = managerOf(new FileTicketKeyStore(file));
        onFile.start();
        TicketKey old = onFile.ring().keys().get(0);
        TicketKeyRing next = KeyRotation.DEFAULT.dropped(onFile.ring(), T0, KeyRotation::newSecret);

        replaceAsAnOperatorWould(file, TicketKeyRingCodec.plain().encode(next));
        onFile.tick();

        assertTrue(next.hasContentsOf(onFile.ring()));
        assertTrue(old.isDestroyed(), "a key that an operator dropped leaves memory");
    }

    @Test
    void twoManagersOnOneFileRotateOnce() throws Exception
    {
        Path file = fileInOwnDirectory();
        TicketKeyRingManager one = managerOf(new FileTicketKeyStore(file));
        TicketKeyRingManager two = managerOf(new FileTicketKeyStore(file));
        one.start();
        two.start();
        for (int i = 0; i < 100; i++)
        {
            clock.advance(Duration.ofHours(1));
            (i % 2 == 0 ? one : two).tick();
            (i % 2 == 0 ? two : one).tick();
            assertTrue(one.ring().hasContentsOf(two.ring()), () -> one.ring() + " and " + two.ring());
            assertTrue(one.health().error().isEmpty());
        }
        TicketKeyRingManager alone = managerOf(new MemoryTicketKeyStore());
        clock.set(T0);
        alone.start();
        for (int i = 0; i < 100; i++)
        {
            clock.advance(Duration.ofHours(1));
            alone.tick();
        }
        assertEquals(alone.ring().version(), one.ring().version());
    }

    @Test
    void aKeyThatStaysKeepsItsPlaceInMemoryWhenTheRingIsReadAgain() throws Exception
    {
        manager.start();
        TicketKeyRingManager other = managerOf(store);
        other.start();
        TicketKey held = other.ring().keys().get(0);
        clock.set(T0.plus(Duration.ofHours(1)));
        manager.rotateNow();

        other.tick();

        TicketKey shortened = other.ring().keys().get(0);
        assertEquals(held.id(), shortened.id());
        assertEquals(clock.instant(), shortened.sealUntil());
        assertSame(held.cipher(), shortened.cipher());
        assertFalse(held.isDestroyed());
    }

    @Test
    void anEarlyRotationWaitsForTheLeadOnlyWhereOthersReadTheStore() throws Exception
    {
        manager.start();
        assertEquals(T0, manager.rotateNow().keys().get(1).sealFrom());
        store.shared(true);
        assertEquals(T0.plus(LEAD), manager.rotateNow().keys().get(2).sealFrom());
        assertEquals(3, store.inner.load().orElseThrow().version());
    }

    @Test
    void aDropEndsEverySessionHereAndWithTheOthers() throws Exception
    {
        manager.start();
        TicketKeyRingManager other = managerOf(store);
        other.start();
        TicketKey here = manager.ring().keys().get(0);
        TicketKey there = other.ring().keys().get(0);

        TicketKeyRing fresh = manager.dropAll();
        other.tick();

        assertTrue(here.isDestroyed());
        assertTrue(there.isDestroyed());
        assertTrue(fresh.sealing(T0).isPresent());
        assertSame(fresh, manager.ring());
        assertTrue(fresh.hasContentsOf(other.ring()));
        assertNotEquals(here.id(), fresh.keys().get(0).id());
    }

    @Test
    void stoppingErasesEveryKeyInMemoryAndKeepsTheStore() throws Exception
    {
        manager.start();
        List<TicketKey> keys = manager.ring().keys();

        manager.stop();
        manager.tick();

        keys.forEach(key -> assertTrue(key.isDestroyed()));
        assertEquals(0, manager.ring().version());
        manager.start();
        assertEquals(keys.get(0).id(), manager.ring().keys().get(0).id());
    }

    @Test
    void listenersAreToldEachRingAndCannotDoHarm() throws Exception
    {
        List<Long> versions = new ArrayList<>();
        manager.addListener(ring ->
        {
            throw new IllegalStateException("a listener that fails");
        });
        manager.addListener(ring -> versions.add(ring.version()));

        manager.start();
        manager.tick();
        tickAt(T0.plus(PERIOD));
        manager.stop();

        assertEquals(List.of(1L, 2L, 0L), versions);
    }

    @Test
    void ticksComeAtTheStoresPaceButSeveralTimesInEachLead() throws Exception
    {
        manager.start();
        assertEquals(1_000, executor.delayMillis());

        KeyRotation quick = new KeyRotation(Duration.ofSeconds(2), Duration.ofSeconds(1), Duration.ofSeconds(5));
        new TicketKeyRingManager(new MemoryTicketKeyStore(), quick, clock, executor).start();
        assertEquals(250, executor.delayMillis());
    }
}
