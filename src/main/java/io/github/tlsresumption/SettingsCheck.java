package io.github.tlsresumption;

import java.time.Duration;
import javax.net.ssl.SSLContext;

import io.github.tlsresumption.keys.KeyRotation;
import io.github.tlsresumption.policy.ConnectorTerms;
import io.github.tlsresumption.policy.ResumptionMode;
import io.github.tlsresumption.policy.SessionTerms;

/**
 * Refuses, before a start, settings of a factory that do not go together or are out of bounds: by an {@link IllegalStateException} that
 * names the setting and the fix.
 */
final class SettingsCheck
{
    private static final long LONGEST_CLOCK_SKEW = 3_600;
    private static final int MOST_FORGOTTEN = 10_000_000;
    private static final long LONGEST_CLOSE_TIMEOUT = 3_600;

    private final ResumptionSettings settings;
    private final Engine engine;

    SettingsCheck(ResumptionSettings settings, Engine engine)
    {
        this.settings = settings;
        this.engine = engine;
    }

    /**
     * @param own the context that was set, or null
     * @param provider that was set, or null
     * @param toldOfConnections whether connectors tell of their connections, or will
     * @return the terms of clients for whom no rule says otherwise
     */
    ConnectorTerms terms(SSLContext own, String provider, boolean toldOfConnections)
    {
        checkJetty(own, provider);
        checkStores();
        requireBound("jetty.tlsResumption.maxForgotten", settings.maxForgotten);
        requireBound("jetty.tlsResumption.maxPrincipals", settings.maxPrincipals);
        requireSeconds("jetty.tlsResumption.clockSkew", settings.clockSkew, LONGEST_CLOCK_SKEW);
        requireSeconds("jetty.tlsResumption.closeTimeout", settings.closeTimeout, LONGEST_CLOSE_TIMEOUT);
        if (settings.closeAtDeadline && !toldOfConnections)
        {
            throw new IllegalStateException("jetty.tlsResumption.closeAtDeadline is true, but no connector has told of its connections: "
                + "call ResumptionSslContextFactory.customize(server) before the server starts");
        }
        // The message is about the setting as it was made, so the limit by the session timeout comes after.
        new SessionTerms(settings.mode, Duration.ofSeconds(settings.maxSessionDuration));
        return new ConnectorTerms(settings.mode, settings.tls12Mode(), settings.maxDuration(), settings.tls12Tickets);
    }

    private void checkJetty(SSLContext own, String provider)
    {
        if (settings.sessionTimeout() > SessionTerms.LONGEST.toSeconds())
        {
            throw new IllegalStateException("jetty.sslContext.sslSessionTimeout is " + settings.sessionTimeout()
                + ": set at most " + SessionTerms.LONGEST.toSeconds() + " (7 days), since no session lasts longer");
        }
        if (settings.fallback == Fallback.SESSION_ID && !engine.canFallBack())
        {
            throw new IllegalStateException("jetty.tlsResumption.fallback is session-id, which jetty.tlsResumption.engine="
                + settings.engine + " does not have: remove one of the two settings");
        }
        if (own != null)
        {
            throw new IllegalStateException("an SSLContext was set: resumption needs one of its own, so set a key store instead");
        }
        if (provider != null && !engine.provider().equals(provider))
        {
            throw new IllegalStateException("jetty.sslContext.provider is " + provider + ", but resumption works with "
                + engine.provider() + " only: remove that setting (and the module conscrypt or bouncycastle that made it), "
                + "or the module tls-resumption");
        }
    }

