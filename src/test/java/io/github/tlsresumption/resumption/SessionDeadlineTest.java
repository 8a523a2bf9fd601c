package io.github.tlsresumption.resumption;

import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

import io.github.tlsresumption.crypto.SelfSignedCertificate;
import io.github.tlsresumption.engine.TlsSession;
import io.github.tlsresumption.keys.KeyRotation;
import io.github.tlsresumption.policy.ResumptionMode;
import io.github.tlsresumption.policy.SessionTerms;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * How long a session is resumed, and on whose terms.
 */
class SessionDeadlineTest extends ResumptionContract
{
    @ParameterizedTest
    @EnumSource(value = ResumptionMode.class, names = "OFF", mode = EnumSource.Mode.EXCLUDE)
    void aSessionEndsAtItsDeadlineToTheMillisecond(ResumptionMode mode)
    {
        policy = terms(mode, HOUR);
        Got got = establish();
        assertEquals(START.plus(HOUR), got.session().deadline());
        clock.set(START.plus(HOUR).minusMillis(1));
        assertTrue(open(got.ticket()).isPresent());
        clock.set(START.plus(HOUR));
        assertRefused(RefusalReason.EXPIRED, got.ticket());
        clock.set(START.plus(HOUR).plusMillis(1));
        assertTrue(open(got.ticket()).isEmpty());
    }

    @Test
    void aSessionOfANodeWhoseClockIsAheadIsTakenUpToTwoMinutes()
    {
        byte[] ticket = establish().ticket();
        clock.set(START.minus(CLOCK_SKEW));
        ring = KeyRotation.DEFAULT.next(ring, clock.instant());
        assertTrue(open(ticket).isPresent());
        clock.set(START.minus(CLOCK_SKEW).minusMillis(1));
        assertRefused(RefusalReason.EXPIRED, ticket);
    }

    @ParameterizedTest
    @EnumSource(value = ResumptionMode.class, names = "OFF", mode = EnumSource.Mode.EXCLUDE)
    void modeOffBindsTheSessionsThatExist(ResumptionMode mode)
    {
        policy = terms(mode, HOUR);
        byte[] ticket = establish().ticket();
        policy = terms(ResumptionMode.OFF, HOUR);
        assertRefused(RefusalReason.POLICY, ticket);
    }

    @Test
    void modeCacheBindsTheSessionsEarnedInModeTicket()
    {
        byte[] ticket = establish().ticket();
        policy = terms(ResumptionMode.CACHE, HOUR);
        assertRefused(RefusalReason.POLICY, ticket);
    }

    @Test
    void modeTicketLeavesTheSessionsEarnedInModeCacheAsTheyAre()
    {
        policy = terms(ResumptionMode.CACHE, HOUR);
        Got cached = establish();
        policy = terms(ResumptionMode.TICKET, HOUR);
        Got resumed = resume(cached.ticket());
        assertEquals("cache", resumed.session().mode());
        sessionKeys.forget(cached.session().id());
        assertRefused(RefusalReason.FORGOTTEN, resumed.ticket());
    }

    @Test
    void aShorterDurationBindsTheSessionsThatExistToTheMillisecond()
    {
        byte[] ticket = establish().ticket();
        policy = terms(ResumptionMode.TICKET, Duration.ofMinutes(30));
        clock.set(START.plus(Duration.ofMinutes(30)).minusMillis(1));
        assertTrue(open(ticket).isPresent());
        clock.set(START.plus(Duration.ofMinutes(30)));
        assertRefused(RefusalReason.POLICY, ticket);
    }

    @Test
    void aLongerDurationExtendsNoSession()
    {
        Got got = establish();
        policy = terms(ResumptionMode.TICKET, HOUR.multipliedBy(2));
        Got resumed = resume(got.ticket());
        assertEquals(got.session().deadline(), resumed.session().deadline());
        clock.set(START.plus(HOUR));
        assertRefused(RefusalReason.EXPIRED, resumed.ticket());
    }

