package io.github.tlsresumption.resumption;

import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Random;
import java.util.function.Supplier;

import io.github.tlsresumption.forget.ForgetList;
import io.github.tlsresumption.forget.ForgetLog;
import io.github.tlsresumption.keys.KeyRotation;
import io.github.tlsresumption.keys.TicketKeyRing;
import io.github.tlsresumption.policy.ClientIdentities;
import io.github.tlsresumption.policy.ConnectorTerms;
import io.github.tlsresumption.policy.ResumptionMode;
import io.github.tlsresumption.policy.SessionPolicy;
import io.github.tlsresumption.policy.SessionTerms;
import io.github.tlsresumption.sessions.HeapSessionKeyStore;
import io.github.tlsresumption.sessions.SessionKeyStore;

/**
 * A connector's decision with everything around it in memory, and handshakes that only say what a handshake would say.
 */
public final class Decision
{
    /** As long as SunJSSE's state of a session with a certificate of P-256, about. */
    public static final int STATE_BYTES = 300;

    private static final byte[] ASSOCIATED_DATA = new byte[18];
    private static final int FORMAT = 1;
    private static final byte[] NO_ID = {};
    private static final Duration SKEW = Duration.ofMinutes(2);
    private static final Duration DAY = Duration.ofDays(1);
    private static final Clock CLOCK = Clock.systemUTC();

    private final byte[] state = new byte[STATE_BYTES];
    private final HeapSessionKeyStore sessionKeys;
    private final ForgetList forgetList;
    private final MemoryEngine resumption;
    private volatile TicketKeyRing ring = KeyRotation.DEFAULT.next(TicketKeyRing.empty(), CLOCK.instant());

    /**
     * @param policy decides on the clients' terms
     * @param maxSessions how many sessions of mode {@code cache} there is room for
     * @param maxForgotten how many forgotten clients are told apart
     */
    public Decision(Supplier<SessionPolicy> policy, int maxSessions, int maxForgotten)
    {
        sessionKeys = new HeapSessionKeyStore(maxSessions, CLOCK);
        forgetList = new ForgetList(ForgetLog.none(), SessionTerms.LONGEST, maxForgotten, maxForgotten, CLOCK);
        ClientIdentities identities = new ClientIdentities(() -> ring.identityKey(), 32, 64);
        Forgetting forgetting = new Forgetting(forgetList, identities, sessionKeys, CLOCK, SKEW, Runnable::run, Runnable::run);
        resumption = new MemoryEngine(Resumptions.of("bench", client -> policy.get().terms(client), () -> ring, sessionKeys,
            forgetting, CLOCK, new ResumptionStatistics()));
        new Random(STATE_BYTES).nextBytes(state);
    }

    /**
     * The decision of a node, whose parts are others' to change.
     *
     * @param terms of all clients
     * @param ring gives the ring in force
     * @param sessionKeys of mode {@code cache}
     * @param forgetting says who has been forgotten
     */
    public Decision(SessionPolicy terms, Supplier<TicketKeyRing> ring, SessionKeyStore sessionKeys, Forgetting forgetting)
    {
        this.sessionKeys = null;
        this.forgetList = null;
        this.resumption = new MemoryEngine(Resumptions.of("bench", terms, ring, sessionKeys, forgetting, CLOCK,
            new ResumptionStatistics()));
        new Random(STATE_BYTES).nextBytes(state);
    }

    /**
     * @param mode of all clients
     * @return a decision without rules
     */
    public static Decision of(ResumptionMode mode)
    {
        SessionPolicy policy = terms(mode);
        return new Decision(() -> policy, 1_000_000, 100_000);
    }

    /**
     * @param mode of all clients
     * @param sessions of mode {@code cache} there is room for, and are there
     * @return a decision without rules
     */
    public static Decision of(ResumptionMode mode, int sessions)
    {
        SessionPolicy policy = terms(mode);
        Decision decision = new Decision(() -> policy, sessions, 100_000);
        for (int i = 0; mode == ResumptionMode.CACHE && i < sessions; i++)
        {
            decision.seal();
        }
        return decision;
    }

    /**
     * @param mode of all clients
     * @return the terms of a connector without rules
     */
    public static ConnectorTerms terms(ResumptionMode mode)
    {
        return new ConnectorTerms(mode, mode, DAY);
    }

    /**
     * @return the keys of the live sessions; null of a node's decision
     */
    public HeapSessionKeyStore sessionKeys()
    {
        return sessionKeys;
    }

    /**
     * @return who has been forgotten; null of a node's decision
     */
    public ForgetList forgetList()
    {
        return forgetList;
    }

    /**
     * @return the ring in force
     */
    public TicketKeyRing ring()
    {
        return ring;
    }

    /**
     * @param next the ring to be in force
     */
    public void ring(TicketKeyRing next)
    {
        ring = next;
    }

    /**
     * @return how a ring is changed
     */
    public static KeyRotation rotation()
    {
        return KeyRotation.DEFAULT;
    }

    /**
     * @return the ticket of a new session
     */
    public byte[] seal()
    {
        MemoryEngine.Handshake tickets = resumption.begin(FakeHandshake.at(CLOCK.instant()));
        return tickets.seal(state, ASSOCIATED_DATA, FORMAT).orElseThrow();
    }

    /**
     * @param ticket from {@link #seal}
     * @return the state in it
     */
    public byte[] open(byte[] ticket)
    {
        return resumption.begin(FakeHandshake.at(CLOCK.instant())).open(ticket, ASSOCIATED_DATA, FORMAT).orElseThrow();
    }

    /**
     * @param ticket from {@link #seal}
     * @return whether it opens now
     */
    public boolean opens(byte[] ticket)
    {
        return resumption.begin(FakeHandshake.at(CLOCK.instant())).open(ticket, ASSOCIATED_DATA, FORMAT).isPresent();
    }

    /**
     * What a resumed handshake asks of us: its ticket is opened, the next one sealed, its end told.
     *
     * @param ticket from {@link #seal} or from here
     * @param established when its session was, by {@link #established}
     * @return the next ticket
     */
    public byte[] resume(byte[] ticket, Instant established)
    {
        FakeHandshake.Changing handshake = new FakeHandshake.Changing(FakeHandshake.at(CLOCK.instant()));
        MemoryEngine.Handshake tickets = resumption.begin(handshake);
        byte[] opened = tickets.open(ticket, ASSOCIATED_DATA, FORMAT).orElseThrow();
        handshake.becomes(handshake.now().resuming(established));
        byte[] next = tickets.seal(opened, ASSOCIATED_DATA, FORMAT).orElseThrow();
        tickets.finished(NO_ID);
        return next;
    }

    /**
     * @param established when the session is established
     * @return the ticket of a new session
     */
    public byte[] sealAt(Instant established)
    {
        return resumption.begin(FakeHandshake.at(established)).seal(state, ASSOCIATED_DATA, FORMAT).orElseThrow();
    }

    /**
     * @return a time that a session record keeps exactly
     */
    public static Instant established()
    {
        return Instant.ofEpochMilli(CLOCK.millis());
    }

    /**
     * @param subject somebody who has no session here
     * @throws IOException never, as there is no log
     */
    public void forget(long subject) throws IOException
    {
        forgetList.forget(subject, CLOCK.instant());
    }
}
