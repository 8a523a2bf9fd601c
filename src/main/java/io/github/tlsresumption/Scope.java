package io.github.tlsresumption;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.Supplier;

import io.github.tlsresumption.cluster.ClockWatch;
import io.github.tlsresumption.cluster.ClusterClock;
import io.github.tlsresumption.cluster.SharedStores;
import io.github.tlsresumption.crypto.Digests;
import io.github.tlsresumption.files.LibraryMismatch;
import io.github.tlsresumption.forget.ForgetList;
import io.github.tlsresumption.forget.ForgetLog;
import io.github.tlsresumption.keys.KeyRingHealth;
import io.github.tlsresumption.keys.KeyRotation;
import io.github.tlsresumption.keys.RingMark;
import io.github.tlsresumption.keys.TicketKey;
import io.github.tlsresumption.keys.TicketKeyRing;
import io.github.tlsresumption.keys.TicketKeyRingManager;
import io.github.tlsresumption.keys.TicketKeyStore;
import io.github.tlsresumption.keys.TicketKeyStoreException;
import io.github.tlsresumption.policy.ClientIdentities;
import io.github.tlsresumption.policy.ConnectorTerms;
import io.github.tlsresumption.resumption.ClockGuard;
import io.github.tlsresumption.resumption.Forgetting;
import io.github.tlsresumption.sessions.HeapSessionKeyStore;
import io.github.tlsresumption.sessions.SessionKeyStore;
import io.github.tlsresumption.sessions.StoreWarmth;
import io.github.tlsresumption.sessions.WatchedSessionKeyStore;
import io.github.tlsresumption.status.StoreHealth;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the connectors of one scope share in this JVM: key ring, session keys, and who has been forgotten. Made by the first
 * that starts, closed by the last that stops. Thread-safe.
 */
final class Scope
{
    private static final Logger LOG = LoggerFactory.getLogger(Scope.class);
    private static final String DEFAULT = "default";
    private static final AtomicInteger UNNAMED = new AtomicInteger();
    private static final Map<String, Scope> SCOPES = new HashMap<>();

    private final String name;
    private final Settings settings;
    private final Parts parts;
    private int users;

    private Scope(String name, Settings settings, Parts parts)
    {
        this.name = name;
        this.settings = settings;
        this.parts = parts;
    }

    /**
     * What must be the same in all connectors of a scope.
     *
     * @param terms the connector's own
     * @param rotation of the key ring
     * @param keys says where the ticket keys are; empty for memory
     * @param maxSessions how many session keys there may be
     * @param ipv4Prefix how many bits of an IPv4 address tell clients apart
     * @param ipv6Prefix how many bits of an IPv6 address tell clients apart
     * @param maxForgotten how many may be on the forget list
     * @param maxPrincipals how many sessions may have a principal
     * @param clockSkew how far the clocks of nodes may be apart
     */
    record Settings(ConnectorTerms terms, KeyRotation rotation, String keys, long maxSessions, int ipv4Prefix, int ipv6Prefix,
        int maxForgotten, int maxPrincipals, Duration clockSkew)
    {
    }

    /**
     * What the nodes of a cluster share.
     *
     * @param stores in it
     * @param clockWatch compares its clock with ours
     */
    record Engine(SharedStores stores, ClockWatch clockWatch)
    {
    }

