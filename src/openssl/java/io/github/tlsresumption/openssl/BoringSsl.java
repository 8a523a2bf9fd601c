package io.github.tlsresumption.openssl;

import static io.github.tlsresumption.openssl.NativeLibrary.BYTE;
import static io.github.tlsresumption.openssl.NativeLibrary.INT;
import static io.github.tlsresumption.openssl.NativeLibrary.POINTER;
import static io.github.tlsresumption.openssl.NativeLibrary.SHORT;

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
    private final BoringSslUpcalls upcalls;
    private final List<CipherSuite> cipherSuites;

    private final NativeFunction method;
    private final NativeFunction ctxNew;
    private final NativeFunction ctxFree;
    private final NativeFunction ctxSetMinProtoVersion;
    private final NativeFunction ctxSetMaxProtoVersion;
    private final NativeFunction ctxSetStrictCipherList;
    private final NativeFunction ctxGetCiphers;
    private final NativeFunction ctxSetOptions;
    private final NativeFunction ctxSetCurvesList;
    private final Optional<NativeFunction> ctxSetNumTickets;
    private final NativeFunction ctxSetTimeout;
    private final NativeFunction ctxSetPskTimeout;
    private final NativeFunction ctxSetSessionCacheMode;
    private final NativeFunction ctxSetClientCas;
    private final NativeFunction ctxSetVerifyAlgorithms;
    private final NativeFunction sslNew;
    private final NativeFunction sslFree;
    private final NativeFunction sslSetBio;
    private final NativeFunction sslGetRbio;
    private final NativeFunction sslGetWbio;
    private final NativeFunction sslSetAcceptState;
    private final NativeFunction sslSetCustomVerify;
    private final NativeFunction sslSetChainAndKey;
    private final NativeFunction sslSetSessionIdContext;
    private final NativeFunction sslSetOptions;
    private final NativeFunction sslSetShedConfig;
    private final NativeFunction sslSendFatalAlert;
    private final NativeFunction sslDoHandshake;
    private final NativeFunction sslRead;
    private final NativeFunction sslWrite;
    private final NativeFunction sslShutdown;
    private final NativeFunction sslGetError;
    private final NativeFunction sslVersion;
    private final NativeFunction sslGetCurrentCipher;
    private final NativeFunction sslGetPendingCipher;
    private final NativeFunction cipherStandardName;
    private final NativeFunction cipherNumber;
    private final NativeFunction sslSessionReused;
    private final NativeFunction sslGetSession;
    private final NativeFunction sslGetPeerCertificates;
    private final NativeFunction sessionGetId;
    private final NativeFunction sessionToBytes;
    private final NativeFunction sessionFromBytes;
    private final NativeFunction sessionFree;
    private final NativeFunction sessionGetPeerCertificates;
    private final NativeFunction bioMemory;
    private final NativeFunction bioNew;
    private final NativeFunction bioFree;
    private final NativeFunction bioRead;
    private final NativeFunction bioWrite;
    private final NativeFunction bioPending;
    private final NativeFunction bufferNew;
    private final NativeFunction bufferFree;
    private final NativeFunction bufferData;
    private final NativeFunction bufferLength;
    private final NativeFunction parsePrivateKey;
    private final NativeFunction keyFree;
    private final NativeFunction stackNew;
    private final NativeFunction stackPush;
    private final NativeFunction stackCount;
    private final NativeFunction stackValue;
    private final NativeFunction free;
    private final NativeFunction clearErrors;
    private final NativeFunction getError;
    private final NativeFunction errorString;

    /**
     * @param lib a library of this family
     * @throws TlsLibraryException when it lacks a function
     */
    BoringSsl(NativeLibrary lib)
    {
        library = lib;
        // The functions: name, result, arguments. Those that only set or get something are leaves.
        method = lib.leaf("TLS_with_buffers_method", POINTER);
        ctxNew = lib.function("SSL_CTX_new", POINTER, POINTER);
        ctxFree = lib.function("SSL_CTX_free", null, POINTER);
        ctxSetMinProtoVersion = lib.leaf("SSL_CTX_set_min_proto_version", INT, POINTER, SHORT);
        ctxSetMaxProtoVersion = lib.leaf("SSL_CTX_set_max_proto_version", INT, POINTER, SHORT);
        ctxSetStrictCipherList = lib.function("SSL_CTX_set_strict_cipher_list", INT, POINTER, POINTER);
        ctxGetCiphers = lib.leaf("SSL_CTX_get_ciphers", POINTER, POINTER);
        ctxSetOptions = lib.leaf("SSL_CTX_set_options", INT, POINTER, INT);
        ctxSetCurvesList = lib.function("SSL_CTX_set1_curves_list", INT, POINTER, POINTER);
        ctxSetNumTickets = lib.optional("SSL_CTX_set_num_tickets", INT, POINTER, POINTER);
        ctxSetTimeout = lib.leaf("SSL_CTX_set_timeout", INT, POINTER, INT);
        ctxSetPskTimeout = lib.leaf("SSL_CTX_set_session_psk_dhe_timeout", null, POINTER, INT);
        ctxSetSessionCacheMode = lib.leaf("SSL_CTX_set_session_cache_mode", INT, POINTER, INT);
        ctxSetClientCas = lib.function("SSL_CTX_set0_client_CAs", null, POINTER, POINTER);
        ctxSetVerifyAlgorithms = lib.function("SSL_CTX_set_verify_algorithm_prefs", INT, POINTER, POINTER, POINTER);
        sslNew = lib.function("SSL_new", POINTER, POINTER);
        sslFree = lib.function("SSL_free", null, POINTER);
        sslSetBio = lib.leaf("SSL_set_bio", null, POINTER, POINTER, POINTER);
        sslGetRbio = lib.leaf("SSL_get_rbio", POINTER, POINTER);
        sslGetWbio = lib.leaf("SSL_get_wbio", POINTER, POINTER);
        sslSetAcceptState = lib.leaf("SSL_set_accept_state", null, POINTER);
        sslSetCustomVerify = lib.leaf("SSL_set_custom_verify", null, POINTER, INT, POINTER);
        sslSetChainAndKey = lib.function("SSL_set_chain_and_key", INT, POINTER, POINTER, POINTER, POINTER, POINTER);
        sslSetSessionIdContext = lib.leaf("SSL_set_session_id_context", INT, POINTER, POINTER, POINTER);
        sslSetOptions = lib.leaf("SSL_set_options", INT, POINTER, INT);
        sslSetShedConfig = lib.leaf("SSL_set_shed_handshake_config", null, POINTER, INT);
        sslSendFatalAlert = lib.function("SSL_send_fatal_alert", INT, POINTER, BYTE);
        sslDoHandshake = lib.function("SSL_do_handshake", INT, POINTER);
        sslRead = lib.function("SSL_read", INT, POINTER, POINTER, INT);
        sslWrite = lib.function("SSL_write", INT, POINTER, POINTER, INT);
        sslShutdown = lib.function("SSL_shutdown", INT, POINTER);
        sslGetError = lib.leaf("SSL_get_error", INT, POINTER, INT);
        sslVersion = lib.leaf("SSL_version", INT, POINTER);
        sslGetCurrentCipher = lib.leaf("SSL_get_current_cipher", POINTER, POINTER);
        sslGetPendingCipher = lib.leaf("SSL_get_pending_cipher", POINTER, POINTER);
        cipherStandardName = lib.leaf("SSL_CIPHER_standard_name", POINTER, POINTER);
        cipherNumber = lib.leaf("SSL_CIPHER_get_protocol_id", SHORT, POINTER);
        sslSessionReused = lib.leaf("SSL_session_reused", INT, POINTER);
        sslGetSession = lib.leaf("SSL_get_session", POINTER, POINTER);
        sslGetPeerCertificates = lib.leaf("SSL_get0_peer_certificates", POINTER, POINTER);
        sessionGetId = lib.leaf("SSL_SESSION_get_id", POINTER, POINTER, POINTER);
        sessionToBytes = lib.function("SSL_SESSION_to_bytes", INT, POINTER, POINTER, POINTER);
        sessionFromBytes = lib.function("SSL_SESSION_from_bytes", POINTER, POINTER, POINTER, POINTER);
        sessionFree = lib.function("SSL_SESSION_free", null, POINTER);
        sessionGetPeerCertificates = lib.leaf("SSL_SESSION_get0_peer_certificates", POINTER, POINTER);
        bioMemory = lib.leaf("BIO_s_mem", POINTER);
        bioNew = lib.function("BIO_new", POINTER, POINTER);
        bioFree = lib.function("BIO_free", INT, POINTER);
        bioRead = lib.leaf("BIO_read", INT, POINTER, POINTER, INT);
        bioWrite = lib.leaf("BIO_write", INT, POINTER, POINTER, INT);
        bioPending = lib.leaf("BIO_ctrl_pending", POINTER, POINTER);
        bufferNew = lib.function("CRYPTO_BUFFER_new", POINTER, POINTER, POINTER, POINTER);
        bufferFree = lib.function("CRYPTO_BUFFER_free", null, POINTER);
        bufferData = lib.leaf("CRYPTO_BUFFER_data", POINTER, POINTER);
        bufferLength = lib.leaf("CRYPTO_BUFFER_len", POINTER, POINTER);
        parsePrivateKey = lib.function("EVP_parse_private_key", POINTER, POINTER);
        keyFree = lib.function("EVP_PKEY_free", null, POINTER);
        stackNew = lib.either("sk_new_null", "OPENSSL_sk_new_null", POINTER);
        stackPush = lib.either("sk_push", "OPENSSL_sk_push", POINTER, POINTER, POINTER);
        stackCount = lib.either("sk_num", "OPENSSL_sk_num", POINTER, POINTER);
        stackValue = lib.either("sk_value", "OPENSSL_sk_value", POINTER, POINTER, POINTER);
        free = lib.function("OPENSSL_free", null, POINTER);
        clearErrors = lib.leaf("ERR_clear_error", null);
        getError = lib.leaf("ERR_get_error", INT);
        errorString = lib.leaf("ERR_error_string_n", null, INT, POINTER, POINTER);
        upcalls = new BoringSslUpcalls(this, lib);
        cipherSuites = findCipherSuites();
    }

    private List<CipherSuite> findCipherSuites()
    {
        long context = created(ctxNew.call(method.call()), "SSL_CTX_new");
        try
        {
            List<CipherSuite> suites = new ArrayList<>();
            long stack = ctxGetCiphers.call(context);
            for (long i = 0; i < stackCount.call(stack); i++)
            {
                long cipher = stackValue.call(stack, i);
                String name = text(cipherStandardName.call(cipher));
                if (!name.contains("PSK") && name.contains("_WITH_"))
                {
                    suites.add(new CipherSuite(name, (int)cipherNumber.call(cipher) & 0xFFFF));
                }
            }
            return List.copyOf(suites);
        }
        finally
        {
            ctxFree.call(context);
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
        long context = created(ctxNew.call(method.call()), "SSL_CTX_new");
        try (Arena arena = Arena.ofConfined())
        {
            boolean known = ctxSetCurvesList.call(context, arena.allocateFrom(name).address()) == 1;
            clearErrors.call();
            return known;
        }
        finally
        {
            ctxFree.call(context);
        }
    }

    @Override
    public long newContext(ContextOptions settings)
    {
        clearErrors.call();
        long context = created(ctxNew.call(method.call()), "SSL_CTX_new");
        try
        {
            configure(context, settings);
            return context;
        }
        catch (RuntimeException e)
        {
            ctxFree.call(context);
            throw e;
        }
    }

    private void configure(long context, ContextOptions settings)
    {
        succeeded(ctxSetMinProtoVersion.call(context, settings.minVersion()), "the lowest protocol version");
        succeeded(ctxSetMaxProtoVersion.call(context, settings.maxVersion()), "the highest protocol version");
        try (Arena arena = Arena.ofConfined())
        {
            if (!settings.cipherSuites().isEmpty())
            {
                String suites = String.join(":", settings.cipherSuites());
                succeeded(ctxSetStrictCipherList.call(context, arena.allocateFrom(suites).address()), "the cipher suites " + suites);
            }
            if (!settings.groups().isEmpty())
            {
                String groups = String.join(":", settings.groups());
                succeeded(ctxSetCurvesList.call(context, arena.allocateFrom(groups).address()), "the groups " + groups);
            }
            MemorySegment verify = arena.allocateFrom(ValueLayout.JAVA_SHORT, VERIFY);
            succeeded(ctxSetVerifyAlgorithms.call(context, verify.address(), VERIFY.length), "the signatures of clients");
        }
        if (settings.serverPreference())
        {
            ctxSetOptions.call(context, SSL_OP_CIPHER_SERVER_PREFERENCE);
        }
        NativeFunction setNumTickets = ctxSetNumTickets.orElseThrow(() -> new TlsLibraryException(
            description() + " always issues two tickets: it lacks SSL_CTX_set_num_tickets and is too old"));
        succeeded(setNumTickets.call(context, settings.tickets()), "the number of tickets");
        ctxSetTimeout.call(context, ContextOptions.SESSION_SECONDS);
        ctxSetPskTimeout.call(context, ContextOptions.SESSION_SECONDS);
        ctxSetSessionCacheMode.call(context, EXTERNAL_CACHE);
        if (!settings.authorities().isEmpty())
        {
            ctxSetClientCas.call(context, stack(settings.authorities()));
        }
        upcalls.install(context);
    }

    /**
     * @return a stack that owns its buffers, as the library takes it over
     */
    private long stack(List<byte[]> values)
    {
        long stack = created(stackNew.call(), "sk_new_null");
        for (byte[] value : values)
        {
            stackPush.call(stack, newCertificate(value));
        }
        return stack;
    }

    @Override
    public void freeContext(long context)
    {
        ctxFree.call(context);
    }

    @Override
    public long newCertificate(byte[] der)
    {
        try (Arena arena = Arena.ofConfined())
        {
            return created(bufferNew.call(arena.allocateFrom(ValueLayout.JAVA_BYTE, der).address(), der.length, 0), "CRYPTO_BUFFER_new");
        }
    }

    @Override
    public void freeCertificate(long certificate)
    {
        bufferFree.call(certificate);
    }

    @Override
    public long newKey(byte[] pkcs8)
    {
        clearErrors.call();
        try (Arena arena = Arena.ofConfined())
        {
            MemorySegment bytes = arena.allocateFrom(ValueLayout.JAVA_BYTE, pkcs8);
            try
            {
                // A CBS: where, and how many.
                MemorySegment reader = arena.allocateFrom(ValueLayout.JAVA_LONG, bytes.address(), pkcs8.length);
                return created(parsePrivateKey.call(reader.address()), "the private key");
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
        keyFree.call(key);
    }

    @Override
    public long newConnection(long context)
    {
        clearErrors.call();
        long connection = created(sslNew.call(context), "SSL_new");
        long in = bioNew.call(bioMemory.call());
        long out = bioNew.call(bioMemory.call());
        if (in == 0 || out == 0)
        {
            bioFree.call(in);
            bioFree.call(out);
            sslFree.call(connection);
            throw new TlsLibraryException("BIO_new: " + errors());
        }
        sslSetBio.call(connection, in, out);
        sslSetAcceptState.call(connection);
        sslSetShedConfig.call(connection, 1);
        return connection;
    }

    @Override
    public void freeConnection(long connection)
    {
        sslFree.call(connection);
    }

    @Override
    public void setVerify(long connection, int mode)
    {
        sslSetCustomVerify.call(connection, mode, upcalls.verifyStub());
    }

    @Override
    public void setCertificate(long connection, long[] chain, long key)
    {
        try (Arena arena = Arena.ofConfined())
        {
            long certificates = arena.allocateFrom(ValueLayout.JAVA_LONG, chain).address();
            long signing = key == 0 ? upcalls.privateKeyMethod() : 0;
            succeeded(sslSetChainAndKey.call(connection, certificates, chain.length, key, signing), "the certificate");
        }
    }

    @Override
    public void setSessionIdContext(long connection, byte[] id)
    {
        try (Arena arena = Arena.ofConfined())
        {
            succeeded(sslSetSessionIdContext.call(connection, arena.allocateFrom(ValueLayout.JAVA_BYTE, id).address(), id.length),
                "the session id context");
        }
    }

    @Override
    public void setNoTickets(long connection)
    {
        sslSetOptions.call(connection, SSL_OP_NO_TICKET);
    }

    @Override
    public void sendAlert(long connection, int alert)
    {
        sslSendFatalAlert.call(connection, alert);
    }

    @Override
    public void abort(long connection, int alert)
    {
        clearErrors.call();
        sslSendFatalAlert.call(connection, alert);
        clearErrors.call();
    }

    @Override
    public void feed(long connection, long address, int length)
    {
        if (bioWrite.call(sslGetRbio.call(connection), address, length) != length)
        {
            throw new TlsLibraryException("BIO_write: " + errors());
        }
    }

    @Override
    public int pending(long connection)
    {
        return Math.toIntExact(bioPending.call(sslGetWbio.call(connection)));
    }

    @Override
    public void drain(long connection, long address, int length)
    {
        if (bioRead.call(sslGetWbio.call(connection), address, length) != length)
        {
            throw new TlsLibraryException("BIO_read: " + errors());
        }
    }

    @Override
    public int handshake(long connection, SslCallbacks callbacks)
    {
        clearErrors.call();
        SslCallbacks outer = upcalls.enter(callbacks);
        try
        {
            return result(connection, (int)sslDoHandshake.call(connection));
        }
        finally
        {
            upcalls.leave(outer);
        }
    }

    @Override
    public int read(long connection, long address, int length)
    {
        clearErrors.call();
        return result(connection, (int)sslRead.call(connection, address, length));
    }

    @Override
    public int write(long connection, long address, int length)
    {
        clearErrors.call();
        int written = (int)sslWrite.call(connection, address, length);
        return written == length ? length : FAILED;
    }

    @Override
    public void shutdown(long connection)
    {
        clearErrors.call();
        sslShutdown.call(connection);
        clearErrors.call();
    }

    private int result(long connection, int result)
    {
        return switch ((int)sslGetError.call(connection, result))
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
        return (int)sslVersion.call(connection);
    }

    @Override
    public Optional<String> cipherSuite(long connection)
    {
        long cipher = sslGetPendingCipher.call(connection);
        if (cipher == 0)
        {
            cipher = sslGetCurrentCipher.call(connection);
        }
        return cipher == 0 ? Optional.empty() : Optional.of(text(cipherStandardName.call(cipher)));
    }

    @Override
    public boolean isResumed(long connection)
    {
        return sslSessionReused.call(connection) == 1;
    }

    @Override
    public byte[] sessionId(long connection)
    {
        long session = sslGetSession.call(connection);
        return session == 0 ? new byte[0] : id(session);
    }

    byte[] id(long session)
    {
        try (Arena arena = Arena.ofConfined())
        {
            MemorySegment length = arena.allocate(INT);
            long id = sessionGetId.call(session, length.address());
            return Memory.bytes(id, length.get(INT, 0));
        }
    }

    @Override
    public List<byte[]> peerCertificates(long connection)
    {
        return certificates(sslGetPeerCertificates.call(connection));
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
            return certificates(sessionGetPeerCertificates.call(session));
        }
        finally
        {
            sessionFree.call(session);
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
            long session = sessionFromBytes.call(bytes.address(), state.length, context);
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
            succeeded(sessionToBytes.call(session, out.address(), out.address() + Long.BYTES), "a session");
            long bytes = out.getAtIndex(POINTER, 0);
            byte[] state = Memory.bytes(bytes, out.getAtIndex(POINTER, 1));
            // The library overwrites what it frees.
            free.call(bytes);
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
        for (long i = 0; i < stackCount.call(stack); i++)
        {
            long buffer = stackValue.call(stack, i);
            certificates.add(Memory.bytes(bufferData.call(buffer), bufferLength.call(buffer)));
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
            int error = (int)getError.call();
            while (error != 0 && texts.size() < MAX_ERRORS)
            {
                errorString.call(error, text.address(), MAX_NAME_BYTES);
                texts.add(reason(text.getString(0)));
                error = (int)getError.call();
            }
            clearErrors.call();
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
