package io.github.tlsresumption.keys;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Stream;

import io.github.tlsresumption.crypto.Random;
import io.github.tlsresumption.crypto.Xaes256Gcm;

/**
 * How ticket keys follow each other, as pure functions of a ring and the time.
 *
 * <p>A key seals for {@code sealPeriod}. Its successor is published {@code lead} before it stops, so that every node
 * has read the successor before the first ticket sealed with it arrives. After its last seal a key opens for
 * {@code lifetime}, the longest that a session may last, and then leaves the ring.
 *
 * <p>Changed settings take effect with the next key; keys that exist keep their times.
 *
 * @param sealPeriod how long a key seals, at most {@link TicketKey#MAX_PERIOD}
 * @param lead how long a key is known before it seals; clocks of nodes may differ by as much
 * @param lifetime the longest duration of a session, at most {@link TicketKey#MAX_PERIOD}
 */
public record KeyRotation(Duration sealPeriod, Duration lead, Duration lifetime)
{
    // Before DEFAULT, whose constructor reads it.
    private static final Duration MIN_PERIOD = Duration.ofSeconds(1);

    /**
     * Seals for 12 hours, known 10 minutes before, sessions of up to 24 hours.
     */
    public static final KeyRotation DEFAULT = new KeyRotation(Duration.ofHours(12), Duration.ofMinutes(10), Duration.ofHours(24));

    private static final String SEAL_PERIOD = "jetty.tlsResumption.rotation.sealPeriod";
    private static final String LEAD = "jetty.tlsResumption.rotation.lead";
    private static final String LIFETIME = "jetty.tlsResumption.rotation.lifetime";
    private static final int MAX_PERIODS_PER_LIFETIME = 500;

    // Leaves room for what is due and for dropping all.
    private static final int MAX_BEFORE_EARLY_ROTATION = 750;

    /**
     * @throws IllegalArgumentException when the settings do not go together; the message names the setting and the fix
     */
    public KeyRotation
    {
        requireRange(SEAL_PERIOD, sealPeriod, "RFC 9325 section 3.4 asks for new keys at least weekly");
        requireRange(LEAD, lead, "every node needs some time to read a new key");
        requireRange(LIFETIME, lifetime, "RFC 8446 section 4.6.1 lets no ticket, so no maxSessionDuration, be longer");
        if (sealPeriod.compareTo(lead.multipliedBy(2)) < 0)
        {
            throw new IllegalArgumentException(SEAL_PERIOD + " is " + seconds(sealPeriod) + ", less than twice " + LEAD + ", "
                + seconds(lead) + ": make it at least " + seconds(lead.multipliedBy(2)) + ", or the lead at most "
                + sealPeriod.toSeconds() / 2 + " seconds");
        }
        Duration least = lifetime.dividedBy(MAX_PERIODS_PER_LIFETIME);
        if (sealPeriod.compareTo(least) < 0)
        {
            throw new IllegalArgumentException(SEAL_PERIOD + " is " + seconds(sealPeriod) + ", too short for a " + LIFETIME + " of "
                + seconds(lifetime) + ", as more than " + MAX_PERIODS_PER_LIFETIME + " keys would be live at once: make it at least "
                + seconds(least));
        }
    }

    /**
     * What the ring should be, with new secrets from the platform's generator.
     *
     * @param ring what it is
     * @param now the time
     * @return see {@link #next(TicketKeyRing, Instant, Supplier)}
     */
    public TicketKeyRing next(TicketKeyRing ring, Instant now)
    {
        return next(ring, now, KeyRotation::newSecret);
    }

