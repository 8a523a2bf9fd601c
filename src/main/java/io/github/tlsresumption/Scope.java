package io.github.tlsresumption;

import java.io.IOException;
import java.time.Clock;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import io.github.tlsresumption.files.LibraryMismatch;
import io.github.tlsresumption.keys.TicketKeyStoreException;
import io.github.tlsresumption.resumption.ForgetOrder;
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
    /** A store that was refused may take its time to say so again. */
    private static final long RETRY_SECONDS = 10;
    private static final AtomicInteger UNNAMED = new AtomicInteger();
    private static final Map<String, Scope> SCOPES = new HashMap<>();

    private final String name;
    private final ScopeSettings settings;
    private final Maker maker;
    private final PostponedOrders postponed = new PostponedOrders();
    private volatile ScopeParts parts;
    private volatile boolean awake;
    private volatile String problem = "";

    // Under SCOPES:
    private int users;

    // Under this:
    private final Set<User> told = new LinkedHashSet<>();
    private boolean lent;
    private boolean closed;
    private ScheduledFuture<?> retries;

    /**
     * @param asleep its parts until it wakes
     */
    Scope(String name, ScopeSettings settings, Maker maker, ScopeParts asleep)
    {
        this.name = name;
        this.settings = settings;
        this.maker = maker;
        this.parts = asleep;
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
        ScopeParts make() throws TicketKeyStoreException;

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
        void attach(ScopeParts parts);

        /**
         * @param parts to be used no more
         */
        void detach(ScopeParts parts);
    }

    /**
     * @param name the scope's name
     * @param settings of the connector
     * @param clock tells the time
     * @param maker makes the parts, if the scope is new, when they are needed
     * @return the scope, to be {@linkplain #release() released}; asleep, if it is new
     * @throws IllegalStateException when the scope is there with other settings, or another one with the same ticket keys
     * @throws IllegalArgumentException when a setting is out of bounds
     */
    static Scope acquire(String name, ScopeSettings settings, Clock clock, Maker maker)
    {
        synchronized (SCOPES)
        {
            Scope scope = SCOPES.get(name);
            if (scope == null)
            {
                SCOPES.values().forEach(other -> other.settings.requireSameUse(settings));
                scope = new Scope(name, settings, maker, ScopeWiring.asleep(settings, clock));
                SCOPES.put(name, scope);
            }
            else
            {
                scope.settings.requireSame(name, settings);
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

    String name()
    {
        return name;
    }

    ScopeParts parts()
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
        ScopeParts asleep = parts;
        ScopeParts made;
        lent = true;
        try
        {
            made = maker.make();
        }
        catch (TicketKeyStoreException | RuntimeException | Error e)
        {
            problem = LibraryMismatch.messageOf(e);
            throw e;
        }
        told.forEach(user -> user.detach(asleep));
        parts = made;
        awake = true;
        problem = "";
        told.forEach(user -> user.attach(made));
        postponed.giveAllTo(made.forgetting());
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
     * Forgets somebody, also where the stores cannot be used by which there may be sessions to forget: then it is done as soon as they can
     * be, which is tried again every now and then and at the end.
     *
     * @param order says who
     * @throws IOException when others have not been told yet
     * @throws IllegalArgumentException when there can be nobody like that
     */
    void forget(ForgetOrder order) throws IOException
    {
        if (!awake && maker.mayHaveSessions() && !wakesToForget())
        {
            // Which judges it, and holds in this process.
            order.giveTo(parts.forgetting());
            if (postpone(order))
            {
                throw new IOException("forgotten in this process, but " + problem + ". Others do not know, which is tried again every "
                    + RETRY_SECONDS + " seconds");
            }
        }
        order.giveTo(parts.forgetting());
    }

    /*
     * Nobody waits for stores that could not be used a moment ago.
     */
    private boolean wakesToForget()
    {
        if (postponed.count() > 0)
        {
            return false;
        }
        try
        {
            wake();
            return true;
        }
        catch (TicketKeyStoreException | RuntimeException | LinkageError e)
        {
            LOG.debug("The cause", e);
            return false;
        }
    }

    /*
     * @return whether the stores are still not in use
     */
    private synchronized boolean postpone(ForgetOrder order)
    {
        if (awake)
        {
            return false;
        }
        if (postponed.add(order) && !closed)
        {
            LOG.warn("Scope {}: sessions were forgotten in this process only, since {}. The others are told as soon as possible: this is "
                + "tried every {} seconds, and when the server stops", name, problem, RETRY_SECONDS);
            if (retries == null)
            {
                retries = parts.executor().scheduleWithFixedDelay(this::retry, RETRY_SECONDS, RETRY_SECONDS, TimeUnit.SECONDS);
            }
        }
        return true;
    }

    private void retry()
    {
        try
        {
            if (hasPostponed())
            {
                wake();
                LOG.info("Scope {}: sessions that were forgotten in this process only are now forgotten everywhere", name);
            }
        }
        catch (Throwable e)
        {
            // What escapes would end the retries for good.
            LOG.debug("The cause", e);
        }
    }

    /*
     * Where the keys are gone meanwhile there are no sessions to forget, and none are made for that.
     */
    private boolean hasPostponed()
    {
        if (postponed.count() > 0 && !maker.mayHaveSessions())
        {
            postponed.clear();
        }
        return postponed.count() > 0;
    }

    /**
     * @return why others do not know of somebody who was forgotten; empty when they do
     */
    Optional<String> forgetProblem()
    {
        int count = awake ? 0 : postponed.count();
        return count == 0 ? parts.forgetList().problem()
            : Optional.of(count + " to be forgotten are known in this process only, as the stores cannot be used: " + problem);
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
        tryPostponedOnceMore();
        closed = true;
        parts.close();
        // What was tried without success has closed them.
        if (!lent)
        {
            ScopeParts.attempt("stores of the scope", maker::discard);
        }
    }

    private void tryPostponedOnceMore()
    {
        try
        {
            if (hasPostponed())
            {
                wake();
            }
        }
        catch (Throwable e)
        {
            // The stop goes on, whatever it is.
            LOG.warn("Scope {} ends, and no other process knows of {} orders to forget, since {}. Give them again, or drop the ticket "
                + "keys, once the cause is fixed", name, postponed.count(), problem, e);
        }
    }
}
