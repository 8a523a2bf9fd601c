package io.github.tlsresumption.jsse;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;

import io.github.tlsresumption.engine.ForwardingTickets;
import io.github.tlsresumption.engine.OpenedTicket;
import io.github.tlsresumption.engine.SessionOrigin;
import io.github.tlsresumption.engine.TicketProtector;
import io.github.tlsresumption.engine.TlsSession;
import io.github.tlsresumption.jsse.Peers.Connection;
import io.github.tlsresumption.jsse.Peers.HostKeys;
import io.github.tlsresumption.keys.TicketKeyRing;
import io.github.tlsresumption.resumption.RefusalReason;
import io.github.tlsresumption.ticket.Protocol;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * What SunJSSE does with tickets when left alone, and what this project makes of it. Each test fails without its fix.
 */
class SunJsseTicketTrapsTest extends SunJsseTrapsBase
{
    @Test
    void aDecoyIsAsLongAsATicket() throws Exception
    {
        HostKeys keys = new HostKeys(ONE);
        List<Integer> offered = new ArrayList<>();
        for (FailingTickets.Failure failure : new FailingTickets.Failure[]{null, FailingTickets.Failure.EMPTY})
        {
            TicketProtector sealing = new FailingTickets(tickets, failure, null, state -> state);
            SSLContext server = Peers.server(handshake -> new ForwardingTickets(sealing.begin(handshake))
            {
                @Override
                public Optional<OpenedTicket> open(byte[] ticket, byte[] associatedData, int stateFormat)
                {
                    offered.add(ticket.length);
                    return super.open(ticket, associatedData, stateFormat);
                }
            }, keys, List.of());
            SSLContext fresh = Peers.client();
            Peers.connect(server, fresh, "TLSv1.3", ONE);
            assertEquals(failure == null, Peers.connect(server, fresh, "TLSv1.3", ONE).resumed());
        }
        assertEquals(2, offered.size());
        assertEquals(offered.get(0), offered.get(1));
    }

    @ParameterizedTest
    @CsvSource({"TLSv1.3,EMPTY", "TLSv1.3,EXCEPTION", "TLSv1.3,ERROR", "TLSv1.2,EMPTY", "TLSv1.2,EXCEPTION", "TLSv1.2,ERROR"})
    void aRefusalToSealCostsNoConnection(String protocol, FailingTickets.Failure failure) throws Exception
    {
        SSLContext server = Peers.server(new FailingTickets(tickets, failure, null, state -> state), ONE);
        for (int i = 0; i < 3; i++)
        {
            assertFalse(Peers.connect(server, client, protocol, ONE).resumed());
        }
    }

    @ParameterizedTest
    @CsvSource({"TLSv1.3,EMPTY", "TLSv1.3,EXCEPTION", "TLSv1.3,ERROR", "TLSv1.2,EMPTY", "TLSv1.2,EXCEPTION", "TLSv1.2,ERROR"})
    void aRefusalToOpenIsAFullHandshake(String protocol, FailingTickets.Failure failure) throws Exception
    {
        SSLContext server = Peers.server(new FailingTickets(tickets, null, failure, state -> state), ONE);
        for (int i = 0; i < 3; i++)
        {
            assertFalse(Peers.connect(server, client, protocol, ONE).resumed());
        }
    }

    /**
     * Only a thief of the ticket key can seal one. To SunJSSE it would be the end of the connection, in TLS 1.2 without an alert.
     */
    @ParameterizedTest
    @CsvSource({"TLSv1.3,7F7F", "TLSv1.3,1F8B", "TLSv1.2,7F7F", "TLSv1.2,1F8B"})
    void aStateThatDoesNotBeginAsOneIsAFullHandshake(String protocol, String start) throws Exception
    {
        byte[] hostile = Arrays.copyOf(HexFormat.of().parseHex(start), 40);
        HostKeys keys = new HostKeys(ONE);
        Peers.connect(Peers.server(new FailingTickets(tickets, null, null, state -> hostile), keys, List.of()), client, protocol, ONE);
        assertFalse(Peers.connect(Peers.server(tickets, keys, List.of()), client, protocol, ONE).resumed());
    }

