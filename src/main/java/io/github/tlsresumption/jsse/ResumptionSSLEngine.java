package io.github.tlsresumption.jsse;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLEngineResult.Status;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSession;

import io.github.tlsresumption.engine.ResumingEngine;

/**
 * A server's SunJSSE engine whose tickets are ours: everything is SunJSSE's, but during its calls the thread is known to
 * be doing this handshake, the sessions that it hands out keep their values to themselves, and the hellos are observed.
 */
final class ResumptionSSLEngine extends ForwardingSSLEngine implements ResumingEngine
{
    /** The type of a record that holds handshake messages; it is in clear in each record (RFC 5246 section 6.2.1). */
    private static final byte HANDSHAKE = 22;
    private static final byte APPLICATION_DATA = 23;

    private final KnownCertificates certificates = new KnownCertificates();
    private final EngineSessions sessions;
    private final EngineHandshake handshake;

    ResumptionSSLEngine(ResumptionSSLContextSpi context, SSLEngine engine)
    {
        super(engine);
        this.sessions = new EngineSessions(engine, certificates, context.protector());
        this.handshake = new EngineHandshake(context, this);
    }

    @Override
    public SSLEngineResult wrap(ByteBuffer[] srcs, int offset, int length, ByteBuffer dst) throws SSLException
    {
        EngineHandshake previous = handshake.enter();
        try
        {
            return flight(HandshakeStatus.NEED_WRAP, () -> wrapRecord(srcs, offset, length, dst));
        }
        finally
        {
            EngineHandshake.leave(previous);
        }
    }

    @Override
    public SSLEngineResult unwrap(ByteBuffer src, ByteBuffer[] dsts, int offset, int length) throws SSLException
    {
        EngineHandshake previous = handshake.enter();
        try
        {
            return flight(HandshakeStatus.NEED_UNWRAP, () -> unwrapRecord(src, dsts, offset, length));
        }
        finally
        {
            EngineHandshake.leave(previous);
        }
    }

    /**
     * SunJSSE takes or gives one record in a call. Jetty asks the network before each, and writes what each has given: a system call
     * and a packet for every record. So here one call does as many records of a flight as there are, or as there is room for.
     */
    private SSLEngineResult flight(HandshakeStatus status, Step record) throws SSLException
    {
        SSLEngineResult last = record.take();
        SSLEngineResult all = last;
        // Only of the first handshake: in a later one SunJSSE may want to wrap for ever, and application data comes between.
        while (observing() && last.getStatus() == Status.OK && last.getHandshakeStatus() == status && oneWay(last))
        {
            last = record.take();
            if (last.getStatus() == Status.BUFFER_UNDERFLOW || last.getStatus() == Status.BUFFER_OVERFLOW)
            {
                break;
            }
            all = new SSLEngineResult(last.getStatus(), last.getHandshakeStatus(), all.bytesConsumed() + last.bytesConsumed(),
                all.bytesProduced() + last.bytesProduced(), last.sequenceNumber());
        }
        return all;
    }

    /**
     * @return whether there was something, and nothing of an application
     */
    private static boolean oneWay(SSLEngineResult result)
    {
        return result.bytesConsumed() == 0 ^ result.bytesProduced() == 0;
    }

    private SSLEngineResult wrapRecord(ByteBuffer[] srcs, int offset, int length, ByteBuffer dst) throws SSLException
    {
        int start = dst.position();
        SSLEngineResult result;
        try
        {
            result = delegate().wrap(srcs, offset, length, dst);
        }
        catch (SSLException | RuntimeException e)
        {
            handshake.ended();
            throw e;
        }
        if (observing() && result.bytesProduced() > 0)
        {
            handshake.sent(dst.duplicate().flip().position(start));
        }
        return checked(result);
    }

    private SSLEngineResult unwrapRecord(ByteBuffer src, ByteBuffer[] dsts, int offset, int length) throws SSLException
    {
        int start = src.position();
        if (handshake.facts().isFinished() && src.hasRemaining() && src.get(start) == HANDSHAKE)
        {
            refuseSessionIds();
        }
        if (handshake.awaitsSecondHello() && src.hasRemaining() && src.get(start) == APPLICATION_DATA
            && delegate().getHandshakeStatus() == HandshakeStatus.NEED_UNWRAP)
        {
            Optional<SSLEngineResult> left = handshake.early().leaveOut(src);
            if (left.isPresent())
            {
                return left.get();
            }
        }
        SSLEngineResult result;
        try
        {
            result = delegate().unwrap(src, dsts, offset, length);
        }
        catch (SSLException | RuntimeException e)
        {
            if (start < src.limit() && src.get(start) == APPLICATION_DATA)
            {
                handshake.unread();
            }
            handshake.ended();
            throw e;
        }
        if (observing() && result.bytesConsumed() > 0)
        {
            handshake.received(src.duplicate().flip().position(start));
        }
        return checked(result);
    }

