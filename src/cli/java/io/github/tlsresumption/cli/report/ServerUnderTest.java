package io.github.tlsresumption.cli.report;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;

import io.github.tlsresumption.ResumptionSslContextFactory;
import io.github.tlsresumption.engine.MemoryHandshake;
import org.eclipse.jetty.util.component.LifeCycle;
import org.eclipse.jetty.util.ssl.SslContextFactory;

/**
 * A Jetty factory with the operator's key store, and a client of it, in one thread and in memory. Not thread-safe.
 */
final class ServerUnderTest implements AutoCloseable
{
    private static final String SERVER_TICKETS = "jdk.tls.server.enableSessionTicketExtension";
    private static final String CLIENT_TICKETS = "jdk.tls.client.enableSessionTicketExtension";
    private static final String CACHE_KEY = "server";
    private static final int CACHE_PORT = 443;
    private static final int MAX_STEPS = 10_000;
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private final Way way;
    private final SslContextFactory.Server factory;
    private final Optional<String> host;
    private final boolean clientTickets;
    private SSLContext client;
    private ByteBuffer toServer;
    private ByteBuffer toClient;
    private ByteBuffer scratch;

    /**
     * One handshake.
     *
     * @param nanos processor time on the server's side
     * @param toServer bytes
     * @param toClient bytes
     * @param resumed whether it continued a session
     */
    record Handshake(long nanos, long toServer, long toClient, boolean resumed)
    {
    }

    ServerUnderTest(Way way, Path keyStore, String password, Optional<String> host) throws Exception
    {
        this.way = way;
        this.host = host;
        this.clientTickets = way != Way.SESSION_ID;
        if (way.isStock())
        {
            factory = new SslContextFactory.Server();
        }
        else
        {
            ResumptionSslContextFactory ours = new ResumptionSslContextFactory();
            String mode = way == Way.TICKET || way == Way.FULL ? "ticket" : "cache";
            ours.setMode(mode);
            ours.setTls12Mode(mode);
            factory = ours;
        }
        factory.setKeyStorePath(keyStore.toUri().toString());
        factory.setKeyStorePassword(password);
        // It is read when a context is made.
        withProperty(SERVER_TICKETS, String.valueOf(way != Way.STOCK_CACHE), factory::start);
        newClient();
    }

    private interface Action
    {
        void run() throws Exception;
    }

    private static void withProperty(String name, String value, Action action) throws Exception
    {
        String before = System.getProperty(name);
        System.setProperty(name, value);
        try
        {
            action.run();
        }
        finally
        {
            if (before == null)
            {
                System.clearProperty(name);
            }
            else
            {
                System.setProperty(name, before);
            }
        }
    }

    /**
     * Forgets the session on the client's side.
     */
    void newClient() throws Exception
    {
        withProperty(CLIENT_TICKETS, String.valueOf(clientTickets), () ->
        {
            client = SSLContext.getInstance("TLS", "SunJSSE");
            client.init(null, new TrustManager[]{new Indifferent()}, new SecureRandom());
        });
    }

    /**
     * @param protocol the version of TLS
     * @return a handshake that offers the newest session, unless this is about full ones
     */
    Handshake handshake(String protocol) throws SSLException
    {
        return handshake(protocol, !way.isFull());
    }

    /**
     * @param protocol the version of TLS
     * @return a full handshake, whose session the client does not keep
     */
    Handshake full(String protocol) throws SSLException
    {
        return handshake(protocol, false);
    }

    private Handshake handshake(String protocol, boolean keeps) throws SSLException
    {
        long start = System.currentTimeMillis();
        // Without a name for the server SunJSSE keeps no session of it.
        SSLEngine clientSide = keeps ? client.createSSLEngine(CACHE_KEY, CACHE_PORT) : client.createSSLEngine();
        clientSide.setUseClientMode(true);
        SSLParameters parameters = clientSide.getSSLParameters();
        parameters.setProtocols(new String[]{protocol});
        parameters.setServerNames(host.<SNIServerName>map(SNIHostName::new).map(List::of).orElse(List.of()));
        clientSide.setSSLParameters(parameters);
        if (toServer == null)
        {
            int size = 4 * clientSide.getSession().getPacketBufferSize();
            toServer = ByteBuffer.allocate(size);
            toClient = ByteBuffer.allocate(size);
            scratch = ByteBuffer.allocate(clientSide.getSession().getApplicationBufferSize());
        }
        toServer.clear();
        toClient.clear();

        long before = THREADS.getCurrentThreadCpuTime();
        SSLEngine serverSide = factory.newSSLEngine("192.0.2.1", 49152);
        serverSide.setUseClientMode(false);
        serverSide.beginHandshake();
        long nanos = THREADS.getCurrentThreadCpuTime() - before;
        clientSide.beginHandshake();
        long sent = 0;
        long received = 0;
        boolean moved = true;
        for (int step = 0; moved && step < MAX_STEPS; step++)
        {
            int pending = toServer.position();
            moved = MemoryHandshake.step(clientSide, toServer, toClient, scratch);
            received += toServer.position() - pending;
            pending = toClient.position();
            before = THREADS.getCurrentThreadCpuTime();
            moved |= MemoryHandshake.step(serverSide, toClient, toServer, scratch);
            nanos += THREADS.getCurrentThreadCpuTime() - before;
            sent += toClient.position() - pending;
        }
        if (serverSide.getHandshakeStatus() != HandshakeStatus.NOT_HANDSHAKING || serverSide.getSession().getProtocol().equals("NONE"))
        {
            throw new SSLException("a handshake in memory did not end");
        }
        return new Handshake(nanos, received, sent, serverSide.getSession().getCreationTime() < start);
    }

    @Override
    public void close()
    {
        LifeCycle.stop(factory);
    }

    /**
     * The client's side is not what is measured, nor is anybody to be trusted in memory.
     */
    private static final class Indifferent extends X509ExtendedTrustManager
    {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
        {
            // Never leaves this process.
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
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
            // Never leaves this process.
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
