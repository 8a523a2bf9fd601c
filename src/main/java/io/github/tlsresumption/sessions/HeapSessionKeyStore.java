package io.github.tlsresumption.sessions;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import com.github.benmanes.caffeine.cache.RemovalCause;
import com.github.benmanes.caffeine.cache.Scheduler;
import io.github.tlsresumption.ticket.StableId;

/**
 * Session keys in this process' heap. At the bound the least useful session loses its key; all lose theirs at the deadline,
 * and when the process ends. Thread-safe.
 */
public final class HeapSessionKeyStore implements SessionKeyStore
{
    private final Clock clock;
    private final Cache<StableId, SessionKey> keys;
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
            throw new IllegalArgumentException("jetty.tlsResumption.maxCachedSessions is " + maxSessions +
                ": set at least 1, or use mode ticket or off");
        this.clock = clock;
        this.keys = Caffeine.newBuilder()
            .maximumSize(maxSessions)
            .expireAfter(Expiry.creating((StableId id, SessionKey key) -> remaining(key)))
            .removalListener((StableId id, SessionKey key, RemovalCause cause) -> removed(key))
            .executor(Runnable::run)
            // Keys are to be overwritten at their deadline on an idle server too.
            .scheduler(Scheduler.systemScheduler())
            .build();
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
    }

    private void subtract(SessionKey key)
    {
        byRule.computeIfPresent(key.rule(), (rule, count) -> count == 1 ? null : Long.valueOf(count - 1));
    }

    @Override
    public void put(SessionKey key)
    {
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
            subtract(next);
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
            return Optional.empty();
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
                removed++;
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
