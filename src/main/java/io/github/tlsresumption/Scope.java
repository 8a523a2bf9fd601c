package io.github.tlsresumption;

import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;

import io.github.tlsresumption.keys.TicketKeyStoreException;
import io.github.tlsresumption.status.StoreHealth;

/**
 * What the connectors of one scope share in this JVM: key ring, session keys, and who has been forgotten. Made by the first
 * that starts, closed by the last that stops. Asleep until one of them may resume a session: it has no ticket keys then, and asks no
 * store. Thread-safe.
 */
final class Scope
{
    private static final String DEFAULT = "default";
    private static final AtomicInteger UNNAMED = new AtomicInteger();
    private static final Map<String, Scope> SCOPES = new HashMap<>();

    private final String name;
    private final ScopeSettings settings;
    private final Maker maker;
    private volatile ScopeParts parts;
    private volatile boolean awake;
    private volatile String problem = "";

    // Under SCOPES:
    private int users;

    // Under this:
    private final Set<User> told = new LinkedHashSet<>();
    private boolean lent;
    private boolean closed;

    private Scope(String name, ScopeSettings settings, Clock clock, Maker maker)
    {
        this.name = name;
        this.settings = settings;
        this.maker = maker;
        this.parts = ScopeWiring.asleep(settings, clock);
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
     * Connectors that are to start together. Not thread-safe.
     */
    static final class Together
    {
        private final Map<String, ScopeSettings> named = new HashMap<>();
        private final List<ScopeSettings> all = new ArrayList<>();

        /**
         * @param name the connector's scope, null for one of its own
         * @param settings of the connector
         * @throws IllegalStateException when they do not go together with those of the others
         */
        void add(String name, ScopeSettings settings)
        {
            ScopeSettings known = name == null ? null : named.putIfAbsent(name, settings);
            if (known != null)
            {
                requireSame(name, known, settings);
            }
            all.forEach(other -> other.requireSameUse(settings));
            all.add(settings);
        }
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

    private static void requireSame(String name, ScopeSettings one, ScopeSettings other)
    {
        if (!one.equals(other))
        {
            throw new IllegalStateException("jetty.tlsResumption.scope is '" + name + "' for two connectors with different settings ("
                + one.differences(other) + "): give each a scope of its own, or the same settings");
        }
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
            ScopeParts.attempt("stores of the scope", maker::discard);
        }
    }
}
