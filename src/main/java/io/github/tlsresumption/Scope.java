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
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;

import io.github.tlsresumption.cluster.ClockWatch;
import io.github.tlsresumption.cluster.ClusterClock;
import io.github.tlsresumption.cluster.SharedStores;
import io.github.tlsresumption.crypto.Digests;
import io.github.tlsresumption.files.LibraryMismatch;
import io.github.tlsresumption.forget.ForgetList;
import io.github.tlsresumption.forget.ForgetLog;
import io.github.tlsresumption.keys.KeyRingHealth;
import io.github.tlsresumption.keys.KeyRotation;
import io.github.tlsresumption.keys.MemoryTicketKeyStore;
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
 * that starts, closed by the last that stops. Asleep until one of them may resume a session: it has no ticket keys then, and asks no
 * store. Thread-safe.
 */
final class Scope
{
    private static final Logger LOG = LoggerFactory.getLogger(Scope.class);
    private static final String DEFAULT = "default";
    private static final AtomicInteger UNNAMED = new AtomicInteger();
    private static final Map<String, Scope> SCOPES = new HashMap<>();

    private final String name;
    private final Settings settings;
    private final Maker maker;
    private volatile Parts parts;
    private volatile boolean awake;
    private volatile String problem = "";

    // Under SCOPES:
    private int users;

    // Under this:
    private final Set<User> told = new LinkedHashSet<>();
    private boolean lent;
    private boolean closed;

