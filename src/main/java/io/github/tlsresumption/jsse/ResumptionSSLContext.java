package io.github.tlsresumption.jsse;

import java.security.GeneralSecurityException;
import java.util.Collections;
import java.util.Set;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSession;

import io.github.tlsresumption.ticket.TicketProtector;

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
        Set<String> cutting)
    {
        return new ResumptionSSLContext(new ResumptionSSLContextSpi(context, protector, validation, priming, cutting), context);
    }

    /**
     * Ends the sessions in SunJSSE's own cache, which are those of clients without tickets.
     */
    public void forgetCachedSessions()
    {
        for (byte[] id : Collections.list(getServerSessionContext().getIds()))
        {
            SSLSession session = getServerSessionContext().getSession(id);
            if (session != null)
                session.invalidate();
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
