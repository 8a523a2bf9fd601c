package io.github.tlsresumption.jsse;

import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CRL;
import java.security.cert.Certificate;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManager;

import io.github.tlsresumption.ResumptionSslContextFactory;
import io.github.tlsresumption.crypto.SelfSignedCertificate;
import io.github.tlsresumption.jsse.Peers.Connection;
import org.eclipse.jetty.util.resource.Resource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * Handshakes that run while Jetty reloads its key store, in which it first forgets what it knew of the certificates.
 */
class KeyStoreReloadTest
{
    private static final String TLS13 = "TLSv1.3";
    private static final String ONE = "one.test";
    private static final String TWO = "two.test";
    private static final String THREE = "three.test";
    private static final char[] PASSWORD = "only-for-tests".toCharArray();
    private static final int RELOADS = 40;

    @TempDir
    private Path directory;
    private final PausingFactory factory = new PausingFactory();
    private SelfSignedCertificate one;
    private SelfSignedCertificate two;
    private SelfSignedCertificate three;

    @BeforeEach
    void start() throws Exception
    {
        one = SelfSignedCertificate.create(ONE, Clock.systemUTC());
        two = SelfSignedCertificate.create(TWO, Clock.systemUTC());
        three = SelfSignedCertificate.create(THREE, Clock.systemUTC());
        factory.next = keyStore(one, two);
        // Jetty takes trust anchors from there.
        Path file = directory.resolve("keystore.p12");
        try (OutputStream out = Files.newOutputStream(file))
        {
            factory.next.store(out, PASSWORD);
        }
        factory.setKeyStorePath(file.toString());
        factory.setKeyStorePassword(new String(PASSWORD));
        factory.setMode("ticket");
        factory.setTls12Mode("ticket");
        factory.start();
    }

    @AfterEach
    void stop() throws Exception
    {
        factory.stop();
    }

    private static KeyStore keyStore(SelfSignedCertificate first, SelfSignedCertificate second) throws Exception
    {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setKeyEntry("first", first.privateKey(), PASSWORD, new Certificate[]{first.certificate()});
        store.setKeyEntry("second", second.privateKey(), PASSWORD, new Certificate[]{second.certificate()});
        return store;
    }

    private Certificate certificate(String host)
    {
        return (ONE.equals(host) ? one : two).certificate();
    }

    private SSLEngine engine()
    {
        return factory.newSSLEngine("192.0.2.1", 49152);
    }

