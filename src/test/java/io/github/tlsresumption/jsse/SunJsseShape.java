package io.github.tlsresumption.jsse;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;

import io.github.tlsresumption.engine.ForwardingTickets;
import io.github.tlsresumption.engine.OpenedTicket;
import io.github.tlsresumption.engine.TicketProtector;
import io.github.tlsresumption.keys.KeyRotation;
import io.github.tlsresumption.keys.TicketKeyRing;
import io.github.tlsresumption.policy.ConnectorTerms;
import io.github.tlsresumption.policy.ResumptionMode;
import io.github.tlsresumption.resumption.ResumptionStatistics;
import io.github.tlsresumption.resumption.Resumptions;

/**
 * In what the SunJSSE of this JVM differs from others. The version of the JDK does not tell: updates bring what later releases have,
 * vendors differ, and tests run with the SunJSSE of another release too.
 */
public final class SunJsseShape
{
    private static final String HOST = "shape.test";
    private static final String PROTOCOL = "TLSv1.3";

    private SunJsseShape()
    {
    }

    /**
     * @return how many bytes SunJSSE puts in front of what we seal: key number, IV and, in newer releases, a flag
     */
    public static int prefixBytes()
    {
        return Prefix.BYTES;
    }

    /**
     * @return whether it has the system property that makes it send several tickets after a handshake of TLS 1.3
     */
    public static boolean sendsSeveralTickets()
    {
        return TicketCount.isKnown();
    }

    /**
     * @return whether the server's certificates are in the state of a session; newer releases write checksums of them
     */
    static boolean writesServerCertificates()
    {
        try
        {
            return Arrays.stream(Class.forName(Internals.PACKAGE + "SSLSessionImpl").getDeclaredMethods())
                .noneMatch(method -> "getChecksum".equals(method.getName()));
        }
        catch (ClassNotFoundException e)
        {
            throw new AssertionError(e);
        }
    }

    /**
     * Found out when it is first asked for, by a session that is resumed in memory.
     */
    private static final class Prefix
    {
        private static final int BYTES = measured();

        private static int measured()
        {
            StekProvider.acquire();
            try
            {
                AtomicInteger opened = new AtomicInteger();
                SSLContext server = Peers.server(recording(opened), HOST);
                SSLContext client = Peers.client();
                Peers.connect(server, client, PROTOCOL, HOST);
                ByteBuffer hello = ByteBuffer.allocate(1 << 15);
                Peers.clientEngine(client, PROTOCOL, HOST, "cache-key").wrap(ByteBuffer.allocate(0), hello);
                HandshakeObserver observer = new HandshakeObserver();
                observer.received(hello.flip());
                SSLEngine engine = Peers.serverEngine(server, "192.0.2.1");
                engine.unwrap(hello, ByteBuffer.allocate(1 << 15));
                engine.getDelegatedTask().run();
                return observer.hello().tickets().get(0).length - opened.get();
            }
            catch (GeneralSecurityException | SSLException e)
            {
                throw new AssertionError(e);
            }
            finally
            {
                StekProvider.release();
            }
        }

        private static TicketProtector recording(AtomicInteger opened)
        {
            TicketKeyRing ring = KeyRotation.DEFAULT.next(TicketKeyRing.empty(), Instant.now());
            TicketProtector protector = Resumptions.of("shape",
                new ConnectorTerms(ResumptionMode.TICKET, ResumptionMode.TICKET, Duration.ofHours(1)), () -> ring, Clock.systemUTC(),
                new ResumptionStatistics());
            return handshake -> new ForwardingTickets(protector.begin(handshake))
            {
                @Override
                public Optional<OpenedTicket> open(byte[] ticket, byte[] associatedData, int stateFormat)
                {
                    opened.set(ticket.length);
                    return super.open(ticket, associatedData, stateFormat);
                }
            };
        }
    }
}
