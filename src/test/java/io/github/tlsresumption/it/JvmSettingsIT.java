package io.github.tlsresumption.it;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static io.github.tlsresumption.it.ModuleBase.ONE;
import static io.github.tlsresumption.it.ModuleBase.TLS12;
import static io.github.tlsresumption.it.ModuleBase.TLS13;
import static io.github.tlsresumption.it.ModuleBase.openSsl;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * What system properties make SunJSSE do takes no session from anybody.
 */
@StartsProcesses
class JvmSettingsIT
{
    private static final String KEY_PERIOD = "-Djdk.tls.server.statelessKeyTimeout=2";

    @ParameterizedTest
    @ValueSource(strings = {TLS12, TLS13})
    void theKeyNumberStaysWhileSunJsseRenewsItsKey(String protocol)
    {
        try (JettyProcess jetty = ModuleBase.probed("jvm-period", "ticket", "ticket").start(KEY_PERIOD))
        {
            OpenSsl client = OpenSsl.client(jetty.port()).host(ONE).protocol(protocol);
            Set<Integer> numbers = new HashSet<>();
            numbers.add(ByteBuffer.wrap(client.connect().ticket()).getInt());
            long end = System.nanoTime() + Duration.ofSeconds(6).toNanos();
            while (System.nanoTime() < end)
            {
                OpenSsl.Result result = client.connect();
                assertTrue(result.reused(), result::output);
                numbers.add(ByteBuffer.wrap(result.ticket()).getInt());
            }
            assertEquals(1, numbers.size(), numbers::toString);
        }
    }

