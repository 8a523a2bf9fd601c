package io.github.tlsresumption.openssl;

import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The BoringSSL family: BoringSSL and AWS-LC. Its names, types and constants are those of {@code openssl/ssl.h} there. Connections use the
 * method "with buffers": the library parses no X.509, which is the trust manager's.
 */
final class BoringSsl implements LibSsl
{
    private static final int SSL_ERROR_NONE = 0;
    private static final int SSL_ERROR_WANT_READ = 2;
    private static final int SSL_ERROR_ZERO_RETURN = 6;
    private static final int SSL_ERROR_PENDING_SESSION = 11;
    private static final int SSL_ERROR_PENDING_CERTIFICATE = 12;
    private static final int SSL_ERROR_WANT_PRIVATE_KEY_OPERATION = 13;
    private static final int SSL_ERROR_PENDING_TICKET = 14;
    private static final int SSL_ERROR_WANT_CERTIFICATE_VERIFY = 16;
    private static final long SSL_OP_NO_TICKET = 0x0000_4000;
    private static final Map<String, String> GROUPS = Map.of("x25519", "X25519", "secp256r1", "P-256", "secp384r1", "P-384",
        "secp521r1", "P-521", "X25519MLKEM768", "X25519MLKEM768");
    private final NativeLibrary library;
    private final BoringSslFunctions f;
    private final BoringSslErrors errors;
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
        library = lib;
        f = new BoringSslFunctions(lib);
        errors = new BoringSslErrors(f, description());
        sessions = new BoringSslSessions(f, errors);
        upcalls = new BoringSslUpcalls(sessions, f, errors);
        contexts = new BoringSslContexts(f, upcalls, errors);
        cipherSuites = contexts.cipherSuites();
    }

    @Override
    public String description()
    {
        return "%s (%s, build %s)".formatted(library.versionText(), library.file(), library.fingerprint());
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
    public Optional<String> group(String group)
    {
        return Optional.ofNullable(GROUPS.get(group)).filter(contexts::hasGroup);
    }

    @Override
    public long newContext(ContextOptions settings)
    {
        return contexts.create(settings);
    }

    @Override
    public void freeContext(long context)
    {
        f.ctxFree.call(context);
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
    public void freeKey(long key)
    {
        f.keyFree.call(key);
    }

    @Override
    public long newConnection(long context)
    {
        f.clearErrors.call();
        long connection = errors.created(f.sslNew.call(context), "SSL_new");
        long in = f.bioNew.call(f.bioMemory.call());
        long out = f.bioNew.call(f.bioMemory.call());
        if (in == 0 || out == 0)
        {
            f.bioFree.call(in);
            f.bioFree.call(out);
            f.sslFree.call(connection);
            throw new TlsLibraryException("BIO_new: " + errors.take());
        }
        f.sslSetBio.call(connection, in, out);
        f.sslSetAcceptState.call(connection);
        f.sslSetShedConfig.call(connection, 1);
        return connection;
    }

    @Override
    public void freeConnection(long connection)
    {
        f.sslFree.call(connection);
    }

    @Override
    public void setVerify(long connection, int mode)
    {
        f.sslSetCustomVerify.call(connection, mode, upcalls.verifyStub());
    }

    @Override
    public void setCertificate(long connection, long[] chain, long key)
    {
        try (Arena arena = Arena.ofConfined())
        {
            long certificates = arena.allocateFrom(ValueLayout.JAVA_LONG, chain).address();
            long signing = key == 0 ? upcalls.privateKeyMethod() : 0;
            errors.succeeded(f.sslSetChainAndKey.call(connection, certificates, chain.length, key, signing), "the certificate");
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
    public void sendAlert(long connection, int alert)
    {
        f.sslSendFatalAlert.call(connection, alert);
    }

    @Override
    public void abort(long connection, int alert)
    {
        f.clearErrors.call();
        f.sslSendFatalAlert.call(connection, alert);
        f.clearErrors.call();
    }

    @Override
    public void feed(long connection, long address, int length)
    {
        if (f.bioWrite.call(f.sslGetRbio.call(connection), address, length) != length)
        {
            throw new TlsLibraryException("BIO_write: " + errors.take());
        }
    }

    @Override
    public int pending(long connection)
    {
        return Math.toIntExact(f.bioPending.call(f.sslGetWbio.call(connection)));
    }

    @Override
    public void drain(long connection, long address, int length)
    {
        if (f.bioRead.call(f.sslGetWbio.call(connection), address, length) != length)
        {
            throw new TlsLibraryException("BIO_read: " + errors.take());
        }
    }

    @Override
    public int handshake(long connection, SslCallbacks callbacks)
    {
        f.clearErrors.call();
        SslCallbacks outer = upcalls.enter(callbacks);
        try
        {
            return result(connection, (int)f.sslDoHandshake.call(connection));
        }
        finally
        {
            upcalls.leave(outer);
        }
    }

    @Override
    public int read(long connection, long address, int length)
    {
        f.clearErrors.call();
        return result(connection, (int)f.sslRead.call(connection, address, length));
    }

    @Override
    public int write(long connection, long address, int length)
    {
        f.clearErrors.call();
        int written = (int)f.sslWrite.call(connection, address, length);
        return written == length ? length : FAILED;
    }

    @Override
    public void shutdown(long connection)
    {
        f.clearErrors.call();
        f.sslShutdown.call(connection);
        f.clearErrors.call();
    }

    private int result(long connection, int result)
    {
        return switch ((int)f.sslGetError.call(connection, result))
        {
            case SSL_ERROR_NONE -> result;
            case SSL_ERROR_WANT_READ -> WANTS_INPUT;
            case SSL_ERROR_ZERO_RETURN -> CLOSED;
            case SSL_ERROR_PENDING_SESSION, SSL_ERROR_PENDING_CERTIFICATE, SSL_ERROR_WANT_PRIVATE_KEY_OPERATION, SSL_ERROR_PENDING_TICKET,
                SSL_ERROR_WANT_CERTIFICATE_VERIFY -> WAITS;
            default -> FAILED;
        };
    }

    @Override
    public int version(long connection)
    {
        return (int)f.sslVersion.call(connection);
    }

    @Override
    public Optional<String> cipherSuite(long connection)
    {
        long cipher = f.sslGetPendingCipher.call(connection);
        if (cipher == 0)
        {
            cipher = f.sslGetCurrentCipher.call(connection);
        }
        return cipher == 0 ? Optional.empty() : Optional.of(BoringSslErrors.text(f.cipherStandardName.call(cipher)));
    }

    @Override
    public boolean isResumed(long connection)
    {
        return f.sslSessionReused.call(connection) == 1;
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

    @Override
    public String errors()
    {
        return errors.take();
    }
}
