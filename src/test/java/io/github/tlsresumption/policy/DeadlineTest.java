package io.github.tlsresumption.policy;

import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;

import io.github.tlsresumption.crypto.SelfSignedCertificate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

class DeadlineTest
{
    private static final Instant START = Instant.parse("2026-11-23T10:00:00.123Z");
    private static final Duration HOUR = Duration.ofHours(1);

    private static SessionTerms terms(Duration duration)
    {
        return new SessionTerms(ResumptionMode.TICKET, duration);
    }

    private static Deadline anHour()
    {
        return Deadline.of(START, terms(HOUR), List.of());
    }

    @ParameterizedTest
    @CsvSource({"-1000,false", "-1,false", "0,true", "1,true", "1000,true"})
    void aSessionIsOverFromItsEndOn(long millisAfter, boolean over)
    {
        assertEquals(over, anHour().isOver(START.plus(HOUR).plusMillis(millisAfter)));
    }

    @ParameterizedTest
    @CsvSource({"-1000,false", "-1,false", "0,true", "1,true", "1000,true"})
    void aSessionIsOverFromTheEndOfItsClientsCertificateOn(long millisAfter, boolean over) throws Exception
    {
        // Certificates are valid for ten years from the clock of their making.
        Clock making = Clock.fixed(START.plus(Duration.ofMinutes(10)).minus(Duration.ofDays(3650)), ZoneOffset.UTC);
        X509Certificate certificate = SelfSignedCertificate.create("client", making).certificate();
        Instant end = certificate.getNotAfter().toInstant();
        Deadline deadline = Deadline.of(START, terms(HOUR), List.of(certificate));
        assertEquals(end, deadline.end());
        assertEquals(over, deadline.isOver(end.plusMillis(millisAfter)));
    }

    @ParameterizedTest
    @CsvSource({"-1000,false", "-1,false", "0,true", "1,true", "1000,true"})
    void stricterTermsEndASessionEarlier(long millisAfter, boolean over)
    {
        Deadline deadline = anHour().under(terms(HOUR.dividedBy(2)));
        assertEquals(over, deadline.isOver(START.plus(HOUR.dividedBy(2)).plusMillis(millisAfter)));
    }

    @Test
    void looserTermsAndLaterTimesExtendNothing()
    {
        Deadline deadline = anHour();
        assertSame(deadline, deadline.under(terms(HOUR.plusSeconds(1))));
        assertSame(deadline, deadline.under(terms(HOUR)));
        assertSame(deadline, deadline.noLaterThan(deadline.end()));
        assertSame(deadline, deadline.noLaterThan(deadline.end().plusMillis(1)));
        assertEquals(deadline.end().minusMillis(1), deadline.noLaterThan(deadline.end().minusMillis(1)).end());
    }

    @Test
    void aSessionThatEndsBeforeItBeginsIsOver()
    {
        assertTrue(anHour().noLaterThan(START).isOver(START.minusSeconds(1)));
        assertTrue(anHour().noLaterThan(START.minusSeconds(1)).isOver(START.minusSeconds(2)));
    }
}
