package io.github.tlsresumption.policy;

import java.time.Duration;

/**
 * The policy of a connector without rules: the same terms for all its clients, by protocol.
 * Before TLS 1.3 whoever holds the key of a ticket can read the recorded traffic of its session, hence two modes.
 *
 * @param mode for TLS 1.3 and later
 * @param tls12Mode for TLS 1.2 and earlier
 * @param maxDuration for both
 * @param tls12Tickets whether mode {@code ticket} is allowed for TLS 1.2 and earlier, here and in rules
 */
public record ConnectorTerms(ResumptionMode mode, ResumptionMode tls12Mode, Duration maxDuration, boolean tls12Tickets)
    implements SessionPolicy
{
    /**
     * @throws IllegalArgumentException when the duration is out of bounds, or the mode for TLS 1.2 is forbidden
     */
    public ConnectorTerms
    {
        new SessionTerms(mode, maxDuration);
        new SessionTerms(tls12Mode, maxDuration);
        if (!tls12Tickets && tls12Mode == ResumptionMode.TICKET)
        {
            throw new IllegalArgumentException("jetty.tlsResumption.tls12Mode is ticket, which "
                + "jetty.tlsResumption.tls12TicketMode=forbid rules out: set cache or off");
        }
    }

    /**
     * Terms that allow every mode for every protocol.
     *
     * @param mode for TLS 1.3 and later
     * @param tls12Mode for TLS 1.2 and earlier
     * @param maxDuration for both
     * @throws IllegalArgumentException when the duration is out of bounds
     */
    public ConnectorTerms(ResumptionMode mode, ResumptionMode tls12Mode, Duration maxDuration)
    {
        this(mode, tls12Mode, maxDuration, true);
    }

    /**
     * @param mode a mode
     * @param protocol a protocol as JSSE names it
     * @return whether its sessions may be resumed in that mode
     */
    public boolean allows(ResumptionMode mode, String protocol)
    {
        return tls12Tickets || mode != ResumptionMode.TICKET || "TLSv1.3".equals(protocol);
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
