package io.github.tlsresumption.openssl;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;

import io.github.tlsresumption.engine.KeyTickets;
import io.github.tlsresumption.engine.TlsHandshake;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * Tickets of a library that seals by itself: what is not as it was sealed is refused and told, and a full handshake follows.
 */
@EnabledIf("io.github.tlsresumption.openssl.Library#sealsTickets")
class LibrarySealedTicketTest
{
    private static final Certificates.Identity SERVER = Certificates.of(Certificates.Kind.P256);
    private static final int HEADER_BYTES = 9;
    private static final int MAC_BYTES = 32;

    private final LiveObjects live = new LiveObjects();
    private final TestSessions sessions = new TestSessions();
    private final NativeContext context = Peer.server(sessions, live, 1, null, SERVER);
    private final SSLContext clientContext = Peer.client(new Certificates.Trust(SERVER));

    @AfterEach
    void nothingIsLeft()
    {
        context.close();
        assertEquals("contexts=0, connections=0, credentials=0", live.toString());
    }

    private void connect(String protocol) throws SSLException
    {
        Peer client = Peer.client(clientContext, Peer.protocol(protocol));
        Peer server = Peer.server(context, Peer.protocol("TLSv1.3", "TLSv1.2"));
        Peer.pump(client, server);
        assertTrue(client.finished && server.finished);
        ((NativeSslEngine)server.engine).close();
    }

    private byte[] hello(String protocol) throws SSLException
    {
        Peer client = Peer.client(clientContext, Peer.protocol(protocol));
        client.wrap();
        byte[] hello = new byte[client.out.remaining()];
        client.out.get(hello);
        return hello;
    }

    /**
     * Gives a server the hello, which is not the one that the client has in its transcript: it comes as far as the server's flight.
     */
    private void offer(byte[] hello) throws SSLException
    {
        Peer server = Peer.server(context, Peer.protocol("TLSv1.3", "TLSv1.2"));
        server.unwrap(ByteBuffer.wrap(hello));
        if (server.engine.getHandshakeStatus() == HandshakeStatus.NEED_TASK)
        {
            server.engine.getDelegatedTask().run();
        }
        assertEquals(HandshakeStatus.NEED_WRAP, server.engine.getHandshakeStatus());
        server.wrap();
        assertEquals(HandshakeStatus.NEED_UNWRAP, server.engine.getHandshakeStatus());
        ((NativeSslEngine)server.engine).close();
    }

    /**
     * @return where the ticket is in the client's hello, which offers one: its name is the one that was sealed last
     */
    private int placeOf(byte[] hello)
    {
        String text = HexFormat.of().formatHex(hello);
        int place = text.indexOf(HexFormat.of().formatHex(sessions.lastName));
        assertTrue(place > 0 && place % 2 == 0, "no ticket is offered");
        return place / 2;
    }

    private static int number(byte[] bytes, int place)
    {
        return (bytes[place] & 0xFF) << Byte.SIZE | bytes[place + 1] & 0xFF;
    }

    static Stream<Arguments> places()
    {
        return Stream.of("TLSv1.2", "TLSv1.3").flatMap(protocol -> Stream.of(
            // Of the name the keys are others: that of another ticket, then of another one of ours.
            Arguments.of(protocol, 0, 0), Arguments.of(protocol, 5, 1),
            Arguments.of(protocol, KeyTickets.NAME_BYTES, 1), Arguments.of(protocol, KeyTickets.NAME_BYTES + KeyTickets.IV_BYTES - 1, 1),
            Arguments.of(protocol, KeyTickets.NAME_BYTES + KeyTickets.IV_BYTES, 1), Arguments.of(protocol, 100, 1),
            Arguments.of(protocol, -MAC_BYTES - 1, 1), Arguments.of(protocol, -MAC_BYTES, 1), Arguments.of(protocol, -1, 1)));
    }

