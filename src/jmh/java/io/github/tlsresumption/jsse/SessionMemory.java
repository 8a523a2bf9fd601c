package io.github.tlsresumption.jsse;

import java.lang.management.ManagementFactory;
import java.net.Socket;
import java.security.KeyStore;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedKeyManager;

import io.github.tlsresumption.ResumptionSslContextFactory;
import io.github.tlsresumption.engine.MemoryHandshake;
import io.github.tlsresumption.it.KeyMaterial;
import io.github.tlsresumption.it.KeyMaterial.Algorithm;
import io.github.tlsresumption.policy.ClientCertificates;
import org.eclipse.jetty.util.ssl.SslContextFactory;

/**
 * What a live session takes in the server's heap, after full handshakes of TLS 1.3 in memory.
 */
public final class SessionMemory
{
    private static final String SERVER_TICKETS = "jdk.tls.server.enableSessionTicketExtension";
    private static final String HOST = "one.test";
    private static final int FIRST = 400;
    private static final int COLLECTIONS = 4;

    private SessionMemory()
    {
    }

    /**
     * @param stock whether of a stock Jetty, without tickets; else of mode {@code cache}
     * @param certificates whether clients have one
     * @param sessions how many
     * @return bytes of the live heap for each
     * @throws Exception when a handshake fails
     */
    public static double bytes(boolean stock, boolean certificates, int sessions) throws Exception
    {
        // The authority's certificate does not say that it is one.
        System.setProperty("jdk.security.allowNonCaAnchor", "true");
        SslContextFactory.Server factory = stock ? new SslContextFactory.Server() : new ResumptionSslContextFactory();
        if (factory instanceof ResumptionSslContextFactory ours)
        {
            ours.setMode("cache");
            ours.setTls12Mode("cache");
        }
        factory.setKeyStorePath(KeyMaterial.server(Algorithm.EC, HOST).toUri().toString());
        factory.setKeyStorePassword(KeyMaterial.PASSWORD);
        if (certificates)
        {
            KeyStore trusted = KeyStore.getInstance("PKCS12");
            trusted.load(null, null);
            trusted.setCertificateEntry("authority", ClientCertificates.authority());
            factory.setTrustStore(trusted);
            factory.setNeedClientAuth(true);
        }
        String before = System.getProperty(SERVER_TICKETS);
        System.setProperty(SERVER_TICKETS, String.valueOf(!stock));
        try
        {
            factory.start();
        }
        finally
        {
            if (before == null)
            {
                System.clearProperty(SERVER_TICKETS);
            }
            else
            {
                System.setProperty(SERVER_TICKETS, before);
            }
        }
        try
        {
            // What is made once, with the first handshakes, is not a session's.
            connect(factory, certificates, FIRST);
            long start = liveHeap();
            connect(factory, certificates, sessions);
            return (double)(liveHeap() - start) / sessions;
        }
        finally
        {
            factory.stop();
        }
    }

    private static void connect(SslContextFactory.Server factory, boolean certificates, int count) throws Exception
    {
        // A client remembers each session: it goes after the last.
        SSLContext context = SSLContext.getInstance("TLS", "SunJSSE");
        context.init(new KeyManager[]{new ClientKeys()}, new TrustManager[]{new Priming.TrustEverybody()}, new SecureRandom());
        for (int i = 0; i < count; i++)
        {
            SSLEngine server = factory.newSSLEngine("192.0.2.1", 49152);
            server.setUseClientMode(false);
            SSLEngine other = context.createSSLEngine();
            other.setUseClientMode(true);
            MemoryHandshake.run(server, other);
            if (certificates && server.getSession().getPeerCertificates().length == 0)
            {
                throw new IllegalStateException("a client without certificate");
            }
        }
    }

    /**
     * Another certificate for each connection. The JDK keeps those that it has parsed lately, fewer than there are here, so that a
     * server's session has its own, as those of different clients have.
     */
    private static final class ClientKeys extends X509ExtendedKeyManager
    {
        private static final List<X509Certificate> CERTIFICATES = ClientCertificates.of(2_000);

        private int next;

        @Override
        public String chooseEngineClientAlias(String[] keyTypes, Principal[] issuers, SSLEngine engine)
        {
            return String.valueOf(next++ % CERTIFICATES.size());
        }

        @Override
        public X509Certificate[] getCertificateChain(String alias)
        {
            return new X509Certificate[]{CERTIFICATES.get(Integer.parseInt(alias))};
        }

        @Override
        public PrivateKey getPrivateKey(String alias)
        {
            return ClientCertificates.key();
        }

        @Override
        public String[] getClientAliases(String keyType, Principal[] issuers)
        {
            return null;
        }

        @Override
        public String chooseClientAlias(String[] keyTypes, Principal[] issuers, Socket socket)
        {
            return null;
        }

        @Override
        public String[] getServerAliases(String keyType, Principal[] issuers)
        {
            return null;
        }

        @Override
        public String chooseServerAlias(String keyType, Principal[] issuers, Socket socket)
        {
            return null;
        }
    }

    private static long liveHeap()
    {
        long least = Long.MAX_VALUE;
        for (int i = 0; i < COLLECTIONS; i++)
        {
            System.gc();
            least = Math.min(least, ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed());
        }
        return least;
    }
}
