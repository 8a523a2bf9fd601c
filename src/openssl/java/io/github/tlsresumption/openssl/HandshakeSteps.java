package io.github.tlsresumption.openssl;

import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;

/**
 * Takes a connection through its handshake, and has its tickets sent. Confined to the thread that holds the engine's lock.
 */
final class HandshakeSteps
{
    private static final int HANDSHAKE_FAILURE = 40;

    private final NativeSslEngine engine;
    private final NativeContext context;
    private final LibSsl lib;
    private final Directions directions;
    private final ConnectionLife life;
    private NativeSession session;
    private NativeSession handshakeSession;
    /** Tickets wait in the library for something to ride with. */
    private boolean ticketsHeld;
    private boolean taskTaken;
    /** Is to run in a delegated task, or does so; or null. */
    private Step step;

    /**
     * A step of the handshake in a delegated task.
     */
    private final class Step extends Deferred<Integer>
    {
        private Step()
        {
            super(HandshakeSteps.this::step);
        }
    }

    /**
     * @param engine is shown to applications
     * @param context what all connections share
     * @param directions what is open
     * @param life of the connection
     */
    HandshakeSteps(NativeSslEngine engine, NativeContext context, Directions directions, ConnectionLife life)
    {
        this.engine = engine;
        this.context = context;
        this.lib = context.lib();
        this.directions = directions;
        this.life = life;
        this.session = newSession();
    }

    private NativeSession newSession()
    {
        return new NativeSession(context.cache(), engine.getPeerHost(), engine.getPeerPort(), context.clock().instant());
    }

    /**
     * Makes the native connection, once.
     */
    void begin() throws SSLException
    {
        if (directions.hasBegun())
        {
            return;
        }
        directions.begin();
        life.busy();
        try
        {
            NativeContext.NewConnection connection = context.connect(engine.settings());
            life.begin(new NativeConnection(lib, connection.handle()));
            handshakeSession = newSession();
            life.begin(new ServerHandshake(engine, context, handshakeSession, connection));
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
     * One step of the handshake, with the input that there is; or it is put off to a delegated task, as it may block there.
     *
     * @param says whether the library may ask something because of the input
     */
    void proceed(boolean says) throws SSLException
    {
        if (says && life.handshake().mayBlock())
        {
            step = new Step();
            return;
        }
        life.busy();
        try
        {
            concluded(step());
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

    private int step()
    {
        return life.connection().handshake(life.handshake());
    }

    private void concluded(int result) throws SSLException
    {
        if (result == LibSsl.DONE)
        {
            completed();
        }
        else if (result == LibSsl.WANTS_INPUT)
        {
            life.handshake().sessions().progressed();
        }
        else if (result == LibSsl.WAITS && life.handshake().mayBlock())
        {
            step = new Step();
        }
        else if (result != LibSsl.WAITS || life.handshake().waiting() == null)
        {
            throw life.failed("the handshake failed");
        }
    }

    private void completed() throws SSLException
    {
        directions.complete();
        long address = life.connection().address();
        handshakeSession.negotiated(Supported.protocol(lib.version(address)), lib.cipherSuite(address).orElseThrow());
        session = handshakeSession;
        try
        {
            HandshakeSessions sessions = life.handshake().sessions();
            sessions.finish().ifPresentOrElse(known -> session.established(known, sessions.forgetting(known)),
                () -> session.id(lib.sessionId(address)));
        }
        catch (SSLException | RuntimeException e)
        {
            life.handshake().thrown(e);
            life.connection().abort(HANDSHAKE_FAILURE);
            throw life.failed("the session was refused");
        }
        life.established();
    }

    boolean isWaiting()
    {
        return life.connection() != null && task() != null;
    }

    /**
     * Tickets are to leave with the first bytes of the application.
     */
    void holdTickets()
    {
        ticketsHeld = true;
        life.connection().hold();
    }

    void ticketsSent()
    {
        ticketsHeld = false;
    }

    /**
     * Has them leave now.
     */
    void releaseTickets() throws SSLException
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
     * @return what is to be run next, once; or null
     */
    Deferred<?> takeTask()
    {
        Deferred<?> waiting = life.connection() == null || taskTaken ? null : task();
        taskTaken |= waiting != null;
        return waiting;
    }

    private Deferred<?> task()
    {
        return step == null && life.handshake() != null ? life.handshake().waiting() : step;
    }

    /**
     * To be called before what {@link #takeTask} gave is run, without the engine's lock.
     *
     * @return whether it is to be run
     */
    boolean taskBegins(Deferred<?> task)
    {
        if (!(task instanceof Step))
        {
            return true;
        }
        if (task != step || life.isBusy())
        {
            // It was run before, or runs.
            return false;
        }
        if (life.connection() == null || directions.isCloseSent())
        {
            taskTaken = false;
            step = null;
            return false;
        }
        life.busy();
        return true;
    }

    /**
     * To be called when what {@link #takeTask} gave has been run, by the same thread.
     */
    void taskDone(Deferred<?> task)
    {
        taskTaken = false;
        if (task == step)
        {
            stepDone();
            return;
        }
        if (life.connection() == null || directions.isCloseSent() || life.isBusy())
        {
            return;
        }
        try
        {
            proceed(true);
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

    private void stepDone()
    {
        Step done = step;
        step = null;
        try
        {
            done.thrown().ifPresent(life.handshake()::thrown);
            concluded(done.result().orElse(LibSsl.FAILED));
        }
        catch (SSLException e)
        {
            life.failedInTask(e);
        }
        finally
        {
            life.notBusy();
        }
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
        return handshake != null && handshake.sessions().hello().isPresent() ? handshakeSession : null;
    }
}
