package io.github.tlsresumption.openssl;

/**
 * Whom a library's upcalls ask: the callbacks of the call in which the thread is. Thread-safe.
 */
final class CurrentCallbacks
{
    private final ThreadLocal<SslCallbacks> current = new ThreadLocal<>();

    /**
     * @return what was current before, for {@link #leave}
     */
    SslCallbacks enter(SslCallbacks callbacks)
    {
        SslCallbacks outer = current.get();
        current.set(callbacks);
        return outer;
    }

    void leave(SslCallbacks outer)
    {
        if (outer == null)
        {
            current.remove();
        }
        else
        {
            current.set(outer);
        }
    }

    /**
     * @return those of this thread
     * @throws IllegalStateException when the thread is in no handshake
     */
    SslCallbacks get()
    {
        SslCallbacks callbacks = current.get();
        if (callbacks == null)
        {
            throw new IllegalStateException("no handshake");
        }
        return callbacks;
    }

    /**
     * @param failure what an upcall has caught
     */
    void thrown(Throwable failure)
    {
        try
        {
            get().thrown(failure);
        }
        catch (Throwable e)
        {
            // Nothing is left to tell it to.
            return;
        }
    }
}
