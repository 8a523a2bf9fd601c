package io.github.tlsresumption.sessions;

import java.io.IOException;
import java.time.Duration;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a {@link SessionKeyStore} {@linkplain SessionKeyStore#warm warm} while somebody needs it, by a thread of its own: from before the
 * first handshake on, over idle times, and after the store was away. Thread-safe.
 */
public final class StoreWarmth implements AutoCloseable
{
    private static final Logger LOG = LoggerFactory.getLogger(StoreWarmth.class);
    private static final Duration PERIOD = Duration.ofSeconds(1);

    private final SessionKeyStore store;
    private final Duration period;
    private volatile Throwable failure;

    // Guarded by this:
    private final Set<Object> users = Collections.newSetFromMap(new IdentityHashMap<>());
    /** Null while nobody needs the store. */
    private ScheduledExecutorService executor;
    private boolean closed;

    // Of the executor's thread:
    private boolean warned;

    /**
     * @param store not closed by this one
     */
    public StoreWarmth(SessionKeyStore store)
    {
        this(store, PERIOD);
    }

    StoreWarmth(SessionKeyStore store, Duration period)
    {
        this.store = store;
        this.period = period;
    }

    /**
     * Keeps the store warm from now on, until nobody {@linkplain #release needs} it.
     *
     * @param user who needs it
     * @param patience how long to wait for the store to be warm where nobody has needed it before; it goes on in the background if that
     * takes longer, or fails
     */
    public void need(Object user, Duration patience)
    {
        Future<?> first;
        synchronized (this)
        {
            if (closed || !users.add(user) || executor != null)
            {
                return;
            }
            failure = null;
            executor = Executors.newSingleThreadScheduledExecutor(task ->
            {
                Thread thread = new Thread(task, "tls-resumption-warmth");
                thread.setDaemon(true);
                return thread;
            });
            first = executor.submit(this::warm);
            executor.scheduleWithFixedDelay(this::warm, period.toMillis(), period.toMillis(), TimeUnit.MILLISECONDS);
        }
        try
        {
            first.get(patience.toMillis(), TimeUnit.MILLISECONDS);
        }
        catch (TimeoutException | ExecutionException e)
        {
            LOG.debug("The start does not wait for the store of session keys", e);
        }
        catch (InterruptedException e)
        {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * @param user who needs the store no more
     */
    public synchronized void release(Object user)
    {
        users.remove(user);
        if (users.isEmpty())
        {
            rest();
        }
    }

    /**
     * @return whether somebody needs the store
     */
    public synchronized boolean isNeeded()
    {
        return executor != null;
    }

    /**
     * @return why the store could not be made warm when it was last tried; nothing when it could, or was not tried yet
     */
    public Optional<Throwable> failure()
    {
        return Optional.ofNullable(failure);
    }

    private void warm()
    {
        try
        {
            store.warm();
            failure = null;
        }
        catch (IOException e)
        {
            // WatchedSessionKeyStore tells the operator.
            LOG.debug("The store of session keys is not warm", e);
            failure = e;
        }
        catch (Throwable e)
        {
            // What escapes would end the schedule for good.
            failure = e;
            // Who stops it interrupts it.
            if (!warned && !Thread.currentThread().isInterrupted())
            {
                LOG.warn("The store of session keys cannot be kept warm: the first handshakes after a pause may be full", e);
                warned = true;
            }
        }
    }

    /**
     * Asks no more, whoever needs it. The store stays open.
     */
    @Override
    public synchronized void close()
    {
        closed = true;
        rest();
    }

    private void rest()
    {
        if (executor != null)
        {
            executor.shutdownNow();
        }
        executor = null;
    }
}