    /**
     * What is shared.
     *
     * @param store holds the ring
     * @param ring keeps it in memory
     * @param sessionKeys of mode cache
     * @param forgetLog keeps the forget list
     * @param forgetList says who has been forgotten
     * @param forgetting changes that
     * @param executor does what is done in the background
     * @param eraser does what can take longer there
     * @param engine what the nodes share, if they do
     * @param warmth keeps the store of the session keys warm while a connector needs it, if it is one that the nodes share
     * @param clock tells the time, the cluster's where nodes share
     */
    record Parts(TicketKeyStore store, TicketKeyRingManager ring, SessionKeyStore sessionKeys, ForgetLog forgetLog, ForgetList forgetList,
        Forgetting forgetting, ScheduledExecutorService executor, ExecutorService eraser, Optional<Engine> engine,
        Optional<StoreWarmth> warmth, Clock clock)
    {
        // Within a second all nodes know who was forgotten, also by a log that must be asked and takes its time.
        private static final long POLL_MILLIS = 500;
        private static final long CLOCK_PERIOD = 60;
        /** How long the start waits for the store of the session keys to be warm. */
        private static final Duration WARM_PATIENCE = Duration.ofSeconds(2);

        /**
         * @param store holds the ring, from now on the parts' to close
         * @param forgetLog keeps the forget list, from now on the parts' to close
         * @param settings of the connectors
         * @param clock tells the time
         * @return new parts, which have started
         * @throws TicketKeyStoreException when the ticket keys cannot be used
         * @throws IllegalArgumentException when a setting is out of bounds
         */
        static Parts start(TicketKeyStore store, ForgetLog forgetLog, Settings settings, Clock clock) throws TicketKeyStoreException
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
        static Parts start(TicketKeyStore store, ForgetLog forgetLog, Settings settings, Clock clock, RingMark mark)
            throws TicketKeyStoreException
        {
            return start(store, forgetLog, ring -> new HeapSessionKeyStore(settings.maxSessions(), clock), Optional.empty(), settings,
                clock, mark, newExecutor());
        }

        /**
         * @param executor does what is done in the background, and is the parts' to shut down
         */
        static Parts start(TicketKeyStore store, ForgetLog forgetLog, Settings settings, Clock clock, ScheduledExecutorService executor)
            throws TicketKeyStoreException
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
        static Parts start(SharedStores stores, Settings settings, Clock clock) throws TicketKeyStoreException
        {
            return start(stores, settings, clock, RingMark.NONE);
        }

        /**
         * @param stores hold what nodes share, from now on the parts' to close
         * @param settings of the connectors
         * @param clock tells the time
         * @param mark the node's own of the ring's version
         * @return new parts, which have started
         * @throws TicketKeyStoreException when the ticket keys cannot be used
         * @throws IllegalArgumentException when a setting is out of bounds
         * @throws IllegalStateException when the stores cannot be used
         */
        static Parts start(SharedStores stores, Settings settings, Clock clock, RingMark mark) throws TicketKeyStoreException
        {
            // A key is known to all for the lead before it seals, by whatever clock.
            Duration lead = settings.rotation().lead();
            Duration bound = lead.compareTo(settings.clockSkew()) < 0 ? lead : settings.clockSkew();
            TicketKeyStore store = null;
            ForgetLog log = null;
            try
            {
                ClusterClock time = new ClusterClock(clock, System::nanoTime, bound);
                ClockWatch watch = new ClockWatch(stores, time, nodeName());
                store = stores.ticketKeyStore();
                log = stores.forgetLog(settings.rotation().lifetime(), settings.clockSkew(), time);
                watch.compare();
                TicketKeyStore ringStore = store;
                ForgetLog forgetLog = log;
                store = null;
                log = null;
                return start(ringStore, forgetLog, ring -> new WatchedSessionKeyStore(stores.sessionKeyStore(ring, time), time),
                    Optional.of(new Engine(stores, watch)), settings, time, mark, newExecutor());
            }
            catch (Throwable e)
            {
                attempt("store of the ticket keys", store);
                attempt("log of who was forgotten", log);
                attempt("engine of the cluster", stores);
                throw e;
            }
        }

        private static Parts start(TicketKeyStore store, ForgetLog forgetLog, Function<Supplier<TicketKeyRing>, SessionKeyStore> maker,
            Optional<Engine> engine, Settings settings, Clock clock, RingMark node, ScheduledExecutorService executor)
            throws TicketKeyStoreException
        {
            ExecutorService eraser = Executors.newSingleThreadExecutor(Scope::newThread);
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
                    marks.add(list);
                boolean isFirstRun = node.version() == 0;
                ring.start();
                if (forgetLog == ForgetLog.none() && (store.persistent() || store.shared()))
                    forgetUnknown(list, ring.ring(), store, clock);
                guard.start(isFirstRun);
                executor.scheduleWithFixedDelay(() -> poll(engine, guard, forgetting, marks, manager), POLL_MILLIS, POLL_MILLIS,
                    TimeUnit.MILLISECONDS);
                engine.ifPresent(shared ->
                    executor.scheduleWithFixedDelay(shared.clockWatch()::compare, CLOCK_PERIOD, CLOCK_PERIOD, TimeUnit.SECONDS));
                store.listen(manager::tickSoon);
                forgetLog.listen(forgetting::pollSoon);
                Optional<StoreWarmth> warmth = engine.isPresent() ? Optional.of(new StoreWarmth(sessionKeys)) : Optional.empty();
                return new Parts(store, manager, sessionKeys, forgetLog, list, forgetting, executor, eraser, engine, warmth, clock);
            }
            catch (Throwable e)
            {
                executor.shutdownNow();
                eraser.shutdownNow();
                close(store, ring, sessionKeys, forgetLog);
                throw e;
            }
        }

