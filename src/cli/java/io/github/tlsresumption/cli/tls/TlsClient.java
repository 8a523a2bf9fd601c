package io.github.tlsresumption.cli.tls;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

import io.github.tlsresumption.cli.tls.TlsFailure.Kind;

/**
 * Makes one connection for each call: a handshake, one request, and what tickets come with it. It checks the server's signature and
 * leaves its certificate to the caller. Not for traffic: what it keeps of a session is in plain objects.
 */
public final class TlsClient
{
    private static final int CLIENT_HELLO = 1;
    private static final int SERVER_HELLO = 2;
    private static final int SERVER_NAME = 0;
    private static final int SUPPORTED_GROUPS = 10;
    private static final int EC_POINT_FORMATS = 11;
    private static final int SIGNATURE_ALGORITHMS = 13;
    private static final int ALPN = 16;
    private static final int EXTENDED_MASTER_SECRET = 23;
    private static final int SESSION_TICKET = 35;
    private static final int PRE_SHARED_KEY = 41;
    private static final int SUPPORTED_VERSIONS = 43;
    private static final int COOKIE = 44;
    private static final int PSK_KEY_EXCHANGE_MODES = 45;
    private static final int KEY_SHARE = 51;
    private static final int RENEGOTIATION_INFO = 0xFF01;
    private static final int RANDOM_BYTES = 32;
    private static final int UNASKED_MILLIS = 1_000;
    private static final byte[] RETRY =
        HexFormat.of().parseHex("cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c");
    private static final SecureRandom RANDOM = new SecureRandom();

    private final Offer offer;
    private final Socket socket;
    private final Records records;
    private final Optional<byte[]> request;
    private final byte[] random = bytes(RANDOM_BYTES);
    private final byte[] sessionId;
    private final List<KeyShare> shares = new ArrayList<>();
    private byte[] transcript = {};
    private byte[] cookie = {};
    private Records.Message lastMessage;

    /**
     * What a ServerHello says.
     *
     * @param random 32 bytes
     * @param sessionId an echo of the client's, or the server's own
     * @param suite the one chosen
     * @param tls13 whether the server chose TLS 1.3
     * @param preSharedKey whether it takes the one offered
     * @param group of its key share, or 0
     * @param share its key share
     * @param cookie of a HelloRetryRequest
     * @param extendedMasterSecret see RFC 7627
     */
    record ServerHello(byte[] random, byte[] sessionId, Suite suite, boolean tls13, boolean preSharedKey, int group, byte[] share,
        byte[] cookie, boolean extendedMasterSecret)
    {
        boolean isRetry()
        {
            return Arrays.equals(random, RETRY);
        }
    }

    private TlsClient(Offer offer, Socket socket, Records records, Optional<byte[]> request)
    {
        this.offer = offer;
        this.socket = socket;
        this.records = records;
        this.request = request;
        Optional<ClientSession> byId = offer.session()
            .filter(session -> session.protocol() == Protocol.TLS_1_2 && session.ticket().isEmpty());
        boolean none = offer.protocol() == Protocol.TLS_1_2 && offer.session().isEmpty();
        // RFC 5077 section 3.4: with a ticket the client invents an id, by whose echo it knows that the ticket was taken.
        this.sessionId = none ? new byte[0] : byId.map(ClientSession::sessionId).orElseGet(() -> bytes(RANDOM_BYTES));
    }

