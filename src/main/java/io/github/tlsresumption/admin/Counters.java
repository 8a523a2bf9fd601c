package io.github.tlsresumption.admin;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

import io.github.tlsresumption.status.ConnectorStatus;
import io.github.tlsresumption.status.Distribution;
import io.github.tlsresumption.status.HandshakeCount;
import io.github.tlsresumption.status.RuleStatus;

/**
 * What a connector has counted in some time.
 *
 * @param full full handshakes
 * @param resumed handshakes that resumed a session
 * @param byPolicy those of the full handshakes whose clients have mode {@code off}
 * @param refusals in how many handshakes each reason was met; all reasons
 * @param checkConnections connections that said that they are from the command {@code check}; the handshakes are among the others
 * @param openTimes nanoseconds for which opening a ticket took
 */
record Counters(long full, long resumed, long byPolicy, Map<String, Long> refusals, long checkConnections, Distribution openTimes)
{
    private static final String FULL = "full";
    private static final String OFF = "off";

    /**
     * @param status of a connector
     * @return what it has counted since its start
     */
    static Counters of(ConnectorStatus status)
    {
        long resumed = status.handshakes().stream().filter(HandshakeCount::isResumption).mapToLong(HandshakeCount::count).sum();
        long full = status.handshakes().stream().filter(handshake -> !handshake.isResumption()).mapToLong(HandshakeCount::count).sum();
        return new Counters(full, resumed, byPolicy(status), status.refusals(), status.checkConnections(), status.openTimes());
    }

    private static long byPolicy(ConnectorStatus status)
    {
        if (status.rules().size() > 1)
        {
            // A rule's handshakes are not counted by protocol: only one that resumes nobody is told apart.
            return status.rules().stream().filter(rule -> !rule.modes().isEmpty() && rule.modes().values().stream().allMatch(OFF::equals))
                .mapToLong(Counters::full).sum();
        }
        return status.handshakes().stream()
            .filter(handshake -> !handshake.isResumption() && OFF.equals(status.modes().get(handshake.protocol())))
            .mapToLong(HandshakeCount::count).sum();
    }

    private static long full(RuleStatus rule)
    {
        return rule.handshakes().getOrDefault(FULL, 0L);
    }

    /**
     * @param before what had been counted at a moment before
     * @return what has been counted since; a count that began anew in between counts from there
     */
    Counters since(Counters before)
    {
        Map<String, Long> rise = new TreeMap<>();
        refusals.forEach((reason, count) -> rise.put(reason, rise(count, before.refusals.getOrDefault(reason, 0L))));
        return new Counters(rise(full, before.full), rise(resumed, before.resumed), rise(byPolicy, before.byPolicy), rise,
            rise(checkConnections, before.checkConnections), since(openTimes, before.openTimes));
    }

    private static Distribution since(Distribution now, Distribution before)
    {
        if (now.count() < before.count() || !now.bounds().equals(before.bounds()))
        {
            return now;
        }
        List<Long> counts = new ArrayList<>();
        for (int i = 0; i < now.counts().size(); i++)
        {
            counts.add(rise(now.counts().get(i), before.counts().get(i)));
        }
        return new Distribution(now.bounds(), counts, rise(now.sum(), before.sum()));
    }

    private static long rise(long now, long before)
    {
        return now < before ? now : now - before;
    }

    long all()
    {
        return full + resumed;
    }

    /**
     * @return which part of the handshakes resumed a session; 0 without any
     */
    double share()
    {
        return all() == 0 ? 0 : (double)resumed / all();
    }

    /**
     * @return how many refusals of offered tickets there were; a handshake may meet several, or resume by another ticket
     */
    long refused()
    {
        return refusals.entrySet().stream().filter(refusal -> !Reasons.WITHOUT_OFFER.contains(refusal.getKey()))
            .mapToLong(Map.Entry::getValue).sum();
    }

    /**
     * @return how many of the full handshakes offered no session, or fewer where some met several refusals
     */
    long withoutTicket()
    {
        return Math.max(0, full - byPolicy - refused());
    }
}
