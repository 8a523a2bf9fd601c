package io.github.tlsresumption.openssl;

import java.lang.invoke.MethodHandles;
import java.util.Arrays;

import static io.github.tlsresumption.openssl.NativeLibrary.INT;
import static io.github.tlsresumption.openssl.NativeLibrary.POINTER;
import static io.github.tlsresumption.openssl.NativeLibrary.SHORT;

/**
 * What a library of the BoringSSL family calls during a handshake.
 */
final class BoringSslUpcalls extends Upcalls
{
    private static final int SELECT_OK = 1;
    private static final int SELECT_LATER = 0;
    private static final int SELECT_ERROR = -1;
    private static final int TICKET_OK = 0;
    private static final int TICKET_LATER = 1;
    private static final int TICKET_IGNORED = 2;
    private static final int VERIFY_OK = 0;
    private static final int VERIFY_INVALID = 1;
    private static final int VERIFY_LATER = 2;
    private static final int KEY_OK = 0;
    private static final int KEY_LATER = 1;
    private static final int KEY_FAILED = 2;
    private static final int NOT_TAKEN_OVER = 0;
    private static final int INTERNAL_ERROR = 80;
    /** Which the library sends by itself. */
    private static final int HANDSHAKE_FAILURE = 40;

    private final BoringSslSessions sessions;
    private final ErrorQueue errors;
    private final BoringSslFunctions f;
    private final long pendingSession;
    private final long clientHelloStub;
    private final long alpnStub;
    private final long newSessionStub;
    private final long getSessionStub;
    private final long verifyStub;
    private final long ticketMethod;
    private final long privateKeyMethod;

    /**
     * @param sessions reads and writes sessions
     * @param f the library's functions
     * @param errors the library's queue of errors
     * @param current whom it asks
     */
    BoringSslUpcalls(BoringSslSessions sessions, BoringSslFunctions f, ErrorQueue errors, CurrentCallbacks current)
    {
        super(MethodHandles.lookup(), current);
        this.sessions = sessions;
        this.f = f;
        this.errors = errors;
        pendingSession = f.magicPendingSession.call();
        clientHelloStub = stub("clientHello", INT, POINTER);
        alpnStub = alpnStub();
        newSessionStub = stub("newSession", INT, POINTER, POINTER);
        getSessionStub = stub("getSession", POINTER, POINTER, POINTER, INT, POINTER);
        verifyStub = stub("verify", INT, POINTER, POINTER);
        ticketMethod = table(
            stub("ticketOverhead", POINTER, POINTER),
            stub("seal", INT, POINTER, POINTER, POINTER, POINTER, POINTER, POINTER),
            stub("open", INT, POINTER, POINTER, POINTER, POINTER, POINTER, POINTER));
        privateKeyMethod = table(
            stub("sign", INT, POINTER, POINTER, POINTER, POINTER, SHORT, POINTER, POINTER),
            stub("decrypt", INT, POINTER, POINTER, POINTER, POINTER, POINTER, POINTER),
            stub("complete", INT, POINTER, POINTER, POINTER, POINTER));
    }

    void install(long context)
    {
        f.setSelectCertificate.call(context, clientHelloStub);
        f.setAlpnSelect.call(context, alpnStub, 0);
        f.setTicketMethod.call(context, ticketMethod);
        f.setNewSession.call(context, newSessionStub);
        f.setGetSession.call(context, getSessionStub);
    }

    long verifyStub()
    {
        return verifyStub;
    }

    long privateKeyMethod()
    {
        return privateKeyMethod;
    }

    private int clientHello(long early)
    {
        try
        {
            // The beginning of an SSL_CLIENT_HELLO: the connection, where the body is, how long it is.
            current().received(Memory.bytes(Memory.getLong(early + 8), Memory.getLong(early + 16)));
            return switch (current().clientHello())
            {
                case YES -> SELECT_OK;
                case LATER -> SELECT_LATER;
                case NO -> refused(Memory.getLong(early));
            };
        }
        catch (Throwable e)
        {
            thrown(e);
            return SELECT_ERROR;
        }
    }

