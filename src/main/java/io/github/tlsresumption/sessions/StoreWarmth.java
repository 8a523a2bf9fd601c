package io.github.tlsresumption.sessions;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a {@link SessionKeyStore} {@linkplain SessionKeyStore#warm warm}, by a thread of its own: from before the first handshake on, over
 * idle times, and after the store was away. Thread-safe.
 */
public final class StoreWarmth implements AutoCloseable
{
    private static final Logger LOG = LoggerFactory.getLogger(StoreWarmth.class);
    private static final Duration PERIOD = Duration.ofSeconds(1);

    private final SessionKeyStore store;
    private final ScheduledExecutorService executor;
    private boolean warned;

    private StoreWarmth(SessionKeyStore store)
    {
        this.store = store;
        this.executor = Executors.newSingleThreadScheduledExecutor(task ->
        {
            Thread thread = new Thread(task, "tls-resumption-warmth");
            thread.setDaemon(true);
            return thread;
        });
    }

    /**
     * @param store not closed by this one
     * @param patience how long to wait for the store to be warm; it goes on in the background if that takes longer, or fails
     * @return keeps the store warm until it is closed
     */
    public static StoreWarmth start(SessionKeyStore store, Duration patience)
    {
        return start(store, patience, PERIOD);
    }

    static StoreWarmth start(SessionKeyStore store, Duration patience, Duration period)
    {
        StoreWarmth warmth = new StoreWarmth(store);
        Future<?> first = warmth.executor.submit(warmth::warm);
        warmth.executor.scheduleWithFixedDelay(warmth::warm, period.toMillis(), period.toMillis(), TimeUnit.MILLISECONDS);
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
        return warmth;
    }

    private void warm()
    {
        try
        {
            store.warm();
        }
        catch (IOException e)
        {
            // WatchedSessionKeyStore tells the operator.
            LOG.debug("The store of session keys is not warm", e);
        }
        catch (Throwable e)
        {
            // What escapes would end the schedule for good.
            if (!warned)
            {
                LOG.warn("The store of session keys cannot be kept warm: the first handshakes after a pause may be full", e);
            }
            warned = true;
        }
    }

    /**
     * Asks no more. The store stays open.
     */
    @Override
    public void close()
    {
        executor.shutdownNow();
    }
}
