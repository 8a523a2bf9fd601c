package io.github.tlsresumption.it;

import java.net.Socket;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.util.Collections;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSessionContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * The TLS side of a Java client: trusts every server, and counts how often a server showed its certificate. A server does so in
 * each full handshake and in no resumed one, so the count tells them apart without a doubt.
 */
final class ClientTls
{
    private final AtomicInteger certificatesSeen = new AtomicInteger();
    private final SSLContext context;

    /**
     * @param certificate a store with the client's certificate, or {@code null}
     */
    ClientTls(Path certificate)
    {
        try
        {
            context = SSLContext.getInstance("TLS");
            context.init(certificate == null ? null : keyManagers(certificate), new TrustManager[]{new Witness()}, new SecureRandom());
        }
        catch (GeneralSecurityException e)
        {
            throw new AssertionError(e);
        }
    }

    SSLContext context()
    {
        return context;
    }

    /**
     * @return how many full handshakes there were with this context
     */
    int fullHandshakes()
    {
        return certificatesSeen.get();
    }

    /**
     * Lets go of all sessions, of other clients' with this context too.
     */
    void forgetSessions()
    {
        SSLSessionContext sessions = context.getClientSessionContext();
        Collections.list(sessions.getIds()).forEach(id -> Optional.ofNullable(sessions.getSession(id)).ifPresent(SSLSession::invalidate));
    }

    private static KeyManager[] keyManagers(Path certificate) throws GeneralSecurityException
    {
        KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(KeyStores.load(certificate), KeyStores.PASSWORD.toCharArray());
        return factory.getKeyManagers();
    }

    private final class Witness extends X509ExtendedTrustManager
    {
        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type)
        {
            certificatesSeen.incrementAndGet();
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket)
        {
            certificatesSeen.incrementAndGet();
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
        {
            certificatesSeen.incrementAndGet();
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type)
        {
            throw new UnsupportedOperationException();
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket)
        {
            throw new UnsupportedOperationException();
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine)
        {
            throw new UnsupportedOperationException();
        }

        @Override
        public X509Certificate[] getAcceptedIssuers()
        {
            return new X509Certificate[0];
        }
    }
}