    /**
     * @param address of the server
     * @param offer what to say
     * @param host for the request, which asks for nothing but the head of {@code /}; without one, no request is sent, and tickets are
     *     waited for a second
     * @param patience for the connection, and for each answer
     * @return what came of it
     * @throws TlsFailure when the handshake does not come to its end
     * @throws IOException when there is no connection
     */
    public static Outcome connect(InetSocketAddress address, Offer offer, Optional<String> host, Duration patience) throws IOException
    {
        try (Socket socket = new Socket())
        {
            socket.setSoTimeout((int)patience.toMillis());
            socket.setTcpNoDelay(true);
            try
            {
                socket.connect(address, (int)patience.toMillis());
            }
            catch (SocketTimeoutException e)
            {
                throw new IOException("no connection within " + patience.toSeconds() + " s", e);
            }
            Records records = new Records(socket.getInputStream(), socket.getOutputStream());
            Optional<byte[]> request = host.map(name -> ("HEAD / HTTP/1.1\r\nHost: " + name
                + "\r\nUser-Agent: jetty-tls-resumption\r\nConnection: close\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
            return new TlsClient(offer, socket, records, request).run();
        }
        catch (GeneralSecurityException e)
        {
            throw new TlsFailure(Kind.PROTOCOL, "the handshake failed: " + e.getMessage(), e);
        }
        catch (BufferUnderflowException e)
        {
            throw new TlsFailure(Kind.PROTOCOL, "the server sent a malformed message", e);
        }
    }

    private Outcome run() throws IOException, GeneralSecurityException
    {
        if (offer.protocol() == Protocol.TLS_1_3)
        {
            records.skipChangeCipherSpec();
            shares.add(KeyShare.in(KeyShare.GROUPS.get(0)));
            shares.add(KeyShare.in(KeyShare.GROUPS.get(1)));
        }
        send(clientHello());
        ServerHello hello = serverHello();
        if (hello.isRetry() && hello.tls13())
        {
            hello = retry(hello);
        }
        if (hello.tls13() != (offer.protocol() == Protocol.TLS_1_3))
        {
            throw TlsFailure.protocol("the server chose another version than the one offered");
        }
        return hello.tls13() ? new Handshake13(this, hello).run() : new Handshake12(this, hello).run();
    }

    private ServerHello retry(ServerHello retry) throws IOException, GeneralSecurityException
    {
        byte[] message = lastMessage.raw();
        // RFC 8446 section 4.4.1: a digest stands for the first ClientHello.
        byte[] first = Arrays.copyOf(transcript, transcript.length - message.length);
        transcript = Wire.join(Wire.message(254, Kdf.digest(retry.suite().hash(), first)), message);
        cookie = retry.cookie();
        if (retry.group() != 0)
        {
            shares.clear();
            shares.add(KeyShare.in(retry.group()));
        }
        records.write(Records.CHANGE_CIPHER_SPEC, new byte[]{1});
        send(clientHello());
        ServerHello hello = serverHello();
        if (hello.isRetry())
        {
            throw TlsFailure.protocol("a second HelloRetryRequest");
        }
        return hello;
    }

    private byte[] clientHello() throws GeneralSecurityException
    {
        boolean tls13 = offer.protocol() == Protocol.TLS_1_3;
        Optional<ClientSession> preShared = offer.session().filter(session -> session.protocol() == Protocol.TLS_1_3);
        List<Integer> suites = Arrays.stream(Suite.values()).filter(suite -> suite.isFor(offer.protocol())).map(Suite::id).toList();
        Wire.Writer body = new Wire.Writer().number(2, Protocol.TLS_1_2.id()).raw(random).vector(1, sessionId)
            .numbers(2, 2, suites).vector(1, new byte[1]);
        Wire.Writer extensions = new Wire.Writer();
        offer.serverName().ifPresent(name -> extension(extensions, SERVER_NAME, content -> content.vector(2, list ->
            list.number(1, 0).vector(2, name.getBytes(StandardCharsets.US_ASCII)))));
        extension(extensions, SUPPORTED_GROUPS, content -> content.numbers(2, 2, KeyShare.GROUPS));
        extension(extensions, SIGNATURE_ALGORITHMS, content -> content.numbers(2, 2, ServerSignature.SCHEMES));
        extension(extensions, ALPN, content -> content.vector(2, list -> list.vector(1, "http/1.1".getBytes(StandardCharsets.US_ASCII))));
        if (!tls13)
        {
            extension(extensions, EC_POINT_FORMATS, content -> content.vector(1, new byte[1]));
            extension(extensions, EXTENDED_MASTER_SECRET, content -> content.raw(new byte[0]));
            extension(extensions, RENEGOTIATION_INFO, content -> content.raw(new byte[1]));
            if (offer.tickets())
            {
                byte[] ticket = offer.session().flatMap(ClientSession::ticket).map(Ticket::bytes).orElse(new byte[0]);
                extension(extensions, SESSION_TICKET, content -> content.raw(ticket));
            }
            return Wire.message(CLIENT_HELLO, body.vector(2, extensions.bytes()).bytes());
        }
        extension(extensions, SUPPORTED_VERSIONS, content -> content.numbers(1, 2, List.of(Protocol.TLS_1_3.id())));
        extension(extensions, KEY_SHARE, content -> content.vector(2, list ->
            shares.forEach(share -> list.number(2, share.group()).vector(2, share.encoded()))));
        extension(extensions, PSK_KEY_EXCHANGE_MODES, content -> content.numbers(1, 1, List.of(1)));
        if (cookie.length > 0)
        {
            extension(extensions, COOKIE, content -> content.vector(2, cookie));
        }
        return preShared.isEmpty() ? Wire.message(CLIENT_HELLO, body.vector(2, extensions.bytes()).bytes())
            : withBinder(body, extensions, preShared.get());
    }

    private byte[] withBinder(Wire.Writer body, Wire.Writer extensions, ClientSession session) throws GeneralSecurityException
    {
        Ticket ticket = session.ticket().orElseThrow();
        long age = Duration.ofNanos(System.nanoTime() - session.since()).toMillis() + ticket.ageAdd();
        int hashBytes = session.suite().hashBytes();
        extension(extensions, PRE_SHARED_KEY, content -> content
            .vector(2, list -> list.vector(2, ticket.bytes()).number(4, age & 0xFFFFFFFFL))
            .vector(2, list -> list.vector(1, new byte[hashBytes])));
        byte[] hello = Wire.message(CLIENT_HELLO, body.vector(2, extensions.bytes()).bytes());
        byte[] truncated = Arrays.copyOf(hello, hello.length - hashBytes - 3);
        byte[] early = Kdf.hmac(session.suite().hash(), new byte[0], session.secret());
        byte[] binderKey = Kdf.derive(session.suite(), early, "res binder", Kdf.digest(session.suite().hash()));
        byte[] finishedKey = Kdf.expandLabel(session.suite().hash(), binderKey, "finished", new byte[0], hashBytes);
        byte[] binder = Kdf.hmac(session.suite().hash(), finishedKey, Kdf.digest(session.suite().hash(), transcript, truncated));
        System.arraycopy(binder, 0, hello, hello.length - hashBytes, hashBytes);
        return hello;
    }

    private static void extension(Wire.Writer extensions, int type, Consumer<Wire.Writer> content)
    {
        extensions.number(2, type).vector(2, content);
    }

    private ServerHello serverHello() throws IOException, GeneralSecurityException
    {
        lastMessage = receive(SERVER_HELLO);
        ByteBuffer body = lastMessage.body();
        body.getShort();
        byte[] serverRandom = Wire.raw(body, RANDOM_BYTES);
        byte[] id = Wire.vector(body, 1);
        int suiteId = Wire.number(body, 2);
        body.get();
        boolean tls13 = false;
        boolean preSharedKey = false;
        boolean extendedMasterSecret = false;
        int group = 0;
        byte[] share = {};
        byte[] newCookie = {};
        boolean retry = Arrays.equals(serverRandom, RETRY);
        ByteBuffer extensions = ByteBuffer.wrap(body.hasRemaining() ? Wire.vector(body, 2) : new byte[0]);
        while (extensions.hasRemaining())
        {
            int type = Wire.number(extensions, 2);
            ByteBuffer extension = ByteBuffer.wrap(Wire.vector(extensions, 2));
            switch (type)
            {
                case SUPPORTED_VERSIONS -> tls13 = Wire.number(extension, 2) == Protocol.TLS_1_3.id();
                case PRE_SHARED_KEY -> preSharedKey = true;
                case EXTENDED_MASTER_SECRET -> extendedMasterSecret = true;
                case COOKIE -> newCookie = Wire.vector(extension, 2);
                case KEY_SHARE ->
                {
                    group = Wire.number(extension, 2);
                    share = retry ? share : Wire.vector(extension, 2);
                }
                default ->
                {
                    // Nothing else bears on the handshake.
                }
            }
        }
        Suite suite = Suite.of(suiteId).orElseThrow(() -> TlsFailure.protocol("the server chose a suite that was not offered"));
        return new ServerHello(serverRandom, id, suite, tls13, preSharedKey, group, share, newCookie, extendedMasterSecret);
    }

    Offer offer()
    {
        return offer;
    }

    Records records()
    {
        return records;
    }

    byte[] random()
    {
        return random;
    }

    byte[] sessionId()
    {
        return sessionId;
    }

    List<KeyShare> shares()
    {
        return shares;
    }

    /**
     * @return the digest of all messages so far
     */
    byte[] transcript(Suite suite) throws GeneralSecurityException
    {
        return Kdf.digest(suite.hash(), transcript);
    }

    void send(byte[] message) throws IOException, GeneralSecurityException
    {
        transcript = Wire.join(transcript, message);
        records.write(Records.HANDSHAKE, message);
    }

    /**
     * @return the next message, which counts for the digest unless it is no handshake message
     */
    Records.Message receive() throws IOException, GeneralSecurityException
    {
        Records.Message message = records.read();
        if (message == null)
        {
            throw new TlsFailure(Kind.CLOSED, "the server closed the connection in the midst of the handshake", null);
        }
        if (message.record() == Records.HANDSHAKE)
        {
            transcript = Wire.join(transcript, message.raw());
        }
        return message;
    }

    Records.Message receive(int handshakeType) throws IOException, GeneralSecurityException
    {
        return require(receive(), handshakeType);
    }

    static Records.Message require(Records.Message message, int handshakeType) throws TlsFailure
    {
        if (!message.is(handshakeType))
        {
            throw TlsFailure.protocol("the server sent message " + message.type() + " where " + handshakeType + " was due");
        }
        return message;
    }

    /**
     * Sends the request, if there is one.
     *
     * @return whether there is
     */
    boolean ask() throws IOException, GeneralSecurityException
    {
        if (request.isPresent())
        {
            records.write(Records.APPLICATION_DATA, request.get());
        }
        else
        {
            hurry();
        }
        return request.isPresent();
    }

    /**
     * What is still to come comes soon.
     */
    void hurry() throws IOException
    {
        socket.setSoTimeout(Math.min(socket.getSoTimeout(), UNASKED_MILLIS));
    }

    static X509Certificate certificate(byte[] der) throws GeneralSecurityException
    {
        return (X509Certificate)CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der));
    }

    private static byte[] bytes(int length)
    {
        byte[] bytes = new byte[length];
        RANDOM.nextBytes(bytes);
        return bytes;
    }
}
