package io.github.tlsresumption.openssl;

import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.function.Supplier;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SNIMatcher;

import io.github.tlsresumption.engine.KeyTickets;

/**
 * The decisions of one handshake: the answers to what the library asks. What may block is put off to a delegated task. Confined to the
 * thread that holds the engine's lock, except for the running of a delegated task.
 */
final class ServerHandshake implements SslCallbacks
{
    private static final int HANDSHAKE_FAILURE = 40;
    private static final int UNRECOGNIZED_NAME = 112;

    private final NativeSslEngine engine;
    private final NativeContext context;
    private final TlsSettings settings;
    private final NativeSession session;
    private final long connection;
    private final HandshakeSessions sessions;
    private byte[] body;
    private int helloAlert = HANDSHAKE_FAILURE;
    /** The library is to ask for the answer to the ClientHello once more, in a delegated task. */
    private boolean paused;
    private PrivateKey signer;
    private byte[] signature;
    private String applicationProtocol;
    private Throwable failure;
    private Deferred<List<X509Certificate>> verification;
    private Deferred<byte[]> signing;
    private Deferred<?> waiting;

    /**
     * @param engine is shown to key managers, trust managers and selectors
     * @param context what all connections share
     * @param session the handshake session
     * @param connection the library's
     */
    ServerHandshake(NativeSslEngine engine, NativeContext context, NativeSession session, NativeContext.NewConnection connection)
    {
        this.engine = engine;
        this.context = context;
        this.settings = engine.settings();
        this.session = session;
        this.connection = connection.address();
        this.sessions = new HandshakeSessions(context, engine, session, connection);
    }

    /**
     * @return what the handshake waits for, to be run once by {@link Deferred#run}; or null
     */
    Deferred<?> waiting()
    {
        return waiting != null && !waiting.isDone() ? waiting : null;
    }

    /**
     * @return why the handshake has failed, as far as it is known here, or null
     */
    Throwable failure()
    {
        return failure;
    }

    /**
     * @return the protocol that was chosen by ALPN, empty for none; or null before, and without ALPN
     */
    String applicationProtocol()
    {
        return applicationProtocol;
    }

    /**
     * @return the decisions about its session
     */
    HandshakeSessions sessions()
    {
        return sessions;
    }

    @Override
    public void received(byte[] hello)
    {
        body = hello;
    }

    @Override
    public Answer clientHello()
    {
        if (paused)
        {
            paused = false;
            return Answer.YES;
        }
        ClientHello hello = ClientHello.parse(body);
        sessions.received(hello);
        if (!serverName(hello))
        {
            helloAlert = UNRECOGNIZED_NAME;
            return Answer.NO;
        }
        boolean tls13 = settings.allows(Supported.TLS13) && hello.offers(Supported.TLS13);
        if (!tls13 && !(settings.allows(Supported.TLS12) && hello.offers(Supported.TLS12)))
        {
            // The library refuses the versions, with the alert for it.
            return Answer.YES;
        }
        Optional<Credential> chosen = context.credentials().choose(engine, hello, tls13, tls13 ? List.of() : settings.tls12Suites());
        if (chosen.isEmpty())
        {
            failure = new GeneralSecurityException("the key manager has no certificate for this client");
            return Answer.NO;
        }
        Credential credential = chosen.get();
        try
        {
            context.credentials().show(credential, connection);
            signer = credential.signer().orElse(null);
            session.local(credential.chain());
        }
        finally
        {
            credential.release();
        }
        context.lib().setVerify(connection, settings.verifyMode());
        sessions.begin(tls13);
        paused = context.lib().sealsTickets() && sessions.mayBlock();
        return paused ? Answer.LATER : Answer.YES;
    }

    @Override
    public int helloAlert()
    {
        return helloAlert;
    }

    /**
     * @return whether what the library asks in the next step may block, though it does not wait: that step is to run in a delegated task
     */
    boolean mayBlock()
    {
        return paused || context.lib().sealsTickets() && mayVerify();
    }

    private boolean mayVerify()
    {
        return settings.verifyMode() != LibSsl.VERIFY_NONE && verification == null && sessions.hello().isPresent()
            && !context.lib().isResumed(connection);
    }

