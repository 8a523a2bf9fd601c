package io.github.tlsresumption.forget;

import java.time.Clock;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Consumer;

import io.github.tlsresumption.files.LibraryMismatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the log, and knows up to when sessions may have been forgotten in it as long as it was never read.
 *
 * <p>Any thread may ask, without a lock. Only the thread that has the list's turn reads.
 */
final class ForgetLogReader
{
    private static final Logger LOG = LoggerFactory.getLogger(ForgetList.class);
    private static final long UNREAD_MARGIN = 120_000;

    private final ForgetLog log;
    private final Clock clock;
    private final long start;

    // Written under the list's turn:
    private volatile long unread = ForgetTable.NOBODY;
    private volatile String readFault;
    private volatile Instant lastContact;

    // Under the list's turn:
    private long polledAt;

    ForgetLogReader(ForgetLog log, Clock clock)
    {
        this.log = log;
        this.clock = clock;
        this.start = clock.millis();
        this.polledAt = start;
    }

    /**
     * After the first read. If that has failed sessions may have been forgotten, and before the start the clock may have been ahead.
     */
    void started()
    {
        if (readFault != null)
        {
            unread = start + UNREAD_MARGIN;
        }
    }

    /**
     * @return up to when sessions were established that may have been forgotten
     */
    long unread()
    {
        return unread;
    }

    Optional<String> fault()
    {
        return Optional.ofNullable(readFault);
    }

    Optional<Instant> lastContact()
    {
        return Optional.ofNullable(lastContact);
    }

    void read(Consumer<ForgetLogEntry> sink)
    {
        try
        {
            log.read(sink);
            unread = ForgetTable.NOBODY;
            readFault = null;
            lastContact = clock.instant();
        }
        catch (Throwable e)
        {
            failed(e);
        }
    }

    /*
     * A clock that was behind at the start and is set right passes sessions of which nothing is known.
     */
    void stayUnread(long now)
    {
        if (unread != ForgetTable.NOBODY && now - polledAt > UNREAD_MARGIN / 2)
        {
            unread = now + UNREAD_MARGIN;
        }
        polledAt = now;
    }

    void failed(Throwable cause)
    {
        LOG.debug("The cause", cause);
        readFault = LibraryMismatch.messageOf(cause);
    }

    /**
     * Nothing of before matters any more.
     */
    void beginAgain()
    {
        unread = ForgetTable.NOBODY;
    }
}
