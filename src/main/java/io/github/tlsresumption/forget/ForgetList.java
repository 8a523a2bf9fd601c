package io.github.tlsresumption.forget;

import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAccumulator;

import io.github.tlsresumption.files.LibraryMismatch;
import io.github.tlsresumption.forget.ForgetLogEntry.Bind;
import io.github.tlsresumption.forget.ForgetLogEntry.Forget;
import io.github.tlsresumption.forget.ForgetLogEntry.ForgetEveryone;
import io.github.tlsresumption.forget.ForgetLogEntry.ForgetPrincipal;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who has been forgotten: asked at each resumption, changed now and then.
 *
 * <p>A <b>subject</b> is a number: a session's own (the first 8 bytes of its stable id), its client's, or a principal's,
 * that is a user whom the application names. Forgetting a subject with an instant {@code before} reaches its sessions
 * that were established at or before that instant, and later ones not. A principal's are those bound to it at or before
 * that instant. Times count in milliseconds.
 *
 * <p><b>Bounded, and never less forgotten.</b> When there are too many entries about the oldest tenth gives way, and everyone
 * as old as those is forgotten. When there are too many bindings those of the sessions established longest ago give way;
 * from then on to forget a principal is to forget everyone as old as those too. An entry goes when no session that it
 * reaches can be alive. A session bound to more than 8 principals is forgotten.
 *
 * <p><b>Others are told</b> through the {@link ForgetLog}. What it does not take is in effect in this process all the
 * same, and tried again with each {@link #poll}. While it fails, up to as many entries wait as the list holds; beyond
 * that they become one that forgets everyone as old as they. The clocks of the processes are taken to agree: who cannot be sure
 * chooses a later instant {@code before}.
 *
 * <p><b>When the clock is set back</b>, by a little, whoever forgets takes {@link #newest} for {@code before}: the list keeps, in the log
 * too, a mark that is never behind the sessions {@linkplain #established established}. It is written a few seconds ahead, not with each
 * session. When the clock is set back by more, see {@link #beyond} and {@link #beginAgain}.
 *
 * <p><b>What a crash loses.</b> Nothing for which a call has returned: it is in the log by then, a binding too, since to
 * forget a user must find the sessions of the last second as well. (Of several calls for the same binding only the first
 * waits for the log.) Entries that threads tell at the same time go to the log in one call. What a call threw
 * {@link IOException} for is lost unless a later {@link #poll} could tell it: see {@link #untold}.
 *
 * <p>Safe for use by many threads. {@link #isForgotten} never waits and takes no lock; what tells others may block for two
 * calls of the log, the one that runs and its own, except that nobody waits for a log that has just failed.
 */
public final class ForgetList
{
    private static final Logger LOG = LoggerFactory.getLogger(ForgetList.class);
    private static final Duration SAME_WARNING_EVERY = Duration.ofMinutes(10);
    private static final Duration ANY_WARNING_EVERY = Duration.ofSeconds(10);
    private static final int MOST = 100_000_000;
    private static final int BATCH = 10_000;
    private static final long MARK_AHEAD = 10_000;
    private static final int MANY_MARKS = 100;
    private static final long UNREAD_MARGIN = 120_000;

    private final ForgetLog log;
    private final Duration longest;
    private final int maxEntries;
    private final Clock clock;
    private final ForgetTable table;

    // Guards what waits to be told, and why. Without a fault nothing waits, so that a poll and a caller never append at once:
    private final Deque<ForgetLogEntry> untold = new ArrayDeque<>();
    private String appendFault;
    private Batch next = new Batch();

    // Held by the caller that appends:
    private final Object appending = new Object();

    // Sessions up to then may have been forgotten in the log, which was never read. Before the start the clock may have been ahead.
    private volatile long unread = ForgetTable.NOBODY;
    private volatile String readFault;
    // When sessions were established at the latest: in this process; and before it or elsewhere, or users named.
    private final LongAccumulator newest = new LongAccumulator(Math::max, ForgetTable.NOBODY);
    private final LongAccumulator newestRead = new LongAccumulator(Math::max, ForgetTable.NOBODY);
    // Marks of this process, which are ahead of its sessions, until they are read.
    private final Set<Long> ownMarks = ConcurrentHashMap.newKeySet();
    private volatile Instant lastContact;

    // Under turn:
    private final Object turn = new Object();
    private long overflowsSaid;
    private Instant overflowSaidAt = Instant.EPOCH;
    private long polledAt;
    private String warning = "";
    private Instant warnedAt = Instant.EPOCH;
    private boolean warned;

    /**
     * Reads the log. As long as it cannot be read it is not known who was forgotten, so everyone before now is.
     *
     * @param log not closed by the list
     * @param longest how long a session can live at the most
     * @param maxEntries how many forgotten subjects to tell apart, 24 to 48 bytes of heap each
     * @param maxBindings how many bindings of a session to a principal to remember, 48 to 96 bytes of heap each
     * @param clock the time
     * @throws IllegalArgumentException when a bound is less than 1 or more than 100 million, or the duration is not positive
     */
    public ForgetList(ForgetLog log, Duration longest, int maxEntries, int maxBindings, Clock clock)
    {
        if (longest.isNegative() || longest.isZero())
        {
            throw new IllegalArgumentException("the longest session lives " + longest + ": must be more than nothing");
        }
        requireBound("forgotten subjects", maxEntries);
        requireBound("bindings of a session to a user", maxBindings);
        this.log = Objects.requireNonNull(log);
        this.longest = longest;
        this.maxEntries = maxEntries;
        this.clock = Objects.requireNonNull(clock);
        this.table = new ForgetTable(longest.toMillis(), maxEntries, maxBindings);
        long start = clock.millis();
        polledAt = start;
        poll();
        if (readFault != null)
        {
            unread = start + UNREAD_MARGIN;
        }
    }

    /**
     * Forgets the sessions of a subject, in this process at once.
     *
     * @param subject a session's own or a client's; for a principal see {@link #forgetPrincipal}
     * @param before those established at or before this instant, usually now
     * @throws IOException when other processes have not been told yet; that is tried again with each {@link #poll}
     */
    public void forget(long subject, Instant before) throws IOException
    {
        applyAndTell(new Forget(subject, before));
    }

    /**
     * Forgets the sessions of a principal, in this process at once.
     *
     * @param subject the principal, as in {@link #bind}
     * @param before those bound to it at or before this instant, usually now
     * @throws IOException when other processes have not been told yet; that is tried again with each {@link #poll}
     */
    public void forgetPrincipal(long subject, Instant before) throws IOException
    {
        applyAndTell(new ForgetPrincipal(subject, before));
    }

    /**
     * Forgets all sessions, in this process at once.
     *
     * @param before those established at or before this instant, usually now
     * @throws IOException when other processes have not been told yet; that is tried again with each {@link #poll}
     */
    public void forgetEveryone(Instant before) throws IOException
    {
        applyAndTell(new ForgetEveryone(before));
    }

    /**
     * Remembers who the user of a session is, from now on. Cheap when that is known already.
     *
     * @param session the session's own subject
     * @param established when it was
     * @param principal who
     * @throws IOException when other processes have not been told yet; that is tried again with each {@link #poll}
     */
    public void bind(long session, Instant established, long principal) throws IOException
    {
        if (!table.isBound(session, principal))
        {
            Instant now = clock.instant();
            newestRead.accumulate(now.toEpochMilli());
            applyAndTell(new Bind(session, established, principal, now));
        }
    }

    /**
     * Learns of a new session. Never waits.
     *
     * @param time when it was established
     * @return whether the mark in the log is behind it, so that a {@link #poll} should follow soon
     */
    public boolean established(Instant time)
    {
        newest.accumulate(time.toEpochMilli());
        return time.toEpochMilli() > table.mark();
    }

    /**
     * @return when sessions were established in this process at the latest; nothing when none was
     */
    public Optional<Instant> newestHere()
    {
        long known = newest.get();
        return known == ForgetTable.NOBODY ? Optional.empty() : Optional.of(Instant.ofEpochMilli(known));
    }

    /**
     * @return when sessions were established, or users named, at the latest: those of this process, and, up to ten seconds later than they
     *     were, those before its start and in other processes; nothing when no session is known
     */
    public Optional<Instant> newest()
    {
        long known = Math.max(newest.get(), newestRead.get());
        return known == ForgetTable.NOBODY ? Optional.empty() : Optional.of(Instant.ofEpochMilli(known));
    }

    /**
     * Judges the times in the list. A later one than the clock can have shown means that the clock was wrong then, or is now: see
     * {@link #beginAgain}.
     *
     * @param latest the latest time at which a session can have been established if the clock was not set back
     * @param reach how far beyond that time whoever forgets may reach; in a log of one host nobody reaches beyond it to forget everyone
     * @return the latest time in the list, if it is later than that
     */
    public Optional<Instant> beyond(Instant latest, Duration reach)
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
     * Forgets everyone in this process, whatever the clock says, until {@link #beginAgain}. Others are not told: it is for when the
     * ticket keys are to be dropped, which ends everybody's sessions.
     */
    public void forgetEver()
    {
        apply(ForgetEveryone.EVER);
    }

    /**
     * Throws away who was forgotten, here and in the log: to be called when all ticket keys and session keys were dropped, so that no
     * session of before can be resumed. Until it has succeeded nobody is less forgotten than before.
     *
     * @param before everyone established at or before this instant is forgotten
     * @throws IOException when the log did not take it; nothing has changed in this process
     */
    public void beginAgain(Instant before) throws IOException
    {
        synchronized (turn)
        {
            log.beginAgain(new ForgetEveryone(before));
            synchronized (untold)
            {
                untold.clear();
                appendFault = null;
            }
            newest.reset();
            newestRead.reset();
            ownMarks.clear();
            table.beginAgain(before.toEpochMilli());
            unread = ForgetTable.NOBODY;
        }
    }

    /**
     * @return the highest version of the ticket key ring that {@link #rememberRing} was told, here or elsewhere; 0 for none
     */
    public long ringVersion()
    {
        return table.ringVersion();
    }

    /**
     * Remembers a version of the ticket key ring in the log, and again when half of the time has passed for which the log keeps entries.
     * Cheap when that is known already.
     *
     * @param version of the ring in the store
     * @throws IOException when the log does not take it
     */
    public void rememberRing(long version) throws IOException
    {
        Instant now = clock.instant();
        boolean isOld = Math.abs(now.toEpochMilli() - table.ringVersionAt()) > longest.toMillis() / 2;
        boolean isNews = version > table.ringVersion() || version == table.ringVersion() && isOld;
        // It can wait, so it does not wait in line with those who are forgotten.
        if (version > 0 && isNews && problem().isEmpty())
        {
            applyAndTell(Bind.ringVersion(version, now));
        }
    }

    /**
     * @return how often entries of the log were found lost
     */
    public int losses()
    {
        return log.losses();
    }

    /**
     * @param session the session's own subject
     * @param established when it was
     * @param subjects whose it is besides, its client's for example; its principals are known from {@link #bind}
     * @return whether it must not be resumed
     */
    public boolean isForgotten(long session, Instant established, long... subjects)
    {
        // In this order: what was unread is in the table before it counts as read.
        return established.toEpochMilli() <= unread || table.isForgotten(session, established.toEpochMilli(), subjects);
    }

    /**
     * Reads what others told, tells them what they do not know yet, drops what has expired. To be called about every
     * second, by one thread. Throws nothing.
     */
    public void poll()
    {
        synchronized (turn)
        {
            Instant now = clock.instant();
            try
            {
                tellUntold();
                stayUnread(now.toEpochMilli());
                read();
                mark(now.toEpochMilli());
                table.expire(now.toEpochMilli());
                report(now);
            }
            catch (Throwable e)
            {
                // An Error too: thrown on, it would end a scheduler's calls for ever.
                readFault = messageOf(e);
                LOG.debug("The cause", e);
            }
        }
    }

    /**
     * @return what is wrong with the log, for operators; nothing when all is well
     */
    public Optional<String> problem()
    {
        synchronized (untold)
        {
            if (appendFault != null)
            {
                return Optional.of(appendFault + " (" + untold.size() + " entries wait to be told to other processes)");
            }
        }
        return Optional.ofNullable(readFault);
    }

    /**
     * @return whether nodes with clocks of their own may use the same log
     */
    public boolean isShared()
    {
        return log.shared();
    }

    /**
     * @return how many entries are in effect in this process only, as the log did not take them yet
     */
    public int untold()
    {
        synchronized (untold)
        {
            return untold.size();
        }
    }

    /**
     * @return when the log was last read to its end; nothing when it never was
     */
    public Optional<Instant> lastContact()
    {
        return Optional.ofNullable(lastContact);
    }

    /**
     * @return all sessions established at or before this instant are forgotten; nothing when no session can be that old
     */
    public Optional<Instant> everyoneBefore()
    {
        long before = Math.max(unread, table.everyone());
        return before < clock.millis() - longest.toMillis() ? Optional.empty() : Optional.of(Instant.ofEpochMilli(before));
    }

    /**
     * @return how many forgotten subjects are told apart
     */
    public int entries()
    {
        return table.entries();
    }

    /**
     * @return how many bindings of a session to a principal are known
     */
    public int bindings()
    {
        return table.bindings();
    }

    /**
     * @return how often a bound was reached, so that more was forgotten than asked for
     */
    public long overflows()
    {
        return table.overflows();
    }

    /**
     * @return a number that rises whenever more is forgotten than before, here or elsewhere
     */
    public long changes()
    {
        return table.changes();
    }

    /**
     * What callers tell with one call of the log. The first whose turn it is makes it, for all of them.
     */
    private static final class Batch
    {
        // Under untold, until the batch has its turn:
        private final List<ForgetLogEntry> entries = new ArrayList<>();

        // Under appending:
        private boolean done;
        private String fault;
        private Throwable cause;
    }

    private void applyAndTell(ForgetLogEntry entry) throws IOException
    {
        apply(entry);
        Batch mine;
        synchronized (untold)
        {
            if (appendFault != null)
            {
                keep(entry);
                throw new IOException(untoldMessage(appendFault));
            }
            mine = next;
            mine.entries.add(entry);
        }
        synchronized (appending)
        {
            if (!mine.done)
            {
                tell(mine);
                mine.done = true;
            }
            if (mine.fault != null)
            {
                throw new IOException(untoldMessage(mine.fault), mine.cause);
            }
        }
    }

    /*
     * The caller has the turn.
     */
    private void tell(Batch batch)
    {
        synchronized (untold)
        {
            next = new Batch();
            if (appendFault != null)
            {
                // Meanwhile the log has failed: whoever waited for the turn need not wait for that too.
                batch.fault = appendFault;
                batch.entries.forEach(this::keep);
                return;
            }
        }
        try
        {
            log.append(List.copyOf(batch.entries));
        }
        catch (Throwable e)
        {
            // Whatever it is, the entries are kept.
            batch.fault = messageOf(e);
            batch.cause = e;
            synchronized (untold)
            {
                appendFault = batch.fault;
                batch.entries.forEach(this::keep);
            }
        }
    }

    private void applyRead(ForgetLogEntry entry)
    {
        if (entry instanceof Bind bind && !bind.isRingVersion())
        {
            long at = bind.at().toEpochMilli();
            if (!bind.isMark() || !ownMarks.remove(at))
            {
                newestRead.accumulate(Math.max(at, bind.established().toEpochMilli()));
            }
        }
        apply(entry);
    }

    private void apply(ForgetLogEntry entry)
    {
        table.apply(entry, clock.millis());
    }

    /*
     * The caller holds the lock.
     */
    private void keep(ForgetLogEntry entry)
    {
        untold.add(entry);
        if (untold.size() > maxEntries)
        {
            Instant reach = untold.stream().map(ForgetLogEntry::reach).max(Instant::compareTo).orElseThrow();
            untold.clear();
            untold.add(new ForgetEveryone(reach));
        }
    }

    private void tellUntold()
    {
        while (true)
        {
            List<ForgetLogEntry> batch;
            synchronized (untold)
            {
                if (untold.isEmpty())
                {
                    appendFault = null;
                    return;
                }
                batch = untold.stream().limit(BATCH).toList();
            }
            try
            {
                log.append(batch);
            }
            catch (Throwable e)
            {
                LOG.debug("The cause", e);
                synchronized (untold)
                {
                    appendFault = messageOf(e);
                }
                return;
            }
            synchronized (untold)
            {
                for (ForgetLogEntry told : batch)
                {
                    // Meanwhile they may have become one for all, which is still to be told.
                    if (untold.peek() != told)
                    {
                        break;
                    }
                    untold.remove();
                }
            }
        }
    }

    /*
     * A clock that was behind at the start and is set right passes sessions of which nothing is known.
     */
    private void stayUnread(long now)
    {
        if (unread != ForgetTable.NOBODY && now - polledAt > UNREAD_MARGIN / 2)
        {
            unread = now + UNREAD_MARGIN;
        }
        polledAt = now;
    }

    /*
     * Renewed when half of it is used up, so that the log is written twice in that time at the most, and never without sessions.
     */
    private void mark(long now)
    {
        long known = newest.get();
        if (known <= less(table.mark(), MARK_AHEAD / 2) || problem().isPresent())
        {
            return;
        }
        long mark = Math.max(known, now) + MARK_AHEAD;
        if (ownMarks.size() == MANY_MARKS)
        {
            // A log that never gives them.
            ownMarks.clear();
        }
        ownMarks.add(mark);
        try
        {
            applyAndTell(Bind.mark(Instant.ofEpochMilli(mark)));
        }
        catch (IOException e)
        {
            LOG.debug("The cause", e);
        }
    }

    private static long less(long time, long millis)
    {
        return time == ForgetTable.NOBODY ? time : time - millis;
    }

    private void read()
    {
        try
        {
            log.read(this::applyRead);
            unread = ForgetTable.NOBODY;
            readFault = null;
            lastContact = clock.instant();
        }
        catch (Throwable e)
        {
            LOG.debug("The cause", e);
            readFault = messageOf(e);
        }
    }

    private void report(Instant now)
    {
        long overflows = table.overflows();
        if (overflows > overflowsSaid && Duration.between(overflowSaidAt, now).abs().compareTo(SAME_WARNING_EVERY) >= 0)
        {
            LOG.warn("The forget list was full {} times so far, so more is forgotten than asked for: everyone established {}, and with "
                + "each user everyone whose user is not known any more. Raise its bounds (it holds {} subjects and {} bindings)",
                overflows, everyoneBefore().map(before -> "at or before " + before).orElse("too long ago to matter"), entries(),
                bindings());
            overflowsSaid = overflows;
            overflowSaidAt = now;
        }
        Optional<String> problem = problem();
        if (problem.isEmpty())
        {
            if (warned)
            {
                LOG.info("Forget list: all is well again with {}", log.describe());
            }
            warned = false;
            return;
        }
        // Whoever stops us interrupts what is under way, which says nothing about the log.
        if (Thread.currentThread().isInterrupted())
        {
            return;
        }
        // What is wrong, without the number of entries, which grows.
        String fault = readFault == null ? "append" : readFault;
        if (Duration.between(warnedAt, now).abs().compareTo(fault.equals(warning) ? SAME_WARNING_EVERY : ANY_WARNING_EVERY) >= 0)
        {
            LOG.warn("Forget list: {}. What is forgotten here is in effect here; whether all processes know the same is not sure",
                problem.get());
            warning = fault;
            warnedAt = now;
            warned = true;
        }
    }

    private static String untoldMessage(String fault)
    {
        return "forgotten in this process, but others have not been told yet, which is tried again twice a second: " + fault;
    }

    private static String messageOf(Throwable fault)
    {
        return LibraryMismatch.explain(fault).orElseGet(() -> fault.getMessage() == null ? fault.toString() : fault.getMessage());
    }

    private static void requireBound(String what, int bound)
    {
        if (bound < 1 || bound > MOST)
        {
            throw new IllegalArgumentException("the bound on " + what + " is " + bound + ": set 1 to " + MOST);
        }
    }
}
