package io.github.tlsresumption.keys;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

import io.github.tlsresumption.keys.TicketKeyStoreException.Kind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * A ring whose store, whose generator of keys or whose clock has a fault.
 */
class TicketKeyRingManagerFaultsTest extends TicketKeyRingManagerFixture
{
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
}
