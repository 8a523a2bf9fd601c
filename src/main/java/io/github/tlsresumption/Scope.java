package io.github.tlsresumption;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicInteger;

import io.github.tlsresumption.keys.KeyRotation;
import io.github.tlsresumption.keys.TicketKeyRingManager;
import io.github.tlsresumption.keys.TicketKeyStore;
import io.github.tlsresumption.keys.TicketKeyStoreException;
import io.github.tlsresumption.policy.ConnectorTerms;
import io.github.tlsresumption.sessions.SessionKeyStore;

/**
 * What the connectors of one scope share in this JVM: key ring and session keys. Made by the first that starts,
 * closed by the last that stops. Thread-safe.
 */
final class Scope
{
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
     */
    record Settings(ConnectorTerms terms, KeyRotation rotation, String keys, long maxSessions)
    {
    }

    /**
     * What is shared.
     *
     * @param store holds the ring
     * @param ring keeps it in memory
     * @param sessionKeys of mode cache
     * @param executor does what is done in the background
     */
    record Parts(TicketKeyStore store, TicketKeyRingManager ring, SessionKeyStore sessionKeys, ScheduledExecutorService executor)
    {
        void close()
        {
            executor.shutdownNow();
            ring.stop();
            store.close();
            sessionKeys.close();
        }
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
