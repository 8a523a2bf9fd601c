package io.github.tlsresumption.jsse;

import java.net.Socket;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;

/**
 * Shows a key manager our engine in place of SunJSSE's, so that what it binds to the session stays outside SunJSSE's;
 * and serves the certificate of {@link Priming} to its handshakes.
 */
final class EngineKeyManager extends X509ExtendedKeyManager
{
    private final X509ExtendedKeyManager keyManager;

    EngineKeyManager(X509ExtendedKeyManager keyManager)
    {
        this.keyManager = keyManager;
    }

    @Override
    public String chooseEngineServerAlias(String keyType, Principal[] issuers, SSLEngine engine)
    {
        Priming priming = Priming.current();
        if (priming != null)
        {
            return priming.alias(keyType);
        }
        ResumptionSSLEngine ours = EngineHandshake.currentEngine();
        return keyManager.chooseEngineServerAlias(keyType, issuers, ours == null ? engine : ours);
    }

    @Override
    public String chooseEngineClientAlias(String[] keyType, Principal[] issuers, SSLEngine engine)
    {
        ResumptionSSLEngine ours = EngineHandshake.currentEngine();
        return keyManager.chooseEngineClientAlias(keyType, issuers, ours == null ? engine : ours);
    }

    @Override
    public String chooseServerAlias(String keyType, Principal[] issuers, Socket socket)
    {
        return keyManager.chooseServerAlias(keyType, issuers, socket);
    }

    @Override
    public String chooseClientAlias(String[] keyType, Principal[] issuers, Socket socket)
    {
        return keyManager.chooseClientAlias(keyType, issuers, socket);
    }

    @Override
    public String[] getServerAliases(String keyType, Principal[] issuers)
    {
        return keyManager.getServerAliases(keyType, issuers);
    }

    @Override
    public String[] getClientAliases(String keyType, Principal[] issuers)
    {
        return keyManager.getClientAliases(keyType, issuers);
    }

    @Override
    public X509Certificate[] getCertificateChain(String alias)
    {
        Priming priming = Priming.current();
        return priming != null ? priming.chain() : keyManager.getCertificateChain(alias);
    }

    @Override
    public PrivateKey getPrivateKey(String alias)
    {
        Priming priming = Priming.current();
        return priming != null ? priming.privateKey() : keyManager.getPrivateKey(alias);
    }
}
