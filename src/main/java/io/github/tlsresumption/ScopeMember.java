package io.github.tlsresumption;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

import io.github.tlsresumption.engine.TicketProtector;
import io.github.tlsresumption.engine.TlsSession;
import io.github.tlsresumption.files.LibraryMismatch;
import io.github.tlsresumption.keys.KeyRotation;
import io.github.tlsresumption.keys.TicketKeyStoreException;
import io.github.tlsresumption.policy.ConnectorTerms;
import io.github.tlsresumption.policy.Deadline;
import io.github.tlsresumption.policy.ResumptionMode;
import io.github.tlsresumption.resumption.ConnectorResumption;
import io.github.tlsresumption.resumption.ResumptionStatistics;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The place of a factory in its scope: joins it at the start, wakes it when a session may be resumed, leaves it at the stop. Thread-safe.
 */
final class ScopeMember
{
    private static final Logger LOG = LoggerFactory.getLogger(ResumptionSslContextFactory.class);
    private static final String TLS13 = "TLSv1.3";
    private static final String TLS12 = "TLSv1.2";
    /** How often stores are tried again that the rules need by now, each time with a warning. */
    private static final long RETRY_PERIOD_NANOS = Duration.ofMinutes(10).toNanos();

    private final ResumptionSettings settings;
    private final ConnectorPolicy policy;
    private final Engine engine;
    private final ResumptionStatistics statistics;
    private final StartReport report;
    private final CurrentProtector protector = new CurrentProtector();
    private volatile Scope scope;
    private String ownScope;
    /** Once a session may have been resumed here the ticket keys matter, whatever the rules say later. */
    private volatile boolean resumes;
    private volatile Optional<Long> failedAt = Optional.empty();

    ScopeMember(ResumptionSettings settings, ConnectorPolicy policy, Engine engine, ResumptionStatistics statistics)
    {
        this.settings = settings;
        this.policy = policy;
        this.engine = engine;
        this.statistics = statistics;
        this.report = new StartReport(settings, policy, engine);
    }

    /**
     * @return its scope, from the start to the stop
     */
    Optional<Scope> scope()
    {
        return Optional.ofNullable(scope);
    }

    /**
     * @return its scope
     * @throws IllegalStateException when it is stopped
     */
    Scope started()
    {
        return scope().orElseThrow(() -> new IllegalStateException("not started"));
    }

    /**
     * @return seals and opens the tickets of its sessions; the same over restarts
     */
    TicketProtector protector()
    {
        return protector;
    }

    /**
     * @return whether a session may have been resumed since the start
     */
    boolean resumes()
    {
        return resumes;
    }

    /**
     * @return the time by which sessions and ticket keys end: the cluster's, where nodes share them
     */
    Instant now()
    {
        Scope current = scope;
        return current == null ? settings.clock.instant() : current.parts().clock().instant();
    }

    /**
     * @param session a session
     * @return whether it is past its deadline, or forgotten
     */
    boolean isOver(TlsSession session)
    {
        Scope current = scope;
        boolean expired = new Deadline(session.established(), session.deadline()).isOver(now());
        return expired || current != null && current.parts().forgetting().isForgotten(session);
    }

    /**
     * Finds or makes the scope, before the key store is loaded.
     *
     * @param terms of clients for whom no rule says otherwise
     * @param rotation of the ticket keys
     * @throws IllegalStateException when the scope is there with other settings
     */
    synchronized void begin(ConnectorTerms terms, KeyRotation rotation)
    {
        ScopeSettings shared = settings.scope(terms, rotation);
        if (settings.scopeName == null && ownScope == null)
        {
            ownScope = Scope.newName();
        }
        scope = Scope.acquire(settings.scopeName == null ? ownScope : settings.scopeName, shared, settings.clock,
            new ScopeStores(settings, shared, engine));
        use(scope.parts());
    }

