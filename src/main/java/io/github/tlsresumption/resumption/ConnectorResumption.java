package io.github.tlsresumption.resumption;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;

import io.github.tlsresumption.crypto.Digests;
import io.github.tlsresumption.crypto.Random;
import io.github.tlsresumption.crypto.Xaes256Gcm;
import io.github.tlsresumption.keys.TicketKey;
import io.github.tlsresumption.keys.TicketKeyRing;
import io.github.tlsresumption.policy.Client;
import io.github.tlsresumption.policy.ResumptionMode;
import io.github.tlsresumption.policy.SessionPolicy;
import io.github.tlsresumption.policy.SessionTerms;
import io.github.tlsresumption.sessions.SessionKey;
import io.github.tlsresumption.sessions.SessionKeyStore;
import io.github.tlsresumption.ticket.SessionRecord;
import io.github.tlsresumption.ticket.SessionRecord.Protocol;
import io.github.tlsresumption.ticket.StableId;
import io.github.tlsresumption.ticket.Ticket;
import io.github.tlsresumption.ticket.TicketProtector;
import io.github.tlsresumption.ticket.TlsHandshake;
import io.github.tlsresumption.ticket.TlsSession;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides for one connector which sessions are resumed, and seals and opens their tickets.
 * <p>
 * Both modes give the client a ticket under a key of the ring. In mode {@code cache} its payload is sealed once more under a
 * key of the session's own: so a ticket is known to be authentic, in time and in its place before a store is asked, and what
 * a client shows in clear names no session.
 * <p>
 * Every doubt ends in a full handshake. Thread-safe.
 */
public final class ConnectorResumption implements TicketProtector
{
    private static final Logger LOG = LoggerFactory.getLogger(ConnectorResumption.class);

    /**
     * A ClientHello has room for hundreds of tickets; a client of good will offers one or two.
     */
    private static final int MAX_OPENED_PER_HANDSHAKE = 4;

    /**
     * By how much another node's clock may be ahead of ours.
     */
    private static final Duration CLOCK_SKEW = Duration.ofMinutes(2);

    private final long scopeDigest;
    private final SessionPolicy policy;
    private final Supplier<TicketKeyRing> ring;
    private final SessionKeyStore sessionKeys;
    private final Clock clock;
    private final ResumptionStatistics statistics;
    private final RefusalLog log;
    private final AtomicBoolean saidTooLarge = new AtomicBoolean();

    /**
     * @param scope connectors of the same scope may resume each other's sessions
     * @param policy decides on the clients' terms
     * @param ring gives the key ring in force; its result may be empty of keys, and changes with time
     * @param sessionKeys keeps the keys of mode {@code cache}
     * @param clock tells the time
     * @param statistics counts what happens
     */
    public ConnectorResumption(String scope, SessionPolicy policy, Supplier<TicketKeyRing> ring, SessionKeyStore sessionKeys,
        Clock clock, ResumptionStatistics statistics)
    {
        this.scopeDigest = Digests.sha256ToLong("scope", scope.getBytes(StandardCharsets.UTF_8));
        this.policy = policy;
        this.ring = ring;
        this.sessionKeys = sessionKeys;
        this.clock = clock;
        this.statistics = statistics;
        this.log = new RefusalLog(scope);
    }

    @Override
    public Tickets begin(TlsHandshake handshake)
    {
        return new HandshakeTickets(handshake);
    }

    private Optional<SessionTerms> terms(TlsHandshake handshake, String protocol, List<X509Certificate> certificates)
    {
        try
        {
            SessionTerms terms = policy.terms(new Client(protocol, handshake.serverName(), handshake.peerHost(), certificates));
            return terms.mode() == ResumptionMode.OFF ? Optional.empty() : Optional.of(terms);
        }
        catch (RuntimeException | Error x)
        {
            log.policyFailed(handshake.peerHost().orElse("a client"), x, clock.instant());
            return Optional.empty();
        }
    }

    private static long sniDigest(TlsHandshake handshake)
    {
        // No name at all is not the same as any name.
        return handshake.serverName()
            .map(name -> Digests.sha256ToLong("sni", name.getBytes(StandardCharsets.UTF_8)))
            .orElse(0L);
    }

