package io.github.tlsresumption.jsse;

import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSession;

import io.github.tlsresumption.jsse.Peers.Connection;
import io.github.tlsresumption.keys.KeyRotation;
import io.github.tlsresumption.keys.TicketKeyRing;
import io.github.tlsresumption.policy.ConnectorTerms;
import io.github.tlsresumption.policy.ResumptionMode;
import io.github.tlsresumption.resumption.ConnectorResumption;
import io.github.tlsresumption.resumption.ResumptionStatistics;
import io.github.tlsresumption.resumption.Resumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.ExtendWith;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

/**
 * A ring, a decision and a client for the tests of what SunJSSE does when left alone.
 */
@ExtendWith(SunJsseProviders.class)
abstract class SunJsseTrapsBase
{
    static final String ONE = "one.test";
    static final Duration DURATION = Duration.ofHours(1);

    final AtomicReference<Duration> ahead = new AtomicReference<>(Duration.ZERO);
    final ResumptionStatistics statistics = new ResumptionStatistics();
    TicketKeyRing ring;
    ConnectorResumption tickets;
    SSLContext client;

    @BeforeEach
    void setUp() throws Exception
    {
        ring = KeyRotation.DEFAULT.next(TicketKeyRing.empty(), Instant.now());
        tickets = resumption(ResumptionMode.TICKET, "scope");
        client = Peers.client();
    }

    ConnectorResumption resumption(ResumptionMode mode, String scope)
    {
        Clock clock = Clock.tick(new ShiftedClock(), Duration.ofNanos(1));
        return Resumptions.of(scope, new ConnectorTerms(mode, mode, DURATION), () -> ring, clock, statistics);
    }

    /**
     * The system's clock, moved.
     */
    private final class ShiftedClock extends Clock
    {
        @Override
        public ZoneOffset getZone()
        {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone)
        {
            return this;
        }

        @Override
        public Instant instant()
        {
            return Instant.now().plus(ahead.get());
        }
    }

    static void assertServedAs(X509Certificate certificate, Connection connection)
    {
        SSLSession session = connection.server().getSession();
        assertArrayEquals(new X509Certificate[]{certificate}, session.getLocalCertificates());
        assertEquals(certificate.getSubjectX500Principal(), session.getLocalPrincipal());
    }

    Connection connect(SSLContext server, SSLContext peer, String protocol, Consumer<SSLEngine> engine)
        throws SSLException
    {
        return Peers.connect(server, peer, protocol, ONE, parameters ->
        {
        }, engine);
    }
}
