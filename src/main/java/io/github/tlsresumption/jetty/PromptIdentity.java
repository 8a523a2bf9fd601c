package io.github.tlsresumption.jetty;

import java.util.Locale;
import java.util.Set;

import org.eclipse.jetty.util.ssl.SslContextFactory;

/**
 * Whether a factory answers a ClientHello by what it has in memory: who the server is, and whether it asks who the client is.
 */
public final class PromptIdentity
{
    /** Whose keys are in memory once they are loaded; those of others may be in a token or a service. */
    private static final Set<String> IN_MEMORY = Set.of("pkcs12", "jks", "jceks");
    /** Whether SunJSSE asks the responder of the authority for the state of the server's certificate. */
    private static final String STAPLING = "jdk.tls.server.enableStatusRequestExtension";

    private PromptIdentity()
    {
    }

    /**
     * @param factory that has its key store
     * @return whether neither a key, a selector of certificates, a responder nor a client's certificate may make it wait
     */
    public static boolean of(SslContextFactory.Server factory)
    {
        String type = factory.getKeyStore() == null ? factory.getKeyStoreType() : factory.getKeyStore().getType();
        return type != null && IN_MEMORY.contains(type.toLowerCase(Locale.ROOT)) && factory.getKeyStoreProvider() == null
            && factory.getSNISelector() == null && !Boolean.getBoolean(STAPLING)
            && !factory.getNeedClientAuth() && !factory.getWantClientAuth();
    }
}