    /**
     * RFC 8446 section 4.6.1: the lifetime of the client's certificate limits what was proven with it.
     */
    private static Instant deadline(Instant established, SessionTerms terms, List<X509Certificate> certificates)
    {
        Instant deadline = established.plus(terms.maxDuration());
        if (certificates.isEmpty())
            return deadline;
        Instant notAfter = certificates.get(0).getNotAfter().toInstant();
        return notAfter.isBefore(deadline) ? notAfter : deadline;
    }

    private static String name(Protocol protocol)
    {
        return protocol == Protocol.TLS_1_3 ? "TLSv1.3" : "TLSv1.2";
    }

    private static Optional<Protocol> protocol(String name)
    {
        return switch (name)
        {
            case "TLSv1.3" -> Optional.of(Protocol.TLS_1_3);
            case "TLSv1.2" -> Optional.of(Protocol.TLS_1_2);
            default -> Optional.empty();
        };
    }

    /**
     * A session that a ticket of this handshake continues or begins.
     *
     * @param record as in the ticket
     * @param key the session's own key, null in mode {@code ticket}
     */
    private record Session(SessionRecord record, SessionKey key)
    {
        private ResumptionMode mode()
        {
            return key == null ? ResumptionMode.TICKET : ResumptionMode.CACHE;
        }
    }

    /**
     * A ticket that this handshake has opened, and what it held.
     */
    private record Opened(byte[] ticket, byte[] associatedData, Content content)
    {
    }

    /**
     * What a ticket held.
     *
     * @param certificates the client's, when the session was established
     */
    private record Content(Session session, byte[] state, List<X509Certificate> certificates)
    {
    }

    /**
     * The tickets of one handshake: which were opened decides what is sealed, for a resumption carries its session over.
     */
    private final class HandshakeTickets implements Tickets
    {
        private final TlsHandshake handshake;
        private final List<Opened> opened = new ArrayList<>(1);
        private final Set<RefusalReason> refusals = EnumSet.noneOf(RefusalReason.class);
        private int attempts;
        private Session session;

        private HandshakeTickets(TlsHandshake handshake)
        {
            this.handshake = handshake;
        }

        private <T> Optional<T> refuse(RefusalReason reason)
        {
            if (refusals.add(reason))
            {
                statistics.count(reason);
                log.refused(reason, handshake.peerHost().orElse("a client"), statistics.refusals(reason), clock.instant());
            }
            return Optional.empty();
        }

        @Override
        public Optional<byte[]> open(byte[] ticket, byte[] associatedData, int stateFormat)
        {
            // After a HelloRetryRequest the same ticket comes a second time, in a hello that may name another host.
            for (Opened known : opened)
            {
                if (!Arrays.equals(known.ticket(), ticket) || !Arrays.equals(known.associatedData(), associatedData))
                    continue;
                // What the engine opened last is what it resumes.
                opened.remove(known);
                opened.add(known);
                Instant now = clock.instant();
                Optional<RefusalReason> reason = misplaced(known.content().session().record(), stateFormat, now)
                    .or(() -> unsuitable(known.content(), now));
                return reason.isPresent() ? refuse(reason.get()) : Optional.of(known.content().state().clone());
            }
            if (++attempts > MAX_OPENED_PER_HANDSHAKE)
                return Optional.empty();

            OptionalLong keyId = Ticket.keyId(ticket);
            if (keyId.isEmpty())
                return refuse(RefusalReason.TAMPERED);
            Instant now = clock.instant();
            Optional<TicketKey> key = ring.get().opening(keyId.getAsLong(), now);
            if (key.isEmpty())
                return refuse(RefusalReason.UNKNOWN_KEY);
            Optional<Ticket.Opened> unsealed = Ticket.open(key.get().cipher(), ticket, associatedData);
            if (unsealed.isEmpty())
                return refuse(RefusalReason.TAMPERED);

            Optional<RefusalReason> misplaced = misplaced(unsealed.get().record(), stateFormat, now);
            if (misplaced.isPresent())
                return refuse(misplaced.get());
            Optional<Content> content = content(unsealed.get());
            if (content.isEmpty())
                return Optional.empty();
            Optional<RefusalReason> unsuitable = unsuitable(content.get(), now);
            if (unsuitable.isPresent())
                return refuse(unsuitable.get());
            opened.add(new Opened(ticket, associatedData, content.get()));
            return Optional.of(content.get().state().clone());
        }

