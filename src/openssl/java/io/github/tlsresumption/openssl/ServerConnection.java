package io.github.tlsresumption.openssl;

import java.nio.ByteBuffer;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLEngineResult.Status;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;

/**
 * What an engine does: records in, records out, the handshake, and the end. Confined to the thread that holds the engine's lock.
 */
final class ServerConnection
{
    private static final int HANDSHAKE_FAILURE = 40;
    private static final int USER_CANCELED = 90;
    /** By how much a record may be longer than its content. */
    private static final int MAX_EXPANSION_BYTES = NativeSession.PACKET_BYTES - NativeSession.APPLICATION_BYTES;

    private final NativeSslEngine engine;
    private final NativeContext context;
    private final LibSsl lib;
    private final Directions directions = new Directions();
    private final ConnectionLife life;
    private NativeSession session;
    private NativeSession handshakeSession;
    /** Tickets wait in the library for something to ride with. */
    private boolean ticketsHeld;
    private boolean taskTaken;

    /**
     * @param engine is shown to applications
     * @param context what all connections share
     */
    ServerConnection(NativeSslEngine engine, NativeContext context)
    {
        this.engine = engine;
        this.context = context;
        this.lib = context.lib();
        this.life = new ConnectionLife(lib, directions);
        this.session = newSession();
    }

    private NativeSession newSession()
    {
        return new NativeSession(context.jsse().sessionContext(), engine.getPeerHost(), engine.getPeerPort(), context.clock().instant());
    }

    SSLEngineResult unwrap(ByteBuffer src, ByteBuffer[] dsts, int offset, int length) throws SSLException
    {
        life.enter();
        if (directions.isInboundDone())
        {
            return result(Status.CLOSED, 0, 0);
        }
        if (!directions.hasBegun() && directions.isCloseSent())
        {
            return result(src.hasRemaining() ? Status.CLOSED : Status.BUFFER_UNDERFLOW, 0, 0);
        }
        begin();
        if (!directions.isComplete() && status() != HandshakeStatus.NEED_UNWRAP || directions.isFinishedToTell())
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
        return directions.isComplete() ? read(src, dsts, offset, length) : handshake(src);
    }

    /**
     * What the library holds back waits no longer: the client has nothing to say.
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
            if (!life.connection().flush())
            {
                throw life.failed("the tickets could not be sent");
            }
        }
    }

    /**
     * The library finds the right alert for what is no record.
     */
    private SSLException notTls(ByteBuffer src)
    {
        life.connection().feed(src, Records.HEADER_BYTES);
        life.busy();
        try
        {
            if (directions.isComplete())
            {
                life.connection().read(new ByteBuffer[0], 0, 0);
            }
            else
            {
                life.connection().handshake(life.handshake());
            }
        }
        finally
        {
            life.notBusy();
        }
        return life.failed("not a record of TLS");
    }

    private SSLEngineResult handshake(ByteBuffer src) throws SSLException
    {
        int consumed = 0;
        // The records of a flight at once: Jetty asks the network between two calls.
        do
        {
            int length = Records.length(src);
            life.connection().feed(src, length);
            consumed += length;
            proceed();
        }
        while (!directions.isComplete() && status() == HandshakeStatus.NEED_UNWRAP && Records.hasRecord(src) && Records.isRecord(src));
        if (directions.isComplete())
        {
            // A request that is here already will be answered, and the tickets ride with the answer.
            ticketsHeld = true;
            if (src.remaining() < Records.HEADER_BYTES || !life.connection().isTls13())
            {
                releaseTickets();
            }
        }
        return result(Status.OK, consumed, 0);
    }

    /**
     * One step of the handshake, with the input that there is.
     */
    private void proceed() throws SSLException
    {
        life.busy();
        try
        {
            int result = life.connection().handshake(life.handshake());
            if (result == LibSsl.DONE)
            {
                completed();
            }
            else if (result != LibSsl.WANTS_INPUT && (result != LibSsl.WAITS || life.handshake().waiting() == null))
            {
                throw life.failed("the handshake failed");
            }
        }
        finally
        {
            life.notBusy();
        }
        if (life.connection() == null)
        {
            throw new SSLHandshakeException("the engine was closed during its handshake");
        }
    }

    private void completed() throws SSLException
    {
        directions.complete();
        long address = life.connection().address();
        handshakeSession.negotiated(Supported.protocol(lib.version(address)), lib.cipherSuite(address).orElseThrow());
        life.handshake().peerCertificates();
        handshakeSession.invalidation(life.handshake()::invalidated);
        session = handshakeSession;
        try
        {
            handshakeSession.id(life.handshake().established(life.handshake().resumed()).orElseGet(() -> lib.sessionId(address)));
        }
        catch (SSLException | RuntimeException e)
        {
            life.handshake().thrown(e);
            life.connection().abort(HANDSHAKE_FAILURE);
            throw life.failed("the session was refused");
        }
    }

    private SSLEngineResult read(ByteBuffer src, ByteBuffer[] dsts, int offset, int length) throws SSLException
    {
        int recordLength = Records.length(src);
        if (Records.remaining(dsts, offset, length) < Records.maxPlain(recordLength))
        {
            return result(Status.BUFFER_OVERFLOW, 0, 0);
        }
        life.connection().feed(src, recordLength);
        int count = life.connection().read(dsts, offset, length);
        if (count == LibSsl.FAILED || count == LibSsl.WAITS)
        {
            throw life.failed("a record was refused");
        }
        if (count == LibSsl.CLOSED)
        {
            directions.closedByClient(life.connection().isTls13());
        }
        SSLEngineResult result = result(directions.isInboundDone() ? Status.CLOSED : Status.OK, recordLength, Math.max(count, 0));
        life.freeWhenClosed();
        return result;
    }

