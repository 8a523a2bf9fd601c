package io.github.tlsresumption.openssl;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

import static io.github.tlsresumption.openssl.NativeLibrary.INT;
import static io.github.tlsresumption.openssl.NativeLibrary.POINTER;

/**
 * Sessions of the BoringSSL family and their states. Thread-safe.
 */
final class BoringSslSessions
{
    private static final int MAX_SECRET_BYTES = 64;

    private final BoringSslFunctions f;
    private final ErrorQueue errors;

    /**
     * @param f the library's functions
     * @param errors what the library says
     */
    BoringSslSessions(BoringSslFunctions f, ErrorQueue errors)
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
     * @return as {@link LibSsl#peerCertificates(long, byte[])}
     */
    List<byte[]> peerCertificates(long context, byte[] state)
    {
        long session = newSession(context, state);
        if (session == 0)
        {
            throw new TlsLibraryException("a session's state: " + errors.take());
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
     * @return as {@link LibSsl#secret}
     */
    SessionSecret secret(long context, byte[] state)
    {
        long session = newSession(context, state);
        if (session == 0)
        {
            throw new TlsLibraryException("a session's state: " + errors.take());
        }
        try (Arena arena = Arena.ofConfined())
        {
            MemorySegment out = arena.allocate(MAX_SECRET_BYTES);
            byte[] secret = Memory.bytes(out.address(), f.sessionGetMasterKey.call(session, out.address(), MAX_SECRET_BYTES));
            out.fill((byte)0);
            return new SessionSecret(secret, (int)f.cipherNumber.call(f.sessionGetCipher.call(session)) & 0xFFFF);
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
            errors.succeeded(f.sessionToBytes.call(session, out.address(), out.address() + Long.BYTES), "a session");
            long bytes = out.getAtIndex(POINTER, 0);
            byte[] state = Memory.bytes(bytes, out.getAtIndex(POINTER, 1));
            // The library overwrites what it frees.
            f.free.call(bytes);
            return state;
        }
    }

    /**
     * @param stack the library's list of certificates, or 0
     * @return copies of them
     */
    List<byte[]> certificates(long stack)
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
}
