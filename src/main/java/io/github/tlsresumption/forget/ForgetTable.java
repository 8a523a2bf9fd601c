package io.github.tlsresumption.forget;

import io.github.tlsresumption.forget.ForgetLogEntry.Bind;
import io.github.tlsresumption.forget.ForgetLogEntry.Forget;
import io.github.tlsresumption.forget.ForgetLogEntry.ForgetEveryone;
import io.github.tlsresumption.forget.ForgetLogEntry.ForgetPrincipal;

/**
 * The entries of the log, merged and bounded. Times are milliseconds since 1970. Nothing in it just vanishes: when
 * entries give way, because there are too many or because they have expired, {@link #everyone} rises over them. For the
 * expired that matters only when the clock was wrong. Thread-safe; {@link #isForgotten} and {@link #isBound} never wait.
 */
final class ForgetTable
{
    static final long NOBODY = Long.MIN_VALUE;

    private static final int MOST = 100_000_000;
    private static final long MINUTE = 60_000;
    private static final int BEFORE = 0;

    private final long longest;
    private final int maxEntries;
    private final int maxBindings;

    // What replaces something is written before it goes: bindings give way to entries, entries to everyone. Readers take
    // them in this order, so they find the one or the other.
    private volatile LongRows bindings = Bindings.none();
    private volatile LongRows entries = new LongRows(1, 0);
    private volatile long everyone = NOBODY;
    private volatile long overflows;
    private volatile long changes;
    // The latest time up to which somebody is forgotten, and the latest at which sessions may have been established.
    private volatile long latest = NOBODY;
    private volatile long mark = NOBODY;
    private volatile long ringVersion;
    private volatile long ringVersionAt = NOBODY;

    // Up to when sessions were established whose bindings have given way.
    private long unknownBindings = NOBODY;
    private long nextExpiry = NOBODY;

    ForgetTable(long longest, int maxEntries, int maxBindings)
    {
        requireBound("forgotten subjects", maxEntries);
        requireBound("bindings of a session to a user", maxBindings);
        this.longest = longest;
        this.maxEntries = maxEntries;
        this.maxBindings = maxBindings;
    }

    boolean isForgotten(long session, long established, long... subjects)
    {
        LongRows bound = bindings;
        LongRows forgotten = entries;
        long all = everyone;
        if (established <= all || established <= before(forgotten, session))
        {
            return true;
        }
        for (long subject : subjects)
        {
            if (established <= before(forgotten, subject))
            {
                return true;
            }
        }
        return isForgottenByBinding(session, bound, forgotten, all);
    }

    /**
     * @return whether binding the session to the principal would change nothing
     */
    boolean isBound(long session, long principal)
    {
        return Bindings.isBound(bindings, session, principal);
    }

    synchronized void apply(ForgetLogEntry entry, long now)
    {
        if (entry instanceof Bind ring && ring.isRingVersion())
        {
            long at = ring.at().toEpochMilli();
            if (ring.principal() >= ringVersion)
            {
                ringVersionAt = ring.principal() > ringVersion ? at : Math.max(at, ringVersionAt);
                ringVersion = ring.principal();
            }
            return;
        }
        if (entry instanceof Bind bind)
        {
            mark = Math.max(mark, Math.max(bind.established().toEpochMilli(), bind.at().toEpochMilli()));
            if (!bind.isMark())
            {
                bind(bind, now);
            }
            return;
        }
        latest = Math.max(latest, entry.reach().toEpochMilli());
        if (entry instanceof Forget forget)
        {
            forget(forget.subject(), forget.before().toEpochMilli(), now);
        }
        else if (entry instanceof ForgetPrincipal forget)
        {
            long before = forget.before().toEpochMilli();
            forget(forget.subject(), before, now);
            raise(Math.min(before, unknownBindings));
        }
        else if (entry instanceof ForgetEveryone forget)
        {
            raise(forget.before().toEpochMilli());
        }
    }

    /**
     * Forgets all that is in the table, for all sessions that it is about have lost their ticket key.
     *
     * @param before everyone established at or before this is forgotten; nothing else is
     */
    synchronized void beginAgain(long before)
    {
        bindings = Bindings.none();
        entries = new LongRows(1, 0);
        unknownBindings = NOBODY;
        nextExpiry = NOBODY;
        latest = before;
        mark = before;
        ringVersion = 0;
        ringVersionAt = NOBODY;
        changes++;
        everyone = before;
    }

    /**
     * @return the latest time up to which anybody is forgotten
     */
    long latest()
    {
        return latest;
    }

    /**
     * @return the latest time at which sessions may have been established, as far as the log tells
     */
    long mark()
    {
        return mark;
    }

    /**
     * @return the highest version of the ring that was seen; 0 for none
     */
    long ringVersion()
    {
        return ringVersion;
    }

    /**
     * @return when that was written last
     */
    long ringVersionAt()
    {
        return ringVersionAt;
    }

