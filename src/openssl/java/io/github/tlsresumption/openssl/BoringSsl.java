package io.github.tlsresumption.openssl;

import static io.github.tlsresumption.openssl.NativeLibrary.INT;
import static io.github.tlsresumption.openssl.NativeLibrary.POINTER;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
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
    private static final long SSL_OP_CIPHER_SERVER_PREFERENCE = 0x0040_0000;
    /** SSL_SESS_CACHE_SERVER and SSL_SESS_CACHE_NO_INTERNAL. */
    private static final int EXTERNAL_CACHE = 0x0002 | 0x0300;
    private static final int MAX_NAME_BYTES = 256;
    private static final int MAX_ERRORS = 8;
    private static final Map<String, String> GROUPS = Map.of("x25519", "X25519", "secp256r1", "P-256", "secp384r1", "P-384",
        "secp521r1", "P-521", "X25519MLKEM768", "X25519MLKEM768");
    /** Signatures of clients that are accepted: what the library accepts by itself, Ed25519 and P-521; not SHA-1. */
    private static final short[] VERIFY = {0x0807, 0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0603, 0x0806, 0x0601};

    private final NativeLibrary library;
    private final BoringSslFunctions f;
    private final BoringSslUpcalls upcalls;
    private final List<CipherSuite> cipherSuites;


    /**
     * @param lib a library of this family
     * @throws TlsLibraryException when it lacks a function
     */
    BoringSsl(NativeLibrary lib)
    {
        library = lib;
        f = new BoringSslFunctions(lib);
        upcalls = new BoringSslUpcalls(this, f);
        cipherSuites = findCipherSuites();
    }

    private List<CipherSuite> findCipherSuites()
    {
        long context = created(f.ctxNew.call(f.method.call()), "SSL_CTX_new");
        try
        {
            List<CipherSuite> suites = new ArrayList<>();
            long stack = f.ctxGetCiphers.call(context);
            for (long i = 0; i < f.stackCount.call(stack); i++)
            {
                long cipher = f.stackValue.call(stack, i);
                String name = text(f.cipherStandardName.call(cipher));
                if (!name.contains("PSK") && name.contains("_WITH_"))
                {
                    suites.add(new CipherSuite(name, (int)f.cipherNumber.call(cipher) & 0xFFFF));
                }
            }
            return List.copyOf(suites);
        }
        finally
        {
            f.ctxFree.call(context);
        }
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
        return Optional.ofNullable(GROUPS.get(group)).filter(this::knowsGroup);
    }

    private boolean knowsGroup(String name)
    {
        long context = created(f.ctxNew.call(f.method.call()), "SSL_CTX_new");
        try (Arena arena = Arena.ofConfined())
        {
            boolean known = f.ctxSetCurvesList.call(context, arena.allocateFrom(name).address()) == 1;
            f.clearErrors.call();
            return known;
        }
        finally
        {
            f.ctxFree.call(context);
        }
    }

    @Override
    public long newContext(ContextOptions settings)
    {
        f.clearErrors.call();
        long context = created(f.ctxNew.call(f.method.call()), "SSL_CTX_new");
        try
        {
            configure(context, settings);
            return context;
        }
        catch (RuntimeException e)
        {
            f.ctxFree.call(context);
            throw e;
        }
    }

    private void configure(long context, ContextOptions settings)
    {
        succeeded(f.ctxSetMinProtoVersion.call(context, settings.minVersion()), "the lowest protocol version");
        succeeded(f.ctxSetMaxProtoVersion.call(context, settings.maxVersion()), "the highest protocol version");
        try (Arena arena = Arena.ofConfined())
        {
            if (!settings.cipherSuites().isEmpty())
            {
                String suites = String.join(":", settings.cipherSuites());
                succeeded(f.ctxSetStrictCipherList.call(context, arena.allocateFrom(suites).address()), "the cipher suites " + suites);
            }
            if (!settings.groups().isEmpty())
            {
                String groups = String.join(":", settings.groups());
                succeeded(f.ctxSetCurvesList.call(context, arena.allocateFrom(groups).address()), "the groups " + groups);
            }
            MemorySegment verify = arena.allocateFrom(ValueLayout.JAVA_SHORT, VERIFY);
            succeeded(f.ctxSetVerifyAlgorithms.call(context, verify.address(), VERIFY.length), "the signatures of clients");
        }
        if (settings.serverPreference())
        {
            f.ctxSetOptions.call(context, SSL_OP_CIPHER_SERVER_PREFERENCE);
        }
        NativeFunction setNumTickets = f.ctxSetNumTickets.orElseThrow(() -> new TlsLibraryException(
            description() + " always issues two tickets: it lacks SSL_CTX_set_num_tickets and is too old"));
        succeeded(setNumTickets.call(context, settings.tickets()), "the number of tickets");
        f.ctxSetTimeout.call(context, ContextOptions.SESSION_SECONDS);
        f.ctxSetPskTimeout.call(context, ContextOptions.SESSION_SECONDS);
        f.ctxSetSessionCacheMode.call(context, EXTERNAL_CACHE);
        if (!settings.authorities().isEmpty())
        {
            f.ctxSetClientCas.call(context, stack(settings.authorities()));
        }
        upcalls.install(context);
    }

    /**
     * @return a stack that owns its buffers, as the library takes it over
     */
    private long stack(List<byte[]> values)
    {
        long stack = created(f.stackNew.call(), "sk_new_null");
        for (byte[] value : values)
        {
            f.stackPush.call(stack, newCertificate(value));
        }
        return stack;
    }

    @Override
    public void freeContext(long context)
    {
        f.ctxFree.call(context);
    }

    @Override
    public long newCertificate(byte[] der)
    {
        try (Arena arena = Arena.ofConfined())
        {
            return created(f.bufferNew.call(arena.allocateFrom(ValueLayout.JAVA_BYTE, der).address(), der.length, 0), "CRYPTO_BUFFER_new");
        }
    }

    @Override
    public void freeCertificate(long certificate)
    {
        f.bufferFree.call(certificate);
    }

    @Override
    public long newKey(byte[] pkcs8)
    {
        f.clearErrors.call();
        try (Arena arena = Arena.ofConfined())
        {
            MemorySegment bytes = arena.allocateFrom(ValueLayout.JAVA_BYTE, pkcs8);
            try
            {
                // A CBS: where, and how many.
                MemorySegment reader = arena.allocateFrom(ValueLayout.JAVA_LONG, bytes.address(), pkcs8.length);
                return created(f.parsePrivateKey.call(reader.address()), "the private key");
            }
            finally
            {
                bytes.fill((byte)0);
            }
        }
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
        long connection = created(f.sslNew.call(context), "SSL_new");
        long in = f.bioNew.call(f.bioMemory.call());
        long out = f.bioNew.call(f.bioMemory.call());
        if (in == 0 || out == 0)
        {
            f.bioFree.call(in);
            f.bioFree.call(out);
            f.sslFree.call(connection);
            throw new TlsLibraryException("BIO_new: " + errors());
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
            succeeded(f.sslSetChainAndKey.call(connection, certificates, chain.length, key, signing), "the certificate");
        }
    }

    @Override
    public void setSessionIdContext(long connection, byte[] id)
    {
        try (Arena arena = Arena.ofConfined())
        {
            succeeded(f.sslSetSessionIdContext.call(connection, arena.allocateFrom(ValueLayout.JAVA_BYTE, id).address(), id.length),
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
            throw new TlsLibraryException("BIO_write: " + errors());
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
            throw new TlsLibraryException("BIO_read: " + errors());
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
        return cipher == 0 ? Optional.empty() : Optional.of(text(f.cipherStandardName.call(cipher)));
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
        return session == 0 ? new byte[0] : id(session);
    }

    byte[] id(long session)
    {
        try (Arena arena = Arena.ofConfined())
        {
            MemorySegment length = arena.allocate(INT);
            long id = f.sessionGetId.call(session, length.address());
            return Memory.bytes(id, length.get(INT, 0));
        }
    }

    @Override
    public List<byte[]> peerCertificates(long connection)
    {
        return certificates(f.sslGetPeerCertificates.call(connection));
    }

    @Override
    public List<byte[]> peerCertificates(long context, byte[] state)
    {
        long session = newSession(context, state);
        if (session == 0)
        {
            throw new TlsLibraryException("a session's state: " + errors());
        }
        try
        {
            return certificates(f.sessionGetPeerCertificates.call(session));
        }
        finally
        {
            f.sessionFree.call(session);
        }
    }

    /**
     * @return a session that the caller owns, or 0 when the state cannot be read
     */
    long newSession(long context, byte[] state)
    {
        try (Arena arena = Arena.ofConfined())
        {
            MemorySegment bytes = arena.allocateFrom(ValueLayout.JAVA_BYTE, state);
            long session = f.sessionFromBytes.call(bytes.address(), state.length, context);
            bytes.fill((byte)0);
            return session;
        }
    }

    /**
     * @return the state of a session
     */
    byte[] state(long session)
    {
        try (Arena arena = Arena.ofConfined())
        {
            MemorySegment out = arena.allocate(POINTER, 2);
            succeeded(f.sessionToBytes.call(session, out.address(), out.address() + Long.BYTES), "a session");
            long bytes = out.getAtIndex(POINTER, 0);
            byte[] state = Memory.bytes(bytes, out.getAtIndex(POINTER, 1));
            // The library overwrites what it frees.
            f.free.call(bytes);
            return state;
        }
    }

    private List<byte[]> certificates(long stack)
    {
        if (stack == 0)
        {
            return List.of();
        }
        List<byte[]> certificates = new ArrayList<>();
        for (long i = 0; i < f.stackCount.call(stack); i++)
        {
            long buffer = f.stackValue.call(stack, i);
            certificates.add(Memory.bytes(f.bufferData.call(buffer), f.bufferLength.call(buffer)));
        }
        return certificates;
    }

    @Override
    public String errors()
    {
        try (Arena arena = Arena.ofConfined())
        {
            MemorySegment text = arena.allocate(MAX_NAME_BYTES);
            List<String> texts = new ArrayList<>();
            int error = (int)f.getError.call();
            while (error != 0 && texts.size() < MAX_ERRORS)
            {
                f.errorString.call(error, text.address(), MAX_NAME_BYTES);
                texts.add(reason(text.getString(0)));
                error = (int)f.getError.call();
            }
            f.clearErrors.call();
            return texts.isEmpty() ? "the library gives no reason" : String.join(", ", texts);
        }
    }

    /**
     * @param text such as {@code error:100000f7:SSL routines:OPENSSL_internal:WRONG_VERSION_NUMBER}
     * @return the reason in it
     */
    private static String reason(String text)
    {
        return text.substring(text.lastIndexOf(':') + 1);
    }

    private long created(long object, String what)
    {
        if (object == 0)
        {
            throw new TlsLibraryException("%s refuses %s: %s".formatted(description(), what, errors()));
        }
        return object;
    }

    private void succeeded(long result, String what)
    {
        if (result != 1)
        {
            throw new TlsLibraryException("%s refuses %s: %s".formatted(description(), what, errors()));
        }
    }

    private static String text(long address)
    {
        return MemorySegment.ofAddress(address).reinterpret(MAX_NAME_BYTES).getString(0, StandardCharsets.US_ASCII);
    }
}
