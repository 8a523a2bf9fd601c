package io.github.tlsresumption.resumption;

import java.io.IOException;
import java.security.cert.CertificateException;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Function;

import io.github.tlsresumption.engine.OpenedTicket;
import io.github.tlsresumption.engine.TlsHandshake;
import io.github.tlsresumption.policy.Client;
import io.github.tlsresumption.policy.ResumptionMode;
import io.github.tlsresumption.policy.SessionTerms;
import io.github.tlsresumption.sessions.SessionKey;
import io.github.tlsresumption.ticket.SessionRecord;
import io.github.tlsresumption.ticket.Ticket;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides which of the tickets that a client offers may resume its session, however they are sealed. Confined to its handshake.
 */
final class SessionJudge
{
    private static final Logger LOG = LoggerFactory.getLogger(ConnectorResumption.class);

    /**
     * A ClientHello has room for hundreds of tickets; a client of good will offers one or two.
     */
    private static final int MAX_OPENED_PER_HANDSHAKE = 4;
    /** After a HelloRetryRequest those that were opened come again. */
    private static final int MAX_OFFERED_PER_HANDSHAKE = 2 * MAX_OPENED_PER_HANDSHAKE;

    private final ConnectorContext connector;
    private final TlsHandshake handshake;
    private final Refusals refusals;
    private final SingleUse singleUse;
    private final OpenedTickets opened;
    private int attempts;

    SessionJudge(ConnectorContext connector, TlsHandshake handshake, Refusals refusals, SingleUse singleUse, OpenedTickets opened)
    {
        this.connector = connector;
        this.handshake = handshake;
        this.refusals = refusals;
        this.singleUse = singleUse;
        this.opened = opened;
    }

    /**
     * A ticket without its outer seal.
     *
     * @param content what was in it
     * @param opensUntil when the ticket key ends
     */
    record Unsealed(Ticket.Opened content, Instant opensUntil)
    {
    }

    /**
     * @param offered how many tickets were offered in this handshake
     * @return whether no more are opened
     */
    boolean isExhausted(int offered)
    {
        boolean nothingMore = attempts >= MAX_OPENED_PER_HANDSHAKE && opened.isEmpty();
        if (!nothingMore && offered <= MAX_OFFERED_PER_HANDSHAKE)
        {
            return false;
        }
        refusals.refuse(RefusalReason.TOO_MANY);
        return true;
    }

    /**
     * To be asked before the outer seal of one more ticket is tried.
     *
     * @return whether it may be
     */
    boolean mayTry()
    {
        return !isExhausted(0) && ++attempts <= MAX_OPENED_PER_HANDSHAKE;
    }

    /**
     * @param ticket as the client offers it
     * @param associatedData what it is bound to
     * @param stateFormat that the engine reads
     * @param unseal takes the outer seal off at that time, or refuses
     * @return the ticket, if its session may be resumed
     */
    Optional<OpenedTicket> open(byte[] ticket, byte[] associatedData, int stateFormat, Function<Instant, Optional<Unsealed>> unseal)
    {
        long start = System.nanoTime();
        boolean accepted = false;
        try
        {
            Optional<OpenedTicket> found = judged(ticket, associatedData, stateFormat, unseal);
            accepted = found.isPresent();
            return found;
        }
        finally
        {
            connector.statistics().opened(System.nanoTime() - start, accepted);
        }
    }

    private Optional<OpenedTicket> judged(byte[] ticket, byte[] associatedData, int stateFormat,
        Function<Instant, Optional<Unsealed>> unseal)
    {
        Optional<OpenedTickets.Entry> known = opened.find(ticket, associatedData);
        if (known.isPresent())
        {
            return again(known.get(), stateFormat);
        }
        int era = connector.forgetting().era();
        Instant now = connector.now();
        Optional<Unsealed> unsealed = unseal.apply(now);
        Optional<TicketContent> content = unsealed.map(Unsealed::content).filter(found -> isInPlace(found.record(), stateFormat, now))
            .flatMap(this::content);
        Optional<TicketSession> session = content.flatMap(found -> terms(found).flatMap(terms -> session(found, terms)));
        if (content.isPresent() && era != connector.forgetting().era())
        {
            return refusals.refuse(RefusalReason.FORGOTTEN);
        }
        return session.map(found -> add(ticket, associatedData, content.get(), found, unsealed.get().opensUntil()));
    }

