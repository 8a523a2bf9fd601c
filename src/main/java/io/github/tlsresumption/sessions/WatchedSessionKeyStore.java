package io.github.tlsresumption.sessions;

import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Predicate;

import io.github.tlsresumption.log.WarningThrottle;
import io.github.tlsresumption.ticket.StableId;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Knows how the last contact with a store outside this process went, and says now and then when it went wrong. A store that is full, or
 * lets nobody write, goes on answering what only reads: so a problem in writing lasts until something was written. Thread-safe.
 */
public final class WatchedSessionKeyStore implements SessionKeyStore
{
    private static final Logger LOG = LoggerFactory.getLogger(WatchedSessionKeyStore.class);
    private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(15);

    private final SessionKeyStore store;
    private final Clock clock;
    private final WarningThrottle warning = new WarningThrottle(Duration.ofMinutes(1));

    private volatile Instant lastContact;
    private volatile String problem;
    private volatile boolean unwritten;
    private volatile boolean closed;

    // Of the thread that warms:
    private Instant rehearsedAt = Instant.EPOCH;
    private Duration pause = FIRST_PAUSE;

    /**
     * @param store from now on this one's to close
     * @param clock the time
     */
    public WatchedSessionKeyStore(SessionKeyStore store, Clock clock)
    {
        this.store = store;
        this.clock = clock;
    }

    /**
     * @return when the store last answered; nothing when it never did
     */
    public Optional<Instant> lastContact()
    {
        return Optional.ofNullable(lastContact);
    }

    /**
     * @return what is wrong; nothing when the last contact went well
     */
    public Optional<String> problem()
    {
        return Optional.ofNullable(problem);
    }

    private interface Call<T>
    {
        T run() throws IOException;
    }

    private <T> T read(Call<T> call) throws IOException
    {
        return watched(call, false);
    }

    private <T> T written(Call<T> call) throws IOException
    {
        return watched(call, true);
    }

    private <T> T watched(Call<T> call, boolean writes) throws IOException
    {
        try
        {
            T result = call.run();
            lastContact = clock.instant();
            if (writes)
            {
                unwritten = false;
            }
            if (problem != null && !unwritten)
            {
                recovered();
            }
            return result;
        }
        catch (IOException e)
        {
            if (writes)
            {
                unwritten = true;
            }
            failed(e);
            throw e;
        }
    }

    private synchronized void recovered()
    {
        problem = null;
        if (warning.hasRecovered())
        {
            LOG.info("Session keys: the store answers again");
        }
    }

    private synchronized void failed(IOException cause)
    {
        // Whoever stops us ends what is under way, which says nothing about the store.
        if (closed || Thread.currentThread().isInterrupted())
        {
            LOG.debug("At the stop", cause);
            return;
        }
        problem = cause.getMessage() == null ? cause.toString() : cause.getMessage();
        if (warning.isDue(clock.instant()))
        {
            LOG.warn("Session keys: {}. Until this is fixed, clients of mode cache do full handshakes", problem);
        }
    }

    @Override
    public void put(SessionKey key) throws IOException
    {
        written(() ->
        {
            store.put(key);
            return null;
        });
    }

    @Override
    public boolean replace(SessionKey key, SessionKey next) throws IOException
    {
        return written(() -> store.replace(key, next));
    }

    @Override
    public boolean reserve(SessionKey key, long holder) throws IOException
    {
        return written(() -> store.reserve(key, holder));
    }

    @Override
    public boolean commit(SessionKey key, SessionKey next, long holder) throws IOException
    {
        return written(() -> store.commit(key, next, holder));
    }

    @Override
    public void release(SessionKey key, long holder) throws IOException
    {
        read(() ->
        {
            store.release(key, holder);
            return null;
        });
    }

    @Override
    public Optional<SessionKey> get(StableId id) throws IOException
    {
        return read(() -> store.get(id));
    }

    @Override
    public long removeIf(Predicate<SessionKey> forgotten) throws IOException
    {
        return read(() -> store.removeIf(forgotten));
    }

    @Override
    public long removeIf(Predicate<SessionKey> forgotten, Set<Long> subjects) throws IOException
    {
        return read(() -> store.removeIf(forgotten, subjects));
    }

    @Override
    public void warm() throws IOException
    {
        read(() ->
        {
            store.warm();
            return null;
        });
        Instant now = clock.instant();
        // Ever more rarely, as database servers write a line about each attempt. A clock that was set must not end the attempts.
        if (unwritten && Duration.between(rehearsedAt, now).abs().compareTo(pause) >= 0)
        {
            rehearsedAt = now;
            pause = pause.multipliedBy(2).compareTo(LONGEST_PAUSE) < 0 ? pause.multipliedBy(2) : LONGEST_PAUSE;
            Rehearsal.run(this, now);
        }
        if (!unwritten)
        {
            pause = FIRST_PAUSE;
        }
    }

    @Override
    public boolean shared()
    {
        return store.shared();
    }

    @Override
    public long size()
    {
        return store.size();
    }

    @Override
    public OptionalLong size(String rule)
    {
        return store.size(rule);
    }

    @Override
    public void close()
    {
        closed = true;
        store.close();
    }
}