    @ParameterizedTest
    @CsvSource({"TLSv1.3,resumable", "TLSv1.3,finished", "TLSv1.2,resumable", "TLSv1.2,finished"})
    void aFailureToJudgeCostsNoConnection(String protocol, String failing) throws Exception
    {
        TicketProtector protector = handshake -> new ForwardingTickets(tickets.begin(handshake))
        {
            @Override
            public boolean resumable(Optional<Protocol> asked)
            {
                if ("resumable".equals(failing))
                {
                    throw new AssertionError("for a test");
                }
                return super.resumable(asked);
            }

            @Override
            public TlsSession finished(SessionOrigin origin, Optional<byte[]> cachedId)
            {
                if ("finished".equals(failing))
                {
                    throw new AssertionError("for a test");
                }
                return super.finished(origin, cachedId);
            }
        };
        HostKeys keys = new HostKeys(ONE);
        SSLContext server = Peers.server(protector, keys, List.of());
        Connection connection = Peers.connect(server, client, protocol, ONE);
        assertEquals(protocol, connection.server().getSession().getProtocol());
        SSLContext fresh = Peers.client();
        Peers.connect(Peers.server(tickets, keys, List.of()), fresh, protocol, ONE);
        assertServedAs(keys.certificate(ONE), Peers.connect(server, fresh, protocol, ONE));
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
    void withoutAKeyClientsGetFullHandshakesAndTheOperatorACount(String protocol) throws Exception
    {
        ring = TicketKeyRing.empty();
        SSLContext server = Peers.server(tickets, ONE);
        assertFalse(Peers.connect(server, client, protocol, ONE).resumed());
        assertFalse(Peers.connect(server, client, protocol, ONE).resumed());
        assertEquals(2, statistics.refusals(RefusalReason.NO_KEY));
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
    void noByteOfATicketCanBeChanged(String protocol) throws Exception
    {
        SSLContext server = Peers.server(tickets, ONE);
        int length = ticketLength(server, protocol);
        // The first are SunJSSE's own: key number, IV, and in newer releases the flag of compression.
        for (int at = 0; at < length; at += at < 24 ? 1 : 37)
        {
            int position = at;
            SSLContext fresh = Peers.client();
            Peers.connect(server, fresh, protocol, ONE);
            Connection tampered = tamper(server, fresh, protocol, ticket ->
            {
                ticket[position] ^= 1;
                return ticket;
            });
            assertNull(tampered, "byte " + at + " was changed");
        }
    }

    private int ticketLength(SSLContext server, String protocol) throws Exception
    {
        AtomicReference<byte[]> seen = new AtomicReference<>();
        SSLContext fresh = Peers.client();
        Peers.connect(server, fresh, protocol, ONE);
        tamper(server, fresh, protocol, ticket ->
        {
            seen.set(ticket.clone());
            return ticket;
        });
        assertNotNull(seen.get());
        return seen.get().length;
    }

    /**
     * Changes the ticket that a client offers on its way. The transcript differs then, and so the handshake does not end well;
     * what is asked is whether the server opened the ticket.
     *
     * @return null when the server did not open it
     */
    private Connection tamper(SSLContext server, SSLContext peer, String protocol, UnaryOperator<byte[]> change) throws Exception
    {
        SSLEngine serverSide = server.createSSLEngine();
        serverSide.setUseClientMode(false);
        SSLEngine clientSide = peer.createSSLEngine("cache-key", 443);
        clientSide.setUseClientMode(true);
        SSLParameters parameters = clientSide.getSSLParameters();
        parameters.setProtocols(new String[]{protocol});
        parameters.setServerNames(List.of(new SNIHostName(ONE)));
        clientSide.setSSLParameters(parameters);
        clientSide.beginHandshake();
        ByteBuffer hello = ByteBuffer.allocate(1 << 15);
        clientSide.wrap(ByteBuffer.allocate(0), hello);
        hello.flip();
        HandshakeObserver observer = new HandshakeObserver();
        observer.received(hello);
        assertEquals(1, observer.hello().tickets().size(), "the client offers no ticket");
        byte[] ticket = observer.hello().tickets().get(0);
        int at = indexOf(hello.array(), ticket);
        byte[] changed = change.apply(ticket.clone());
        System.arraycopy(changed, 0, hello.array(), at, changed.length);
        long failuresBefore = statistics.refusals(RefusalReason.TAMPERED) + statistics.refusals(RefusalReason.UNKNOWN_KEY);
        serverSide.beginHandshake();
        ByteBuffer scratch = ByteBuffer.allocate(1 << 16);
        HandshakeObserver answers = new HandshakeObserver();
        boolean alert = false;
        try
        {
            serverSide.unwrap(hello, scratch);
            Runnable task;
            while ((task = serverSide.getDelegatedTask()) != null)
            {
                task.run();
            }
            ByteBuffer answer = ByteBuffer.allocate(1 << 16);
            while (serverSide.getHandshakeStatus() == HandshakeStatus.NEED_WRAP)
            {
                serverSide.wrap(ByteBuffer.allocate(0), answer);
            }
            answers.sent(answer.flip());
        }
        catch (SSLException e)
        {
            alert = true;
        }
        long failures = statistics.refusals(RefusalReason.TAMPERED) + statistics.refusals(RefusalReason.UNKNOWN_KEY);
        boolean unchanged = Arrays.equals(changed, ticket);
        // A binder over other bytes is a fatal alert (RFC 8446 section 4.2.11): only what was opened gets so far.
        assertFalse(alert && !unchanged, "the server was led to an alert");
        boolean refusedByUs = failures > failuresBefore;
        return refusedByUs || answers.decision() != HandshakeObserver.Decision.RESUMED ? null : new Connection(serverSide, clientSide);
    }

    private static int indexOf(byte[] all, byte[] part)
    {
        for (int i = 0; i + part.length <= all.length; i++)
        {
            if (Arrays.equals(all, i, i + part.length, part, 0, part.length))
            {
                return i;
            }
        }
        throw new AssertionError("not found");
    }

    /**
     * SunJSSE gets a cipher for each of them first, which costs more than all that we do: for a ticket too that is too short to be opened,
     * and for one of a hello that we cannot read.
     */
    @ParameterizedTest
    @CsvSource({"60, true, 4", "33, true, 0", "60, false, 0"})
    void ofHundredsOfTicketsInAHelloSunJsseOpensFour(int bytes, boolean readable, int expected) throws Exception
    {
        AtomicInteger opened = new AtomicInteger();
        TicketProtector protector = handshake -> new ForwardingTickets(tickets.begin(handshake))
        {
            @Override
            public Optional<OpenedTicket> open(byte[] ticket, byte[] associatedData, int stateFormat)
            {
                opened.incrementAndGet();
                return super.open(ticket, associatedData, stateFormat);
            }
        };
        SSLContext server = Peers.server(protector, ONE);
        List<Byte> real = ticketOf(server);
        opened.set(0);
        List<byte[]> identities = new ArrayList<>();
        for (int i = 0; i < 300; i++)
        {
            ByteBuffer identity = ByteBuffer.allocate(bytes);
            for (int k = 0; k < Integer.BYTES; k++)
            {
                identity.put(real.get(k));
            }
            identities.add(identity.putInt(i).array());
        }
        SSLEngine engine = server.createSSLEngine();
        engine.setUseClientMode(false);
        byte[] message = readable ? Hellos.clientHelloOfTls13(ONE, identities) : Hellos.unreadableClientHelloOfTls13(identities);
        ByteBuffer hello = ByteBuffer.wrap(Hellos.records(message, 16_384));
        ByteBuffer answer = ByteBuffer.allocate(1 << 16);
        while (hello.hasRemaining())
        {
            engine.unwrap(hello, ByteBuffer.allocate(1 << 15));
        }
        engine.getDelegatedTask().run();
        engine.wrap(ByteBuffer.allocate(0), answer);
        assertEquals(Hellos.HANDSHAKE, answer.get(0));
        assertEquals(expected, opened.get());
        assertEquals(1, statistics.refusals(RefusalReason.TOO_MANY));
        Peers.connect(server, client, "TLSv1.3", ONE);
        assertTrue(Peers.connect(server, client, "TLSv1.3", ONE).resumed());
    }

    @Test
    void everyTicketDiffers() throws Exception
    {
        SSLContext server = Peers.server(tickets, ONE);
        assertNotEquals(ticketOf(server), ticketOf(server));
    }

    private List<Byte> ticketOf(SSLContext server) throws Exception
    {
        AtomicReference<byte[]> seen = new AtomicReference<>();
        SSLContext fresh = Peers.client();
        Peers.connect(server, fresh, "TLSv1.3", ONE);
        tamper(server, fresh, "TLSv1.3", ticket ->
        {
            seen.set(ticket);
            return ticket;
        });
        List<Byte> bytes = new ArrayList<>();
        for (byte b : seen.get())
        {
            bytes.add(b);
        }
        return bytes;
    }
}
