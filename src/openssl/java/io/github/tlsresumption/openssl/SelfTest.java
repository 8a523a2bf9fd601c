package io.github.tlsresumption.openssl;

import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509KeyManager;
import javax.net.ssl.X509TrustManager;

import io.github.tlsresumption.crypto.SelfSignedCertificate;
import io.github.tlsresumption.engine.EngineContext;
import io.github.tlsresumption.engine.MemoryHandshake;
import io.github.tlsresumption.engine.TransparentTickets;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tries a library by handshakes in memory: whether it seals and opens by us, resumes, and refuses what we refuse.
 */
final class SelfTest
{
    private static final Logger LOG = LoggerFactory.getLogger(NativeEngine.class);
    private static final String HOST = "self-test";

    private final LibSsl lib;

    /**
     * @param lib the library
     */
    SelfTest(LibSsl lib)
    {
        this.lib = lib;
    }

    /**
     * @return what is wrong, or empty
     */
    Optional<String> fault()
    {
        for (String protocol : Supported.PROTOCOLS.keySet())
        {
            Optional<String> fault = fault(protocol);
            if (fault.isPresent())
            {
                return fault.map(found -> "with " + protocol + ' ' + found);
            }
        }
        return Optional.empty();
    }

    private Optional<String> fault(String protocol)
    {
        TransparentTickets tickets = new TransparentTickets();
        try (EngineContext server = new NativeEngineContext(lib, tickets, new byte[0], 1, Clock.systemUTC()))
        {
            server.sslContext().init(new KeyManager[]{new OwnKey()}, new TrustManager[]{new TrustEverybody()}, null);
            SSLContext client = SSLContext.getInstance("TLS", "SunJSSE");
            client.init(null, new TrustManager[]{new TrustEverybody()}, new SecureRandom());
            if (!List.of(client.getSupportedSSLParameters().getProtocols()).contains(protocol))
            {
                return Optional.empty();
            }
            handshake(server, client, protocol);
            if (tickets.sealed() == 0)
            {
                return Optional.of("no ticket is sealed by us");
            }
            handshake(server, client, protocol);
            if (tickets.opened() == 0 || !tickets.resumed())
            {
                return Optional.of("no session is resumed by a ticket of ours");
            }
            tickets.refuse();
            handshake(server, client, protocol);
            return tickets.resumed() ? Optional.of("a session is resumed whose ticket was refused") : Optional.empty();
        }
        catch (SSLException | GeneralSecurityException | RuntimeException e)
        {
            LOG.debug("self-test", e);
            return Optional.of("a handshake in memory fails: " + e.getMessage());
        }
    }

    private static void handshake(EngineContext context, SSLContext clients, String protocol) throws SSLException
    {
        SSLEngine client = clients.createSSLEngine(HOST, 1);
        client.setUseClientMode(true);
        client.setEnabledProtocols(new String[]{protocol});
        NativeSslEngine server = (NativeSslEngine)context.sslContext().createSSLEngine();
        try
        {
            MemoryHandshake.run(server, client);
        }
        finally
        {
            server.close();
        }
    }

    /**
     * A key that nobody else sees.
     */
    private static final class OwnKey implements X509KeyManager
    {
        private final SelfSignedCertificate own = SelfSignedCertificate.create(HOST, Clock.systemUTC());

        private OwnKey() throws GeneralSecurityException
        {
            // The certificate is made above.
        }

        @Override
        public String[] getServerAliases(String keyType, Principal[] issuers)
        {
            return isOurs(keyType) ? new String[]{HOST} : null;
        }

        @Override
        public String chooseServerAlias(String keyType, Principal[] issuers, Socket socket)
        {
            return isOurs(keyType) ? HOST : null;
        }

        private boolean isOurs(String keyType)
        {
            return own.privateKey().getAlgorithm().equals(keyType);
        }

        @Override
        public String[] getClientAliases(String keyType, Principal[] issuers)
        {
            return null;
        }

        @Override
        public String chooseClientAlias(String[] keyType, Principal[] issuers, Socket socket)
        {
            return null;
        }

        @Override
        public X509Certificate[] getCertificateChain(String alias)
        {
            return new X509Certificate[]{own.certificate()};
        }

        @Override
        public PrivateKey getPrivateKey(String alias)
        {
            return own.privateKey();
        }
    }

    /**
     * What it sees never leaves this process.
     */
    private static final class TrustEverybody implements X509TrustManager
    {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType)
        {
            // It is ours.
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType)
        {
            // It is ours.
        }

        @Override
        public X509Certificate[] getAcceptedIssuers()
        {
            return new X509Certificate[0];
        }
    }
}
