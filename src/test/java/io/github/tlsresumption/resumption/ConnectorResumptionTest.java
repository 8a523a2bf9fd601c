package io.github.tlsresumption.resumption;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

import io.github.tlsresumption.crypto.Xaes256Gcm;
import io.github.tlsresumption.engine.KeyTickets;
import io.github.tlsresumption.engine.SessionOrigin;
import io.github.tlsresumption.engine.TlsSession;
import io.github.tlsresumption.keys.KeyRotation;
import io.github.tlsresumption.keys.TicketKey;
import io.github.tlsresumption.keys.TicketKeyRing;
import io.github.tlsresumption.policy.ResumptionMode;
import io.github.tlsresumption.policy.SessionTerms;
import io.github.tlsresumption.status.HandshakeCount;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * Which session a handshake carries on, what its tickets are, and what is counted.
 */
class ConnectorResumptionTest extends ResumptionContract
{
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

    @Test
    void ticketsSurviveTheRotationOfTheirKeyAndAreReissuedUnderTheNext()
    {
        byte[] ticket = establish().ticket();
        ring = KeyRotation.DEFAULT.rotated(ring, START, () -> io.github.tlsresumption.crypto.Random.bytes(Xaes256Gcm.KEY_BYTES), false);
        byte[] next = resume(ticket).ticket();
        assertEquals(ring.keys().get(0).id(), keyId(ticket));
        assertEquals(ring.keys().get(1).id(), keyId(next));
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
        byte[] tampered = got.ticket().clone();
        tampered[tampered.length - 1] ^= 1;
        // A ticket that is not authentic is refused by an engine that seals by itself.
        assertTrue(open(tampered).isEmpty());
        long most = System.nanoTime() - start;
        assertEquals(shape == MemoryEngine.Shape.STATES ? 2 : 1, statistics.openTimes().count());
        assertEquals(2, statistics.sealTimes().count());
        assertTrue(statistics.openTimes().sum() > 0);
        assertTrue(statistics.openTimes().sum() <= most);
    }

    @Test
    void anEngineThatHasAskedForNoKeyOpensNothing()
    {
        KeyTickets keys = server.server().begin(handshake()).keys();
        keys.tampered();
        assertTrue(keys.open(new byte[100], FORMAT).isEmpty());
        assertEquals(1, statistics.refusals(RefusalReason.TAMPERED));
    }

    @Test
    void anEngineThatSealsByItselfMayTellWhenTheSessionIsOver()
    {
        KeyTickets keys = server.server().begin(handshake()).keys();
        byte[] data = keys.data(new byte[10], FORMAT, SessionOrigin.FULL_HANDSHAKE).orElseThrow();
        assertEquals(Optional.of(START.plus(HOUR)), keys.deadline(data));
        assertEquals(Optional.empty(), keys.deadline(new byte[3]));
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

    private long count(String protocol, HandshakeResult result)
    {
        return statistics.handshakes().stream()
            .filter(handshake -> handshake.protocol().equals(protocol) && handshake.result().equals(result.toString()))
            .mapToLong(HandshakeCount::count)
            .sum();
    }

    private Map<String, Long> byRule(String rule)
    {
        Map<String, Long> counts = new TreeMap<>(statistics.rules(sessionKeys::size).stream()
            .filter(status -> status.rule().equals(rule))
            .findFirst().orElseThrow().handshakes());
        counts.values().removeIf(count -> count == 0);
        return counts;
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
            {
                sessionKeys.forget(session.id());
            }
        }
        return 200;
    }
}
