package io.github.tlsresumption.forget;

import java.io.IOException;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

import io.github.tlsresumption.files.LibraryMismatch;
import io.github.tlsresumption.forget.ForgetLogEntry.ForgetEveryone;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the log who is forgotten: what several threads tell at the same time in one call, and what the log did not take again.
 *
 * <p>Safe for use by many threads. Two locks: {@code untold} guards what waits to be told, and why; {@code appending} is held by the
 * caller that appends, for all whose entries are in its batch. Without a fault nothing waits, so that {@link #tellUntold} and a caller
 * never append at once. Whoever holds {@code appending} may take {@code untold}, and not the other way round.
 */
final class ForgetLogTeller
{
    private static final Logger LOG = LoggerFactory.getLogger(ForgetList.class);
    private static final int BATCH = 10_000;

    private final ForgetLog log;
    private final int maxEntries;

    private final Deque<ForgetLogEntry> untold = new ArrayDeque<>();
    // Under untold:
    private String appendFault;
    private Batch next = new Batch();

    private final Object appending = new Object();

    /**
     * @param log told
     * @param maxEntries how many may wait; beyond that they become one that forgets everyone as old as they
     */
    ForgetLogTeller(ForgetLog log, int maxEntries)
    {
        this.log = log;
        this.maxEntries = maxEntries;
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

    /**
     * @throws IOException when the log did not take it, so that it waits
     */
    void tell(ForgetLogEntry entry) throws IOException
    {
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
            batch.fault = LibraryMismatch.messageOf(e);
            batch.cause = e;
            synchronized (untold)
            {
                appendFault = batch.fault;
                batch.entries.forEach(this::keep);
            }
        }
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

    /**
     * Tells what waits. Throws nothing.
     */
    void tellUntold()
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
                    appendFault = LibraryMismatch.messageOf(e);
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

    /**
     * Nothing is to be told any more.
     */
    void clear()
    {
        synchronized (untold)
        {
            untold.clear();
            appendFault = null;
        }
    }

    /**
     * @return why entries wait, and how many, for operators; nothing when none does
     */
    Optional<String> problem()
    {
        synchronized (untold)
        {
            return appendFault == null ? Optional.empty()
                : Optional.of(appendFault + " (" + untold.size() + " entries wait to be told to other processes)");
        }
    }

    int untold()
    {
        synchronized (untold)
        {
            return untold.size();
        }
    }

    private static String untoldMessage(String fault)
    {
        return "forgotten in this process, but others have not been told yet, which is tried again twice a second: " + fault;
    }
}
