package io.github.tlsresumption.jsse;

import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSessionContext;

import io.github.tlsresumption.engine.CachedSession;
import io.github.tlsresumption.engine.TicketProtector;

/**
 * SunJSSE's own cache of a context's sessions, which clients resume by their ids, and what is known of them. Thread-safe.
 */
final class SessionCache
{
    private static final String KEPT = "io.github.tlsresumption.kept";
    private static final int MAX_SESSION_ID_BYTES = 32;

    private final SSLContext context;
    private final TicketProtector protector;
    private final AtomicLong generation = new AtomicLong();
    private final AtomicLong nextDeadline = new AtomicLong(Long.MAX_VALUE);

    /**
     * @param context of SunJSSE
     * @param protector says when a session may not be resumed any more
     */
    SessionCache(SSLContext context, TicketProtector protector)
    {
        this.context = context;
        this.protector = protector;
    }

    private SSLSessionContext sessions()
    {
        return context.getServerSessionContext();
    }

    /**
     * @param id that a client has sent
     * @return the session of that id, if there is one
     */
    Optional<SSLSession> find(byte[] id)
    {
        return id.length == 0 || id.length > MAX_SESSION_ID_BYTES
            ? Optional.empty()
            : Optional.ofNullable(sessions().getSession(id));
    }

    /**
     * @param cached a session of SunJSSE's own cache
     * @return what was known of it when it was established
     */
    static Optional<CachedSession> kept(SSLSession cached)
    {
        return cached.getValue(KEPT) instanceof CachedSession kept ? Optional.of(kept) : Optional.empty();
    }

    /**
     * Binds a value to SunJSSE's session, which has no ticket to lose by that, as it is in the cache. As long as it is there the session
     * may be resumed.
     *
     * @param session that of a full handshake
     * @param known what is known of it
     */
    void keep(SSLSession session, CachedSession known)
    {
        session.putValue(KEPT, known);
        known.deadline().ifPresent(deadline -> nextDeadline.accumulateAndGet(deadline.toEpochMilli(), Math::min));
    }

    /**
     * Ends a session of SunJSSE's own cache, for good.
     *
     * @param session the session
     */
    static void end(SSLSession session)
    {
        // To remove a value, even one that is not there, makes SunJSSE send one more ticket in TLS 1.3, which is one of its own cache.
        if (kept(session).isPresent())
        {
            session.removeValue(KEPT);
        }
        session.invalidate();
    }

    /**
     * @return a number that rises when all sessions of the cache are ended
     */
    long generation()
    {
        return generation.get();
    }

    /**
     * Has a session in SunJSSE's cache still, or again, unless it has ended meanwhile.
     *
     * @param session a session that was there
     * @param since what {@link #generation} was then
     */
    void restore(SSLSession session, long since)
    {
        boolean there = session.isValid() && sessions().getSession(session.getId()) == session;
        if (there || !mayBeCached(session, since))
        {
            return;
        }
        SessionIds.restore(sessions(), session);
        // Whoever ended it in this moment may have done so before it was back.
        if (!mayBeCached(session, since))
        {
            end(session);
        }
    }

    private boolean mayBeCached(SSLSession session, long since)
    {
        return generation.get() == since && kept(session).filter(known -> !protector.isOver(known)).isPresent();
    }

    /**
     * Ends all sessions in SunJSSE's own cache.
     */
    void endAll()
    {
        generation.incrementAndGet();
        all().forEach(SessionCache::end);
    }

    /**
     * Ends the sessions in SunJSSE's own cache that may not be resumed any more.
     */
    void endOver()
    {
        nextDeadline.set(Long.MAX_VALUE);
        for (SSLSession session : all())
        {
            Optional<CachedSession> known = kept(session);
            // Without a value it is about to be judged.
            if (known.isPresent() && protector.isOver(known.get()))
            {
                end(session);
            }
            else if (known.isPresent())
            {
                keep(session, known.get());
            }
        }
    }

    /**
     * @param now the time
     * @return whether a session in SunJSSE's own cache may have reached its deadline
     */
    boolean hasExpired(Instant now)
    {
        return now.toEpochMilli() >= nextDeadline.get();
    }

    private List<SSLSession> all()
    {
        return Collections.list(sessions().getIds()).stream().map(sessions()::getSession).filter(Objects::nonNull).toList();
    }
}
