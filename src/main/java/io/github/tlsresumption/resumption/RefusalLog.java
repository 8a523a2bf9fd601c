package io.github.tlsresumption.resumption;

import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;

import io.github.tlsresumption.log.WarningThrottle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says now and then why sessions are not resumed: each reason that an operator can fix at most once in ten minutes,
 * whatever clients do. Thread-safe.
 */
final class RefusalLog
{
    private static final Logger LOG = LoggerFactory.getLogger(ConnectorResumption.class);
    private static final Duration PERIOD = Duration.ofMinutes(10);

    private final String scope;
    private final Map<RefusalReason, WarningThrottle> refusals = new EnumMap<>(RefusalReason.class);
    private final AtomicBoolean saidTooLarge = new AtomicBoolean();
    private final WarningThrottle policyFailures = new WarningThrottle(PERIOD);

    RefusalLog(String scope)
    {
        this.scope = scope;
        for (RefusalReason reason : RefusalReason.values())
        {
            refusals.put(reason, new WarningThrottle(PERIOD));
        }
    }

    void refused(RefusalReason reason, String client, long count, Instant now)
    {
        LOG.debug("scope {}: {} for {}", scope, reason, client);
        if (reason.isCommon())
        {
            return;
        }
        if (refusals.get(reason).isDue(now))
        {
            LOG.info("Scope {}: {} handshakes so far without resumption or ticket for the reason {}, the last for {}", scope, count,
                reason, client);
        }
    }

    void policyFailed(String client, Throwable failure, Instant now)
    {
        if (policyFailures.isDue(now))
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
}
