package io.github.tlsresumption.openssl;

import java.util.Optional;
import java.util.concurrent.Callable;

/**
 * Work that may block, and its outcome. Run once; the outcome is safe to be read by any thread that sees it is done.
 *
 * @param <T> the result
 */
class Deferred<T>
{
    private final Callable<T> work;
    private T result;
    private Throwable thrown;
    private volatile boolean done;

    Deferred(Callable<T> work)
    {
        this.work = work;
    }

    /**
     * Throws nothing.
     */
    final void run()
    {
        try
        {
            result = work.call();
        }
        catch (Exception | Error e)
        {
            thrown = e;
        }
        done = true;
    }

    final boolean isDone()
    {
        return done;
    }

    /**
     * @return the result, empty when the work has thrown
     */
    final Optional<T> result()
    {
        return Optional.ofNullable(result);
    }

    /**
     * @return what the work has thrown
     */
    final Optional<Throwable> thrown()
    {
        return Optional.ofNullable(thrown);
    }
}
