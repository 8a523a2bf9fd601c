package io.github.tlsresumption.resumption;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who is told when sessions are forgotten. One that fails does not keep it from the others. Thread-safe.
 */
final class ForgetListeners
{
    private static final Logger LOG = LoggerFactory.getLogger(Forgetting.class);

    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
    private final List<Runnable> caches = new CopyOnWriteArrayList<>();

    void add(Runnable listener)
    {
        listeners.add(listener);
    }

    void remove(Runnable listener)
    {
        listeners.remove(listener);
    }

    void addCache(Runnable cache)
    {
        caches.add(cache);
    }

    void removeCache(Runnable cache)
    {
        caches.remove(cache);
    }

    /**
     * Calls the listeners.
     */
    void tell()
    {
        tell(listeners);
    }

    /**
     * Has the caches forget all sessions.
     */
    void dropCaches()
    {
        tell(caches);
    }

    private static void tell(List<Runnable> listeners)
    {
        for (Runnable listener : listeners)
        {
            try
            {
                listener.run();
            }
            catch (RuntimeException e)
            {
                LOG.warn("A listener for forgotten sessions failed", e);
            }
        }
    }
}
