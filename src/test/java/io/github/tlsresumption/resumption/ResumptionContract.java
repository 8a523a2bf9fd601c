package io.github.tlsresumption.resumption;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

import io.github.tlsresumption.FakeClock;
import io.github.tlsresumption.crypto.SelfSignedCertificate;
import io.github.tlsresumption.engine.CachedSession;
import io.github.tlsresumption.engine.TlsSession;
import io.github.tlsresumption.forget.ForgetList;
import io.github.tlsresumption.forget.ForgetLog;
import io.github.tlsresumption.keys.KeyRotation;
import io.github.tlsresumption.keys.TicketKeyRing;
import io.github.tlsresumption.policy.ClientIdentities;
import io.github.tlsresumption.policy.ConnectorTerms;
import io.github.tlsresumption.policy.ResumptionMode;
import io.github.tlsresumption.policy.SessionPolicy;
import io.github.tlsresumption.sessions.HeapSessionKeyStore;
import io.github.tlsresumption.ticket.Ticket;
import io.github.tlsresumption.ticket.TicketKeyName;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * What the decision promises to every engine: its tests run with each shape of tickets.
 */
@ParameterizedClass
@EnumSource(MemoryEngine.Shape.class)
abstract class ResumptionContract
{
    @Parameter
    MemoryEngine.Shape shape;

    static final Duration CLOCK_SKEW = Duration.ofMinutes(2);
    static final Instant START = Instant.parse("2026-11-23T10:00:00.123Z");
    static final Duration HOUR = Duration.ofHours(1);
    static final byte[] STATE = "the state of a session, as an engine writes it".getBytes(StandardCharsets.US_ASCII);
    static final byte[] AAD = {1, 2, 3};
    static final int FORMAT = 0x17_00_15;
    static final byte[] NO_ID = {};
    static final byte[] SESSION_ID = new byte[32];
    static final Optional<String> ADDRESS = Optional.of("192.0.2.1");
    static final X509Certificate CERTIFICATE = selfSigned();
    final FakeClock clock = new FakeClock(START);
    final ResumptionStatistics statistics = new ResumptionStatistics();
    final FailableStore sessionKeys = new FailableStore(new HeapSessionKeyStore(1000, clock));
    final AtomicInteger asksForRing = new AtomicInteger();
    volatile TicketKeyRing ring = KeyRotation.DEFAULT.next(TicketKeyRing.empty(), START);
    SessionPolicy policy = terms(ResumptionMode.TICKET, HOUR);
    final ClientIdentities identities = new ClientIdentities(() -> ring.identityKey(), 32, 64);
    final ForgetList forgetList = new ForgetList(ForgetLog.none(), HOUR, 1000, 1000, clock);
    final Forgetting forgetting = new Forgetting(forgetList, identities, sessionKeys, clock, CLOCK_SKEW, Runnable::run,
        Runnable::run);
    final MemoryEngine server = server("scope");

    static X509Certificate selfSigned()
    {
        try
        {
            return SelfSignedCertificate.create("client", Clock.fixed(START, ZoneOffset.UTC)).certificate();
        }
        catch (GeneralSecurityException e)
        {
            throw new AssertionError(e);
        }
    }

    static SessionPolicy terms(ResumptionMode mode, Duration duration)
    {
        return new ConnectorTerms(mode, mode, duration);
    }

    MemoryEngine server(String scope)
    {
        return new MemoryEngine(Resumptions.of(scope, client -> policy.terms(client), () ->
        {
            asksForRing.incrementAndGet();
            return ring;
        }, sessionKeys, forgetting, clock, statistics), () -> shape);
    }

    @AfterEach
    void noStoreIsLeft()
    {
        sessionKeys.close();
    }

    /**
     * What a client got out of a handshake.
     */
    record Got(byte[] ticket, TlsSession session)
    {
    }

    Got establish()
    {
        return establish(FakeHandshake.at(clock.instant()));
    }

    Got establish(FakeHandshake handshake)
    {
        return establish(server, handshake);
    }

