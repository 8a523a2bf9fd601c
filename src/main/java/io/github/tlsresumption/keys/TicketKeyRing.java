package io.github.tlsresumption.keys;

import java.time.Instant;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The ticket keys that all nodes share, in one version. Immutable, but its keys can be destroyed.
 *
 * <p>The version rises by each change and never falls; stores compare and set by it. No two keys of a ring have the
 * same id or the same secret, and no key is weak: a ring that breaks this cannot be made.
 *
 * <p>A key that an operator drops before its time leaves its id behind, until the time at which it would have ended.
 * So the others can tell a drop from a loss, and the key cannot come back.
 */
public final class TicketKeyRing
{
    /**
     * The most keys, and the most dropped ids, that a ring holds.
     */
    public static final int MAX_KEYS = 1_000;

    /**
     * Length of the identity key.
     */
    public static final int IDENTITY_KEY_BYTES = 32;

    /*
     * On equal times the lower id is the later one, so that every node takes the same.
     */
    private static final Comparator<TicketKey> IN_TIME = Comparator.comparing(TicketKey::sealFrom)
        .thenComparing(TicketKey::sealUntil)
        .thenComparing(TicketKey::id, Comparator.reverseOrder());

    private static final TicketKeyRing EMPTY = new TicketKeyRing(0, new byte[0], List.of(), Map.of());

    private final long version;
    private final byte[] identityKey;
    private final List<TicketKey> keys;
    private final Map<Long, Instant> dropped;
    private final long[] ids;
    private final List<Optional<TicketKey>> byId;

    /*
     * dropped: by id the instant from which on it need not be remembered.
     */
    TicketKeyRing(long version, byte[] identityKey, Collection<TicketKey> keys, Map<Long, Instant> dropped)
    {
        if (version < 0)
        {
            throw new IllegalArgumentException("a ring's version is never negative: " + version);
        }
        if (identityKey.length != (version == 0 ? 0 : IDENTITY_KEY_BYTES) || version > 0 && isZero(identityKey))
        {
            throw new IllegalArgumentException("the identity key is weak, or has " + identityKey.length + " bytes");
        }
        if (keys.size() > MAX_KEYS || dropped.size() > MAX_KEYS)
        {
            throw new IllegalArgumentException("more than " + MAX_KEYS + " ticket keys, " + keys.size() + " live and "
                + dropped.size() + " dropped");
        }
        this.version = version;
        this.identityKey = identityKey.clone();
        this.keys = keys.stream().sorted(IN_TIME).toList();
        this.dropped = Map.copyOf(dropped);
        this.ids = this.keys.stream().mapToLong(TicketKey::id).sorted().toArray();
        Map<Long, TicketKey> index = new HashMap<>();
        for (TicketKey key : this.keys)
        {
            if (index.put(key.id(), key) != null)
            {
                throw new IllegalArgumentException("ticket key " + TicketKey.hex(key.id()) + " is twice in the ring");
            }
            if (this.dropped.containsKey(key.id()))
            {
                throw new IllegalArgumentException("ticket key " + TicketKey.hex(key.id()) + " is in the ring, and dropped");
            }
        }
        this.byId = Arrays.stream(ids).mapToObj(id -> Optional.of(index.get(id))).toList();
        requireDistinctSecrets();
    }

    /**
     * @return the ring before the first: version 0, no keys
     */
    public static TicketKeyRing empty()
    {
        return EMPTY;
    }

    /**
     * @return 0 for the ring before the first, then rising
     */
    public long version()
    {
        return version;
    }

    /**
     * For stores: nothing else may take a ring's place than a later version.
     *
     * @param expectedVersion of the ring that this one is to replace
     * @throws IllegalArgumentException when this one's is not higher
     */
    public void requireHigherThan(long expectedVersion)
    {
        if (version <= expectedVersion)
        {
            throw new IllegalArgumentException("ring version " + version + " is to replace version " + expectedVersion);
        }
    }

    /**
     * The key of the hashes that stand for clients in tickets and in lists of the forgotten. It opens nothing, and is the same
     * for as long as the ring lives, so that every node names a client alike.
     *
     * @return a copy of its {@link #IDENTITY_KEY_BYTES} bytes; none in the ring before the first
     */
    public byte[] identityKey()
    {
        return identityKey.clone();
    }

