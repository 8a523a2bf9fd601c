package io.github.tlsresumption.resumption;

import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

import io.github.tlsresumption.forget.ForgetList;
import io.github.tlsresumption.forget.ForgetLogEntry.ForgetEveryone;
import io.github.tlsresumption.keys.TicketKey;
import io.github.tlsresumption.keys.TicketKeyRingManager;
import io.github.tlsresumption.keys.TicketKeyStoreException;
import io.github.tlsresumption.log.WarningThrottle;
import io.github.tlsresumption.sessions.SessionKeyStore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Notices that the clock was set back by more than clocks may differ: while this process runs, or since something was written to the
 * log of the forgotten or to the ring.
 * <p>
 * From then on times of before and of now cannot be compared: a session of before would last longer than it may, and one that is
 * forgotten now would be good again when the clock is where it was. So nothing of before is good any more: every ticket key and session
 * key is dropped, which asks no clock, and the list of the forgotten begins again. Each client makes one full handshake. As long as
 * the keys cannot be dropped nothing is resumed.
 * <p>
 * The same is done when it is not known who was forgotten, since the log was damaged, or is new although the node has run before.
 * <p>
 * Thread-safe.
 */
public final class ClockGuard
{
    private static final Logger LOG = LoggerFactory.getLogger(ClockGuard.class);

    private final Forgetting forgetting;
    private final ForgetList list;
    private final TicketKeyRingManager ring;
    private final SessionKeyStore sessionKeys;
    private final Clock clock;
    private final Duration clockSkew;
    private final String place;
    private final WarningThrottle warning = new WarningThrottle(Duration.ofMinutes(10));
    private boolean dropped;
    private int losses;

    /**
     * @param forgetting tells its listeners
     * @param list who has been forgotten
     * @param ring the ticket keys
     * @param sessionKeys those of mode {@code cache}
     * @param clock tells the time
     * @param clockSkew how far clocks may differ from the backend's, and a clock of one host may be set back without consequence
     * @param place where the list is kept, for logs
     */
    public ClockGuard(Forgetting forgetting, ForgetList list, TicketKeyRingManager ring, SessionKeyStore sessionKeys, Clock clock,
        Duration clockSkew, String place)
    {
        this.forgetting = forgetting;
        this.list = list;
        this.ring = ring;
        this.sessionKeys = sessionKeys;
        this.clock = clock;
        this.clockSkew = clockSkew;
        this.place = place;
    }

    /**
     * To be called once, when ring and list have been read, before anybody resumes.
     *
     * @param isFirstRun whether this node has not used the ring before as far as is known: then a log that is new was not lost, though
     * the ring may be older, as one that was made for several hosts is
     */
    public void start(boolean isFirstRun)
    {
        // Nobody can be older than a ring that begins with this start.
        if (isFirstRun || ring.isFirst())
        {
            losses = list.losses();
        }
        check();
    }

    /**
     * To be called twice a second or so, before the list is polled. Throws nothing.
     */
    public synchronized void check()
    {
        try
        {
            Instant now = clock.instant();
            Optional<Instant> beyond = beyond(now);
            if (beyond.isPresent())
            {
                beginAgain(now, beyond.get());
            }
        }
        catch (Throwable e)
        {
            // An Error too: thrown on, it would end the scheduler's calls for ever.
            LOG.debug("The cause", e);
            warn(e);
        }
    }

    private Optional<Instant> beyond(Instant now)
    {
        if (list.losses() != losses)
        {
            return Optional.of(ForgetEveryone.EVER.before());
        }
        // Of two nodes that are as far from the backend's clock as they may be one can be twice as far from the other.
        Instant latest = now.plus(list.isShared() ? clockSkew.multipliedBy(2) : clockSkew);
        return list.beyond(latest, clockSkew)
            .or(() -> ring.ring().keys().stream().map(TicketKey::created).filter(latest::isBefore).max(Instant::compareTo));
    }

    private void beginAgain(Instant now, Instant beyond) throws IOException, TicketKeyStoreException
    {
        int lost = list.losses();
        forgetting.forgetEver();
        // Once is enough: until the list begins again no session gets a ticket.
        if (!dropped)
        {
            ring.dropAll();
        }
        dropped = true;
        // What nodes share was sealed under the ticket keys.
        if (!sessionKeys.shared())
        {
            sessionKeys.removeIf(any -> true);
        }
        list.beginAgain(clock.instant());
        dropped = false;
        losses = lost;
        warning.reset();
        String cause = beyond.equals(ForgetEveryone.EVER.before())
            ? "it is not known who was forgotten, since " + place + " was lost or damaged"
            : "the clock was set back: " + place + " or the ticket keys know of " + beyond + ", which is "
                + Duration.between(now, beyond).toSeconds() + " s after the present time of this node, " + now;
        LOG.warn("Ticket keys were dropped, and everyone established before now is forgotten: {}. Sessions that are established from now "
            + "on are resumed. If the clock was set back, have it set by NTP before Jetty starts", cause);
    }

    private void warn(Throwable cause)
    {
        // Whoever stops us interrupts what is under way.
        if (!Thread.currentThread().isInterrupted() && warning.isDue(clock.instant()))
        {
            LOG.warn("The clock was set back, or it is not known who was forgotten, but the ticket keys could not be dropped: nothing is "
                + "resumed until they are, which is tried again twice a second: {}", cause.getMessage());
        }
    }
}
