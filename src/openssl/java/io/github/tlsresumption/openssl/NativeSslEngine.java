package io.github.tlsresumption.openssl;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ReadOnlyBufferException;
import java.util.Objects;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLEngineResult.Status;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLSession;

/**
 * A server's engine whose TLS is a native library's. It behaves as SunJSSE's does, towards the application and in closing; see the package
 * for who frees what. Thread-safe: calls wait for each other, and no delegated task is waited for.
 * <p>
 * The native connection exists from the first {@code wrap} or {@code unwrap} on. It is freed when both directions are closed, when a failure
 * has been told to the client, or by {@link #close}, which whoever drops an engine before that should call.
 */
public final class NativeSslEngine extends ConfiguredEngine implements AutoCloseable
{
    private static final int USER_CANCELED = 90;
    private static final int HANDSHAKE_FAILURE = 40;
    private static final int INTERNAL_ERROR = 80;
    /** By how much a record may be longer than its content, of which this project sends no more than {@code APPLICATION_BYTES}. */
    private static final int MAX_EXPANSION_BYTES = NativeSession.PACKET_BYTES - NativeSession.APPLICATION_BYTES;

    private final NativeContext context;
    private final LibSsl lib;
    private NativeSession session;
    private NativeSession handshakeSession;
    private ServerHandshake handshake;
    /** Null before the first byte, and when it was freed. */
    private NativeConnection connection;
    private boolean begun;
    private boolean complete;
    private boolean inboundDone;
    private boolean outboundClosed;
    private boolean closeSent;
    private boolean finishedToTell;
    /** Tickets wait in the library for something to ride with. */
    private boolean ticketsHeld;
    private boolean busy;
    private boolean closeWanted;
    private boolean taskTaken;
    private SSLException taskFailure;

    NativeSslEngine(NativeContext context, String peerHost, int peerPort)
    {
        super(context.supported(), peerHost, peerPort);
        this.context = context;
        this.lib = context.lib();
        this.session = newSession();
    }

    private NativeSession newSession()
    {
        return new NativeSession(context.jsse().sessionContext(), getPeerHost(), getPeerPort(), context.clock().instant());
    }

    @Override
    public SSLEngineResult unwrap(ByteBuffer src, ByteBuffer[] dsts, int offset, int length) throws SSLException
    {
        Objects.checkFromIndexSize(offset, length, dsts.length);
        for (int i = offset; i < offset + length; i++)
        {
            if (dsts[i].isReadOnly())
            {
                throw new ReadOnlyBufferException();
            }
        }
        lock().lock();
        try
        {
            enter();
            if (inboundDone)
            {
                return result(Status.CLOSED, 0, 0);
            }
            if (!begun && closeSent)
            {
                return result(src.hasRemaining() ? Status.CLOSED : Status.BUFFER_UNDERFLOW, 0, 0);
            }
            begin();
            if (!complete && status() != HandshakeStatus.NEED_UNWRAP || finishedToTell)
            {
                return result(Status.OK, 0, 0);
            }
            if (src.remaining() < Records.HEADER_BYTES)
            {
                return underflow();
            }
            if (!Records.isRecord(src))
            {
                throw notTls(src);
            }
            if (!Records.hasRecord(src))
            {
                return underflow();
            }
            return complete ? read(src, dsts, offset, length) : handshake(src);
        }
        finally
        {
            lock().unlock();
        }
    }

    /**
     * Whatever is in the library's hands now waits no longer: the client has nothing to say.
     */
    private SSLEngineResult underflow() throws SSLException
    {
        releaseTickets();
        return result(Status.BUFFER_UNDERFLOW, 0, 0);
    }

    private void releaseTickets() throws SSLException
    {
        if (ticketsHeld)
        {
            ticketsHeld = false;
            if (!connection.flush())
            {
                throw failed("the tickets could not be sent");
            }
        }
    }

