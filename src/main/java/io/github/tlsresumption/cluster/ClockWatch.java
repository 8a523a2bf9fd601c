package io.github.tlsresumption.cluster;

import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compares this node's clock with the engine's, and says now and then when they are too far apart: then what is forgotten may miss
 * sessions that other nodes establish, and sessions end too early or too late. Thread-safe.
 */
public final class ClockWatch
{
    private static final Logger LOG = LoggerFactory.getLogger(ClockWatch.class);
    private static final Duration WARNING_EVERY = Duration.ofMinutes(10);

    private final SharedStores stores;
    private final Duration bound;
    private final Clock clock;

    private volatile Duration offset;
    private volatile Instant lastContact;
    private volatile String problem;
    private Instant warnedAt = Instant.EPOCH;

    /**
     * @param stores tell the engine's time
     * @param bound how far the clocks may be apart
     * @param clock this node's time
     */
    public ClockWatch(SharedStores stores, Duration bound, Clock clock)
    {
        this.stores = stores;
        this.bound = bound;
        this.clock = clock;
    }

    /**
     * @return by how much this node's clock is ahead of the engine's, negative when it is behind, as last seen; nothing before the
     * engine has told its time
     */
    public Optional<Duration> offset()
    {
        return Optional.ofNullable(offset);
    }

    /**
     * @return when the engine last told its time; nothing before that
     */
    public Optional<Instant> lastContact()
    {
        return Optional.ofNullable(lastContact);
    }

    /**
     * @return what is wrong with this node's clock; nothing as far as is known
     */
    public Optional<String> problem()
    {
        return Optional.ofNullable(problem);
    }

    /**
     * Compares. To be called every minute or so. Throws nothing. An engine that does not answer changes nothing.
     */
    public synchronized void compare()
    {
        try
        {
            Instant asked = clock.instant();
            Instant theirs = stores.time();
            Duration waited = Duration.between(asked, clock.instant());
            Duration half = waited.dividedBy(2);
            offset = Duration.between(theirs, asked.plus(half));
            lastContact = asked;
            // For all we know the engine looked at its clock at either end of the wait.
            judge(offset.abs().minus(half.abs()).compareTo(bound) > 0);
        }
        catch (IOException | RuntimeException x)
        {
            LOG.debug("The engine's time is not known", x);
        }
    }

    private void judge(boolean isApart)
    {
        if (!isApart)
        {
            if (problem != null)
                LOG.info("Clock: all is well again with this node's clock");
            problem = null;
            warnedAt = Instant.EPOCH;
            return;
        }
        problem = "this node's clock is " + offset.abs().toMillis() + " ms " + (offset.isNegative() ? "behind" : "ahead of") + " that of " +
            stores.describe() + ", more than the " + bound.toSeconds() + " s of jetty.tlsResumption.clockSkew (or of .rotation.lead, " +
            "if that is less): who is forgotten here may still resume elsewhere, and sessions end too early or too late; mend NTP, or " +
            "raise the setting on all nodes";
        Instant now = clock.instant();
        if (Duration.between(warnedAt, now).abs().compareTo(WARNING_EVERY) >= 0)
        {
            LOG.warn("Clock: {}", problem);
            warnedAt = now;
        }
    }
}
