package io.github.tlsresumption;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;

import io.github.tlsresumption.cluster.ClockWatch;
import io.github.tlsresumption.cluster.ClusterClock;
import io.github.tlsresumption.cluster.SharedStores;
import io.github.tlsresumption.crypto.Digests;
import io.github.tlsresumption.forget.ForgetList;
import io.github.tlsresumption.forget.ForgetLog;
import io.github.tlsresumption.keys.MemoryTicketKeyStore;
import io.github.tlsresumption.keys.RingMark;
import io.github.tlsresumption.keys.TicketKey;
import io.github.tlsresumption.keys.TicketKeyRing;
import io.github.tlsresumption.keys.TicketKeyRingManager;
import io.github.tlsresumption.keys.TicketKeyStore;
import io.github.tlsresumption.keys.TicketKeyStoreException;
import io.github.tlsresumption.policy.ClientIdentities;
import io.github.tlsresumption.resumption.ClockGuard;
import io.github.tlsresumption.resumption.Forgetting;
import io.github.tlsresumption.sessions.HeapSessionKeyStore;
import io.github.tlsresumption.sessions.SessionKeyStore;
import io.github.tlsresumption.sessions.StoreWarmth;
import io.github.tlsresumption.sessions.WatchedSessionKeyStore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts the parts of a scope together: ring, session keys and forget list on the stores that they are kept in, and starts what runs in the
 * background.
 */
final class ScopeWiring
{
    private static final Logger LOG = LoggerFactory.getLogger(Scope.class);
    // Within a second all nodes know who was forgotten, also by a log that must be asked and takes its time.
    private static final long POLL_MILLIS = 500;
    private static final long CLOCK_PERIOD = 60;

    private ScopeWiring()
    {
    }

    /**
     * @param settings of the connectors
     * @param clock tells the time
     * @return those of a scope in which nobody resumes: without ticket keys, and nobody is forgotten
     * @throws IllegalArgumentException when a setting is out of bounds
     */
    static ScopeParts asleep(ScopeSettings settings, Clock clock)
    {
        return asleep(settings, clock, newExecutor());
    }

    /**
     * @param executor does what is done in the background, and is the parts' to shut down
     */
    static ScopeParts asleep(ScopeSettings settings, Clock clock, ScheduledExecutorService executor)
    {
        ExecutorService eraser = Executors.newSingleThreadExecutor(ScopeWiring::newThread);
        TicketKeyStore store = new MemoryTicketKeyStore();
        TicketKeyRingManager ring = new TicketKeyRingManager(store, settings.rotation(), clock, executor);
        SessionKeyStore sessionKeys = new HeapSessionKeyStore(settings.maxSessions(), clock);
        ClientIdentities identities =
            new ClientIdentities(() -> ring.ring().identityKey(), settings.ipv4Prefix(), settings.ipv6Prefix());
        ForgetList list = new ForgetList(ForgetLog.none(), settings.rotation().lifetime(), settings.maxForgotten(),
            settings.maxPrincipals(), clock);
        return new ScopeParts(store, ring, sessionKeys, ForgetLog.none(), list,
            new Forgetting(list, identities, sessionKeys, clock, settings.clockSkew(), executor, eraser), executor, eraser,
            Optional.empty(), Optional.empty(), clock, "");
    }

    /**
     * @param store holds the ring, from now on the parts' to close
     * @param forgetLog keeps the forget list, from now on the parts' to close
     * @param settings of the connectors
     * @param clock tells the time
     * @return new parts, which have started
     * @throws TicketKeyStoreException when the ticket keys cannot be used
     * @throws IllegalArgumentException when a setting is out of bounds
     */
    static ScopeParts start(TicketKeyStore store, ForgetLog forgetLog, ScopeSettings settings, Clock clock) throws TicketKeyStoreException
    {
        return start(store, forgetLog, settings, clock, RingMark.NONE);
    }

