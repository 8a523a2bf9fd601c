package io.github.tlsresumption;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

import io.github.tlsresumption.policy.Client;
import io.github.tlsresumption.policy.ConnectorTerms;
import io.github.tlsresumption.policy.ResumptionMode;
import io.github.tlsresumption.policy.Rules;
import io.github.tlsresumption.policy.RulesException;
import io.github.tlsresumption.policy.SessionTerms;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * Where tickets are forbidden for TLS 1.2 nobody gets one under a ticket key alone: not by the connector, a rule or a policy.
 */
class Tls12TicketModeTest
{
    private static final Duration HOUR = Duration.ofHours(1);
    private static final ConnectorTerms FORBIDDEN = new ConnectorTerms(ResumptionMode.TICKET, ResumptionMode.CACHE, HOUR, false);

    private static Client client(String protocol)
    {
        return new Client(protocol, Optional.empty(), Optional.empty(), List.of());
    }

    @Test
    void theConnectorsOwnModeIsRefused()
    {
        Exception refusal = assertThrows(IllegalArgumentException.class,
            () -> new ConnectorTerms(ResumptionMode.TICKET, ResumptionMode.TICKET, HOUR, false));
        assertEquals("jetty.tlsResumption.tls12Mode is ticket, which jetty.tlsResumption.tls12TicketMode=forbid rules out: "
            + "set cache or off", refusal.getMessage());
    }

    @ParameterizedTest
    @ValueSource(strings = {"a mode=ticket", "a mode=ticket protocol=TLSv1.2", "a mode=ticket host=x protocol=TLSv1.3,TLSv1.2"})
    void aRuleIsRefusedWithTheMend(String rule)
    {
        RulesException refusal = assertThrows(RulesException.class, () -> Rules.parse("rules", rule, FORBIDDEN));
        assertEquals("rules:1: rule 'a' says mode=ticket for TLSv1.2 too, which jetty.tlsResumption.tls12TicketMode=forbid rules out: "
            + "add protocol=TLSv1.3, or say mode=cache", refusal.getMessage());
        assertEquals(1, Rules.parse("rules", rule, new ConnectorTerms(ResumptionMode.TICKET, ResumptionMode.CACHE, HOUR)).names().size());
    }

    @Test
    void aRuleForTls13AndOtherModesAreNot()
    {
        Rules rules = Rules.parse("rules", "a host=x mode=cache; b mode=ticket protocol=TLSv1.3", FORBIDDEN);
        assertEquals(ResumptionMode.TICKET, rules.terms(client("TLSv1.3")).mode());
        assertEquals(ResumptionMode.CACHE, rules.terms(client("TLSv1.2")).mode());
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 24})
    void aPolicysTicketBecomesCache(long hours)
    {
        ConnectorPolicy policy = new ConnectorPolicy();
        policy.setCustom(any -> new SessionTerms(ResumptionMode.TICKET, Duration.ofHours(hours), false, "mine"));
        policy.start(FORBIDDEN);
        assertEquals(new SessionTerms(ResumptionMode.CACHE, HOUR, false, "mine"), policy.terms(client("TLSv1.2")));
        assertEquals(new SessionTerms(ResumptionMode.TICKET, HOUR, false, "mine"), policy.terms(client("TLSv1.3")));
    }

    @Test
    void theFactoryTakesTheSetting() throws Exception
    {
        ResumptionSslContextFactory factory = new ResumptionSslContextFactory();
        assertEquals("allow", factory.getTls12TicketMode());
        factory.setTls12TicketMode(" Forbid ");
        assertEquals("forbid", factory.getTls12TicketMode());
        assertThrows(IllegalArgumentException.class, () -> factory.setTls12TicketMode("never"));
        factory.setTls12Mode("ticket");
        Server server = new Server();
        server.addConnector(new ServerConnector(server, factory));
        Exception failure = assertThrows(Exception.class, server::start);
        assertTrue(failure.getMessage().contains("tls12TicketMode=forbid"), failure::getMessage);
        server.stop();
    }
}
