package io.github.tlsresumption;

import java.time.Instant;
import java.util.List;
import java.util.stream.Collectors;

import io.github.tlsresumption.forget.ForgetLog;
import io.github.tlsresumption.policy.ResumptionMode;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The log lines of a start: how sessions are resumed, where the ticket keys are, and what the operator should know of that.
 */
final class StartReport
{
    private static final Logger LOG = LoggerFactory.getLogger(ResumptionSslContextFactory.class);

    private static final int SHOWN_RULES = 10;

    private final ResumptionSettings settings;
    private final ConnectorPolicy policy;
    private final Engine engine;

    StartReport(ResumptionSettings settings, ConnectorPolicy policy, Engine engine)
    {
        this.settings = settings;
        this.policy = policy;
        this.engine = engine;
    }

    /**
     * @param scope that the connector has joined
     * @param resumes whether some client may resume a session
     * @param now the time
     */
    void log(Scope scope, boolean resumes, Instant now)
    {
        LOG.info("TLS engine of scope {}: {}", scope.name(), engine.description());
        String tls13 = shown("TLSv1.3", settings.mode);
        String tls12 = shown("TLSv1.2", settings.tls12Mode());
        if (!resumes)
        {
            LOG.info("TLS resumption of scope {} is off: TLS 1.3 {}, TLS 1.2 {}; no session is resumed, and {}", scope.name(), tls13, tls12,
                scope.isAwake() ? "no ticket key seals anything here" : "there are no ticket keys");
            return;
        }
        ScopeParts parts = scope.parts();
        String exposure = parts.ring().ring().exposure(now)
            .map(window -> "a ticket key stolen now opens tickets from " + window.from() + " to " + window.until())
            .orElseGet(() -> withoutKey(parts));
        LOG.info("TLS resumption of scope {}: TLS 1.3 {}, TLS 1.2 {}, sessions last {} s at most, ticket keys in {}; {}",
            scope.name(), tls13, tls12, settings.maxDuration().toSeconds(), parts.store().describe()
            + (settings.isSecret() ? ", rotated by whoever writes it" + shownList() : ""), exposure);
        if (policy.decides())
        {
            LOG.info("Rules of scope {}: {}", scope.name(), policy.names().map(this::shown).orElse("a SessionPolicy of the application"));
        }
        logLimits(parts);
    }

    /**
     * A key that is just about to be made is not missing.
     */
    private static String withoutKey(ScopeParts parts)
    {
        boolean awaited = parts.ring().health().error().isEmpty() && parts.store().writable();
        return awaited
            ? "the first ticket key is made within " + parts.store().settling().toSeconds() + " s, unless another node brings one"
            : "there is no ticket key";
    }

    private void logLimits(ScopeParts parts)
    {
        if (parts.store().persistent() && settings.ticketKeyFile == null)
        {
            LOG.info("An old ring that is put back into {} while no node runs is {}", parts.store().describe(),
                parts.forgetLog() == ForgetLog.none()
                    ? "not noticed: nothing else remembers its version. Set jetty.tlsResumption.ticketKeyFile, beside which "
                        + "the node does, or a ForgetLog"
                    : "noticed only if the forget list is not put back with it: set "
                        + "jetty.tlsResumption.ticketKeyFile, beside which the node remembers the version");
        }
        if (policy.decides() && engine.singleUseObstacle().isPresent())
        {
            LOG.warn("With singleUse=true sessions of TLS 1.3 are not resumed, since {}: use a JDK that the module knows, or rules "
                + "without singleUse", engine.singleUseObstacle().get());
        }
        if (engine.sharingObstacle().isPresent())
        {
            LOG.info("Tickets end with a reload of the key store, since {}", engine.sharingObstacle().get());
        }
    }

    private String shown(List<String> rules)
    {
        return rules.size() + " from " + (policy.file() == null ? "jetty.tlsResumption.rules" : policy.file()) + ": "
            + rules.stream().limit(SHOWN_RULES).collect(Collectors.joining(", ")) + (rules.size() > SHOWN_RULES ? ", and more" : "");
    }

    private String shown(String protocol, ResumptionMode asked)
    {
        if (!engine.enables(protocol))
        {
            return "not at all, as it is not enabled";
        }
        return asked == ResumptionMode.OFF ? "off" : "by " + asked;
    }

    private String shownList()
    {
        if (settings.sharedStores != null || settings.forgetLog != null)
        {
            return "";
        }
        return settings.forgetLogFile != null ? ", sessions of other nodes not resumed, as they have a forget list of their own"
            : ", sessions of other nodes and of before this start not resumed, as the forget list is in memory";
    }
}
