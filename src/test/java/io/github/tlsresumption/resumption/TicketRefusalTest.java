package io.github.tlsresumption.resumption;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

import io.github.tlsresumption.Trials;
import io.github.tlsresumption.crypto.Aes256Gcm;
import io.github.tlsresumption.keys.TicketKeyRing;
import io.github.tlsresumption.policy.ResumptionMode;
import io.github.tlsresumption.policy.SessionPolicy;
import io.github.tlsresumption.policy.SessionTerms;
import io.github.tlsresumption.ticket.Ticket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * Which tickets are refused, and how that is counted.
 */
class TicketRefusalTest extends ResumptionContract
{
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

    @ParameterizedTest
    @EnumSource(value = ResumptionMode.class, names = "OFF", mode = EnumSource.Mode.EXCLUDE)
    void aStateUpToTheLimitGetsATicketAndALargerOneNone(ResumptionMode mode)
    {
        policy = terms(mode, HOUR);
        int limit = shape == MemoryEngine.Shape.STATES ? Ticket.MAX_PAYLOAD_BYTES - Aes256Gcm.TAG_BYTES : Ticket.MAX_BYTES / 2;
        byte[] ticket = server.begin(handshake()).seal(new byte[limit], AAD, FORMAT).orElseThrow();
        assertTrue(ticket.length <= Ticket.MAX_BYTES);
        assertArrayEquals(new byte[limit], open(ticket).orElseThrow());
        seal3(handshake(), new byte[limit + 1]);
        assertRefusals(Map.of(RefusalReason.TOO_LARGE, 1));
        seal3(handshake(), new byte[1 << 20]);
        assertRefusals(Map.of(RefusalReason.TOO_LARGE, 2));
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.1", "TLSv1", "DTLSv1.2", "TLSv1.4", "NONE"})
    void protocolsThatWeDoNotKnowGetNoTicket(String protocol)
    {
        assertTrue(server.begin(handshake().withProtocol(protocol)).seal(STATE, AAD, FORMAT).isEmpty());
        assertTrue(server.begin(handshake().withProtocol(null)).seal(STATE, AAD, FORMAT).isEmpty());
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
    void noReasonIsLeftWithoutATest()
    {
        assertEquals(EnumSet.allOf(RefusalReason.class), provocations().keySet());
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
}
