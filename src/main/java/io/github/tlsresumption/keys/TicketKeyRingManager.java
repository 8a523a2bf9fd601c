package io.github.tlsresumption.keys;

import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

import io.github.tlsresumption.files.LibraryMismatch;
import io.github.tlsresumption.keys.TicketKeyStoreException.Kind;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a ring in memory in step with a store and with time: reads what others wrote, rotates when it is time, erases
 * what has ended. Many managers, in one process or in many, work on one store without knowing each other.
 *
 * <p>A key is never in {@link #ring} before it is safely in the store, so none seals that others cannot get to know.
 *
 * <p>Trouble with the store or with the generator of keys never ends the work: the ring stays, the fault shows in
 * {@link #health} and now and then in the log, and each {@link #tick} tries again. Ended keys are erased from memory all
 * the same. A ring in the store that {@link KeyRotation#illegal} objects to is not taken and not overwritten, except one from which
 * the ring in use has come: such a store has gone back, to a backup or a copy that lagged behind, and is given what it has lost. Where no
 * ring is in use yet, {@link RingMark} tells that a store has gone back: then every key in it is dropped before it opens anything.
 *
 * <p>A store that is not {@linkplain TicketKeyStore#writable() writable} is read alone. Whoever writes it must bring each key in time; that
 * nobody has done so is a fault, which shows before the last key stops sealing.
 *
 * <p>Safe for use by many threads. {@link #ring} never waits; what asks the store does, and takes turns.
 */
public final class TicketKeyRingManager
{
    private static final Logger LOG = LoggerFactory.getLogger(TicketKeyRingManager.class);
    private static final Duration SAME_WARNING_EVERY = Duration.ofMinutes(10);
    private static final Duration ANY_WARNING_EVERY = Duration.ofSeconds(10);
    private static final int ATTEMPTS = 8;

    private final TicketKeyStore store;
    private final KeyRotation rotation;
    private final Clock clock;
    private final LongSupplier nanos;
    private final ScheduledExecutorService executor;
    private final Supplier<byte[]> secrets;
    private final RingMark mark;
    private final List<Consumer<TicketKeyRing>> listeners = new CopyOnWriteArrayList<>();
    private final AtomicBoolean soon = new AtomicBoolean();
    private final ReentrantLock turn = new ReentrantLock();

    private volatile TicketKeyRing ring = TicketKeyRing.empty();
    private volatile boolean isFirst;
    private volatile KeyRingHealth health = new KeyRingHealth(0, Optional.empty(), Optional.empty());

    // Under turn:
    private ScheduledFuture<?> ticking;
    private String stamp;
    private long storedVersion;
    /** By {@code nanos}: a clock that is set meanwhile must not end the wait. */
    private Long emptySince;
    private String warning = "";
    private Instant warnedAt = Instant.EPOCH;
    private boolean warned;

    /**
     * @param store not closed by the manager
     * @param rotation the same for all that share the store
     * @param clock the time
     * @param executor runs {@link #tick}; not shut down by the manager
     */
    public TicketKeyRingManager(TicketKeyStore store, KeyRotation rotation, Clock clock, ScheduledExecutorService executor)
    {
        this(store, rotation, clock, executor, RingMark.NONE);
    }

    /**
     * @param store not closed by the manager
     * @param rotation the same for all that share the store
     * @param clock the time
     * @param executor runs {@link #tick}; not shut down by the manager
     * @param mark remembers the version of the ring outside the store
     */
    public TicketKeyRingManager(TicketKeyStore store, KeyRotation rotation, Clock clock, ScheduledExecutorService executor, RingMark mark)
    {
        this(store, rotation, clock, System::nanoTime, executor, mark, KeyRotation::newSecret);
    }

    /**
     * @param store not closed by the manager
     * @param rotation the same for all that share the store
     * @param clock the time
     * @param nanos counts nanoseconds, whatever the time is
     * @param executor runs {@link #tick}; not shut down by the manager
     * @param mark remembers the version of the ring outside the store
     */
    public TicketKeyRingManager(TicketKeyStore store, KeyRotation rotation, Clock clock, LongSupplier nanos,
        ScheduledExecutorService executor, RingMark mark)
    {
        this(store, rotation, clock, nanos, executor, mark, KeyRotation::newSecret);
    }

    TicketKeyRingManager(TicketKeyStore store, KeyRotation rotation, Clock clock, ScheduledExecutorService executor,
        Supplier<byte[]> secrets)
    {
        this(store, rotation, clock, System::nanoTime, executor, RingMark.NONE, secrets);
    }

    private TicketKeyRingManager(TicketKeyStore store, KeyRotation rotation, Clock clock, LongSupplier nanos,
        ScheduledExecutorService executor, RingMark mark, Supplier<byte[]> secrets)
    {
        this.nanos = Objects.requireNonNull(nanos);
        this.mark = Objects.requireNonNull(mark);
        this.store = Objects.requireNonNull(store);
        this.rotation = Objects.requireNonNull(rotation);
        this.clock = Objects.requireNonNull(clock);
        this.executor = Objects.requireNonNull(executor);
        this.secrets = Objects.requireNonNull(secrets);
    }

    /**
     * Reads the ring, or makes the first one, and from then on ticks in the background. Where the store is only
     * {@link Kind#UNAVAILABLE} the start succeeds without keys, which come with a later tick.
     *
     * @throws TicketKeyStoreException when what is in the store must not be used until an operator mends it
     * @throws IllegalStateException when already started
     */
    public void start() throws TicketKeyStoreException
    {
        turn.lock();
        try
        {
            if (ticking != null)
            {
                throw new IllegalStateException("already started");
            }
            attempt();
            // Several ticks in each lead, so that a successor is never late for want of a tick.
            long millis = Math.max(1, Math.min(store.pollInterval().toMillis(), rotation.lead().toMillis() / 4));
            ticking = executor.scheduleWithFixedDelay(this::tick, millis, millis, TimeUnit.MILLISECONDS);
        }
        finally
        {
            turn.unlock();
        }
    }

    /**
     * Ends the ticks and overwrites every key in memory; the store keeps its ring. {@link #ring} is empty from then on,
     * until the next start.
     */
    public void stop()
    {
        turn.lock();
        try
        {
            if (ticking != null)
            {
                ticking.cancel(false);
                ticking = null;
            }
            stamp = null;
            storedVersion = 0;
            emptySince = null;
            isFirst = false;
            use(TicketKeyRing.empty());
        }
        finally
        {
            turn.unlock();
        }
    }

    /**
     * @return the ring in use, empty before the start and as long as no store has answered
     */
    public TicketKeyRing ring()
    {
        return ring;
    }

    /**
     * @return whether the ring in use began in this manager, so that no session is older than it
     */
    public boolean isFirst()
    {
        return isFirst;
    }

    /**
     * @return how the last contact with the store went
     */
    public KeyRingHealth health()
    {
        return health;
    }

    /**
     * @param listener told each new ring, one after the other; it must be quick and must not keep the ring's keys
     */
    public void addListener(Consumer<TicketKeyRing> listener)
    {
        listeners.add(listener);
    }

    /**
     * @param listener no longer told
     */
    public void removeListener(Consumer<TicketKeyRing> listener)
    {
        listeners.remove(listener);
    }

    /**
     * Does what is due: reads a ring that changed, rotates, erases. Runs in the background; a further call does no harm.
     * Throws nothing. Does nothing unless started.
     */
    public void tick()
    {
        turn.lock();
        try
        {
            if (ticking != null)
            {
                attempt();
            }
        }
        catch (TicketKeyStoreException e)
        {
            LOG.debug("tick", e);
        }
        finally
        {
            turn.unlock();
        }
    }

    /**
     * {@linkplain #tick() Ticks} by the executor, at once. Cheap when that is about to happen anyway.
     */
    public void tickSoon()
    {
        if (!soon.compareAndSet(false, true))
        {
            return;
        }
        try
        {
            executor.execute(() ->
            {
                soon.set(false);
                tick();
            });
        }
        catch (RejectedExecutionException e)
        {
            LOG.debug("The connectors have stopped", e);
        }
    }

    /**
     * Brings a new key before its time. Where others read the store it begins to seal after the lead, else at once;
     * the tickets sealed until then stay good.
     *
     * @return the new ring, in use and in the store
     * @throws TicketKeyStoreException when the store does not take it; nothing has changed unless the store's answer was lost
     * @throws IllegalStateException when not started
     */
    public TicketKeyRing rotateNow() throws TicketKeyStoreException
    {
        return operate((from, now) -> rotation.rotated(from, now, secrets, store.shared()));
    }

    /**
     * Drops every key: no ticket opens any more, here at once and elsewhere as soon as the others read the store. One new
     * key seals at once. Where somebody else writes the store the keys are dropped in this process alone, and no key seals until other
     * ones are in the store.
     *
     * @return the new ring, in use, and in the store where that is written here
     * @throws TicketKeyStoreException when the store does not take it; nothing has changed unless the store's answer was lost
     * @throws IllegalStateException when not started
     */
    public TicketKeyRing dropAll() throws TicketKeyStoreException
    {
        if (!store.writable())
        {
            return dropHere();
        }
        return operate((from, now) -> rotation.dropped(from, now, secrets));
    }

    private TicketKeyRing dropHere()
    {
        turn.lock();
        try
        {
            requireStarted();
            TicketKeyRing next = rotation.emptied(ring, clock.instant());
            use(next);
            LOG.warn("Ticket keys: those of {} are dropped in this process, and not used by it until the file has others: use 'keys drop'"
                + " on the original and mount it on every node", store.describe());
            return next;
        }
        finally
        {
            turn.unlock();
        }
    }

    private void requireStarted()
    {
        if (ticking == null)
        {
            throw new IllegalStateException("not started");
        }
    }

    private interface Change
    {
        TicketKeyRing apply(TicketKeyRing from, Instant now);
    }

    private TicketKeyRing operate(Change change) throws TicketKeyStoreException
    {
        turn.lock();
        try
        {
            requireStarted();
            Instant now = clock.instant();
            reload(now);
            if (awaitsOthers())
            {
                throw new TicketKeyStoreException(Kind.UNAVAILABLE, store.describe() + " is empty, and another node may be about to "
                    + "bring its ticket keys: try again in " + store.settling().toSeconds() + " s");
            }
            for (int attempt = 0; attempt < ATTEMPTS; attempt++)
            {
                TicketKeyRing next = change.apply(ring, clock.instant());
                if (replace(next))
                {
                    return ring;
                }
            }
            throw neverAtRest();
        }
        finally
        {
            turn.unlock();
        }
    }

    /*
     * Throws only what an operator must mend; everything else shows in the health.
     */
    private void attempt() throws TicketKeyStoreException
    {
        Instant now = clock.instant();
        try
        {
            reload(now);
            if (!store.writable())
            {
                requireRotated(now);
            }
            else if (!awaitsOthers())
            {
                rotate(now);
            }
            healthy(now);
        }
        catch (TicketKeyStoreException e)
        {
            // At the start whoever starts says so.
            if (ticking == null && e.kind() == Kind.REFUSED)
            {
                throw e;
            }
            failed(now, e.getMessage(), e);
            if (e.kind() == Kind.REFUSED)
            {
                throw e;
            }
        }
        catch (Throwable e)
        {
            // Before the first tick: classes that do not fit together, or memory that does not suffice, are no better later.
            if (ticking == null && e instanceof Error)
            {
                throw new TicketKeyStoreException(Kind.REFUSED, "the ticket keys cannot be read or written: "
                    + LibraryMismatch.explain(e).orElse(e.toString()), e);
            }
            // An Error too: thrown on, it would end the ticks for ever.
            failed(now, LibraryMismatch.explain(e).orElseGet(() -> e.getMessage() == null ? e.toString() : e.getMessage()), e);
        }
        finally
        {
            eraseEnded(now);
        }
    }

    /*
     * An empty store may just have lost a ring that another node still has: a second one beside it would split the cluster.
     */
    private boolean awaitsOthers()
    {
        if (ring.version() > 0 || storedVersion > 0)
        {
            emptySince = null;
            return false;
        }
        if (emptySince == null)
        {
            emptySince = nanos.getAsLong();
            if (!store.settling().isZero())
            {
                LOG.info("{} is empty: unless another node brings its ticket keys the first one is made in {} s", store.describe(),
                    store.settling().toSeconds());
            }
        }
        return nanos.getAsLong() - emptySince < store.settling().toNanos();
    }

    /*
     * A quarter of the time for which the last key seals is enough to act, and longer than whoever rotates in time lets it become.
     */
    private void requireRotated(Instant now) throws TicketKeyStoreException
    {
        Optional<TicketKey> last = ring.keys().stream().max(Comparator.comparing(TicketKey::sealUntil));
        if (ring.sealing(now).isEmpty())
        {
            throw new TicketKeyStoreException(Kind.UNAVAILABLE, "no key in " + store.describe() + " seals new tickets, so clients make"
                + " full handshakes: use 'keys rotate' on the original and mount it");
        }
        TicketKey key = last.orElseThrow();
        Duration quarter = Duration.between(key.sealFrom(), key.sealUntil()).dividedBy(4);
        Duration notice = quarter.compareTo(rotation.lead()) > 0 ? quarter : rotation.lead();
        if (!now.isBefore(key.sealUntil().minus(notice)))
        {
            throw new TicketKeyStoreException(Kind.UNAVAILABLE, "nobody has rotated the keys in " + store.describe() + " in time: the last"
                + " one seals until " + key.sealUntil() + ", and then clients make full handshakes: use 'keys rotate' on the original and"
                + " mount it");
        }
    }

    private void rotate(Instant now) throws TicketKeyStoreException
    {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++)
        {
            RuntimeException noKey = null;
            TicketKeyRing next;
            try
            {
                next = rotation.next(ring, now, secrets);
            }
            catch (RuntimeException e)
            {
                // What has ended must leave the store all the same.
                noKey = e;
                next = rotation.erased(ring, now);
            }
            if (next == ring && storedVersion < ring.version())
            {
                next = ring.again();
            }
            // Else it would be taken for an old one at the next start.
            if (ring.version() == 0 && next != ring && next.version() <= mark.version())
            {
                next = next.atVersion(Math.addExact(mark.version(), 1));
            }
            if (next == ring || replace(next))
            {
                if (noKey != null)
                {
                    throw new IllegalStateException("no new ticket key can be made: " + noKey, noKey);
                }
                return;
            }
        }
        throw neverAtRest();
    }

    private void reload(Instant now) throws TicketKeyStoreException
    {
        String present = store.stamp();
        if (present.equals(stamp))
        {
            return;
        }
        // Until the ring is taken the stamp counts as unseen, so that each tick tries again.
        stamp = null;
        Optional<TicketKeyRing> loaded = store.load();
        if (loaded.isPresent() && hasGoneBack(loaded.get(), now))
        {
            loaded.get().destroyKeys();
        }
        else if (loaded.isPresent() && ring.version() == 0 && loaded.get().version() < mark.version())
        {
            dropOld(loaded.get(), now);
            return;
        }
        else if (loaded.isPresent())
        {
            take(loaded.get(), now);
        }
        storedVersion = loaded.map(TicketKeyRing::version).orElse(0L);
        stamp = present;
    }

    /*
     * It is not said more than once, as the ring in use is written over it next.
     */
    private boolean hasGoneBack(TicketKeyRing loaded, Instant now)
    {
        if (loaded.version() >= ring.version() || rotation.illegal(loaded, ring, now).isPresent())
        {
            return false;
        }
        LOG.warn("Ticket keys: {} has gone back from ring version {} to {}, as from a backup or a copy that lagged behind; the ring in "
            + "use {}", store.describe(), ring.version(), loaded.version(), store.writable() ? "is written over it" : "stays in use");
        return true;
    }

    /*
     * Nobody has it in use. Where others start too, one of them drops it and the others read what that one has written.
     */
    private void dropOld(TicketKeyRing old, Instant now) throws TicketKeyStoreException
    {
        long version = old.version();
        long known = mark.version();
        if (!store.writable())
        {
            old.destroyKeys();
            throw new TicketKeyStoreException(Kind.REFUSED, store.describe() + " has an old ring, version " + version + ", but version "
                + known + " was there already, and its keys may have been dropped since: use 'keys rotate' on the newest one and mount it."
                + " To use the old one on purpose, remove this node's file of the ring's version ('.version') and its forget list");
        }
        TicketKeyRing next = rotation.dropped(old, now, secrets).atVersion(Math.addExact(known, 1));
        boolean stored = false;
        try
        {
            stored = store.compareAndSet(version, next);
        }
        finally
        {
            old.destroyKeys();
            if (!stored)
            {
                next.destroyKeys();
            }
        }
        if (stored)
        {
            LOG.warn("Ticket keys: {} has an old ring, version {}, but version {} was there already: it was put back from a backup. Its "
                + "keys, which may have been dropped since, are not used; version {} has a new one, and everyone established before needs "
                + "a full handshake. To use a ring that was put back on purpose, stop all servers and remove their files of the ring's "
                + "version (the key file's name and '.version') and the forget list as well", store.describe(), version, known,
                next.version());
            storedVersion = next.version();
            use(next);
        }
    }

    private void take(TicketKeyRing loaded, Instant now) throws TicketKeyStoreException
    {
        Optional<String> fault = rotation.illegal(ring, loaded, now);
        if (fault.isPresent())
        {
            loaded.destroyKeys();
            throw new TicketKeyStoreException(Kind.REFUSED, "the ring in " + store.describe() + " is not taken: " + fault.get()
                + ". Version " + ring.version() + " stays in use; put that back, or remove what is there and it is written anew");
        }
        if (ring.hasContentsOf(loaded))
        {
            loaded.destroyKeys();
            return;
        }
        List<TicketKey> keys = new ArrayList<>();
        for (TicketKey key : loaded.keys())
        {
            keys.add(inUse(key));
        }
        keys.stream().filter(key -> ring.find(key.id()).isEmpty()).filter(this::isShort).findFirst().ifPresent(this::sayThatItIsShort);
        use(new TicketKeyRing(loaded.version(), loaded.identityKey(), keys, loaded.dropped()));
    }

    private boolean isShort(TicketKey key)
    {
        return Duration.between(key.sealUntil(), key.openUntil()).compareTo(rotation.lifetime()) < 0;
    }

    private void sayThatItIsShort(TicketKey key)
    {
        LOG.warn("Ticket keys: a key in {} opens for {} s after its last seal, less than the {} s of this process, so sessions under it "
            + "end early. It was made with another jetty.tlsResumption.rotation.lifetime, or maxSessionDuration: set the same on all "
            + "nodes. To rotate now brings a key by the setting of the node that does it", store.describe(),
            Duration.between(key.sealUntil(), key.openUntil()).toSeconds(), rotation.lifetime().toSeconds());
    }

    /*
     * The key as handshakes under way have it, rather than its equal just loaded.
     */
    private TicketKey inUse(TicketKey loaded)
    {
        Optional<TicketKey> known = ring.find(loaded.id()).filter(key -> key.hasSecretOf(loaded));
        if (known.isEmpty())
        {
            return loaded;
        }
        TicketKey key = known.get().hasTimesOf(loaded) ? known.get() : known.get().withTimesOf(loaded);
        loaded.destroy();
        return key;
    }

    private boolean replace(TicketKeyRing next) throws TicketKeyStoreException
    {
        boolean stored = false;
        try
        {
            stored = store.compareAndSet(storedVersion, next);
        }
        finally
        {
            // Won, lost or unknown: what is in the store now is looked at again.
            stamp = null;
            if (!stored)
            {
                next.keys().stream().filter(key -> ring.find(key.id()).isEmpty()).forEach(TicketKey::destroy);
            }
        }
        if (stored)
        {
            isFirst |= ring.version() == 0 && storedVersion == 0;
            storedVersion = next.version();
            use(next);
        }
        else
        {
            reload(clock.instant());
        }
        return stored;
    }

    private void use(TicketKeyRing next)
    {
        TicketKeyRing old = ring;
        ring = next;
        old.keys().stream().filter(key -> next.find(key.id()).isEmpty()).forEach(TicketKey::destroy);
        remember(next);
        for (Consumer<TicketKeyRing> listener : listeners)
        {
            try
            {
                listener.accept(next);
            }
            catch (RuntimeException e)
            {
                LOG.warn("a listener for ticket keys failed", e);
            }
        }
    }

    private void remember(TicketKeyRing next)
    {
        try
        {
            if (next.version() > mark.version())
            {
                mark.raise(next.version());
            }
        }
        catch (IOException e)
        {
            LOG.warn("Ticket keys: ring version {} is not remembered outside {}, so that an older one may be put back unnoticed: {}",
                next.version(), store.describe(), e.getMessage());
        }
    }

    private void eraseEnded(Instant now)
    {
        ring.keys().stream().filter(key -> key.state(now) == TicketKey.State.ENDED).forEach(TicketKey::destroy);
    }

    private void healthy(Instant now)
    {
        if (warned)
        {
            LOG.info("Ticket keys: all is well again with {}, ring version {}", store.describe(), ring.version());
        }
        warned = false;
        health = new KeyRingHealth(ring.version(), Optional.of(now), Optional.empty());
    }

    private void failed(Instant now, String message, Throwable cause)
    {
        // What happens while it cannot be seen does not count.
        emptySince = null;
        health = new KeyRingHealth(ring.version(), health.lastContact(), Optional.of(message));
        Duration silence = Duration.between(warnedAt, now).abs();
        // Whoever stops us interrupts what is under way, which says nothing about the store.
        if (Thread.currentThread().isInterrupted())
        {
            LOG.debug("At the stop", cause);
        }
        else if (silence.compareTo(message.equals(warning) ? SAME_WARNING_EVERY : ANY_WARNING_EVERY) >= 0)
        {
            LOG.warn("Ticket keys: {}. {}", message, ring.exposure(now)
                .map(exposure -> "Ring version " + ring.version() + " stays in use, its last key opens until " + exposure.until())
                .orElse("There is no key to go on with, every handshake is full"));
            LOG.debug("The cause", cause);
            warning = message;
            warnedAt = now;
            warned = true;
        }
    }

    private TicketKeyStoreException neverAtRest()
    {
        return new TicketKeyStoreException(Kind.UNAVAILABLE, "the ring in " + store.describe() + " changed " + ATTEMPTS
            + " times meanwhile");
    }
}
