package io.github.tlsresumption.forget;

import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;

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
 * session, and on one host also while nobody comes. When the clock is set back by more, see {@link #beyond} and {@link #beginAgain}.
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

    private final ForgetLog log;
    private final Duration longest;
    private final Clock clock;
    private final ForgetTable table;
    private final ForgetLogTeller teller;
    private final EstablishedTimes times;
    private final ForgetLogReader reader;
    private final ForgetListReport report;

    // Taken by what polls and by what begins again:
    private final Object turn = new Object();

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
        this.log = Objects.requireNonNull(log);
        this.longest = longest;
        this.clock = Objects.requireNonNull(clock);
        this.table = new ForgetTable(longest.toMillis(), maxEntries, maxBindings);
        this.teller = new ForgetLogTeller(log, maxEntries);
        this.times = new EstablishedTimes(table, log, longest.toMillis());
        this.reader = new ForgetLogReader(log, clock);
        this.report = new ForgetListReport(table, log);
        poll();
        reader.started();
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
            times.bound(now);
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
        return times.established(time);
    }

    /**
     * @return when sessions were established in this process at the latest; nothing when none was
     */
    public Optional<Instant> newestHere()
    {
        return times.newestHere();
    }

    /**
     * @return when sessions were established, or users named, at the latest: those of this process, and, up to ten seconds later than they
     *     were, those before its start and in other processes; nothing when no session is known
     */
    public Optional<Instant> newest()
    {
        return times.newest();
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
        return times.beyond(latest, reach);
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
            teller.clear();
            times.reset();
            table.beginAgain(before.toEpochMilli());
            reader.beginAgain();
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
        return established.toEpochMilli() <= reader.unread() || table.isForgotten(session, established.toEpochMilli(), subjects);
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
                teller.tellUntold();
                reader.stayUnread(now.toEpochMilli());
                reader.read(this::applyRead);
                mark(now.toEpochMilli());
                table.expire(now.toEpochMilli());
                report.report(now, everyoneBefore(), problem(), reader.fault());
            }
            catch (Throwable e)
            {
                // An Error too: thrown on, it would end a scheduler's calls for ever.
                reader.failed(e);
            }
        }
    }

    /**
     * @return what is wrong with the log, for operators; nothing when all is well
     */
    public Optional<String> problem()
    {
        return teller.problem().or(reader::fault);
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
        return teller.untold();
    }

    /**
     * @return when the log was last read to its end; nothing when it never was
     */
    public Optional<Instant> lastContact()
    {
        return reader.lastContact();
    }

    /**
     * @return all sessions established at or before this instant are forgotten; nothing when no session can be that old
     */
    public Optional<Instant> everyoneBefore()
    {
        long before = Math.max(reader.unread(), table.everyone());
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

    private void applyAndTell(ForgetLogEntry entry) throws IOException
    {
        apply(entry);
        teller.tell(entry);
    }

    private void applyRead(ForgetLogEntry entry)
    {
        if (entry instanceof Bind bind && !bind.isRingVersion())
        {
            times.read(bind);
        }
        apply(entry);
    }

    private void apply(ForgetLogEntry entry)
    {
        table.apply(entry, clock.millis());
    }

    private void mark(long now)
    {
        if (!times.isMarkDue(now) || problem().isPresent())
        {
            return;
        }
        try
        {
            applyAndTell(times.newMark(now));
        }
        catch (IOException e)
        {
            LOG.debug("The cause", e);
        }
    }
}
