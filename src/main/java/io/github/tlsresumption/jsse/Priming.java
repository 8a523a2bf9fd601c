package io.github.tlsresumption.jsse;

import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;

import io.github.tlsresumption.crypto.SelfSignedCertificate;
import io.github.tlsresumption.engine.MemoryHandshake;

/**
 * Handshakes in memory. SunJSSE makes a context's first ticket key when it seals its first ticket; until then it refuses
 * the tickets of others without asking us. So each new context seals one, for a client of our own and with a certificate
 * of our own, whatever the operator's is.
 * Thread-safe.
 */
final class Priming
{
    private static final ThreadLocal<Priming> CURRENT = new ThreadLocal<>();
    private static final ThreadLocal<Boolean> SEALED = new ThreadLocal<>();
    private static final String ALIAS = "tls-resumption-priming";

    /**
     * The protocols with tickets that SunJSSE has, best first.
     */
    static final List<String> PROTOCOLS = List.of("TLSv1.3", "TLSv1.2");

    private final SelfSignedCertificate certificate;
    private volatile boolean proven;

    Priming(SelfSignedCertificate.Algorithm algorithm) throws GeneralSecurityException
    {
        certificate = SelfSignedCertificate.create(ALIAS, algorithm, Clock.systemUTC());
    }

    /**
     * Told by the cipher that SunJSSE has come to it.
     */
    static void reached()
    {
        Priming priming = CURRENT.get();
        if (priming != null)
        {
            SEALED.set(true);
        }
    }

    /**
     * @return the priming that this thread is doing, or null
     */
    static Priming current()
    {
        return CURRENT.get();
    }

    /**
     * To be called when a handshake in memory has sealed a ticket of ours: from then on one that does not is a fault.
     */
    void prove()
    {
        proven = true;
    }

    boolean isProven()
    {
        return proven;
    }

    String alias(String keyType)
    {
        return certificate.privateKey().getAlgorithm().equals(keyType) ? ALIAS : null;
    }

    PrivateKey privateKey()
    {
        return certificate.privateKey();
    }

    X509Certificate[] chain()
    {
        return new X509Certificate[]{certificate.certificate()};
    }

    /**
     * @return a context whose engines accept the certificate of a priming
     * @throws GeneralSecurityException when this JDK has no usable SunJSSE
     */
    static SSLContext newClientContext() throws GeneralSecurityException
    {
        return newClientContext(new TrustEverybody());
    }

    /**
     * @param trust is told of each full handshake
     * @return as {@link #newClientContext()}
     * @throws GeneralSecurityException when this JDK has no usable SunJSSE
     */
    static SSLContext newClientContext(TrustEverybody trust) throws GeneralSecurityException
    {
        SSLContext context = SSLContext.getInstance("TLS", SunJsse.PROVIDER);
        context.init(null, new TrustManager[]{trust}, new SecureRandom());
        return context;
    }

    /**
     * Does a handshake.
     *
     * @param server the server's engine
     * @param client the client's engine
     * @param protocol to be spoken, one for which {@link #agree} said yes
     * @return whether it has brought SunJSSE to our cipher for a ticket
     * @throws SSLException when it fails
     */
    boolean handshake(SSLEngine server, SSLEngine client, String protocol) throws SSLException
    {
        return handshake(server, client, protocol, new AtomicBoolean());
    }

    private boolean handshake(SSLEngine server, SSLEngine client, String protocol, AtomicBoolean sealed) throws SSLException
    {
        server.setUseClientMode(false);
        server.setNeedClientAuth(false);
        client.setUseClientMode(true);
        ClientSettings.follow(client, server, protocol);
        Priming previous = CURRENT.get();
        CURRENT.set(this);
        SEALED.remove();
        try
        {
            MemoryHandshake.run(server, client);
            return SEALED.get() != null;
        }
        finally
        {
            sealed.set(SEALED.get() != null);
            SEALED.remove();
            if (previous == null)
            {
                CURRENT.remove();
            }
            else
            {
                CURRENT.set(previous);
            }
        }
    }

    /**
     * Does a handshake for the sake of its ticket: how it ends does not matter then.
     *
     * @param server the server's engine
     * @param client the client's engine
     * @param protocol to be spoken, one for which {@link #agree} said yes
     * @return whether SunJSSE came to our cipher for a ticket
     * @throws SSLException when the handshake fails before
     */
    boolean seals(SSLEngine server, SSLEngine client, String protocol) throws SSLException
    {
        AtomicBoolean sealed = new AtomicBoolean();
        try
        {
            return handshake(server, client, protocol, sealed);
        }
        catch (SSLException e)
        {
            // The client may refuse a message that is too long for it, by a setting of the JVM that no other client knows.
            if (sealed.get())
            {
                return true;
            }
            throw e;
        }
    }

    /**
     * What a client enables by itself does not count: it is told.
     *
     * @return whether the server speaks a protocol, and a client can
     */
    static boolean agree(SSLEngine server, SSLEngine client, String protocol)
    {
        server.setUseClientMode(false);
        return Arrays.asList(server.getEnabledProtocols()).contains(protocol)
            && Arrays.asList(client.getSupportedProtocols()).contains(protocol);
    }

    /**
     * The client of a handshake in memory has nobody to check, but knows of each full handshake.
     */
    static final class TrustEverybody extends X509ExtendedTrustManager
    {
        private int asked;

        int asked()
        {
            return asked;
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType, java.net.Socket socket)
        {
            // Never leaves this process.
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType, java.net.Socket socket)
        {
            // Never leaves this process.
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
        {
            // Never leaves this process.
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
        {
            asked++;
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType)
        {
            // Never leaves this process.
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType)
        {
            // Never leaves this process.
        }

        @Override
        public X509Certificate[] getAcceptedIssuers()
        {
            return new X509Certificate[0];
        }
    }
}