    /**
     * Drops what has expired, at most once a minute.
     */
    synchronized void expire(long now)
    {
        if (now < nextExpiry && nextExpiry - now <= MINUTE)
        {
            return;
        }
        nextExpiry = now + MINUTE;
        long dead = dead(now);
        if (entries.hasUpTo(Math.max(dead, everyone), BEFORE))
        {
            dropEntries(dead);
        }
        if (bindings.hasUpTo(dead, Bindings.ESTABLISHED))
        {
            dropBindings(dead, now);
        }
    }

    long everyone()
    {
        return everyone;
    }

    int entries()
    {
        return entries.size();
    }

    int bindings()
    {
        return bindings.size();
    }

    long overflows()
    {
        return overflows;
    }

    long changes()
    {
        return changes;
    }

    private void forget(long subject, long before, long now)
    {
        if (before <= everyone)
        {
            return;
        }
        int slot = entries.find(subject);
        if (slot != LongRows.NONE)
        {
            if (before > entries.get(slot, BEFORE))
            {
                entries.set(slot, BEFORE, before);
                changes++;
            }
            return;
        }
        changes++;
        if (entries.size() >= maxEntries)
        {
            long oldest = entries.tenth(BEFORE);
            count(oldest > Math.max(dead(now), everyone));
            dropEntries(Math.max(oldest, dead(now)));
        }
        if (before > everyone)
        {
            entries = entries.withRoom();
            entries.add(subject, before);
        }
    }

    private void bind(Bind bind, long now)
    {
        if (!Bindings.needsRow(bindings, bind))
        {
            return;
        }
        if (bindings.size() >= maxBindings)
        {
            long oldest = bindings.tenth(Bindings.ESTABLISHED);
            long covered = Math.max(dead(now), everyone);
            count(oldest > covered);
            dropBindings(Math.max(oldest, covered), now);
        }
        bindings = bindings.withRoom();
        Bindings.add(bindings, bind);
    }

    private void dropEntries(long threshold)
    {
        LongRows old = entries;
        long newest = NOBODY;
        for (int slot = 0; slot < old.slots(); slot++)
        {
            if (old.isUsed(slot) && old.get(slot, BEFORE) <= threshold)
            {
                newest = Math.max(newest, old.get(slot, BEFORE));
            }
        }
        raise(newest);
        long covered = Math.max(threshold, everyone);
        entries = old.where(slot -> old.get(slot, BEFORE) > covered);
    }

    private void dropBindings(long threshold, long now)
    {
        LongRows old = bindings;
        long dead = dead(now);
        long newestDead = NOBODY;
        long newestUnknown = NOBODY;
        for (int slot = 0; slot < old.slots(); slot++)
        {
            long established = old.isUsed(slot) ? old.get(slot, Bindings.ESTABLISHED) : Long.MAX_VALUE;
            if (established <= dead)
            {
                newestDead = Math.max(newestDead, established);
            }
            else if (established <= threshold && old.isUsed(slot))
            {
                newestUnknown = Math.max(newestUnknown, established);
                // 'Established up to' stands for 'bound up to' from now on; where clocks differ that is not the same.
                boolean isLate = established > old.get(slot, Bindings.AT);
                if (isLate || isForgottenByBinding(old.key(slot), old, entries, everyone))
                {
                    forget(old.key(slot), established, now);
                }
            }
        }
        raise(newestDead);
        unknownBindings = Math.max(unknownBindings, newestUnknown);
        bindings = old.where(slot -> old.get(slot, Bindings.ESTABLISHED) > threshold);
    }

    private static boolean isForgottenByBinding(long session, LongRows bound, LongRows forgotten, long everyone)
    {
        int principals = 0;
        for (int slot = bound.find(session); slot != LongRows.NONE; slot = bound.findAfter(slot, session))
        {
            long at = bound.get(slot, Bindings.AT);
            if (at <= everyone || at <= before(forgotten, bound.get(slot, Bindings.PRINCIPAL)) || ++principals > Bindings.MAX_PRINCIPALS)
            {
                return true;
            }
        }
        return false;
    }

    private static long before(LongRows forgotten, long subject)
    {
        int slot = forgotten.find(subject);
        return slot == LongRows.NONE ? NOBODY : forgotten.get(slot, BEFORE);
    }

    private void raise(long before)
    {
        if (before > everyone)
        {
            everyone = before;
            changes++;
        }
    }

    private void count(boolean isOverflow)
    {
        if (isOverflow)
        {
            overflows++;
        }
    }

    /*
     * The latest time at which a session that has ended by now was established.
     */
    private long dead(long now)
    {
        return now - longest - 1;
    }

    private static void requireBound(String what, int bound)
    {
        if (bound < 1 || bound > MOST)
        {
            throw new IllegalArgumentException("the bound on " + what + " is " + bound + ": set 1 to " + MOST);
        }
    }
}
