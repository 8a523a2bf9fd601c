package io.github.tlsresumption.resumption;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

import io.github.tlsresumption.engine.SessionOrigin;
import io.github.tlsresumption.engine.TlsHandshake;
import io.github.tlsresumption.engine.TlsSession;
import io.github.tlsresumption.policy.Client;
import io.github.tlsresumption.policy.Deadline;
import io.github.tlsresumption.policy.ResumptionMode;
import io.github.tlsresumption.policy.SessionTerms;
import io.github.tlsresumption.sessions.SessionKey;
import io.github.tlsresumption.ticket.Protocol;
import io.github.tlsresumption.ticket.SessionRecord;
import io.github.tlsresumption.ticket.StableId;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The session of a handshake: established by it, or carried over from a ticket. All tickets of a handshake are of this one session.
 * Confined to the handshake.
 */
final class HandshakeSession
{
    private static final Logger LOG = LoggerFactory.getLogger(ConnectorResumption.class);
    /** Of a client of whom the policy says nothing. */
    private static final SessionTerms LONGEST = new SessionTerms(ResumptionMode.OFF, SessionTerms.LONGEST);

    private final ConnectorContext connector;
    private final TlsHandshake handshake;
    private final Refusals refusals;
    private final OpenedTickets opened;
    private TicketSession session;

    HandshakeSession(ConnectorContext connector, TlsHandshake handshake, Refusals refusals, OpenedTickets opened)
    {
        this.connector = connector;
        this.handshake = handshake;
        this.refusals = refusals;
        this.opened = opened;
    }

    /**
     * A client that may hold tickets.
     *
     * @param client what is known of it
     * @param protocol that it speaks
     * @param terms on which it may resume
     */
    record Holder(Client client, Protocol protocol, SessionTerms terms)
    {
    }

    /**
     * @return the client of this handshake, if it may hold tickets
     */
    Optional<Holder> holder()
    {
        Optional<Protocol> protocol = handshake.protocol().filter(Protocol::hasTickets);
        if (protocol.isEmpty())
        {
            return Optional.empty();
        }
        Client client = ConnectorContext.client(handshake, protocol, handshake.peerCertificates());
        Optional<SessionTerms> terms = connector.terms(client);
        if (terms.isPresent() && lacksMasterSecret(protocol))
        {
            // The client could offer such a ticket, and would never resume by it.
            return refusals.refuse(RefusalReason.NO_EXTENDED_MASTER_SECRET);
        }
        return terms.map(found -> new Holder(client, protocol.get(), found));
    }

    /**
     * @param holder the client
     * @param origin where the engine has the session from
     * @param stateFormat that the engine writes
     * @param now the time
     * @return the session that a new ticket is to carry, or nothing when there is to be none
     */
    Optional<TicketSession> toSeal(Holder holder, SessionOrigin origin, int stateFormat, Instant now)
    {
        if (session == null)
        {
            session = (origin.isResumed()
                ? opened.find(origin).map(OpenedTickets.Entry::session)
                : established(holder, stateFormat, now)).orElse(null);
        }
        return Optional.ofNullable(session).filter(found -> !TicketSession.deadline(found.record()).isOver(now));
    }

    private Optional<TicketSession> established(Holder holder, int stateFormat, Instant now)
    {
        SessionTerms terms = holder.terms();
        Forgetting forgetting = connector.forgetting();
        Deadline deadline = Deadline.of(handshake.established(), terms, holder.client().certificates());
        if (deadline.isOver(now) || connector.isAhead(deadline.established(), now))
        {
            return refusals.refuse(RefusalReason.EXPIRED);
        }
        boolean cache = terms.mode() == ResumptionMode.CACHE;
        SessionRecord record = new SessionRecord(StableId.random(), deadline.established(), deadline.end(),
            forgetting.identity(holder.client()), forgetting.ruleIdentity(terms.rule()), connector.sniDigest(handshake),
            connector.scopeDigest(), handshake.contextDigest(), stateFormat, holder.protocol(), cache, cache && terms.singleUse());
        forgetting.established(record.established());
        // Forgotten while its handshake ran: it gets neither key nor ticket.
        if (forgetting.isForgotten(record.id(), record.established(), record.clientIdentity(), record.ruleIdentity(), terms.rule()))
        {
            return refusals.refuse(RefusalReason.FORGOTTEN);
        }
        return cache ? withKey(record, terms) : Optional.of(new TicketSession(record, null, terms));
    }

    private Optional<TicketSession> withKey(SessionRecord record, SessionTerms terms)
    {
        SessionKey key = SessionKey.generate(record, terms.rule());
        try
        {
            connector.sessionKeys().put(key);
            return Optional.of(new TicketSession(record, key, terms));
        }
        catch (IOException | RuntimeException e)
        {
            LOG.debug("session key store", e);
            key.destroy();
            return refusals.refuse(RefusalReason.STORE_UNAVAILABLE);
        }
    }

