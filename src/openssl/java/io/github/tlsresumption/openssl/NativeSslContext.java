package io.github.tlsresumption.openssl;

import java.security.KeyManagementException;
import java.security.Provider;
import java.security.SecureRandom;
import java.util.Collections;
import java.util.Enumeration;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLContextSpi;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLServerSocketFactory;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSessionContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManager;

/**
 * A {@link NativeContext} as JSSE knows it. It makes engines of servers and nothing else.
 */
final class NativeSslContext extends SSLContext
{
    private static final Provider PROVIDER = new NoServices();

    private final SSLSessionContext sessionContext;

    NativeSslContext(NativeContext context)
    {
        this(new Spi(context));
    }

    private NativeSslContext(Spi spi)
    {
        super(spi, PROVIDER, "TLS");
        this.sessionContext = spi.sessions;
    }

    SSLSessionContext sessionContext()
    {
        return sessionContext;
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
     * Sessions are kept by others.
     */
    private static final class NoSessions implements SSLSessionContext
    {
        @Override
        public SSLSession getSession(byte[] sessionId)
        {
            return null;
        }

        @Override
        public Enumeration<byte[]> getIds()
        {
            return Collections.emptyEnumeration();
        }

        @Override
        public void setSessionTimeout(int seconds)
        {
            // The protector ends sessions.
        }

        @Override
        public int getSessionTimeout()
        {
            return ContextOptions.SESSION_SECONDS;
        }

        @Override
        public void setSessionCacheSize(int size)
        {
            // There is none here.
        }

        @Override
        public int getSessionCacheSize()
        {
            return 0;
        }
    }

    /**
     * What JSSE asks for.
     */
    private static final class Spi extends SSLContextSpi
    {
        private final NativeContext context;
        private final SSLSessionContext sessions = new NoSessions();

        private Spi(NativeContext context)
        {
            this.context = context;
        }

        @Override
        protected void engineInit(KeyManager[] keys, TrustManager[] trust, SecureRandom random) throws KeyManagementException
        {
            throw new KeyManagementException("the context is initialized");
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
            return new NativeSslEngine(context, null, -1);
        }

        @Override
        protected SSLEngine engineCreateSSLEngine(String host, int port)
        {
            return new NativeSslEngine(context, host, port);
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
            return new TlsSettings(context.supported()).parameters();
        }

        @Override
        protected SSLParameters engineGetSupportedSSLParameters()
        {
            SSLParameters parameters = engineGetDefaultSSLParameters();
            parameters.setProtocols(Supported.PROTOCOLS.keySet().toArray(String[]::new));
            parameters.setCipherSuites(context.supported().suites().toArray(String[]::new));
            return parameters;
        }
    }
}
