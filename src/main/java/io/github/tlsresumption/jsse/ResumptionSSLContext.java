package io.github.tlsresumption.jsse;

import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.Set;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;

import io.github.tlsresumption.engine.TicketProtector;

/**
 * An {@link SSLContext} of SunJSSE whose tickets are sealed and opened by a {@link TicketProtector}.
 * Engines that it makes resume through it; its server sockets do full handshakes only, as nothing shows us theirs.
 * Thread-safe once initialized.
 */
public final class ResumptionSSLContext extends SSLContext
{
    private final ResumptionSSLContextSpi spi;

    private ResumptionSSLContext(ResumptionSSLContextSpi spi, SSLContext context)
    {
        super(spi, context.getProvider(), context.getProtocol());
        this.spi = spi;
    }

    static ResumptionSSLContext of(SSLContext context, TicketProtector protector, byte[] validation, Priming priming,
        Set<String> cutting, boolean withdrawing)
    {
        return new ResumptionSSLContext(
            new ResumptionSSLContextSpi(context, protector, validation, priming, cutting, withdrawing), context);
    }

    /**
     * Ends the sessions in SunJSSE's own cache, which are those of clients without tickets.
     */
    public void forgetCachedSessions()
    {
        spi.endAll();
    }

    /**
     * Ends those sessions in SunJSSE's own cache that the {@link TicketProtector} says are over. To be called when somebody was forgotten
     * or the policy has changed.
     */
    public void endCachedSessions()
    {
        spi.endOver();
    }

    /**
     * Does as {@link #endCachedSessions()} when the deadline of a session has passed. To be called every second or so; it is cheap
     * otherwise.
     *
     * @param now the time
     */
    public void endExpiredSessions(Instant now)
    {
        if (spi.hasExpired(now))
        {
            spi.endOver();
        }
    }

    /**
     * Renews what SunJSSE holds as its ticket key. To be called at least every {@link SunJsse#renewalPeriod()},
     * also on a server without connections, whose key would otherwise go stale.
     *
     * @throws GeneralSecurityException when SunJSSE does not come to us for its tickets any more
     */
    public void renewTicketKey() throws GeneralSecurityException
    {
        if (!spi.isInitialized())
            return;
        try
        {
            spi.prime();
        }
        catch (SSLException x)
        {
            throw new GeneralSecurityException(x.getMessage(), x);
        }
    }
}
