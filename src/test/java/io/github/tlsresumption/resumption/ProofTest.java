package io.github.tlsresumption.resumption;

import java.io.IOException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;

import io.github.tlsresumption.FakeClock;
import io.github.tlsresumption.engine.TlsHandshake.Proof;
import io.github.tlsresumption.forget.ForgetList;
import io.github.tlsresumption.forget.ForgetLog;
import io.github.tlsresumption.keys.KeyRotation;
import io.github.tlsresumption.keys.TicketKeyRing;
import io.github.tlsresumption.policy.ClientIdentities;
import io.github.tlsresumption.policy.ResumptionMode;
import io.github.tlsresumption.policy.SessionTerms;
import io.github.tlsresumption.sessions.HeapSessionKeyStore;
import io.github.tlsresumption.sessions.SessionKeyStore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * A ticket of one use is used by who has proven to have its secret, on any of two nodes that share a store.
 */
class ProofTest
{
    private static final byte[] STATE = {3, 4, 1, 2, 3};
    private static final byte[] AAD = {};
    private static final byte[] NO_ID = {};
    private static final int FORMAT = 7;

    private final FakeClock clock = new FakeClock(Instant.parse("2026-11-24T10:00:00Z"));
    private final TicketKeyRing ring = KeyRotation.DEFAULT.next(TicketKeyRing.empty(), clock.instant());
    private final HeapSessionKeyStore keys = new HeapSessionKeyStore(100, clock);
    private final List<String> calls = new ArrayList<>();
    private final AtomicReference<String> failing = new AtomicReference<>("");
    private final ForgetList list = new ForgetList(ForgetLog.none(), SessionTerms.LONGEST, 100, 100, clock);
    private final ResumptionStatistics statistics = new ResumptionStatistics();
    private final MemoryEngine here = node();
    private final MemoryEngine there = node();

    private MemoryEngine node()
    {
        SessionKeyStore store = (SessionKeyStore)Proxy.newProxyInstance(getClass().getClassLoader(), new Class<?>[]{SessionKeyStore.class},
            (proxy, method, arguments) ->
            {
                calls.add(method.getName());
                if (method.getName().equals(failing.get()))
                {
                    throw new IOException("for a test");
                }
                return method.invoke(keys, arguments);
            });
        Forgetting forgetting = new Forgetting(list, new ClientIdentities(ring::identityKey, 32, 64), store, clock, Duration.ofMinutes(2),
            Runnable::run, Runnable::run);
        SessionTerms once = new SessionTerms(ResumptionMode.CACHE, Duration.ofHours(1), true, "once");
        return new MemoryEngine(new ConnectorResumption("scope", "", client -> once, () -> ring, store, forgetting, clock, clock,
            clock::nanos, statistics));
    }

    private FakeHandshake handshake(Proof proof, boolean resumed)
    {
        FakeHandshake first = FakeHandshake.at(clock.instant()).withProof(proof);
        return resumed ? first.resuming(clock.instant()) : first;
    }

    private byte[] establish()
    {
        byte[] ticket = here.begin(handshake(Proof.MISSING, false)).seal(STATE, AAD, FORMAT).orElseThrow();
        calls.clear();
        return ticket;
    }

    private Optional<byte[]> open(MemoryEngine node, Proof proof, byte[] ticket)
    {
        return node.begin(handshake(proof, true)).open(ticket, AAD, FORMAT);
    }

    @Test
    void withoutProofATicketIsRefusedAndStaysGood()
    {
        byte[] ticket = establish();
        assertTrue(open(here, Proof.MISSING, ticket).isEmpty());
        assertTrue(open(there, Proof.MISSING, ticket).isEmpty());
        assertEquals(2, statistics.refusals(RefusalReason.REPLAYED));
        assertTrue(open(there, Proof.GIVEN, ticket).isPresent());
        assertTrue(open(here, Proof.GIVEN, ticket).isEmpty());
    }

    /**
     * As many as before with TLS 1.3, and one more with TLS 1.2.
     */
    @Test
    void proofInTheHelloCostsTwoRoundTripsToTheStoreAndALaterOneThree()
    {
        byte[] ticket = establish();
        MemoryEngine.Handshake early = here.begin(handshake(Proof.GIVEN, true));
        early.open(ticket, AAD, FORMAT);
        byte[] next = early.seal(STATE, AAD, FORMAT).orElseThrow();
        assertTrue(early.proven());
        early.finished(NO_ID);
        assertEquals(List.of("get", "replace"), calls);
        calls.clear();
        MemoryEngine.Handshake late = here.begin(handshake(Proof.LATER, true));
        late.open(next, AAD, FORMAT);
        late.seal(STATE, AAD, FORMAT);
        assertTrue(late.proven());
        late.finished(NO_ID);
        late.abandoned();
        assertEquals(List.of("get", "reserve", "commit"), calls);
        calls.clear();
        open(there, Proof.MISSING, next);
        assertEquals(List.of("get"), calls);
    }