    /**
     * @return the keys in the order in which they seal
     */
    public List<TicketKey> keys()
    {
        return keys;
    }

    /**
     * @return the ids of keys that were dropped before their time, each with the instant at which it would have ended
     */
    public Map<Long, Instant> dropped()
    {
        return dropped;
    }

    /**
     * @param now the time
     * @return the key that seals new tickets, the one latest to begin where there are several;
     *     or nothing, and then no ticket that opens can be made
     */
    public Optional<TicketKey> sealing(Instant now)
    {
        for (int i = keys.size() - 1; i >= 0; i--)
        {
            if (keys.get(i).state(now) == TicketKey.State.SEALING)
            {
                return Optional.of(keys.get(i));
            }
        }
        return Optional.empty();
    }

    /**
     * Finds the key for a ticket. Allocates nothing, as it is asked for whatever strangers send.
     *
     * @param id what stands in front of the ticket, any number
     * @param now the time
     * @return the key of this id unless it has ended; nothing when there is none
     */
    public Optional<TicketKey> opening(long id, Instant now)
    {
        Optional<TicketKey> key = find(id);
        return key.isPresent() && key.get().state(now) == TicketKey.State.ENDED ? Optional.empty() : key;
    }

    /**
     * @param now the time
     * @return when the key that seals now stops; nothing when none seals
     */
    public Optional<Instant> nextRotation(Instant now)
    {
        return sealing(now).map(TicketKey::sealUntil);
    }

    /**
     * @param now the time
     * @return what is at stake with the keys that have not ended; nothing when there are none
     */
    public Optional<Exposure> exposure(Instant now)
    {
        List<TicketKey> live = keys.stream().filter(key -> key.state(now) != TicketKey.State.ENDED).toList();
        return live.stream().map(TicketKey::openUntil).max(Comparator.naturalOrder())
            .map(until -> new Exposure(live.get(0).sealFrom(), until));
    }

    /**
     * @return the version, the keys with their times, nothing of their secrets
     */
    @Override
    public String toString()
    {
        return "ticket key ring, version " + version + ", keys " + keys + (dropped.isEmpty() ? "" : ", dropped " + droppedInHex());
    }

    /*
     * The same keys in the next version.
     */
    TicketKeyRing again()
    {
        return new TicketKeyRing(Math.addExact(version, 1), identityKey, keys, dropped);
    }

    TicketKeyRing atVersion(long other)
    {
        return new TicketKeyRing(other, identityKey, keys, dropped);
    }

    Optional<TicketKey> find(long id)
    {
        int index = Arrays.binarySearch(ids, id);
        return index < 0 ? Optional.empty() : byId.get(index);
    }

    /*
     * Whether a ring says nothing new. Where a key was destroyed in memory its secret cannot be compared.
     */
    boolean hasContentsOf(TicketKeyRing other)
    {
        return version == other.version && hasIdentityKeyOf(other) && dropped.equals(other.dropped) && Arrays.equals(ids, other.ids)
            && keys.stream().allMatch(key -> isSame(key, other.find(key.id()).orElseThrow()));
    }

    boolean hasIdentityKeyOf(TicketKeyRing other)
    {
        return Arrays.equals(identityKey, other.identityKey);
    }

    void destroyKeys()
    {
        keys.forEach(TicketKey::destroy);
    }

    private static boolean isZero(byte[] bytes)
    {
        return Arrays.equals(bytes, new byte[bytes.length]);
    }

    private static boolean isSame(TicketKey one, TicketKey other)
    {
        return one.hasTimesOf(other) && (one.isDestroyed() || other.isDestroyed() || one.hasSecretOf(other));
    }

    private void requireDistinctSecrets()
    {
        for (int i = 0; i < keys.size(); i++)
        {
            for (int j = 0; j < i; j++)
            {
                if (keys.get(i).hasSecretOf(keys.get(j)))
                {
                    throw new IllegalArgumentException("ticket keys " + TicketKey.hex(keys.get(j).id()) + " and "
                        + TicketKey.hex(keys.get(i).id()) + " have the same secret");
                }
            }
        }
    }

    private Map<String, Instant> droppedInHex()
    {
        Map<String, Instant> inHex = new TreeMap<>();
        dropped.forEach((id, until) -> inHex.put(TicketKey.hex(id), until));
        return inHex;
    }
}
