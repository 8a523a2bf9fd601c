package io.github.tlsresumption.openssl;

import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Supplier;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SNIMatcher;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;

import io.github.tlsresumption.crypto.Random;

/**
 * The decisions of one handshake: the answers to what the library asks. What may block is put off to a delegated task. Confined to the
 * thread that holds the engine's lock, except for the running of a delegated task.
 */
final class ServerHandshake implements SslCallbacks, HandshakeInfo
{
    private static final int UNRECOGNIZED_NAME = 112;
    /** No decoy is longer, and no ticket of a plausible session. */
    private static final int MAX_DECOY_BYTES = 2048;

    private final NativeSslEngine engine;
    private final NativeContext context;
    private final TlsSettings settings;
    private final NativeSession session;
    private final long connection;
    private final ConnectionSessions sessions;
    private final DeferredOpening opening;
    private ConnectionSessions.Terms terms;
    private ClientHello hello;
    private PrivateKey signer;
    private byte[] signature;
    private String applicationProtocol;
    private Throwable failure;
    private Deferred<List<X509Certificate>> verification;
    private Deferred<byte[]> signing;
    private Deferred<?> waiting;
    private boolean over;

    /**
     * @param engine is shown to key managers, trust managers and selectors
     * @param context what all connections share
     * @param session the handshake session
     * @param connection the library's
     */
    ServerHandshake(NativeSslEngine engine, NativeContext context, NativeSession session, long connection)
    {
        this.engine = engine;
        this.context = context;
        this.settings = engine.settings();
        this.session = session;
        this.connection = connection;
        this.opening = new DeferredOpening(context::warn);
        this.sessions = context.protector().begin(this);
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
     * @return the protocol that was chosen by ALPN, empty for none; or null before
     */
    String applicationProtocol()
    {
        return applicationProtocol;
    }

    /**
     * @param resumed whether a session was resumed
     * @return the id for applications
     * @throws SSLException when the connection must end
     */
    Optional<byte[]> established(boolean resumed) throws SSLException
    {
        over = true;
        if (applicationProtocol == null)
        {
            applicationProtocol = "";
        }
        return sessions.established(resumed, session);
    }

    /**
     * The handshake will not be complete. May be called more than once, and after {@link #established}, when it does nothing.
     */
    void abandoned()
    {
        if (!over)
        {
            over = true;
            sessions.abandoned();
        }
    }

    void invalidated()
    {
        sessions.invalidated();
    }

    @Override
    public Answer clientHello(byte[] body)
    {
        hello = ClientHello.parse(body);
        if (!serverName())
        {
            context.lib().sendAlert(connection, UNRECOGNIZED_NAME);
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
            credential.show(connection);
            signer = credential.signer().orElse(null);
            session.local(credential.chain());
        }
        finally
        {
            credential.release();
        }
        applyTerms();
        return Answer.YES;
    }

    private void applyTerms()
    {
        if (terms == null)
        {
            terms = sessions.terms();
        }
        context.lib().setVerify(connection, settings.verifyMode());
        context.lib().setSessionIdContext(connection, terms.context());
        if (!terms.tickets())
        {
            context.lib().setNoTickets(connection);
        }
    }

    /**
     * @return whether the host is one that is served, by the matchers
     */
    private boolean serverName()
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
        Collection<SNIMatcher> matchers = settings.parameters().getSNIMatchers();
        List<SNIMatcher> suitable =
            matchers == null ? List.of() : matchers.stream().filter(one -> one.getType() == name.getType()).toList();
        return suitable.isEmpty() || suitable.stream().anyMatch(matcher -> matcher.matches(name));
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
        return sessions.tickets().overheadBytes();
    }

    @Override
    public byte[] seal(byte[] state)
    {
        int overhead = 0;
        try
        {
            overhead = sessions.tickets().overheadBytes();
            Optional<byte[]> ticket = sessions.tickets().seal(state);
            if (ticket.isPresent())
            {
                return ticket.get();
            }
        }
        catch (RuntimeException e)
        {
            // Not the handshake's failure: it goes on with a decoy.
            context.warn(e);
        }
        return Random.bytes(Math.min(state.length + overhead, MAX_DECOY_BYTES));
    }

    @Override
    public Opening open(byte[] ticket)
    {
        return opened(() -> sessions.tickets().open(ticket));
    }

    @Override
    public void newSession(byte[] id, byte[] state)
    {
        if (terms.sessionIds())
        {
            sessions.sessionIds().add(id, state);
        }
    }

    @Override
    public Opening findSession(byte[] id)
    {
        return terms.sessionIds() ? opened(() -> sessions.sessionIds().find(id)) : Opening.REFUSED;
    }

    private Opening opened(Supplier<Opening> question)
    {
        Opening answer = opening.ask(question);
        opening.waiting().ifPresent(work -> waiting = work);
        return answer;
    }

    @Override
    public Answer verify()
    {
        if (verification == null)
        {
            negotiated();
            List<byte[]> encoded = context.lib().peerCertificates(connection);
            verification = new Deferred<>(() ->
            {
                List<X509Certificate> chain = ClientCertificates.parse(encoded);
                context.clientCertificates().check(chain, engine);
                return chain;
            });
            waiting = verification;
        }
        if (!verification.isDone())
        {
            return Answer.LATER;
        }
        failure = verification.thrown().orElse(failure);
        verification.result().ifPresent(session::peer);
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

    @Override
    public SSLEngine engine()
    {
        return engine;
    }

    @Override
    public Optional<ClientHello> clientHello()
    {
        return Optional.ofNullable(hello);
    }

    @Override
    public Optional<String> protocol()
    {
        int version = context.lib().version(connection);
        return version < Supported.TLS12 ? Optional.empty() : Optional.of(Supported.protocol(version));
    }

    @Override
    public boolean resumed()
    {
        return context.lib().isResumed(connection);
    }

    @Override
    public List<X509Certificate> peerCertificates()
    {
        if (session.peer().isEmpty())
        {
            try
            {
                session.peer(ClientCertificates.parse(context.lib().peerCertificates(connection)));
            }
            catch (CertificateException e)
            {
                // They were parsed at the full handshake.
                context.warn(e);
            }
        }
        return session.peer();
    }

    @Override
    public List<X509Certificate> peerCertificates(byte[] state) throws CertificateException
    {
        return context.peerCertificates(state);
    }

    @Override
    public Optional<SessionSecret> secret(byte[] state)
    {
        return context.secret(state);
    }

    @Override
    public boolean trusts(List<X509Certificate> certificates)
    {
        try
        {
            context.clientCertificates().check(certificates, engine);
            return true;
        }
        catch (CertificateException e)
        {
            return false;
        }
    }
}
