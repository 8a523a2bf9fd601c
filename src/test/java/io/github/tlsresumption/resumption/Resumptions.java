package io.github.tlsresumption.resumption;

import java.time.Clock;
import java.time.Duration;
import java.util.function.Supplier;

import io.github.tlsresumption.forget.ForgetList;
import io.github.tlsresumption.forget.ForgetLog;
import io.github.tlsresumption.keys.TicketKeyRing;
import io.github.tlsresumption.policy.ClientIdentities;
import io.github.tlsresumption.policy.SessionPolicy;
import io.github.tlsresumption.policy.SessionTerms;
import io.github.tlsresumption.sessions.HeapSessionKeyStore;
import io.github.tlsresumption.sessions.SessionKeyStore;

/**
 * Decisions for tests of what asks for them, with everything in memory.
 */
public final class Resumptions
{
    private static final int MAX = 100;

    private Resumptions()
    {
    }

    /**
     * @param scope the scope
     * @param policy decides on the clients' terms
     * @param ring gives the key ring in force
     * @param clock tells the time
     * @param statistics counts what happens
     * @return the decision
     */
    public static ConnectorResumption of(String scope, SessionPolicy policy, Supplier<TicketKeyRing> ring, Clock clock,
        ResumptionStatistics statistics)
    {
        SessionKeyStore sessionKeys = new HeapSessionKeyStore(MAX, clock);
        ClientIdentities identities = new ClientIdentities(() -> ring.get().identityKey(), 32, 64);
        ForgetList list = new ForgetList(ForgetLog.none(), SessionTerms.LONGEST, MAX, MAX, clock);
        Forgetting forgetting = new Forgetting(list, identities, sessionKeys, clock, Duration.ofMinutes(2),
            Runnable::run, Runnable::run);
        return of(scope, policy, ring, sessionKeys, forgetting, clock, statistics);
    }

    /**
     * @param scope the scope
     * @param policy decides on the clients' terms
     * @param ring gives the key ring in force
     * @param sessionKeys keeps the keys of mode {@code cache}
     * @param forgetting says which sessions have been forgotten
     * @param clock tells the time
     * @param statistics counts what happens
     * @return the decision of a node whose clock is sure, with one forget list for all
     */
    public static ConnectorResumption of(String scope, SessionPolicy policy, Supplier<TicketKeyRing> ring, SessionKeyStore sessionKeys,
        Forgetting forgetting, Clock clock, ResumptionStatistics statistics)
    {
        return new ConnectorResumption(scope, "", policy, ring, sessionKeys, forgetting, clock, clock, statistics);
    }
}
