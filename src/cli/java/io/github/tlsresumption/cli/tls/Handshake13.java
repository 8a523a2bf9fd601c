package io.github.tlsresumption.cli.tls;

import java.io.IOException;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

import io.github.tlsresumption.cli.tls.Outcome.How;

/**
 * What follows a ServerHello of TLS 1.3 (RFC 8446 section 2).
 */
final class Handshake13
{
    private static final int NEW_SESSION_TICKET = 4;
    private static final int ENCRYPTED_EXTENSIONS = 8;
    private static final int CERTIFICATE = 11;
    private static final int CERTIFICATE_REQUEST = 13;
    private static final int CERTIFICATE_VERIFY = 15;
    private static final int FINISHED = 20;
    private static final int KEY_UPDATE = 24;
    private static final byte[] SIGNED_PREFIX =
        (" ".repeat(64) + "TLS 1.3, server CertificateVerify\0").getBytes(StandardCharsets.US_ASCII);

    private final TlsClient client;
    private final TlsClient.ServerHello hello;
    private final Suite suite;
    private final List<X509Certificate> chain = new ArrayList<>();
    private final List<Ticket> tickets = new ArrayList<>();
    private boolean clientCertificate;
    private boolean answered;
    private byte[] serverSecret;
    private byte[] resumptionSecret;
    private Optional<ClientSession> session = Optional.empty();

    Handshake13(TlsClient client, TlsClient.ServerHello hello)
    {
        this.client = client;
        this.hello = hello;
        this.suite = hello.suite();
    }

    Outcome run() throws IOException, GeneralSecurityException
    {
        KeyShare share = client.shares().stream().filter(own -> own.group() == hello.group()).findFirst()
            .orElseThrow(() -> TlsFailure.protocol("the server's key share is in a group that was not offered"));
        byte[] zeros = new byte[suite.hashBytes()];
        byte[] preShared = hello.preSharedKey() ? preShared() : zeros;
        byte[] nothing = Kdf.digest(suite.hash());
        byte[] early = Kdf.hmac(suite.hash(), new byte[0], preShared);
        byte[] handshake = Kdf.hmac(suite.hash(), Kdf.derive(suite, early, "derived", nothing), share.agree(hello.share()));
        byte[] helloDigest = client.transcript(suite);
        byte[] clientHandshake = Kdf.derive(suite, handshake, "c hs traffic", helloDigest);
        byte[] serverHandshake = Kdf.derive(suite, handshake, "s hs traffic", helloDigest);
        byte[] master = Kdf.hmac(suite.hash(), Kdf.derive(suite, handshake, "derived", nothing), zeros);

        client.records().protectReading(Protection.tls13(suite, serverHandshake));
        byte[] context = serverFlight(serverHandshake);
        byte[] finishedDigest = client.transcript(suite);
        serverSecret = Kdf.derive(suite, master, "s ap traffic", finishedDigest);
        byte[] clientSecret = Kdf.derive(suite, master, "c ap traffic", finishedDigest);

        client.records().write(Records.CHANGE_CIPHER_SPEC, new byte[]{1});
        client.records().protectWriting(Protection.tls13(suite, clientHandshake));
        if (clientCertificate)
        {
            client.send(Wire.message(CERTIFICATE, new Wire.Writer().vector(1, context).number(3, 0).bytes()));
        }
        client.send(Wire.message(FINISHED, finished(clientHandshake)));
        resumptionSecret = Kdf.derive(suite, master, "res master", client.transcript(suite));
        client.records().protectReading(Protection.tls13(suite, serverSecret));
        client.records().protectWriting(Protection.tls13(suite, clientSecret));
        converse();
        return new Outcome(suite.name(), hello.preSharedKey() ? How.PSK : How.FULL, chain, clientCertificate, tickets, answered, session);
    }

    private byte[] preShared() throws TlsFailure
    {
        return client.offer().session().filter(offered -> offered.suite().hash().equals(suite.hash())).map(ClientSession::secret)
            .orElseThrow(() -> TlsFailure.protocol("the server takes a pre-shared key that does not suit"));
    }

