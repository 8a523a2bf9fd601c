package io.github.tlsresumption.keys;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import io.github.tlsresumption.crypto.Random;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class KeyRotationTest
{
    private static final Instant T0 = Instant.parse("2026-03-01T00:00:00Z");
    private static final Duration PERIOD = Duration.ofHours(12);
    private static final Duration LEAD = Duration.ofMinutes(10);
    private static final Duration LIFETIME = Duration.ofHours(24);
    private static final byte[] IDENTITY_KEY = KeyRotation.newSecret();
    private static final Duration MILLI = Duration.ofMillis(1);

    private final KeyRotation rotation = KeyRotation.DEFAULT;

    @Test
    void theFirstRingSealsAtOnce()
    {
        TicketKeyRing first = rotation.next(TicketKeyRing.empty(), T0);

        TicketKey key = first.sealing(T0).orElseThrow();
        assertEquals(1, first.version());
        assertEquals(List.of(key), first.keys());
        assertEquals(T0, key.created());
        assertEquals(T0, key.sealFrom());
        assertEquals(T0.plus(PERIOD), key.sealUntil());
        assertEquals(T0.plus(PERIOD).plus(LIFETIME), key.openUntil());
    }

    @Test
    void theSuccessorIsPublishedExactlyOneLeadBeforeItSeals()
    {
        TicketKeyRing first = rotation.next(TicketKeyRing.empty(), T0);
        TicketKey current = first.keys().get(0);
        Instant due = current.sealUntil().minus(LEAD);

        assertSame(first, rotation.next(first, due.minus(MILLI)));
        TicketKeyRing second = rotation.next(first, due);

        assertEquals(2, second.version());
        assertEquals(2, second.keys().size());
        TicketKey successor = second.keys().get(1);
        assertSame(current, second.keys().get(0));
        assertEquals(current.sealUntil(), successor.sealFrom());
        assertEquals(TicketKey.State.PUBLISHED, successor.state(due));
        assertSame(current, second.sealing(current.sealUntil().minus(MILLI)).orElseThrow());
        assertSame(successor, second.sealing(current.sealUntil()).orElseThrow());
        assertSame(second, rotation.next(second, due.plus(MILLI)));
        assertSame(second, rotation.next(second, current.sealUntil()));
    }

    @Test
    void aKeyOpensFromItsPublicationUntilTheLastTicketEnds()
    {
        TicketKeyRing ring = afterOneRotation();
        TicketKey old = ring.keys().get(0);
        TicketKey successor = ring.keys().get(1);

        assertTrue(ring.opening(successor.id(), successor.created()).isPresent());
        assertTrue(ring.opening(old.id(), old.sealUntil()).isPresent());
        assertTrue(ring.opening(old.id(), old.openUntil().minus(MILLI)).isPresent());
        assertTrue(ring.opening(old.id(), old.openUntil()).isEmpty());
        assertTrue(ring.opening(old.id() + 1, T0).isEmpty());
    }

    @Test
    void aKeyLeavesTheRingExactlyWhenItEnds()
    {
        TicketKeyRing ring = ringAt(T0.plus(PERIOD).plus(LIFETIME).minus(MILLI));
        TicketKey oldest = ring.keys().get(0);

        assertEquals(T0, oldest.sealFrom());
        TicketKeyRing later = rotation.next(ring, oldest.openUntil());
        assertTrue(later.find(oldest.id()).isEmpty());
        assertEquals(ring.version() + 1, later.version());
        assertFalse(oldest.isDestroyed(), "the ring is a value; whoever stops using it destroys keys");
    }

    @Test
    void exactlyOneKeySealsAtEachMomentOfAMonth()
    {
        TicketKeyRing ring = TicketKeyRing.empty();
        for (Instant now = T0; now.isBefore(T0.plus(Duration.ofDays(30))); now = now.plus(Duration.ofMinutes(5)))
        {
            Instant at = now;
            ring = rotation.next(ring, at);
            assertEquals(1, ring.keys().stream().filter(key -> key.state(at) == TicketKey.State.SEALING).count());
            assertTrue(ring.keys().size() <= 4, ring::toString);
        }
    }

    @Test
    void aSuccessorPublishedLateStillBeginsWhereTheCurrentKeyStops()
    {
        TicketKeyRing first = rotation.next(TicketKeyRing.empty(), T0);
        Instant stops = first.keys().get(0).sealUntil();

        TicketKeyRing late = rotation.next(first, stops.minus(MILLI));

        assertEquals(stops, late.keys().get(1).sealFrom());
    }

    @Test
    void aRingThatSleptGetsAKeyThatSealsAtOnceAndKeepsWhatIsStillGood()
    {
        TicketKeyRing first = rotation.next(TicketKeyRing.empty(), T0);
        Instant afterSealing = T0.plus(PERIOD).plus(Duration.ofHours(1));
        Instant afterAll = T0.plus(Duration.ofDays(300));

        TicketKeyRing woken = rotation.next(first, afterSealing);
        assertEquals(2, woken.keys().size());
        assertEquals(afterSealing, woken.sealing(afterSealing).orElseThrow().sealFrom());

        TicketKeyRing fresh = rotation.next(first, afterAll);
        assertEquals(1, fresh.keys().size());
        assertEquals(afterAll, fresh.sealing(afterAll).orElseThrow().sealFrom());
        assertEquals(2, fresh.version());
    }

    @Test
    void withoutAValidKeyNothingSeals()
    {
        TicketKeyRing first = rotation.next(TicketKeyRing.empty(), T0);

        assertTrue(TicketKeyRing.empty().sealing(T0).isEmpty());
        assertTrue(first.sealing(T0.minus(MILLI)).isEmpty());
        assertTrue(first.sealing(T0.plus(PERIOD)).isEmpty());
    }

    @Test
    void aClockThatGoesBackEndsNothingAndTwoKeysNeverSealAtOnce()
    {
        TicketKeyRing ring = ringAt(T0.plus(Duration.ofDays(3)));
        for (long hours : new long[]{0, 1, 13, 48, 96, 100_000})
        {
            Duration back = Duration.ofHours(hours).plusSeconds(1);
            Instant now = T0.plus(Duration.ofDays(3)).minus(back);
            TicketKeyRing after = rotation.next(ring, now);
            ring.keys().forEach(key -> assertTrue(after.find(key.id()).isPresent()));
            assertTrue(after.sealing(now).isPresent(), "seals " + back + " back");
            assertNoTwoSealAtOnce(after);
            assertTrue(rotation.illegal(ring, after, now).isEmpty());
        }
    }

    @Test
    void aNodeWhoseClockIsLittleBehindMakesNoKeyOfItsOwn()
    {
        TicketKeyRing first = rotation.next(TicketKeyRing.empty(), T0);

        assertSame(first, rotation.next(first, T0.minus(MILLI)));
        assertSame(first, rotation.next(first, T0.minus(LEAD)));
        assertNotEquals(first, rotation.next(first, T0.minus(LEAD).minus(MILLI)));
    }

    @Test
    void aFailingGeneratorLeavesTheRingAndItsFaultIsTheCallers()
    {
        TicketKeyRing first = rotation.next(TicketKeyRing.empty(), T0);
        Instant due = T0.plus(PERIOD);

        assertThrows(UnsupportedOperationException.class, () -> rotation.next(first, due, () ->
        {
            throw new UnsupportedOperationException();
        }));
        assertThrows(IllegalArgumentException.class, () -> rotation.next(first, due, () -> new byte[32]), "all zero");
        assertThrows(IllegalArgumentException.class, () -> rotation.next(first, due, () -> first.keys().get(0).secret()), "known secret");
        assertSame(first, rotation.erased(first, due));
        assertEquals(List.of(), rotation.erased(first, T0.plus(PERIOD).plus(LIFETIME)).keys());
    }

    @Test
    void theGivenSecretIsOverwritten()
    {
        byte[] given = Random.bytes(32);

        rotation.next(TicketKeyRing.empty(), T0, () -> given);

        assertEquals(0, given[0] | given[15] | given[31]);
    }

    @Test
    void timesAreWholeMilliseconds()
    {
        TicketKeyRing ring = rotation.next(TicketKeyRing.empty(), T0.plusNanos(1_999_999));

        assertEquals(T0.plusMillis(1), ring.keys().get(0).sealFrom());
        assertTrue(ring.sealing(T0.plusNanos(1_999_999)).isPresent());
    }

    @Test
    void theExposureRunsFromTheFirstSealToTheLastOpening()
    {
        TicketKeyRing ring = afterOneRotation();
        TicketKey old = ring.keys().get(0);
        TicketKey successor = ring.keys().get(1);

        assertEquals(Optional.empty(), TicketKeyRing.empty().exposure(T0));
        assertEquals(Optional.of(new Exposure(T0, successor.openUntil())), ring.exposure(successor.created()));
        assertEquals(Optional.of(new Exposure(successor.sealFrom(), successor.openUntil())), ring.exposure(old.openUntil()));
        assertEquals(Optional.empty(), ring.exposure(successor.openUntil()));
    }

    @Test
    void theNextRotationIsWhenTheSealingKeyStops()
    {
        TicketKeyRing ring = rotation.next(TicketKeyRing.empty(), T0);

        assertEquals(Optional.of(T0.plus(PERIOD)), ring.nextRotation(T0));
        assertEquals(Optional.empty(), ring.nextRotation(T0.plus(PERIOD)));
    }

    @Test
    void anEarlyRotationEndsTheCurrentKeyWhenTheNewOneBegins()
    {
        TicketKeyRing first = rotation.next(TicketKeyRing.empty(), T0);
        Instant now = T0.plus(Duration.ofHours(1));

        for (boolean withLead : new boolean[]{false, true})
        {
            Instant start = withLead ? now.plus(LEAD) : now;
            TicketKeyRing rotated = rotation.rotated(first, now, KeyRotation::newSecret, withLead);
            TicketKey old = rotated.keys().get(0);
            assertEquals(first.keys().get(0).id(), old.id());
            assertEquals(start, old.sealUntil());
            assertEquals(start.plus(LIFETIME), old.openUntil());
            assertEquals(start, rotated.keys().get(1).sealFrom());
            assertNoTwoSealAtOnce(rotated);
            assertTrue(rotation.illegal(first, rotated, now).isEmpty());
        }
    }

    @Test
    void anEarlyRotationDropsASuccessorThatSealedNothing()
    {
        TicketKeyRing ring = afterOneRotation();
        TicketKey successor = ring.keys().get(1);
        Instant now = successor.created();

        TicketKeyRing rotated = rotation.rotated(ring, now, KeyRotation::newSecret, false);

        assertEquals(Map.of(successor.id(), successor.openUntil()), rotated.dropped());
        assertEquals(now, rotated.keys().get(1).sealFrom());
        assertTrue(rotation.illegal(ring, rotated, now).isEmpty());
    }

    @Test
    void repeatedEarlyRotationsStayLegal()
    {
        TicketKeyRing ring = ringAt(T0.plus(Duration.ofDays(2)));
        Instant now = T0.plus(Duration.ofDays(2));
        for (int i = 0; i < 30; i++)
        {
            TicketKeyRing rotated = rotation.rotated(ring, now, KeyRotation::newSecret, i % 3 != 0);
            assertEquals(Optional.empty(), rotation.illegal(ring, rotated, now));
            assertNoTwoSealAtOnce(rotated);
            ring = rotated;
            now = now.plus(Duration.ofMinutes(i % 4));
        }
    }

    @Test
    void howeverOftenAnOperatorRotatesThereIsRoomToDropAll()
    {
        TicketKeyRing[] ring = {rotation.next(TicketKeyRing.empty(), T0)};

        assertThrows(IllegalStateException.class, () ->
        {
            while (true)
            {
                ring[0] = rotation.rotated(ring[0], T0, KeyRotation::newSecret, true);
            }
        });

        assertEquals(1, rotation.dropped(ring[0], T0, KeyRotation::newSecret).keys().size());
        assertTrue(ring[0].version() > 500);
    }

    @Test
    void afterADropOnlyANewKeyIsThereAndTheOldOnesCannotComeBack()
    {
        TicketKeyRing ring = afterOneRotation();
        Instant now = ring.keys().get(1).created();

        TicketKeyRing dropped = rotation.dropped(ring, now, KeyRotation::newSecret);

        assertEquals(1, dropped.keys().size());
        assertEquals(now, dropped.sealing(now).orElseThrow().sealFrom());
        assertTrue(rotation.illegal(ring, dropped, now).isEmpty());
        assertIllegal("was dropped and is back", dropped, withVersion(ring, dropped.version() + 1), now);
        TicketKeyRing forgetful = new TicketKeyRing(dropped.version() + 1, dropped.identityKey(), dropped.keys(), Map.of());
        assertIllegal("is forgotten", dropped, forgetful, now);
        TicketKeyRing later = rotation.next(dropped, ring.keys().get(1).openUntil());
        assertEquals(Map.of(), later.dropped());
    }

    @Test
    void everyRingThatComesNextIsLegal()
    {
        TicketKeyRing ring = TicketKeyRing.empty();
        for (Instant now = T0; now.isBefore(T0.plus(Duration.ofDays(5))); now = now.plus(Duration.ofMinutes(7)))
        {
            TicketKeyRing next = rotation.next(ring, now);
            assertEquals(Optional.empty(), rotation.illegal(ring, next, now));
            // A node that slept and whose clock is behind by less than the lead agrees.
            assertEquals(Optional.empty(), rotation.illegal(ring, next, now.minus(LEAD)));
            ring = next;
        }
    }

    @Test
    void anOlderRingIsARollback()
    {
        TicketKeyRing first = rotation.next(TicketKeyRing.empty(), T0);
        TicketKeyRing second = rotation.next(first, T0.plus(PERIOD).minus(LEAD));

        assertIllegal("older than version 2", second, first, T0.plus(PERIOD));
    }

    @Test
    void theSameVersionWithOtherContentsIsAFork()
    {
        TicketKeyRing one = rotation.next(TicketKeyRing.empty(), T0);
        TicketKeyRing other = rotation.next(TicketKeyRing.empty(), T0);

        assertIllegal("two writers", one, other, T0);
        assertTrue(rotation.illegal(one, one, T0).isEmpty());
    }

    @Test
    void theIdentityKeyStaysAsLongAsAnyKeyDoes()
    {
        TicketKeyRing ring = afterOneRotation();
        TicketKeyRing dropped = rotation.dropped(ring, T0.plus(PERIOD), KeyRotation::newSecret);
        TicketKeyRing other = new TicketKeyRing(ring.version() + 1, IDENTITY_KEY, ring.keys(), ring.dropped());

        assertEquals(TicketKeyRing.IDENTITY_KEY_BYTES, ring.identityKey().length);
        assertArrayEquals(ring.identityKey(), dropped.identityKey());
        assertIllegal("its identity key is another", ring, other, T0.plus(PERIOD));
    }

    @Test
    void aLiveKeyMayNotVanishButOneAboutToEndMay()
    {
        TicketKeyRing ring = afterOneRotation();
        TicketKey old = ring.keys().get(0);
        TicketKeyRing without = new TicketKeyRing(ring.version() + 1, ring.identityKey(), ring.keys().subList(1, 2), Map.of());

        assertIllegal("is gone without being dropped", ring, without, old.openUntil().minus(LEAD).minus(MILLI));
        assertTrue(rotation.illegal(ring, without, old.openUntil().minus(LEAD)).isEmpty());
    }

    @Test
    void aKeyMayNotChangeItsSecretItsNumberOrItsBeginningNorLastLonger()
    {
        TicketKeyRing ring = rotation.next(TicketKeyRing.empty(), T0);
        TicketKey key = ring.keys().get(0);
        Instant end = key.sealUntil();

        assertIllegal("another secret", ring, of(2, key.id(), T0, end, key.openUntil(), Random.bytes(32)), T0);
        List<TicketKey> renamed = of(2, key.id() + 1, T0, end, key.openUntil(), key.secret()).keys();
        TicketKeyRing twin = new TicketKeyRing(2, ring.identityKey(), renamed, Map.of(key.id(), key.openUntil()));
        assertIllegal("with the same secret", ring, twin, T0);
        assertIllegal("begins at another time", ring, of(2, key.id(), T0.plusMillis(1), end, key.openUntil(), key.secret()), T0);
        assertIllegal("lasts longer", ring, of(2, key.id(), T0, end.plusMillis(1), key.openUntil(), key.secret()), T0);
        assertIllegal("lasts longer", ring, of(2, key.id(), T0, end, key.openUntil().plusMillis(1), key.secret()), T0);
        List<TicketKey> shorter = of(2, key.id(), T0, end.minusMillis(1), key.openUntil(), key.secret()).keys();
        assertTrue(rotation.illegal(ring, new TicketKeyRing(2, ring.identityKey(), shorter, Map.of()), T0).isEmpty());
    }

    @Test
    void aRingWithTwoKeysOfOneIdOrOneSecretCannotBeMade()
    {
        TicketKey key = rotation.next(TicketKeyRing.empty(), T0).keys().get(0);
        TicketKey twin = new TicketKey(key.id() + 1, T0, T0, T0, T0, key.secret());

        assertThrows(IllegalArgumentException.class, () -> new TicketKeyRing(1, IDENTITY_KEY, List.of(key, key.copy()), Map.of()));
        assertThrows(IllegalArgumentException.class, () -> new TicketKeyRing(1, IDENTITY_KEY, List.of(key, twin), Map.of()));
        assertThrows(IllegalArgumentException.class, () -> new TicketKeyRing(1, IDENTITY_KEY, List.of(key), Map.of(key.id(), T0)));
        assertThrows(IllegalArgumentException.class, () -> new TicketKeyRing(-1, IDENTITY_KEY, List.of(key), Map.of()));
    }

    @Test
    void noVerdictAndNoTextHoldsASecret()
    {
        TicketKeyRing ring = afterOneRotation();
        TicketKeyRing other = rotation.next(TicketKeyRing.empty(), T0);
        String texts = ring + rotation.illegal(ring, other, T0).orElseThrow()
            + rotation.illegal(other, withVersion(ring, 9), T0).orElseThrow();

        Secrets.assertNoneIn(texts, ring);
        Secrets.assertNoneIn(texts, other);
    }

    @Test
    void settingsThatDoNotGoTogetherAreRefusedWithTheirNamesAndAMend()
    {
        Duration day = Duration.ofDays(1);
        refused("jetty.tlsResumption.rotation.sealPeriod is 691200 seconds: make it 1 to 604800 seconds", Duration.ofDays(8), LEAD, day);
        refused("jetty.tlsResumption.rotation.sealPeriod is 0 seconds", Duration.ZERO, LEAD, day);
        refused("jetty.tlsResumption.rotation.lead is -1 seconds", PERIOD, Duration.ofSeconds(-1), day);
        refused("jetty.tlsResumption.rotation.lead, 600 seconds: make it at least 1200 seconds", Duration.ofMinutes(19), LEAD, day);
        refused("jetty.tlsResumption.rotation.lifetime is 604801 seconds", PERIOD, LEAD, Duration.ofDays(7).plusMillis(1));
        refused("jetty.tlsResumption.rotation.lifetime is 0 seconds", PERIOD, LEAD, Duration.ZERO);
        refused("make it at least 1210 seconds", Duration.ofMinutes(20), LEAD, Duration.ofDays(7));
    }

    @Test
    void theSettingsAtTheirLimitsAreTaken()
    {
        Duration week = Duration.ofDays(7);
        List<KeyRotation> limits = new ArrayList<>();
        limits.add(new KeyRotation(week, LEAD, week));
        limits.add(new KeyRotation(Duration.ofSeconds(2), Duration.ofSeconds(1), Duration.ofSeconds(1)));
        limits.add(new KeyRotation(Duration.ofMinutes(20), LEAD, Duration.ofDays(6)));
        for (KeyRotation settings : limits)
        {
            assertTrue(settings.next(TicketKeyRing.empty(), T0).sealing(T0).isPresent());
        }
    }

    private void refused(String message, Duration sealPeriod, Duration lead, Duration lifetime)
    {
        IllegalArgumentException refusal = assertThrows(IllegalArgumentException.class, () -> new KeyRotation(sealPeriod, lead, lifetime));
        assertTrue(refusal.getMessage().contains(message), refusal::getMessage);
    }

    private void assertIllegal(String why, TicketKeyRing from, TicketKeyRing to, Instant now)
    {
        String verdict = rotation.illegal(from, to, now).orElse("legal");
        assertTrue(verdict.contains(why), verdict);
    }

    private static void assertNoTwoSealAtOnce(TicketKeyRing ring)
    {
        for (int i = 1; i < ring.keys().size(); i++)
        {
            assertFalse(ring.keys().get(i).sealFrom().isBefore(ring.keys().get(i - 1).sealUntil()), ring::toString);
        }
    }

    private TicketKeyRing afterOneRotation()
    {
        return rotation.next(rotation.next(TicketKeyRing.empty(), T0), T0.plus(PERIOD).minus(LEAD));
    }

    private TicketKeyRing ringAt(Instant end)
    {
        TicketKeyRing ring = TicketKeyRing.empty();
        for (Instant now = T0; !now.isAfter(end); now = now.plus(Duration.ofMinutes(1)))
        {
            ring = rotation.next(ring, now);
        }
        return ring;
    }

    private static TicketKeyRing withVersion(TicketKeyRing ring, long version)
    {
        return new TicketKeyRing(version, ring.identityKey(), ring.keys(), ring.dropped());
    }

    private static TicketKeyRing of(long version, long id, Instant sealFrom, Instant sealUntil, Instant openUntil, byte[] secret)
    {
        return new TicketKeyRing(version, IDENTITY_KEY, List.of(new TicketKey(id, T0, sealFrom, sealUntil, openUntil, secret)), Map.of());
    }
}
