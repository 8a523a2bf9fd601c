package io.github.tlsresumption.openssl;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.security.cert.CertificateEncodingException;
import java.util.Optional;

/**
 * Clients of OpenSSL's in memory, for servers of either family, and their sessions. They cost a fraction of what JSSE's cost, and do what
 * those do not: renegotiate, update keys when they are told to, send early data. Thread-safe.
 */
final class NativeClients implements AutoCloseable
{
    /** Without tickets of TLS 1.2. */
    private static final long SSL_OP_NO_TICKET = 1L << 14;
    private static final int SSL_CTRL_SET_MIN_PROTO_VERSION = 123;
    private static final int SSL_CTRL_SET_MAX_PROTO_VERSION = 124;

    private final LibSsl lib;
    private final ClientFunctions f;
    private final long context;

    /**
     * @param file libssl of OpenSSL
     */
    NativeClients(Path file)
    {
        lib = NativeTls.load(new LibraryChoice(file.toString(), "")).lib();
        f = new ClientFunctions(NativeLibrary.load(file, Optional.empty()));
        context = f.ctxNew.call(f.method.call());
    }

    LibSsl lib()
    {
        return lib;
    }

    ClientFunctions functions()
    {
        return f;
    }

    /**
     * @param version the only one that it offers, such as 0x0304
     * @return a client, to be closed
     */
    NativeClient connect(int version)
    {
        long connection = lib.newConnection(context);
        f.setConnectState.call(connection);
        f.setMessageCallback.call(connection, 0);
        f.control.call(connection, SSL_CTRL_SET_MIN_PROTO_VERSION, version, 0);
        f.control.call(connection, SSL_CTRL_SET_MAX_PROTO_VERSION, version, 0);
        return new NativeClient(this, connection);
    }

    /** It knows no tickets of TLS 1.2. */
    void withoutTickets(NativeClient client)
    {
        f.setOptions.call(client.connection(), SSL_OP_NO_TICKET);
    }

    /** It shows that certificate when it is asked. */
    void show(NativeClient client, Certificates.Identity identity) throws CertificateEncodingException
    {
        long certificate = lib.newCertificate(identity.certificate().getEncoded());
        long key = lib.newKey(identity.key().getEncoded());
        lib.setCertificate(client.connection(), new long[]{certificate}, key);
        lib.freeKey(key);
        lib.freeCertificate(certificate);
    }

    /** It offers that application protocol. */
    void offer(NativeClient client, String protocol)
    {
        try (Arena arena = Arena.ofConfined())
        {
            MemorySegment name = arena.allocateFrom(protocol);
            MemorySegment list = arena.allocate(1 + protocol.length());
            list.set(ValueLayout.JAVA_BYTE, 0, (byte)protocol.length());
            MemorySegment.copy(name, 0, list, 1, protocol.length());
            f.setProtocols.call(client.connection(), list.address(), list.byteSize());
        }
    }

    /**
     * @param session is to be freed by {@link #free}
     * @param place which byte of its ticket is to be another, counted round
     * @return whether it has a ticket
     */
    boolean tamper(long session, int place)
    {
        try (Arena arena = Arena.ofConfined())
        {
            MemorySegment out = arena.allocate(ValueLayout.JAVA_LONG, 2);
            f.sessionGetTicket.call(session, out.address(), out.address() + Long.BYTES);
            long length = out.getAtIndex(ValueLayout.JAVA_LONG, 1);
            if (length == 0)
            {
                return false;
            }
            long address = out.getAtIndex(ValueLayout.JAVA_LONG, 0) + place % length;
            Memory.putByte(address, Memory.getByte(address) ^ 1);
            return true;
        }
    }

    void free(long session)
    {
        f.sessionFree.call(session);
    }

    @Override
    public void close()
    {
        lib.freeContext(context);
    }
}