    private int refused(long connection)
    {
        if (current().helloAlert() != HANDSHAKE_FAILURE)
        {
            f.sslSendFatalAlert.call(connection, current().helloAlert());
        }
        return SELECT_ERROR;
    }

    private long ticketOverhead(long connection)
    {
        try
        {
            return current().ticketOverhead();
        }
        catch (Throwable e)
        {
            thrown(e);
            return 0;
        }
    }

    private int seal(long connection, long out, long outLength, long max, long in, long inLength)
    {
        try
        {
            byte[] state = Memory.bytes(in, inLength);
            byte[] ticket = current().seal(state);
            Arrays.fill(state, (byte)0);
            // To answer 0 would end the connection.
            byte[] fitting = ticket.length <= max ? ticket : Arrays.copyOf(ticket, Math.toIntExact(max));
            Memory.put(out, fitting);
            Memory.putLong(outLength, fitting.length);
            return 1;
        }
        catch (Throwable e)
        {
            thrown(e);
            return 0;
        }
    }

    private int open(long connection, long out, long outLength, long max, long in, long inLength)
    {
        try
        {
            return switch (current().open(Memory.bytes(in, inLength)))
            {
                case Opening.Opened opened when opened.state().length <= max ->
                {
                    Memory.put(out, opened.state());
                    Memory.putLong(outLength, opened.state().length);
                    yield TICKET_OK;
                }
                case Opening.Opened tooLong -> TICKET_IGNORED;
                case Opening.Refused refused -> TICKET_IGNORED;
                case Opening.Deferred deferred -> TICKET_LATER;
            };
        }
        catch (Throwable e)
        {
            thrown(e);
            return TICKET_IGNORED;
        }
    }

    private int newSession(long connection, long session)
    {
        try
        {
            byte[] id = sessions.id(session);
            if (id.length > 0)
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
            return switch (current().findSession(Memory.bytes(id, length)))
            {
                case Opening.Opened opened -> session(connection, opened.state());
                case Opening.Refused refused -> 0;
                case Opening.Deferred deferred -> pendingSession;
            };
        }
        catch (Throwable e)
        {
            thrown(e);
            return 0;
        }
    }

    private long session(long connection, byte[] state)
    {
        long session = sessions.newSession(f.getContext.call(connection), state);
        if (session == 0)
        {
            // What is left in the queue would look like a failure of the handshake.
            errors.take();
        }
        return session;
    }

    private int verify(long connection, long outAlert)
    {
        try
        {
            switch (current().verify(() -> sessions.certificates(f.sslGetPeerCertificates.call(connection))))
            {
                case YES:
                    return VERIFY_OK;
                case LATER:
                    return VERIFY_LATER;
                default:
                    Memory.putByte(outAlert, current().verifyAlert());
                    return VERIFY_INVALID;
            }
        }
        catch (Throwable e)
        {
            thrown(e);
            Memory.putByte(outAlert, INTERNAL_ERROR);
            return VERIFY_INVALID;
        }
    }

    private int sign(long connection, long out, long outLength, long max, short scheme, long in, long inLength)
    {
        try
        {
            return signed(current().sign(Short.toUnsignedInt(scheme), Memory.bytes(in, inLength)), out, outLength, max);
        }
        catch (Throwable e)
        {
            thrown(e);
            return KEY_FAILED;
        }
    }

    private int complete(long connection, long out, long outLength, long max)
    {
        try
        {
            return signed(current().signed(), out, outLength, max);
        }
        catch (Throwable e)
        {
            thrown(e);
            return KEY_FAILED;
        }
    }

    private int signed(SslCallbacks.Answer answer, long out, long outLength, long max)
    {
        if (answer == SslCallbacks.Answer.LATER)
        {
            return KEY_LATER;
        }
        byte[] signature = answer == SslCallbacks.Answer.YES ? current().signature() : null;
        if (signature == null || signature.length > max)
        {
            return KEY_FAILED;
        }
        Memory.put(out, signature);
        Memory.putLong(outLength, signature.length);
        return KEY_OK;
    }

    private int decrypt(long connection, long out, long outLength, long max, long in, long inLength)
    {
        // RSA key exchange (RFC 5246 section 7.4.7.1) is for keys that the library has.
        return KEY_FAILED;
    }
}
