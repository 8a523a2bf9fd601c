package io.github.tlsresumption.openssl;

import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;

import io.github.tlsresumption.FakeClock;
import io.github.tlsresumption.engine.TlsSession;
import io.github.tlsresumption.forget.ForgetList;
import io.github.tlsresumption.forget.ForgetLog;
import io.github.tlsresumption.keys.KeyRotation;
import io.github.tlsresumption.keys.TicketKeyRing;
import io.github.tlsresumption.policy.ClientIdentities;
import io.github.tlsresumption.policy.ResumptionMode;
import io.github.tlsresumption.policy.SessionTerms;
import io.github.tlsresumption.resumption.ConnectorResumption;
import io.github.tlsresumption.resumption.Forgetting;
import io.github.tlsresumption.resumption.RefusalReason;
import io.github.tlsresumption.resumption.ResumptionStatistics;
import io.github.tlsresumption.resumption.Resumptions;
import io.github.tlsresumption.sessions.HeapSessionKeyStore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * The native engine with the decision that servers have: what that promises holds for real handshakes.
 */
@EnabledIf("io.github.tlsresumption.openssl.Library#isThere")
class DecisionTest
{
    private static final Certificates.Identity SERVER = Certificates.of(Certificates.Kind.P256);
    private static final Certificates.Identity CLIENT = Certificates.of(Certificates.Kind.CLIENT);
    private static final Duration HOUR = Duration.ofHours(1);

    private final FakeClock clock = new FakeClock(Instant.now());
    private final TicketKeyRing ring = KeyRotation.DEFAULT.next(TicketKeyRing.empty(), clock.instant());
    private final HeapSessionKeyStore sessionKeys = new HeapSessionKeyStore(1000, clock);
    private final ResumptionStatistics statistics = new ResumptionStatistics();
    private final ForgetList forgetList = new ForgetList(ForgetLog.none(), HOUR, 1000, 1000, clock);
    private final Forgetting forgetting = new Forgetting(forgetList, new ClientIdentities(ring::identityKey, 32, 64), sessionKeys, clock,
        Duration.ofMinutes(2), Runnable::run, Runnable::run);
    private final LiveObjects live = new LiveObjects();
    private SessionTerms terms = new SessionTerms(ResumptionMode.TICKET, HOUR);
    private boolean trusted = true;
    private NativeContext context = server("");
    private SSLContext clientContext = Peer.client(new Certificates.Trust(SERVER), CLIENT);
    private Consumer<SSLParameters> ofServer = parameters ->
    {
    };

    private NativeContext server(String validation)
    {
        ConnectorResumption decision =
            Resumptions.of("scope", client -> terms, () -> ring, sessionKeys, forgetting, clock, statistics);
        NativeContext.Sessions sessions =
            new NativeContext.Sessions(decision, new SessionCache(decision, clock), validation.getBytes());
        return new NativeContext(Library.load().lib(), new KeyManager[]{new Certificates.Keys(SERVER)},
            new TrustManager[]{new Trust()}, sessions, 1, clock, live);
    }

    /**
     * Trusts everybody or nobody.
     */
    private final class Trust implements X509TrustManager
    {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType) throws CertificateException
        {
            if (!trusted)
            {
                throw new CertificateException("nobody is trusted");
            }
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType)
        {
            throw new UnsupportedOperationException();
        }

