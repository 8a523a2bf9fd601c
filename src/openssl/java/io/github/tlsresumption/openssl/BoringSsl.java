package io.github.tlsresumption.openssl;

import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.util.List;

/**
 * The BoringSSL family: BoringSSL and AWS-LC. Its names, types and constants are those of {@code openssl/ssl.h} there. Connections use the
 * method "with buffers": the library parses no X.509, which is the trust manager's.
 */
final class BoringSsl extends CommonSsl
{
    private static final int SSL_ERROR_PENDING_SESSION = 11;
    private static final int SSL_ERROR_PENDING_CERTIFICATE = 12;
    private static final int SSL_ERROR_WANT_PRIVATE_KEY_OPERATION = 13;
    private static final int SSL_ERROR_PENDING_TICKET = 14;
    private static final int SSL_ERROR_WANT_CERTIFICATE_VERIFY = 16;
    private static final long SSL_OP_NO_TICKET = 0x0000_4000;

    private final NativeLibrary library;
    private final BoringSslFunctions f;
    private final ErrorQueue errors;
    private final BoringSslSessions sessions;
    private final BoringSslUpcalls upcalls;
    private final BoringSslContexts contexts;
    private final List<CipherSuite> cipherSuites;

    /**
     * @param lib a library of this family
     * @throws TlsLibraryException when it lacks a function
     */
    BoringSsl(NativeLibrary lib)
    {
        this(lib, new BoringSslFunctions(lib), new CurrentCallbacks());
    }

    private BoringSsl(NativeLibrary lib, BoringSslFunctions f, CurrentCallbacks current)
    {
        this(lib, f, new ErrorQueue(f, lib.description()), current);
    }

    private BoringSsl(NativeLibrary lib, BoringSslFunctions f, ErrorQueue errors, CurrentCallbacks current)
    {
        super(f, errors, current);
        this.library = lib;
        this.f = f;
        this.errors = errors;
        sessions = new BoringSslSessions(f, errors);
        upcalls = new BoringSslUpcalls(sessions, f, errors, current);
        contexts = new BoringSslContexts(f, upcalls, errors);
        cipherSuites = contexts.cipherSuites();
    }

    @Override
    public String description()
    {
        return library.description();
    }

    @Override
    public boolean sealsTickets()
    {
        return false;
    }

    @Override
    public boolean asksForSignatures()
    {
        return true;
    }

    @Override
    public String stateFormat()
    {
        return "BoringSSL family, %s, build %s".formatted(library.versionText(), library.fingerprint());
    }

    @Override
    public List<CipherSuite> cipherSuites()
    {
        return cipherSuites;
    }

    @Override
    boolean hasGroup(String name)
    {
        return contexts.hasGroup(name);
    }

    @Override
    public long newContext(ContextOptions settings)
    {
        return contexts.create(settings);
    }

    @Override
    public long newCertificate(byte[] der)
    {
        return contexts.newCertificate(der);
    }

    @Override
    public void freeCertificate(long certificate)
    {
        f.bufferFree.call(certificate);
    }

    @Override
    public long newKey(byte[] pkcs8)
    {
        return contexts.newKey(pkcs8);
    }

    @Override
    public long newConnection(long context)
    {
        long connection = super.newConnection(context);
        f.sslSetShedConfig.call(connection, 1);
        return connection;
    }

    @Override
    boolean waits(int error)
    {
        return switch (error)
        {
            case SSL_ERROR_PENDING_SESSION, SSL_ERROR_PENDING_CERTIFICATE, SSL_ERROR_WANT_PRIVATE_KEY_OPERATION, SSL_ERROR_PENDING_TICKET,
                SSL_ERROR_WANT_CERTIFICATE_VERIFY -> true;
            default -> false;
        };
    }

    @Override
    public void setVerify(long connection, int mode)
    {
        f.sslSetCustomVerify.call(connection, mode, upcalls.verifyStub());
    }

    @Override
    public void setDefaultCertificate(long context, long[] chain, long key)
    {
        f.clearErrors.call();
        use(f.ctxSetChainAndKey, context, chain, key, 0);
    }

    @Override
    public void setCertificate(long connection, long[] chain, long key)
    {
        use(f.sslSetChainAndKey, connection, chain, key, key == 0 ? upcalls.privateKeyMethod() : 0);
    }

    private void use(NativeFunction function, long owner, long[] chain, long key, long signing)
    {
        try (Arena arena = Arena.ofConfined())
        {
            long certificates = arena.allocateFrom(ValueLayout.JAVA_LONG, chain).address();
            errors.succeeded(function.call(owner, certificates, chain.length, key, signing), "the certificate");
        }
    }

    @Override
    public void setSessionIdContext(long connection, byte[] id)
    {
        try (Arena arena = Arena.ofConfined())
        {
            errors.succeeded(f.sslSetSessionIdContext.call(connection, arena.allocateFrom(ValueLayout.JAVA_BYTE, id).address(), id.length),
                "the session id context");
        }
    }

    @Override
    public void setNoTickets(long connection)
    {
        f.sslSetOptions.call(connection, SSL_OP_NO_TICKET);
    }

    @Override
    public void abort(long connection, int alert)
    {
        f.clearErrors.call();
        f.sslSendFatalAlert.call(connection, alert);
        f.clearErrors.call();
    }

    @Override
    public byte[] sessionId(long connection)
    {
        long session = f.sslGetSession.call(connection);
        return session == 0 ? new byte[0] : sessions.id(session);
    }

    @Override
    public List<byte[]> peerCertificates(long connection)
    {
        return sessions.certificates(f.sslGetPeerCertificates.call(connection));
    }

    @Override
    public List<byte[]> peerCertificates(long context, byte[] state)
    {
        return sessions.peerCertificates(context, state);
    }

    @Override
    public SessionSecret secret(long context, byte[] state)
    {
        return sessions.secret(context, state);
    }

}
