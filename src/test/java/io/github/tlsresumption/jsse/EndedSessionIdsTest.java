package io.github.tlsresumption.jsse;

import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.time.Clock;
import java.time.Duration;
import java.util.Collections;

import io.github.tlsresumption.ResumptionSslContextFactory;
import io.github.tlsresumption.crypto.SelfSignedCertificate;
import io.github.tlsresumption.it.Await;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.junit.jupiter.api.Assertions.assertEquals;

/**
 * A running factory takes sessions that have ended out of SunJSSE's cache, without their being offered.
 */
class EndedSessionIdsTest
{
    private static final String HOST = "one.test";
    private static final String TLS12 = "TLSv1.2";
    private static final char[] PASSWORD = "only-for-tests".toCharArray();
    private static final Duration LIMIT = Duration.ofMinutes(1);

    @TempDir
    private Path directory;
    private Path rules;
    private final ResumptionSslContextFactory factory = new ResumptionSslContextFactory();

    /**
     * Why a session ends.
     */
    enum End
    {
        EVERYONE_FORGOTTEN
        {
            @Override
            void happen(EndedSessionIdsTest test) throws Exception
            {
                test.factory.forgetEveryone();
            }
        },
        CLIENT_FORGOTTEN
        {
            @Override
            void happen(EndedSessionIdsTest test) throws Exception
            {
                test.factory.forgetClient("192.0.2.1");
            }
        },
        RULE_CHANGED
        {
            @Override
            void happen(EndedSessionIdsTest test) throws Exception
            {
                Files.writeString(test.rules, "all protocol=TLSv1.2 mode=off\n");
                test.factory.reloadRules();
            }
        };

        abstract void happen(EndedSessionIdsTest test) throws Exception;
    }

    @BeforeEach
    void start() throws Exception
    {
        SelfSignedCertificate certificate = SelfSignedCertificate.create(HOST, Clock.systemUTC());
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setKeyEntry("first", certificate.privateKey(), PASSWORD, new Certificate[]{certificate.certificate()});
        Path file = directory.resolve("keystore.p12");
        try (OutputStream out = Files.newOutputStream(file))
        {
            store.store(out, PASSWORD);
        }
        rules = Files.writeString(directory.resolve("rules"), "all protocol=TLSv1.2 mode=cache\n");
        factory.setKeyStorePath(file.toString());
        factory.setKeyStorePassword(new String(PASSWORD));
        factory.setRulesFile(rules.toString());
        factory.start();
    }

    @AfterEach
    void stop() throws Exception
    {
        factory.stop();
    }

    private int cached()
    {
        return Collections.list(factory.getSslContext().getServerSessionContext().getIds()).size();
    }

    @ParameterizedTest
    @EnumSource
    void sessionsThatHaveEndedLeaveTheCache(End end) throws Exception
    {
        Peers.connect(factory.newSSLEngine("192.0.2.1", 49152), Peers.clientWithoutTickets(), TLS12, HOST);
        assertEquals(1, cached());
        end.happen(this);
        Await.until(LIMIT, () -> cached() == 0, () -> "the session is in the cache still");
    }
}
