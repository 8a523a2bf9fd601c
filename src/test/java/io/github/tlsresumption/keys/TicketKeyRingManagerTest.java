package io.github.tlsresumption.keys;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

import io.github.tlsresumption.FakeClock;
import io.github.tlsresumption.keys.TicketKeyStoreException.Kind;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class TicketKeyRingManagerTest
{
    private static final Instant T0 = Instant.parse("2026-03-01T00:00:00Z");
    private static final Duration PERIOD = Duration.ofHours(12);
    private static final Duration LEAD = Duration.ofMinutes(10);
    private static final Duration LIFETIME = Duration.ofHours(24);
    private static final Duration SETTLING = Duration.ofSeconds(3);

    private final FakeClock clock = new FakeClock(T0);
    private final IdleExecutor executor = new IdleExecutor();
    private final FailingStore store = new FailingStore();
    private final TicketKeyRingManager manager = managerOf(store);

    @TempDir
    private Path scratch;

    @AfterEach
    void stopTheExecutor()
    {
        executor.shutdownNow();
    }

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
    void whileTheGeneratorFailsTheRingStaysAndEndedKeysGo() throws Exception
    {
        AtomicBoolean broken = new AtomicBoolean();
        TicketKeyRingManager fragile = new TicketKeyRingManager(store, KeyRotation.DEFAULT, clock, executor, () ->
        {
            if (broken.get())
            {
                throw new IllegalStateException("no entropy");
            }
            return KeyRotation.newSecret();
        });
        fragile.start();
        TicketKey key = fragile.ring().keys().get(0);
        broken.set(true);

        clock.set(T0.plus(PERIOD));
        fragile.tick();
        assertTrue(fragile.health().error().orElseThrow().contains("no entropy"));
        assertEquals(Optional.of(T0), fragile.health().lastContact());
        assertTrue(fragile.ring().opening(key.id(), clock.instant()).isPresent());
        assertTrue(fragile.ring().sealing(clock.instant()).isEmpty());

        clock.set(T0.plus(PERIOD).plus(LIFETIME));
        fragile.tick();
        assertTrue(key.isDestroyed());
        assertEquals(List.of(), store.inner.load().orElseThrow().keys());

        broken.set(false);
        fragile.tick();
        assertTrue(fragile.health().error().isEmpty());
        assertTrue(fragile.ring().sealing(clock.instant()).isPresent());
    }

    @Test
    void anErrorPreventsTheStart()
    {
        for (Error error : List.of(new NoSuchMethodError("of another version"), new OutOfMemoryError("of another size")))
        {
            TicketKeyRingManager broken = new TicketKeyRingManager(store, KeyRotation.DEFAULT, clock, executor, () ->
            {
                throw error;
            });
            TicketKeyStoreException refusal = assertThrows(TicketKeyStoreException.class, broken::start);
            assertEquals(Kind.REFUSED, refusal.kind());
            assertTrue(refusal.getMessage().contains("of another "), refusal::getMessage);
        }
    }

    @Test
    void anErrorOfTheGeneratorDoesNotEndTheTicks() throws Exception
    {
        AtomicBoolean broken = new AtomicBoolean();
        TicketKeyRingManager fragile = new TicketKeyRingManager(store, KeyRotation.DEFAULT, clock, executor, () ->
        {
            if (broken.get())
            {
                throw new InternalError("gone");
            }
            return KeyRotation.newSecret();
        });
        fragile.start();
        broken.set(true);
        clock.advance(KeyRotation.DEFAULT.sealPeriod());
        fragile.tick();
        assertEquals(Optional.of("gone"), fragile.health().error());
        broken.set(false);
        fragile.tick();

        assertTrue(fragile.ring().sealing(clock.instant().plus(KeyRotation.DEFAULT.lead())).isPresent());
        assertEquals(Optional.empty(), fragile.health().error());
    }

    @Test
    void aGeneratorOfZerosGivesNoKey() throws Exception
    {
        TicketKeyRingManager fragile = new TicketKeyRingManager(store, KeyRotation.DEFAULT, clock, executor, () -> new byte[32]);

        fragile.start();

        assertTrue(fragile.health().error().orElseThrow().contains("is weak"));
        assertTrue(fragile.ring().sealing(T0).isEmpty());
        assertTrue(store.inner.load().isEmpty());
    }

    @Test
    void aStoreThatIsDownAtTheStartIsTriedAgain() throws Exception
    {
        store.down(true);
        manager.start();
        assertEquals(0, manager.ring().version());
        assertEquals(new KeyRingHealth(0, Optional.empty(), Optional.of("the store is down")), manager.health());

        store.down(false);
        manager.tick();
        assertTrue(manager.ring().sealing(T0).isPresent());
        assertTrue(manager.health().error().isEmpty());
    }

    @Test
    void withoutTheStoreTheRingServesUntilItsLastKeyEndsAndIsErasedAllTheSame() throws Exception
    {
        manager.start();
        TicketKey key = manager.ring().keys().get(0);
        store.down(true);

        tickEachHour(PERIOD.plus(LIFETIME).minus(Duration.ofHours(1)));
        assertSame(key, manager.ring().opening(key.id(), clock.instant()).orElseThrow());
        assertTrue(manager.ring().sealing(clock.instant()).isEmpty());
        tickEachHour(Duration.ofHours(1));
        assertTrue(key.isDestroyed());
        assertTrue(manager.ring().opening(key.id(), clock.instant()).isEmpty());

        store.down(false);
        manager.tick();
        assertTrue(manager.ring().sealing(clock.instant()).isPresent());
        assertTrue(store.inner.load().orElseThrow().find(key.id()).isEmpty());
    }

    @Test
    void whereverTheStoreFailsNoKeySealsThatIsNotInIt() throws Exception
    {
        int calls = callsOfTwoDays(-1, false);
        assertTrue(calls > 50, "the scenario asks the store " + calls + " times");
        for (int failAt = 0; failAt < calls; failAt++)
        {
            callsOfTwoDays(failAt, false);
            callsOfTwoDays(failAt, true);
        }
    }

    @Test
    void aStoreThatHasGoneBackIsGivenTheRingInUse() throws Exception
    {
        FileTicketKeyStore files = new FileTicketKeyStore(fileInOwnDirectory());
        TicketKeyRingManager onFile = managerOf(files);
        onFile.start();
        Path file = fileInOwnDirectory();
        byte[] old = Files.readAllBytes(file);
        TicketKeyRing dropped = onFile.dropAll();

        replaceAsAnOperatorWould(file, old);
        onFile.tick();

        assertTrue(onFile.health().error().isEmpty());
        assertEquals(dropped.version() + 1, onFile.ring().version());
        assertSame(dropped.keys().get(0), onFile.ring().keys().get(0));
        TicketKeyRingManager restarted = managerOf(new FileTicketKeyStore(file));
        restarted.start();
        assertTrue(onFile.ring().hasContentsOf(restarted.ring()), "what was dropped stays dropped");
    }

    @Test
    void aStoreThatHasGoneBackTakesARotationAllTheSame() throws Exception
    {
        manager.start();
        TicketKeyRing old = store.inner.load().orElseThrow();
        clock.set(T0.plus(PERIOD));
        manager.tick();
        TicketKeyRing two = manager.ring();
        store.goBackTo(old);

        TicketKeyRing three = manager.rotateNow();

        assertEquals(two.version() + 1, three.version());
        assertTrue(two.keys().stream().allMatch(key -> three.find(key.id()).isPresent()));
        assertTrue(three.hasContentsOf(store.inner.load().orElseThrow()));
    }

    @Test
    void anOlderRingOfOtherKeysIsRefusedAndKept() throws Exception
    {
        Path file = fileInOwnDirectory();
        TicketKeyRingManager onFile = managerOf(new FileTicketKeyStore(file));
        onFile.start();
        onFile.rotateNow();
        TicketKeyRing good = onFile.ring();
        byte[] current = Files.readAllBytes(file);
        byte[] foreign = TicketKeyRingCodec.plain().encode(KeyRotation.DEFAULT.next(TicketKeyRing.empty(), T0));

        replaceAsAnOperatorWould(file, foreign);
        onFile.tick();
        assertSame(good, onFile.ring());
        assertTrue(onFile.health().error().orElseThrow().contains("ring version 1 is older than version 2"));
        assertArrayEquals(foreign, Files.readAllBytes(file));
        assertThrows(TicketKeyStoreException.class, onFile::rotateNow);

        replaceAsAnOperatorWould(file, current);
        onFile.tick();
        assertTrue(onFile.health().error().isEmpty());
    }

    @Test
    void withoutKeysAnOperatorsWishWaitsForWhatOthersMayBring() throws Exception
    {
        AtomicLong nanos = new AtomicLong();
        TicketKeyRingManager waiting = settling(nanos);
        waiting.start();
        assertEquals(0, waiting.ring().version());

        assertThrows(TicketKeyStoreException.class, waiting::dropAll);
        assertThrows(TicketKeyStoreException.class, waiting::rotateNow);
        assertTrue(store.inner.load().isEmpty());

        nanos.addAndGet(SETTLING.toNanos());
        assertEquals(1, waiting.dropAll().version());
    }

    private TicketKeyRingManager settling(AtomicLong nanos)
    {
        store.settling(SETTLING);
        return new TicketKeyRingManager(store, KeyRotation.DEFAULT, clock, nanos::get, executor, RingMark.NONE);
    }

    /**
     * A second ring beside that of another node would be refused by it until its keys end.
     */
    @ParameterizedTest
    @ValueSource(strings = {"P-365D", "PT-2H", "PT-5S", "PT5S", "PT2H", "P2D", "P365D"})
    void noStepOfTheClockEndsTheWaitForWhatOthersMayBring(Duration step) throws Exception
    {
        AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 1);
        TicketKeyRingManager waiting = settling(nanos);
        waiting.start();

        clock.advance(step);
        nanos.addAndGet(SETTLING.toNanos() - 1);
        waiting.tick();
        assertEquals(0, waiting.ring().version());

        nanos.incrementAndGet();
        waiting.tick();
        assertEquals(1, waiting.ring().version());
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
    void aFileThatDisappearsIsWrittenAgain() throws Exception
    {
        Path file = fileInOwnDirectory();
        TicketKeyRingManager onFile = managerOf(new FileTicketKeyStore(file));
        onFile.start();
        TicketKey key = onFile.ring().keys().get(0);

        Files.delete(file);
        onFile.tick();

        assertEquals(2, onFile.ring().version());
        assertSame(key, onFile.ring().keys().get(0));
        assertFalse(key.isDestroyed());
        assertTrue(onFile.ring().hasContentsOf(new FileTicketKeyStore(file).load().orElseThrow()));
    }

    @Test
    void aFileDamagedWhileRunningIsKeptAndTheRingServesOn() throws Exception
    {
        Path file = fileInOwnDirectory();
        TicketKeyRingManager onFile = managerOf(new FileTicketKeyStore(file));
        onFile.start();
        TicketKeyRing good = onFile.ring();
        byte[] damaged = new byte[]{1, 2, 3};

        replaceAsAnOperatorWould(file, damaged);
        clock.set(T0.plus(PERIOD));
        onFile.tick();
        onFile.tick();

        assertSame(good, onFile.ring());
        assertTrue(onFile.health().error().orElseThrow().contains(file.toString()));
        assertArrayEquals(damaged, Files.readAllBytes(file));
        assertThrows(TicketKeyStoreException.class, managerOf(new FileTicketKeyStore(file))::start);
    }

    @Test
    void aRingThatLosesALiveKeyIsRefused() throws Exception
    {
        manager.start();
        TicketKeyRing good = manager.ring();
        TicketKeyRing stranger = KeyRotation.DEFAULT.next(TicketKeyRing.empty(), T0);
        store.inner.compareAndSet(1, new TicketKeyRing(2, stranger.identityKey(), stranger.keys(), Map.of()));

        manager.tick();

        assertSame(good, manager.ring());
        assertTrue(manager.health().error().orElseThrow().contains("is gone without being dropped"));
        Secrets.assertNoneIn(manager.health().toString(), good);
        Secrets.assertNoneIn(manager.health().toString(), stranger);
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
    void whatAnOperatorAsksOfAStoreThatIsDownFailsAndChangesNothing() throws Exception
    {
        assertThrows(IllegalStateException.class, manager::dropAll);
        manager.start();
        TicketKeyRing before = manager.ring();
        store.down(true);

        assertThrows(TicketKeyStoreException.class, manager::dropAll);
        assertThrows(TicketKeyStoreException.class, manager::rotateNow);

        assertSame(before, manager.ring());
        before.keys().forEach(key -> assertFalse(key.isDestroyed()));
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

    @Test
    void aRefusalAtTheStartIsTheCallers() throws Exception
    {
        Path file = fileInOwnDirectory();
        Files.write(file, new byte[]{1, 2, 3});
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));

        TicketKeyStoreException refusal =
            assertThrows(TicketKeyStoreException.class, managerOf(new FileTicketKeyStore(file))::start);

        assertEquals(Kind.REFUSED, refusal.kind());
        assertArrayEquals(new byte[]{1, 2, 3}, Files.readAllBytes(file));
    }

    private int callsOfTwoDays(int failAt, boolean after) throws Exception
    {
        FailingStore failing = new FailingStore();
        failing.failAt(failAt, after);
        clock.set(T0);
        TicketKeyRingManager tried = managerOf(failing);
        List<TicketKey> used = new ArrayList<>();
        tried.addListener(ring -> used.addAll(ring.keys()));
        tried.start();
        int withoutKey = 0;
        for (int hour = 0; hour < 60; hour++)
        {
            clock.advance(Duration.ofHours(1));
            tried.tick();
            Optional<TicketKey> sealing = tried.ring().sealing(clock.instant());
            withoutKey += sealing.isEmpty() ? 1 : 0;
            if (sealing.isPresent())
            {
                TicketKeyRing stored = failing.inner.load().orElseThrow();
                assertTrue(stored.find(sealing.get().id()).orElseThrow().hasSecretOf(sealing.get()), "fails at " + failAt);
            }
            for (TicketKey key : used)
            {
                assertEquals(key.state(clock.instant()) == TicketKey.State.ENDED, key.isDestroyed());
            }
        }
        assertTrue(withoutKey <= 1, "one failure costs at most the time until the next tick");
        tried.stop();
        return failing.calls();
    }

    private TicketKeyRingManager managerOf(TicketKeyStore backing)
    {
        return new TicketKeyRingManager(backing, KeyRotation.DEFAULT, clock, executor);
    }

    private void tickAt(Instant now)
    {
        clock.set(now);
        manager.tick();
    }

    private void tickEachHour(Duration duration)
    {
        for (long hour = 0; hour < duration.toHours(); hour++)
        {
            clock.advance(Duration.ofHours(1));
            manager.tick();
        }
    }

    private Path fileInOwnDirectory() throws IOException
    {
        Path directory = scratch.toRealPath().resolve("keys");
        if (!Files.exists(directory))
        {
            Files.createDirectory(directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        }
        return directory.resolve("ring");
    }

    private static void replaceAsAnOperatorWould(Path file, byte[] contents) throws IOException
    {
        Path fresh = file.resolveSibling("operators");
        Files.createFile(fresh, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.write(fresh, contents);
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
    }
}
