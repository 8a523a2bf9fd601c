package io.github.tlsresumption.openssl;

import java.nio.ByteBuffer;
import java.time.Clock;
import java.time.Instant;
import java.util.Collections;
import java.util.Enumeration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSessionContext;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.github.tlsresumption.engine.CachedSession;
import io.github.tlsresumption.engine.TicketProtector;

/**
 * The sessions of TLS 1.2 that clients without tickets name by their ids (RFC 5246 section 7.3), in the heap. As a session context it takes
 * the settings of such a cache and shows nobody its sessions. Thread-safe.
 */
final class SessionCache implements SSLSessionContext
{
    /** As many as SunJSSE keeps by itself. */
    private static final int DEFAULT_SIZE = 20_480;
    private static final int UNBOUNDED = Integer.MAX_VALUE;

    private final TicketProtector protector;
    private final Clock clock;
    private final Cache<ByteBuffer, Entry> sessions = Caffeine.newBuilder().maximumSize(DEFAULT_SIZE).executor(Runnable::run).build();
    private final AtomicLong nextDeadline = new AtomicLong(Long.MAX_VALUE);
    private final AtomicLong generation = new AtomicLong();
    private volatile int size = DEFAULT_SIZE;
    private volatile int timeout = ContextOptions.SESSION_SECONDS;

    /**
     * @param protector says which sessions are over
     * @param clock tells the time
     */
    SessionCache(TicketProtector protector, Clock clock)
    {
        this.protector = protector;
        this.clock = clock;
    }

    /**
     * A session and what is known of it.
     *
     * @param session what is known
     * @param state with the secret
     */
    record Entry(CachedSession session, byte[] state)
    {
        /**
         * @return nothing of the state
         */
        @Override
        public String toString()
        {
            return "Entry";
        }
    }

    /**
     * @return a number that rises when all sessions are ended
     */
    long generation()
    {
        return generation.get();
    }

    /**
     * @param entry a new session
     * @param since what {@link #generation} was when its handshake began
     */
    void put(Entry entry, long since)
    {
        ByteBuffer id = ByteBuffer.wrap(entry.session().id());
        sessions.put(id, entry);
        entry.session().deadline().ifPresent(deadline -> nextDeadline.accumulateAndGet(deadline.toEpochMilli(), Math::min));
        if (generation.get() != since)
        {
            sessions.invalidate(id);
        }
    }

    /**
     * @param id anything that a client may send
     * @return its session, if there is one that is not too old
     */
    Optional<Entry> get(byte[] id)
    {
        return Optional.ofNullable(sessions.getIfPresent(ByteBuffer.wrap(id)))
            .filter(entry -> timeout == 0 || entry.session().established().plusSeconds(timeout).isAfter(clock.instant()));
    }

    void remove(byte[] id)
    {
        sessions.invalidate(ByteBuffer.wrap(id));
    }

    /**
     * Ends all sessions.
     */
    void clear()
    {
        generation.incrementAndGet();
        sessions.invalidateAll();
    }

    /**
     * Ends the sessions that may not be resumed any more.
     */
    void endOver()
    {
        nextDeadline.set(Long.MAX_VALUE);
        sessions.asMap().values().removeIf(entry -> protector.isOver(entry.session()));
        sessions.asMap().values().forEach(entry -> entry.session().deadline().ifPresent(deadline ->
            nextDeadline.accumulateAndGet(deadline.toEpochMilli(), Math::min)));
    }

    /**
     * @param now the time
     * @return whether a session may have reached its deadline
     */
    boolean hasExpired(Instant now)
    {
        return now.toEpochMilli() >= nextDeadline.get();
    }

    /**
     * @return null: a session is shown to its connections only
     */
    @Override
    public SSLSession getSession(byte[] sessionId)
    {
        return null;
    }

    @Override
    public Enumeration<byte[]> getIds()
    {
        return Collections.emptyEnumeration();
    }

    /**
     * @param seconds after which sessions end, 0 for never
     */
    @Override
    public void setSessionTimeout(int seconds)
    {
        if (seconds < 0)
        {
            throw new IllegalArgumentException("the session timeout is negative: " + seconds);
        }
        timeout = seconds;
    }

    @Override
    public int getSessionTimeout()
    {
        return timeout;
    }

    /**
     * @param newSize how many sessions there may be, 0 for no bound
     */
    @Override
    public void setSessionCacheSize(int newSize)
    {
        if (newSize < 0)
        {
            throw new IllegalArgumentException("the size of the session cache is negative: " + newSize);
        }
        size = newSize;
        sessions.policy().eviction().orElseThrow().setMaximum(newSize == 0 ? UNBOUNDED : newSize);
    }

    @Override
    public int getSessionCacheSize()
    {
        return size;
    }
}
