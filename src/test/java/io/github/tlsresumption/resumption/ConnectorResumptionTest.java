package io.github.tlsresumption.resumption;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;

import io.github.tlsresumption.FakeClock;
import io.github.tlsresumption.Trials;
import io.github.tlsresumption.crypto.Aes256Gcm;
import io.github.tlsresumption.crypto.SelfSignedCertificate;
import io.github.tlsresumption.crypto.Xaes256Gcm;
import io.github.tlsresumption.engine.CachedSession;
import io.github.tlsresumption.engine.TlsSession;
import io.github.tlsresumption.forget.ForgetList;
import io.github.tlsresumption.forget.ForgetLog;
import io.github.tlsresumption.keys.KeyRotation;
import io.github.tlsresumption.keys.TicketKey;
import io.github.tlsresumption.keys.TicketKeyRing;
import io.github.tlsresumption.policy.ClientIdentities;
import io.github.tlsresumption.policy.ConnectorTerms;
import io.github.tlsresumption.policy.ResumptionMode;
import io.github.tlsresumption.policy.SessionPolicy;
import io.github.tlsresumption.policy.SessionTerms;
import io.github.tlsresumption.sessions.HeapSessionKeyStore;
import io.github.tlsresumption.sessions.SessionKey;
import io.github.tlsresumption.sessions.SessionKeyStore;
import io.github.tlsresumption.sessions.SessionKeys;
import io.github.tlsresumption.status.HandshakeCount;
import io.github.tlsresumption.ticket.StableId;
import io.github.tlsresumption.ticket.Ticket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

