package io.github.tlsresumption.resumption;

import java.io.IOException;
import java.nio.ByteBuffer;
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
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

import io.github.tlsresumption.crypto.Aes256Gcm;
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
import io.github.tlsresumption.ticket.CachedSession;
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
    /** After a HelloRetryRequest those that were opened come again. */
    private static final int MAX_OFFERED_PER_HANDSHAKE = 2 * MAX_OPENED_PER_HANDSHAKE;
    private static final long MILLIS_PER_SECOND = 1_000;
    /** Of a client of whom the policy says nothing. */
    private static final SessionTerms LONGEST = new SessionTerms(ResumptionMode.OFF, SessionTerms.LONGEST);

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
    private final AtomicBoolean saidTooLarge = new AtomicBoolean();
    private volatile SniDigest lastSniDigest = SniDigest.of("");

    /**
     * @param scope connectors of the same scope may resume each other's sessions
     * @param policy decides on the clients' terms
     * @param ring gives the key ring in force; its result may be empty of keys, and changes with time
     * @param sessionKeys keeps the keys of mode {@code cache}
     * @param forgetting says which sessions have been forgotten
     * @param clock tells the time
     * @param statistics counts what happens
     */
    public ConnectorResumption(String scope, SessionPolicy policy, Supplier<TicketKeyRing> ring, SessionKeyStore sessionKeys,
        Forgetting forgetting, Clock clock, ResumptionStatistics statistics)
    {
        this(scope, policy, ring, sessionKeys, forgetting, clock, clock, statistics);
    }

    /**
     * @param scope connectors of the same scope may resume each other's sessions
     * @param policy decides on the clients' terms
     * @param ring gives the key ring in force; its result may be empty of keys, and changes with time
     * @param sessionKeys keeps the keys of mode {@code cache}
     * @param forgetting says which sessions have been forgotten
     * @param clock tells the time
     * @param deadlines tells the time by which sessions end, later than the other where it is not sure
     * @param statistics counts what happens
     */
    public ConnectorResumption(String scope, SessionPolicy policy, Supplier<TicketKeyRing> ring, SessionKeyStore sessionKeys,
        Forgetting forgetting, Clock clock, Clock deadlines, ResumptionStatistics statistics)
    {
        this(scope, "", policy, ring, sessionKeys, forgetting, clock, deadlines, System::nanoTime, statistics);
    }

    /**
     * @param scope connectors of the same scope may resume each other's sessions
     * @param forgetList tells apart those of the same scope and ring that do not know whom the others have forgotten, so that they do not
     *     resume each other's sessions; empty where there is one list for all
     * @param policy decides on the clients' terms
     * @param ring gives the key ring in force; its result may be empty of keys, and changes with time
     * @param sessionKeys keeps the keys of mode {@code cache}
     * @param forgetting says which sessions have been forgotten
     * @param clock tells the time
     * @param deadlines tells the time by which sessions end, later than the other where it is not sure
     * @param statistics counts what happens
     */
    public ConnectorResumption(String scope, String forgetList, SessionPolicy policy, Supplier<TicketKeyRing> ring,
        SessionKeyStore sessionKeys, Forgetting forgetting, Clock clock, Clock deadlines, ResumptionStatistics statistics)
    {
        this(scope, forgetList, policy, ring, sessionKeys, forgetting, clock, deadlines, System::nanoTime, statistics);
    }

    /**
     * @param nanos counts nanoseconds, whatever the time is
     */
    ConnectorResumption(String scope, String forgetList, SessionPolicy policy, Supplier<TicketKeyRing> ring,
        SessionKeyStore sessionKeys, Forgetting forgetting, Clock clock, Clock deadlines, LongSupplier nanos,
        ResumptionStatistics statistics)
    {
        this.nanos = nanos;
        this.deadlines = deadlines;
        byte[] place = (forgetList.isEmpty() ? scope : scope + "\n" + forgetList).getBytes(StandardCharsets.UTF_8);
        this.scopeDigest = (int)Digests.sha256ToLong("scope", place);
        this.policy = policy;
        this.ring = ring;
        this.sessionKeys = sessionKeys;
        this.forgetting = forgetting;
        this.clock = clock;
        this.statistics = statistics;
        this.log = new RefusalLog(scope);
    }

    @Override
    public Tickets begin(TlsHandshake handshake)
    {
        return new HandshakeTickets(handshake);
    }

    @Override
    public boolean isOver(CachedSession cached)
    {
        Client client = new Client("TLSv1.2", cached.serverName(), cached.peerHost(), cached.certificates());
        // A policy that fails now may answer when the session is offered.
        return asked(client).filter(terms -> reasonToRefuse(cached, client, terms).isPresent()).isPresent();
    }

    @Override
    public void forget(TlsSession session)
    {
        if (!session.isResumable())
        {
            return;
        }
        try
        {
            forgetting.forgetSession(session.id());
        }
        catch (IOException e)
        {
            // The forget list says so itself, and tells the others as soon as it can.
            LOG.debug("others are told later", e);
        }
    }

    /**
     * @param client as it asks now
     * @param terms that the policy gives it now
     */
    private Optional<RefusalReason> reasonToRefuse(CachedSession cached, Client client, SessionTerms terms)
    {
        if (terms.mode() == ResumptionMode.OFF || terms.singleUse())
            return Optional.of(RefusalReason.POLICY);
        boolean expired = isOver(deadline(cached.established(), terms, cached.certificates())) ||
            cached.deadline().filter(this::isOver).isPresent() || isAhead(cached.established(), clock.instant());
        if (expired)
            return Optional.of(RefusalReason.EXPIRED);
        Client before = new Client(client.protocol(), client.serverName(), cached.peerHost(), cached.certificates());
        return forgetting.isForgotten(stableId(cached.id()), cached.established(), forgetting.identity(before), 0, terms.rule())
            ? Optional.of(RefusalReason.FORGOTTEN)
            : Optional.empty();
    }

    private boolean isOver(Instant deadline)
    {
        return !deadlines.instant().isBefore(deadline);
    }

    /**
     * The clock was set back since.
     */
    private boolean isAhead(Instant established, Instant now)
    {
        return now.plus(forgetting.clockSkew()).isBefore(established);
    }

    private Optional<SessionTerms> terms(Client client)
    {
        return asked(client).filter(terms -> terms.mode() != ResumptionMode.OFF);
    }

    /**
     * Also those of mode off; nothing when the policy failed.
     */
    private Optional<SessionTerms> asked(Client client)
    {
        try
        {
            return Optional.of(policy.terms(client));
        }
        catch (RuntimeException | Error x)
        {
            log.policyFailed(client.remoteHost().orElse("a client"), x, clock.instant());
            return Optional.empty();
        }
    }

    private static Client client(TlsHandshake handshake, String protocol, List<X509Certificate> certificates)
    {
        return new Client(protocol, handshake.serverName(), handshake.peerHost(), certificates);
    }

    private long sniDigest(TlsHandshake handshake)
    {
        // No name at all is not the same as any name.
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

    /**
     * Of a session that SunJSSE's cache knows by its id.
     */
    private static StableId stableId(byte[] sessionId)
    {
        return StableId.of(Digests.sha256("session id", sessionId));
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

    private record SniDigest(String name, long digest)
    {
        private static SniDigest of(String name)
        {
            return new SniDigest(name, Digests.sha256ToLong("sni", name.getBytes(StandardCharsets.UTF_8)));
        }
    }

    /**
     * A session that a ticket of this handshake continues or begins.
     *
     * @param record as in the ticket
     * @param key the session's own key, null in mode {@code ticket}
     * @param terms in force now, which may be stricter than they were
     */
    private record Session(SessionRecord record, SessionKey key, SessionTerms terms)
    {
        private ResumptionMode mode()
        {
            return key == null ? ResumptionMode.TICKET : ResumptionMode.CACHE;
        }

        private Instant deadline()
        {
            Instant now = record.established().plus(terms.maxDuration());
            return now.isBefore(record.deadline()) ? now : record.deadline();
        }
    }

    /**
     * What a ticket held.
     *
     * @param key the session's own, null in mode {@code ticket}
     * @param certificates the client's, when the session was established
     */
    private record Content(SessionRecord record, SessionKey key, byte[] state, List<X509Certificate> certificates)
    {
    }

    /**
     * A ticket of one use that this handshake alone may use, until its client has proven that the session is its own.
     *
     * @param key the session's
     * @param next the key to come in its place then
     * @param holder names the handshake to the store
     * @param until from then on, by a count of nanoseconds, another handshake may have it
     */
    private record Reservation(SessionKey key, SessionKey next, long holder, long until)
    {
    }

    /**
     * A ticket that this handshake has opened, and what it held.
     *
     * @param opensUntil when its ticket key ends
     */
    private record Opened(byte[] ticket, byte[] associatedData, Content content, Session session, Instant opensUntil)
    {
        /**
         * @return whether the ticket opens once more, whenever the session may be resumed
         */
        private boolean staysGood()
        {
            // One of a single use has been used up, and its session has another key.
            return session.key() == content.key() && !opensUntil.isBefore(content.record().deadline());
        }
    }

    /**
     * The tickets of one handshake: which were opened decides what is sealed, for a resumption carries its session over.
     */
    private final class HandshakeTickets implements Tickets
    {
        private final TlsHandshake handshake;
        private final List<Opened> opened = new ArrayList<>(1);
        private final Set<RefusalReason> refusals = EnumSet.noneOf(RefusalReason.class);
        private final AtomicReference<Reservation> reservation = new AtomicReference<>();
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
                FlightEvents.refused(reason);
                log.refused(reason, handshake.peerHost().orElse("a client"), statistics.refusals(reason), clock.instant());
            }
            return Optional.empty();
        }

        @Override
        public Optional<byte[]> open(byte[] ticket, byte[] associatedData, int stateFormat)
        {
            long start = System.nanoTime();
            boolean accepted = false;
            try
            {
                Optional<byte[]> state = opened(ticket, associatedData, stateFormat);
                accepted = state.isPresent();
                return state;
            }
            finally
            {
                long taken = System.nanoTime() - start;
                statistics.countOpen(taken);
                FlightEvents.opened(taken, accepted);
            }
        }

        private Optional<byte[]> opened(byte[] ticket, byte[] associatedData, int stateFormat)
        {
            if (isExhausted(0))
                return Optional.empty();
            // After a HelloRetryRequest the same ticket comes a second time, in a hello that may name another host.
            for (Opened known : opened)
            {
                if (!Arrays.equals(known.ticket(), ticket) || !Arrays.equals(known.associatedData(), associatedData))
                    continue;
                // What the engine opened last is what it resumes.
                opened.remove(known);
                opened.add(known);
                Instant now = clock.instant();
                SessionRecord record = known.content().record();
                Optional<RefusalReason> reason = misplaced(record, stateFormat, now);
                if (reason.isPresent())
                    return refuse(reason.get());
                return terms(known.content()).map(terms -> known.content().state().clone());
            }
            if (++attempts > MAX_OPENED_PER_HANDSHAKE)
                return Optional.empty();

            OptionalLong keyId = Ticket.keyId(ticket);
            if (keyId.isEmpty())
                return refuse(RefusalReason.TAMPERED);
            int era = forgetting.era();
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
            Optional<Session> found = terms(content.get()).flatMap(terms -> session(content.get(), terms));
            if (era != forgetting.era())
                return refuse(RefusalReason.FORGOTTEN);
            found.ifPresent(session -> opened.add(new Opened(ticket, associatedData, content.get(), session,
                key.get().openUntil())));
            return found.map(session -> content.get().state().clone());
        }

        @Override
        public boolean isExhausted(int offered)
        {
            boolean nothingMore = attempts >= MAX_OPENED_PER_HANDSHAKE && opened.isEmpty();
            if (!nothingMore && offered <= MAX_OFFERED_PER_HANDSHAKE)
                return false;
            refuse(RefusalReason.TOO_MANY);
            return true;
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
            if (isOver(record.deadline()) || isAhead(record.established(), now))
                return Optional.of(RefusalReason.EXPIRED);
            return Optional.empty();
        }

        private Optional<Content> content(Ticket.Opened unsealed)
        {
            SessionRecord record = unsealed.record();
            if (!record.sessionKey())
                return content(record, null, unsealed.payload());
            Optional<SessionKey> key;
            try
            {
                key = sessionKeys.get(record.id());
            }
            catch (IOException | RuntimeException x)
            {
                LOG.debug("session key store", x);
                return refuse(RefusalReason.STORE_UNAVAILABLE);
            }
            // The record is authentic: a key that does not fit is that of a later ticket, or of a session forgotten meanwhile.
            Optional<byte[]> state = key.flatMap(known -> Ticket.openPayload(known.cipher(), unsealed));
            return state.isEmpty()
                ? refuse(record.singleUse() ? RefusalReason.REPLAYED : RefusalReason.FORGOTTEN)
                : content(record, key.get(), state.get());
        }

        private Optional<Content> content(SessionRecord record, SessionKey key, byte[] state)
        {
            try
            {
                return Optional.of(new Content(record, key, state, handshake.peerCertificates(state)));
            }
            catch (CertificateException x)
            {
                LOG.debug("client certificates of a session", x);
                return refuse(RefusalReason.CERTIFICATE);
            }
        }

        /**
         * The policy is asked again with what is known now: what has become stricter binds at once.
         */
        private Optional<SessionTerms> terms(Content content)
        {
            SessionRecord record = content.record();
            Optional<SessionTerms> terms =
                ConnectorResumption.this.terms(client(handshake, name(record.protocol()), content.certificates()));
            boolean stricter = terms.isEmpty() ||
                terms.get().mode() == ResumptionMode.CACHE && !record.sessionKey() ||
                isOver(record.established().plus(terms.get().maxDuration()));
            if (stricter)
                return refuse(RefusalReason.POLICY);
            if (forgetting.isForgotten(record.id(), record.established(), record.clientIdentity(), record.ruleIdentity(),
                terms.get().rule()))
                return refuse(RefusalReason.FORGOTTEN);
            if (!content.certificates().isEmpty() && !handshake.trusts(content.certificates()))
                return refuse(RefusalReason.CERTIFICATE);
            return terms;
        }

        private Optional<Session> session(Content content, SessionTerms terms)
        {
            SessionRecord record = content.record();
            boolean singleUse = content.key() != null && (record.singleUse() || terms.singleUse());
            if (!singleUse)
                return Optional.of(new Session(record, content.key(), terms));
            // Whoever offers it may have seen it only.
            return switch (handshake.proof(content.state()))
            {
                case GIVEN -> used(content, terms);
                case LATER -> reserved(content, terms);
                case MISSING -> refuse(RefusalReason.REPLAYED);
            };
        }

        private Optional<Session> reserved(Content content, SessionTerms terms)
        {
            SessionRecord record = content.record();
            SessionKey next = SessionKey.generate(record, terms.rule());
            long holder = ByteBuffer.wrap(Random.bytes(Long.BYTES)).getLong();
            // The store counts from later on.
            long until = nanos.getAsLong() + SessionKeyStore.RESERVATION.toNanos();
            try
            {
                if (sessionKeys.reserve(content.key(), holder))
                {
                    abandon(reservation.getAndSet(new Reservation(content.key(), next, holder, until)));
                    return Optional.of(new Session(record, next, terms));
                }
                next.destroy();
                return refuse(RefusalReason.REPLAYED);
            }
            catch (IOException | RuntimeException e)
            {
                LOG.debug("session key store", e);
                next.destroy();
                return refuse(RefusalReason.STORE_UNAVAILABLE);
            }
        }

        @Override
        public boolean proven()
        {
            Reservation held = reservation.getAndSet(null);
            if (held == null)
                return true;
            // Until then nobody else can have used the ticket.
            boolean isLate = nanos.getAsLong() - held.until() >= 0;
            boolean committed;
            try
            {
                committed = sessionKeys.commit(held.key(), held.next(), held.holder());
            }
            catch (IOException | RuntimeException e)
            {
                // This client has the secret, and it is too late for a full handshake. The ticket may be good once more, for it alone.
                LOG.debug("session key store", e);
                refuse(isLate ? RefusalReason.REPLAYED : RefusalReason.STORE_UNAVAILABLE);
                return !isLate;
            }
            if (committed)
                return true;
            held.next().destroy();
            boolean unused = !isLate && isGone(held.key());
            if (!unused)
                refuse(RefusalReason.REPLAYED);
            return unused;
        }

        /**
         * A key that another handshake has used is there still; one that was evicted or forgotten is not, and then nobody uses its ticket.
         */
        private boolean isGone(SessionKey key)
        {
            try
            {
                return sessionKeys.get(key.id()).isEmpty();
            }
            catch (IOException | RuntimeException e)
            {
                LOG.debug("session key store", e);
                return false;
            }
        }

        @Override
        public void earlyData()
        {
            refuse(RefusalReason.EARLY_DATA);
        }

        @Override
        public void abandoned()
        {
            abandon(reservation.getAndSet(null));
        }

        private void abandon(Reservation held)
        {
            if (held == null)
                return;
            held.next().destroy();
            try
            {
                sessionKeys.release(held.key(), held.holder());
            }
            catch (IOException | RuntimeException e)
            {
                // It ends by itself.
                LOG.debug("session key store", e);
            }
        }

        private Optional<Session> used(Content content, SessionTerms terms)
        {
            SessionRecord record = content.record();
            SessionKey next = SessionKey.generate(record, terms.rule());
            try
            {
                if (sessionKeys.replace(content.key(), next))
                    return Optional.of(new Session(record, next, terms));
                next.destroy();
                return refuse(RefusalReason.REPLAYED);
            }
            catch (IOException | RuntimeException x)
            {
                LOG.debug("session key store", x);
                next.destroy();
                return refuse(RefusalReason.STORE_UNAVAILABLE);
            }
        }

        @Override
        public Optional<byte[]> seal(byte[] state, byte[] associatedData, int stateFormat)
        {
            long start = System.nanoTime();
            boolean made = false;
            try
            {
                Optional<byte[]> ticket = sealed(state, associatedData, stateFormat);
                made = ticket.isPresent();
                return ticket;
            }
            finally
            {
                long taken = System.nanoTime() - start;
                statistics.countSeal(taken);
                FlightEvents.sealed(taken, made);
            }
        }

        private Optional<byte[]> sealed(byte[] state, byte[] associatedData, int stateFormat)
        {
            Optional<Protocol> protocol = handshake.protocol().flatMap(ConnectorResumption::protocol);
            if (protocol.isEmpty())
                return Optional.empty();
            Client client = client(handshake, name(protocol.get()), handshake.peerCertificates());
            Optional<SessionTerms> terms = ConnectorResumption.this.terms(client);
            if (terms.isEmpty())
                return Optional.empty();
            // The client could offer such a ticket, and would never resume by it.
            if (lacksMasterSecret(name(protocol.get())))
            {
                return refuse(RefusalReason.NO_EXTENDED_MASTER_SECRET);
            }
            if (state.length + Aes256Gcm.TAG_BYTES > Ticket.MAX_PAYLOAD_BYTES)
            {
                if (saidTooLarge.compareAndSet(false, true))
                    LOG.warn("A session of {} bytes is too large for a ticket (at most {}), so its client gets full handshakes only: " +
                        "use shorter certificate chains", state.length, Ticket.MAX_PAYLOAD_BYTES - Aes256Gcm.TAG_BYTES);
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
                    : newSession(protocol.get(), client, terms.get(), stateFormat, now);
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
            return resumedTicket().map(Opened::session);
        }

        private Optional<Opened> resumedTicket()
        {
            long creationTime = handshake.creationTime();
            for (int i = opened.size() - 1; i >= 0; i--)
            {
                Opened candidate = opened.get(i);
                if (candidate.session().record().established().toEpochMilli() == creationTime)
                {
                    return Optional.of(candidate);
                }
            }
            return Optional.empty();
        }

        @Override
        public boolean renews()
        {
            return resumedTicket().filter(Opened::staysGood).isEmpty();
        }

        private Optional<Session> newSession(Protocol protocol, Client client, SessionTerms terms, int stateFormat, Instant now)
        {
            Instant established = Instant.ofEpochMilli(handshake.creationTime());
            Instant deadline = deadline(established, terms, client.certificates());
            if (!now.isBefore(deadline) || !established.isBefore(deadline) || isAhead(established, now))
                return refuse(RefusalReason.EXPIRED);
            boolean cache = terms.mode() == ResumptionMode.CACHE;
            SessionRecord record = new SessionRecord(StableId.random(), established, deadline, forgetting.identity(client),
                forgetting.ruleIdentity(terms.rule()), sniDigest(handshake), scopeDigest, handshake.contextDigest(), stateFormat, protocol,
                cache, cache && terms.singleUse());
            forgetting.established(record.established());
            // Forgotten while its handshake ran: it gets neither key nor ticket.
            if (forgetting.isForgotten(record.id(), record.established(), record.clientIdentity(), record.ruleIdentity(), terms.rule()))
                return refuse(RefusalReason.FORGOTTEN);
            if (!cache)
                return Optional.of(new Session(record, null, terms));
            SessionKey key = SessionKey.generate(record, terms.rule());
            try
            {
                sessionKeys.put(key);
            }
            catch (IOException | RuntimeException x)
            {
                LOG.debug("session key store", x);
                key.destroy();
                return refuse(RefusalReason.STORE_UNAVAILABLE);
            }
            return Optional.of(new Session(record, key, terms));
        }

        @Override
        public boolean resumable(String protocol)
        {
            return ConnectorResumption.this.terms(client(handshake, protocol, handshake.peerCertificates())).isPresent();
        }

        @Override
        public boolean resumableById(CachedSession cached)
        {
            Optional<RefusalReason> reason = misplaced(cached).or(() -> reasonToRefuse(cached));
            reason.ifPresent(this::refuse);
            return reason.isEmpty();
        }

        private Optional<RefusalReason> misplaced(CachedSession cached)
        {
            if (!cached.serverName().equals(handshake.serverName()))
                return Optional.of(RefusalReason.WRONG_SNI);
            if (cached.contextDigest().filter(digest -> digest != handshake.contextDigest()).isPresent())
                return Optional.of(RefusalReason.WRONG_CONTEXT);
            return Optional.empty();
        }

        private Optional<RefusalReason> reasonToRefuse(CachedSession cached)
        {
            // Only TLS 1.2 and older know sessions by their id.
            Client client = client(handshake, "TLSv1.2", cached.certificates());
            Optional<SessionTerms> terms = asked(client);
            if (terms.isEmpty())
                return Optional.of(RefusalReason.POLICY);
            Optional<RefusalReason> reason = ConnectorResumption.this.reasonToRefuse(cached, client, terms.get());
            if (reason.isPresent())
                return reason;
            if (!cached.certificates().isEmpty() && !handshake.trusts(cached.certificates()))
                return Optional.of(RefusalReason.CERTIFICATE);
            return Optional.empty();
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

        private void count(String protocol, HandshakeResult result, String rule, Instant established)
        {
            statistics.count(protocol, result, rule, (clock.millis() - established.toEpochMilli()) / MILLIS_PER_SECOND);
        }

        private TlsSession result(byte[] sessionId)
        {
            String protocol = handshake.protocol().orElse("");
            boolean resumed = handshake.resumed();
            if (session == null && resumed)
                session = resumedSession().orElse(null);
            if (session != null)
            {
                SessionRecord record = session.record();
                count(protocol, resumed ? HandshakeResult.valueOf(session.mode().name()) : HandshakeResult.FULL, session.terms().rule(),
                    record.established());
                return new TlsSession(record.id(), resumed, session.mode().toString(), protocol, record.established(),
                    session.deadline(), record.clientIdentity(), session.terms().rule());
            }
            Instant created = Instant.ofEpochMilli(handshake.creationTime());
            Instant established = resumed ? created : established();
            boolean isAhead = isAhead(created, clock.instant());
            forgetting.established(established);
            Client client = client(handshake, protocol, handshake.peerCertificates());
            Optional<SessionTerms> asked = asked(client);
            count(protocol, resumed ? HandshakeResult.SESSION_ID : HandshakeResult.FULL, asked.map(SessionTerms::rule).orElse(""),
                established);
            Optional<SessionTerms> terms = asked.filter(found -> found.mode() != ResumptionMode.OFF);
            if (terms.isPresent() && !resumed && lacksMasterSecret(protocol))
            {
                refuse(RefusalReason.NO_EXTENDED_MASTER_SECRET);
                return off(false, protocol, established, client, asked);
            }
            // Without a ticket of ours only TLS 1.2 and older can resume, out of SunJSSE's cache.
            boolean byId = terms.isPresent() && !terms.get().singleUse() && !"TLSv1.3".equals(protocol) && sessionId.length > 0 &&
                !isAhead;
            return byId
                ? new TlsSession(stableId(sessionId), resumed, HandshakeResult.SESSION_ID.toString(), protocol, established,
                    deadline(established, terms.get(), client.certificates()), forgetting.identity(client), terms.get().rule())
                : off(resumed, protocol, established, client, asked);
        }

        /**
         * The engine's clock is this node's, which may not be the cluster's; a session without a ticket need not keep to it.
         *
         * @return when this full handshake was
         */
        private Instant established()
        {
            Instant now = clock.instant();
            Instant created = Instant.ofEpochMilli(handshake.creationTime());
            boolean isWrong = Duration.between(created, now).abs().compareTo(forgetting.clockSkew()) > 0;
            return isWrong ? now : created;
        }

        /**
         * In TLS 1.3 the keys are bound to the handshake always (RFC 8446 appendix D).
         */
        private boolean lacksMasterSecret(String protocol)
        {
            return !name(Protocol.TLS_1_3).equals(protocol) && !handshake.extendedMasterSecret();
        }

        /**
         * What is not resumed has a deadline too, by which connections end.
         */
        private TlsSession off(boolean resumed, String protocol, Instant established, Client client, Optional<SessionTerms> asked)
        {
            SessionTerms terms = asked.orElse(LONGEST);
            return TlsSession.off(resumed, protocol, established, deadline(established, terms, client.certificates()),
                forgetting.identity(client), terms.rule());
        }

        @Override
        public TlsSession renegotiated()
        {
            String protocol = handshake.protocol().orElse("");
            Instant established = established();
            forgetting.established(established);
            Client client = client(handshake, protocol, handshake.peerCertificates());
            Optional<SessionTerms> asked = asked(client);
            count(protocol, HandshakeResult.FULL, asked.map(SessionTerms::rule).orElse(""), established);
            return off(false, protocol, established, client, asked);
        }
    }
}
