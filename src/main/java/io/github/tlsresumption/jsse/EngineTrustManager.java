package io.github.tlsresumption.jsse;

import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * Shows a trust manager our engine in place of SunJSSE's, as {@link EngineKeyManager} does: a value that it bound to SunJSSE's
 * session would move that session from our tickets to SunJSSE's cache.
 */
final class EngineTrustManager extends X509ExtendedTrustManager
{
    private final X509ExtendedTrustManager trustManager;

    private EngineTrustManager(X509ExtendedTrustManager trustManager)
    {
        this.trustManager = trustManager;
    }

    /**
     * @return the trust manager itself where it never sees an engine, or is the JDK's own, which binds nothing
     */
    static TrustManager of(TrustManager trustManager)
    {
        return trustManager instanceof X509ExtendedTrustManager extended && extended.getClass().getModule() != Object.class.getModule()
            ? new EngineTrustManager(extended)
            : trustManager;
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine) throws CertificateException
    {
        ResumptionSSLEngine ours = EngineHandshake.currentEngine();
        trustManager.checkClientTrusted(chain, authType, ours == null ? engine : ours);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine) throws CertificateException
    {
        ResumptionSSLEngine ours = EngineHandshake.currentEngine();
        trustManager.checkServerTrusted(chain, authType, ours == null ? engine : ours);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket) throws CertificateException
    {
        trustManager.checkClientTrusted(chain, authType, socket);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket) throws CertificateException
    {
        trustManager.checkServerTrusted(chain, authType, socket);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) throws CertificateException
    {
        trustManager.checkClientTrusted(chain, authType);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType) throws CertificateException
    {
        trustManager.checkServerTrusted(chain, authType);
    }

    @Override
    public X509Certificate[] getAcceptedIssuers()
    {
        return trustManager.getAcceptedIssuers();
    }
}