    /**
     * The library finds the right alert for what is no record.
     */
    private SSLException notTls(ByteBuffer src)
    {
        connection.feed(src, Records.HEADER_BYTES);
        busy = true;
        try
        {
            if (complete)
            {
                connection.read(new ByteBuffer[0], 0, 0);
            }
            else
            {
                connection.handshake(handshake);
            }
        }
        finally
        {
            busy = false;
        }
        return failed("not a record of TLS");
    }

    private SSLEngineResult handshake(ByteBuffer src) throws SSLException
    {
        int consumed = 0;
        // The records of a flight at once: Jetty asks the network between two calls.
        do
        {
            int length = Records.length(src);
            connection.feed(src, length);
            consumed += length;
            proceed();
        }
        while (!complete && status() == HandshakeStatus.NEED_UNWRAP && Records.hasRecord(src) && Records.isRecord(src));
        if (complete)
        {
            // A request that is here already will be answered, and the tickets ride with the answer.
            ticketsHeld = src.remaining() >= Records.HEADER_BYTES && connection.isTls13();
            flushUnlessHeld();
        }
        return result(Status.OK, consumed, 0);
    }

    private void flushUnlessHeld() throws SSLException
    {
        if (!ticketsHeld)
        {
            ticketsHeld = true;
            releaseTickets();
        }
    }

    /**
     * One step of the handshake, with the input that there is. Meanwhile the engine can be used by nobody.
     */
    private void proceed() throws SSLException
    {
        busy = true;
        try
        {
            int result = connection.handshake(handshake);
            if (result == LibSsl.DONE)
            {
                completed();
            }
            else if (result != LibSsl.WANTS_INPUT && (result != LibSsl.WAITS || handshake.waiting() == null))
            {
                throw failed("the handshake failed");
            }
        }
        finally
        {
            busy = false;
            if (closeWanted)
            {
                end();
            }
        }
        if (closeWanted)
        {
            throw new SSLHandshakeException("the engine was closed during its handshake");
        }
    }

    private void completed() throws SSLException
    {
        complete = true;
        finishedToTell = true;
        long address = connection.address();
        handshakeSession.negotiated(Supported.protocol(lib.version(address)), lib.cipherSuite(address).orElseThrow());
        handshake.peerCertificates();
        handshakeSession.invalidation(handshake::invalidated);
        session = handshakeSession;
        try
        {
            handshakeSession.id(handshake.established(handshake.resumed()).orElseGet(() -> lib.sessionId(address)));
        }
        catch (SSLException | RuntimeException e)
        {
            handshake.thrown(e);
            connection.abort(HANDSHAKE_FAILURE);
            throw failed("the session was refused");
        }
    }

    private SSLEngineResult read(ByteBuffer src, ByteBuffer[] dsts, int offset, int length) throws SSLException
    {
        int recordLength = Records.length(src);
        if (Records.remaining(dsts, offset, length) < Records.maxPlain(recordLength))
        {
            return result(Status.BUFFER_OVERFLOW, 0, 0);
        }
        connection.feed(src, recordLength);
        int count = connection.read(dsts, offset, length);
        if (count == LibSsl.FAILED || count == LibSsl.WAITS)
        {
            throw failed("a record was refused");
        }
        if (count == LibSsl.CLOSED)
        {
            inboundDone = true;
            // TLS 1.2 is closed at once (RFC 5246 section 7.2.1), TLS 1.3 in each direction by itself (RFC 8446 section 6.1).
            outboundClosed |= !connection.isTls13();
        }
        SSLEngineResult result = result(inboundDone ? Status.CLOSED : Status.OK, recordLength, Math.max(count, 0));
        freeWhenClosed();
        return result;
    }