        /**
         * What the record alone tells, before any store is asked.
         */
        private Optional<RefusalReason> misplaced(SessionRecord record, int stateFormat, Instant now)
        {
            if (record.scopeDigest() != scopeDigest)
                return Optional.of(RefusalReason.WRONG_SCOPE);
            if (record.stateFormat() != stateFormat)
                return Optional.of(RefusalReason.OTHER_JDK);
            if (record.sniDigest() != sniDigest(handshake))
                return Optional.of(RefusalReason.WRONG_SNI);
            if (record.contextDigest() != handshake.contextDigest())
                return Optional.of(RefusalReason.WRONG_CONTEXT);
            if (!now.isBefore(record.deadline()) || now.plus(CLOCK_SKEW).isBefore(record.established()))
                return Optional.of(RefusalReason.EXPIRED);
            return Optional.empty();
        }

        private Optional<RefusalReason> unsuitable(Content content, Instant now)
        {
            SessionRecord record = content.session().record();
            Optional<SessionTerms> terms = terms(handshake, name(record.protocol()), content.certificates());
            boolean stricter = terms.isEmpty() ||
                terms.get().mode() == ResumptionMode.CACHE && !record.sessionKey() ||
                !now.isBefore(record.established().plus(terms.get().maxDuration()));
            if (stricter)
                return Optional.of(RefusalReason.POLICY);
            boolean distrusted = !content.certificates().isEmpty() && !handshake.trusts(content.certificates());
            return distrusted ? Optional.of(RefusalReason.CERTIFICATE) : Optional.empty();
        }

        private Optional<Content> content(Ticket.Opened unsealed)
        {
            if (!unsealed.record().sessionKey())
                return content(new Session(unsealed.record(), null), unsealed.payload());
            Optional<SessionKey> key;
            try
            {
                key = sessionKeys.get(unsealed.record().id());
            }
            catch (IOException | RuntimeException x)
            {
                LOG.debug("session key store", x);
                return refuse(RefusalReason.STORE_UNAVAILABLE);
            }
            if (key.isEmpty())
                return refuse(RefusalReason.FORGOTTEN);
            Optional<byte[]> state = Ticket.openPayload(key.get().cipher(), unsealed);
            // The record is authentic: a key that does not fit is that of a session forgotten meanwhile.
            return state.isEmpty() ? refuse(RefusalReason.FORGOTTEN) : content(new Session(unsealed.record(), key.get()), state.get());
        }

        private Optional<Content> content(Session found, byte[] state)
        {
            try
            {
                return Optional.of(new Content(found, state, handshake.peerCertificates(state)));
            }
            catch (CertificateException x)
            {
                LOG.debug("client certificates of a session", x);
                return refuse(RefusalReason.CERTIFICATE);
            }
        }

        @Override
        public Optional<byte[]> seal(byte[] state, byte[] associatedData, int stateFormat)
        {
            Optional<Protocol> protocol = handshake.protocol().flatMap(ConnectorResumption::protocol);
            if (protocol.isEmpty())
                return Optional.empty();
            Optional<SessionTerms> terms = terms(handshake, name(protocol.get()), handshake.peerCertificates());
            if (terms.isEmpty())
                return Optional.empty();
            if (state.length + Xaes256Gcm.TAG_BYTES > Ticket.MAX_PAYLOAD_BYTES)
            {
                if (saidTooLarge.compareAndSet(false, true))
                    LOG.warn("A session of {} bytes is too large for a ticket (at most {}), so its client gets full handshakes only: " +
                        "use shorter certificate chains", state.length, Ticket.MAX_PAYLOAD_BYTES - Xaes256Gcm.TAG_BYTES);
                return refuse(RefusalReason.TOO_LARGE);
            }
            Instant now = clock.instant();
            Optional<TicketKey> key = ring.get().sealing(now);
            if (key.isEmpty())
                return refuse(RefusalReason.NO_KEY);

            if (session == null)
            {
                Optional<Session> found = handshake.resumed()
                    ? resumedSession()
                    : newSession(protocol.get(), terms.get(), stateFormat, now);
                if (found.isEmpty())
                    return Optional.empty();
                session = found.get();
            }
            SessionRecord record = session.record();
            if (!now.isBefore(record.deadline()))
                return Optional.empty();
            byte[] nonce = Random.bytes(Xaes256Gcm.NONCE_BYTES);
            try
            {
                byte[] payload = session.key() == null ? state : Ticket.sealPayload(session.key().cipher(), nonce, record.id(), state);
                return Optional.of(Ticket.seal(key.get().cipher(), key.get().id(), nonce, record, payload, associatedData));
            }
            catch (IllegalStateException x)
            {
                // A key was erased in this moment: the session was forgotten, or the ring dropped.
                LOG.debug("seal", x);
                return refuse(RefusalReason.FORGOTTEN);
            }
        }