    private Scope(String name, Settings settings, Clock clock, Maker maker)
    {
        this.name = name;
        this.settings = settings;
        this.maker = maker;
        this.parts = Parts.asleep(settings, clock);
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
        /**
         * @return by what others differ from these, for people
         */
        String differences(Settings other)
        {
            Map<String, List<Object>> values = new LinkedHashMap<>();
            values.put("mode", List.of(terms.mode(), other.terms.mode()));
            values.put("tls12Mode", List.of(terms.tls12Mode(), other.terms.tls12Mode()));
            values.put("tls12TicketMode", List.of(permission(terms), permission(other.terms)));
            values.put("maxSessionDuration", List.of(seconds(terms.maxDuration()), seconds(other.terms.maxDuration())));
            values.put("rotation.sealPeriod", List.of(seconds(rotation.sealPeriod()), seconds(other.rotation.sealPeriod())));
            values.put("rotation.lead", List.of(seconds(rotation.lead()), seconds(other.rotation.lead())));
            values.put("rotation.lifetime", List.of(seconds(rotation.lifetime()), seconds(other.rotation.lifetime())));
            values.put("ticket keys", List.of(place(keys), place(other.keys)));
            values.put("maxCachedSessions", List.of(maxSessions, other.maxSessions));
            values.put("client.ipv4Prefix", List.of(ipv4Prefix, other.ipv4Prefix));
            values.put("client.ipv6Prefix", List.of(ipv6Prefix, other.ipv6Prefix));
            values.put("maxForgotten", List.of(maxForgotten, other.maxForgotten));
            values.put("maxPrincipals", List.of(maxPrincipals, other.maxPrincipals));
            values.put("clockSkew", List.of(seconds(clockSkew), seconds(other.clockSkew)));
            return values.entrySet().stream()
                .filter(entry -> !entry.getValue().get(0).equals(entry.getValue().get(1)))
                .map(entry -> entry.getKey() + " " + entry.getValue().get(0) + " and " + entry.getValue().get(1))
                .collect(Collectors.joining(", "));
        }

        private static String permission(ConnectorTerms terms)
        {
            return terms.tls12Tickets() ? "allow" : "forbid";
        }

        private static String seconds(Duration duration)
        {
            return duration.toSeconds() + " s";
        }

        private static String place(String keys)
        {
            return keys.isEmpty() ? "in memory" : "in " + keys;
        }
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
         * @param settings of the connectors
         * @param clock tells the time
         * @return those of a scope in which nobody resumes: without ticket keys, and nobody is forgotten
         * @throws IllegalArgumentException when a setting is out of bounds
         */
        static Parts asleep(Settings settings, Clock clock)
        {
            ScheduledExecutorService executor = newExecutor();
            ExecutorService eraser = Executors.newSingleThreadExecutor(Scope::newThread);
            TicketKeyStore store = new MemoryTicketKeyStore();
            TicketKeyRingManager ring = new TicketKeyRingManager(store, settings.rotation(), clock, executor);
            SessionKeyStore sessionKeys = new HeapSessionKeyStore(settings.maxSessions(), clock);
            ClientIdentities identities =
                new ClientIdentities(() -> ring.ring().identityKey(), settings.ipv4Prefix(), settings.ipv6Prefix());
            ForgetList list = new ForgetList(ForgetLog.none(), settings.rotation().lifetime(), settings.maxForgotten(),
                settings.maxPrincipals(), clock);
            return new Parts(store, ring, sessionKeys, ForgetLog.none(), list,
                new Forgetting(list, identities, sessionKeys, clock, settings.clockSkew(), executor, eraser), executor, eraser,
                Optional.empty(), Optional.empty(), clock);
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
            return start(stores, Optional.empty(), settings, clock, mark);
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
        static Parts start(SharedStores stores, Optional<TicketKeyStore> keys, Settings settings, Clock clock, RingMark mark)
            throws TicketKeyStoreException
        {
            // A key is known to all for the lead before it seals, by whatever clock.
            Duration lead = settings.rotation().lead();
            Duration bound = lead.compareTo(settings.clockSkew()) < 0 ? lead : settings.clockSkew();
            TicketKeyStore store = null;
            ForgetLog log = null;
            try
            {
                stores.requireAccess(keys.isEmpty());
                ClusterClock time = new ClusterClock(clock, System::nanoTime, bound);
                ClockWatch watch = new ClockWatch(stores, time, nodeName());
                store = keys.isPresent() ? keys.get() : stores.ticketKeyStore();
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
                    "forgotten: set jetty.tlsResumption.forgetLogFile, or a ForgetLog beside that store", store.describe());
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
    interface Maker
    {
        /**
         * @return started ones
         * @throws TicketKeyStoreException when the ticket keys cannot be used
         * @throws IllegalStateException when a store, or the JVM, does not suit
         */
        Parts make() throws TicketKeyStoreException;

        /**
         * @return whether somebody may have sessions by the stores, though nobody has in this JVM: of an earlier start, or of others
         */
        boolean mayHaveSessions();

        /**
         * Closes the stores that were lent, but never needed.
         */
        void discard();
    }

    /**
     * A connector.
     */
    interface User
    {
        /**
         * @param parts to be used from now on
         */
        void attach(Parts parts);

        /**
         * @param parts to be used no more
         */
        void detach(Parts parts);
    }

    /**
     * Connectors that are to start together. Not thread-safe.
     */
    static final class Together
    {
        private final Map<String, Settings> named = new HashMap<>();
        private final List<Settings> all = new ArrayList<>();

        /**
         * @param name the connector's scope, null for one of its own
         * @param settings of the connector
         * @throws IllegalStateException when they do not go together with those of the others
         */
        void add(String name, Settings settings)
        {
            Settings known = name == null ? null : named.putIfAbsent(name, settings);
            if (known != null)
            {
                requireSame(name, known, settings);
            }
            all.forEach(other -> requireSameRotation(other, settings));
            all.add(settings);
        }
    }

    /**
     * @param name the scope's name
     * @param settings of the connector
     * @param clock tells the time
     * @param maker makes the parts, if the scope is new, when they are needed
     * @return the scope, to be {@linkplain #release() released}; asleep, if it is new
     * @throws IllegalStateException when the scope is there with other settings
     * @throws IllegalArgumentException when a setting is out of bounds
     */
    static Scope acquire(String name, Settings settings, Clock clock, Maker maker)
    {
        synchronized (SCOPES)
        {
            Scope scope = SCOPES.get(name);
            if (scope == null)
            {
                checkRotation(settings);
                scope = new Scope(name, settings, clock, maker);
                SCOPES.put(name, scope);
            }
            else
            {
                requireSame(name, scope.settings, settings);
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

    private static void requireSame(String name, Settings one, Settings other)
    {
        if (!one.equals(other))
        {
            throw new IllegalStateException("jetty.tlsResumption.scope is '" + name + "' for two connectors with different settings ("
                + one.differences(other) + "): give each a scope of its own, or the same settings");
        }
    }

    private static void checkRotation(Settings settings)
    {
        SCOPES.values().forEach(other -> requireSameRotation(other.settings, settings));
    }

    private static void requireSameRotation(Settings one, Settings other)
    {
        // Without a name the keys are in memory, and each scope has its own.
        boolean shared = !one.keys().isEmpty() && one.keys().equals(other.keys());
        if (shared && !one.rotation().equals(other.rotation()))
        {
            throw new IllegalStateException("jetty.tlsResumption.rotation differs for connectors that share the ticket keys in "
                + one.keys() + " (" + one.differences(other) + "): set the same jetty.tlsResumption.rotation.sealPeriod, .lead and "
                + ".lifetime (the longest maxSessionDuration) in both, or another jetty.tlsResumption.ticketKeyFile");
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

    /**
     * @return whether it has the stores in use
     */
    boolean isAwake()
    {
        return awake;
    }

    /**
     * Takes the stores into use, for good. Does nothing when that is done already, or the scope is closed.
     *
     * @throws TicketKeyStoreException when the ticket keys cannot be used; the scope stays asleep
     * @throws IllegalStateException when a store, or the JVM, does not suit; the scope stays asleep
     */
    synchronized void wake() throws TicketKeyStoreException
    {
        if (awake || closed)
        {
            return;
        }
        Parts asleep = parts;
        Parts made;
        lent = true;
        try
        {
            made = maker.make();
        }
        catch (TicketKeyStoreException | RuntimeException | Error e)
        {
            problem = String.valueOf(e.getMessage());
            throw e;
        }
        told.forEach(user -> user.detach(asleep));
        parts = made;
        awake = true;
        problem = "";
        told.forEach(user -> user.attach(made));
        // This may be its thread, which goes on.
        asleep.executor().shutdown();
        asleep.eraser().shutdown();
    }

    /**
     * {@linkplain #wake() Wakes} it if there may be sessions to forget.
     */
    void wakeToForget() throws TicketKeyStoreException
    {
        if (!awake && maker.mayHaveSessions())
        {
            wake();
        }
    }

    /**
     * @param user told of the parts, those of now included
     */
    synchronized void join(User user)
    {
        told.add(user);
        user.attach(parts);
    }

    /**
     * @param user told no more
     */
    synchronized void leave(User user)
    {
        if (told.remove(user))
        {
            user.detach(parts);
        }
    }

    /**
     * @param now the time
     * @return how this node gets on with each store outside its heap; empty when none is in use
     */
    List<StoreHealth> health(Instant now)
    {
        if (awake)
        {
            return parts.health(now);
        }
        String fault = problem;
        return fault.isEmpty() ? List.of() : List.of(new StoreHealth("ticket-keys", settings.keys(), Optional.empty(), Optional.empty(),
            OptionalLong.empty(), Optional.empty(), Optional.of(fault)));
    }

    void release()
    {
        synchronized (SCOPES)
        {
            if (--users == 0)
            {
                SCOPES.remove(name);
                close();
            }
        }
    }

    private synchronized void close()
    {
        closed = true;
        parts.close();
        // What was tried without success has closed them.
        if (!lent)
        {
            Parts.attempt("stores of the scope", maker::discard);
        }
    }
}