    @Override
    public SSLEngineResult wrap(ByteBuffer[] srcs, int offset, int length, ByteBuffer dst) throws SSLException
    {
        Objects.checkFromIndexSize(offset, length, srcs.length);
        if (dst.isReadOnly())
        {
            throw new ReadOnlyBufferException();
        }
        lock().lock();
        try
        {
            enter();
            if (closeSent && pending() == 0)
            {
                return result(Status.CLOSED, 0, 0);
            }
            begin();
            HandshakeStatus status = status();
            if (status == HandshakeStatus.NEED_TASK || status == HandshakeStatus.NEED_UNWRAP && !complete)
            {
                return result(Status.OK, 0, 0);
            }
            int consumed = 0;
            if (pending() == 0 && complete && !outboundClosed)
            {
                int count = (int)Math.min(Records.remaining(srcs, offset, length), NativeSession.APPLICATION_BYTES);
                if (count > 0 && dst.remaining() < count + MAX_EXPANSION_BYTES)
                {
                    return result(Status.BUFFER_OVERFLOW, 0, 0);
                }
                consumed = write(srcs, offset, length, count);
            }
            if (pending() == 0 && outboundClosed && !closeSent)
            {
                sendClose();
            }
            int produced = connection.drain(dst);
            if (produced == 0 && pending() > 0)
            {
                return result(Status.BUFFER_OVERFLOW, consumed, 0);
            }
            SSLEngineResult result = result(closeSent && pending() == 0 ? Status.CLOSED : Status.OK, consumed, produced);
            freeWhenClosed();
            return result;
        }
        finally
        {
            lock().unlock();
        }
    }

    private int write(ByteBuffer[] srcs, int offset, int length, int count) throws SSLException
    {
        if (count == 0)
        {
            releaseTickets();
            return 0;
        }
        if (!connection.write(srcs, offset, length, count))
        {
            throw failed("a record could not be written");
        }
        ticketsHeld = false;
        return count;
    }

    private void sendClose()
    {
        closeSent = true;
        if (complete)
        {
            connection.shutdown();
        }
        else
        {
            connection.abort(USER_CANCELED);
        }
    }

    private int pending()
    {
        return connection == null ? 0 : connection.pending();
    }

    /**
     * To be called at the beginning of each call that may use the library.
     */
    private void enter() throws SSLException
    {
        if (busy)
        {
            throw new IllegalStateException("an engine cannot be used by what its own handshake calls");
        }
        if (taskFailure != null)
        {
            SSLException failure = taskFailure;
            taskFailure = null;
            throw failure;
        }
    }

    private void begin() throws SSLException
    {
        if (begun)
        {
            return;
        }
        begun = true;
        busy = true;
        try
        {
            connection = new NativeConnection(lib, context.connect(settings()));
            handshakeSession = newSession();
            handshake = new ServerHandshake(this, context, settings(), handshakeSession, connection.address());
        }
        catch (RuntimeException e)
        {
            end();
            throw new SSLException("the connection cannot begin: " + e.getMessage(), e);
        }
        finally
        {
            busy = false;
        }
        if (closeWanted)
        {
            end();
            throw new SSLHandshakeException("the engine was closed before its handshake");
        }
    }

    /**
     * @return the failure, which is the end of both directions: what remains to be done is to send the alert
     */
    private SSLException failed(String what)
    {
        String message = what + ": " + lib.errors();
        SSLException failure = complete ? new SSLException(message) : new SSLHandshakeException(message);
        if (handshake.failure() != null)
        {
            failure.initCause(handshake.failure());
        }
        handshake.abandoned();
        inboundDone = true;
        outboundClosed = true;
        closeSent = true;
        finishedToTell = false;
        ticketsHeld = false;
        if (connection.pending() == 0 && handshake.failure() != null)
        {
            // It was ours, such as a key that signs nothing, and the library has told the client nothing.
            connection.abort(INTERNAL_ERROR);
        }
        freeWhenClosed();
        return failure;
    }

    private void freeWhenClosed()
    {
        if (inboundDone && closeSent && pending() == 0)
        {
            end();
        }
    }

    private void end()
    {
        begun = true;
        inboundDone = true;
        outboundClosed = true;
        closeSent = true;
        finishedToTell = false;
        taskFailure = null;
        if (handshake != null)
        {
            handshake.abandoned();
        }
        if (connection != null)
        {
            connection.free();
            connection = null;
        }
    }

