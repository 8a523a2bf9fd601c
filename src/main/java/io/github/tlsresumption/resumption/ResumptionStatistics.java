package io.github.tlsresumption.resumption;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;

import io.github.tlsresumption.status.Distribution;
import io.github.tlsresumption.status.HandshakeCount;
import io.github.tlsresumption.status.RuleStatus;

/**
 * Counts what a connector's handshakes came to. To count takes neither lock nor memory. Thread-safe; counts since the start, exact once
 * the threads that count are quiet.
 */
public final class ResumptionStatistics
{
    private static final List<String> PROTOCOLS = List.of("TLSv1.3", "TLSv1.2", "other");
    private static final long MICROSECOND = 1_000;
    private static final long MILLISECOND = 1_000 * MICROSECOND;
    private static final long SECOND = 1_000 * MILLISECOND;
    private static final long MINUTE = 60;
    private static final long HOUR = 60 * MINUTE;
    private static final long DAY = 24 * HOUR;

    private final List<Map<HandshakeResult, LongAdder>> results = new ArrayList<>();
    private final Map<RefusalReason, LongAdder> refusals = new EnumMap<>(RefusalReason.class);
    private final LongAdder checkConnections = new LongAdder();
    private final RuleStatistics rules = new RuleStatistics();
    private final Histogram openTimes = newHistogramOfTimes();
    private final Histogram sealTimes = newHistogramOfTimes();
    private final Histogram resumptionAge = new Histogram(1, 10, MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR, 2 * HOUR, 4 * HOUR, 8 * HOUR,
        12 * HOUR, DAY, 2 * DAY, 4 * DAY, 7 * DAY);

    /**
     * All counts are zero.
     */
    public ResumptionStatistics()
    {
        for (int i = 0; i < PROTOCOLS.size(); i++)
        {
            Map<HandshakeResult, LongAdder> counts = new EnumMap<>(HandshakeResult.class);
            for (HandshakeResult result : HandshakeResult.values())
            {
                counts.put(result, new LongAdder());
            }
            results.add(counts);
        }
        for (RefusalReason reason : RefusalReason.values())
        {
            refusals.put(reason, new LongAdder());
        }
    }

    private static Histogram newHistogramOfTimes()
    {
        return new Histogram(10 * MICROSECOND, 25 * MICROSECOND, 50 * MICROSECOND, 100 * MICROSECOND, 250 * MICROSECOND, 500 * MICROSECOND,
            MILLISECOND, 2_500 * MICROSECOND, 5 * MILLISECOND, 10 * MILLISECOND, 25 * MILLISECOND, 50 * MILLISECOND, 100 * MILLISECOND,
            250 * MILLISECOND, 500 * MILLISECOND, SECOND);
    }

    private static int index(String protocol)
    {
        int index = PROTOCOLS.indexOf(protocol);
        return index < 0 ? PROTOCOLS.size() - 1 : index;
    }

    /**
     * @param protocol as JSSE names it
     * @param result how the handshake went
     * @param rule the name of the rule that the client's terms are by, empty when none matched
     * @param age seconds since the session's full handshake; counts for resumptions only
     */
    void count(String protocol, HandshakeResult result, String rule, long age)
    {
        results.get(index(protocol)).get(result).increment();
        rules.count(rule, result);
        if (result != HandshakeResult.FULL)
        {
            resumptionAge.count(age);
        }
    }

    void count(RefusalReason reason)
    {
        refusals.get(reason).increment();
    }

    /**
     * Counts a connection of the command {@code check}, by its own account: beside all else, never instead of it.
     */
    public void countCheckConnection()
    {
        checkConnections.increment();
    }

    /**
     * @return how many connections were said to be from the command {@code check}
     */
    public long checkConnections()
    {
        return checkConnections.sum();
    }

    /**
     * @param nanos that it took to judge a ticket
     * @param accepted whether its session may be resumed
     */
    void opened(long nanos, boolean accepted)
    {
        openTimes.count(nanos);
        FlightEvents.opened(nanos, accepted);
    }

    /**
     * @param nanos that it took to make a ticket
     * @param made whether there is one
     */
    void sealed(long nanos, boolean made)
    {
        sealTimes.count(nanos);
        FlightEvents.sealed(nanos, made);
    }

    /**
     * @param result how handshakes may go
     * @return how many completed handshakes went that way
     */
    public long handshakes(HandshakeResult result)
    {
        return results.stream().mapToLong(counts -> counts.get(result).sum()).sum();
    }

    /**
     * @return how many completed handshakes went each way, by protocol; also those that were not met
     */
    public List<HandshakeCount> handshakes()
    {
        List<HandshakeCount> all = new ArrayList<>();
        for (String protocol : PROTOCOLS)
        {
            results.get(index(protocol)).forEach((result, count) -> all.add(new HandshakeCount(protocol, result.toString(), count.sum())));
        }
        return all;
    }

    /**
     * Says which rules are in force from now on. Those that stay keep their counts, those that go lose them.
     *
     * @param names their names in their order, or nothing when an application decides, whose rules are not known before they are met
     */
    public void setRules(Optional<List<String>> names)
    {
        rules.inForce(names);
    }

    /**
     * @param liveSessions how many sessions of mode cache the rule of a name has; the empty name is that of no rule
     * @return how many completed handshakes went each way, by rule
     */
    public List<RuleStatus> rules(Function<String, OptionalLong> liveSessions)
    {
        return rules.status(liveSessions);
    }

    /**
     * @param reason for which sessions are refused
     * @return in how many handshakes that was a reason not to resume or not to give a ticket
     */
    public long refusals(RefusalReason reason)
    {
        return refusals.get(reason).sum();
    }

    /**
     * @return the same for all reasons, by name
     */
    public Map<String, Long> refusals()
    {
        Map<String, Long> counts = new TreeMap<>();
        refusals.forEach((reason, count) -> counts.put(reason.toString(), count.sum()));
        return counts;
    }

    /**
     * @return nanoseconds for which opening a ticket took, the store's time included
     */
    public Distribution openTimes()
    {
        return openTimes.distribution();
    }

    /**
     * @return nanoseconds for which sealing a ticket took, the store's time included
     */
    public Distribution sealTimes()
    {
        return sealTimes.distribution();
    }

    /**
     * @return seconds since its full handshake that a session had when it was resumed
     */
    public Distribution resumptionAge()
    {
        return resumptionAge.distribution();
    }
}
