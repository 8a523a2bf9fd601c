package io.github.tlsresumption.openssl;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * OpenSSL from version 3.0 on. Its names, types and constants are those of {@code openssl/ssl.h} there.
 */
final class OpenSsl extends CommonSsl
{
    private static final int SSL_ERROR_WANT_CLIENT_HELLO_CB = 11;
    /** The library does not end with the process: threads may still be in it. */
    private static final long OPENSSL_INIT_NO_ATEXIT = 0x0008_0000;
    private static final Pattern VERSION = Pattern.compile("OpenSSL (\\d+)\\.(\\d+)\\..*");
    private static final int FIRST_MAJOR_VERSION = 3;
    /** Of a content type that does not exist (RFC 8446 section 5.1). */
    private static final byte[] NO_RECORD = {99, 3, 3, 0, 1, 0};

    private final NativeLibrary library;
    private final OpenSslFunctions f;
    private final ErrorQueue errors;
    private final OpenSslSessions sessions;
    private final OpenSslUpcalls upcalls;
    private final OpenSslContexts contexts;
    private final List<CipherSuite> cipherSuites;

    /**
     * @param lib a library of this family
     * @throws TlsLibraryException when it lacks a function
     */
    OpenSsl(NativeLibrary lib)
    {
        this(lib, new OpenSslFunctions(lib), new CurrentCallbacks());
    }

    private OpenSsl(NativeLibrary lib, OpenSslFunctions f, CurrentCallbacks current)
    {
        this(lib, f, new ErrorQueue(f, lib.description()), current);
    }

    private OpenSsl(NativeLibrary lib, OpenSslFunctions f, ErrorQueue errors, CurrentCallbacks current)
    {
        super(f, errors, current);
        this.library = lib;
        this.f = f;
        this.errors = errors;
        errors.succeeded(f.initCrypto.call(OPENSSL_INIT_NO_ATEXIT, 0), "its initialization");
        errors.succeeded(f.initSsl.call(0, 0), "its initialization");
        sessions = new OpenSslSessions(f, errors);
        upcalls = new OpenSslUpcalls(sessions, f, errors, current);
        contexts = new OpenSslContexts(f, upcalls, new OpenSslTickets(sessions, f, errors, current), errors);
        cipherSuites = contexts.cipherSuites();
    }

    /**
     * @param version what a library says of itself
     * @return whether it is of this family
     */
    static boolean is(String version)
    {
        Matcher matcher = VERSION.matcher(version);
        return matcher.matches() && Integer.parseInt(matcher.group(1)) >= FIRST_MAJOR_VERSION;
    }

    @Override
    public String description()
    {
        return library.description();
    }

    @Override
    public boolean sealsTickets()
    {
        return true;
    }

    @Override
    public boolean asksForSignatures()
    {
        return false;
    }

    /**
     * Sessions are written in ASN.1, which does not change between two updates of a version.
     */
    @Override
    public String stateFormat()
    {
        Matcher version = VERSION.matcher(library.versionText());
        if (!version.matches())
        {
            throw new IllegalStateException(library.versionText());
        }
        return "OpenSSL %s.%s, supplement 1".formatted(version.group(1), version.group(2));
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
    boolean waits(int error)
    {
        return error == SSL_ERROR_WANT_CLIENT_HELLO_CB;
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
        f.certificateFree.call(certificate);
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
        f.sslSetMessageCallback.call(connection, upcalls.messageStub());
        return connection;
    }

    @Override
    public int handshake(long connection, SslCallbacks callbacks)
    {
        int result = super.handshake(connection, callbacks);
        if (result == DONE && isResumed(connection) && version(connection) == Supported.TLS13 && wantsTickets(connection))
        {
            result = super.handshake(connection, callbacks);
        }
        if (result == DONE)
        {
            // From now on no message is looked at.
            f.sslSetMessageCallback.call(connection, 0);
        }
        return result;
    }

    /**
     * After a resumption the library sends one ticket, whatever their number is.
     *
     * @return whether it has more to send, which it does once
     */
    private boolean wantsTickets(long connection)
    {
        long tickets = f.sslGetNumTickets.call(connection);
        f.sslSetNumTickets.call(connection, 0);
        for (long i = 1; i < tickets; i++)
        {
            f.sslNewTicket.call(connection);
        }
        return tickets > 1;
    }

    /**
     * Nothing is held back here.
     */
    @Override
    public int write(long connection, long address, int length)
    {
        return length == 0 ? 0 : super.write(connection, address, length);
    }

    @Override
    public void setVerify(long connection, int mode)
    {
        f.sslSetVerify.call(connection, mode, 0);
    }

    @Override
    public void setDefaultCertificate(long context, long[] chain, long key)
    {
        f.clearErrors.call();
        use(f.ctxUseCertificateAndKey, context, chain, key);
    }

    @Override
    public void setCertificate(long connection, long[] chain, long key)
    {
        // There is a place for each type of key, and the context's may be in another.
        f.sslClearCertificates.call(connection);
        use(f.sslUseCertificateAndKey, connection, chain, key);
    }

    private void use(NativeFunction function, long owner, long[] chain, long key)
    {
        long issuers = errors.created(f.stackNew.call(), "sk_new_null");
        try
        {
            for (int i = 1; i < chain.length; i++)
            {
                f.stackPush.call(issuers, chain[i]);
            }
            errors.succeeded(function.call(owner, chain[0], key, issuers, 1), "the certificate");
        }
        finally
        {
            // The owner has a list of its own.
            f.stackFree.call(issuers);
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
        errors.succeeded(f.sslSetNumTickets.call(connection, 0), "no tickets");
    }

    /**
     * The library has no function for it, but finds an alert of its own for what is no record.
     */
    @Override
    public void abort(long connection, int alert)
    {
        try (Arena arena = Arena.ofConfined())
        {
            MemorySegment record = arena.allocateFrom(ValueLayout.JAVA_BYTE, NO_RECORD);
            feed(connection, record.address(), NO_RECORD.length);
            f.clearErrors.call();
            if (f.sslDoHandshake.call(connection) == DONE)
            {
                f.sslRead.call(connection, record.address(), NO_RECORD.length);
            }
            f.clearErrors.call();
        }
    }

    @Override
    public byte[] sessionId(long connection)
    {
        long session = f.sslGetSession.call(connection);
        return session == 0 ? new byte[0] : sessions.id(session);
    }

    /**
     * Of a session that was resumed the library knows the client's own certificate only.
     */
    @Override
    public List<byte[]> peerCertificates(long connection)
    {
        long certificate = f.sslGetPeerCertificate.call(connection);
        return certificate == 0 ? List.of() : List.of(sessions.certificate(certificate));
    }

    @Override
    public List<byte[]> peerCertificates(long context, byte[] state)
    {
        return sessions.peerCertificates(state);
    }

    @Override
    public SessionSecret secret(long context, byte[] state)
    {
        return sessions.secret(state);
    }
}