    SSLEngineResult wrap(ByteBuffer[] srcs, int offset, int length, ByteBuffer dst) throws SSLException
    {
        life.enter();
        if (isOutboundDone())
        {
            return result(Status.CLOSED, 0, 0);
        }
        begin();
        HandshakeStatus status = status();
        if (status == HandshakeStatus.NEED_TASK || status == HandshakeStatus.NEED_UNWRAP && !directions.isComplete())
        {
            return result(Status.OK, 0, 0);
        }
        int consumed = 0;
        if (life.pending() == 0 && directions.isComplete() && !directions.isOutboundClosed())
        {
            int count = (int)Math.min(Records.remaining(srcs, offset, length), NativeSession.APPLICATION_BYTES);
            if (count > 0 && dst.remaining() < count + MAX_EXPANSION_BYTES)
            {
                return result(Status.BUFFER_OVERFLOW, 0, 0);
            }
            consumed = write(srcs, offset, length, count);
        }
        if (life.pending() == 0 && directions.isOutboundClosed() && !directions.isCloseSent())
        {
            sendClose();
        }
        int produced = life.connection().drain(dst);
        if (produced == 0 && life.pending() > 0)
        {
            return result(Status.BUFFER_OVERFLOW, consumed, 0);
        }
        SSLEngineResult result = result(isOutboundDone() ? Status.CLOSED : Status.OK, consumed, produced);
        life.freeWhenClosed();
        return result;
    }

    private int write(ByteBuffer[] srcs, int offset, int length, int count) throws SSLException
    {
        if (count == 0)
        {
            releaseTickets();
            return 0;
        }
        if (!life.connection().write(srcs, offset, length, count))
        {
            throw life.failed("a record could not be written");
        }
        ticketsHeld = false;
        return count;
    }

    private void sendClose()
    {
        directions.closeSent();
        if (directions.isComplete())
        {
            life.connection().shutdown();
        }
        else
        {
            life.connection().abort(USER_CANCELED);
        }
    }

    private void begin() throws SSLException
    {
        if (directions.hasBegun())
        {
            return;
        }
        directions.begin();
        life.busy();
        try
        {
            NativeConnection connection = new NativeConnection(lib, context.connect(engine.settings()));
            life.begin(connection);
            handshakeSession = newSession();
            life.begin(new ServerHandshake(engine, context, handshakeSession, connection.address()));
        }
        catch (RuntimeException e)
        {
            life.end();
            throw new SSLException("the connection cannot begin: " + e.getMessage(), e);
        }
        finally
        {
            life.notBusy();
        }
        if (life.connection() == null)
        {
            throw new SSLHandshakeException("the engine was closed before its handshake");
        }
    }

    /**
     * @throws SSLException when the handshake is over, as the library has no second one
     */
    void beginHandshake() throws SSLException
    {
        life.enter();
        if (directions.isComplete() || directions.isCloseSent())
        {
            throw new SSLException("native TLS has no renegotiation");
        }
        begin();
    }

    private SSLEngineResult result(Status status, int consumed, int produced)
    {
        if (directions.isFinishedToTell() && life.pending() == 0)
        {
            directions.finishedTold();
            return new SSLEngineResult(status, HandshakeStatus.FINISHED, consumed, produced);
        }
        return new SSLEngineResult(status, status(), consumed, produced);
    }

    /**
     * Ends the connection without a word to the client and frees what is native, at once or when the library has returned.
     */
    void end()
    {
        life.end();
    }

    HandshakeStatus status()
    {
        boolean inTask = life.connection() != null && life.handshake() != null && life.handshake().waiting() != null;
        return directions.status(life.hasFailureToTell() || life.pending() > 0, inTask);
    }

    /**
     * @return what is to be run next, once; or null
     */
    Deferred<?> takeTask()
    {
        Deferred<?> waiting = life.connection() == null || taskTaken ? null : life.handshake().waiting();
        taskTaken |= waiting != null;
        return waiting;
    }

    /**
     * To be called when what {@link #takeTask} gave has been run.
     */
    void taskDone()
    {
        taskTaken = false;
        if (life.connection() == null || directions.isCloseSent() || life.isBusy())
        {
            return;
        }
        try
        {
            proceed();
            if (directions.isComplete())
            {
                ticketsHeld = true;
                releaseTickets();
            }
        }
        catch (SSLException e)
        {
            life.failedInTask(e);
        }
    }

    void closeInbound() throws SSLException
    {
        if (directions.isInboundDone())
        {
            return;
        }
        directions.closeInbound();
        life.freeWhenClosed();
        if (life.connection() != null)
        {
            throw new SSLException("closing inbound before receiving peer's close_notify");
        }
    }

    void closeOutbound()
    {
        directions.closeOutbound();
    }

    boolean isInboundDone()
    {
        return directions.isInboundDone();
    }

    boolean isOutboundDone()
    {
        return directions.isCloseSent() && life.pending() == 0 && !life.hasFailureToTell();
    }

    NativeSession session()
    {
        return session;
    }

    /**
     * @return the session of the handshake that goes on, once its ClientHello has arrived; or null
     */
    NativeSession handshakeSession()
    {
        ServerHandshake handshake = directions.isComplete() || life.connection() == null ? null : life.handshake();
        return handshake != null && handshake.clientHello().isPresent() ? handshakeSession : null;
    }

    /**
     * @param whileHandshaking whether it is asked for during the handshake, or afterwards
     * @return the protocol, empty for none, or null when it is not the time or not decided
     */
    String applicationProtocol(boolean whileHandshaking)
    {
        return life.handshake() == null || directions.isComplete() == whileHandshaking ? null : life.handshake().applicationProtocol();
    }
}