    /**
     * What the ring should be. Ended keys leave it. When the key that seals has only the lead to go and nothing follows
     * it, its successor joins; should the lead be over already, the successor still begins where it stops. When no key
     * seals at all (the first ring, or one that slept) a key joins that seals at once, unless one begins within the lead.
     *
     * <p>A clock that goes back ends nothing: a key whose time lies ahead stays for its time.
     *
     * @param ring what it is
     * @param now the time
     * @param secrets gives 32 random bytes at each call; they are copied and the given array is overwritten
     * @return the given ring itself when it is as it should be; else a ring of the next version, which shares the keys that stay
     * @throws RuntimeException whatever {@code secrets} throws, or that a secret of it is weak or known
     */
    public TicketKeyRing next(TicketKeyRing ring, Instant now, Supplier<byte[]> secrets)
    {
        TicketKeyRing kept = erased(ring, now);
        Optional<Instant> missing = missingFrom(kept, now);
        return missing.isEmpty() ? kept : withFreshKey(ring, kept.keys(), kept.dropped(), now, missing.get(), secrets);
    }

    /**
     * What the ring should be when no new key can be made.
     *
     * @param ring what it is
     * @param now the time
     * @return the given ring itself when nothing in it has ended; else the next version without what has
     */
    public TicketKeyRing erased(TicketKeyRing ring, Instant now)
    {
        List<TicketKey> live = ring.keys().stream().filter(key -> key.state(now) != TicketKey.State.ENDED).toList();
        Map<Long, Instant> dropped = rememberedAt(ring, now);
        boolean same = live.size() == ring.keys().size() && dropped.size() == ring.dropped().size();
        return same ? ring : new TicketKeyRing(successor(ring), ring.identityKey(), live, dropped);
    }

    /**
     * The ring after an operator asked for a new key before the time. What seals stops when the new key begins, and opens
     * for the rest of its tickets' lifetime. A successor published before is dropped: it sealed nothing.
     *
     * @param ring what it is
     * @param now the time
     * @param secrets as for {@link #next(TicketKeyRing, Instant, Supplier)}
     * @param withLead whether the new key waits for the lead, as it should where others read the ring
     * @return a ring of the next version
     * @throws IllegalStateException after so many early rotations that little room is left in the ring
     */
    public TicketKeyRing rotated(TicketKeyRing ring, Instant now, Supplier<byte[]> secrets, boolean withLead)
    {
        Instant start = millis(withLead ? now.plus(lead) : now);
        TicketKeyRing live = erased(ring, now);
        if (live.keys().size() + live.dropped().size() >= MAX_BEFORE_EARLY_ROTATION)
        {
            throw new IllegalStateException("the ring holds " + live.keys().size() + " keys, and " + live.dropped().size()
                + " that were dropped: wait until some have ended, or drop all");
        }
        Map<Long, Instant> dropped = new HashMap<>(live.dropped());
        List<TicketKey> kept = new ArrayList<>();
        for (TicketKey key : live.keys())
        {
            if (key.state(now) == TicketKey.State.PUBLISHED && !key.sealFrom().isBefore(start))
            {
                dropped.put(key.id(), key.openUntil());
            }
            else
            {
                kept.add(key.sealUntil().isAfter(start) ? key.sealingUntil(start) : key);
            }
        }
        return withFreshKey(ring, kept, dropped, now, start, secrets);
    }

    /**
     * The ring after an operator dropped every key: all tickets are void. The one new key seals at once.
     *
     * @param ring what it is
     * @param now the time
     * @param secrets as for {@link #next(TicketKeyRing, Instant, Supplier)}
     * @return a ring of the next version
     */
    public TicketKeyRing dropped(TicketKeyRing ring, Instant now, Supplier<byte[]> secrets)
    {
        TicketKeyRing live = erased(ring, now);
        Map<Long, Instant> dropped = new HashMap<>(live.dropped());
        live.keys().forEach(key -> dropped.put(key.id(), key.openUntil()));
        return withFreshKey(ring, List.of(), dropped, now, millis(now), secrets);
    }

    /**
     * The ring of a process that uses none of its keys any more, and has nowhere to write another.
     *
     * @param ring what it is
     * @param now the time
     * @return a ring of the same version without keys, which remembers those that it had
     */
    public TicketKeyRing emptied(TicketKeyRing ring, Instant now)
    {
        Map<Long, Instant> dropped = rememberedAt(ring, now);
        ring.keys().stream().filter(key -> key.state(now) != TicketKey.State.ENDED).forEach(key -> dropped.put(key.id(), key.openUntil()));
        return new TicketKeyRing(ring.version(), ring.identityKey(), List.of(), dropped);
    }

