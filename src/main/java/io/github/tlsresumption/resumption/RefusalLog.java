package io.github.tlsresumption.resumption;

import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says now and then why sessions are not resumed: each reason that an operator can mend at most once in ten minutes,
 * whatever clients do. Thread-safe.
 */
final class RefusalLog
{
    private static final Logger LOG = LoggerFactory.getLogger(ConnectorResumption.class);
    private static final Duration PERIOD = Duration.ofMinutes(10);

    private final String scope;
    private final Map<RefusalReason, AtomicReference<Instant>> last = new EnumMap<>(RefusalReason.class);
    private final AtomicBoolean saidTooLarge = new AtomicBoolean();
    private final AtomicReference<Instant> lastFailure = new AtomicReference<>(Instant.MIN);

    RefusalLog(String scope)
    {
        this.scope = scope;
        for (RefusalReason reason : RefusalReason.values())
        {
            last.put(reason, new AtomicReference<>(Instant.MIN));
        }
    }

    void refused(RefusalReason reason, String client, long count, Instant now)
    {
        LOG.debug("scope {}: {} for {}", scope, reason, client);
        if (reason.isCommon())
        {
            return;
        }
        if (isDue(last.get(reason), now))
        {
            LOG.info("Scope {}: {} handshakes so far without resumption or ticket for the reason {}, the last for {}", scope, count,
                reason, client);
        }
    }

    void policyFailed(String client, Throwable failure, Instant now)
    {
        if (isDue(lastFailure, now))
        {
            LOG.warn("Scope {}: the session policy failed, no resumption for {}", scope, client, failure);
        }
        else
        {
            LOG.debug("session policy", failure);
        }
    }

    /**
     * Said once.
     *
     * @param bytes of a session's state
     * @param most that a ticket has room for
     */
    void tooLarge(int bytes, int most)
    {
        if (saidTooLarge.compareAndSet(false, true))
        {
            LOG.warn("A session of {} bytes is too large for a ticket (at most {}), so its client gets full handshakes only: "
                + "use shorter certificate chains", bytes, most);
        }
    }

    private static boolean isDue(AtomicReference<Instant> last, Instant now)
    {
        Instant before = last.get();
        boolean due = before.equals(Instant.MIN) || Duration.between(before, now).abs().compareTo(PERIOD) >= 0;
        return due && last.compareAndSet(before, now);
    }
}
