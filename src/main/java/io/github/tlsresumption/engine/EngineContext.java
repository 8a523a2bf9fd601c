package io.github.tlsresumption.engine;

import java.security.GeneralSecurityException;
import java.time.Instant;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;

/**
 * A context whose engines resume sessions as a {@link TicketProtector} says. Thread-safe once it is initialized.
 */
public interface EngineContext extends AutoCloseable
{
    /**
     * @return the context, to be initialized by the caller
     */
    SSLContext sslContext();

    /**
     * To be asked before a server starts, when the context is initialized.
     *
     * @param engine one of its engines, with the settings that all will have
     * @throws IllegalArgumentException when one of them cannot be honoured; the message names it
     */
    default void check(SSLEngine engine)
    {
        // What an engine does not know, its setters refuse.
    }

    /**
     * Ends the sessions in the engine's own cache, which are those of clients without tickets.
     */
    void forgetCachedSessions();

    /**
     * Ends those sessions in the engine's own cache that the {@link TicketProtector} says are over. To be called when somebody was
     * forgotten or the policy has changed.
     */
    void endCachedSessions();

    /**
     * Does as {@link #endCachedSessions()} when the deadline of a session has passed. To be called every second or so; it is cheap
     * otherwise.
     *
     * @param now the time
     */
    void endExpiredSessions(Instant now);

    /**
     * Renews what goes stale in the engine. To be called at least every {@link TlsEngine#renewalPeriod()}, also on a server without
     * connections.
     *
     * @throws GeneralSecurityException when the engine does not come to us for its tickets any more
     */
    void renew() throws GeneralSecurityException;

    /**
     * Lets the context go. Connections that it serves go on.
     */
    @Override
    void close();
}
