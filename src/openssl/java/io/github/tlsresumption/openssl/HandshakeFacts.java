package io.github.tlsresumption.openssl;

import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

import io.github.tlsresumption.engine.TlsHandshake;
import io.github.tlsresumption.ticket.HostName;
import io.github.tlsresumption.ticket.Protocol;

/**
 * What is known of a handshake, for whom decides on its session. Nothing here asks the library's connection, so that a delegated task may
 * ask; but {@link #knowPeer} does. Confined to the thread that holds the engine's lock, except for the running of a delegated task.
 */
final class HandshakeFacts implements TlsHandshake
{
    private static final int SESSION_TICKET = 35;

    private final NativeContext context;
    private final NativeSslEngine engine;
    private final NativeSession session;
    private final long connection;
    private final StateReader states;
    private ClientHello hello;
    private Optional<PreSharedKeys> preSharedKeys = Optional.empty();
    private Optional<String> serverName = Optional.empty();
    private Optional<Protocol> protocol = Optional.empty();
    private long contextDigest;
    private byte[] opening;
    private volatile List<X509Certificate> offeredPeer = List.of();

    /**
     * @param context what all connections share
     * @param engine is shown to key managers
     * @param session the handshake session
     * @param connection the library's
     */
    HandshakeFacts(NativeContext context, NativeSslEngine engine, NativeSession session, NativeContext.NewConnection connection)
    {
        this.context = context;
        this.engine = engine;
        this.session = session;
        this.connection = connection.address();
        this.states = connection.states();
    }

    /**
     * To be called first.
     */
    void received(ClientHello first)
    {
        hello = first;
    }

    /**
     * To be called while the certificate is chosen.
     *
     * @param chosen the protocol that will be negotiated
     */
    void decided(Protocol chosen)
    {
        protocol = Optional.of(chosen);
        serverName = hello.serverName().map(HostName::of);
        preSharedKeys = isTls13() ? PreSharedKeys.of(hello) : Optional.empty();
        contextDigest = context.digest(engine, serverName);
    }

    Optional<ClientHello> hello()
    {
        return Optional.ofNullable(hello);
    }

    boolean isTls13()
    {
        return protocol.equals(Optional.of(Protocol.TLS_1_3));
    }

    /**
     * @return the ticket that the client offers, which may be anything
     */
    Optional<byte[]> offeredTicket()
    {
        return isTls13()
            ? preSharedKeys.map(PreSharedKeys::ticket)
            : hello.extension(SESSION_TICKET).filter(value -> value.length > 0);
    }

    /**
     * @param start name and initialization vector of the ticket that is judged from now on, of a library that seals by itself; or null when
     * that is over
     */
    void opening(byte[] start)
    {
        opening = start;
    }

    /**
     * @param chain the client's certificates in the session that will be resumed, if the library does so; it does not know them
     */
    void resumes(List<X509Certificate> chain)
    {
        offeredPeer = chain;
    }

    /**
     * Of a session that is resumed the library knows the client's certificates, or they were with what was offered.
     */
    void knowPeer()
    {
        if (session.peer().isEmpty() && context.lib().sealsTickets())
        {
            session.peer(context.lib().isResumed(connection) ? offeredPeer : List.of());
        }
        else if (session.peer().isEmpty())
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
    }

    @Override
    public Optional<String> serverName()
    {
        return serverName;
    }

    @Override
    public Optional<String> peerHost()
    {
        return Optional.ofNullable(engine.getPeerHost());
    }

    @Override
    public long contextDigest()
    {
        return contextDigest;
    }

    @Override
    public Optional<Protocol> protocol()
    {
        return protocol;
    }

    @Override
    public boolean extendedMasterSecret()
    {
        return hello.extendedMasterSecret();
    }

    @Override
    public Instant established()
    {
        return Instant.ofEpochMilli(session.getCreationTime());
    }

    @Override
    public List<X509Certificate> peerCertificates()
    {
        return session.peer();
    }

    @Override
    public List<X509Certificate> peerCertificates(byte[] state) throws CertificateException
    {
        return context.lib().sealsTickets() ? SessionSupplement.chain(state) : states.peerCertificates(state);
    }

    /**
     * A ticket of TLS 1.2 proves itself with the client's Finished (RFC 5077 section 3.1).
     */
    @Override
    public Proof proof(byte[] state)
    {
        if (!isTls13())
        {
            return Proof.LATER;
        }
        if (context.lib().sealsTickets())
        {
            // It has a binder if it is the first that the client offers.
            boolean first = opening != null && preSharedKeys.filter(offer -> offer.isOf(opening)).isPresent();
            return first ? proof(supplied(state)) : Proof.MISSING;
        }
        return proof(states.secret(state));
    }

    private static Optional<SessionSecret> supplied(byte[] state)
    {
        try
        {
            return Optional.of(SessionSupplement.secret(state));
        }
        catch (CertificateException e)
        {
            return Optional.empty();
        }
    }

    private Proof proof(Optional<SessionSecret> secret)
    {
        try
        {
            boolean proven = secret.isPresent() && preSharedKeys.filter(offer -> offer.proves(secret.get())).isPresent();
            return proven ? Proof.GIVEN : Proof.MISSING;
        }
        finally
        {
            secret.ifPresent(SessionSecret::destroy);
        }
    }

    @Override
    public boolean trusts(List<X509Certificate> certificates)
    {
        return context.clientTrust().trusts(certificates);
    }
}
