package io.github.tlsresumption.sessions;

import java.time.Duration;
import java.time.Instant;

import io.github.tlsresumption.ticket.Protocol;
import io.github.tlsresumption.ticket.SessionRecord;
import io.github.tlsresumption.ticket.StableId;

/**
 * Keys of sessions for tests.
 */
public final class SessionKeys
{
    private static final Duration AGE = Duration.ofHours(1);

    private SessionKeys()
    {
    }

    /**
     * @param id a session's stable id
     * @param deadline when it ends, an hour after it was established
     * @return a key for it
     */
    public static SessionKey of(StableId id, Instant deadline)
    {
        return of(id, deadline, 0, "");
    }

    /**
     * @param id a session's stable id
     * @param deadline when it ends, an hour after it was established
     * @param clientIdentity whose it is
     * @param rule by which rule
     * @return a key for it
     */
    public static SessionKey of(StableId id, Instant deadline, long clientIdentity, String rule)
    {
        return SessionKey.generate(
            new SessionRecord(id, deadline.minus(AGE), deadline, clientIdentity, 0, 0, 0, 0, 0, Protocol.TLS_1_3, true, false), rule);
    }
}