    private OpenedTicket add(byte[] ticket, byte[] associatedData, TicketContent content, TicketSession session, Instant opensUntil)
    {
        OpenedTicket handle = new OpenedTicket(content.record().established(), content.state());
        opened.add(new OpenedTickets.Entry(handle, ticket, associatedData, content, session, opensUntil));
        return handle;
    }

    /**
     * After a HelloRetryRequest the same ticket comes in a hello that may name another host.
     */
    private Optional<OpenedTicket> again(OpenedTickets.Entry known, int stateFormat)
    {
        return isInPlace(known.content().record(), stateFormat, connector.now())
            ? terms(known.content()).map(terms -> known.handle())
            : Optional.empty();
    }

    /**
     * What the record alone tells, before any store is asked.
     */
    private boolean isInPlace(SessionRecord record, int stateFormat, Instant now)
    {
        Optional<RefusalReason> reason = misplaced(record, stateFormat, now);
        reason.ifPresent(refusals::refuse);
        return reason.isEmpty();
    }

    private Optional<RefusalReason> misplaced(SessionRecord record, int stateFormat, Instant now)
    {
        if (record.scopeDigest() != connector.scopeDigest())
        {
            return Optional.of(RefusalReason.WRONG_SCOPE);
        }
        if (record.stateFormat() != stateFormat)
        {
            return Optional.of(RefusalReason.OTHER_FORMAT);
        }
        if (record.sniDigest() != connector.sniDigest(handshake))
        {
            return Optional.of(RefusalReason.WRONG_SNI);
        }
        if (record.contextDigest() != handshake.contextDigest())
        {
            return Optional.of(RefusalReason.WRONG_CONTEXT);
        }
        boolean expired = connector.isOver(TicketSession.deadline(record)) || connector.isAhead(record.established(), now);
        return expired ? Optional.of(RefusalReason.EXPIRED) : Optional.empty();
    }

    private Optional<TicketContent> content(Ticket.Opened unsealed)
    {
        SessionRecord record = unsealed.record();
        if (!record.sessionKey())
        {
            return content(record, null, unsealed.payload());
        }
        Optional<SessionKey> key;
        try
        {
            key = connector.sessionKeys().get(record.id());
        }
        catch (IOException | RuntimeException e)
        {
            LOG.debug("session key store", e);
            return refusals.refuse(RefusalReason.STORE_UNAVAILABLE);
        }
        // The record is authentic: a key that does not fit is that of a later ticket, or of a session forgotten meanwhile.
        Optional<byte[]> state = key.flatMap(known -> Ticket.openPayload(known.cipher(), unsealed));
        return state.isEmpty()
            ? refusals.refuse(record.singleUse() ? RefusalReason.REPLAYED : RefusalReason.FORGOTTEN)
            : content(record, key.get(), state.get());
    }

    private Optional<TicketContent> content(SessionRecord record, SessionKey key, byte[] state)
    {
        try
        {
            return Optional.of(new TicketContent(record, key, state, handshake.peerCertificates(state)));
        }
        catch (CertificateException e)
        {
            LOG.debug("client certificates of a session", e);
            return refusals.refuse(RefusalReason.CERTIFICATE);
        }
    }

    /**
     * The policy is asked again with what is known now: what has become stricter binds at once.
     */
    private Optional<SessionTerms> terms(TicketContent content)
    {
        SessionRecord record = content.record();
        Client client = ConnectorContext.client(handshake, Optional.of(record.protocol()), content.certificates());
        Optional<SessionTerms> terms = connector.terms(client);
        boolean stricter = terms.isEmpty()
            || terms.get().mode() == ResumptionMode.CACHE && !record.sessionKey()
            || connector.isOver(TicketSession.deadline(record).under(terms.get()));
        if (stricter)
        {
            return refusals.refuse(RefusalReason.POLICY);
        }
        if (connector.forgetting().isForgotten(record.id(), record.established(), record.clientIdentity(), record.ruleIdentity(),
            terms.get().rule()))
        {
            return refusals.refuse(RefusalReason.FORGOTTEN);
        }
        if (!content.certificates().isEmpty() && !handshake.trusts(content.certificates()))
        {
            return refusals.refuse(RefusalReason.CERTIFICATE);
        }
        return terms;
    }

    private Optional<TicketSession> session(TicketContent content, SessionTerms terms)
    {
        SessionRecord record = content.record();
        boolean once = content.key() != null && (record.singleUse() || terms.singleUse());
        return once
            ? singleUse.use(content, terms, handshake.proof(content.state()))
            : Optional.of(new TicketSession(record, content.key(), terms));
    }
}
