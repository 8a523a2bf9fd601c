package io.github.tlsresumption.resumption;

import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

import io.github.tlsresumption.engine.TlsSession;
import io.github.tlsresumption.keys.TicketKeyRing;
import io.github.tlsresumption.policy.ResumptionMode;
import io.github.tlsresumption.policy.SessionTerms;
import io.github.tlsresumption.sessions.SessionKeys;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * Who was forgotten does not resume.
 */
class ForgottenSessionTest extends ResumptionContract
{
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
    void aTicketUnderAnEarlierKeyOfItsSessionIsForgotten() throws IOException
    {
        policy = terms(ResumptionMode.CACHE, HOUR);
        Got got = establish();
        sessionKeys.put(SessionKeys.of(got.session().id(), START.plus(HOUR)));
        assertRefused(RefusalReason.FORGOTTEN, got.ticket());
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
}
