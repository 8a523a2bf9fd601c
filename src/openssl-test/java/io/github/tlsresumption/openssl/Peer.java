package io.github.tlsresumption.openssl;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Clock;
import java.util.function.Consumer;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLEngineResult.Status;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManager;

/**
 * One end of a connection in memory: an engine and what it has to send.
 */
final class Peer
{
    final SSLEngine engine;
    /** Ready to be read: what is to go to the other end. */
    ByteBuffer out = ByteBuffer.allocate(0);
    /** Ready to be read: what has been decrypted. */
    ByteBuffer received = ByteBuffer.allocate(0);
    /** Ready to be read: what is to be encrypted. */
    ByteBuffer toSend = ByteBuffer.allocate(0);
    boolean finished;
    boolean closed;
    int tasks;

    Peer(SSLEngine engine)
    {
        this.engine = engine;
    }

    static NativeContext server(TestSessions sessions, LiveObjects live, int tickets, TrustManager trust,
        Certificates.Identity... identities)
    {
        return server(sessions, "", live, tickets, trust, identities);
    }

    static NativeContext server(TestSessions sessions, String validation, LiveObjects live, int tickets, TrustManager trust,
        Certificates.Identity... identities)
    {
        return server(sessions, validation, live, tickets, trust, new Certificates.Keys(identities));
    }

    static NativeContext server(TestSessions sessions, String validation, LiveObjects live, int tickets, TrustManager trust,
        KeyManager keys)
    {
        NativeContext.Sessions shared = new NativeContext.Sessions(sessions, new SessionCache(sessions, Clock.systemUTC()),
            validation.getBytes(StandardCharsets.UTF_8));
        return new NativeContext(Library.load().lib(), new KeyManager[]{keys},
            trust == null ? new TrustManager[0] : new TrustManager[]{trust}, shared, tickets, Clock.systemUTC(), live);
    }

    /**
     * A client that knows no tickets of TLS 1.2.
     */
    static SSLContext clientWithoutTickets(TrustManager trust)
    {
        return clientWithoutTickets(trust, new Certificates.Keys());
    }

    static SSLContext clientWithoutTickets(TrustManager trust, KeyManager keys)
    {
        String property = "jdk.tls.client.enableSessionTicketExtension";
        System.setProperty(property, "false");
        try
        {
            return client(trust, keys);
        }
        finally
        {
            System.clearProperty(property);
        }
    }

    static SSLContext client(TrustManager trust, Certificates.Identity... identities)
    {
        return client(trust, new Certificates.Keys(identities));
    }

    static SSLContext client(TrustManager trust, KeyManager keys)
    {
        try
        {
            SSLContext context = SSLContext.getInstance("TLS", "SunJSSE");
            context.init(new KeyManager[]{keys}, new TrustManager[]{trust}, null);
            return context;
        }
        catch (GeneralSecurityException e)
        {
            throw new AssertionError(e);
        }
    }

    static Peer server(NativeContext context, Consumer<SSLParameters> change)
    {
        SSLEngine engine = context.newEngine(null, -1);
        engine.setUseClientMode(false);
        SSLParameters parameters = engine.getSSLParameters();
        change.accept(parameters);
        engine.setSSLParameters(parameters);
        return new Peer(engine);
    }

    static Peer client(SSLContext context, Consumer<SSLParameters> change)
    {
        SSLEngine engine = context.createSSLEngine("localhost", 443);
        engine.setUseClientMode(true);
        SSLParameters parameters = engine.getSSLParameters();
        change.accept(parameters);
        engine.setSSLParameters(parameters);
        return new Peer(engine);
    }

    static Consumer<SSLParameters> protocol(String... protocols)
    {
        return parameters -> parameters.setProtocols(protocols);
    }

    void send(byte[] bytes)
    {
        toSend = append(toSend, ByteBuffer.wrap(bytes));
    }

    /**
     * Wraps and unwraps until neither end has anything to do.
     */
    static void pump(Peer client, Peer server) throws SSLException
    {
        boolean progress = true;
        while (progress)
        {
            progress = client.step(server) | server.step(client);
        }
    }

    /**
     * @return whether anything has happened
     */
    boolean step(Peer other) throws SSLException
    {
        boolean progress = false;
        while (engine.getHandshakeStatus() == HandshakeStatus.NEED_TASK)
        {
            engine.getDelegatedTask().run();
            tasks++;
            progress = true;
        }
        progress |= wrap();
        return progress | unwrap(other.out);
    }

    boolean wrap() throws SSLException
    {
        boolean progress = false;
        while (!engine.isOutboundDone()
            && (toSend.hasRemaining() || engine.getHandshakeStatus() == HandshakeStatus.NEED_WRAP || !finished && !started()))
        {
            ByteBuffer record = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
            SSLEngineResult result = engine.wrap(toSend, record);
            note(result);
            out = append(out, record.flip());
            if (result.bytesProduced() == 0 && result.bytesConsumed() == 0)
            {
                break;
            }
            progress = true;
        }
        return progress;
    }

    private boolean started()
    {
        return !engine.getUseClientMode() || engine.getHandshakeStatus() != HandshakeStatus.NOT_HANDSHAKING;
    }

    boolean unwrap(ByteBuffer in) throws SSLException
    {
        boolean progress = false;
        while (in.hasRemaining() && !engine.isInboundDone() && engine.getHandshakeStatus() != HandshakeStatus.NEED_TASK)
        {
            ByteBuffer plain = ByteBuffer.allocate(engine.getSession().getApplicationBufferSize());
            SSLEngineResult result = engine.unwrap(in, plain);
            note(result);
            received = append(received, plain.flip());
            if (result.bytesConsumed() == 0)
            {
                break;
            }
            progress = true;
        }
        return progress;
    }

    private void note(SSLEngineResult result)
    {
        if (result.getStatus() == Status.BUFFER_OVERFLOW)
        {
            throw new AssertionError(result.toString());
        }
        finished |= result.getHandshakeStatus() == HandshakeStatus.FINISHED;
        closed |= result.getStatus() == Status.CLOSED;
    }

    static ByteBuffer append(ByteBuffer first, ByteBuffer second)
    {
        if (!second.hasRemaining())
        {
            return first;
        }
        return ByteBuffer.allocate(first.remaining() + second.remaining()).put(first).put(second).flip();
    }

    byte[] take()
    {
        byte[] bytes = new byte[received.remaining()];
        received.get(bytes);
        return bytes;
    }
}