        @Override
        public X509Certificate[] getAcceptedIssuers()
        {
            return new X509Certificate[0];
        }
    }

    private void restart(String validation)
    {
        context.close();
        context = server(validation);
    }

    @AfterEach
    void nothingIsLeft()
    {
        context.close();
        sessionKeys.close();
        assertEquals("contexts=0, connections=0, credentials=0", live.toString());
    }

    private TlsSession connect(String protocol) throws SSLException
    {
        return connect(protocol, "one.test");
    }

    private TlsSession connect(String protocol, String host) throws SSLException
    {
        Peer client = Peer.client(clientContext, Peer.protocol(protocol)
            .andThen(parameters -> parameters.setServerNames(List.of(new SNIHostName(host)))));
        Peer server = Peer.server(context, ofServer);
        try
        {
            Peer.pump(client, server);
            assertTrue(client.finished && server.finished);
            return (TlsSession)server.engine.getSession().getValue(TlsSession.NAME);
        }
        finally
        {
            ((NativeSslEngine)server.engine).close();
        }
    }

    private void assertRefused(RefusalReason reason, TlsSession session)
    {
        assertFalse(session.resumed());
        assertEquals(1, statistics.refusals(reason));
    }

    @ParameterizedTest
    @CsvSource({"TLSv1.2, TICKET", "TLSv1.3, TICKET", "TLSv1.2, CACHE", "TLSv1.3, CACHE"})
    void aSessionIsResumedUntilItsDeadline(String protocol, ResumptionMode mode) throws SSLException
    {
        terms = new SessionTerms(mode, HOUR);
        TlsSession first = connect(protocol);
        assertEquals(mode.toString(), first.mode());
        restart("");
        for (int i = 0; i < 3; i++)
        {
            clock.advance(Duration.ofMinutes(15));
            TlsSession next = connect(protocol);
            assertTrue(next.resumed());
            assertEquals(first.id(), next.id());
            assertEquals(first.deadline(), next.deadline());
        }
        clock.advance(Duration.ofMinutes(15));
        assertRefused(RefusalReason.EXPIRED, connect(protocol));
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void aSessionIsBoundToItsHostAndItsContext(String protocol) throws SSLException
    {
        connect(protocol);
        restart("another trust store");
        assertRefused(RefusalReason.WRONG_CONTEXT, connect(protocol));
        assertTrue(connect(protocol).resumed());
        ofServer = parameters -> parameters.setWantClientAuth(true);
        assertFalse(connect(protocol).resumed());
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void whoIsForgottenIsNotResumed(String protocol) throws Exception
    {
        TlsSession first = connect(protocol);
        forgetting.forgetSession(first.id());
        assertRefused(RefusalReason.FORGOTTEN, connect(protocol));
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void whatIsOffIsNotResumedAndCounted(String protocol) throws SSLException
    {
        connect(protocol);
        terms = new SessionTerms(ResumptionMode.OFF, HOUR);
        assertRefused(RefusalReason.POLICY, connect(protocol));
        assertEquals("off", connect(protocol).mode());
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void aClientsCertificateIsCheckedAgain(String protocol) throws SSLException
    {
        ofServer = parameters -> parameters.setWantClientAuth(true);
        connect(protocol);
        assertTrue(connect(protocol).resumed());
        trusted = false;
        restart("");
        // The full handshake does not trust it either.
        assertThrows(SSLException.class, () -> connect(protocol));
        assertEquals(1, statistics.refusals(RefusalReason.CERTIFICATE));
    }

    @Test
    void aTicketOfOneUseIsUsedOnce() throws SSLException
    {
        terms = new SessionTerms(ResumptionMode.CACHE, HOUR, true, "once");
        TlsSession first = connect("TLSv1.3");
        TlsSession second = connect("TLSv1.3");
        TlsSession third = connect("TLSv1.3");
        assertTrue(second.resumed() && third.resumed());
        assertEquals(first.id(), third.id());
        // In TLS 1.2 a client keeps what it has used, and gets no other.
        TlsSession older = connect("TLSv1.2");
        assertTrue(connect("TLSv1.2").resumed());
        TlsSession next = connect("TLSv1.2");
        assertRefused(RefusalReason.REPLAYED, next);
        assertNotEquals(older.id(), next.id());
    }

    @Test
    void aClientWithoutTicketsIsResumedByItsIdUntilItIsForgotten() throws Exception
    {
        clientContext = Peer.clientWithoutTickets(new Certificates.Trust(SERVER));
        TlsSession first = connect("TLSv1.2");
        TlsSession second = connect("TLSv1.2");
        assertEquals("session-id", second.mode());
        assertTrue(second.resumed());
        assertEquals(first.id(), second.id());
        forgetting.forgetSession(first.id());
        assertRefused(RefusalReason.FORGOTTEN, connect("TLSv1.2"));
        assertEquals(Optional.empty(), context.cache().get(new byte[32]));
    }
}