    @Test
    void anIdleNodeTakesTheTicketsOfAnother()
    {
        // SunJSSE's own key would be void after its period and the session timeout, together 5 seconds.
        JettyBase first = ModuleBase.probed("jvm-busy", "ticket", "ticket").property("jetty.tlsResumption.maxSessionDuration", "3");
        JettyBase second = ModuleBase.probed("jvm-idle", "ticket", "ticket").property("jetty.tlsResumption.maxSessionDuration", "3");
        Path keys = first.path().resolve(ModuleBase.KEY_FILE);
        second.property("jetty.tlsResumption.ticketKeyFile", keys.toString());
        try (JettyProcess busy = first.start(KEY_PERIOD); JettyProcess idle = second.start(KEY_PERIOD))
        {
            OpenSsl client = OpenSsl.client(busy.port()).host(ONE).protocol(TLS13);
            long end = System.nanoTime() + Duration.ofSeconds(7).toNanos();
            while (System.nanoTime() < end)
            {
                client.connect();
            }
            OpenSsl fresh = OpenSsl.client(busy.port()).host(ONE).protocol(TLS13);
            assertFalse(fresh.connect().reused());
            OpenSsl.Result elsewhere = fresh.at(idle.port()).connect();
            assertTrue(elsewhere.reused(), elsewhere::output);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"ticket", "cache"})
    void aHelloRetryRequestDoesNotMatter(String mode)
    {
        // OpenSSL begins with X25519, which this server does not know.
        try (JettyProcess jetty = ModuleBase.probed("jvm-retry", mode, "cache").start("-Djdk.tls.namedGroups=secp256r1"))
        {
            OpenSsl client = OpenSsl.client(jetty.port()).host(ONE).protocol(TLS13).option("-msg");
            client.connect();
            for (int i = 0; i < 3; i++)
            {
                OpenSsl.Result result = client.connect();
                assertTrue(result.reused(), result::output);
                assertTrue(result.output().split("ClientHello", -1).length >= 3, result::output);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"secp384r1", "x25519"})
    void hardenedCurvesDoNotMatter(String curve)
    {
        JettyBase base = ModuleBase.probed("jvm-curve", "ticket", "cache").keyStore(KeyMaterial.server(KeyMaterial.Algorithm.RSA, ONE));
        try (JettyProcess jetty = base.start("-Djdk.tls.namedGroups=" + curve))
        {
            OpenSsl client = OpenSsl.client(jetty.port()).host(ONE).protocol(TLS13);
            client.connect();
            OpenSsl.Result result = client.connect();
            assertTrue(result.reused(), result::output);
        }
    }

    @Test
    void whatTheSelfTestCannotTryResumesAllTheSame()
    {
        String noTicketsForClients = "-Djdk.tls.client.enableSessionTicketExtension=false";
        try (JettyProcess jetty = ModuleBase.probed("jvm-untested", "ticket", "ticket").start(noTicketsForClients))
        {
            OpenSsl client = OpenSsl.client(jetty.port()).host(ONE).protocol(TLS12);
            client.connect();
            for (int i = 0; i < 3; i++)
            {
                OpenSsl.Result result = client.connect();
                assertTrue(result.reused(), result::output);
            }
        }
    }

    /**
     * They are about connections to other servers; but the client of the self-test is one of the JVM's.
     */
    @ParameterizedTest
    @ValueSource(strings = {"-Djdk.tls.client.SignatureSchemes=rsa_pkcs1_sha256",
        "-Djavax.net.ssl.sessionCacheSize=1",
        "-Djdk.tls.client.disableExtensions=session_ticket,psk_key_exchange_modes -Djdk.tls.client.maxInboundCertificateChainLength=0"})
    void whatClientsOfTheJvmMayOfferDoesNotMatter(String options)
    {
        try (JettyProcess jetty = ModuleBase.probed("jvm-client", "ticket", "ticket").start(options.split(" ")))
        {
            for (String protocol : List.of(TLS13, TLS12))
            {
                OpenSsl client = OpenSsl.client(jetty.port()).host(ONE).protocol(protocol);
                client.connect();
                OpenSsl.Result result = client.connect();
                assertTrue(result.reused(), result::output);
            }
        }
    }

    /**
     * A server takes the suites of the JVM's clients for its own, a stock Jetty too, so this one has TLS 1.2 with RSA alone.
     */
    @Test
    void suitesOfTheJvmsClientsThatSuitNoCertificateOfTheSelfTestDoNotMatter()
    {
        try (JettyProcess jetty = ModuleBase.probed("jvm-suites", "ticket", "ticket")
            .keyStore(KeyMaterial.server(KeyMaterial.Algorithm.RSA, ONE))
            .start("-Djdk.tls.client.cipherSuites=TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"))
        {
            OpenSsl client = OpenSsl.client(jetty.port()).host(ONE).protocol(TLS12);
            client.connect();
            OpenSsl.Result result = client.connect();
            assertTrue(result.reused(), result::output);
        }
    }

    @Test
    void withoutAnyTicketOfItsClientsTheJvmsServerGivesThem()
    {
        String[] options = {"-Djdk.tls.server.protocols=TLSv1.2", "-Djdk.tls.client.enableSessionTicketExtension=false"};
        try (JettyProcess jetty = ModuleBase.probed("jvm-none", "ticket", "ticket").start(options))
        {
            OpenSsl client = OpenSsl.client(jetty.port()).host(ONE).protocol(TLS12);
            client.connect();
            OpenSsl.Result result = client.connect();
            assertTrue(result.reused(), result::output);
            assertTrue(jetty.log().contains("jdk.tls.client.enableSessionTicketExtension"), jetty::log);
        }
    }

    /**
     * Jetty goes by the protocols that clients of the JVM have.
     */
    @Test
    void theStartLineSaysWhatIsNotEnabled()
    {
        try (JettyProcess jetty = ModuleBase.probed("jvm-line", "ticket", "ticket").start("-Djdk.tls.client.protocols=TLSv1.2"))
        {
            OpenSsl client = OpenSsl.client(jetty.port()).host(ONE).protocol(TLS12);
            client.connect();
            OpenSsl.Result result = client.connect();
            assertTrue(result.reused(), result::output);
            assertFalse(OpenSsl.client(jetty.port()).host(ONE).protocol(TLS13).connect().connected());
            assertTrue(jetty.log().contains("TLS 1.3 not at all, as it is not enabled, TLS 1.2 by ticket"), jetty::log);
        }
    }

    @Test
    void whereTheExtendedMasterSecretIsTurnedOffSessionsWithoutItAreResumed()
    {
        try (JettyProcess jetty = ModuleBase.probed("jvm-ems", "ticket", "ticket").start("-Djdk.tls.useExtendedMasterSecret=false"))
        {
            OpenSsl client = OpenSsl.client(jetty.port()).host(ONE).protocol(TLS12).configured("Options = -ExtendedMasterSecret");
            client.connect();
            OpenSsl.Result result = client.connect();
            assertTrue(result.reused(), result::output);
        }
    }

    @Test
    void whereSessionsWithoutExtendedMasterSecretAreForbiddenTheirClientsAreServed()
    {
        try (JettyProcess jetty = ModuleBase.probed("jvm-legacy", "ticket", "ticket").start("-Djdk.tls.allowLegacyResumption=false"))
        {
            OpenSsl client = openSsl(jetty, ONE, TLS12).configured("Options = -ExtendedMasterSecret");
            for (int i = 0; i < 3; i++)
            {
                OpenSsl.Result result = client.connect();
                assertFalse(result.reused(), result::output);
                assertEquals(200, result.reply().status(), result::output);
            }
        }
    }

    @Test
    void withoutTls13InTheJvmTls12Resumes()
    {
        try (JettyProcess jetty = ModuleBase.probed("jvm-tls12", "ticket", "ticket").start("-Djdk.tls.server.protocols=TLSv1.2"))
        {
            OpenSsl client = OpenSsl.client(jetty.port()).host(ONE).protocol(TLS12);
            client.connect();
            OpenSsl.Result result = client.connect();
            assertTrue(result.reused(), result::output);
        }
    }
}
