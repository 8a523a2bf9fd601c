package io.github.tlsresumption.resumption;

import java.util.List;
import java.util.Map;

import io.github.tlsresumption.policy.ResumptionMode;
import io.github.tlsresumption.policy.SessionTerms;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * A ticket for a single use resumes once.
 */
class SingleUseTest extends ResumptionContract
{
    @Test
    void ofSeveralTicketsForASingleUseOneResumes()
    {
        policy = client -> new SessionTerms(ResumptionMode.CACHE, HOUR, true, "once");
        List<Got> got = establishWithTwoTickets();
        resume(got.get(1).ticket());
        assertTrue(open(got.get(0).ticket()).isEmpty());
        assertRefusals(Map.of(RefusalReason.REPLAYED, 1));
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
}