    @ParameterizedTest
    @MethodSource("places")
    void aTicketThatIsTamperedWithIsRefused(String protocol, int place, int tampered) throws SSLException
    {
        AtomicInteger good = new AtomicInteger();
        sessions.answer = opening ->
        {
            good.addAndGet(opening.isPresent() ? 1 : 0);
            return opening;
        };
        connect(protocol);
        byte[] hello = hello(protocol);
        int start = placeOf(hello);
        int length = number(hello, start - 2);
        int changed = start + (place < 0 ? length + place : place);
        hello[changed] ^= 1;
        offer(hello);
        assertEquals(1, sessions.opened.get());
        assertEquals(tampered, sessions.tampered.get());
        assertEquals(0, good.get());
        // As it was it is good.
        hello[changed] ^= 1;
        offer(hello);
        assertEquals(tampered, sessions.tampered.get());
        assertEquals(1, good.get());
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void aTicketOfAKeyThatWasDroppedIsRefused(String protocol) throws SSLException
    {
        connect(protocol);
        sessions.generation++;
        connect(protocol);
        assertEquals(1, sessions.opened.get());
        assertEquals(0, sessions.resumed.get());
        // The client has got a new one.
        assertEquals(2, sessions.sealed.get());
        connect(protocol);
        assertEquals(1, sessions.resumed.get());
        assertEquals(0, sessions.tampered.get());
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void aTicketWithoutDataIsRefused(String protocol) throws SSLException
    {
        sessions.withoutData = true;
        connect(protocol);
        connect(protocol);
        assertEquals(1, sessions.opened.get());
        assertEquals(0, sessions.resumed.get());
        assertEquals(2, sessions.established.get());
    }

    /** As at the first handshake of each client. */
    @Test
    void anEmptyTicketOfTls12AsksForOne() throws SSLException
    {
        byte[] hello = hello("TLSv1.2");
        offer(hello);
        assertEquals(0, sessions.opened.get());
        connect("TLSv1.2");
        assertEquals(1, sessions.sealed.get());
        sessions.resumable = false;
        connect("TLSv1.2");
        assertEquals(0, sessions.resumed.get());
        assertEquals(1, sessions.sealed.get());
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 15, 16, 31, 32, 33, 64, 80})
    void aTicketThatIsTooShortIsRefused(int length) throws SSLException
    {
        offer(withTicket(hello("TLSv1.2"), new byte[length]));
        assertEquals(1, sessions.opened.get());
        // All but the last have no room for a MAC, but the library asks for the keys first.
        assertEquals(1, sessions.tampered.get());
    }

    /**
     * @return the hello of a client that has no ticket, with one
     */
    private static byte[] withTicket(byte[] hello, byte[] ticket)
    {
        byte[] body = Arrays.copyOfRange(hello, HEADER_BYTES, hello.length);
        int extensions = MalformedInputTest.extensionsStart(body);
        ByteArrayOutputStream list = new ByteArrayOutputStream();
        for (int place = extensions + 2; place < body.length; place += 4 + number(body, place + 2))
        {
            boolean isTicket = number(body, place) == 35;
            list.write(body, place, isTicket ? 2 : 4 + number(body, place + 2));
            if (isTicket)
            {
                list.writeBytes(new byte[]{(byte)(ticket.length >> Byte.SIZE), (byte)ticket.length});
                list.writeBytes(ticket);
            }
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(body, 0, extensions);
        out.writeBytes(new byte[]{(byte)(list.size() >> Byte.SIZE), (byte)list.size()});
        out.writeBytes(list.toByteArray());
        return MalformedInputTest.records(out.toByteArray(), 16_384);
    }

    /** OpenSSL by itself sends one after a resumption. */
    @Test
    void aResumptionBringsAsManyTicketsAsAFullHandshake() throws SSLException
    {
        try (NativeContext three = Peer.server(sessions, live, 3, null, SERVER))
        {
            for (int connections = 1; connections <= 3; connections++)
            {
                Peer client = Peer.client(clientContext, Peer.protocol("TLSv1.3"));
                Peer server = Peer.server(three, Peer.protocol("TLSv1.3"));
                Peer.pump(client, server);
                assertTrue(client.finished && server.finished);
                ((NativeSslEngine)server.engine).close();
                assertEquals(connections - 1, sessions.resumed.get());
                assertEquals(3 * connections, sessions.sealed.get());
            }
        }
    }

    /** In TLS 1.2 a client keeps the ticket that it has, unless the decision is that it needs another. */
    @Test
    void aTicketOfTls12IsRenewedWhenThatIsDecided() throws SSLException
    {
        connect("TLSv1.2");
        connect("TLSv1.2");
        assertEquals(1, sessions.sealed.get());
        sessions.renews = true;
        connect("TLSv1.2");
        assertEquals(2, sessions.sealed.get());
        sessions.renews = false;
        connect("TLSv1.2");
        assertEquals(3, sessions.resumed.get());
        assertEquals(2, sessions.sealed.get());
    }

    /** A ticket that somebody has seen is not used up by him. */
    @Test
    void aBinderThatIsWrongProvesNothing() throws SSLException
    {
        List<TlsHandshake.Proof> proofs = new ArrayList<>();
        sessions.answer = opening ->
        {
            proofs.add(sessions.last.proof(opening.orElseThrow().state()));
            return Optional.empty();
        };
        connect("TLSv1.3");
        byte[] hello = hello("TLSv1.3");
        offer(hello);
        hello[hello.length - 1] ^= 1;
        offer(hello);
        assertEquals(List.of(TlsHandshake.Proof.GIVEN, TlsHandshake.Proof.MISSING), proofs);
    }

    @Test
    void aChainOfCertificatesIsBytes() throws CertificateException
    {
        X509Certificate first = SERVER.certificate();
        X509Certificate second = Certificates.of(Certificates.Kind.RSA).certificate();
        for (List<X509Certificate> chain : List.of(List.<X509Certificate>of(), List.of(first), List.of(first, second)))
        {
            assertEquals(chain, ClientChain.decode(ClientChain.encode(chain)));
        }
        byte[] bytes = ClientChain.encode(List.of(first));
        for (int length : new int[]{1, 3, 4, 100, bytes.length - 1})
        {
            assertThrows(CertificateException.class, () -> ClientChain.decode(Arrays.copyOf(bytes, length)));
        }
        assertThrows(CertificateException.class, () -> ClientChain.decode(new byte[]{-1, -1, -1, -1}));
    }

    @Test
    void whatIsBesideASessionIsBytes() throws CertificateException
    {
        X509Certificate certificate = SERVER.certificate();
        byte[] bytes = new SessionSupplement(new SessionSecret(new byte[]{1, 2, 3}, 0xC02B), List.of(certificate)).encode();
        SessionSecret secret = SessionSupplement.secret(bytes);
        assertEquals(0xC02B, secret.cipherSuite());
        assertArrayEquals(new byte[]{1, 2, 3}, secret.secret());
        assertEquals(List.of(certificate), SessionSupplement.chain(bytes));
        for (int length : new int[]{0, 1, 3, 4, 6})
        {
            assertThrows(CertificateException.class, () -> SessionSupplement.secret(Arrays.copyOf(bytes, length)));
            assertThrows(CertificateException.class, () -> SessionSupplement.chain(Arrays.copyOf(bytes, length)));
        }
    }

    /** It is in our data alone, which in mode cache is under the session's own key. */
    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void theLibrarysStateHasAnotherSecret(String protocol) throws Exception
    {
        connect(protocol);
        byte[] hello = hello(protocol);
        int start = placeOf(hello);
        byte[] ticket = Arrays.copyOfRange(hello, start, start + number(hello, start - 2));
        String state = HexFormat.of().formatHex(sessions.decrypted(ticket));
        String secret = HexFormat.of().formatHex(SessionSupplement.secret(sessions.lastOwn).secret());
        int place = state.indexOf(secret);
        assertEquals(state.indexOf(HexFormat.of().formatHex(sessions.lastOwn)) + 2 * 4, place);
        assertEquals(-1, state.indexOf(secret, place + 1));
        offer(hello);
        assertEquals(1, sessions.opened.get());
        assertEquals(0, sessions.tampered.get());
    }
}
