package io.github.tlsresumption.jsse;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A server of SunJSSE without us, for handshakes in memory: it shows what clients of this JVM do by themselves. Stateless.
 */
final class StockServer
{
    private static final Logger LOG = LoggerFactory.getLogger(SelfTest.class);
    private static final String HOST = "self-test";
    private static final String TLS12 = "TLSv1.2";

    private StockServer()
    {
    }

    static SSLContext newContext() throws GeneralSecurityException
    {
        SSLContext server = SSLContext.getInstance("TLS", SunJsse.PROVIDER);
        server.init(new KeyManager[]{new EngineKeyManager(new NoKeys())}, null, new SecureRandom());
        return server;
    }

    /**
     * @return whether a client of this JVM uses tickets and resumes a session of a server that is not ours: only then it is a fault of this
     * JDK, or of ours, if it does not here
     */
    static boolean resumes(String protocol, Priming priming) throws GeneralSecurityException
    {
        Priming.TrustEverybody trust = new Priming.TrustEverybody();
        SSLContext server = newContext();
        SSLContext client = Priming.newClientContext(trust);
        try
        {
            for (int i = 0; i < 2; i++)
            {
                priming.handshake(server.createSSLEngine(HOST, 1), client.createSSLEngine(HOST, 1), protocol);
            }
            // Without tickets TLS 1.2 resumes by session ids, which say nothing of us.
            return trust.asked() == 1 && (!TLS12.equals(protocol) || offersTickets(server.createSSLEngine(), client.createSSLEngine()));
        }
        catch (SSLException e)
        {
            LOG.debug("no handshake in memory with {}", protocol, e);
            return false;
        }
    }

    private static boolean offersTickets(SSLEngine server, SSLEngine client) throws SSLException
    {
        server.setUseClientMode(false);
        client.setUseClientMode(true);
        ClientSettings.follow(client, server, TLS12);
        ByteBuffer hello = ByteBuffer.allocate(client.getSession().getPacketBufferSize());
        client.wrap(ByteBuffer.allocate(0), hello);
        HandshakeObserver observer = new HandshakeObserver();
        observer.received(hello.flip());
        return observer.hello().hasTicketExtension();
    }
}
