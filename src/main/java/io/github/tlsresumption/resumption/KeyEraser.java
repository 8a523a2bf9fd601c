package io.github.tlsresumption.resumption;

import java.io.IOException;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;

import io.github.tlsresumption.sessions.SessionKey;
import io.github.tlsresumption.sessions.SessionKeyStore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Erases the keys of sessions that have been forgotten, which can take long: one run at a time, and again until it succeeds. Thread-safe.
 */
final class KeyEraser
{
    private static final Logger LOG = LoggerFactory.getLogger(Forgetting.class);

    private final SessionKeyStore sessionKeys;
    private final Predicate<SessionKey> isForgotten;
    private final CoalescedTask erasing;
    // Whose keys are to be erased; or all are to be looked at.
    private final Set<Long> subjects = ConcurrentHashMap.newKeySet();
    private final AtomicBoolean everybody = new AtomicBoolean();
    private volatile boolean left;

    /**
     * @param sessionKeys loses the keys of the forgotten
     * @param isForgotten tells whose key is to be erased
     * @param executor runs one task at a time
     */
    KeyEraser(SessionKeyStore sessionKeys, Predicate<SessionKey> isForgotten, Executor executor)
    {
        this.sessionKeys = sessionKeys;
        this.isForgotten = isForgotten;
        this.erasing = new CoalescedTask(executor, this::erase);
    }

    /**
     * @param subject whose keys the next run erases
     */
    void mark(long subject)
    {
        subjects.add(subject);
    }

    /**
     * The next run looks at all keys.
     */
    void markEverybody()
    {
        everybody.set(true);
    }

    /**
     * The next run erases the keys of those whom others have forgotten.
     */
    void markForgottenElsewhere()
    {
        // Who forgot them has erased them from a store that all share.
        if (!sessionKeys.shared())
        {
            everybody.set(true);
        }
    }

    /**
     * Runs by the executor.
     */
    void soon()
    {
        erasing.soon();
    }

    /**
     * Runs again when the last run has left keys.
     */
    void retry()
    {
        if (left)
        {
            erasing.soon();
        }
    }

    private void erase()
    {
        left = false;
        boolean all = everybody.getAndSet(false);
        Set<Long> whose = new HashSet<>(subjects);
        subjects.removeAll(whose);
        try
        {
            if (all)
            {
                sessionKeys.removeIf(isForgotten);
            }
            else if (!whose.isEmpty())
            {
                sessionKeys.removeIf(isForgotten, whose);
            }
        }
        catch (IOException | RuntimeException e)
        {
            // They are refused all the same.
            LOG.debug("The keys of forgotten sessions are still there, which is tried again", e);
            if (all)
            {
                everybody.set(true);
            }
            subjects.addAll(whose);
            left = true;
        }
    }
}
