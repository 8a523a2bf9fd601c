package io.github.tlsresumption.openssl;

import java.nio.ByteBuffer;
import java.security.cert.CertificateEncodingException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;

import io.github.tlsresumption.openssl.ClientSessions.Pool;

/**
 * The connections of a soak that end before they should, after any step. Confined to the thread of its worker.
 */
final class BrokenConnections
{
    private static final int MAX_STEPS = 14;
    private static final int RECORD_HEADER_BYTES = 5;

    private final SoakWorker worker;
    private final Soak soak;
    private final Random random;
    private final List<byte[]> hellos = new ArrayList<>();

    BrokenConnections(SoakWorker worker, Soak soak, Random random)
    {
        this.worker = worker;
        this.soak = soak;
        this.random = random;
    }

    /** A connection that may offer a session or show a certificate, some steps from its beginning. */
    private Link begun(int version) throws CertificateEncodingException
    {
        boolean certificate = random.nextInt(4) == 0;
        Pool pool = certificate ? Pool.certificates(version) : Pool.tickets(version);
        Consumer<SSLParameters> change = certificate ? SoakWorker.NEEDS_CERTIFICATE : SoakWorker.AS_IS;
        Link link = worker.link(version, change);
        worker.prepare(link, random.nextBoolean() ? worker.kept().take(pool) : 0, change, pool);
        link.toUpload = random.nextInt(2) * 100;
        link.toSend = random.nextInt(2) * 100;
        for (int steps = random.nextInt(MAX_STEPS); steps > 0; steps--)
        {
            if (!link.serverStep())
            {
                link.clientStep();
            }
        }
        return link;
    }

    void abortedByServer(int version) throws CertificateEncodingException
    {
        int before = worker.sessions().resumed.get();
        Link link = begun(version);
        boolean decided = link.client.isComplete();
        SoakKind.Outcome outcome = decided ? worker.outcome(link, before) : SoakKind.Outcome.UNFINISHED;
        link.engine.close();
        SoakWorker.check(link.engine.isInboundDone() && link.engine.isOutboundDone(), "both directions are closed");
        worker.note(SoakKind.ABORTED_BY_SERVER, outcome);
        link.client.close();
    }

    void abortedByClient(int version) throws CertificateEncodingException
    {
        int before = worker.sessions().resumed.get();
        Link link = begun(version);
        if (random.nextBoolean())
        {
            link.client.abort();
            link.clientStep();
        }
        serverAlone(link);
        worker.note(SoakKind.ABORTED_BY_CLIENT, worker.outcome(link, before));
        leave(link);
        link.client.close();
    }

    private static void serverAlone(Link link)
    {
        int steps = 0;
        while (link.serverStep())
        {
            SoakWorker.check(++steps < 1000, "it goes on for ever");
            if (link.toClient.remaining() < NativeSession.PACKET_BYTES)
            {
                link.toClient.clear();
            }
        }
    }

    /** As Jetty does it when the network has ended: both directions are closed, and then the engine. */
    private void leave(Link link)
    {
        link.toClient.clear();
        try
        {
            link.engine.closeInbound();
        }
        catch (SSLException e)
        {
            SoakWorker.check(e.getMessage().startsWith("closing inbound"), e.toString());
        }
        if (random.nextBoolean())
        {
            link.engine.closeOutbound();
            serverAlone(link);
        }
        link.engine.close();
        SoakWorker.check(link.engine.isInboundDone() && link.engine.isOutboundDone(), "both directions are closed");
    }

    void halfAHello()
    {
        if (hellos.isEmpty())
        {
            recordHello(Supported.TLS12);
            recordHello(Supported.TLS13);
        }
        byte[] hello = hellos.get(random.nextInt(hellos.size())).clone();
        int cut = 1 + random.nextInt(hello.length - 1);
        if (cut >= RECORD_HEADER_BYTES && random.nextBoolean())
        {
            // The record is whole, and the message is not.
            hello[3] = (byte)(cut - RECORD_HEADER_BYTES >> Byte.SIZE);
            hello[4] = (byte)(cut - RECORD_HEADER_BYTES);
        }
        Link link = worker.alone();
        link.toServer.put(hello, 0, cut);
        serverAlone(link);
        worker.note(SoakKind.HALF_A_HELLO, worker.outcome(link, 0));
        leave(link);
    }

    private void recordHello(int version)
    {
        Link link = worker.link(version, SoakWorker.AS_IS);
        link.clientStep();
        byte[] hello = new byte[link.toServer.position()];
        link.toServer.flip().get(hello);
        hellos.add(hello);
        link.engine.close();
        link.client.close();
    }

    void randomBytes(int version) throws CertificateEncodingException
    {
        int before = worker.sessions().resumed.get();
        Link link = begun(version);
        if (link.failure == null)
        {
            byte[] bytes = new byte[RECORD_HEADER_BYTES + random.nextInt(200)];
            random.nextBytes(bytes);
            if (random.nextInt(4) > 0)
            {
                ByteBuffer.wrap(bytes).put((byte)(20 + random.nextInt(4))).putShort((short)0x0303)
                    .putShort((short)(bytes.length - RECORD_HEADER_BYTES));
            }
            link.toServer.put(bytes);
            serverAlone(link);
        }
        SoakKind.Outcome outcome = worker.outcome(link, before);
        if (link.failure != null)
        {
            SoakWorker.check(link.engine.getHandshakeStatus() == HandshakeStatus.NOT_HANDSHAKING && link.engine.isOutboundDone(),
                "it is not over");
        }
        worker.note(SoakKind.RANDOM_BYTES, outcome);
        leave(link);
        link.client.close();
    }

    void dropped(int version) throws CertificateEncodingException
    {
        Link link = begun(version);
        worker.note(SoakKind.DROPPED, link.failure == null ? SoakKind.Outcome.UNFINISHED : SoakKind.Outcome.ALERT);
        link.client.close();
        worker.dropped();
    }
}