class ConnectorResumptionTest
{
    private static final Duration CLOCK_SKEW = Duration.ofMinutes(2);
    private static final Instant START = Instant.parse("2026-11-23T10:00:00.123Z");
    private static final Duration HOUR = Duration.ofHours(1);
    private static final byte[] STATE = "the state of a session, as an engine writes it".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] AAD = {1, 2, 3};
    private static final int FORMAT = 0x17_00_15;
    private static final byte[] NO_ID = {};
    private static final byte[] SESSION_ID = new byte[32];
    private static final Optional<String> ADDRESS = Optional.of("192.0.2.1");

    private static final X509Certificate CERTIFICATE = selfSigned();

    private final FakeClock clock = new FakeClock(START);
    private final ResumptionStatistics statistics = new ResumptionStatistics();
    private final FailableStore sessionKeys = new FailableStore(new HeapSessionKeyStore(1000, clock));
    private final AtomicInteger asksForRing = new AtomicInteger();
    private volatile TicketKeyRing ring = KeyRotation.DEFAULT.next(TicketKeyRing.empty(), START);
    private SessionPolicy policy = terms(ResumptionMode.TICKET, HOUR);
    private final ClientIdentities identities = new ClientIdentities(() -> ring.identityKey(), 32, 64);
    private final ForgetList forgetList = new ForgetList(ForgetLog.none(), HOUR, 1000, 1000, clock);
    private final Forgetting forgetting = new Forgetting(forgetList, identities, sessionKeys, clock, CLOCK_SKEW, Runnable::run,
        Runnable::run);
    private final MemoryEngine server = server("scope");

    private static X509Certificate selfSigned()
    {
        try
        {
            return SelfSignedCertificate.create("client", Clock.fixed(START, ZoneOffset.UTC)).certificate();
        }
        catch (GeneralSecurityException x)
        {
            throw new AssertionError(x);
        }
    }

    private static SessionPolicy terms(ResumptionMode mode, Duration duration)
    {
        return new ConnectorTerms(mode, mode, duration);
    }

    private MemoryEngine server(String scope)
    {
        return new MemoryEngine(new ConnectorResumption(scope, client -> policy.terms(client), () ->
        {
            asksForRing.incrementAndGet();
            return ring;
        }, sessionKeys, forgetting, clock, statistics));
    }

    @AfterEach
    void noStoreIsLeft()
    {
        sessionKeys.close();
    }

    /**
     * What a client got out of a handshake.
     */
    private record Got(byte[] ticket, TlsSession session)
    {
    }

    private Got establish()
    {
        return establish(FakeHandshake.at(clock.instant()));
    }

    private Got establish(FakeHandshake handshake)
    {
        return establish(server, handshake);
    }

    private static Got establish(MemoryEngine server, FakeHandshake handshake)
    {
        MemoryEngine.Handshake tickets = server.begin(handshake);
        byte[] ticket = tickets.seal(STATE, AAD, FORMAT).orElseThrow();
        return new Got(ticket, tickets.finished(NO_ID));
    }

    private FakeHandshake handshake()
    {
        return FakeHandshake.at(clock.instant());
    }

    private Optional<byte[]> open(byte[] ticket)
    {
        return server.begin(handshake()).open(ticket, AAD, FORMAT);
    }

    /**
     * Resumes a session established at the start.
     */
    private Got resume(byte[] ticket)
    {
        FakeHandshake.Changing handshake = new FakeHandshake.Changing(handshake());
        MemoryEngine.Handshake tickets = server.begin(handshake);
        assertArrayEquals(STATE, tickets.open(ticket, AAD, FORMAT).orElseThrow());
        handshake.becomes(handshake.now().resuming(START));
        return new Got(tickets.seal(STATE, AAD, FORMAT).orElseThrow(), tickets.finished(NO_ID));
    }

    private void assertRefusals(Map<RefusalReason, Integer> expected)
    {
        Map<RefusalReason, Integer> counted = new EnumMap<>(RefusalReason.class);
        for (RefusalReason reason : RefusalReason.values())
        {
            if (statistics.refusals(reason) != 0)
                counted.put(reason, (int)statistics.refusals(reason));
        }
        assertEquals(expected, counted);
    }

    private static CachedSession cached(byte[] id, Optional<String> peerHost, X509Certificate... certificates)
    {
        return cached(id, "one.test", Optional.empty(), peerHost, certificates);
    }

    private static CachedSession cached(byte[] id, String serverName, Optional<Long> contextDigest, Optional<String> peerHost,
        X509Certificate... certificates)
    {
        return new CachedSession(id, Optional.ofNullable(serverName), contextDigest, START, Optional.empty(), peerHost,
            List.of(certificates));
    }

    private FakeHandshake authenticated()
    {
        return handshake().withCertificate(CERTIFICATE);
    }

    private void assertRefused(RefusalReason reason, byte[] ticket)
    {
        assertRefused(reason, handshake(), ticket);
    }

    private void assertRefused(RefusalReason reason, FakeHandshake handshake, byte[] ticket)
    {
        MemoryEngine.Handshake tickets = server.begin(handshake);
        for (int i = 0; i < 3; i++)
        {
            assertTrue(tickets.open(ticket, AAD, FORMAT).isEmpty());
        }
        assertRefusals(Map.of(reason, 1));
    }

    /**
     * For each reason a handshake that meets it, several times.
     */
    private Map<RefusalReason, Runnable> provocations()
    {
        byte[] inTicketMode = establish().ticket();
        policy = terms(ResumptionMode.CACHE, HOUR);
        Got cached = establish();
        Got lost = establish();
        byte[] elsewhere = establish(server("elsewhere"), handshake()).ticket();
        byte[] tampered = inTicketMode.clone();
        tampered[tampered.length - 1] ^= 1;
        byte[] unknown = inTicketMode.clone();
        unknown[1] ^= 1;

        byte[] ofAuthenticated = establish(authenticated()).ticket();
        Map<RefusalReason, Runnable> provocations = new EnumMap<>(RefusalReason.class);
        provocations.put(RefusalReason.TAMPERED, () -> open3(handshake(), tampered, FORMAT));
        provocations.put(RefusalReason.UNKNOWN_KEY, () -> open3(handshake(), unknown, FORMAT));
        provocations.put(RefusalReason.WRONG_SCOPE, () -> open3(handshake(), elsewhere, FORMAT));
        provocations.put(RefusalReason.OTHER_FORMAT, () -> open3(handshake(), inTicketMode, FORMAT + 1));
        provocations.put(RefusalReason.WRONG_SNI, () -> open3(handshake().withServerName("two.test"), inTicketMode, FORMAT));
        provocations.put(RefusalReason.WRONG_CONTEXT, () -> open3(handshake().withContextDigest(1), inTicketMode, FORMAT));
        policy = client -> new SessionTerms(ResumptionMode.CACHE, HOUR, true, "");
        byte[] once = establish().ticket();
        resume(once);
        policy = terms(ResumptionMode.CACHE, HOUR);
        provocations.put(RefusalReason.REPLAYED, () -> open3(handshake(), once, FORMAT));
        provocations.put(RefusalReason.CERTIFICATE, () -> open3(authenticated().distrusting(), ofAuthenticated, FORMAT));
        provocations.put(RefusalReason.POLICY, () -> open3(handshake(), inTicketMode, FORMAT));
        provocations.put(RefusalReason.FORGOTTEN, () ->
        {
            sessionKeys.forget(lost.session().id());
            open3(handshake(), lost.ticket(), FORMAT);
        });
        provocations.put(RefusalReason.STORE_UNAVAILABLE, () ->
        {
            sessionKeys.failing = true;
            open3(handshake(), cached.ticket(), FORMAT);
            sessionKeys.failing = false;
        });
        provocations.put(RefusalReason.TOO_LARGE, () -> seal3(handshake(), new byte[Ticket.MAX_BYTES]));
        provocations.put(RefusalReason.TOO_MANY, () ->
        {
            MemoryEngine.Handshake tickets = server.begin(handshake());
            int offered = 1;
            while (!tickets.isExhausted(offered++))
            {
                assertTrue(tickets.open(cached.ticket(), AAD, FORMAT).isPresent());
            }
            assertEquals(10, offered);
        });
        provocations.put(RefusalReason.NO_EXTENDED_MASTER_SECRET,
            () -> seal3(handshake().withProtocol("TLSv1.2").withoutExtendedMasterSecret(), STATE));
        provocations.put(RefusalReason.EARLY_DATA, () ->
        {
            MemoryEngine.Handshake tickets = server.begin(handshake());
            tickets.earlyData();
            tickets.earlyData();
        });
        provocations.put(RefusalReason.EXPIRED, () ->
        {
            clock.advance(HOUR);
            open3(handshake(), cached.ticket(), FORMAT);
            clock.advance(HOUR.negated());
        });
        provocations.put(RefusalReason.NO_KEY, () ->
        {
            ring = TicketKeyRing.empty();
            seal3(handshake(), STATE);
        });
        return provocations;
    }

    private void open3(FakeHandshake handshake, byte[] ticket, int format)
    {
        MemoryEngine.Handshake tickets = server.begin(handshake);
        for (int i = 0; i < 3; i++)
        {
            assertTrue(tickets.open(ticket, AAD, format).isEmpty());
        }
    }

    private void seal3(FakeHandshake handshake, byte[] state)
    {
        MemoryEngine.Handshake tickets = server.begin(handshake);
        for (int i = 0; i < 3; i++)
        {
            assertTrue(tickets.seal(state, AAD, FORMAT).isEmpty());
        }
    }

    @ParameterizedTest
    @EnumSource(RefusalReason.class)
    void everyRefusalIsCountedOncePerHandshakeUnderItsReasonAlone(RefusalReason reason)
    {
        Runnable provocation = provocations().get(reason);
        provocation.run();
        assertRefusals(Map.of(reason, 1));
        provocation.run();
        assertRefusals(Map.of(reason, 2));
    }

    @Test
    void severalReasonsInOneHandshakeAreCountedOnceEach()
    {
        byte[] good = establish().ticket();
        byte[] tampered = good.clone();
        tampered[tampered.length - 1] ^= 1;
        byte[] unknown = good.clone();
        unknown[1] ^= 1;
        MemoryEngine.Handshake tickets = server.begin(handshake());
        assertTrue(tickets.open(tampered, AAD, FORMAT).isEmpty());
        assertTrue(tickets.open(unknown, AAD, FORMAT).isEmpty());
        assertTrue(tickets.open(tampered, AAD, FORMAT).isEmpty());
        assertArrayEquals(STATE, tickets.open(good, AAD, FORMAT).orElseThrow());
        assertRefusals(Map.of(RefusalReason.TAMPERED, 1, RefusalReason.UNKNOWN_KEY, 1));
    }

    @ParameterizedTest
    @CsvSource(nullValues = "-", value = {"one.test,two.test", "one.test,-", "-,one.test"})
    void aSessionIdIsGoodForItsHostOnlyToo(String earned, String asked)
    {
        MemoryEngine.Handshake tickets = server.begin(handshake().withServerName(asked));
        assertFalse(tickets.resumableById(cached(SESSION_ID, earned, Optional.empty(), ADDRESS)));
        assertRefusals(Map.of(RefusalReason.WRONG_SNI, 1));
    }

    @Test
    void aSessionIdIsGoodInItsContextOnlyToo()
    {
        MemoryEngine.Handshake tickets = server.begin(handshake());
        assertTrue(tickets.resumableById(cached(SESSION_ID, "one.test", Optional.of(handshake().contextDigest()), ADDRESS)));
        assertFalse(tickets.resumableById(cached(SESSION_ID, "one.test", Optional.of(1L), ADDRESS)));
        assertRefusals(Map.of(RefusalReason.WRONG_CONTEXT, 1));
    }

    @ParameterizedTest
    @CsvSource(nullValues = "-", value = {"one.test,two.test", "one.test,-", "-,one.test", "one.test,xone.test", "one.test,one.test."})
    void aTicketIsGoodForItsHostOnlyAndNoHostIsAHostOfItsOwn(String earned, String asked)
    {
        byte[] ticket = establish(handshake().withServerName(earned)).ticket();
        assertRefused(RefusalReason.WRONG_SNI, handshake().withServerName(asked), ticket);
    }

    @ParameterizedTest
    @CsvSource(nullValues = "-", value = {"one.test", "-"})
    void aTicketIsGoodForTheHostOrTheAbsenceOfOneForWhichItWasEarned(String host)
    {
        byte[] ticket = establish(handshake().withServerName(host)).ticket();
        assertTrue(server.begin(handshake().withServerName(host)).open(ticket, AAD, FORMAT).isPresent());
        assertRefusals(Map.of());
    }

    @Test
    void afterAHelloRetryRequestTheSameTicketIsJudgedByTheSecondHello()
    {
        byte[] ticket = establish().ticket();
        FakeHandshake.Changing handshake = new FakeHandshake.Changing(handshake());
        MemoryEngine.Handshake tickets = server.begin(handshake);
        assertTrue(tickets.open(ticket, AAD, FORMAT).isPresent());
        handshake.becomes(handshake.now().withServerName("two.test"));
        assertTrue(tickets.open(ticket, AAD, FORMAT).isEmpty());
        assertRefusals(Map.of(RefusalReason.WRONG_SNI, 1));
    }

    @Test
    void anotherScopeOfTheSameNameIsTheSame()
    {
        byte[] ticket = establish(server("scope"), handshake()).ticket();
        assertTrue(open(ticket).isPresent());
    }

    @Test
    void otherAssociatedDataIsTampering()
    {
        byte[] ticket = establish().ticket();
        assertTrue(server.begin(handshake()).open(ticket, new byte[]{1, 2, 4}, FORMAT).isEmpty());
        assertRefusals(Map.of(RefusalReason.TAMPERED, 1));
    }

    @Test
    void whateverAClientSendsIsRefusedAndNothingThrown()
    {
        byte[] ticket = establish().ticket();
        Trials.run(2_000, random -> assertTrue(open(mutation(random, ticket)).isEmpty()));
        assertTrue(open(new byte[0]).isEmpty());
        assertTrue(open(new byte[1 << 16]).isEmpty());
        assertArrayEquals(STATE, open(ticket).orElseThrow());
    }

    private static byte[] mutation(Random random, byte[] ticket)
    {
        return switch (random.nextInt(4))
        {
            case 0 -> Trials.bytes(random, random.nextInt(400));
            case 1 -> Arrays.copyOf(ticket, random.nextInt(ticket.length));
            case 2 -> Arrays.copyOf(ticket, ticket.length + 1 + random.nextInt(20));
            default ->
            {
                byte[] flipped = ticket.clone();
                flipped[random.nextInt(ticket.length)] ^= (byte)(1 << random.nextInt(8));
                yield flipped;
            }
        };
    }

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
    void aPolicyThatThrowsOrHasNoAnswerAllowsNoResumption()
    {
        byte[] ticket = establish().ticket();
        List<SessionPolicy> failing = List.of(
            client ->
            {
                throw new IllegalStateException("for a test");
            },
            client ->
            {
                throw new NoClassDefFoundError("for a test");
            },
            client -> null);
        for (int i = 0; i < failing.size(); i++)
        {
            policy = failing.get(i);
            assertTrue(open(ticket).isEmpty());
            MemoryEngine.Handshake tickets = server.begin(handshake());
            assertTrue(tickets.seal(STATE, AAD, FORMAT).isEmpty());
            assertFalse(tickets.resumable("TLSv1.3"));
            assertFalse(tickets.resumableById(cached(SESSION_ID, ADDRESS)));
            assertEquals("off", tickets.finished(NO_ID).mode());
            assertEquals(2 * (i + 1), statistics.refusals(RefusalReason.POLICY));
        }
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

    private static List<Byte> bytes(byte[] array)
    {
        List<Byte> list = new ArrayList<>();
        for (byte b : array)
        {
            list.add(b);
        }
        return list;
    }

    @Test
    void aTicketThatTheEngineOpensButDoesNotResumeBeginsANewSession()
    {
        Got before = establish();
        clock.advance(Duration.ofMinutes(1));
        MemoryEngine.Handshake tickets = server.begin(handshake());
        assertTrue(tickets.open(before.ticket(), AAD, FORMAT).isPresent());
        assertTrue(tickets.seal(STATE, AAD, FORMAT).isPresent());
        TlsSession session = tickets.finished(NO_ID);
        assertNotEquals(before.session().id(), session.id());
        assertFalse(session.resumed());
        assertEquals(clock.instant(), session.established());
        assertEquals(2, statistics.handshakes(HandshakeResult.FULL));
    }

    @Test
    void aResumptionOfWhatWeDidNotOpenGetsNoTicket()
    {
        Got before = establish();
        FakeHandshake.Changing handshake = new FakeHandshake.Changing(handshake());
        MemoryEngine.Handshake tickets = server.begin(handshake);
        assertTrue(tickets.open(before.ticket(), AAD, FORMAT).isPresent());
        handshake.becomes(handshake.now().resuming(START.minusMillis(1)));
        assertTrue(tickets.seal(STATE, AAD, FORMAT).isEmpty());
        assertNotEquals(before.session().id(), tickets.finished(NO_ID).id());

        MemoryEngine.Handshake nothingOpened = server.begin(handshake().resuming(START));
        assertTrue(nothingOpened.seal(STATE, AAD, FORMAT).isEmpty());
        assertRefusals(Map.of());
    }

    @Test
    void ofTwoSessionsOfOneMomentTheOneOpenedLastIsResumed()
    {
        Got one = establish();
        Got two = establish();
        FakeHandshake.Changing handshake = new FakeHandshake.Changing(handshake());
        MemoryEngine.Handshake tickets = server.begin(handshake);
        // An engine opens tickets until one of them suits.
        assertTrue(tickets.open(one.ticket(), AAD, FORMAT).isPresent());
        assertTrue(tickets.open(two.ticket(), AAD, FORMAT).isPresent());
        handshake.becomes(handshake.now().resuming(START));
        assertTrue(tickets.seal(STATE, AAD, FORMAT).isPresent());
        assertEquals(two.session().id(), tickets.finished(NO_ID).id());
    }

    @Test
    void ofTwoSessionsOfOneMomentTheOneOpenedAgainLastIsResumed()
    {
        Got one = establish();
        Got two = establish();
        FakeHandshake.Changing handshake = new FakeHandshake.Changing(handshake());
        MemoryEngine.Handshake tickets = server.begin(handshake);
        assertTrue(tickets.open(one.ticket(), AAD, FORMAT).isPresent());
        assertTrue(tickets.open(two.ticket(), AAD, FORMAT).isPresent());
        // In the hello after a HelloRetryRequest.
        assertTrue(tickets.open(one.ticket(), AAD, FORMAT).isPresent());
        handshake.becomes(handshake.now().resuming(START));
        assertTrue(tickets.seal(STATE, AAD, FORMAT).isPresent());
        assertEquals(one.session().id(), tickets.finished(NO_ID).id());
    }

    @ParameterizedTest
    @EnumSource(value = ResumptionMode.class, names = "OFF", mode = EnumSource.Mode.EXCLUDE)
    void aTicketOpenedAgainAfterAHelloRetryRequestCountsOnce(ResumptionMode mode)
    {
        policy = terms(mode, HOUR);
        List<byte[]> good = List.of(establish().ticket(), establish().ticket(), establish().ticket(), establish().ticket());
        asksForRing.set(0);
        MemoryEngine.Handshake tickets = server.begin(handshake());
        for (int hello = 0; hello < 2; hello++)
        {
            for (byte[] ticket : good)
            {
                assertArrayEquals(STATE, tickets.open(ticket, AAD, FORMAT).orElseThrow());
            }
        }
        assertEquals(4, asksForRing.get());
        assertRefusals(Map.of());
    }

    @Test
    void whatIsHandedOutIsTheCallersToOverwrite()
    {
        byte[] ticket = establish().ticket();
        MemoryEngine.Handshake tickets = server.begin(handshake());
        Arrays.fill(tickets.open(ticket, AAD, FORMAT).orElseThrow(), (byte)0);
        assertArrayEquals(STATE, tickets.open(ticket, AAD, FORMAT).orElseThrow());
    }

    @Test
    void ofHundredsOfTicketsInOneHandshakeFourAreTried()
    {
        byte[] good = establish().ticket();
        asksForRing.set(0);
        Random random = new Random(1);
        MemoryEngine.Handshake tickets = server.begin(handshake());
        for (int i = 0; i < 350; i++)
        {
            assertEquals(i >= 4, tickets.isExhausted(i + 1), "after " + i);
            byte[] tampered = good.clone();
            tampered[30 + random.nextInt(good.length - 30)] ^= 1;
            assertTrue(tickets.open(tampered, AAD, FORMAT).isEmpty());
        }
        assertEquals(4, asksForRing.get());
        assertTrue(tickets.open(good, AAD, FORMAT).isEmpty(), "the limit is for good");
        assertRefusals(Map.of(RefusalReason.TAMPERED, 1, RefusalReason.TOO_MANY, 1));
        assertTrue(open(good).isPresent(), "and for that handshake alone");
    }

    @Test
    void aTicketBehindThreeUselessOnesIsStillTaken()
    {
        byte[] good = establish().ticket();
        MemoryEngine.Handshake tickets = server.begin(handshake());
        for (int i = 0; i < 3; i++)
        {
            assertTrue(tickets.open(Ticket.decoy(250 + i), AAD, FORMAT).isEmpty());
        }
        assertTrue(tickets.open(good, AAD, FORMAT).isPresent());
    }

    @Test
    void aStoreThatDoesNotTakeAKeyCostsTheTicketAndNoMore()
    {
        policy = terms(ResumptionMode.CACHE, HOUR);
        sessionKeys.failing = true;
        MemoryEngine.Handshake tickets = server.begin(handshake());
        assertTrue(tickets.seal(STATE, AAD, FORMAT).isEmpty());
        assertTrue(tickets.seal(STATE, AAD, FORMAT).isEmpty());
        assertEquals("off", tickets.finished(NO_ID).mode());
        assertRefusals(Map.of(RefusalReason.STORE_UNAVAILABLE, 1));
        assertTrue(sessionKeys.refused.stream().allMatch(key -> key.cipher().isDestroyed()));
        assertEquals(2, sessionKeys.refused.size());
    }

    @Test
    void aStoreThatDoesNotAnswerCostsTheResumptionAndNoMore()
    {
        policy = terms(ResumptionMode.CACHE, HOUR);
        byte[] ticket = establish().ticket();
        sessionKeys.failing = true;
        assertRefused(RefusalReason.STORE_UNAVAILABLE, ticket);
        sessionKeys.failing = false;
        assertTrue(open(ticket).isPresent());
    }

    @Test
    void aForgottenSessionIsNeitherOpenedNorSealed()
    {
        policy = terms(ResumptionMode.CACHE, HOUR);
        Got got = establish();
        FakeHandshake.Changing handshake = new FakeHandshake.Changing(handshake());
        MemoryEngine.Handshake underWay = server.begin(handshake);
        assertTrue(underWay.open(got.ticket(), AAD, FORMAT).isPresent());
        handshake.becomes(handshake.now().resuming(START));
        assertTrue(sessionKeys.forget(got.session().id()));
        assertTrue(underWay.seal(STATE, AAD, FORMAT).isEmpty());
        assertRefusals(Map.of(RefusalReason.FORGOTTEN, 1));
        assertTrue(open(got.ticket()).isEmpty());
        assertRefusals(Map.of(RefusalReason.FORGOTTEN, 2));
    }

    @ParameterizedTest
    @EnumSource(value = ResumptionMode.class, names = "OFF", mode = EnumSource.Mode.EXCLUDE)
    void aForgottenSessionIsRefusedAndOthersAreNot(ResumptionMode mode) throws IOException
    {
        policy = terms(mode, HOUR);
        Got first = establish();
        Got other = establish();
        forgetting.forgetSession(first.session().id());
        assertTrue(forgetting.isForgotten(first.session()));
        assertFalse(forgetting.isForgotten(other.session()));
        assertEquals(mode == ResumptionMode.CACHE ? 1 : 0, sessionKeys.size(), "its key is erased");
        assertRefused(RefusalReason.FORGOTTEN, first.ticket());
        assertTrue(open(other.ticket()).isPresent());
    }

    @ParameterizedTest
    @EnumSource(value = ResumptionMode.class, names = "OFF", mode = EnumSource.Mode.EXCLUDE)
    void aForgottenClientIsRefusedWhereverItIsAndMayComeBack(ResumptionMode mode) throws IOException
    {
        policy = terms(mode, HOUR);
        byte[] before = establish().ticket();
        byte[] elsewhere = establish(handshake().from("192.0.2.2")).ticket();
        byte[] authenticated = establish(authenticated()).ticket();
        forgetting.forgetClient("192.0.2.1");
        assertTrue(server.begin(handshake().from("198.51.100.1")).open(before, AAD, FORMAT).isEmpty());
        assertRefusals(Map.of(RefusalReason.FORGOTTEN, 1));
        assertTrue(open(elsewhere).isPresent());
        assertTrue(server.begin(authenticated()).open(authenticated, AAD, FORMAT).isPresent());
        clock.advance(Duration.ofMillis(1));
        assertTrue(open(establish().ticket()).isPresent());
    }

    @ParameterizedTest
    @EnumSource(value = ResumptionMode.class, names = "OFF", mode = EnumSource.Mode.EXCLUDE)
    void aForgottenCertificateIsRefusedAtAnyAddress(ResumptionMode mode) throws IOException
    {
        policy = terms(mode, HOUR);
        byte[] one = establish(authenticated()).ticket();
        byte[] two = establish(authenticated().from("192.0.2.2")).ticket();
        byte[] anonymous = establish().ticket();
        forgetting.forgetClient(CERTIFICATE);
        assertTrue(server.begin(authenticated()).open(one, AAD, FORMAT).isEmpty());
        assertTrue(server.begin(authenticated()).open(two, AAD, FORMAT).isEmpty());
        assertTrue(open(anonymous).isPresent());
    }

    @ParameterizedTest
    @EnumSource(value = ResumptionMode.class, names = "OFF", mode = EnumSource.Mode.EXCLUDE)
    void aForgottenPrincipalIsReachedInTicketsFromBeforeItWasNamed(ResumptionMode mode) throws IOException
    {
        policy = terms(mode, HOUR);
        Got first = establish();
        clock.advance(Duration.ofMinutes(1));
        Got later = resume(first.ticket());
        Got other = establish();
        forgetting.bind(later.session(), "alice");
        forgetting.bind(other.session(), "bob");
        forgetting.forgetPrincipal("alice");
        assertTrue(open(first.ticket()).isEmpty());
        assertTrue(open(later.ticket()).isEmpty());
        assertTrue(open(other.ticket()).isPresent());
    }

    @ParameterizedTest
    @EnumSource(value = ResumptionMode.class, names = "OFF", mode = EnumSource.Mode.EXCLUDE)
    void aRulesClientsAreForgottenByTheRuleInForce(ResumptionMode mode) throws IOException
    {
        Map<String, String> rules = new HashMap<>(Map.of("one.test", "gold", "two.test", "silver"));
        policy = client -> new SessionTerms(mode, HOUR, false, rules.get(client.serverName().orElseThrow()));
        byte[] gold = establish().ticket();
        byte[] silver = establish(handshake().withServerName("two.test")).ticket();
        forgetting.forgetRule("gold");
        assertRefused(RefusalReason.FORGOTTEN, gold);
        assertTrue(server.begin(handshake().withServerName("two.test")).open(silver, AAD, FORMAT).isPresent());
        if (mode == ResumptionMode.TICKET)
        {
            rules.put("two.test", "gold");
            assertTrue(server.begin(handshake().withServerName("two.test")).open(silver, AAD, FORMAT).isEmpty());
        }
    }

    @ParameterizedTest
    @EnumSource(value = ResumptionMode.class, names = "OFF", mode = EnumSource.Mode.EXCLUDE)
    void whenEveryoneIsForgottenNobodyResumesUntilANewSession(ResumptionMode mode) throws IOException
    {
        policy = terms(mode, HOUR);
        byte[] ticket = establish().ticket();
        forgetting.forgetEveryone();
        assertRefused(RefusalReason.FORGOTTEN, ticket);
        assertEquals(0, sessionKeys.size());
        clock.advance(Duration.ofMillis(1));
        assertTrue(open(establish().ticket()).isPresent());
    }

    @Test
    void aSessionInSunJssesCacheIsForgottenByIdByClientAndByRule() throws IOException
    {
        policy = client -> new SessionTerms(ResumptionMode.TICKET, HOUR, false, "gold");
        FakeHandshake tls12 = handshake().withProtocol("TLSv1.2");
        TlsSession session = server.begin(tls12).finished(SESSION_ID);
        MemoryEngine.Handshake next = server.begin(tls12.from("198.51.100.1"));
        assertTrue(next.resumableById(cached(SESSION_ID, ADDRESS)));
        forgetting.forgetSession(session.id());
        assertFalse(next.resumableById(cached(SESSION_ID, ADDRESS)));
        byte[] second = new byte[]{2};
        assertTrue(next.resumableById(cached(second, ADDRESS)));
        forgetting.forgetClient(session);
        assertFalse(next.resumableById(cached(second, ADDRESS)));
        Optional<String> elsewhere = Optional.of("192.0.2.2");
        assertTrue(next.resumableById(cached(second, elsewhere)));
        forgetting.forgetRule("gold");
        assertFalse(next.resumableById(cached(second, elsewhere)));
        assertRefusals(Map.of(RefusalReason.FORGOTTEN, 1));
    }

    @Test
    void severalTicketsOfAHandshakeAreOfOneSessionAndEachIsCounted()
    {
        for (ResumptionMode mode : List.of(ResumptionMode.TICKET, ResumptionMode.CACHE))
        {
            policy = terms(mode, HOUR);
            long sealed = statistics.sealTimes().count();
            List<Got> got = establishWithTwoTickets();
            assertEquals(2, statistics.sealTimes().count() - sealed);
            Got first = resume(got.get(0).ticket());
            Got second = resume(got.get(1).ticket());
            assertEquals(got.get(0).session().id(), first.session().id());
            assertEquals(got.get(0).session().id(), second.session().id());
            assertFalse(Arrays.equals(got.get(0).ticket(), got.get(1).ticket()));
        }
        assertEquals(1, sessionKeys.size());
        assertRefusals(Map.of());
    }

    @Test
    void ofSeveralTicketsForASingleUseOneResumes()
    {
        policy = client -> new SessionTerms(ResumptionMode.CACHE, HOUR, true, "once");
        List<Got> got = establishWithTwoTickets();
        resume(got.get(1).ticket());
        assertTrue(open(got.get(0).ticket()).isEmpty());
        assertRefusals(Map.of(RefusalReason.REPLAYED, 1));
    }

    private List<Got> establishWithTwoTickets()
    {
        MemoryEngine.Handshake tickets = server.begin(handshake());
        byte[] first = tickets.seal(STATE, AAD, FORMAT).orElseThrow();
        byte[] second = tickets.seal(STATE, AAD, FORMAT).orElseThrow();
        TlsSession session = tickets.finished(NO_ID);
        return List.of(new Got(first, session), new Got(second, session));
    }

    @Test
    void aTicketForASingleUseResumesOnceAndItsSuccessorToo()
    {
        policy = client -> new SessionTerms(ResumptionMode.CACHE, HOUR, true, "once");
        Got first = establish();
        Got second = resume(first.ticket());
        assertEquals(first.session().id(), second.session().id());
        assertEquals(1, sessionKeys.size());
        assertTrue(open(first.ticket()).isEmpty());
        assertRefusals(Map.of(RefusalReason.REPLAYED, 1));
        Got third = resume(second.ticket());
        assertEquals(first.session().deadline(), third.session().deadline());
        assertTrue(open(second.ticket()).isEmpty());
        policy = terms(ResumptionMode.CACHE, HOUR);
        assertTrue(open(third.ticket()).isPresent());
        assertTrue(open(third.ticket()).isEmpty(), "a session for single use stays one");
    }

    @Test
    void aSingleUseThatARuleBringsBindsSessionsFromBefore()
    {
        policy = terms(ResumptionMode.CACHE, HOUR);
        byte[] ticket = establish().ticket();
        assertTrue(open(ticket).isPresent());
        policy = client -> new SessionTerms(ResumptionMode.CACHE, HOUR, true, "");
        assertTrue(open(ticket).isPresent());
        assertTrue(open(ticket).isEmpty());
        assertFalse(server.begin(handshake()).resumableById(cached(SESSION_ID, ADDRESS)), "an id is used again");
    }

    @Test
    void whatIsRefusedForAnotherReasonDoesNotUseUpATicket()
    {
        policy = client -> new SessionTerms(ResumptionMode.CACHE, HOUR, true, "");
        byte[] ticket = establish().ticket();
        assertTrue(server.begin(handshake().withServerName("two.test")).open(ticket, AAD, FORMAT).isEmpty());
        policy = client -> new SessionTerms(ResumptionMode.OFF, HOUR, true, "");
        assertTrue(open(ticket).isEmpty());
        policy = client -> new SessionTerms(ResumptionMode.CACHE, HOUR, true, "");
        assertTrue(open(ticket).isPresent());
    }

    @Test
    void aHelloRetryRequestIsNotASecondUse()
    {
        policy = client -> new SessionTerms(ResumptionMode.CACHE, HOUR, true, "");
        byte[] ticket = establish().ticket();
        MemoryEngine.Handshake tickets = server.begin(handshake());
        assertTrue(tickets.open(ticket, AAD, FORMAT).isPresent());
        assertTrue(tickets.open(ticket, AAD, FORMAT).isPresent());
        assertTrue(open(ticket).isEmpty());
    }

    @Test
    void aStoreThatFailsWhileATicketIsUsedUpCostsAFullHandshake()
    {
        policy = client -> new SessionTerms(ResumptionMode.CACHE, HOUR, true, "");
        byte[] ticket = establish().ticket();
        sessionKeys.failing = true;
        assertRefused(RefusalReason.STORE_UNAVAILABLE, ticket);
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

    @Test
    void aTicketUnderAnEarlierKeyOfItsSessionIsForgotten() throws IOException
    {
        policy = terms(ResumptionMode.CACHE, HOUR);
        Got got = establish();
        sessionKeys.put(SessionKeys.of(got.session().id(), START.plus(HOUR)));
        assertRefused(RefusalReason.FORGOTTEN, got.ticket());
    }

    @ParameterizedTest
    @EnumSource(value = ResumptionMode.class, names = "OFF", mode = EnumSource.Mode.EXCLUDE)
    void aStateUpToTheLimitGetsATicketAndALargerOneNone(ResumptionMode mode)
    {
        policy = terms(mode, HOUR);
        int limit = Ticket.MAX_PAYLOAD_BYTES - Aes256Gcm.TAG_BYTES;
        byte[] ticket = server.begin(handshake()).seal(new byte[limit], AAD, FORMAT).orElseThrow();
        assertTrue(ticket.length <= Ticket.MAX_BYTES);
        assertArrayEquals(new byte[limit], open(ticket).orElseThrow());
        seal3(handshake(), new byte[limit + 1]);
        assertRefusals(Map.of(RefusalReason.TOO_LARGE, 1));
        seal3(handshake(), new byte[1 << 20]);
        assertRefusals(Map.of(RefusalReason.TOO_LARGE, 2));
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

    @ParameterizedTest
    @EnumSource(value = ResumptionMode.class, names = "OFF", mode = EnumSource.Mode.EXCLUDE)
    void theTicketsOfOneHandshakeAreOfOneSession(ResumptionMode mode)
    {
        policy = terms(mode, HOUR);
        MemoryEngine.Handshake tickets = server.begin(handshake());
        byte[] first = tickets.seal(STATE, AAD, FORMAT).orElseThrow();
        clock.advance(Duration.ofSeconds(3));
        byte[] second = tickets.seal(STATE, AAD, FORMAT).orElseThrow();
        TlsSession session = tickets.finished(NO_ID);
        assertFalse(Arrays.equals(first, second));
        assertEquals(mode == ResumptionMode.CACHE ? 1 : 0, sessionKeys.size());
        assertEquals(session.id(), resume(first).session().id());
        assertEquals(session.id(), resume(second).session().id());
        assertEquals(START.plus(HOUR), session.deadline());
    }

    @Test
    void aSessionAtItsDeadlineGetsNoTicketAnyMore()
    {
        MemoryEngine.Handshake tickets = server.begin(handshake());
        assertTrue(tickets.seal(STATE, AAD, FORMAT).isPresent());
        clock.advance(HOUR);
        assertTrue(tickets.seal(STATE, AAD, FORMAT).isEmpty());
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.1", "TLSv1", "DTLSv1.2", "TLSv1.4", "NONE"})
    void protocolsThatWeDoNotKnowGetNoTicket(String protocol)
    {
        assertTrue(server.begin(handshake().withProtocol(protocol)).seal(STATE, AAD, FORMAT).isEmpty());
        assertTrue(server.begin(handshake().withProtocol(null)).seal(STATE, AAD, FORMAT).isEmpty());
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

    /**
     * @param handshake establishes a session, and then resumes it
     */
    private boolean renews(FakeHandshake handshake)
    {
        byte[] ticket = establish(handshake).ticket();
        FakeHandshake.Changing next = new FakeHandshake.Changing(handshake);
        MemoryEngine.Handshake tickets = server.begin(next);
        assertTrue(tickets.open(ticket, AAD, FORMAT).isPresent());
        next.becomes(handshake.resuming(START));
        return tickets.renews();
    }

    @ParameterizedTest
    @EnumSource(value = ResumptionMode.class, names = {"TICKET", "CACHE"})
    void aTicketIsRenewedOnlyWhereItsKeyEndsBeforeTheSession(ResumptionMode mode)
    {
        Instant end = ring.sealing(START).orElseThrow().openUntil();
        Duration untilThen = Duration.between(START, end).truncatedTo(ChronoUnit.SECONDS);
        policy = terms(mode, untilThen);
        assertFalse(renews(handshake()));
        policy = terms(mode, untilThen.plusSeconds(1));
        assertTrue(renews(handshake()));
    }

    @Test
    void aTicketOfASingleUseIsRenewed()
    {
        policy = client -> new SessionTerms(ResumptionMode.CACHE, HOUR, true, "");
        assertTrue(renews(handshake()));
    }

    @Test
    void aTicketOfASessionThatARuleHasMadeOneOfASingleUseIsRenewed()
    {
        policy = terms(ResumptionMode.CACHE, HOUR);
        byte[] ticket = establish().ticket();
        policy = client -> new SessionTerms(ResumptionMode.CACHE, HOUR, true, "");
        FakeHandshake.Changing next = new FakeHandshake.Changing(handshake());
        MemoryEngine.Handshake tickets = server.begin(next);
        assertTrue(tickets.open(ticket, AAD, FORMAT).isPresent());
        next.becomes(handshake().resuming(START));
        assertTrue(tickets.renews());
    }

    @Test
    void whatWasNotOpenedIsRenewed()
    {
        assertTrue(server.begin(handshake().resuming(START)).renews());
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.1"})
    void aClientWithoutTicketsAndWithoutExtendedMasterSecretIsCountedToo(String protocol)
    {
        FakeHandshake handshake = handshake().withProtocol(protocol).withoutExtendedMasterSecret();
        assertFalse(server.begin(handshake).finished(SESSION_ID).isResumable());
        assertRefusals(Map.of(RefusalReason.NO_EXTENDED_MASTER_SECRET, 1));
    }

    @Test
    void inTls13AndInModeOffNobodyMissesTheExtendedMasterSecret()
    {
        establish(handshake().withoutExtendedMasterSecret());
        policy = terms(ResumptionMode.OFF, HOUR);
        server.begin(handshake().withProtocol("TLSv1.2").withoutExtendedMasterSecret()).finished(SESSION_ID);
        assertRefusals(Map.of());
    }

    @Test
    void ticketsSurviveTheRotationOfTheirKeyAndAreReissuedUnderTheNext()
    {
        byte[] ticket = establish().ticket();
        ring = KeyRotation.DEFAULT.rotated(ring, START, () -> io.github.tlsresumption.crypto.Random.bytes(Xaes256Gcm.KEY_BYTES), false);
        byte[] next = resume(ticket).ticket();
        assertEquals(ring.keys().get(0).id(), Ticket.keyId(ticket).orElseThrow());
        assertEquals(ring.keys().get(1).id(), Ticket.keyId(next).orElseThrow());
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

    private long count(String protocol, HandshakeResult result)
    {
        return statistics.handshakes().stream()
            .filter(handshake -> handshake.protocol().equals(protocol) && handshake.result().equals(result.toString()))
            .mapToLong(HandshakeCount::count)
            .sum();
    }

    @Test
    void handshakesAreCountedByProtocolAndResultAndTheirSumIsTheCountByResult()
    {
        byte[] ticket = establish().ticket();
        clock.advance(Duration.ofSeconds(61));
        resume(ticket);
        FakeHandshake tls12 = FakeHandshake.at(START).withProtocol("TLSv1.2");
        server.begin(tls12).finished(SESSION_ID);
        server.begin(tls12.resuming(START)).finished(SESSION_ID);
        server.begin(tls12.withProtocol("TLSv1.1")).finished(NO_ID);
        server.begin(tls12.withProtocol(null)).finished(NO_ID);

        assertEquals(1, count("TLSv1.3", HandshakeResult.FULL));
        assertEquals(1, count("TLSv1.3", HandshakeResult.TICKET));
        assertEquals(1, count("TLSv1.2", HandshakeResult.FULL));
        assertEquals(1, count("TLSv1.2", HandshakeResult.SESSION_ID));
        assertEquals(2, count("other", HandshakeResult.FULL));
        for (HandshakeResult result : HandshakeResult.values())
        {
            long sum = statistics.handshakes().stream().filter(handshake -> handshake.result().equals(result.toString()))
                .mapToLong(HandshakeCount::count).sum();
            assertEquals(statistics.handshakes(result), sum);
        }
        // The age of a session counts when it is resumed: by ticket, and by session id.
        assertEquals(2, statistics.resumptionAge().count());
        assertEquals(122, statistics.resumptionAge().sum());
    }

    private Map<String, Long> byRule(String rule)
    {
        Map<String, Long> counts = new TreeMap<>(statistics.rules(sessionKeys::size).stream()
            .filter(status -> status.rule().equals(rule))
            .findFirst().orElseThrow().handshakes());
        counts.values().removeIf(count -> count == 0);
        return counts;
    }

    @Test
    void handshakesAreCountedByTheRuleInForceAlsoThoseOfModeOff()
    {
        statistics.setRules(Optional.of(List.of("gold", "never")));
        policy = client -> new SessionTerms(ResumptionMode.CACHE, HOUR, false, "gold");
        byte[] ticket = establish().ticket();
        assertEquals(OptionalLong.of(1), statistics.rules(sessionKeys::size).get(0).liveSessions());
        resume(ticket);
        FakeHandshake tls12 = FakeHandshake.at(START).withProtocol("TLSv1.2");
        server.begin(tls12).finished(SESSION_ID);
        server.begin(tls12.resuming(START)).finished(SESSION_ID);
        policy = client -> new SessionTerms(ResumptionMode.OFF, HOUR, false, "never");
        server.begin(handshake()).finished(NO_ID);
        policy = client ->
        {
            throw new IllegalStateException("as a policy of an application's may");
        };
        server.begin(handshake()).finished(NO_ID);
        assertEquals(Map.of("full", 2L, "cache", 1L, "session-id", 1L), byRule("gold"));
        assertEquals(Map.of("full", 1L), byRule("never"));
        assertEquals(Map.of("full", 1L), byRule("(default)"));
    }

    @Test
    void theTimeOfEachOpenAndEachSealIsCountedWhateverComesOfIt()
    {
        Got got = establish();
        assertEquals(1, statistics.sealTimes().count());
        assertEquals(0, statistics.openTimes().count());
        long start = System.nanoTime();
        resume(got.ticket());
        assertTrue(open(new byte[3]).isEmpty());
        long most = System.nanoTime() - start;
        assertEquals(2, statistics.openTimes().count());
        assertEquals(2, statistics.sealTimes().count());
        assertTrue(statistics.openTimes().sum() > 0);
        assertTrue(statistics.openTimes().sum() <= most);
    }

    @Test
    void aSessionWithoutTicketIsNamedByItsSessionIdOnlyWhereThatResumes()
    {
        byte[] sessionId = {1, 2, 3};
        FakeHandshake tls12 = handshake().withProtocol("TLSv1.2");
        TlsSession full = server.begin(tls12).finished(sessionId);
        assertEquals("session-id", full.mode());
        assertFalse(full.resumed());
        assertEquals(START.plus(HOUR), full.deadline());
        TlsSession resumed = server.begin(tls12.resuming(START)).finished(sessionId);
        assertEquals(full.id(), resumed.id());
        assertTrue(resumed.resumed());
        assertEquals(1, statistics.handshakes(HandshakeResult.SESSION_ID));
        assertEquals("off", server.begin(tls12).finished(NO_ID).mode());
        assertEquals("off", server.begin(handshake()).finished(sessionId).mode());
        assertFalse(full.id().toString().contains("010203"), "an id is not what the client could know");
    }

    @ParameterizedTest
    @EnumSource(value = ResumptionMode.class, names = "OFF", mode = EnumSource.Mode.EXCLUDE)
    void eightThreadsOfHandshakesAmongRotationsNeverMeetAnException(ResumptionMode mode) throws Exception
    {
        policy = terms(mode, HOUR);
        ExecutorService threads = Executors.newFixedThreadPool(8);
        try
        {
            List<Future<Integer>> results = new ArrayList<>();
            for (int i = 0; i < 8; i++)
            {
                results.add(threads.submit((Callable<Integer>)this::handshakesWithoutEnd));
            }
            for (int i = 0; i < 60; i++)
            {
                rotateAndDestroy();
                Thread.yield();
            }
            int done = 0;
            for (Future<Integer> result : results)
            {
                done += result.get();
            }
            assertEquals(8 * 200, done);
        }
        finally
        {
            threads.shutdownNow();
        }
    }

    private void rotateAndDestroy()
    {
        TicketKeyRing before = ring;
        TicketKeyRing next = KeyRotation.DEFAULT.dropped(before, START,
            () -> io.github.tlsresumption.crypto.Random.bytes(Xaes256Gcm.KEY_BYTES));
        ring = next;
        before.keys().forEach(TicketKey::destroy);
    }

    private int handshakesWithoutEnd() throws IOException
    {
        for (int i = 0; i < 200; i++)
        {
            MemoryEngine.Handshake first = server.begin(handshake());
            Optional<byte[]> ticket = first.seal(STATE, AAD, FORMAT);
            TlsSession session = first.finished(NO_ID);
            FakeHandshake.Changing handshake = new FakeHandshake.Changing(handshake());
            MemoryEngine.Handshake second = server.begin(handshake);
            if (ticket.isPresent() && second.open(ticket.get(), AAD, FORMAT).isPresent())
            {
                handshake.becomes(handshake.now().resuming(START));
                second.seal(STATE, AAD, FORMAT);
                assertEquals(session.id(), second.finished(NO_ID).id());
            }
            if (i % 3 == 0)
                sessionKeys.forget(session.id());
        }
        return 200;
    }

    @Test
    void aRulesClientsStayForgottenWhenAnotherRuleAppliesToThemOrNone() throws IOException
    {
        Map<String, String> rules = new HashMap<>(Map.of("192.0.2.1", "branch", "198.51.100.1", ""));
        policy = client -> new SessionTerms(ResumptionMode.TICKET, HOUR, false, rules.get(client.remoteHost().orElseThrow()));
        byte[] stolen = establish().ticket();
        forgetting.forgetRule("branch");
        assertTrue(open(stolen).isEmpty());
        assertTrue(server.begin(handshake().from("198.51.100.1")).open(stolen, AAD, FORMAT).isEmpty(), "from another address");
        rules.put("192.0.2.1", "renamed");
        assertTrue(open(stolen).isEmpty(), "under another rule");
    }

    @ParameterizedTest
    @EnumSource(value = ResumptionMode.class, names = "OFF", mode = EnumSource.Mode.EXCLUDE)
    void aSessionFromBeforeTheClockWentBackIsForgottenAllTheSame(ResumptionMode mode) throws IOException
    {
        policy = terms(mode, HOUR);
        Got got = establish();
        clock.advance(Duration.ofSeconds(-5));
        forgetting.forgetSession(got.session().id());
        assertTrue(open(got.ticket()).isEmpty());
    }

    @Test
    void aClientIsForgottenFromAConnectionWhoseOwnSessionIsNotResumed() throws IOException
    {
        policy = client -> new SessionTerms(client.serverName().orElseThrow().equals("one.test") ? ResumptionMode.TICKET
            : ResumptionMode.OFF, HOUR);
        byte[] ticket = establish(authenticated()).ticket();
        TlsSession here = server.begin(authenticated().withServerName("logout.test")).finished(NO_ID);
        assertEquals("off", here.mode());
        forgetting.forgetClient(here);
        assertTrue(server.begin(authenticated()).open(ticket, AAD, FORMAT).isEmpty());
    }

    @Test
    void aUserNamedBeforeThereWasATicketKeyIsForgotten() throws IOException
    {
        TicketKeyRing later = ring;
        ring = TicketKeyRing.empty();
        MemoryEngine.Handshake tickets = server.begin(handshake().withProtocol("TLSv1.2"));
        TlsSession session = tickets.finished(SESSION_ID);
        assertEquals("session-id", session.mode());
        forgetting.bind(session, "alice");
        ring = later;
        forgetting.forgetPrincipal("alice");
        MemoryEngine.Handshake next = server.begin(handshake().withProtocol("TLSv1.2"));
        assertFalse(next.resumableById(cached(SESSION_ID, ADDRESS)));
    }

    @Test
    void sessionsThatAreNotResumedTakeNoPlaceFromTheBindingsOfOthers() throws IOException
    {
        Got bob = establish();
        Got nobody = establish();
        forgetting.bind(bob.session(), "bob");
        policy = terms(ResumptionMode.OFF, HOUR);
        clock.advance(Duration.ofSeconds(1));
        for (int i = 0; i < 1000; i++)
        {
            forgetting.bind(server.begin(handshake()).finished(NO_ID), "monitor");
        }
        policy = terms(ResumptionMode.TICKET, HOUR);
        forgetting.forgetPrincipal("carol");
        assertTrue(open(bob.ticket()).isPresent());
        assertTrue(open(nobody.ticket()).isPresent());
    }

    @Test
    void aSessionForgottenWhileItsHandshakeRanLeavesNoKey() throws IOException
    {
        policy = terms(ResumptionMode.CACHE, HOUR);
        MemoryEngine.Handshake tickets = server.begin(handshake());
        clock.advance(Duration.ofMillis(1));
        forgetting.forgetEveryone();
        tickets.seal(STATE, AAD, FORMAT);
        forgetting.poll();
        assertEquals(0, sessionKeys.size());
    }

    @Test
    void noReasonIsLeftWithoutATest()
    {
        assertEquals(EnumSet.allOf(RefusalReason.class), provocations().keySet());
    }

    /**
     * A store that can be told to fail.
     */
    private static final class FailableStore implements SessionKeyStore
    {
        private final HeapSessionKeyStore store;
        private final List<SessionKey> refused = new ArrayList<>();
        private volatile boolean failing;

        private FailableStore(HeapSessionKeyStore store)
        {
            this.store = store;
        }

        private boolean forget(StableId id)
        {
            return store.removeIf(key -> key.id().equals(id)) == 1;
        }

        private void check() throws IOException
        {
            if (failing)
                throw new IOException("for a test");
        }

        @Override
        public void put(SessionKey key) throws IOException
        {
            if (failing)
                refused.add(key);
            check();
            store.put(key);
        }

        @Override
        public Optional<SessionKey> get(StableId id) throws IOException
        {
            check();
            return store.get(id);
        }

        @Override
        public boolean replace(SessionKey key, SessionKey next) throws IOException
        {
            if (failing)
                refused.add(next);
            check();
            return store.replace(key, next);
        }

        @Override
        public OptionalLong size(String rule)
        {
            return store.size(rule);
        }

        @Override
        public long removeIf(Predicate<SessionKey> forgotten) throws IOException
        {
            check();
            return store.removeIf(forgotten);
        }

        @Override
        public long size()
        {
            return store.size();
        }

        @Override
        public void close()
        {
            store.close();
        }
    }
}
