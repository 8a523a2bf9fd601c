package io.github.tlsresumption.resumption;

import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

import io.github.tlsresumption.crypto.Digests;
import io.github.tlsresumption.engine.TlsHandshake;
import io.github.tlsresumption.keys.TicketKeyRing;
import io.github.tlsresumption.policy.Client;
import io.github.tlsresumption.policy.Deadline;
import io.github.tlsresumption.policy.ResumptionMode;
import io.github.tlsresumption.policy.SessionPolicy;
import io.github.tlsresumption.policy.SessionTerms;
import io.github.tlsresumption.sessions.SessionKeyStore;
import io.github.tlsresumption.ticket.Protocol;

/**
 * What the handshakes of one connector have in common. Thread-safe.
 */
final class ConnectorContext
{
    private final int scopeDigest;
    private final SessionPolicy policy;
    private final Supplier<TicketKeyRing> ring;
    private final SessionKeyStore sessionKeys;
    private final Forgetting forgetting;
    private final Clock clock;
    private final Clock deadlines;
    private final LongSupplier nanos;
    private final ResumptionStatistics statistics;
    private final RefusalLog log;
    private volatile SniDigest lastSniDigest = SniDigest.of("");

    /**
     * @see ConnectorResumption#ConnectorResumption(String, String, SessionPolicy, Supplier, SessionKeyStore, Forgetting, Clock, Clock,
     * LongSupplier, ResumptionStatistics)
     */
    ConnectorContext(String scope, String forgetList, SessionPolicy policy, Supplier<TicketKeyRing> ring, SessionKeyStore sessionKeys,
        Forgetting forgetting, Clock clock, Clock deadlines, LongSupplier nanos, ResumptionStatistics statistics)
    {
        byte[] place = (forgetList.isEmpty() ? scope : scope + "\n" + forgetList).getBytes(StandardCharsets.UTF_8);
        this.scopeDigest = (int)Digests.sha256ToLong("scope", place);
        this.policy = policy;
        this.ring = ring;
        this.sessionKeys = sessionKeys;
        this.forgetting = forgetting;
        this.clock = clock;
        this.deadlines = deadlines;
        this.nanos = nanos;
        this.statistics = statistics;
        this.log = new RefusalLog(scope);
    }

    int scopeDigest()
    {
        return scopeDigest;
    }

    TicketKeyRing ring()
    {
        return ring.get();
    }

    SessionKeyStore sessionKeys()
    {
        return sessionKeys;
    }

    Forgetting forgetting()
    {
        return forgetting;
    }

    Instant now()
    {
        return clock.instant();
    }

    /**
     * @return nanoseconds by a clock that nobody sets
     */
    long nanos()
    {
        return nanos.getAsLong();
    }

    ResumptionStatistics statistics()
    {
        return statistics;
    }

    RefusalLog log()
    {
        return log;
    }

    /**
     * By the clock for deadlines, which is the later one where the time is not sure.
     */
    boolean isOver(Deadline deadline)
    {
        return deadline.isOver(deadlines.instant());
    }

    /**
     * @return whether the clock was set back since a session was established
     */
    boolean isAhead(Instant established, Instant now)
    {
        return now.plus(forgetting.clockSkew()).isBefore(established);
    }

    /**
     * @return the terms on which a client may resume; empty in mode off, and when the policy failed
     */
    Optional<SessionTerms> terms(Client client)
    {
        return asked(client).filter(terms -> terms.mode() != ResumptionMode.OFF);
    }

    /**
     * @return the terms of a client, also those of mode off; empty when the policy failed
     */
    Optional<SessionTerms> asked(Client client)
    {
        try
        {
            return Optional.of(policy.terms(client));
        }
        catch (RuntimeException | Error e)
        {
            log.policyFailed(client.remoteHost().orElse("a client"), e, now());
            return Optional.empty();
        }
    }

    /**
     * @param protocol of the session, empty for one without a name here
     */
    static Client client(TlsHandshake handshake, Optional<Protocol> protocol, List<X509Certificate> certificates)
    {
        return new Client(protocol.map(Protocol::toString).orElse(""), handshake.serverName(), handshake.peerHost(), certificates);
    }

    /**
     * No name at all is not the same as any name.
     */
    long sniDigest(TlsHandshake handshake)
    {
        return handshake.serverName().map(this::sniDigest).orElse(0L);
    }

    /**
     * Most clients of a connector ask for one name, and a digest takes a microsecond.
     */
    private long sniDigest(String name)
    {
        SniDigest last = lastSniDigest;
        if (!last.name().equals(name))
        {
            last = SniDigest.of(name);
            lastSniDigest = last;
        }
        return last.digest();
    }

    private record SniDigest(String name, long digest)
    {
        private static SniDigest of(String name)
        {
            return new SniDigest(name, Digests.sha256ToLong("sni", name.getBytes(StandardCharsets.UTF_8)));
        }
    }
}