    /**
     * @param origin where the session comes from
     * @param cachedId its id in the engine's cache, if that keeps it
     * @return what is known of the session now that the handshake is complete
     */
    TlsSession finished(SessionOrigin origin, Optional<byte[]> cachedId)
    {
        if (session == null)
        {
            session = opened.find(origin).map(OpenedTickets.Entry::session).orElse(null);
        }
        TlsSession result = session != null ? ofTicket(origin.isResumed()) : withoutTicket(origin, cachedId);
        session = null;
        return result;
    }

    private TlsSession ofTicket(boolean resumed)
    {
        SessionRecord record = session.record();
        String rule = session.terms().rule();
        count(resumed ? HandshakeResult.valueOf(session.mode().name()) : HandshakeResult.FULL, rule, record.established());
        return new TlsSession(record.id(), resumed, session.mode().toString(), protocolName(), record.established(),
            session.deadline().end(), record.clientIdentity(), rule);
    }

    private TlsSession withoutTicket(SessionOrigin origin, Optional<byte[]> cachedId)
    {
        boolean resumed = origin.isResumed();
        Optional<Protocol> protocol = handshake.protocol();
        Instant created = origin instanceof SessionOrigin.Cache cache ? cache.session().established() : handshake.established();
        Instant established = resumed ? created : corrected(created);
        boolean isAhead = connector.isAhead(created, connector.now());
        connector.forgetting().established(established);
        Client client = ConnectorContext.client(handshake, protocol, handshake.peerCertificates());
        Optional<SessionTerms> asked = connector.asked(client);
        count(resumed ? HandshakeResult.SESSION_ID : HandshakeResult.FULL, asked.map(SessionTerms::rule).orElse(""), established);
        Deadline deadline = origin instanceof SessionOrigin.Cache cache
            ? CachedSessions.deadline(cache.session(), asked.orElse(LONGEST))
            : deadline(established, asked, client);
        Optional<SessionTerms> terms = asked.filter(found -> found.mode() != ResumptionMode.OFF);
        if (terms.isPresent() && !resumed && lacksMasterSecret(protocol))
        {
            refusals.refuse(RefusalReason.NO_EXTENDED_MASTER_SECRET);
            return off(false, deadline, client, asked);
        }
        // Without a ticket of ours only TLS 1.2 and older can resume, out of the engine's cache.
        boolean byId = terms.isPresent() && !terms.get().singleUse() && cachedId.isPresent() && !isAhead;
        return byId
            ? new TlsSession(CachedSessions.stableId(cachedId.get()), resumed, HandshakeResult.SESSION_ID.toString(), protocolName(),
                established, deadline.end(), connector.forgetting().identity(client), terms.get().rule())
            : off(resumed, deadline, client, asked);
    }

    /**
     * @return what is known of a session that a renegotiation has established
     */
    TlsSession renegotiated()
    {
        Instant established = corrected(handshake.established());
        connector.forgetting().established(established);
        Client client = ConnectorContext.client(handshake, handshake.protocol(), handshake.peerCertificates());
        Optional<SessionTerms> asked = connector.asked(client);
        count(HandshakeResult.FULL, asked.map(SessionTerms::rule).orElse(""), established);
        return off(false, deadline(established, asked, client), client, asked);
    }

    /**
     * What is not resumed has a deadline too, by which connections end.
     */
    private static Deadline deadline(Instant established, Optional<SessionTerms> asked, Client client)
    {
        return Deadline.of(established, asked.orElse(LONGEST), client.certificates());
    }

    private TlsSession off(boolean resumed, Deadline deadline, Client client, Optional<SessionTerms> asked)
    {
        return TlsSession.off(resumed, protocolName(), deadline.established(), deadline.end(), connector.forgetting().identity(client),
            asked.orElse(LONGEST).rule());
    }

    /**
     * The engine's clock is this node's, which may not be the cluster's; a session without a ticket need not keep to it.
     *
     * @return when this full handshake was
     */
    private Instant corrected(Instant created)
    {
        Instant now = connector.now();
        boolean isWrong = Duration.between(created, now).abs().compareTo(connector.forgetting().clockSkew()) > 0;
        return isWrong ? now : created;
    }

    /**
     * In TLS 1.3 the keys are bound to the handshake always (RFC 8446 appendix D).
     */
    private boolean lacksMasterSecret(Optional<Protocol> protocol)
    {
        return !protocol.equals(Optional.of(Protocol.TLS_1_3)) && !handshake.extendedMasterSecret();
    }

    private String protocolName()
    {
        return handshake.protocol().map(Protocol::toString).orElse("");
    }

    private void count(HandshakeResult result, String rule, Instant established)
    {
        connector.statistics().count(protocolName(), result, rule, Duration.between(established, connector.now()).toSeconds());
    }
}
