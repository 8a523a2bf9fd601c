package io.github.tlsresumption.openssl;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongFunction;

import static io.github.tlsresumption.openssl.NativeLibrary.INT;
import static io.github.tlsresumption.openssl.NativeLibrary.POINTER;

/**
 * Sessions of OpenSSL, their states and what rides in them. Thread-safe.
 */
final class OpenSslSessions
{
    private static final int MAX_SECRET_BYTES = 256;
    private static final byte[] NOTHING = {};

    private final OpenSslFunctions f;
    private final ErrorQueue errors;

    /**
     * @param f the library's functions
     * @param errors what the library says
     */
    OpenSslSessions(OpenSslFunctions f, ErrorQueue errors)
    {
        this.f = f;
        this.errors = errors;
    }

    /**
     * @return the id of a session
     */
    byte[] id(long session)
    {
        try (Arena arena = Arena.ofConfined())
        {
            MemorySegment length = arena.allocate(INT);
            long id = f.sessionGetId.call(session, length.address());
            return Memory.bytes(id, length.get(INT, 0));
        }
    }

    /**
     * @return as {@link LibSsl#peerCertificates(long, byte[])}, as far as the library knows them
     */
    List<byte[]> peerCertificates(byte[] state)
    {
        return inSession(state, session ->
        {
            long certificate = f.sessionGetPeer.call(session);
            return certificate == 0 ? List.of() : List.of(certificate(certificate));
        });
    }

    /**
     * @return as {@link LibSsl#secret}
     */
    SessionSecret secret(byte[] state)
    {
        return inSession(state, this::secret);
    }

    /**
     * @return the secret of a session, to be destroyed by the caller
     */
    SessionSecret secret(long session)
    {
        try (Arena arena = Arena.ofConfined())
        {
            MemorySegment out = arena.allocate(MAX_SECRET_BYTES);
            byte[] secret = Memory.bytes(out.address(), f.sessionGetMasterKey.call(session, out.address(), MAX_SECRET_BYTES));
            out.fill((byte)0);
            long cipher = f.sessionGetCipher.call(session);
            if (cipher == 0)
            {
                throw new TlsLibraryException("a session without a cipher suite");
            }
            return new SessionSecret(secret, (int)f.cipherNumber.call(cipher) & 0xFFFF);
        }
    }

    /**
     * @param secret takes the place of the one that the session has
     */
    void secret(long session, byte[] secret)
    {
        try (Arena arena = Arena.ofConfined())
        {
            MemorySegment bytes = arena.allocateFrom(ValueLayout.JAVA_BYTE, secret);
            long result = f.sessionSetMasterKey.call(session, bytes.address(), secret.length);
            bytes.fill((byte)0);
            errors.succeeded(result, "the secret of a session");
        }
    }

    private <T> T inSession(byte[] state, LongFunction<T> question)
    {
        long session = newSession(state);
        if (session == 0)
        {
            throw new TlsLibraryException("a session's state: " + errors.take());
        }
        try
        {
            return question.apply(session);
        }
        finally
        {
            f.sessionFree.call(session);
        }
    }

    /**
     * @return a session that the caller owns, or 0 when the state cannot be read
     */
    long newSession(byte[] state)
    {
        try (Arena arena = Arena.ofConfined())
        {
            MemorySegment bytes = arena.allocateFrom(ValueLayout.JAVA_BYTE, state);
            MemorySegment place = arena.allocateFrom(POINTER, bytes.address());
            long session = f.sessionRead.call(0, place.address(), state.length);
            bytes.fill((byte)0);
            return session;
        }
    }

    /**
     * @return the state of a session
     */
    byte[] state(long session)
    {
        return encoded(f.sessionWrite, session, "a session");
    }

    /**
     * @return a certificate in DER
     */
    byte[] certificate(long certificate)
    {
        return encoded(f.certificateWrite, certificate, "a certificate");
    }

    private byte[] encoded(NativeFunction write, long object, String what)
    {
        int length = (int)write.call(object, 0);
        if (length <= 0)
        {
            throw new TlsLibraryException(what + " cannot be written: " + errors.take());
        }
        try (Arena arena = Arena.ofConfined())
        {
            MemorySegment bytes = arena.allocate(length);
            MemorySegment place = arena.allocateFrom(POINTER, bytes.address());
            write.call(object, place.address());
            byte[] encoded = bytes.toArray(ValueLayout.JAVA_BYTE);
            bytes.fill((byte)0);
            return encoded;
        }
    }

    /**
     * @param stack the library's list of certificates, or 0
     * @return copies of them
     */
    List<byte[]> certificates(long stack)
    {
        List<byte[]> certificates = new ArrayList<>();
        long count = stack == 0 ? 0 : f.stackCount.call(stack);
        for (long i = 0; i < count; i++)
        {
            certificates.add(certificate(f.stackValue.call(stack, i)));
        }
        return certificates;
    }

    /**
     * @param data what rides in the tickets of a session from now on
     */
    void data(long session, byte[] data)
    {
        try (Arena arena = Arena.ofConfined())
        {
            MemorySegment bytes = arena.allocateFrom(ValueLayout.JAVA_BYTE, data);
            long result = f.sessionSetData.call(session, bytes.address(), data.length);
            bytes.fill((byte)0);
            errors.succeeded(result, "the data of a ticket");
        }
    }

    /**
     * @return what rides in the tickets of a session, which it is then without, and its memory overwritten; empty if there is nothing
     */
    byte[] takeData(long session)
    {
        try (Arena arena = Arena.ofConfined())
        {
            MemorySegment out = arena.allocate(POINTER, 2);
            f.sessionGetData.call(session, out.address(), out.address() + Long.BYTES);
            long place = out.getAtIndex(POINTER, 0);
            byte[] data = Memory.bytes(place, out.getAtIndex(POINTER, 1));
            Memory.put(place, new byte[data.length]);
            data(session, NOTHING);
            return data;
        }
    }
}
