package io.github.tlsresumption.keys;

import java.time.Clock;
import java.time.Instant;
import java.util.Objects;
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

    private final TicketKeyStore store;
    private final KeyRotation rotation;
    private final Clock clock;
    private final ScheduledExecutorService executor;
    private final Supplier<byte[]> secrets;
    private final AtomicBoolean soon = new AtomicBoolean();
    private final ReentrantLock turn = new ReentrantLock();

    // Changed under turn, see each:
    private final RingInUse inUse;
    private final StoredRing stored;
    private final RingChanges changes;
    private final EmptyStore emptyStore;
    private final RotationByOthers byOthers;
    private final RingReport report;

    // Under turn:
    private ScheduledFuture<?> ticking;

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
        this.store = Objects.requireNonNull(store);
        this.rotation = Objects.requireNonNull(rotation);
        this.clock = Objects.requireNonNull(clock);
        this.executor = Objects.requireNonNull(executor);
        this.secrets = Objects.requireNonNull(secrets);
        this.inUse = new RingInUse(store, Objects.requireNonNull(mark));
        this.stored = new StoredRing(store, rotation, clock, secrets, mark, inUse);
        this.changes = new RingChanges(store, rotation, clock, secrets, mark, inUse, stored);
        this.emptyStore = new EmptyStore(store, Objects.requireNonNull(nanos), inUse, stored);
        this.byOthers = new RotationByOthers(store, rotation);
        this.report = new RingReport(store, inUse);
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
            stored.forget();
            emptyStore.restart();
            inUse.end();
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
        return inUse.ring();
    }

    /**
     * @return whether the ring in use began in this manager, so that no session is older than it
     */
    public boolean isFirst()
    {
        return inUse.isFirst();
    }

    /**
     * @return how the last contact with the store went
     */
    public KeyRingHealth health()
    {
        return report.health();
    }

    /**
     * @param listener told each new ring, one after the other; it must be quick and must not keep the ring's keys
     */
    public void addListener(Consumer<TicketKeyRing> listener)
    {
        inUse.addListener(listener);
    }

    /**
     * @param listener no longer told
     */
    public void removeListener(Consumer<TicketKeyRing> listener)
    {
        inUse.removeListener(listener);
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
            TicketKeyRing next = rotation.emptied(inUse.ring(), clock.instant());
            inUse.use(next);
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

    private TicketKeyRing operate(RingChanges.Change change) throws TicketKeyStoreException
    {
        turn.lock();
        try
        {
            requireStarted();
            Instant now = clock.instant();
            stored.reload(now);
            if (emptyStore.awaitsOthers())
            {
                throw new TicketKeyStoreException(Kind.UNAVAILABLE, store.describe() + " is empty, and another node may be about to "
                    + "bring its ticket keys: try again in " + store.settling().toSeconds() + " s");
            }
            return changes.make(change);
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
            stored.reload(now);
            if (!store.writable())
            {
                byOthers.requireRotated(inUse.ring(), now);
            }
            else if (!emptyStore.awaitsOthers())
            {
                changes.rotate(now);
            }
            report.healthy(now);
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
            failed(now, LibraryMismatch.messageOf(e), e);
        }
        finally
        {
            inUse.eraseEnded(now);
        }
    }

    private void failed(Instant now, String message, Throwable cause)
    {
        emptyStore.restart();
        report.failed(now, message, cause);
    }
}