    @Test
    void ofParallelOffersOnTwoNodesOneResumesAndItsTicketIsGood()
    {
        byte[] ticket = establish();
        MemoryEngine.Handshake first = here.begin(handshake(Proof.LATER, true));
        assertTrue(first.open(ticket, AAD, FORMAT).isPresent());
        assertTrue(open(there, Proof.LATER, ticket).isEmpty());
        byte[] next = first.seal(STATE, AAD, FORMAT).orElseThrow();
        assertTrue(first.proven());
        assertTrue(open(there, Proof.LATER, ticket).isEmpty());
        assertTrue(open(there, Proof.LATER, next).isPresent());
    }

    @Test
    void anAbandonedTicketIsGoodAgainOnTheOtherNode()
    {
        byte[] ticket = establish();
        MemoryEngine.Handshake first = here.begin(handshake(Proof.LATER, true));
        assertTrue(first.open(ticket, AAD, FORMAT).isPresent());
        byte[] next = first.seal(STATE, AAD, FORMAT).orElseThrow();
        first.abandoned();
        assertTrue(open(there, Proof.LATER, next).isEmpty(), "its session has not resumed");
        assertTrue(open(there, Proof.LATER, ticket).isPresent());
    }

    @Test
    void whatWasUsedMeanwhileIsNotProven()
    {
        byte[] ticket = establish();
        MemoryEngine.Handshake late = here.begin(handshake(Proof.LATER, true));
        assertTrue(late.open(ticket, AAD, FORMAT).isPresent());
        clock.advance(SessionKeyStore.RESERVATION);
        MemoryEngine.Handshake early = there.begin(handshake(Proof.LATER, true));
        assertTrue(early.open(ticket, AAD, FORMAT).isPresent());
        assertFalse(late.proven());
        assertTrue(early.proven());
    }

    @Test
    void aSessionThatWasForgottenMeanwhileDoesNotEndTheConnection() throws Exception
    {
        byte[] ticket = establish();
        MemoryEngine.Handshake tickets = here.begin(handshake(Proof.LATER, true));
        assertTrue(tickets.open(ticket, AAD, FORMAT).isPresent());
        keys.removeIf(any -> true);
        assertTrue(tickets.proven());
        assertEquals(0, keys.size());
    }

    /**
     * Which call of the store fails.
     */
    enum Call
    {
        GET,
        REPLACE,
        RESERVE
    }

    @ParameterizedTest
    @EnumSource(Call.class)
    void aStoreThatFailsCostsAFullHandshakeAndNoTicket(Call call)
    {
        byte[] ticket = establish();
        Proof proof = call == Call.RESERVE ? Proof.LATER : Proof.GIVEN;
        failing.set(call.name().toLowerCase(Locale.ROOT));
        assertTrue(open(here, proof, ticket).isEmpty());
        assertEquals(1, statistics.refusals(RefusalReason.STORE_UNAVAILABLE));
        failing.set("");
        assertTrue(open(here, proof, ticket).isPresent());
    }

    @Test
    void aStoreThatFailsAtTheProofEndsNoConnection()
    {
        byte[] ticket = establish();
        MemoryEngine.Handshake tickets = here.begin(handshake(Proof.LATER, true));
        tickets.open(ticket, AAD, FORMAT);
        failing.set("commit");
        assertTrue(tickets.proven());
        assertEquals(1, statistics.refusals(RefusalReason.STORE_UNAVAILABLE));
    }

    /**
     * As where a database is gone, or Redis has failed over, between the use on the other node and the proof of the first.
     */
    @ParameterizedTest
    @ValueSource(strings = {"commit", "get"})
    void whatMayHaveBeenUsedMeanwhileIsNotProvenByAStoreThatFails(String call)
    {
        byte[] ticket = establish();
        MemoryEngine.Handshake late = here.begin(handshake(Proof.LATER, true));
        assertTrue(late.open(ticket, AAD, FORMAT).isPresent());
        clock.advance(SessionKeyStore.RESERVATION);
        MemoryEngine.Handshake early = there.begin(handshake(Proof.LATER, true));
        assertTrue(early.open(ticket, AAD, FORMAT).isPresent());
        assertTrue(early.proven());
        failing.set(call);
        assertFalse(late.proven());
        assertEquals(1, statistics.refusals(RefusalReason.REPLAYED));
    }

    @Test
    void whatWasUsedAndForgottenMeanwhileIsNotProven() throws Exception
    {
        byte[] ticket = establish();
        MemoryEngine.Handshake late = here.begin(handshake(Proof.LATER, true));
        assertTrue(late.open(ticket, AAD, FORMAT).isPresent());
        clock.advance(SessionKeyStore.RESERVATION);
        MemoryEngine.Handshake early = there.begin(handshake(Proof.LATER, true));
        assertTrue(early.open(ticket, AAD, FORMAT).isPresent());
        assertTrue(early.proven());
        keys.removeIf(any -> true);
        assertFalse(late.proven());
    }

    @Test
    void whatNobodyCanHaveUsedIsProvenAlsoWhereItIsGoneFromAStoreThatFails() throws Exception
    {
        byte[] ticket = establish();
        MemoryEngine.Handshake tickets = here.begin(handshake(Proof.LATER, true));
        assertTrue(tickets.open(ticket, AAD, FORMAT).isPresent());
        clock.advance(SessionKeyStore.RESERVATION.minusMillis(1));
        failing.set("commit");
        assertTrue(tickets.proven());
    }
}
