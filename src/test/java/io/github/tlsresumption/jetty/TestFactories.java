package io.github.tlsresumption.jetty;

import java.nio.file.Path;

import io.github.tlsresumption.ResumptionSslContextFactory;
import io.github.tlsresumption.ServerKeyStore;

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
        Path file = directory.resolve("server.p12");
        ServerKeyStore.write(file, host, PASSWORD);
        ResumptionSslContextFactory factory = new ResumptionSslContextFactory();
        factory.setKeyStorePath(file.toString());
        factory.setKeyStorePassword(PASSWORD);
        factory.setMode("cache");
        return factory;
    }
}
