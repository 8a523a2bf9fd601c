package io.github.tlsresumption.jsse;

import java.net.Socket;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SNIMatcher;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSession;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedKeyManager;
import javax.net.ssl.X509ExtendedTrustManager;
import javax.net.ssl.X509TrustManager;

import io.github.tlsresumption.crypto.SelfSignedCertificate;
import io.github.tlsresumption.engine.MemoryHandshake;
import io.github.tlsresumption.engine.TicketProtector;
import io.github.tlsresumption.engine.TlsSession;

/**
 * JSSE clients and servers that shake hands in memory.
 */
final class Peers
{
    /** As Jetty's SniX509ExtendedKeyManager, which binds it to the handshake session. */
    static final String SNI_HOST = "org.eclipse.jetty.util.ssl.sniHost";

    private Peers()
    {
    }

    static SSLContext server(TicketProtector protector, String... hosts) throws GeneralSecurityException
    {
        return server(protector, new HostKeys(hosts), List.of());
    }

    static SSLContext server(TicketProtector protector, KeyManager keys, List<X509Certificate> anchors) throws GeneralSecurityException
    {
        return server(protector, keys, new Anchors(anchors));
    }

    static SSLContext server(TicketProtector protector, KeyManager keys, TrustManager trust) throws GeneralSecurityException
    {
        SSLContext context = SunJsse.newContext(SSLContext.getInstance("TLS", "SunJSSE"), protector, new byte[0]);
        context.init(new KeyManager[]{keys}, new TrustManager[]{trust}, new SecureRandom());
        return context;
    }

    /**
     * On a JDK where certificates would stay in the tickets, and each resumption would have a new one.
     */
    static SSLContext serverThatKeepsChains(TicketProtector protector, KeyManager keys) throws GeneralSecurityException
    {
        SSLContext plain = SSLContext.getInstance("TLS", "SunJSSE");
        SSLContext context = ResumptionSSLContext.of(plain, protector, new byte[0], SelfTest.priming(), Set.of(), false);
        context.init(new KeyManager[]{keys}, new TrustManager[]{new Anchors(List.of())}, new SecureRandom());
        return context;
    }

    static SSLContext client(KeyManager... keys) throws GeneralSecurityException
    {
        SSLContext context = SSLContext.getInstance("TLS", "SunJSSE");
        context.init(keys, new TrustManager[]{new Anchors(List.of())}, new SecureRandom());
        return context;
    }

    /**
     * @return a client that knows no tickets, and resumes by session id
     */
    static SSLContext clientWithoutTickets(KeyManager... keys) throws GeneralSecurityException
    {
        String property = "jdk.tls.client.enableSessionTicketExtension";
        System.setProperty(property, "false");
        try
        {
            return client(keys);
        }
        finally
        {
            System.clearProperty(property);
        }
    }

    /**
     * @return an engine that resumes the sessions of every host
     */
    static SSLEngine serverEngine(SSLContext server, String clientAddress)
    {
        SSLEngine engine = server.createSSLEngine(clientAddress, 49152);
        engine.setUseClientMode(false);
        takeEveryName(engine);
        return engine;
    }

    static SSLEngine clientEngine(SSLContext client, String protocol, String host, String cacheKey)
    {
        SSLEngine engine = client.createSSLEngine(cacheKey, 443);
        engine.setUseClientMode(true);
        SSLParameters parameters = engine.getSSLParameters();
        parameters.setProtocols(new String[]{protocol});
        parameters.setServerNames(host == null ? List.of() : List.of(new SNIHostName(host)));
        engine.setSSLParameters(parameters);
        return engine;
    }

    /**
     * Has an engine do what it can do next, with what the other one has sent.
     */
    static void step(SSLEngine engine, ByteBuffer in, ByteBuffer out) throws SSLException
    {
        Runnable task;
        while ((task = engine.getDelegatedTask()) != null)
        {
            task.run();
        }
        if (engine.getHandshakeStatus() == HandshakeStatus.NEED_WRAP)
        {
            engine.wrap(ByteBuffer.allocate(0), out);
        }
        else if (in.position() > 0)
        {
            in.flip();
            try
            {
                engine.unwrap(in, ByteBuffer.allocate(1 << 15));
            }
            finally
            {
                in.compact();
            }
        }
    }

    /**
     * A connection of a client that keeps its session under the name of the server.
     *
     * @param server the server's engine
     * @param client the client's engine
     */
    record Connection(SSLEngine server, SSLEngine client)
    {
        TlsSession session()
        {
            return (TlsSession)server.getSession().getValue(TlsSession.NAME);
        }

        boolean resumed()
        {
            return session().resumed();
        }
    }

    static Connection connect(SSLContext server, SSLContext client, String protocol, String host) throws SSLException
    {
        return connect(server, client, protocol, host, parameters ->
        {
        }, engine ->
        {
        });
    }

    static Connection connect(SSLContext server, SSLContext client, String protocol, String host,
        Consumer<SSLParameters> clientParameters, Consumer<SSLEngine> serverEngine) throws SSLException
    {
        return connect(server, client, protocol, host, "cache-key", clientParameters, serverEngine);
    }

