package io.github.tlsresumption.openssl;

import java.security.GeneralSecurityException;
import java.security.KeyManagementException;
import java.security.KeyStore;
import java.security.Provider;
import java.security.SecureRandom;
import java.util.stream.Stream;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLContextSpi;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLServerSocketFactory;
import javax.net.ssl.SSLSessionContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509KeyManager;

/**
 * A {@link NativeContext} as JSSE knows it. It makes engines of servers and nothing else.
 */
final class NativeSslContext extends SSLContext
{
    private static final Provider PROVIDER = new NoServices();

    private final Spi spi;

    /**
     * @param sessions keeps sessions with ids
     * @param maker makes what engines share, when the context is initialized
     */
    NativeSslContext(SessionCache sessions, Maker maker)
    {
        this(new Spi(sessions, maker));
    }

    private NativeSslContext(Spi spi)
    {
        super(spi, PROVIDER, "TLS");
        this.spi = spi;
    }

    /**
     * @return a context that is initialized, with engines of that one
     */
    static NativeSslContext of(NativeContext context)
    {
        NativeSslContext made = new NativeSslContext(context.cache(), (keys, trust) -> context);
        made.spi.context = context;
        return made;
    }

    /**
     * Makes what the engines of a context share.
     */
    @FunctionalInterface
    interface Maker
    {
        /**
         * @param keys not null
         * @param trust not null
         * @return that
         * @throws GeneralSecurityException when it cannot be made
         */
        NativeContext make(KeyManager[] keys, TrustManager[] trust) throws GeneralSecurityException;
    }

    /**
     * A context must have a provider. This one is never registered.
     */
    private static final class NoServices extends Provider
    {
        private static final long serialVersionUID = 1L;

        private NoServices()
        {
            super("TlsResumptionNative", "1", "native TLS");
        }
    }

    /**
     * What JSSE asks for.
     */
    private static final class Spi extends SSLContextSpi
    {
        private final SessionCache sessions;
        private final Maker maker;
        private volatile NativeContext context;

        private Spi(SessionCache sessions, Maker maker)
        {
            this.sessions = sessions;
            this.maker = maker;
        }

        @Override
        protected void engineInit(KeyManager[] keys, TrustManager[] trust, SecureRandom random) throws KeyManagementException
        {
            if (context != null)
            {
                throw new KeyManagementException("the context is initialized");
            }
            if (keys == null || Stream.of(keys).noneMatch(X509KeyManager.class::isInstance))
            {
                throw new KeyManagementException("no X509KeyManager: set a key store, or use the plain SslContextFactory.Server");
            }
            try
            {
                context = maker.make(keys, trust == null ? ownTrust() : trust);
            }
            catch (GeneralSecurityException | RuntimeException e)
            {
                throw new KeyManagementException(e.getMessage(), e);
            }
        }

        private static TrustManager[] ownTrust() throws GeneralSecurityException
        {
            TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            factory.init((KeyStore)null);
            return factory.getTrustManagers();
        }

        private NativeContext context()
        {
            NativeContext made = context;
            if (made == null)
            {
                throw new IllegalStateException("the context is not initialized");
            }
            return made;
        }

        @Override
        protected SSLSocketFactory engineGetSocketFactory()
        {
            throw new UnsupportedOperationException("native TLS has engines of servers only");
        }

        @Override
        protected SSLServerSocketFactory engineGetServerSocketFactory()
        {
            throw new UnsupportedOperationException("native TLS has engines of servers only");
        }

        @Override
        protected SSLEngine engineCreateSSLEngine()
        {
            return context().newEngine(null, -1);
        }

        @Override
        protected SSLEngine engineCreateSSLEngine(String host, int port)
        {
            return context().newEngine(host, port);
        }

        @Override
        protected SSLSessionContext engineGetServerSessionContext()
        {
            return sessions;
        }

        @Override
        protected SSLSessionContext engineGetClientSessionContext()
        {
            return sessions;
        }

        @Override
        protected SSLParameters engineGetDefaultSSLParameters()
        {
            return new TlsSettings(context().supported()).parameters();
        }

        @Override
        protected SSLParameters engineGetSupportedSSLParameters()
        {
            SSLParameters parameters = engineGetDefaultSSLParameters();
            parameters.setProtocols(Supported.PROTOCOLS.keySet().toArray(String[]::new));
            parameters.setCipherSuites(context().supported().suites().toArray(String[]::new));
            return parameters;
        }
    }
}