    static Got establish(MemoryEngine server, FakeHandshake handshake)
    {
        MemoryEngine.Handshake tickets = server.begin(handshake);
        byte[] ticket = tickets.seal(STATE, AAD, FORMAT).orElseThrow();
        return new Got(ticket, tickets.finished(NO_ID));
    }

    FakeHandshake handshake()
    {
        return FakeHandshake.at(clock.instant());
    }

    Optional<byte[]> open(byte[] ticket)
    {
        return server.begin(handshake()).open(ticket, AAD, FORMAT);
    }

    /**
     * Resumes a session established at the start.
     */
    Got resume(byte[] ticket)
    {
        FakeHandshake.Changing handshake = new FakeHandshake.Changing(handshake());
        MemoryEngine.Handshake tickets = server.begin(handshake);
        assertArrayEquals(STATE, tickets.open(ticket, AAD, FORMAT).orElseThrow());
        handshake.becomes(handshake.now().resuming(START));
        return new Got(tickets.seal(STATE, AAD, FORMAT).orElseThrow(), tickets.finished(NO_ID));
    }

    void assertRefusals(Map<RefusalReason, Integer> expected)
    {
        Map<RefusalReason, Integer> counted = new EnumMap<>(RefusalReason.class);
        for (RefusalReason reason : RefusalReason.values())
        {
            if (statistics.refusals(reason) != 0)
            {
                counted.put(reason, (int)statistics.refusals(reason));
            }
        }
        assertEquals(expected, counted);
    }

    static CachedSession cached(byte[] id, Optional<String> peerHost, X509Certificate... certificates)
    {
        return cached(id, "one.test", Optional.empty(), peerHost, certificates);
    }

    static CachedSession cached(byte[] id, String serverName, Optional<Long> contextDigest, Optional<String> peerHost,
        X509Certificate... certificates)
    {
        return new CachedSession(id, Optional.ofNullable(serverName), contextDigest, START, Optional.empty(), peerHost,
            List.of(certificates));
    }

    FakeHandshake authenticated()
    {
        return handshake().withCertificate(CERTIFICATE);
    }

    void assertRefused(RefusalReason reason, byte[] ticket)
    {
        assertRefused(reason, handshake(), ticket);
    }

    void assertRefused(RefusalReason reason, FakeHandshake handshake, byte[] ticket)
    {
        MemoryEngine.Handshake tickets = server.begin(handshake);
        for (int i = 0; i < 3; i++)
        {
            assertTrue(tickets.open(ticket, AAD, FORMAT).isEmpty());
        }
        assertRefusals(Map.of(reason, 1));
    }

    void open3(FakeHandshake handshake, byte[] ticket, int format)
    {
        MemoryEngine.Handshake tickets = server.begin(handshake);
        for (int i = 0; i < 3; i++)
        {
            assertTrue(tickets.open(ticket, AAD, format).isEmpty());
        }
    }

    void seal3(FakeHandshake handshake, byte[] state)
    {
        MemoryEngine.Handshake tickets = server.begin(handshake);
        for (int i = 0; i < 3; i++)
        {
            assertTrue(tickets.seal(state, AAD, FORMAT).isEmpty());
        }
    }

    List<Got> establishWithTwoTickets()
    {
        MemoryEngine.Handshake tickets = server.begin(handshake());
        byte[] first = tickets.seal(STATE, AAD, FORMAT).orElseThrow();
        byte[] second = tickets.seal(STATE, AAD, FORMAT).orElseThrow();
        TlsSession session = tickets.finished(NO_ID);
        return List.of(new Got(first, session), new Got(second, session));
    }

    /**
     * @return the id of the ticket key that seals a ticket
     */
    long keyId(byte[] ticket)
    {
        return (shape == MemoryEngine.Shape.STATES ? Ticket.keyId(ticket)
            : TicketKeyName.keyId(Arrays.copyOf(ticket, TicketKeyName.BYTES))).orElseThrow();
    }
}
