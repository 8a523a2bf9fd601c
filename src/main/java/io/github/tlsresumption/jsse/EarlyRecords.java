package io.github.tlsresumption.jsse;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLEngineResult.Status;

/**
 * The records of early data of one handshake: {@link EarlyData} has SunJSSE ask again for the ClientHello, and until it comes they are
 * left out. Confined to its handshake.
 */
final class EarlyRecords
{
    private static final String TLS13 = "TLSv1.3";
    private static final int RECORD_HEADER_BYTES = 5;
    /** Servers allow 16 KiB as a rule, and what comes is not kept. */
    private static final int MAX_BYTES = 1 << 17;

    private final SSLEngine engine;
    private final HandshakeObserver observer;
    private Optional<Runnable> retrying = Optional.empty();
    private int leftOut;

    /**
     * @param engine of SunJSSE
     * @param observer of the same handshake
     */
    EarlyRecords(SSLEngine engine, HandshakeObserver observer)
    {
        this.engine = engine;
        this.observer = observer;
    }

    /**
     * To be called when a ClientHello has been read, and before SunJSSE looks at it.
     */
    void announced()
    {
        if (observer.announcesEarlyData() && List.of(engine.getEnabledProtocols()).contains(TLS13))
        {
            retrying = EarlyData.retry(engine, observer.hello().groups(), observer.hello().shares());
        }
    }

    /**
     * To be called when SunJSSE has looked at the ClientHello.
     */
    void answered()
    {
        retrying.ifPresent(Runnable::run);
        retrying = Optional.empty();
    }

    /**
     * @return whether they come now, as far as the hellos tell
     */
    boolean areExpected()
    {
        return observer.announcesEarlyData() && observer.retried();
    }

    /**
     * Leaves out a record of early data, which nobody here can read.
     *
     * @param src begins with the record
     * @return empty when it is SunJSSE's to refuse: what is too much, which ends the connection
     */
    Optional<SSLEngineResult> leaveOut(ByteBuffer src)
    {
        int start = src.position();
        int length = src.remaining() < RECORD_HEADER_BYTES
            ? Integer.MAX_VALUE
            : RECORD_HEADER_BYTES + ((src.get(start + 3) & 0xFF) << 8 | src.get(start + 4) & 0xFF);
        if (src.remaining() < length)
        {
            return Optional.of(new SSLEngineResult(Status.BUFFER_UNDERFLOW, HandshakeStatus.NEED_UNWRAP, 0, 0));
        }
        leftOut += length;
        if (leftOut > MAX_BYTES)
        {
            return Optional.empty();
        }
        src.position(start + length);
        return Optional.of(new SSLEngineResult(Status.OK, HandshakeStatus.NEED_UNWRAP, length, 0));
    }
}
