package io.github.tlsresumption;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

import io.github.tlsresumption.jetty.OpenConnections;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The periodic work of a factory, by the thread of its scope: it renews the engine's ticket key, looks whether the rules have changed, and
 * ends sessions in the engine's cache and open connections, the latter two also when somebody was forgotten.
 */
final class Duties implements Scope.User
{
    private static final Logger LOG = LoggerFactory.getLogger(ResumptionSslContextFactory.class);
    private static final long SWEEP_PERIOD = 1;
    /** How often, in seconds, it is noticed that a policy of the application's own has become stricter. */
    private static final long CACHE_PERIOD = 60;

    private final ResumptionSettings settings;
    private final ConnectorPolicy policy;
    private final Engine engine;
    private final ScopeMember member;
    private final OpenConnections connections;
    private final List<ScheduledFuture<?>> duties = new ArrayList<>();
    private final Runnable sweep = this::sweep;
    private final Runnable endCached = this::endCached;
    private final Runnable cache;

    Duties(ResumptionSettings settings, ConnectorPolicy policy, Engine engine, ScopeMember member, OpenConnections connections)
    {
        this.settings = settings;
        this.policy = policy;
        this.engine = engine;
        this.member = member;
        this.connections = connections;
        this.cache = engine::forgetCachedSessions;
    }

    @Override
    public void attach(ScopeParts parts)
    {
        member.use(parts);
        ScheduledExecutorService executor = parts.executor();
        parts.forgetting().addCache(cache);
        engine.renewalPeriod().map(Duration::toMillis).ifPresent(period ->
            duties.add(executor.scheduleAtFixedRate(this::renew, period, period, TimeUnit.MILLISECONDS)));
        duties.add(executor.scheduleWithFixedDelay(this::watch, SWEEP_PERIOD, SWEEP_PERIOD, TimeUnit.SECONDS));
        parts.forgetting().addListener(endCached);
        duties.add(executor.scheduleWithFixedDelay(endCached, CACHE_PERIOD, CACHE_PERIOD, TimeUnit.SECONDS));
        if (settings.closeAtDeadline)
        {
            parts.forgetting().bindAll();
            parts.forgetting().addListener(sweep);
            duties.add(executor.scheduleWithFixedDelay(sweep, SWEEP_PERIOD, SWEEP_PERIOD, TimeUnit.SECONDS));
        }
    }

    @Override
    public void detach(ScopeParts parts)
    {
        duties.forEach(duty -> duty.cancel(false));
        duties.clear();
        parts.forgetting().removeListener(sweep);
        parts.forgetting().removeListener(endCached);
        parts.forgetting().removeCache(cache);
    }

    private void renew()
    {
        try
        {
            engine.renew();
        }
        catch (Throwable e)
        {
            // What escapes would end the renewals for good.
            LOG.warn("The TLS engine's ticket key could not be renewed: resumption by ticket may fail until it is", e);
        }
    }

    private void watch()
    {
        try
        {
            if (policy.poll())
            {
                rulesHaveChanged();
            }
            else
            {
                member.rouseAgain();
            }
            engine.endExpiredSessions(member.now());
        }
        catch (Throwable e)
        {
            // What escapes would end the watch for good.
            LOG.warn("The rules could not be checked for changes: those in force stay", e);
        }
    }

    /**
     * To be called when other rules are in force.
     */
    void rulesHaveChanged()
    {
        member.takeRules();
        endCached();
        member.warmSessionKeys(false);
        member.rouse();
    }

    /**
     * The sessions of clients without tickets, in the engine's cache, are screened when they are offered; what has ended leaves the cache
     * without waiting for that.
     */
    private void endCached()
    {
        try
        {
            engine.endCachedSessions();
        }
        catch (Throwable e)
        {
            // What escapes would end the listeners' calls, or this one's for good.
            LOG.warn("Sessions that have ended could not be taken out of the TLS engine's cache: they are refused until they are", e);
        }
    }

    private void sweep()
    {
        try
        {
            connections.sweep();
        }
        catch (Throwable e)
        {
            // What escapes would end the sweeps for good.
            LOG.warn("Open connections could not be checked: those whose session is over stay open until the next check that succeeds", e);
        }
    }
}