    /**
     * @return whether the host is one that is served, by the matchers
     */
    private boolean serverName(ClientHello hello)
    {
        Optional<byte[]> encoded = hello.serverName();
        if (encoded.isEmpty())
        {
            return true;
        }
        SNIHostName name;
        try
        {
            name = new SNIHostName(encoded.get());
        }
        catch (IllegalArgumentException e)
        {
            failure = e;
            return false;
        }
        session.serverNames(List.of(name));
        boolean all = true;
        for (SNIMatcher matcher : settings.sniMatchers())
        {
            if (matcher.getType() == name.getType())
            {
                if (matcher.matches(name))
                {
                    return true;
                }
                all = false;
            }
        }
        return all;
    }

    @Override
    public OptionalInt chooseProtocol(byte[] offered)
    {
        negotiated();
        ApplicationProtocols protocols = ApplicationProtocols.parse(offered);
        applicationProtocol = protocols.choose(engine, settings).orElse("");
        return applicationProtocol.isEmpty() ? OptionalInt.empty() : OptionalInt.of(protocols.placeOf(applicationProtocol));
    }

    private void negotiated()
    {
        session.negotiated(Supported.protocol(context.lib().version(connection)),
            context.lib().cipherSuite(connection).orElse(session.getCipherSuite()));
    }

    @Override
    public int ticketOverhead()
    {
        return SealedByUs.OVERHEAD_BYTES;
    }

    @Override
    public byte[] seal(byte[] state)
    {
        return sessions.byUs().seal(state);
    }

    @Override
    public Opening open(byte[] ticket)
    {
        return waitFor(sessions.open(ticket));
    }

    @Override
    public byte[] ticketData(SessionSecret secret)
    {
        return sessions.byLibrary().data(secret);
    }

    @Override
    public OptionalLong ticketSeconds()
    {
        return sessions.byLibrary().seconds();
    }

    @Override
    public Optional<KeyTickets.Secrets> newTicketSecrets()
    {
        return sessions.byLibrary().newSecrets();
    }

    @Override
    public Optional<KeyTickets.Secrets> ticketSecrets(byte[] name, byte[] iv)
    {
        return sessions.byLibrary().secrets(name, iv);
    }

    @Override
    public Taking takeTicket(byte[] data, Consumer<byte[]> secret)
    {
        return sessions.byLibrary().take(data, secret);
    }

    @Override
    public Taking unreadableTicket(byte[] name)
    {
        return sessions.byLibrary().unreadable(name);
    }

    @Override
    public void newSession(byte[] id, byte[] state)
    {
        sessions.add(id, state);
    }

    @Override
    public Opening findSession(byte[] id)
    {
        return waitFor(sessions.find(id));
    }

    private Opening waitFor(Opening answer)
    {
        sessions.waiting().ifPresent(work -> waiting = work);
        return answer;
    }

    @Override
    public Answer verify(Supplier<List<byte[]>> encodedChain)
    {
        if (verification == null)
        {
            negotiated();
            List<byte[]> encoded = encodedChain.get();
            verification = new Deferred<>(() ->
            {
                List<X509Certificate> chain = ClientCertificates.parse(encoded);
                context.clientCertificates().check(chain, engine);
                return chain;
            });
            if (context.lib().sealsTickets())
            {
                verification.run();
            }
            else
            {
                waiting = verification;
            }
        }
        if (!verification.isDone())
        {
            return Answer.LATER;
        }
        failure = verification.thrown().orElse(failure);
        verification.result().ifPresent(chain ->
        {
            session.peer(chain);
            sessions.clientIsKnown();
        });
        return verification.result().isPresent() ? Answer.YES : Answer.NO;
    }

    @Override
    public int verifyAlert()
    {
        return ClientCertificates.alert(failure);
    }

    @Override
    public Answer sign(int scheme, byte[] input)
    {
        PrivateKey key = signer;
        SignatureScheme known = SignatureScheme.of(scheme).orElse(null);
        if (key == null || known == null)
        {
            return Answer.NO;
        }
        signing = new Deferred<>(() -> known.sign(key, input));
        waiting = signing;
        return Answer.LATER;
    }

    @Override
    public Answer signed()
    {
        if (!signing.isDone())
        {
            return Answer.LATER;
        }
        failure = signing.thrown().orElse(failure);
        signature = signing.result().orElse(null);
        return signature == null ? Answer.NO : Answer.YES;
    }

    @Override
    public byte[] signature()
    {
        return signature;
    }

    @Override
    public void thrown(Throwable e)
    {
        failure = e;
    }
}
