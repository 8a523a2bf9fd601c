package io.github.tlsresumption.openssl;

import java.nio.ByteBuffer;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLEngineResult.Status;
import javax.net.ssl.SSLException;

/**
 * What an engine does: records in, records out, the handshake, and the end. Confined to the thread that holds the engine's lock.
 */
final class ServerConnection
{
    private static final int USER_CANCELED = 90;
    /** By how much a record may be longer than its content. */
    private static final int MAX_EXPANSION_BYTES = NativeSession.PACKET_BYTES - NativeSession.APPLICATION_BYTES;

    private final Directions directions = new Directions();
    private final ConnectionLife life;
    private final HandshakeSteps steps;

    /**
     * @param engine is shown to applications
     * @param context what all connections share
     */
    ServerConnection(NativeSslEngine engine, NativeContext context)
    {
        this.life = new ConnectionLife(context.lib(), directions);
        this.steps = new HandshakeSteps(engine, context, directions, life);
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
        steps.begin();
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
     * The client has nothing to say: what the library holds back waits no longer.
     */
    private SSLEngineResult underflow() throws SSLException
    {
        steps.releaseTickets();
        if (directions.isComplete())
        {
            life.connection().rest();
        }
        return result(Status.BUFFER_UNDERFLOW, 0, 0);
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
            boolean says = Records.saysMore(src);
            life.connection().feed(src, length);
            consumed += length;
            steps.proceed(says);
        }
        while (!directions.isComplete() && status() == HandshakeStatus.NEED_UNWRAP && Records.hasRecord(src) && Records.isRecord(src));
        if (directions.isComplete())
        {
            // A request that is here already will be answered, and the tickets ride with the answer.
            boolean waits = src.remaining() >= Records.HEADER_BYTES && life.connection().isTls13();
            steps.holdTickets();
            if (!waits)
            {
                steps.releaseTickets();
            }
        }
        return result(Status.OK, consumed, 0);
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
        steps.begin();
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
            steps.releaseTickets();
            return 0;
        }
        if (!life.connection().write(srcs, offset, length, count))
        {
            throw life.failed("a record could not be written");
        }
        steps.ticketsSent();
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
        steps.begin();
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
        return life.isBusyInTask()
            ? HandshakeStatus.NEED_TASK
            : directions.status(life.hasFailureToTell() || life.pending() > 0, steps.isWaiting());
    }

    HandshakeSteps steps()
    {
        return steps;
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

    /**
     * @param whileHandshaking whether it is asked for during the handshake, or afterwards
     * @return the protocol, empty for none, or null when it is not the time or not decided
     */
    String applicationProtocol(boolean whileHandshaking)
    {
        if (!whileHandshaking)
        {
            return life.applicationProtocol();
        }
        return life.handshake() == null ? null : life.handshake().applicationProtocol();
    }
}