    /*
     * The context of the CertificateRequest, if there is one.
     */
    private byte[] serverFlight(byte[] secret) throws IOException, GeneralSecurityException
    {
        byte[] context = {};
        client.receive(ENCRYPTED_EXTENSIONS);
        byte[] before = client.transcript(suite);
        Records.Message message = client.receive();
        if (message.is(CERTIFICATE_REQUEST))
        {
            clientCertificate = true;
            context = Wire.vector(message.body(), 1);
            message = client.receive();
        }
        if (!hello.preSharedKey())
        {
            certificates(TlsClient.require(message, CERTIFICATE).body());
            byte[] signed = Wire.join(SIGNED_PREFIX, client.transcript(suite));
            ByteBuffer verify = client.receive(CERTIFICATE_VERIFY).body();
            ServerSignature.check(Wire.number(verify, 2), chain.get(0), Wire.vector(verify, 2), signed);
            before = client.transcript(suite);
            message = client.receive();
        }
        byte[] expected = finished(secret, before);
        byte[] received = Wire.raw(TlsClient.require(message, FINISHED).body(), expected.length);
        if (!MessageDigest.isEqual(expected, received))
        {
            throw TlsFailure.protocol("the server's Finished is wrong");
        }
        return context;
    }

    private void certificates(ByteBuffer body) throws IOException, GeneralSecurityException
    {
        Wire.vector(body, 1);
        ByteBuffer list = ByteBuffer.wrap(Wire.vector(body, 3));
        while (list.hasRemaining())
        {
            chain.add(TlsClient.certificate(Wire.vector(list, 3)));
            Wire.vector(list, 2);
        }
        if (chain.isEmpty())
        {
            throw TlsFailure.protocol("the server has no certificate");
        }
    }

    private byte[] finished(byte[] secret) throws GeneralSecurityException
    {
        return finished(secret, client.transcript(suite));
    }

    private byte[] finished(byte[] secret, byte[] digest) throws GeneralSecurityException
    {
        byte[] key = Kdf.expandLabel(suite.hash(), secret, "finished", new byte[0], suite.hashBytes());
        return Kdf.hmac(suite.hash(), key, digest);
    }

    /*
     * Tickets come after the handshake, some with the first answer.
     */
    private void converse() throws IOException, GeneralSecurityException
    {
        try
        {
            client.ask();
            Records.Message message;
            while ((message = client.records().read()) != null)
            {
                if (message.is(NEW_SESSION_TICKET))
                {
                    ticket(message.body());
                }
                else if (message.record() == Records.APPLICATION_DATA)
                {
                    answered = true;
                    client.hurry();
                }
                else if (message.is(KEY_UPDATE))
                {
                    serverSecret = Kdf.derive(suite, serverSecret, "traffic upd", new byte[0]);
                    client.records().protectReading(Protection.tls13(suite, serverSecret));
                }
            }
            answered = true;
            client.records().sayGoodbye();
        }
        catch (TlsFailure e)
        {
            answered |= e.kind() == TlsFailure.Kind.CLOSED;
            // A server refuses the client's Finished by an alert; how a conversation that was one ends is not of interest.
            if (e.kind() == TlsFailure.Kind.ALERT || e.kind() == TlsFailure.Kind.PROTOCOL)
            {
                throw e;
            }
            client.records().sayGoodbye();
        }
        catch (SocketException e)
        {
            // As when a server closes while the request is on its way.
            client.records().sayGoodbye();
        }
    }

    private void ticket(ByteBuffer body) throws GeneralSecurityException
    {
        long lifetime = Wire.number(body, 4) & 0xFFFFFFFFL;
        long ageAdd = Wire.number(body, 4) & 0xFFFFFFFFL;
        byte[] nonce = Wire.vector(body, 1);
        Ticket ticket = new Ticket(Wire.vector(body, 2), lifetime, ageAdd, nonce);
        tickets.add(ticket);
        byte[] secret = Kdf.expandLabel(suite.hash(), resumptionSecret, "resumption", nonce, suite.hashBytes());
        if (ticket.bytes().length > 0)
        {
            session = Optional.of(new ClientSession(Protocol.TLS_1_3, suite, secret, Optional.of(ticket), new byte[0], System.nanoTime()));
        }
    }
}