    /**
     * Judges a ring that another process or an operator put in the store. Weak keys and ids or secrets that occur twice
     * need no judgement, no such ring can be made.
     *
     * @param from the ring in use
     * @param to the ring proposed
     * @param now the time; a key that ends within the lead counts as ended, since the other's clock may be ahead
     * @return what is wrong with the step; nothing when it is legal, also when both rings are the same
     */
    public Optional<String> illegal(TicketKeyRing from, TicketKeyRing to, Instant now)
    {
        if (from.hasContentsOf(to))
        {
            return Optional.empty();
        }
        if (to.version() < from.version())
        {
            return Optional.of("ring version " + to.version() + " is older than version " + from.version()
                + ", which is in use: it may bring back what was erased or dropped");
        }
        if (to.version() == from.version())
        {
            return Optional.of("ring version " + to.version() + " is not the version " + from.version() + " in use: two writers made it");
        }
        Instant latest = now.plus(lead);
        return Stream.of(
                to.keys().stream().filter(key -> from.dropped().containsKey(key.id())).map(key -> name(key) + " was dropped and is back"),
                from.keys().stream().flatMap(key -> lost(key, to, latest).stream()),
                from.keys().stream().flatMap(key -> changed(key, to).stream()),
                from.dropped().entrySet().stream().flatMap(entry -> forgotten(entry, to, latest).stream()),
                from.keys().stream().flatMap(key -> renamed(key, from, to).stream()))
            .flatMap(faults -> faults)
            .findFirst();
    }

    private static Optional<String> lost(TicketKey key, TicketKeyRing to, Instant latest)
    {
        boolean live = key.state(latest) != TicketKey.State.ENDED;
        boolean there = to.find(key.id()).isPresent() || to.dropped().containsKey(key.id());
        return live && !there ? Optional.of(name(key) + ", which opens until " + key.openUntil() + ", is gone without being dropped")
            : Optional.empty();
    }

    private static Optional<String> changed(TicketKey key, TicketKeyRing to)
    {
        for (TicketKey other : to.keys())
        {
            if (other.id() != key.id())
            {
                if (other.hasSecretOf(key))
                {
                    return Optional.of(name(key) + " has become " + name(other) + " with the same secret");
                }
                continue;
            }
            if (!key.isDestroyed() && !other.hasSecretOf(key))
            {
                return Optional.of(name(key) + " has another secret");
            }
            if (!other.created().equals(key.created()) || !other.sealFrom().equals(key.sealFrom()))
            {
                return Optional.of(name(key) + " begins at another time");
            }
            if (other.sealUntil().isAfter(key.sealUntil()) || other.openUntil().isAfter(key.openUntil()))
            {
                return Optional.of(name(key) + " lasts longer than it was published for");
            }
        }
        return Optional.empty();
    }

    private static Optional<String> renamed(TicketKey key, TicketKeyRing from, TicketKeyRing to)
    {
        return to.find(key.id()).isPresent() && !from.hasIdentityKeyOf(to)
            ? Optional.of("its identity key is another, by which no client of " + name(key) + " would be known any more")
            : Optional.empty();
    }

    private static Optional<String> forgotten(Map.Entry<Long, Instant> dropped, TicketKeyRing to, Instant latest)
    {
        boolean due = dropped.getValue().isAfter(latest);
        return due && !to.dropped().containsKey(dropped.getKey())
            ? Optional.of("it is forgotten that ticket key " + TicketKey.hex(dropped.getKey()) + " was dropped") : Optional.empty();
    }

