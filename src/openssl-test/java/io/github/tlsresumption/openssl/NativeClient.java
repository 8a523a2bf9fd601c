package io.github.tlsresumption.openssl;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/**
 * A client of {@link NativeClients}: one end of a connection in memory. Confined to its thread.
 */
final class NativeClient implements AutoCloseable
{
    private static final int UPDATE_REQUESTED = 1;

    private final NativeClients clients;
    private final LibSsl lib;
    private final long connection;
    private boolean complete;
    private boolean failed;
    private boolean closed;
    private long received;

    NativeClient(NativeClients clients, long connection)
    {
        this.clients = clients;
        this.lib = clients.lib();
        this.connection = connection;
    }

    long connection()
    {
        return connection;
    }

    /**
     * Goes on as far as it goes.
     *
     * @param in what the server has sent
     * @param out gets what is to be sent, as far as there is room
     * @return whether anything has happened
     */
    boolean step(ByteBuffer in, ByteBuffer out)
    {
        boolean progress = in.hasRemaining();
        try (Scratch scratch = Scratch.borrow())
        {
            while (in.hasRemaining())
            {
                int count = Math.min(in.remaining(), Scratch.BYTES);
                MemorySegment.copy(MemorySegment.ofBuffer(in), 0, scratch.segment(), 0, count);
                in.position(in.position() + count);
                lib.feed(connection, scratch.address(), count);
            }
            if (!complete && !failed)
            {
                int result = lib.handshake(connection, null);
                complete = result == LibSsl.DONE;
                failed = result == LibSsl.FAILED;
            }
            if (complete && !failed && !closed)
            {
                read(scratch);
            }
            return drain(scratch, out) || progress;
        }
    }

    private void read(Scratch scratch)
    {
        int count;
        do
        {
            count = lib.read(connection, scratch.address(), NativeSession.APPLICATION_BYTES);
            received += Math.max(count, 0);
        }
        while (count > 0);
        failed = count == LibSsl.FAILED;
        closed = count == LibSsl.CLOSED;
    }

    private boolean drain(Scratch scratch, ByteBuffer out)
    {
        int count = Math.min(Math.min(lib.pending(connection), out.remaining()), Scratch.BYTES);
        if (count == 0)
        {
            return false;
        }
        lib.drain(connection, scratch.address(), count);
        MemorySegment.copy(scratch.segment(), 0, MemorySegment.ofBuffer(out), 0, count);
        out.position(out.position() + count);
        return true;
    }

    /**
     * @param count how many bytes to send, up to 16 384
     */
    void send(int count)
    {
        try (Scratch scratch = Scratch.borrow())
        {
            if (lib.write(connection, scratch.address(), count) != count)
            {
                throw new AssertionError(lib.errors());
            }
        }
    }

    /**
     * Sends early data, as to a server that has allowed it, which ours never does.
     *
     * @param session to be offered
     */
    void sendEarly(long session, int count)
    {
        clients.functions().sessionSetMaxEarlyData.call(session, NativeSession.APPLICATION_BYTES);
        offer(session);
        try (Scratch scratch = Scratch.borrow(); Scratch written = Scratch.borrow())
        {
            clients.functions().writeEarlyData.call(connection, scratch.address(), count, written.address());
        }
        clients.functions().sessionSetMaxEarlyData.call(session, 0);
    }

    /** Updates its keys, and has the server update its own. */
    void updateKeys()
    {
        clients.functions().keyUpdate.call(connection, UPDATE_REQUESTED);
        lib.handshake(connection, null);
    }

    void renegotiate()
    {
        clients.functions().renegotiate.call(connection);
        complete = false;
    }

    /** Offers a session. */
    void offer(long session)
    {
        clients.functions().setSession.call(connection, session);
    }

    /**
     * @return its session, to be freed by {@link NativeClients#free}
     */
    long session()
    {
        return clients.functions().getSession.call(connection);
    }

    /** Sends close_notify. */
    void shutdown()
    {
        lib.shutdown(connection);
    }

    /** Sends a fatal alert. */
    void abort()
    {
        lib.abort(connection, 0);
        failed = true;
    }

    boolean isComplete()
    {
        return complete;
    }

    boolean hasFailed()
    {
        return failed;
    }

    /**
     * @return whether the server has sent close_notify
     */
    boolean isClosed()
    {
        return closed;
    }

    boolean isResumed()
    {
        return lib.isResumed(connection);
    }

    /**
     * @return how many bytes of the application have come
     */
    long received()
    {
        return received;
    }

    @Override
    public void close()
    {
        lib.freeConnection(connection);
    }
}