    /**
     * Ends the connection without a word to the client and frees what is native. May be called in any state, by any thread, more than once.
     */
    @Override
    public void close()
    {
        lock().lock();
        try
        {
            if (busy)
            {
                // The library is above this on the stack, and uses what is to be freed.
                closeWanted = true;
            }
            else
            {
                end();
            }
        }
        finally
        {
            lock().unlock();
        }
    }

    private SSLEngineResult result(Status status, int consumed, int produced)
    {
        if (finishedToTell && pending() == 0)
        {
            finishedToTell = false;
            return new SSLEngineResult(status, HandshakeStatus.FINISHED, consumed, produced);
        }
        return new SSLEngineResult(status, status(), consumed, produced);
    }

    private HandshakeStatus status()
    {
        if (taskFailure != null || pending() > 0 || finishedToTell)
        {
            return HandshakeStatus.NEED_WRAP;
        }
        if (!begun || closeSent && inboundDone)
        {
            return HandshakeStatus.NOT_HANDSHAKING;
        }
        if (outboundClosed && !closeSent)
        {
            return HandshakeStatus.NEED_WRAP;
        }
        if (complete)
        {
            return HandshakeStatus.NOT_HANDSHAKING;
        }
        return handshake.waiting() == null ? HandshakeStatus.NEED_UNWRAP : HandshakeStatus.NEED_TASK;
    }

    @Override
    public HandshakeStatus getHandshakeStatus()
    {
        return get(this::status);
    }

    @Override
    public Runnable getDelegatedTask()
    {
        return get(() ->
        {
            Deferred<?> waiting = connection == null ? null : handshake.waiting();
            if (waiting == null || taskTaken)
            {
                return null;
            }
            taskTaken = true;
            return () -> run(waiting);
        });
    }

    private void run(Deferred<?> task)
    {
        task.run();
        lock().lock();
        try
        {
            taskTaken = false;
            if (connection != null && !closeSent && !busy)
            {
                proceed();
                if (complete)
                {
                    flushUnlessHeld();
                }
            }
        }
        catch (SSLException e)
        {
            taskFailure = e;
        }
        finally
        {
            lock().unlock();
        }
    }

    @Override
    public void closeInbound() throws SSLException
    {
        lock().lock();
        try
        {
            if (inboundDone)
            {
                return;
            }
            inboundDone = true;
            // What is left to do in a handshake, or before one, is to end it.
            outboundClosed |= !complete;
            closeSent |= !begun;
            freeWhenClosed();
            if (begun && connection != null)
            {
                throw new SSLException("closing inbound before receiving peer's close_notify");
            }
        }
        finally
        {
            lock().unlock();
        }
    }

    @Override
    public void closeOutbound()
    {
        lock().lock();
        try
        {
            outboundClosed = true;
            closeSent |= !begun;
        }
        finally
        {
            lock().unlock();
        }
    }

    @Override
    public boolean isInboundDone()
    {
        return get(() -> inboundDone);
    }

    @Override
    public boolean isOutboundDone()
    {
        return get(() -> closeSent && pending() == 0 && taskFailure == null);
    }

    /**
     * @throws SSLException when the handshake is over, as the library has no second one
     */
    @Override
    public void beginHandshake() throws SSLException
    {
        lock().lock();
        try
        {
            enter();
            if (complete || closeSent)
            {
                throw new SSLException("native TLS has no renegotiation");
            }
            begin();
        }
        finally
        {
            lock().unlock();
        }
    }

    @Override
    public SSLSession getSession()
    {
        return get(() -> session);
    }

    @Override
    public SSLSession getHandshakeSession()
    {
        return get(() -> !complete && connection != null && handshake.clientHello().isPresent() ? handshakeSession : null);
    }

    @Override
    public String getApplicationProtocol()
    {
        return get(() -> complete ? handshake.applicationProtocol() : null);
    }

    @Override
    public String getHandshakeApplicationProtocol()
    {
        return get(() -> complete || handshake == null ? null : handshake.applicationProtocol());
    }
}
