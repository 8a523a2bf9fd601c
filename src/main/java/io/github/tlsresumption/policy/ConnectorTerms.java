package io.github.tlsresumption.policy;

import java.time.Duration;

/**
 * The policy of a connector without rules: the same terms for all its clients, by protocol.
 * Before TLS 1.3 whoever holds the key of a ticket can read the recorded traffic of its session, hence two modes.
 *
 * @param mode for TLS 1.3 and later
 * @param tls12Mode for TLS 1.2 and earlier
 * @param maxDuration for both
 */
public record ConnectorTerms(ResumptionMode mode, ResumptionMode tls12Mode, Duration maxDuration) implements SessionPolicy
{
    /**
     * @throws IllegalArgumentException when the duration is out of bounds
     */
    public ConnectorTerms
    {
        new SessionTerms(mode, maxDuration);
        new SessionTerms(tls12Mode, maxDuration);
    }

    @Override
    public SessionTerms terms(Client client)
    {
        return new SessionTerms(mode(client.protocol()), maxDuration);
    }

    /**
     * @param protocol a protocol as JSSE names it
     * @return the mode for it
     */
    public ResumptionMode mode(String protocol)
    {
        return "TLSv1.3".equals(protocol) ? mode : tls12Mode;
    }
}
