package io.github.tlsresumption.openssl;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

import io.github.tlsresumption.engine.KeyTickets;

import static io.github.tlsresumption.openssl.NativeLibrary.INT;
import static io.github.tlsresumption.openssl.NativeLibrary.POINTER;

/**
 * Gives OpenSSL the keys of a ticket: AES-256-CBC and HMAC-SHA-256 (RFC 5077 section 4). Thread-safe.
 */
final class OpenSslTicketCipher
{
    /** An OSSL_PARAM: the name, the type, where the value is, its length, and what is not used here. */
    private static final long PARAMETER_BYTES = 40;
    private static final int UTF8_STRING = 4;
    private static final int OCTET_STRING = 5;
    private static final MemorySegment KEY = Arena.global().allocateFrom("key");
    private static final MemorySegment DIGEST = Arena.global().allocateFrom("digest");
    private static final MemorySegment SHA256 = Arena.global().allocateFrom("SHA256");

    private final OpenSslFunctions f;
    private final ErrorQueue errors;
    /** Fetched once, never freed: it is the library's for all tickets. */
    private final long aes;

    /**
     * @param f the library's functions
     * @param errors what the library says
     */
    OpenSslTicketCipher(OpenSslFunctions f, ErrorQueue errors)
    {
        this.f = f;
        this.errors = errors;
        try (Arena arena = Arena.ofConfined())
        {
            aes = errors.created(f.cipherFetch.call(0, arena.allocateFrom("AES-256-CBC").address(), 0), "AES-256-CBC");
        }
    }

    /**
     * @param secrets overwritten
     */
    void encrypt(long cipherContext, long macContext, KeyTickets.Secrets secrets)
    {
        set(f.encryptInit, cipherContext, macContext, secrets);
    }

    /**
     * @param secrets overwritten
     */
    void decrypt(long cipherContext, long macContext, KeyTickets.Secrets secrets)
    {
        set(f.decryptInit, cipherContext, macContext, secrets);
    }

    private void set(NativeFunction init, long cipherContext, long macContext, KeyTickets.Secrets secrets)
    {
        try (Arena arena = Arena.ofConfined())
        {
            MemorySegment cipherKey = arena.allocateFrom(ValueLayout.JAVA_BYTE, secrets.cipherKey());
            MemorySegment macKey = arena.allocateFrom(ValueLayout.JAVA_BYTE, secrets.macKey());
            try
            {
                long iv = arena.allocateFrom(ValueLayout.JAVA_BYTE, secrets.iv()).address();
                // Of three the last is the end.
                MemorySegment parameters = arena.allocate(3 * PARAMETER_BYTES, Long.BYTES);
                parameter(parameters, KEY, OCTET_STRING, macKey, KeyTickets.KEY_BYTES);
                parameter(parameters.asSlice(PARAMETER_BYTES), DIGEST, UTF8_STRING, SHA256, SHA256.byteSize() - 1);
                errors.succeeded(f.macSetParameters.call(macContext, parameters.address()), "the key of a ticket");
                errors.succeeded(init.call(cipherContext, aes, 0, cipherKey.address(), iv), "the key of a ticket");
            }
            finally
            {
                cipherKey.fill((byte)0);
                macKey.fill((byte)0);
            }
        }
        finally
        {
            Arrays.fill(secrets.cipherKey(), (byte)0);
            Arrays.fill(secrets.macKey(), (byte)0);
        }
    }

    private static void parameter(MemorySegment place, MemorySegment name, int type, MemorySegment value, long length)
    {
        place.set(POINTER, 0, name.address());
        place.set(INT, 8, type);
        place.set(POINTER, 16, value.address());
        place.set(POINTER, 24, length);
    }
}
