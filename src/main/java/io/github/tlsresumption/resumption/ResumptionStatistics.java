package io.github.tlsresumption.resumption;

import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/**
 * Counts what a connector's handshakes came to. Thread-safe; counts since the start, exact once the threads that count are quiet.
 */
public final class ResumptionStatistics
{
    private final Map<HandshakeResult, LongAdder> results = new EnumMap<>(HandshakeResult.class);
    private final Map<RefusalReason, LongAdder> refusals = new EnumMap<>(RefusalReason.class);

    /**
     * All counts are zero.
     */
    public ResumptionStatistics()
    {
        for (HandshakeResult result : HandshakeResult.values())
        {
            results.put(result, new LongAdder());
        }
        for (RefusalReason reason : RefusalReason.values())
        {
            refusals.put(reason, new LongAdder());
        }
    }

    void count(HandshakeResult result)
    {
        results.get(result).increment();
    }

    void count(RefusalReason reason)
    {
        refusals.get(reason).increment();
    }

    /**
     * @return how many completed handshakes went that way
     */
    public long handshakes(HandshakeResult result)
    {
        return results.get(result).sum();
    }

    /**
     * @return in how many handshakes that was a reason not to resume or not to give a ticket
     */
    public long refusals(RefusalReason reason)
    {
        return refusals.get(reason).sum();
    }
}