        /**
         * The engine may still refuse what we have opened, and does a full handshake then; whether it resumed, and what,
         * is told by the time of creation, which it takes over from the original. It opens tickets until one suits, so of
         * several sessions of one moment it is the last.
         */
        private Optional<Session> resumedSession()
        {
            long creationTime = handshake.creationTime();
            return opened.stream()
                .map(known -> known.content().session())
                .filter(candidate -> candidate.record().established().toEpochMilli() == creationTime)
                .reduce((earlier, later) -> later);
        }

        private Optional<Session> newSession(Protocol protocol, SessionTerms terms, int stateFormat, Instant now)
        {
            Instant established = Instant.ofEpochMilli(handshake.creationTime());
            Instant deadline = deadline(established, terms, handshake.peerCertificates());
            if (!now.isBefore(deadline) || !established.isBefore(deadline))
                return Optional.empty();
            boolean cache = terms.mode() == ResumptionMode.CACHE;
            SessionRecord record = new SessionRecord(StableId.random(), established, deadline, 0, sniDigest(handshake), scopeDigest,
                handshake.contextDigest(), stateFormat, protocol, cache, false);
            if (!cache)
                return Optional.of(new Session(record, null));
            SessionKey key = SessionKey.generate(record.deadline());
            try
            {
                sessionKeys.put(record.id(), key);
            }
            catch (IOException | RuntimeException x)
            {
                LOG.debug("session key store", x);
                key.destroy();
                return refuse(RefusalReason.STORE_UNAVAILABLE);
            }
            return Optional.of(new Session(record, key));
        }

        @Override
        public boolean resumable(String protocol)
        {
            return terms(handshake, protocol, handshake.peerCertificates()).isPresent();
        }

        @Override
        public boolean resumableById(byte[] sessionId, long creationTime, Optional<String> peerHost, List<X509Certificate> certificates)
        {
            // Only TLS 1.2 and older know sessions by their id.
            Optional<SessionTerms> terms = terms(handshake, "TLSv1.2", certificates);
            if (terms.isEmpty())
            {
                refuse(RefusalReason.POLICY);
                return false;
            }
            if (!clock.instant().isBefore(deadline(Instant.ofEpochMilli(creationTime), terms.get(), certificates)))
            {
                refuse(RefusalReason.EXPIRED);
                return false;
            }
            if (!certificates.isEmpty() && !handshake.trusts(certificates))
            {
                refuse(RefusalReason.CERTIFICATE);
                return false;
            }
            return true;
        }

        @Override
        public TlsSession finished(byte[] sessionId)
        {
            TlsSession result = result(sessionId);
            // The connection may last for hours; states and keys shall not.
            opened.clear();
            session = null;
            return result;
        }

        private TlsSession result(byte[] sessionId)
        {
            String protocol = handshake.protocol().orElse("");
            Instant established = Instant.ofEpochMilli(handshake.creationTime());
            boolean resumed = handshake.resumed();
            if (session == null && resumed)
                session = resumedSession().orElse(null);
            if (session != null)
            {
                SessionRecord record = session.record();
                statistics.count(resumed ? HandshakeResult.valueOf(session.mode().name()) : HandshakeResult.FULL);
                return new TlsSession(record.id(), resumed, session.mode().toString(), protocol, record.established(), record.deadline());
            }
            statistics.count(resumed ? HandshakeResult.SESSION_ID : HandshakeResult.FULL);
            Optional<SessionTerms> terms = terms(handshake, protocol, handshake.peerCertificates());
            // Without a ticket of ours only TLS 1.2 and older can resume, out of SunJSSE's cache.
            boolean byId = terms.isPresent() && !"TLSv1.3".equals(protocol) && sessionId.length > 0;
            return byId
                ? new TlsSession(StableId.of(Digests.sha256("session id", sessionId)), resumed, HandshakeResult.SESSION_ID.toString(),
                    protocol, established, deadline(established, terms.get(), handshake.peerCertificates()))
                : new TlsSession(StableId.random(), resumed, ResumptionMode.OFF.toString(), protocol, established, established);
        }
    }
}
