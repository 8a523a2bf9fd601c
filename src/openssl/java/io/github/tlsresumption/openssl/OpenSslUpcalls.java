package io.github.tlsresumption.openssl;

import java.lang.invoke.MethodHandles;

import static io.github.tlsresumption.openssl.NativeLibrary.INT;
import static io.github.tlsresumption.openssl.NativeLibrary.POINTER;

/**
 * What OpenSSL calls during a handshake, except about tickets.
 */
final class OpenSslUpcalls extends Upcalls
{
    private static final int HELLO_OK = 1;
    private static final int HELLO_LATER = -1;
    private static final int HELLO_ERROR = 0;
    private static final int RECEIVED = 0;
    private static final int HANDSHAKE_MESSAGE = 22;
    private static final byte CLIENT_HELLO = 1;
    private static final int HEADER_BYTES = 4;
    private static final int NOT_TAKEN_OVER = 0;
    private static final int INTERNAL_ERROR = 80;
    private static final int CERTIFICATE_REVOKED = 44;
    private static final int VERIFY_OK = 1;
    private static final int VERIFY_INVALID = 0;
    /** X509_V_OK; of a certificate that is refused all the same the library says certificate_unknown. */
    private static final int NO_ERROR = 0;
    /** X509_V_ERR_UNSPECIFIED: internal_error. */
    private static final int UNSPECIFIED = 1;
    /** X509_V_ERR_CERT_REVOKED. */
    private static final int REVOKED = 23;

    private final OpenSslSessions sessions;
    private final OpenSslFunctions f;
    private final ErrorQueue errors;
    private final long messageStub;
    private final long clientHelloStub;
    private final long alpnStub;
    private final long newSessionStub;
    private final long getSessionStub;
    private final long verifyStub;

    /**
     * @param sessions reads and writes sessions
     * @param f the library's functions
     * @param errors the library's queue of errors
     * @param current whom it asks
     */
    OpenSslUpcalls(OpenSslSessions sessions, OpenSslFunctions f, ErrorQueue errors, CurrentCallbacks current)
    {
        super(MethodHandles.lookup(), current);
        this.sessions = sessions;
        this.f = f;
        this.errors = errors;
        messageStub = stub("message", null, INT, INT, INT, POINTER, POINTER, POINTER, POINTER);
        clientHelloStub = stub("clientHello", INT, POINTER, POINTER, POINTER);
        alpnStub = alpnStub();
        newSessionStub = stub("newSession", INT, POINTER, POINTER);
        getSessionStub = stub("getSession", POINTER, POINTER, POINTER, INT, POINTER);
        verifyStub = stub("verify", INT, POINTER, POINTER);
    }

    void install(long context)
    {
        f.setClientHello.call(context, clientHelloStub, 0);
        f.setAlpnSelect.call(context, alpnStub, 0);
        f.setNewSession.call(context, newSessionStub);
        f.setGetSession.call(context, getSessionStub);
        f.setCertificateVerify.call(context, verifyStub, 0);
    }

    /**
     * @return for a connection that waits for a ClientHello
     */
    long messageStub()
    {
        return messageStub;
    }

    /**
     * The library gives a ClientHello as it came here only.
     */
    private void message(int written, int version, int type, long bytes, long length, long connection, long argument)
    {
        try
        {
            if (written == RECEIVED && type == HANDSHAKE_MESSAGE && length > HEADER_BYTES && Memory.getByte(bytes) == CLIENT_HELLO)
            {
                current().received(Memory.bytes(bytes + HEADER_BYTES, length - HEADER_BYTES));
            }
        }
        catch (Throwable e)
        {
            thrown(e);
        }
    }

    private int clientHello(long connection, long outAlert, long argument)
    {
        try
        {
            switch (current().clientHello())
            {
                case YES:
                    return HELLO_OK;
                case LATER:
                    return HELLO_LATER;
                default:
                    Memory.putInt(outAlert, current().helloAlert());
                    return HELLO_ERROR;
            }
        }
        catch (Throwable e)
        {
            thrown(e);
            Memory.putInt(outAlert, INTERNAL_ERROR);
            return HELLO_ERROR;
        }
    }

    private int newSession(long connection, long session)
    {
        try
        {
            byte[] id = sessions.id(session);
            if (id.length > 0 && f.sslVersion.call(connection) != Supported.TLS13)
            {
                current().newSession(id, sessions.state(session));
            }
        }
        catch (Throwable e)
        {
            thrown(e);
        }
        return NOT_TAKEN_OVER;
    }

    private long getSession(long connection, long id, int length, long copy)
    {
        try
        {
            // The library owns what it gets.
            Memory.putInt(copy, 0);
            return current().findSession(Memory.bytes(id, length)) instanceof Opening.Opened opened ? session(opened.state()) : 0;
        }
        catch (Throwable e)
        {
            thrown(e);
            return 0;
        }
    }

    private long session(byte[] state)
    {
        long session = sessions.newSession(state);
        if (session == 0)
        {
            // What is left in the queue would look like a failure of the handshake.
            errors.take();
        }
        return session;
    }

    private int verify(long store, long argument)
    {
        try
        {
            if (current().verify(() -> sessions.certificates(f.verifiedChain.call(store))) == SslCallbacks.Answer.YES)
            {
                f.setVerifyError.call(store, NO_ERROR);
                return VERIFY_OK;
            }
            f.setVerifyError.call(store, current().verifyAlert() == CERTIFICATE_REVOKED ? REVOKED : NO_ERROR);
        }
        catch (Throwable e)
        {
            thrown(e);
            f.setVerifyError.call(store, UNSPECIFIED);
        }
        return VERIFY_INVALID;
    }
}
