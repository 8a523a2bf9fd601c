package io.github.tlsresumption.forget;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAccumulator;

import io.github.tlsresumption.forget.ForgetLogEntry.Bind;
import io.github.tlsresumption.forget.ForgetLogEntry.ForgetEveryone;

/**
 * When sessions were established at the latest, here and elsewhere, and the mark in the log that is never behind them.
 *
 * <p>Safe for use by many threads without a lock, except {@link #newMark} and {@link #reset}, which take turns by the list's.
 */
final class EstablishedTimes
{
    private static final long MARK_AHEAD = 10_000;
    private static final long MARK_EVERY = 60_000;
    private static final int MANY_MARKS = 100;

    private final ForgetTable table;
    private final ForgetLog log;
    private final long longest;

    // In this process; and before it or elsewhere, or users named.
    private final LongAccumulator newest = new LongAccumulator(Math::max, ForgetTable.NOBODY);
    private final LongAccumulator newestRead = new LongAccumulator(Math::max, ForgetTable.NOBODY);
    // Marks of this process, which are ahead of its sessions, until they are read.
    private final Set<Long> ownMarks = ConcurrentHashMap.newKeySet();

    /**
     * @param table knows the mark
     * @param log tells whether nodes with clocks of their own use it
     * @param longest how long a session can live at the most, in milliseconds
     */
    EstablishedTimes(ForgetTable table, ForgetLog log, long longest)
    {
        this.table = table;
        this.log = log;
        this.longest = longest;
    }

    /**
     * @return whether the mark in the log is behind it
     */
    boolean established(Instant time)
    {
        newest.accumulate(time.toEpochMilli());
        return time.toEpochMilli() > table.mark();
    }

    /**
     * A user is named.
     */
    void bound(Instant now)
    {
        newestRead.accumulate(now.toEpochMilli());
    }

    void read(Bind bind)
    {
        long at = bind.at().toEpochMilli();
        if (!bind.isMark() || !ownMarks.remove(at))
        {
            newestRead.accumulate(Math.max(at, bind.established().toEpochMilli()));
        }
    }

    Optional<Instant> newestHere()
    {
        return instant(newest.get());
    }

    Optional<Instant> newest()
    {
        return instant(Math.max(newest.get(), newestRead.get()));
    }

    /**
     * See {@link ForgetList#beyond}.
     */
    Optional<Instant> beyond(Instant latest, Duration reach)
    {
        if (table.everyone() == Long.MAX_VALUE)
        {
            return Optional.of(ForgetEveryone.EVER.before());
        }
        long bound = latest.toEpochMilli();
        long established = Math.max(newest.get(), less(table.mark(), MARK_AHEAD));
        // Whoever forgets reaches up to the mark at the least.
        long everyone = less(table.everyone(), MARK_AHEAD + (log.shared() ? reach.toMillis() : 0));
        // A single session is forgotten that far beyond, to be sure of it.
        long latestReach = MARK_AHEAD + (log.shared() ? 2 * reach.toMillis() : reach.toMillis());
        long found = Math.max(Math.max(established, everyone), less(table.latest(), latestReach));
        return found > bound ? Optional.of(Instant.ofEpochMilli(found)) : Optional.empty();
    }

    /**
     * @return whether half of the mark is used up, so that the log is written twice in that time at the most; or, on one host, whether the
     * mark is a minute old while a session may be alive: when the clock is set back then, the mark alone tells
     */
    boolean isMarkDue(long now)
    {
        return newest.get() > less(table.mark(), MARK_AHEAD / 2) || isMarkOld(now);
    }

    private boolean isMarkOld(long now)
    {
        // What nodes share goes by the cluster's time, which one clock that is set does not move.
        if (log.shared() || table.mark() == ForgetTable.NOBODY)
        {
            return false;
        }
        long last = Math.max(newest.get(), newestRead.get());
        return last > now - longest && table.mark() < now - MARK_EVERY;
    }

    /**
     * @return a mark for the log
     */
    Bind newMark(long now)
    {
        long mark = Math.max(newest.get(), now) + MARK_AHEAD;
        if (ownMarks.size() == MANY_MARKS)
        {
            // A log that never gives them.
            ownMarks.clear();
        }
        ownMarks.add(mark);
        return Bind.mark(Instant.ofEpochMilli(mark));
    }

    void reset()
    {
        newest.reset();
        newestRead.reset();
        ownMarks.clear();
    }

    private static Optional<Instant> instant(long millis)
    {
        return millis == ForgetTable.NOBODY ? Optional.empty() : Optional.of(Instant.ofEpochMilli(millis));
    }

    private static long less(long time, long millis)
    {
        return time == ForgetTable.NOBODY ? time : time - millis;
    }
}
