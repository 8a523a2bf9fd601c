package io.github.tlsresumption.policy;

import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

import io.github.tlsresumption.crypto.SelfSignedCertificate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class SessionTermsTest
{
    @ParameterizedTest
    @CsvSource({"cache,CACHE", "ticket,TICKET", "off,OFF", "TICKET,TICKET", "' Cache ',CACHE"})
    void aModeIsFoundByItsNameInAnyCase(String name, ResumptionMode mode)
    {
        assertEquals(mode, ResumptionMode.of(name));
        assertEquals(mode, ResumptionMode.of(mode.toString()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "tickets", "on", "true", "session-id"})
    void anUnknownModeIsRefusedWithTheListOfModes(String name)
    {
        String message = assertThrows(IllegalArgumentException.class, () -> ResumptionMode.of(name)).getMessage();
        assertEquals("unknown resumption mode '" + name + "': use cache, ticket or off", message);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 86_400, 604_799, 604_800})
    void aSessionMayLastOneSecondToSevenDays(long seconds)
    {
        assertEquals(seconds, new SessionTerms(ResumptionMode.TICKET, Duration.ofSeconds(seconds)).maxDuration().toSeconds());
    }

    @ParameterizedTest
    @ValueSource(longs = {0, -1, 604_801, Long.MIN_VALUE, Long.MAX_VALUE})
    void anyOtherDurationIsRefusedByTheNameOfItsSettingWithItsBounds(long seconds)
    {
        String start = "jetty.tlsResumption.maxSessionDuration is " + seconds + " seconds: set 1 to 604800";
        for (ResumptionMode mode : ResumptionMode.values())
        {
            String message = assertThrows(IllegalArgumentException.class, () -> new SessionTerms(mode, Duration.ofSeconds(seconds)))
                .getMessage();
            assertTrue(message.startsWith(start), message);
            message = assertThrows(IllegalArgumentException.class,
                () -> new ConnectorTerms(ResumptionMode.OFF, mode, Duration.ofSeconds(seconds))).getMessage();
            assertTrue(message.startsWith(start), message);
        }
    }

    @Test
    void sevenDaysAndAMillisecondAreTooLong()
    {
        Duration duration = SessionTerms.LONGEST.plusMillis(1);
        assertThrows(IllegalArgumentException.class, () -> new SessionTerms(ResumptionMode.TICKET, duration));
    }

    @ParameterizedTest
    @CsvSource({"TLSv1.3,TICKET", "TLSv1.2,CACHE", "TLSv1.1,CACHE", "'',CACHE"})
    void aConnectorHasOneModeForTls13AndAnotherForWhatIsOlder(String protocol, ResumptionMode mode)
    {
        ConnectorTerms terms = new ConnectorTerms(ResumptionMode.TICKET, ResumptionMode.CACHE, Duration.ofHours(1));
        Client client = new Client(protocol, Optional.empty(), Optional.empty(), List.of());
        assertEquals(new SessionTerms(mode, Duration.ofHours(1)), terms.terms(client));
    }

    @Test
    void aModeIsNeverMissing()
    {
        assertThrows(NullPointerException.class, () -> new SessionTerms(null, Duration.ofHours(1)));
        assertThrows(NullPointerException.class, () -> new ConnectorTerms(ResumptionMode.OFF, null, Duration.ofHours(1)));
    }

    @Test
    void whatIsKnownOfAClientDoesNotChangeAfterwards() throws Exception
    {
        List<X509Certificate> chain = new ArrayList<>();
        chain.add(SelfSignedCertificate.create("client", Clock.systemUTC()).certificate());
        Client client = new Client("TLSv1.3", Optional.of("one.test"), Optional.of("192.0.2.1"), chain);
        chain.clear();
        assertEquals(1, client.certificates().size());
        assertThrows(UnsupportedOperationException.class, () -> client.certificates().clear());
    }

    @Test
    void aSingleUseIsForModeCacheAndMeansNothingInModeOff()
    {
        assertTrue(new SessionTerms(ResumptionMode.CACHE, Duration.ofHours(1), true, "pay").singleUse());
        assertTrue(new SessionTerms(ResumptionMode.OFF, Duration.ofHours(1), true, "pay").singleUse());
        String message = assertThrows(IllegalArgumentException.class,
            () -> new SessionTerms(ResumptionMode.TICKET, Duration.ofHours(1), true, "pay")).getMessage();
        assertTrue(message.endsWith("use mode cache"), message);
    }

    @Test
    void termsThatNoRuleGaveNameNone()
    {
        SessionTerms terms = new SessionTerms(ResumptionMode.TICKET, Duration.ofHours(1));
        assertEquals(new SessionTerms(ResumptionMode.TICKET, Duration.ofHours(1), false, ""), terms);
        assertThrows(NullPointerException.class, () -> new SessionTerms(ResumptionMode.TICKET, Duration.ofHours(1), false, null));
    }
}