    static Connection connect(SSLContext server, SSLContext client, String protocol, String host, String cacheKey,
        Consumer<SSLParameters> clientParameters, Consumer<SSLEngine> serverEngine) throws SSLException
    {
        SSLEngine serverSide = serverEngine(server, "192.0.2.1");
        serverEngine.accept(serverSide);
        SSLEngine clientSide = clientEngine(client, protocol, host, cacheKey);
        SSLParameters parameters = clientSide.getSSLParameters();
        clientParameters.accept(parameters);
        clientSide.setSSLParameters(parameters);
        MemoryHandshake.run(serverSide, clientSide);
        return new Connection(serverSide, clientSide);
    }

    /**
     * @param server a new engine of a server's
     */
    static Connection connect(SSLEngine server, SSLContext client, String protocol, String host) throws SSLException
    {
        server.setUseClientMode(false);
        SSLEngine engine = clientEngine(client, protocol, host, host);
        MemoryHandshake.run(server, engine);
        return new Connection(server, engine);
    }

    /**
     * Without a matcher SunJSSE resumes no session of a host.
     */
    static void takeEveryName(SSLEngine server)
    {
        SSLParameters own = server.getSSLParameters();
        own.setSNIMatchers(List.of(new SNIMatcher(0)
        {
            @Override
            public boolean matches(SNIServerName name)
            {
                return true;
            }
        }));
        server.setSSLParameters(own);
    }

    /**
     * One certificate for each host, chosen as Jetty chooses it, values bound to the session included.
     */
    static final class HostKeys extends X509ExtendedKeyManager
    {
        private final Map<String, SelfSignedCertificate> certificates = new LinkedHashMap<>();
        private final String fallback;

        HostKeys(String... hosts) throws GeneralSecurityException
        {
            for (String host : hosts)
            {
                certificates.put(host, SelfSignedCertificate.create(host, Clock.systemUTC()));
            }
            fallback = hosts[0];
        }

        X509Certificate certificate(String host)
        {
            return certificates.get(host).certificate();
        }

        @Override
        public String chooseEngineServerAlias(String keyType, Principal[] issuers, SSLEngine engine)
        {
            if (!"EC".equals(keyType))
            {
                return null;
            }
            SSLSession session = engine.getHandshakeSession();
            String host = null;
            if (session instanceof ExtendedSSLSession extended)
            {
                host = extended.getRequestedServerNames().stream().filter(SNIHostName.class::isInstance)
                    .map(name -> ((SNIHostName)name).getAsciiName()).findFirst().orElse(null);
                if (host != null)
                {
                    session.putValue(SNI_HOST, host);
                }
            }
            return certificates.containsKey(host) ? host : fallback;
        }

        @Override
        public String chooseEngineClientAlias(String[] keyType, Principal[] issuers, SSLEngine engine)
        {
            return fallback;
        }

        @Override
        public X509Certificate[] getCertificateChain(String alias)
        {
            return new X509Certificate[]{certificate(alias)};
        }

        @Override
        public PrivateKey getPrivateKey(String alias)
        {
            return certificates.get(alias).privateKey();
        }

        @Override
        public String[] getServerAliases(String keyType, Principal[] issuers)
        {
            return certificates.keySet().toArray(String[]::new);
        }

        @Override
        public String[] getClientAliases(String keyType, Principal[] issuers)
        {
            return certificates.keySet().toArray(String[]::new);
        }

        @Override
        public String chooseClientAlias(String[] keyType, Principal[] issuers, Socket socket)
        {
            return fallback;
        }

        @Override
        public String chooseServerAlias(String keyType, Principal[] issuers, Socket socket)
        {
            return fallback;
        }
    }

    /**
     * Trusts everybody, and says whom it would trust.
     */
    record Anchors(List<X509Certificate> anchors) implements X509TrustManager
    {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType)
        {
            // Whom to trust is not what these tests are about.
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType)
        {
            // Whom to trust is not what these tests are about.
        }

        @Override
        public X509Certificate[] getAcceptedIssuers()
        {
            return anchors.toArray(X509Certificate[]::new);
        }
    }

    /**
     * Trusts everybody who has not been revoked.
     */
    static final class RevokingTrust implements X509TrustManager
    {
        private final Set<X509Certificate> revoked = ConcurrentHashMap.newKeySet();

        void revoke(X509Certificate certificate)
        {
            revoked.add(certificate);
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType) throws CertificateException
        {
            if (revoked.contains(chain[0]))
            {
                throw new CertificateException("revoked");
            }
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType)
        {
            // Servers only.
        }

        @Override
        public X509Certificate[] getAcceptedIssuers()
        {
            return new X509Certificate[0];
        }
    }

    /**
     * Trusts everybody, and binds a value to the session of the engine that it is shown.
     */
    static final class BindingTrust extends X509ExtendedTrustManager
    {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
        {
            engine.getHandshakeSession().putValue(SNI_HOST, "bound by the trust manager");
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
        {
            // Servers only.
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
        {
            // Engines only.
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
        {
            // Engines only.
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType)
        {
            // Engines only.
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType)
        {
            // Engines only.
        }

        @Override
        public X509Certificate[] getAcceptedIssuers()
        {
            return new X509Certificate[0];
        }
    }

    static Instant creation(Connection connection)
    {
        return Instant.ofEpochMilli(connection.server().getSession().getCreationTime());
    }
}
