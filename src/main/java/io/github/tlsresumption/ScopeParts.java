package io.github.tlsresumption;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ScheduledExecutorService;

import io.github.tlsresumption.cluster.ClockWatch;
import io.github.tlsresumption.cluster.SharedStores;
import io.github.tlsresumption.files.LibraryMismatch;
import io.github.tlsresumption.forget.ForgetList;
import io.github.tlsresumption.forget.ForgetLog;
import io.github.tlsresumption.keys.KeyRingHealth;
import io.github.tlsresumption.keys.TicketKey;
import io.github.tlsresumption.keys.TicketKeyRingManager;
import io.github.tlsresumption.keys.TicketKeyStore;
import io.github.tlsresumption.resumption.Forgetting;
import io.github.tlsresumption.sessions.SessionKeyStore;
import io.github.tlsresumption.sessions.StoreWarmth;
import io.github.tlsresumption.sessions.WatchedSessionKeyStore;
import io.github.tlsresumption.status.StoreHealth;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the connectors of a scope share.
 *
 * @param store holds the ring
 * @param ring keeps it in memory
 * @param sessionKeys of mode cache
 * @param forgetLog keeps the forget list
 * @param forgetList says who has been forgotten
 * @param forgetting changes that
 * @param executor does what is done in the background
 * @param eraser does what can take longer there
 * @param backend what the nodes share, if they do
 * @param warmth keeps the store of the session keys warm while a connector needs it, if it is one that the nodes share
 * @param clock tells the time, the cluster's where nodes share
 * @param listId tells the forget list from those of other processes that have the same ticket keys; empty where one list is for all
 */
record ScopeParts(TicketKeyStore store, TicketKeyRingManager ring, SessionKeyStore sessionKeys, ForgetLog forgetLog, ForgetList forgetList,
    Forgetting forgetting, ScheduledExecutorService executor, ExecutorService eraser, Optional<Backend> backend,
    Optional<StoreWarmth> warmth, Clock clock, String listId)
{
    private static final Logger LOG = LoggerFactory.getLogger(Scope.class);
    /** How long the start waits for the store of the session keys to be warm. */
    private static final Duration WARM_PATIENCE = Duration.ofSeconds(2);

    /**
     * What the nodes of a cluster share.
     *
     * @param stores in it
     * @param clockWatch compares its clock with ours
     */
    record Backend(SharedStores stores, ClockWatch clockWatch)
    {
    }

    /**
     * @param id tells the forget list from others
     * @return the same with that
     */
    ScopeParts ofList(String id)
    {
        return new ScopeParts(store, ring, sessionKeys, forgetLog, forgetList, forgetting, executor, eraser, backend, warmth, clock, id);
    }

    /**
     * Keeps the store of the session keys warm, where the nodes share it, until the connector {@linkplain #releaseSessionKeys says}
     * otherwise.
     *
     * @param connector has sessions of mode cache
     * @param waits whether to wait until the store is warm, though not for long
     */
    void needSessionKeys(Object connector, boolean waits)
    {
        // Where the ring could not be read the store does not answer, and the start has waited for it long enough.
        Duration patience = waits && ring.health().error().isEmpty() ? WARM_PATIENCE : Duration.ZERO;
        warmth.ifPresent(store -> store.need(connector, patience));
    }

    /**
     * @param connector has no sessions of mode cache any more
     */
    void releaseSessionKeys(Object connector)
    {
        warmth.ifPresent(store -> store.release(connector));
    }

    /**
     * @return which libraries do not fit together, so that the store of the session keys will never answer
     */
    Optional<String> sessionKeysMismatch()
    {
        return warmth.flatMap(StoreWarmth::failure).flatMap(LibraryMismatch::explain);
    }

    /**
     * Throws nothing: what fails is in the log.
     */
    void close()
    {
        executor.shutdownNow();
        eraser.shutdownNow();
        warmth.ifPresent(StoreWarmth::close);
        attempt("forget list", this::tellUntold);
        close(store, ring, sessionKeys, forgetLog);
        backend.ifPresent(shared -> attempt("backend of the cluster", shared.stores()));
    }

    /**
     * @return tells the time by which sessions end
     */
    Clock deadlines()
    {
        return backend.map(shared -> shared.clockWatch().deadlines()).orElse(clock);
    }

    /**
     * @param now the time
     * @return how this node gets on with each store outside its heap, and with the backend's clock
     */
    List<StoreHealth> health(Instant now)
    {
        List<StoreHealth> health = new ArrayList<>();
        KeyRingHealth keys = ring.health();
        Optional<Instant> newest = ring.ring().keys().stream().map(TicketKey::created).max(Instant::compareTo);
        health.add(new StoreHealth("ticket-keys", store.describe(), keys.lastContact(), since(keys.lastContact(), now),
            OptionalLong.of(keys.version()), since(newest, now), keys.error()));
        health.add(new StoreHealth("forgotten", forgetLog.describe(), forgetList.lastContact(), since(forgetList.lastContact(), now),
            OptionalLong.empty(), Optional.empty(), forgetList.problem()));
        boolean needed = warmth.filter(StoreWarmth::isNeeded).isPresent();
        if (needed && sessionKeys instanceof WatchedSessionKeyStore watched)
        {
            health.add(new StoreHealth("session-keys", backend.map(shared -> shared.stores().describe()).orElse(""),
                watched.lastContact(), Optional.empty(), OptionalLong.empty(), Optional.empty(), watched.problem()));
        }
        backend.map(Backend::clockWatch).ifPresent(watch -> health.add(new StoreHealth("clock", "backend's clock",
            watch.lastContact(), watch.offset(), OptionalLong.empty(), Optional.empty(), watch.problem())));
        return health;
    }

    private static Optional<Duration> since(Optional<Instant> time, Instant now)
    {
        return time.map(then -> Duration.between(then, now));
    }

    private void tellUntold()
    {
        forgetList.poll();
        int untold = forgetList.untold();
        if (untold > 0)
        {
            LOG.warn("The forget list ends with {} entries that {} has not taken: {}. Other processes, and this one after its next "
                + "start, do not know them: forget these sessions again, or drop the ticket keys, once the cause is fixed",
                untold, forgetLog.describe(), forgetList.problem().orElse(""));
        }
    }

    static void close(TicketKeyStore store, TicketKeyRingManager ring, SessionKeyStore sessionKeys, ForgetLog forgetLog)
    {
        attempt("key ring", ring == null ? null : ring::stop);
        attempt("store of the ticket keys", store);
        attempt("forget list", forgetLog);
        attempt("session keys", sessionKeys);
    }

    /**
     * @param part null for none
     */
    static void attempt(String what, AutoCloseable part)
    {
        try
        {
            if (part != null)
            {
                part.close();
            }
        }
        catch (Throwable e)
        {
            // Whatever it is, the others are closed too.
            LOG.warn("The {} could not be closed", what, e);
        }
    }
}
