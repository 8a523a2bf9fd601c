package io.github.tlsresumption.openssl;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

import static io.github.tlsresumption.openssl.NativeLibrary.POINTER;

/**
 * What OpenSSL has beside connections: contexts with their settings, certificates and keys. Thread-safe.
 */
final class OpenSslContexts
{
    private static final int SSL_CTRL_MODE = 33;
    private static final int SSL_CTRL_SET_SESS_CACHE_MODE = 44;
    private static final int SSL_CTRL_SET_GROUPS_LIST = 92;
    private static final int SSL_CTRL_SET_CLIENT_SIGALGS_LIST = 102;
    private static final int SSL_CTRL_SET_MIN_PROTO_VERSION = 123;
    private static final int SSL_CTRL_SET_MAX_PROTO_VERSION = 124;
    private static final long SSL_OP_NO_TICKET = 1L << 14;
    private static final long SSL_OP_CIPHER_SERVER_PREFERENCE = 1L << 22;
    private static final long SSL_OP_NO_RENEGOTIATION = 1L << 30;
    /** A chain is what is set. Buffers are freed while a connection is idle. */
    private static final long SSL_MODE_NO_AUTO_CHAIN_AND_RELEASE_BUFFERS = 0x08 | 0x10;
    /** SSL_SESS_CACHE_SERVER and SSL_SESS_CACHE_NO_INTERNAL. */
    private static final long EXTERNAL_CACHE = 0x0002 | 0x0300;
    /** Signatures of clients that are accepted, the same as of the other family. */
    private static final String VERIFY = "ed25519:ecdsa_secp256r1_sha256:rsa_pss_rsae_sha256:rsa_pkcs1_sha256:ecdsa_secp384r1_sha384:"
        + "rsa_pss_rsae_sha384:rsa_pkcs1_sha384:ecdsa_secp521r1_sha512:rsa_pss_rsae_sha512:rsa_pkcs1_sha512";
    /** EVP_PKEY_RSA, EVP_PKEY_EC and EVP_PKEY_ED25519. */
    private static final Set<Long> KEY_TYPES = Set.of(6L, 408L, 1087L);

    private final OpenSslFunctions f;
    private final OpenSslUpcalls upcalls;
    private final OpenSslTickets tickets;
    private final ErrorQueue errors;
    private final List<CipherSuite> cipherSuites = new ArrayList<>();
    /** The library's names by the standard ones. */
    private final Map<String, String> cipherNames = new HashMap<>();

    /**
     * @param f the library's functions
     * @param upcalls what contexts call
     * @param tickets what contexts call about tickets
     * @param errors what the library says
     */
    OpenSslContexts(OpenSslFunctions f, OpenSslUpcalls upcalls, OpenSslTickets tickets, ErrorQueue errors)
    {
        this.f = f;
        this.upcalls = upcalls;
        this.tickets = tickets;
        this.errors = errors;
        long context = newContext();
        try
        {
            long stack = f.ctxGetCiphers.call(context);
            for (long i = 0; i < f.stackCount.call(stack); i++)
            {
                long cipher = f.stackValue.call(stack, i);
                String name = ErrorQueue.text(f.cipherStandardName.call(cipher));
                if (name.startsWith("TLS_ECDHE_RSA_WITH_") || name.startsWith("TLS_ECDHE_ECDSA_WITH_") || name.startsWith("TLS_RSA_WITH_"))
                {
                    cipherSuites.add(new CipherSuite(name, (int)f.cipherNumber.call(cipher) & 0xFFFF));
                    cipherNames.put(name, ErrorQueue.text(f.sslCipherName.call(cipher)));
                }
            }
        }
        finally
        {
            f.ctxFree.call(context);
        }
    }

    private long newContext()
    {
        f.clearErrors.call();
        return errors.created(f.ctxNew.call(f.method.call()), "SSL_CTX_new");
    }

    /**
     * @return as {@link LibSsl#cipherSuites}
     */
    List<CipherSuite> cipherSuites()
    {
        return List.copyOf(cipherSuites);
    }

    /**
     * @param name the library's name of a group
     * @return whether the library has it
     */
    boolean hasGroup(String name)
    {
        long context = newContext();
        try (Arena arena = Arena.ofConfined())
        {
            boolean known = f.ctxControl.call(context, SSL_CTRL_SET_GROUPS_LIST, 0, arena.allocateFrom(name).address()) == 1;
            f.clearErrors.call();
            return known;
        }
        finally
        {
            f.ctxFree.call(context);
        }
    }

