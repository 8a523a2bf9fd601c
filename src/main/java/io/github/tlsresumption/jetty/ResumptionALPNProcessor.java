package io.github.tlsresumption.jetty;

import java.security.GeneralSecurityException;
import java.util.ServiceLoader;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;

import io.github.tlsresumption.engine.ResumingEngine;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.ssl.ALPNProcessor;

/**
 * ALPN for our engine by the processor that Jetty has for the JDK's. That one knows the JDK's by their module,
 * so it does not take ours, but what it does to them is good for ours.
 */
public final class ResumptionALPNProcessor implements ALPNProcessor.Server
{
    private static final String JDK_PROVIDER = "SunJSSE";

    private volatile ALPNProcessor.Server processor;

    /**
     * @throws IllegalStateException when there is no processor for the JDK's engines, as without jetty-alpn-java-server
     */
    @Override
    public void init()
    {
        SSLEngine engine;
        try
        {
            // Not the default context, which another provider or an unusable key store may be behind.
            SSLContext context = SSLContext.getInstance("TLS", JDK_PROVIDER);
            context.init(new KeyManager[0], new TrustManager[0], null);
            engine = context.createSSLEngine();
        }
        catch (GeneralSecurityException e)
        {
            throw new IllegalStateException(e);
        }
        processor = ServiceLoader.load(ALPNProcessor.Server.class).stream()
            .filter(provider -> provider.type() != getClass())
            .map(ServiceLoader.Provider::get)
            .filter(candidate -> candidate.appliesTo(engine))
            .findFirst()
            .orElseThrow(() -> new IllegalStateException("no ALPN processor for the JDK: add jetty-alpn-java-server"));
        processor.init();
    }

    @Override
    public boolean appliesTo(SSLEngine sslEngine)
    {
        return sslEngine instanceof ResumingEngine;
    }

    @Override
    public void configure(SSLEngine sslEngine, Connection connection)
    {
        processor.configure(sslEngine, connection);
    }
}
