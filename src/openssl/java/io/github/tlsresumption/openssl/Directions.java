package io.github.tlsresumption.openssl;

import javax.net.ssl.SSLEngineResult.HandshakeStatus;

/**
 * How far a connection has come, and which of its directions are closed, as JSSE sees it. Confined to the thread that holds the engine's
 * lock.
 */
final class Directions
{
    private boolean begun;
    private boolean complete;
    private boolean inboundDone;
    private boolean outboundClosed;
    private boolean closeSent;
    private boolean finishedToTell;

    boolean hasBegun()
    {
        return begun;
    }

    void begin()
    {
        begun = true;
    }

    /**
     * @return whether the handshake is complete
     */
    boolean isComplete()
    {
        return complete;
    }

    void complete()
    {
        complete = true;
        finishedToTell = true;
    }

    /**
     * @return whether an application has not been told yet that the handshake is complete
     */
    boolean isFinishedToTell()
    {
        return finishedToTell;
    }

    void finishedTold()
    {
        finishedToTell = false;
    }

    boolean isInboundDone()
    {
        return inboundDone;
    }

    /**
     * The client has closed its direction. That closes the other one in TLS 1.2 (RFC 5246 section 7.2.1), and not in TLS 1.3 (RFC 8446
     * section 6.1).
     */
    void closedByClient(boolean tls13)
    {
        inboundDone = true;
        outboundClosed |= !tls13;
    }

    /**
     * The application reads no more. What is left to do in a handshake, or before one, is to end it.
     */
    void closeInbound()
    {
        inboundDone = true;
        outboundClosed |= !complete;
        closeSent |= !begun;
    }

    /**
     * The application writes no more.
     */
    void closeOutbound()
    {
        outboundClosed = true;
        closeSent |= !begun;
    }

    boolean isOutboundClosed()
    {
        return outboundClosed;
    }

    /**
     * @return whether the last record is with what waits to be sent, or was sent
     */
    boolean isCloseSent()
    {
        return closeSent;
    }

    void closeSent()
    {
        closeSent = true;
    }

    /**
     * Both directions are over.
     */
    void end()
    {
        begun = true;
        inboundDone = true;
        outboundClosed = true;
        closeSent = true;
        finishedToTell = false;
    }

    /**
     * @return whether both directions are closed, once all has been sent
     */
    boolean areClosed()
    {
        return inboundDone && closeSent;
    }

    /**
     * @param toWrap whether something waits for a {@code wrap}
     * @param inTask whether a delegated task is to be run
     * @return what is to be done next, where SunJSSE says the same
     */
    HandshakeStatus status(boolean toWrap, boolean inTask)
    {
        if (toWrap || finishedToTell)
        {
            return HandshakeStatus.NEED_WRAP;
        }
        if (!begun || areClosed())
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
        return inTask ? HandshakeStatus.NEED_TASK : HandshakeStatus.NEED_UNWRAP;
    }
}
