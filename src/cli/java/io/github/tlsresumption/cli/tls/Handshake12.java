package io.github.tlsresumption.cli.tls;

import java.io.IOException;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

import io.github.tlsresumption.cli.tls.Outcome.How;

/**
 * What follows a ServerHello of TLS 1.2 (RFC 5246 section 7.3, RFC 5077 section 3.1, RFC 7627).
 */
final class Handshake12
{
    private static final int NEW_SESSION_TICKET = 4;
    private static final int CERTIFICATE = 11;
    private static final int SERVER_KEY_EXCHANGE = 12;
    private static final int CERTIFICATE_REQUEST = 13;
    private static final int SERVER_HELLO_DONE = 14;
    private static final int CLIENT_KEY_EXCHANGE = 16;
    private static final int FINISHED = 20;
    private static final int CERTIFICATE_STATUS = 22;
    private static final int NAMED_CURVE = 3;
    private static final int MASTER_SECRET_BYTES = 48;
    private static final int FINISHED_BYTES = 12;

    private final TlsClient client;
    private final TlsClient.ServerHello hello;
    private final Suite suite;
    private final List<X509Certificate> chain = new ArrayList<>();
    private final List<Ticket> tickets = new ArrayList<>();
    private boolean clientCertificate;
    private boolean answered;
    private byte[] master;
    private Protection serverProtection;
    private Protection clientProtection;

    Handshake12(TlsClient client, TlsClient.ServerHello hello)
    {
        this.client = client;
        this.hello = hello;
        this.suite = hello.suite();
    }

    Outcome run() throws IOException, GeneralSecurityException
    {
        Records.Message message = client.receive();
        boolean resumed = message.is(NEW_SESSION_TICKET) || message.record() == Records.CHANGE_CIPHER_SPEC;
        How how = How.FULL;
        if (resumed)
        {
            ClientSession offered = client.offer().session()
                .orElseThrow(() -> TlsFailure.protocol("the server resumes a session that nobody offered"));
            how = offered.ticket().isPresent() ? How.TICKET : How.SESSION_ID;
            master = offered.secret();
            deriveKeys();
            serverFinished(message);
            clientFinished();
        }
        else
        {
            full(message);
            clientFinished();
            serverFinished(client.receive());
        }
        converse();
        return new Outcome(suite.name(), how, chain, clientCertificate, tickets, answered, session(resumed));
    }

    /*
     * After a resumption without a new ticket the one that was offered goes on.
     */
    private Optional<ClientSession> session(boolean resumed)
    {
        Optional<Ticket> kept = resumed ? client.offer().session().flatMap(ClientSession::ticket) : Optional.empty();
        Optional<Ticket> ticket = tickets.stream().filter(given -> given.bytes().length > 0).findFirst().or(() -> kept);
        byte[] id = ticket.isPresent() ? new byte[0] : hello.sessionId();
        return ticket.isEmpty() && id.length == 0 ? Optional.empty()
            : Optional.of(new ClientSession(Protocol.TLS_1_2, suite, master, ticket, id, System.nanoTime()));
    }

    private void full(Records.Message first) throws IOException, GeneralSecurityException
    {
        ByteBuffer list = ByteBuffer.wrap(Wire.vector(TlsClient.require(first, CERTIFICATE).body(), 3));
        while (list.hasRemaining())
        {
            chain.add(TlsClient.certificate(Wire.vector(list, 3)));
        }
        if (chain.isEmpty())
        {
            throw TlsFailure.protocol("the server has no certificate");
        }
        Records.Message message = client.receive();
        if (message.is(CERTIFICATE_STATUS))
        {
            message = client.receive();
        }
        ByteBuffer exchange = TlsClient.require(message, SERVER_KEY_EXCHANGE).body();
        if (Wire.number(exchange, 1) != NAMED_CURVE)
        {
            throw TlsFailure.protocol("the server's curve has no name");
        }
        int group = Wire.number(exchange, 2);
        byte[] point = Wire.vector(exchange, 1);
        byte[] parameters = new Wire.Writer().number(1, NAMED_CURVE).number(2, group).vector(1, point).bytes();
        int scheme = Wire.number(exchange, 2);
        ServerSignature.check(scheme, chain.get(0), Wire.vector(exchange, 2), Wire.join(client.random(), hello.random(), parameters));

        message = client.receive();
        if (message.is(CERTIFICATE_REQUEST))
        {
            clientCertificate = true;
            message = client.receive();
        }
        TlsClient.require(message, SERVER_HELLO_DONE);
        if (clientCertificate)
        {
            client.send(Wire.message(CERTIFICATE, new byte[3]));
        }
        KeyShare share = KeyShare.in(group);
        client.send(Wire.message(CLIENT_KEY_EXCHANGE, new Wire.Writer().vector(1, share.encoded()).bytes()));
        byte[] secret = share.agree(point);
        master = hello.extendedMasterSecret()
            ? Kdf.prf(suite.hash(), secret, "extended master secret", client.transcript(suite), MASTER_SECRET_BYTES)
            : Kdf.prf(suite.hash(), secret, "master secret", Wire.join(client.random(), hello.random()), MASTER_SECRET_BYTES);
        deriveKeys();
    }

    private void deriveKeys() throws GeneralSecurityException
    {
        int key = suite.keyBytes();
        int iv = suite.chaCha() ? 12 : 4;
        byte[] block = Kdf.prf(suite.hash(), master, "key expansion", Wire.join(hello.random(), client.random()), 2 * (key + iv));
        clientProtection = new Protection(suite, Arrays.copyOf(block, key), Arrays.copyOfRange(block, 2 * key, 2 * key + iv), false);
        serverProtection =
            new Protection(suite, Arrays.copyOfRange(block, key, 2 * key), Arrays.copyOfRange(block, 2 * key + iv, block.length), false);
    }

    private void clientFinished() throws IOException, GeneralSecurityException
    {
        byte[] finished = finished("client finished");
        client.records().write(Records.CHANGE_CIPHER_SPEC, new byte[]{1});
        client.records().protectWriting(clientProtection);
        client.send(Wire.message(FINISHED, finished));
    }

    private void serverFinished(Records.Message first) throws IOException, GeneralSecurityException
    {
        Records.Message message = first;
        if (message.is(NEW_SESSION_TICKET))
        {
            ByteBuffer body = message.body();
            long lifetime = Wire.number(body, 4) & 0xFFFFFFFFL;
            tickets.add(new Ticket(Wire.vector(body, 2), lifetime, 0, new byte[0]));
            message = client.receive();
        }
        if (message.record() != Records.CHANGE_CIPHER_SPEC)
        {
            throw TlsFailure.protocol("the server does not change to protected records");
        }
        client.records().protectReading(serverProtection);
        byte[] expected = finished("server finished");
        byte[] received = Wire.raw(client.receive(FINISHED).body(), FINISHED_BYTES);
        if (!MessageDigest.isEqual(expected, received))
        {
            throw TlsFailure.protocol("the server's Finished is wrong");
        }
    }

    private byte[] finished(String label) throws GeneralSecurityException
    {
        return Kdf.prf(suite.hash(), master, label, client.transcript(suite), FINISHED_BYTES);
    }

    private void converse() throws IOException, GeneralSecurityException
    {
        try
        {
            if (client.ask())
            {
                client.records().read();
                answered = true;
            }
        }
        catch (SocketException | TlsFailure e)
        {
            // The handshake is over, and the answer of no interest.
            return;
        }
        finally
        {
            client.records().sayGoodbye();
        }
    }
}
