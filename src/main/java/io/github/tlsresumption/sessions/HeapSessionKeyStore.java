package io.github.tlsresumption.sessions;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import com.github.benmanes.caffeine.cache.Policy;
import com.github.benmanes.caffeine.cache.RemovalCause;
import com.github.benmanes.caffeine.cache.Scheduler;
import io.github.tlsresumption.ticket.StableId;

/**
 * Session keys in this process' heap. At the bound the client with the most sessions loses those that end first, so that a flood of
 * sessions costs whoever makes them; where nobody has many more than others, the least useful session of all loses its key. All lose
 * theirs at the deadline, and when the process ends. Thread-safe.
 */
public final class HeapSessionKeyStore implements SessionKeyStore
{
    /** The part of all sessions from which on a client has many. */
    private static final int MANY = 200;
    /** A client with fewer sessions does not have many, however few there can be. */
    private static final int FEW = 8;
    /** The part of all sessions that is made room for at once, since to find them may take a look at all. */
    private static final int ROOM = 100;

    private final Clock clock;
    private final long maxSessions;
    private final Cache<StableId, SessionKey> keys;
    private final Policy.VarExpiration<StableId, SessionKey> expiration;
    private final ClientCounts clients = new ClientCounts();
    private final AtomicBoolean makingRoom = new AtomicBoolean();
    // Has only rules of which there are sessions, so it is not larger than these.
    private final Map<String, Long> byRule = new ConcurrentHashMap<>();
    // Has only keys that are there.
    private final Map<SessionKey, Reservation> reservations = new ConcurrentHashMap<>();

    private record Reservation(long holder, Instant since)
    {
        /*
         * A clock that was set back ends it too.
         */
        private boolean holds(Instant now)
        {
            return !now.isBefore(since) && now.isBefore(since.plus(RESERVATION));
        }
    }

    /**
     * @param maxSessions how many sessions at the most
     * @param clock tells which deadlines have passed
     * @throws IllegalArgumentException when the bound is less than 1
     */
    public HeapSessionKeyStore(long maxSessions, Clock clock)
    {
        if (maxSessions < 1)
        {
            throw new IllegalArgumentException("jetty.tlsResumption.maxCachedSessions is " + maxSessions
                + ": set at least 1, or use mode ticket or off");
        }
        this.clock = clock;
        this.maxSessions = maxSessions;
        this.keys = Caffeine.newBuilder()
            .maximumSize(maxSessions)
            .expireAfter(Expiry.creating((StableId id, SessionKey key) -> remaining(key)))
            .removalListener((StableId id, SessionKey key, RemovalCause cause) -> removed(key))
            .executor(Runnable::run)
            // Keys are to be overwritten at their deadline on an idle server too.
            .scheduler(Scheduler.systemScheduler())
            .build();
        this.expiration = keys.policy().expireVariably().orElseThrow();
    }

    private Duration remaining(SessionKey key)
    {
        Duration remaining = Duration.between(clock.instant(), key.deadline());
        return remaining.isNegative() ? Duration.ZERO : remaining;
    }

    private void removed(SessionKey key)
    {
        key.destroy();
        subtract(key);
        reservations.remove(key);
    }

    private void add(SessionKey key)
    {
        byRule.merge(key.rule(), 1L, Long::sum);
        clients.add(key.clientIdentity());
    }

    private void subtract(SessionKey key)
    {
        byRule.computeIfPresent(key.rule(), (rule, count) -> count == 1 ? null : Long.valueOf(count - 1));
        clients.subtract(key.clientIdentity());
    }

    /*
     * Of sessions that were used equally often the cache keeps the old ones: whoever once filled it would keep all others out until
     * the deadline.
     */
    private void makeRoom()
    {
        if (keys.estimatedSize() < maxSessions || !makingRoom.compareAndSet(false, true))
        {
            return;
        }
        try
        {
            int place = clients.largest();
            int count = clients.count(place);
            if (count > Math.max(FEW, maxSessions / MANY))
            {
                long room = Math.min(count / 2, Math.max(1, maxSessions / ROOM));
                keys.invalidateAll(expiration.oldest(sessions -> sessions
                    .filter(session -> ClientCounts.place(session.getValue().clientIdentity()) == place)
                    .limit(room)
                    .map(Map.Entry::getKey)
                    .toList()));
            }
        }
        finally
        {
            makingRoom.set(false);
        }
    }

    @Override
    public void put(SessionKey key)
    {
        makeRoom();
        // First, since what is put may be removed at once.
        add(key);
        keys.put(key.id(), key);
    }

    @Override
    public boolean replace(SessionKey key, SessionKey next)
    {
        add(next);
        boolean replaced = keys.asMap().replace(key.id(), key, next);
        if (!replaced)
        {
            subtract(next);
        }
        return replaced;
    }

    @Override
    public boolean reserve(SessionKey key, long holder)
    {
        if (keys.getIfPresent(key.id()) != key)
        {
            return false;
        }
        Instant now = clock.instant();
        Reservation mine = new Reservation(holder, now);
        if (reservations.merge(key, mine, (held, fresh) -> held.holds(now) ? held : fresh) != mine)
        {
            return false;
        }
        // The key may have been removed meanwhile.
        boolean there = keys.getIfPresent(key.id()) == key;
        if (!there)
        {
            reservations.remove(key, mine);
        }
        return there;
    }

    @Override
    public boolean commit(SessionKey key, SessionKey next, long holder)
    {
        Instant now = clock.instant();
        // Anew, so that nobody takes it over while the key is replaced.
        Reservation mine = new Reservation(holder, now);
        Reservation current = reservations.merge(key, mine,
            (held, fresh) -> held.holder() != holder && held.holds(now) ? held : fresh);
        boolean replaced = current == mine && replace(key, next);
        reservations.remove(key, mine);
        return replaced;
    }

    @Override
    public void release(SessionKey key, long holder)
    {
        reservations.computeIfPresent(key, (reserved, held) -> held.holder() == holder ? null : held);
    }

    @Override
    public Optional<SessionKey> get(StableId id)
    {
        SessionKey key = keys.getIfPresent(id);
        if (key == null)
        {
            return Optional.empty();
        }
        Instant now = clock.instant();
        if (!now.isBefore(key.deadline()))
        {
            keys.invalidate(id);
            return Optional.empty();
        }
        return Optional.of(key);
    }

    @Override
    public long removeIf(Predicate<SessionKey> forgotten)
    {
        long removed = 0;
        for (Map.Entry<StableId, SessionKey> entry : keys.asMap().entrySet())
        {
            if (forgotten.test(entry.getValue()) && keys.asMap().remove(entry.getKey(), entry.getValue()))
            {
                removed++;
            }
        }
        return removed;
    }

    @Override
    public long size()
    {
        return keys.estimatedSize();
    }

    @Override
    public OptionalLong size(String rule)
    {
        return OptionalLong.of(byRule.getOrDefault(rule, 0L));
    }

    @Override
    public void close()
    {
        keys.invalidateAll();
        keys.cleanUp();
    }
}