    /**
     * @param parts of the scope, for the handshakes from now on
     */
    void use(ScopeParts parts)
    {
        protector.set(new ConnectorResumption(scope.name(), parts.listId(), policy, parts.ring()::ring, parts.sessionKeys(),
            parts.forgetting(), parts.clock(), parts.deadlines(), statistics));
    }

    /**
     * Ends the start, when the protocols that are enabled are known.
     *
     * @param user is told of the parts of the scope
     * @throws TicketKeyStoreException when the ticket keys cannot be used
     * @throws IllegalStateException when a store, or the JVM, does not suit
     */
    synchronized void join(Scope.User user) throws TicketKeyStoreException
    {
        boolean mayResume = mayResume();
        // Who ends connections must know who was forgotten.
        if (mayResume || settings.closeAtDeadline)
        {
            scope.wake();
        }
        warmSessionKeys(true);
        scope.parts().sessionKeysMismatch().ifPresent(mismatch ->
        {
            throw new IllegalStateException("the session keys of mode cache cannot be read or written: " + mismatch);
        });
        resumes = mayResume;
        scope.join(user);
    }

    /**
     * Tells the operator how sessions are resumed.
     */
    void report()
    {
        report.log(scope, resumes, now());
    }

    /**
     * Takes the stores into use where the rules, or the protocols, have changed so that some client may resume after all. Throws nothing.
     */
    synchronized void rouse()
    {
        Scope current = scope;
        if (current == null || resumes || !mayResume())
        {
            return;
        }
        try
        {
            current.wake();
            if (scope != current || !current.isAwake())
            {
                // It has stopped meanwhile.
                return;
            }
            warmSessionKeys(false);
            resumes = true;
            failedAt = Optional.empty();
            report();
        }
        catch (Throwable e)
        {
            // Whatever it is, the server goes on with full handshakes.
            failedAt = Optional.of(System.nanoTime());
            LOG.warn("Sessions of scope {} may be resumed now, but there are no ticket keys, so handshakes are full: {}. It is tried "
                + "again in 10 minutes, or when the rules are read again", current.name(), LibraryMismatch.messageOf(e));
        }
    }

    /**
     * {@linkplain #rouse() Rouses} unless that has failed a short while ago.
     */
    void rouseAgain()
    {
        if (failedAt.isEmpty() || System.nanoTime() - failedAt.get() > RETRY_PERIOD_NANOS)
        {
            rouse();
        }
    }

    /**
     * Connectors of mode ticket alone leave the store of the session keys alone.
     *
     * @param atStart whether to wait until the store is warm, though not for long
     */
    void warmSessionKeys(boolean atStart)
    {
        Scope current = scope;
        if (current == null || !current.isAwake())
        {
            return;
        }
        boolean needed = settings.mode == ResumptionMode.CACHE && engine.enables(TLS13)
            || settings.tls12Mode() == ResumptionMode.CACHE && engine.enables(TLS12)
            || policy.mayChoose(ResumptionMode.CACHE);
        if (needed)
        {
            current.parts().needSessionKeys(this, atStart);
        }
        else
        {
            current.parts().releaseSessionKeys(this);
        }
    }

    /**
     * @return whether some client may have its sessions resumed here, by the rules in force
     */
    private boolean mayResume()
    {
        return policy.mayResume(TLS13) && engine.enables(TLS13) || policy.mayResume(TLS12) && engine.enables(TLS12);
    }

    /**
     * Has handshakes counted by the rules in force.
     */
    void takeRules()
    {
        synchronized (statistics)
        {
            statistics.setRules(policy.names());
        }
    }

    /**
     * Leaves the scope, if it is in one. Waits for who takes its stores into use.
     *
     * @param user is told no more
     */
    synchronized void leave(Scope.User user)
    {
        if (scope != null)
        {
            scope.parts().releaseSessionKeys(this);
            scope.leave(user);
            scope.release();
            scope = null;
        }
        resumes = false;
        failedAt = Optional.empty();
    }
}