    private Certificate shown(Connection connection) throws SSLException
    {
        return connection.client().getSession().getPeerCertificates()[0];
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
    void whileNothingIsLoadedTheCertificatesOfBeforeAreInForce(String protocol) throws Exception
    {
        List<String> seen = new ArrayList<>();
        List<Callable<Void>> handshakes = new ArrayList<>();
        for (String host : List.of(ONE, TWO))
        {
            SSLContext client = Peers.client();
            Peers.connect(engine(), client, protocol, host);
            SSLEngine returning = engine();
            SSLEngine first = engine();
            handshakes.add(() ->
            {
                Connection resumed = Peers.connect(returning, client, protocol, host);
                assertEquals(certificate(host), shown(Peers.connect(first, Peers.client(), protocol, host)));
                assertEquals(certificate(host), shown(resumed));
                assertTrue(resumed.resumed(), host);
                seen.add(host);
                return null;
            });
        }
        factory.emptied = handshakes;
        factory.reload(ignored ->
        {
        });
        assertEquals(List.of(ONE, TWO), seen);
    }

    /**
     * The new key store has the two certificates under each other's alias.
     */
    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
    void anEngineOfBeforeChoosesAmongTheCertificatesOfBefore(String protocol) throws Exception
    {
        factory.next = keyStore(two, one);
        List<Callable<Void>> handshakes = new ArrayList<>();
        for (String host : List.of(ONE, TWO))
        {
            SSLEngine before = engine();
            handshakes.add(() ->
            {
                assertEquals(certificate(host), shown(Peers.connect(before, Peers.client(), protocol, host)));
                return null;
            });
        }
        factory.filled = handshakes;
        factory.reload(ignored ->
        {
        });
        for (String host : List.of(ONE, TWO))
        {
            assertEquals(certificate(host), shown(Peers.connect(engine(), Peers.client(), protocol, host)));
        }
    }

    @Test
    void aHostThatComesWithTheReloadGetsFromAnEngineOfBeforeWhatItGotBefore() throws Exception
    {
        Certificate fallback = shown(Peers.connect(engine(), Peers.client(), TLS13, THREE));
        KeyStore more = keyStore(one, two);
        more.setKeyEntry("third", three.privateKey(), PASSWORD, new Certificate[]{three.certificate()});
        factory.next = more;
        SSLEngine before = engine();
        factory.filled = List.of(() ->
        {
            assertEquals(fallback, shown(Peers.connect(before, Peers.client(), TLS13, THREE)));
            return null;
        });
        factory.reload(ignored ->
        {
        });
        assertEquals(three.certificate(), shown(Peers.connect(engine(), Peers.client(), TLS13, THREE)));
    }

    /**
     * Jetty takes the context first and customizes the engine then.
     */
    @Test
    void anEngineMadeInAReloadLacksNothing() throws Exception
    {
        SSLParameters usual = engine().getSSLParameters();
        CountDownLatch emptied = new CountDownLatch(1);
        CountDownLatch customized = new CountDownLatch(1);
        factory.emptied = List.of(() ->
        {
            emptied.countDown();
            assertTrue(customized.await(10, TimeUnit.SECONDS));
            return null;
        });
        ExecutorService reloading = Executors.newSingleThreadExecutor();
        try
        {
            AtomicReference<Future<?>> reload = new AtomicReference<>();
            factory.beforeCustomizing = () ->
            {
                reload.set(reloading.submit(() ->
                {
                    factory.reload(ignored ->
                    {
                    });
                    return null;
                }));
                assertTrue(emptied.await(10, TimeUnit.SECONDS));
                return null;
            };
            factory.afterCustomizing = customized::countDown;
            SSLParameters parameters = engine().getSSLParameters();
            reload.get().get();
            assertEquals(1, parameters.getSNIMatchers().size());
            assertArrayEquals(usual.getProtocols(), parameters.getProtocols());
            assertArrayEquals(usual.getCipherSuites(), parameters.getCipherSuites());
        }
        finally
        {
            reloading.shutdownNow();
        }
    }

    @Test
    void reloadsCostNoResumptionAndShowNoOtherHostsCertificate() throws Exception
    {
        ExecutorService threads = Executors.newFixedThreadPool(4);
        AtomicBoolean over = new AtomicBoolean();
        try
        {
            List<Future<Integer>> clients = new ArrayList<>();
            for (int i = 0; i < 4; i++)
            {
                String host = i % 2 == 0 ? ONE : TWO;
                String protocol = i < 2 ? TLS13 : "TLSv1.2";
                clients.add(threads.submit(() -> returning(over, protocol, host)));
            }
            for (int i = 0; i < RELOADS; i++)
            {
                factory.reload(ignored ->
                {
                });
            }
            over.set(true);
            for (Future<Integer> client : clients)
            {
                assertTrue(client.get() > 1);
            }
        }
        finally
        {
            over.set(true);
            threads.shutdownNow();
        }
    }

    private int returning(AtomicBoolean over, String protocol, String host) throws GeneralSecurityException, SSLException
    {
        SSLContext client = Peers.client();
        Peers.connect(engine(), client, protocol, host);
        int connections = 0;
        while (!over.get() || connections < 2)
        {
            Connection connection = Peers.connect(engine(), client, protocol, host);
            connections++;
            assertEquals(certificate(host), shown(connection), protocol + " " + host);
            assertTrue(connection.resumed(), protocol + " " + host + ", connection " + connections);
            assertEquals(certificate(host), shown(Peers.connect(engine(), Peers.client(), protocol, host)));
        }
        return connections;
    }

    /**
     * Lets something happen in the midst of a reload.
     */
    private static final class PausingFactory extends ResumptionSslContextFactory
    {
        private KeyStore next;
        private List<Callable<Void>> emptied = List.of();
        private List<Callable<Void>> filled = List.of();
        private Callable<Void> beforeCustomizing;
        private Runnable afterCustomizing;

        @Override
        public void customize(SSLEngine engine)
        {
            Callable<Void> before = beforeCustomizing;
            beforeCustomizing = null;
            try
            {
                if (before != null)
                {
                    before.call();
                }
            }
            catch (Exception e)
            {
                throw new IllegalStateException(e);
            }
            super.customize(engine);
            if (before != null)
            {
                afterCustomizing.run();
            }
        }

        @Override
        protected KeyStore loadKeyStore(Resource resource) throws Exception
        {
            for (Callable<Void> handshake : emptied)
            {
                handshake.call();
            }
            return next;
        }

        @Override
        protected TrustManager[] getTrustManagers(KeyStore trustStore, Collection<? extends CRL> crls) throws Exception
        {
            for (Callable<Void> handshake : filled)
            {
                handshake.call();
            }
            return super.getTrustManagers(trustStore, crls);
        }
    }
}