    @Test
    void thePolicyIsAskedForTheProtocolOfTheTicketAndTheClientAtHand()
    {
        byte[] ticket = establish(handshake().withProtocol("TLSv1.2")).ticket();
        policy = client ->
        {
            assertEquals("TLSv1.2", client.protocol());
            assertEquals(Optional.of("one.test"), client.serverName());
            assertEquals(Optional.of("192.0.2.1"), client.remoteHost());
            return new SessionTerms(ResumptionMode.TICKET, HOUR);
        };
        assertTrue(server.begin(handshake().withProtocol(null)).open(ticket, AAD, FORMAT).isPresent());
    }

    @Test
    void aSessionThatIsNotResumedHasTheDeadlineThatItsTermsGive()
    {
        policy = terms(ResumptionMode.TICKET, HOUR);
        TlsSession withoutTicket = server.begin(handshake()).finished(NO_ID);
        assertFalse(withoutTicket.isResumable());
        assertEquals(START.plus(HOUR), withoutTicket.deadline());
        policy = client -> new SessionTerms(ResumptionMode.OFF, HOUR.dividedBy(2), false, "short");
        TlsSession off = server.begin(handshake()).finished(NO_ID);
        assertEquals(START.plus(HOUR.dividedBy(2)), off.deadline());
        assertEquals("short", off.rule());
        assertEquals(off.deadline(), server.begin(handshake()).renegotiated().deadline());
        policy = client -> null;
        assertEquals(START.plus(SessionTerms.LONGEST), server.begin(handshake()).finished(NO_ID).deadline());
    }

    @ParameterizedTest
    @EnumSource(value = ResumptionMode.class, names = "OFF", mode = EnumSource.Mode.EXCLUDE)
    void idEstablishedAndDeadlineAreKeptOverTwentyResumptions(ResumptionMode mode)
    {
        policy = terms(mode, HOUR);
        Got got = establish();
        TlsSession first = got.session();
        assertFalse(first.resumed());
        Set<List<Byte>> tickets = new HashSet<>();
        for (int i = 0; i < 20; i++)
        {
            clock.advance(CLOCK_SKEW.plusMillis(7));
            got = resume(got.ticket());
            assertEquals(new TlsSession(first.id(), true, mode.toString(), "TLSv1.3", START, START.plus(HOUR),
                first.clientIdentity(), ""), got.session());
            assertTrue(tickets.add(bytes(got.ticket())), "each ticket is another");
        }
        assertEquals(1, statistics.handshakes(HandshakeResult.FULL));
        assertEquals(20, statistics.handshakes(HandshakeResult.valueOf(mode.name())));
        assertEquals(mode == ResumptionMode.CACHE ? 1 : 0, sessionKeys.size());
        clock.set(START.plus(HOUR));
        assertTrue(open(got.ticket()).isEmpty());
    }

    @Test
    void theDeadlineThatApplicationsSeeIsTheStricterOne()
    {
        policy = client -> new SessionTerms(ResumptionMode.TICKET, HOUR, false, "before");
        byte[] ticket = establish().ticket();
        policy = client -> new SessionTerms(ResumptionMode.TICKET, HOUR.dividedBy(2), false, "after");
        TlsSession resumed = resume(ticket).session();
        assertEquals(START.plus(HOUR.dividedBy(2)), resumed.deadline());
        assertEquals("after", resumed.rule());
        policy = client -> new SessionTerms(ResumptionMode.TICKET, HOUR.multipliedBy(2), false, "loose");
        assertEquals(START.plus(HOUR), resume(ticket).session().deadline());
    }

    @ParameterizedTest
    @EnumSource(value = ResumptionMode.class, names = "OFF", mode = EnumSource.Mode.EXCLUDE)
    void aSessionDoesNotOutliveTheClientsCertificate(ResumptionMode mode) throws Exception
    {
        policy = terms(mode, HOUR);
        // Certificates are valid for ten years from the clock of their making.
        Instant notAfter = START.plus(Duration.ofMinutes(10));
        Clock making = Clock.fixed(notAfter.minus(Duration.ofDays(3650)), ZoneOffset.UTC);
        X509Certificate certificate = SelfSignedCertificate.create("client", making).certificate();
        Instant end = certificate.getNotAfter().toInstant();
        assertTrue(end.isBefore(START.plus(HOUR)));
        Got got = establish(handshake().withCertificate(certificate));
        assertTrue(!got.session().deadline().isAfter(end));
        assertTrue(got.session().deadline().isAfter(end.minusSeconds(2)));
        clock.set(got.session().deadline().minusMillis(1));
        assertTrue(open(got.ticket()).isPresent());
        clock.set(end);
        assertRefused(RefusalReason.EXPIRED, got.ticket());
        assertTrue(server.begin(handshake().withCertificate(certificate)).seal(STATE, AAD, FORMAT).isEmpty(), "it has ended");
    }

