package io.github.tlsresumption.resumption;

import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

import io.github.tlsresumption.engine.TlsHandshake;

/**
 * Counts and reports each reason of a handshake to refuse, once. Confined to that handshake.
 */
final class Refusals
{
    private final ConnectorContext connector;
    private final TlsHandshake handshake;
    private final Set<RefusalReason> met = EnumSet.noneOf(RefusalReason.class);

    Refusals(ConnectorContext connector, TlsHandshake handshake)
    {
        this.connector = connector;
        this.handshake = handshake;
    }

    /**
     * @return nothing, for the caller to return
     */
    <T> Optional<T> refuse(RefusalReason reason)
    {
        if (met.add(reason))
        {
            ResumptionStatistics statistics = connector.statistics();
            statistics.count(reason);
            FlightEvents.refused(reason);
            connector.log().refused(reason, handshake.peerHost().orElse("a client"), statistics.refusals(reason), connector.now());
        }
        return Optional.empty();
    }
}