    /**
     * @param store holds the ring, from now on the parts' to close
     * @param forgetLog keeps the forget list, from now on the parts' to close
     * @param settings of the connectors
     * @param clock tells the time
     * @param mark the node's own of the ring's version
     * @return new parts, which have started
     * @throws TicketKeyStoreException when the ticket keys cannot be used
     * @throws IllegalArgumentException when a setting is out of bounds
     */
    static ScopeParts start(TicketKeyStore store, ForgetLog forgetLog, ScopeSettings settings, Clock clock, RingMark mark)
        throws TicketKeyStoreException
    {
        return start(store, forgetLog, ring -> new HeapSessionKeyStore(settings.maxSessions(), clock), Optional.empty(), settings,
            clock, mark, newExecutor());
    }

    /**
     * @param executor does what is done in the background, and is the parts' to shut down
     */
    static ScopeParts start(TicketKeyStore store, ForgetLog forgetLog, ScopeSettings settings, Clock clock,
        ScheduledExecutorService executor) throws TicketKeyStoreException
    {
        return start(store, forgetLog, ring -> new HeapSessionKeyStore(settings.maxSessions(), clock), Optional.empty(), settings,
            clock, RingMark.NONE, executor);
    }

    /**
     * @param stores hold what nodes share, from now on the parts' to close
     * @param settings of the connectors
     * @param clock tells the time
     * @return new parts, which have started
     * @throws TicketKeyStoreException when the ticket keys cannot be used
     * @throws IllegalArgumentException when a setting is out of bounds
     * @throws IllegalStateException when the stores cannot be used
     */
    static ScopeParts start(SharedStores stores, ScopeSettings settings, Clock clock) throws TicketKeyStoreException
    {
        return start(stores, Optional.empty(), settings, clock, RingMark.NONE);
    }

    /**
     * @param stores hold what nodes share, from now on the parts' to close
     * @param keys the ring, where it is elsewhere; from now on the parts' to close
     * @param settings of the connectors
     * @param clock tells the time
     * @param mark the node's own of the ring's version
     * @return new parts, which have started
     * @throws TicketKeyStoreException when the ticket keys cannot be used
     * @throws IllegalArgumentException when a setting is out of bounds
     * @throws IllegalStateException when the stores cannot be used
     */
    static ScopeParts start(SharedStores stores, Optional<TicketKeyStore> keys, ScopeSettings settings, Clock clock, RingMark mark)
        throws TicketKeyStoreException
    {
        // A key is known to all for the lead before it seals, by whatever clock.
        Duration lead = settings.rotation().lead();
        Duration bound = lead.compareTo(settings.clockSkew()) < 0 ? lead : settings.clockSkew();
        TicketKeyStore store = keys.orElse(null);
        ForgetLog log = null;
        try
        {
            stores.requireAccess(keys.isEmpty());
            ClusterClock time = new ClusterClock(clock, System::nanoTime, bound);
            ClockWatch watch = new ClockWatch(stores, time, nodeName());
            store = store == null ? stores.ticketKeyStore() : store;
            log = stores.forgetLog(settings.rotation().lifetime(), settings.clockSkew(), time);
            watch.compare();
            TicketKeyStore ringStore = store;
            ForgetLog forgetLog = log;
            store = null;
            log = null;
            return start(ringStore, forgetLog, ring -> new WatchedSessionKeyStore(stores.sessionKeyStore(ring, time), time),
                Optional.of(new ScopeParts.Backend(stores, watch)), settings, time, mark, newExecutor());
        }
        catch (Throwable e)
        {
            ScopeParts.attempt("store of the ticket keys", store);
            ScopeParts.attempt("forget list", log);
            ScopeParts.attempt("backend of the cluster", stores);
            throw e;
        }
    }

