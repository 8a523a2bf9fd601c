package io.github.tlsresumption.resumption;

import java.util.Optional;

import io.github.tlsresumption.crypto.Digests;
import io.github.tlsresumption.engine.CachedSession;
import io.github.tlsresumption.engine.TlsHandshake;
import io.github.tlsresumption.policy.Client;
import io.github.tlsresumption.policy.Deadline;
import io.github.tlsresumption.policy.ResumptionMode;
import io.github.tlsresumption.policy.SessionTerms;
import io.github.tlsresumption.ticket.Protocol;
import io.github.tlsresumption.ticket.StableId;

/**
 * Judges the sessions in an engine's own cache, which clients name by their id. Only TLS 1.2 and older know such. Thread-safe.
 */
final class CachedSessions
{
    private final ConnectorContext connector;

    CachedSessions(ConnectorContext connector)
    {
        this.connector = connector;
    }

    /**
     * @return the name over all resumptions of a session that an engine's cache knows by its id
     */
    static StableId stableId(byte[] sessionId)
    {
        return StableId.of(Digests.sha256("session id", sessionId));
    }

    /**
     * @return whether the session is to leave the cache
     */
    boolean isOver(CachedSession cached)
    {
        Client client = new Client(Protocol.TLS_1_2.toString(), cached.serverName(), cached.peerHost(), cached.certificates());
        // A policy that fails now may answer when the session is offered.
        return connector.asked(client).filter(terms -> reasonToRefuse(cached, client, terms).isPresent()).isPresent();
    }

    /**
     * @return why a session may not be resumed in a handshake, if it may not
     */
    Optional<RefusalReason> reasonToRefuse(CachedSession cached, TlsHandshake handshake)
    {
        if (!cached.serverName().equals(handshake.serverName()))
        {
            return Optional.of(RefusalReason.WRONG_SNI);
        }
        if (cached.contextDigest().filter(digest -> digest != handshake.contextDigest()).isPresent())
        {
            return Optional.of(RefusalReason.WRONG_CONTEXT);
        }
        Client client = ConnectorContext.client(handshake, Optional.of(Protocol.TLS_1_2), cached.certificates());
        Optional<SessionTerms> terms = connector.asked(client);
        if (terms.isEmpty())
        {
            return Optional.of(RefusalReason.POLICY);
        }
        Optional<RefusalReason> reason = reasonToRefuse(cached, client, terms.get());
        if (reason.isEmpty() && !cached.certificates().isEmpty() && !handshake.trusts(cached.certificates()))
        {
            return Optional.of(RefusalReason.CERTIFICATE);
        }
        return reason;
    }

    /**
     * @param client as it asks now
     * @param terms that the policy gives it now
     */
    private Optional<RefusalReason> reasonToRefuse(CachedSession cached, Client client, SessionTerms terms)
    {
        if (terms.mode() == ResumptionMode.OFF || terms.singleUse())
        {
            return Optional.of(RefusalReason.POLICY);
        }
        if (connector.isOver(deadline(cached, terms)) || connector.isAhead(cached.established(), connector.now()))
        {
            return Optional.of(RefusalReason.EXPIRED);
        }
        Forgetting forgetting = connector.forgetting();
        Client before = new Client(client.protocol(), client.serverName(), cached.peerHost(), cached.certificates());
        return forgetting.isForgotten(stableId(cached.id()), cached.established(), forgetting.identity(before), 0, terms.rule())
            ? Optional.of(RefusalReason.FORGOTTEN)
            : Optional.empty();
    }

    /**
     * What the policy says later may be looser; the first deadline stays.
     *
     * @return when a session is over, by the terms of now
     */
    static Deadline deadline(CachedSession cached, SessionTerms terms)
    {
        Deadline deadline = Deadline.of(cached.established(), terms, cached.certificates());
        return cached.deadline().map(deadline::noLaterThan).orElse(deadline);
    }
}
