package io.github.tlsresumption.jetty;

import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.time.Clock;

import io.github.tlsresumption.ResumptionSslContextFactory;
import io.github.tlsresumption.crypto.SelfSignedCertificate;

/**
 * Factories for servers in the test's own JVM.
 */
final class TestFactories
{
    private static final String PASSWORD = "only-for-tests";

    private TestFactories()
    {
    }

    /**
     * @param directory for the key store
     * @param host whom a new certificate names
     * @return a new factory of mode cache, not yet started
     */
    static ResumptionSslContextFactory cache(Path directory, String host) throws Exception
    {
        SelfSignedCertificate certificate = SelfSignedCertificate.create(host, Clock.systemUTC());
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setKeyEntry(host, certificate.privateKey(), PASSWORD.toCharArray(), new Certificate[]{certificate.certificate()});
        Path file = directory.resolve("server.p12");
        try (OutputStream out = Files.newOutputStream(file))
        {
            store.store(out, PASSWORD.toCharArray());
        }
        ResumptionSslContextFactory factory = new ResumptionSslContextFactory();
        factory.setKeyStorePath(file.toString());
        factory.setKeyStorePassword(PASSWORD);
        factory.setMode("cache");
        return factory;
    }
}