    private static ScopeParts start(TicketKeyStore store, ForgetLog forgetLog, Function<Supplier<TicketKeyRing>, SessionKeyStore> maker,
        Optional<ScopeParts.Backend> backend, ScopeSettings settings, Clock clock, RingMark node, ScheduledExecutorService executor)
        throws TicketKeyStoreException
    {
        ExecutorService eraser = Executors.newSingleThreadExecutor(ScopeWiring::newThread);
        TicketKeyRingManager ring = null;
        SessionKeyStore sessionKeys = null;
        try
        {
            RingMarks marks = new RingMarks(node);
            TicketKeyRingManager manager = new TicketKeyRingManager(store, settings.rotation(), clock, executor, marks);
            ring = manager;
            sessionKeys = maker.apply(manager::ring);
            ClientIdentities identities =
                new ClientIdentities(() -> manager.ring().identityKey(), settings.ipv4Prefix(), settings.ipv6Prefix());
            ForgetList list =
                new ForgetList(forgetLog, settings.rotation().lifetime(), settings.maxForgotten(), settings.maxPrincipals(), clock);
            Forgetting forgetting = new Forgetting(list, identities, sessionKeys, clock, settings.clockSkew(), executor, eraser);
            ClockGuard guard =
                new ClockGuard(forgetting, list, ring, sessionKeys, clock, settings.clockSkew(), forgetLog.describe());
            // The other half of what nodes share; and for a store of somebody's own there is no other place.
            if (store.persistent() && (forgetLog.shared() || node == RingMark.NONE))
            {
                marks.add(list);
            }
            boolean isFirstRun = node.version() == 0;
            ring.start();
            if (forgetLog == ForgetLog.none() && (store.persistent() || store.shared()))
            {
                forgetUnknown(list, ring.ring(), store, clock);
            }
            guard.start(isFirstRun);
            executor.scheduleWithFixedDelay(() -> poll(backend, guard, forgetting, marks, manager), POLL_MILLIS, POLL_MILLIS,
                TimeUnit.MILLISECONDS);
            backend.ifPresent(shared ->
                executor.scheduleWithFixedDelay(shared.clockWatch()::compare, CLOCK_PERIOD, CLOCK_PERIOD, TimeUnit.SECONDS));
            store.listen(manager::tickSoon);
            forgetLog.listen(forgetting::pollSoon);
            Optional<StoreWarmth> warmth = backend.isPresent() ? Optional.of(new StoreWarmth(sessionKeys)) : Optional.empty();
            return new ScopeParts(store, manager, sessionKeys, forgetLog, list, forgetting, executor, eraser, backend, warmth, clock, "");
        }
        catch (Throwable e)
        {
            executor.shutdownNow();
            eraser.shutdownNow();
            ScopeParts.close(store, ring, sessionKeys, forgetLog);
            throw e;
        }
    }

    private static ScheduledExecutorService newExecutor()
    {
        return Executors.newSingleThreadScheduledExecutor(ScopeWiring::newThread);
    }

    private static Thread newThread(Runnable task)
    {
        Thread thread = new Thread(task, "tls-resumption");
        thread.setDaemon(true);
        return thread;
    }

    /**
     * The same after a restart, since what a node has told of its clock counts for a while.
     */
    private static String nodeName()
    {
        String host;
        try
        {
            host = InetAddress.getLocalHost().getHostName();
        }
        catch (UnknownHostException e)
        {
            LOG.debug("The host has no name", e);
            host = "";
        }
        byte[] place = (host + "\n" + Path.of("").toAbsolutePath()).getBytes(StandardCharsets.UTF_8);
        return Long.toHexString(Digests.sha256ToLong("node", place));
    }

    private static void poll(Optional<ScopeParts.Backend> backend, ClockGuard guard, Forgetting forgetting, RingMarks marks,
        TicketKeyRingManager ring)
    {
        backend.ifPresent(shared -> shared.clockWatch().compareIfDoubtful());
        guard.check();
        forgetting.poll();
        marks.refresh(ring.ring().version());
    }

    /**
     * The keys are older than this process, and nobody has kept who was forgotten.
     */
    private static void forgetUnknown(ForgetList list, TicketKeyRing ring, TicketKeyStore store, Clock clock)
    {
        try
        {
            // The clock may have been set back since, of which only the keys tell.
            Instant now = clock.instant();
            list.forgetEveryone(ring.keys().stream().map(TicketKey::created).filter(now::isBefore).max(Instant::compareTo).orElse(now));
            LOG.info("Sessions from before this start are not resumed, since the ticket keys are in {}, but the forget list is "
                + "kept nowhere: set jetty.tlsResumption.forgetLogFile, or a ForgetLog beside that store", store.describe());
        }
        catch (IOException e)
        {
            throw new IllegalStateException(e);
        }
    }
}