        private static ScheduledExecutorService newExecutor()
        {
            return Executors.newSingleThreadScheduledExecutor(Scope::newThread);
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
         * The same after a restart, since what a node has told of its clock counts for a while.
         */
        private static String nodeName()
        {
            String host;
            try
            {
                host = InetAddress.getLocalHost().getHostName();
            }
            catch (UnknownHostException x)
            {
                LOG.debug("The host has no name", x);
                host = "";
            }
            byte[] place = (host + "\n" + Path.of("").toAbsolutePath()).getBytes(StandardCharsets.UTF_8);
            return Long.toHexString(Digests.sha256ToLong("node", place));
        }

        private static void poll(Optional<Engine> engine, ClockGuard guard, Forgetting forgetting, RingMarks marks,
            TicketKeyRingManager ring)
        {
            engine.ifPresent(shared -> shared.clockWatch().compareIfDoubtful());
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
                LOG.info("Sessions from before this start are not resumed, since the ticket keys are in {}, but no log says who was " +
                    "forgotten: set a ForgetLog beside that store", store.describe());
            }
            catch (IOException x)
            {
                throw new IllegalStateException(x);
            }
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
            engine.ifPresent(shared -> attempt("engine of the cluster", shared.stores()));
        }

        /**
         * @return tells the time by which sessions end
         */
        Clock deadlines()
        {
            return engine.map(shared -> shared.clockWatch().deadlines()).orElse(clock);
        }

        /**
         * @param now the time
         * @return how this node gets on with each store outside its heap, and with the engine's clock
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
                health.add(new StoreHealth("session-keys", engine.map(shared -> shared.stores().describe()).orElse(""),
                    watched.lastContact(), Optional.empty(), OptionalLong.empty(), Optional.empty(), watched.problem()));
            engine.map(Engine::clockWatch).ifPresent(watch -> health.add(new StoreHealth("clock", "engine's clock",
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
                LOG.warn("The forget list ends with {} entries that {} has not taken: {}. Other processes, and this one after its next " +
                    "start, do not know them: forget these sessions again, or drop the ticket keys, once the cause is mended",
                    untold, forgetLog.describe(), forgetList.problem().orElse(""));
        }

        private static void close(TicketKeyStore store, TicketKeyRingManager ring, SessionKeyStore sessionKeys, ForgetLog forgetLog)
        {
            attempt("key ring", ring == null ? null : ring::stop);
            attempt("store of the ticket keys", store);
            attempt("log of who was forgotten", forgetLog);
            attempt("session keys", sessionKeys);
        }

        /**
         * @param part null for none
         */
        private static void attempt(String what, AutoCloseable part)
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

    private static Thread newThread(Runnable task)
    {
        Thread thread = new Thread(task, "tls-resumption");
        thread.setDaemon(true);
        return thread;
    }

    /**
     * Makes the parts of a scope.
     */
    @FunctionalInterface
    interface Maker
    {
        Parts make() throws TicketKeyStoreException;
    }

    /**
     * @param name the scope's name
     * @param settings of the connector
     * @param maker makes the parts, started, if the scope is new
     * @return the scope, to be {@linkplain #release() released}
     * @throws TicketKeyStoreException when the ticket keys cannot be used
     * @throws IllegalStateException when the scope is there with other settings
     */
    static Scope acquire(String name, Settings settings, Maker maker) throws TicketKeyStoreException
    {
        synchronized (SCOPES)
        {
            Scope scope = SCOPES.get(name);
            if (scope == null)
            {
                checkRotation(settings);
                scope = new Scope(name, settings, maker.make());
                SCOPES.put(name, scope);
            }
            else if (!scope.settings.equals(settings))
            {
                throw new IllegalStateException("two connectors have jetty.tlsResumption.scope '" + name + "' but different settings: " +
                    scope.settings + " and " + settings + "; give each a scope of its own, or the same settings");
            }
            scope.users++;
            return scope;
        }
    }

    /**
     * @return a name for a connector that has been given none: the same after each restart of the process, as long as
     * connectors start in the same order, and never that of another connector of this process
     */
    static String newName()
    {
        int number = UNNAMED.incrementAndGet();
        return number == 1 ? DEFAULT : DEFAULT + "-" + number;
    }

    private static void checkRotation(Settings settings)
    {
        for (Scope other : SCOPES.values())
        {
            // Without a name the keys are in memory, and each scope has its own.
            boolean shared = !settings.keys().isEmpty() && other.settings.keys().equals(settings.keys());
            if (shared && !other.settings.rotation().equals(settings.rotation()))
            {
                throw new IllegalStateException("the connectors of scope '" + other.name + "' share " + settings.keys() +
                    " but rotate its keys otherwise: " + other.settings.rotation() + " and " + settings.rotation() +
                    "; set the same jetty.tlsResumption.rotation.sealPeriod, .lead and .lifetime (the longest maxSessionDuration)" +
                    " in both, or another jetty.tlsResumption.ticketKeyFile");
            }
        }
    }

    String name()
    {
        return name;
    }

    Parts parts()
    {
        return parts;
    }

    void release()
    {
        synchronized (SCOPES)
        {
            if (--users == 0)
            {
                SCOPES.remove(name);
                parts.close();
            }
        }
    }
}
