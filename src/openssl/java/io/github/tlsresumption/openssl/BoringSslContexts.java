package io.github.tlsresumption.openssl;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/**
 * What the BoringSSL family has beside connections: contexts with their settings, certificates and keys. Thread-safe.
 */
final class BoringSslContexts
{
    private static final int SSL_OP_CIPHER_SERVER_PREFERENCE = 0x0040_0000;
    /** SSL_SESS_CACHE_SERVER and SSL_SESS_CACHE_NO_INTERNAL. */
    private static final int EXTERNAL_CACHE = 0x0002 | 0x0300;
    /** Signatures of clients that are accepted: what the library accepts by itself, Ed25519 and P-521; not SHA-1. */
    private static final short[] VERIFY = {0x0807, 0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0603, 0x0806, 0x0601};

    private final BoringSslFunctions f;
    private final BoringSslUpcalls upcalls;
    private final ErrorQueue errors;

    /**
     * @param f the library's functions
     * @param upcalls what contexts call
     * @param errors what the library says
     */
    BoringSslContexts(BoringSslFunctions f, BoringSslUpcalls upcalls, ErrorQueue errors)
    {
        this.f = f;
        this.upcalls = upcalls;
        this.errors = errors;
    }

    /**
     * @return as {@link LibSsl#cipherSuites}
     */
    List<CipherSuite> cipherSuites()
    {
        long context = errors.created(f.ctxNew.call(f.method.call()), "SSL_CTX_new");
        try
        {
            List<CipherSuite> suites = new ArrayList<>();
            long stack = f.ctxGetCiphers.call(context);
            for (long i = 0; i < f.stackCount.call(stack); i++)
            {
                long cipher = f.stackValue.call(stack, i);
                String name = ErrorQueue.text(f.cipherStandardName.call(cipher));
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

    /**
     * @param name the library's name of a group
     * @return whether the library has it
     */
    boolean hasGroup(String name)
    {
        long context = errors.created(f.ctxNew.call(f.method.call()), "SSL_CTX_new");
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

    /**
     * @return as {@link LibSsl#newContext}
     */
    long create(ContextOptions settings)
    {
        f.clearErrors.call();
        long context = errors.created(f.ctxNew.call(f.method.call()), "SSL_CTX_new");
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
        errors.succeeded(f.ctxSetMinProtoVersion.call(context, settings.minVersion()), "the lowest protocol version");
        errors.succeeded(f.ctxSetMaxProtoVersion.call(context, settings.maxVersion()), "the highest protocol version");
        try (Arena arena = Arena.ofConfined())
        {
            if (!settings.cipherSuites().isEmpty())
            {
                String suites = String.join(":", settings.cipherSuites());
                long text = arena.allocateFrom(suites).address();
                errors.succeeded(f.ctxSetStrictCipherList.call(context, text), "the cipher suites " + suites);
            }
            if (!settings.groups().isEmpty())
            {
                String groups = String.join(":", settings.groups());
                errors.succeeded(f.ctxSetCurvesList.call(context, arena.allocateFrom(groups).address()), "the groups " + groups);
            }
            MemorySegment verify = arena.allocateFrom(ValueLayout.JAVA_SHORT, VERIFY);
            errors.succeeded(f.ctxSetVerifyAlgorithms.call(context, verify.address(), VERIFY.length), "the signatures of clients");
        }
        if (settings.serverPreference())
        {
            f.ctxSetOptions.call(context, SSL_OP_CIPHER_SERVER_PREFERENCE);
        }
        NativeFunction setNumTickets = f.ctxSetNumTickets.orElseThrow(() -> new TlsLibraryException(
            "the native TLS library always issues two tickets: it lacks SSL_CTX_set_num_tickets and is too old"));
        errors.succeeded(setNumTickets.call(context, settings.tickets()), "the number of tickets");
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
        long stack = errors.created(f.stackNew.call(), "sk_new_null");
        for (byte[] value : values)
        {
            f.stackPush.call(stack, newCertificate(value));
        }
        return stack;
    }

    /**
     * @return as {@link LibSsl#newCertificate}
     */
    long newCertificate(byte[] der)
    {
        try (Arena arena = Arena.ofConfined())
        {
            long bytes = arena.allocateFrom(ValueLayout.JAVA_BYTE, der).address();
            return errors.created(f.bufferNew.call(bytes, der.length, 0), "CRYPTO_BUFFER_new");
        }
    }

    /**
     * @return as {@link LibSsl#newKey}
     */
    long newKey(byte[] pkcs8)
    {
        f.clearErrors.call();
        try (Arena arena = Arena.ofConfined())
        {
            MemorySegment bytes = arena.allocateFrom(ValueLayout.JAVA_BYTE, pkcs8);
            try
            {
                // A CBS: where, and how many.
                MemorySegment reader = arena.allocateFrom(ValueLayout.JAVA_LONG, bytes.address(), pkcs8.length);
                return errors.created(f.parsePrivateKey.call(reader.address()), "the private key");
            }
            finally
            {
                bytes.fill((byte)0);
            }
        }
    }
}
