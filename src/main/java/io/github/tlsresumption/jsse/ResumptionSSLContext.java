package io.github.tlsresumption.jsse;

import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.Set;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;

import io.github.tlsresumption.engine.EngineContext;
import io.github.tlsresumption.engine.TicketProtector;

/**
 * An {@link SSLContext} of SunJSSE whose tickets are sealed and opened by a {@link TicketProtector}.
 * Engines that it makes resume through it; its server sockets do full handshakes only, as nothing shows us theirs.
 * Thread-safe once initialized.
 */
final class ResumptionSSLContext extends SSLContext implements EngineContext
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

    @Override
    public SSLContext sslContext()
    {
        return this;
    }

    @Override
    public void forgetCachedSessions()
    {
        spi.cache().endAll();
    }

    @Override
    public void endCachedSessions()
    {
        spi.cache().endOver();
    }

    @Override
    public void endExpiredSessions(Instant now)
    {
        if (spi.cache().hasExpired(now))
        {
            spi.cache().endOver();
        }
    }

    /**
     * Renews what SunJSSE holds as its ticket key.
     */
    @Override
    public void renew() throws GeneralSecurityException
    {
        if (!spi.isInitialized())
        {
            return;
        }
        try
        {
            spi.prime();
        }
        catch (SSLException e)
        {
            throw new GeneralSecurityException(e.getMessage(), e);
        }
    }

    @Override
    public void close()
    {
        // Nothing is held but memory.
    }
}
