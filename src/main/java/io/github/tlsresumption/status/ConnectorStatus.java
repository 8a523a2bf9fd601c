package io.github.tlsresumption.status;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What is known of one connector. Ring, live sessions, forgotten and stores are those of its scope, so the same in all of that scope.
 *
 * @param scope the name of its scope; empty before its first start
 * @param name of the connector, or its address when it has none
 * @param engine its implementation of TLS, with the library and its version
 * @param modes how sessions are resumed, by protocol
 * @param resumes whether the session of any client may be resumed; otherwise the ring is shown as empty
 * @param maxSessionDuration from the full handshake
 * @param handshakes completed handshakes by protocol and result; all combinations, also those not met
 * @param refusals in how many handshakes each reason was met; all reasons
 * @param openTimes nanoseconds for which opening a ticket took, whatever came of it
 * @param sealTimes nanoseconds for which sealing a ticket took, whatever came of it
 * @param resumptionAge seconds since its full handshake that a session had when it was resumed
 * @param endedConnections how many connections ended at their session's deadline: {@code graceful} and {@code hard}
 * @param checkConnections how many connections said that they are from the command {@code check}; all other figures count them too
 * @param rules what the clients of each rule in force do, in the rules' order, and last those that no rule matches
 * @param liveSessions of mode cache
 * @param ring the ticket keys
 * @param forgotten how many are on the forget list
 * @param stores how this node gets on with each store outside its heap
 */
public record ConnectorStatus(String scope, String name, String engine, Map<String, String> modes, boolean resumes,
    Duration maxSessionDuration, List<HandshakeCount> handshakes, Map<String, Long> refusals, Distribution openTimes,
    Distribution sealTimes, Distribution resumptionAge, Map<String, Long> endedConnections, long checkConnections, List<RuleStatus> rules,
    long liveSessions, RingStatus ring, int forgotten, List<StoreHealth> stores)
{
    /**
     * Copies maps and lists.
     */
    public ConnectorStatus
    {
        modes = Map.copyOf(modes);
        handshakes = List.copyOf(handshakes);
        refusals = Map.copyOf(refusals);
        endedConnections = Map.copyOf(endedConnections);
        rules = List.copyOf(rules);
        stores = List.copyOf(stores);
    }

    /**
     * @return completed handshakes by result, over all protocols
     */
    public Map<String, Long> handshakesByResult()
    {
        Map<String, Long> counts = new TreeMap<>();
        handshakes.forEach(handshake -> counts.merge(handshake.result(), handshake.count(), Long::sum));
        return counts;
    }
}