    private void checkStores()
    {
        boolean isShared = settings.sharedStores != null;
        if (isShared && (settings.ticketKeyStore != null || settings.forgetLog != null))
        {
            throw new IllegalStateException("both shared stores and a store of ticket keys or a forget log of their own are set: keep "
                + "setSharedStores, or setTicketKeyStore and setForgetLog");
        }
        if (isShared && ResumptionSettings.MEMORY.equals(settings.ticketKeyStoreType))
        {
            throw new IllegalStateException("jetty.tlsResumption.ticketKeyStore is memory, but the ticket keys are in "
                + settings.sharedStores.describe() + ": remove that setting, or the module tls-resumption-redis or tls-resumption-jdbc");
        }
        if (settings.isSecret() && (settings.ticketKeyFile == null || settings.ticketKeyStore != null))
        {
            throw new IllegalStateException("jetty.tlsResumption.ticketKeyStore is secret, but " + (settings.ticketKeyFile == null
                ? "there is no jetty.tlsResumption.ticketKeyFile" : "setTicketKeyStore was called as well") + ": set the one, or remove"
                + " the other");
        }
        boolean isInMemory = settings.ticketKeyStore == null && settings.isInMemory();
        if (settings.forgetLogFile != null && (isShared || settings.forgetLog != null || isInMemory))
        {
            throw new IllegalStateException("jetty.tlsResumption.forgetLogFile is set, but the forget list is kept "
                + (isShared ? "in " + settings.sharedStores.describe() : settings.forgetLog != null ? "by setForgetLog"
                : "in memory, as the ticket keys are") + ": remove that setting");
        }
    }

    private static void requireBound(String setting, int value)
    {
        if (value < 1 || value > MOST_FORGOTTEN)
        {
            throw new IllegalStateException(setting + " is " + value + ": set 1 to " + MOST_FORGOTTEN);
        }
    }

    private static void requireSeconds(String setting, long value, long most)
    {
        if (value < 1 || value > most)
        {
            throw new IllegalStateException(setting + " is " + value + " seconds: set 1 to " + most);
        }
    }

    /**
     * @return how the ticket keys are rotated
     */
    KeyRotation rotation()
    {
        if (settings.rotationLifetime() < settings.maxSessionDuration)
        {
            throw new IllegalStateException("jetty.tlsResumption.rotation.lifetime is " + settings.rotationLifetime + " seconds, less than "
                + "jetty.tlsResumption.maxSessionDuration, " + settings.maxSessionDuration
                + " seconds, so that keys would end before the sessions: raise the first or lower the second");
        }
        if (settings.rotationLifetime() > SessionTerms.LONGEST.toSeconds())
        {
            throw new IllegalStateException("jetty.tlsResumption.rotation.lifetime is " + settings.rotationLifetime
                + " seconds: set at most " + SessionTerms.LONGEST.toSeconds() + " (7 days, the longest session)");
        }
        return new KeyRotation(Duration.ofSeconds(settings.rotationSealPeriod), Duration.ofSeconds(settings.rotationLead),
            Duration.ofSeconds(settings.rotationLifetime()));
    }

    /**
     * @param obstacle why no session can be resumed as set
     * @param decides whether there are rules or a policy
     */
    void fallback(String obstacle, boolean decides)
    {
        if (!engine.canFallBack())
        {
            throw new IllegalStateException(obstacle);
        }
        if (settings.fallback == Fallback.FAIL)
        {
            throw new IllegalStateException(obstacle + "; or set jetty.tlsResumption.fallback=session-id to start with the TLS "
                + "engine's own cache and without tickets");
        }
        if (settings.mode == ResumptionMode.OFF || settings.tls12Mode() == ResumptionMode.OFF)
        {
            throw new IllegalStateException(obstacle + "; jetty.tlsResumption.fallback=session-id cannot turn resumption off, as "
                + "jetty.tlsResumption.mode or .tls12Mode says");
        }
        if (decides)
        {
            throw new IllegalStateException(obstacle + "; jetty.tlsResumption.fallback=session-id cannot heed jetty.tlsResumption.rules, "
                + ".rulesFile or a SessionPolicy");
        }
        if (settings.closeAtDeadline)
        {
            throw new IllegalStateException(obstacle + "; jetty.tlsResumption.fallback=session-id cannot end connections, as "
                + "jetty.tlsResumption.closeAtDeadline says");
        }
    }
}