    KnownCertificates certificates()
    {
        return certificates;
    }

    private boolean observing()
    {
        return !handshake.facts().isFinished() && !delegate().getUseClientMode();
    }

    private SSLEngineResult checked(SSLEngineResult result) throws SSLException
    {
        if (result.getHandshakeStatus() == HandshakeStatus.FINISHED && !delegate().getUseClientMode())
        {
            handshake.finish().ifPresent(sessions::knows);
        }
        return result;
    }

    /**
     * To be called before SunJSSE begins a renegotiation, of which nobody sees the ClientHello. SunJSSE resumes a session by its id only
     * under the identification algorithm under which it was established; see {@link SessionIds#refuse}.
     */
    private void refuseSessionIds()
    {
        SSLParameters parameters = delegate().getSSLParameters();
        if (delegate().getUseClientMode() || parameters.getEndpointIdentificationAlgorithm() != null)
        {
            return;
        }
        parameters.setEndpointIdentificationAlgorithm("");
        delegate().setSSLParameters(parameters);
    }

    @Override
    public Runnable getDelegatedTask()
    {
        Runnable task = delegate().getDelegatedTask();
        return task == null ? null : () -> run(task);
    }

    private void run(Runnable task)
    {
        EngineHandshake previous = handshake.enter();
        try
        {
            task.run();
            if (observing())
            {
                handshake.afterTask();
            }
        }
        finally
        {
            handshake.offered().restore();
            EngineHandshake.leave(previous);
        }
    }

    @Override
    public SSLSession getSession()
    {
        return sessions.current();
    }

    /**
     * @return as the contract says; and to a key manager, which SunJSSE may ask for the certificate while it reads
     * a ticket and has no handshake session yet, a session that knows the host of the ClientHello
     */
    @Override
    public SSLSession getHandshakeSession()
    {
        SSLSession current = delegate().getHandshakeSession();
        if (current != null)
        {
            return sessions.inHandshake(current, null);
        }
        if (EngineHandshake.currentEngine() != this || !handshake.facts().choosing())
        {
            return null;
        }
        return sessions.inHandshake(delegate().getSession(), handshake.facts().serverName().orElse(null));
    }

    @Override
    public void setHandshakeApplicationProtocolSelector(BiFunction<SSLEngine, List<String>, String> selector)
    {
        delegate().setHandshakeApplicationProtocolSelector(
            selector == null ? null : new Selector(this, selector));
    }

    @Override
    public BiFunction<SSLEngine, List<String>, String> getHandshakeApplicationProtocolSelector()
    {
        return delegate().getHandshakeApplicationProtocolSelector() instanceof Selector ours ? ours.selector() : null;
    }

    @Override
    public void beginHandshake() throws SSLException
    {
        if (handshake.facts().isFinished())
        {
            refuseSessionIds();
        }
        delegate().beginHandshake();
    }

    @Override
    public void setNeedClientAuth(boolean need)
    {
        certificates.asked(need);
        delegate().setNeedClientAuth(need);
    }

    @Override
    public void setWantClientAuth(boolean want)
    {
        certificates.asked(want);
        delegate().setWantClientAuth(want);
    }

    @Override
    public void setSSLParameters(SSLParameters params)
    {
        certificates.asked(params.getNeedClientAuth() || params.getWantClientAuth());
        String identification = params.getEndpointIdentificationAlgorithm();
        // As good as none, and told apart from none here.
        boolean none = "".equals(identification) && !handshake.facts().isFinished();
        if (none)
        {
            params.setEndpointIdentificationAlgorithm(null);
        }
        try
        {
            delegate().setSSLParameters(params);
        }
        finally
        {
            if (none)
            {
                params.setEndpointIdentificationAlgorithm(identification);
            }
        }
    }

    @Override
    public void closeInbound() throws SSLException
    {
        try
        {
            delegate().closeInbound();
        }
        finally
        {
            handshake.ended();
        }
    }

    @Override
    public void closeOutbound()
    {
        delegate().closeOutbound();
        handshake.ended();
    }

    @Override
    public String toString()
    {
        return "%s[%s]".formatted(getClass().getSimpleName(), delegate());
    }

    private interface Step
    {
        SSLEngineResult take() throws SSLException;
    }

    /**
     * Shows an application's selector our engine in place of SunJSSE's.
     */
    private record Selector(ResumptionSSLEngine engine, BiFunction<SSLEngine, List<String>, String> selector)
        implements BiFunction<SSLEngine, List<String>, String>
    {
        @Override
        public String apply(SSLEngine ignored, List<String> protocols)
        {
            return selector.apply(engine, protocols);
        }
    }
}