    /*
     * From when on a key must seal that is not in the ring yet, as far as that must be known now.
     */
    private Optional<Instant> missingFrom(TicketKeyRing ring, Instant now)
    {
        Optional<TicketKey> sealing = ring.sealing(now);
        if (sealing.isEmpty())
        {
            // Not one more key because the clock of this node is a little behind that of the node which made the ring.
            boolean soon = ring.keys().stream()
                .anyMatch(key -> key.state(now) == TicketKey.State.PUBLISHED && !key.sealFrom().isAfter(now.plus(lead)));
            return soon ? Optional.empty() : Optional.of(millis(now));
        }
        Instant until = sealing.get().sealUntil();
        if (now.isBefore(until.minus(lead)))
        {
            return Optional.empty();
        }
        Predicate<TicketKey> follows = key -> !key.sealFrom().isAfter(until) && key.sealUntil().isAfter(until);
        return ring.keys().stream().anyMatch(follows) ? Optional.empty() : Optional.of(until);
    }

    private TicketKeyRing withFreshKey(TicketKeyRing before, List<TicketKey> kept, Map<Long, Instant> dropped, Instant now,
        Instant sealFrom, Supplier<byte[]> secrets)
    {
        // A key may lie ahead when the clock went back: one seals at a time even then.
        Instant sealUntil = kept.stream().map(TicketKey::sealFrom).filter(sealFrom::isBefore).min(Instant::compareTo)
            .filter(sealFrom.plus(sealPeriod)::isAfter)
            .orElse(sealFrom.plus(sealPeriod));
        byte[] secret = secrets.get();
        TicketKey fresh;
        try
        {
            fresh = new TicketKey(newId(kept, dropped), now, sealFrom, sealUntil, sealUntil.plus(lifetime), secret);
        }
        finally
        {
            Arrays.fill(secret, (byte)0);
        }
        List<TicketKey> keys = new ArrayList<>(kept);
        keys.add(fresh);
        try
        {
            byte[] identityKey = before.version() == 0 ? Random.bytes(TicketKeyRing.IDENTITY_KEY_BYTES) : before.identityKey();
            return new TicketKeyRing(successor(before), identityKey, keys, dropped);
        }
        catch (RuntimeException e)
        {
            fresh.destroy();
            throw e;
        }
    }

    private static Map<Long, Instant> rememberedAt(TicketKeyRing ring, Instant now)
    {
        Map<Long, Instant> remembered = new HashMap<>(ring.dropped());
        remembered.values().removeIf(until -> !now.isBefore(until));
        return remembered;
    }

    private static long newId(List<TicketKey> keys, Map<Long, Instant> dropped)
    {
        long id;
        do
        {
            id = ByteBuffer.wrap(Random.bytes(Long.BYTES)).getLong();
        }
        while (id == 0 || isTaken(id, keys, dropped));
        return id;
    }

    private static boolean isTaken(long id, List<TicketKey> keys, Map<Long, Instant> dropped)
    {
        return dropped.containsKey(id) || keys.stream().anyMatch(key -> key.id() == id);
    }

    static byte[] newSecret()
    {
        return Random.bytes(Xaes256Gcm.KEY_BYTES);
    }

    private static long successor(TicketKeyRing ring)
    {
        return Math.addExact(ring.version(), 1);
    }

    private static Instant millis(Instant time)
    {
        return time.truncatedTo(ChronoUnit.MILLIS);
    }

    private static String name(TicketKey key)
    {
        return "ticket key " + TicketKey.hex(key.id());
    }

    private static void requireRange(String setting, Duration value, String why)
    {
        if (value.compareTo(MIN_PERIOD) < 0 || value.compareTo(TicketKey.MAX_PERIOD) > 0)
        {
            throw new IllegalArgumentException(setting + " is " + seconds(value) + ": make it " + MIN_PERIOD.toSeconds() + " to "
                + seconds(TicketKey.MAX_PERIOD) + ", as " + why);
        }
    }

    /**
     * As the settings are written; a fraction counts as a whole one.
     */
    private static String seconds(Duration duration)
    {
        return duration.plusNanos(999_999_999).toSeconds() + " seconds";
    }
}