    @ParameterizedTest
    @EnumSource(value = ResumptionMode.class, names = "OFF", mode = EnumSource.Mode.EXCLUDE)
    void thePolicyIsAskedAgainWithTheCertificateOfTheSession(ResumptionMode mode)
    {
        Map<Boolean, Duration> durations = new HashMap<>(Map.of(true, HOUR, false, Duration.ofSeconds(1)));
        policy = client -> new SessionTerms(mode, durations.get(client.certificates().equals(List.of(CERTIFICATE))));
        byte[] ticket = establish(authenticated()).ticket();
        clock.advance(Duration.ofMinutes(10));
        assertTrue(server.begin(authenticated()).open(ticket, AAD, FORMAT).isPresent());
        durations.put(true, Duration.ofMinutes(5));
        assertRefused(RefusalReason.POLICY, authenticated(), ticket);
    }

    @Test
    void aSessionByIdIsRefusedOnceItsClientCertificateIs()
    {
        MemoryEngine.Handshake tickets = server.begin(handshake().withProtocol("TLSv1.2").distrusting());
        assertFalse(tickets.resumableById(cached(SESSION_ID, ADDRESS, CERTIFICATE)));
        assertTrue(tickets.resumableById(cached(SESSION_ID, ADDRESS)));
        assertRefusals(Map.of(RefusalReason.CERTIFICATE, 1));
    }

    @Test
    void aCertificateThatLastsLongerChangesNothing() throws Exception
    {
        X509Certificate certificate = SelfSignedCertificate.create("client", clock).certificate();
        assertEquals(START.plus(HOUR), establish(handshake().withCertificate(certificate)).session().deadline());
    }

    @Test
    void aSessionAtItsDeadlineGetsNoTicketAnyMore()
    {
        MemoryEngine.Handshake tickets = server.begin(handshake());
        assertTrue(tickets.seal(STATE, AAD, FORMAT).isPresent());
        clock.advance(HOUR);
        assertTrue(tickets.seal(STATE, AAD, FORMAT).isEmpty());
    }

    @Test
    void aTicketKeyThatHasEndedOpensNothing()
    {
        policy = terms(ResumptionMode.TICKET, Duration.ofDays(7));
        byte[] ticket = establish().ticket();
        Instant end = ring.keys().get(0).openUntil();
        clock.set(end.minusMillis(1));
        assertTrue(open(ticket).isPresent());
        clock.set(end);
        assertRefused(RefusalReason.UNKNOWN_KEY, ticket);
    }

    @Test
    void sessionsOfAnEnginesOwnCacheEndAtTheDurationToTheMillisecond()
    {
        MemoryEngine.Handshake tickets = server.begin(handshake());
        clock.set(START.plus(HOUR).minusMillis(1));
        assertTrue(tickets.resumableById(cached(SESSION_ID, ADDRESS)));
        clock.set(START.plus(HOUR));
        assertFalse(tickets.resumableById(cached(SESSION_ID, ADDRESS)));
        assertFalse(tickets.resumableById(cached(SESSION_ID, ADDRESS)));
        assertRefusals(Map.of(RefusalReason.EXPIRED, 1));
    }

    @Test
    void sessionsOfAnEnginesOwnCacheAreNotResumedInModeOff()
    {
        policy = terms(ResumptionMode.OFF, HOUR);
        assertFalse(server.begin(handshake()).resumableById(cached(SESSION_ID, ADDRESS)));
        assertFalse(server.begin(handshake()).resumable("TLSv1.2"));
        assertRefusals(Map.of(RefusalReason.POLICY, 1));
    }

    private static List<Byte> bytes(byte[] array)
    {
        List<Byte> list = new ArrayList<>();
        for (byte b : array)
        {
            list.add(b);
        }
        return list;
    }
}
