package io.github.tlsresumption.openssl;

import java.util.Objects;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;

/**
 * The native connection of an engine from its beginning to its end, which may come in any state and is never while the library is at work.
 * Confined to the thread that holds the engine's lock.
 */
final class ConnectionLife
{
    private static final int INTERNAL_ERROR = 80;

    private final LibSsl lib;
    private final Directions directions;
    /** Null before the first byte, and when it was freed. */
    private NativeConnection connection;
    /** Null before the first byte, and when the handshake is complete: a connection may last for hours. */
    private ServerHandshake handshake;
    private String applicationProtocol;
    /** The library, or what it has called, is at work: nothing may be freed. */
    private boolean busy;
    /** At whose work it is; another one may run while a delegated task does. */
    private Thread worker;
    private boolean endWanted;
    private SSLException taskFailure;

    ConnectionLife(LibSsl lib, Directions directions)
    {
        this.lib = lib;
        this.directions = directions;
    }

    /**
     * @return the native connection, or null before the first byte and when it was freed
     */
    NativeConnection connection()
    {
        return connection;
    }

    /**
     * @return the handshake, which may have failed; or null before the first byte, and when it is complete
     */
    ServerHandshake handshake()
    {
        return handshake;
    }

    void begin(NativeConnection newConnection)
    {
        connection = newConnection;
    }

    void begin(ServerHandshake newHandshake)
    {
        handshake = newHandshake;
    }

    /**
     * The handshake is complete, and what it knows goes.
     */
    void established()
    {
        applicationProtocol = Objects.requireNonNullElse(handshake.applicationProtocol(), "");
        handshake = null;
    }

    /**
     * @return the negotiated protocol, empty for none; or null while the handshake is not complete
     */
    String applicationProtocol()
    {
        return applicationProtocol;
    }

    int pending()
    {
        return connection == null ? 0 : connection.pending();
    }

    /**
     * To be called at the beginning of each call that may use the library.
     */
    void enter() throws SSLException
    {
        if (busy && worker == Thread.currentThread())
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

    boolean isBusy()
    {
        return busy;
    }

    /**
     * @return whether a delegated task is at work, and the caller is not what it has called
     */
    boolean isBusyInTask()
    {
        return busy && worker != Thread.currentThread();
    }

    /**
     * From now on nothing is freed, and the engine can be used by nobody else, until {@link #notBusy}.
     */
    void busy()
    {
        busy = true;
        worker = Thread.currentThread();
    }

    void notBusy()
    {
        busy = false;
        worker = null;
        if (endWanted)
        {
            end();
        }
    }

    /**
     * A delegated task has found that the handshake fails, which the next call will tell.
     */
    void failedInTask(SSLException failure)
    {
        taskFailure = failure;
    }

    boolean hasFailureToTell()
    {
        return taskFailure != null;
    }

    /**
     * @return the failure, which is the end of both directions: what remains to be done is to send the alert
     */
    SSLException failed(String what)
    {
        String errors = lib.errors();
        String message = what + ": " + errors;
        SSLException failure = directions.isComplete() ? new SSLException(message) : new SSLHandshakeException(message);
        Throwable cause = handshake == null ? null : handshake.failure();
        if (cause != null)
        {
            failure.initCause(cause);
        }
        if (handshake != null)
        {
            handshake.sessions().failed(errors);
        }
        directions.end();
        if (connection.pending() == 0 && cause != null)
        {
            // It was ours, such as a key that signs nothing, and the library has told the client nothing.
            connection.abort(INTERNAL_ERROR);
        }
        freeWhenClosed();
        return failure;
    }

    void freeWhenClosed()
    {
        if (directions.areClosed() && pending() == 0)
        {
            end();
        }
    }

    /**
     * Ends the connection without a word to the client and frees what is native, at once or when the library has returned.
     */
    void end()
    {
        if (busy)
        {
            endWanted = true;
            return;
        }
        directions.end();
        taskFailure = null;
        if (handshake != null)
        {
            handshake.sessions().abandoned();
        }
        if (connection != null)
        {
            connection.free();
            connection = null;
        }
    }
}