    /**
     * @return as {@link LibSsl#newContext}
     */
    long create(ContextOptions settings)
    {
        long context = newContext();
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
        control(context, SSL_CTRL_SET_MIN_PROTO_VERSION, settings.minVersion(), "the lowest protocol version");
        control(context, SSL_CTRL_SET_MAX_PROTO_VERSION, settings.maxVersion(), "the highest protocol version");
        try (Arena arena = Arena.ofConfined())
        {
            errors.succeeded(f.ctxSetTls13Suites.call(context, arena.allocateFrom(String.join(":", Supported.TLS13_SUITES)).address()),
                "the cipher suites of TLS 1.3");
            if (!settings.cipherSuites().isEmpty())
            {
                String suites = String.join(":", settings.cipherSuites().stream().map(cipherNames::get).toList());
                errors.succeeded(f.ctxSetCipherList.call(context, arena.allocateFrom(suites).address()), "the cipher suites " + suites);
            }
            if (!settings.groups().isEmpty())
            {
                String groups = String.join(":", settings.groups());
                errors.succeeded(f.ctxControl.call(context, SSL_CTRL_SET_GROUPS_LIST, 0, arena.allocateFrom(groups).address()),
                    "the groups " + groups);
            }
            errors.succeeded(f.ctxControl.call(context, SSL_CTRL_SET_CLIENT_SIGALGS_LIST, 0, arena.allocateFrom(VERIFY).address()),
                "the signatures of clients");
        }
        // The system's configuration may set it, and tickets would be ids.
        f.ctxClearOptions.call(context, SSL_OP_NO_TICKET);
        f.ctxSetOptions.call(context, SSL_OP_NO_RENEGOTIATION | (settings.serverPreference() ? SSL_OP_CIPHER_SERVER_PREFERENCE : 0));
        f.ctxControl.call(context, SSL_CTRL_MODE, SSL_MODE_NO_AUTO_CHAIN_AND_RELEASE_BUFFERS, 0);
        f.ctxControl.call(context, SSL_CTRL_SET_SESS_CACHE_MODE, EXTERNAL_CACHE, 0);
        errors.succeeded(f.ctxSetNumTickets.call(context, settings.tickets()), "the number of tickets");
        f.ctxSetTimeout.call(context, ContextOptions.SESSION_SECONDS);
        if (!settings.authorities().isEmpty())
        {
            f.ctxSetAuthorities.call(context, names(settings.authorities()));
        }
        upcalls.install(context);
        tickets.install(context);
    }

    private void control(long context, int command, long value, String what)
    {
        errors.succeeded(f.ctxControl.call(context, command, value, 0), what);
    }

    /**
     * @return a stack that owns its names, as the library takes it over
     */
    private long names(List<byte[]> authorities)
    {
        long stack = errors.created(f.stackNew.call(), "sk_new_null");
        for (byte[] name : authorities)
        {
            long parsed = read(f.nameRead, name);
            if (parsed == 0)
            {
                // One that the library cannot read is one that clients are not told.
                errors.take();
            }
            else
            {
                f.stackPush.call(stack, parsed);
            }
        }
        return stack;
    }

    /**
     * @return as {@link LibSsl#newCertificate}
     */
    long newCertificate(byte[] der)
    {
        f.clearErrors.call();
        return errors.created(read(f.certificateRead, der), "a certificate");
    }

    /**
     * @return as {@link LibSsl#newKey}
     */
    long newKey(byte[] pkcs8)
    {
        f.clearErrors.call();
        long key = errors.created(read(f.keyRead, pkcs8), "the private key");
        if (!KEY_TYPES.contains(f.keyType.call(key)))
        {
            f.keyFree.call(key);
            throw new TlsLibraryException(errors.library() + " is given no private key but RSA, EC and Ed25519");
        }
        return key;
    }

    /**
     * @param reader a function that makes an object of DER
     * @return the object, or 0
     */
    private long read(NativeFunction reader, byte[] der)
    {
        try (Arena arena = Arena.ofConfined())
        {
            MemorySegment bytes = arena.allocateFrom(ValueLayout.JAVA_BYTE, der);
            MemorySegment place = arena.allocateFrom(POINTER, bytes.address());
            long object = reader.call(0, place.address(), der.length);
            bytes.fill((byte)0);
            return object;
        }
    }
}
