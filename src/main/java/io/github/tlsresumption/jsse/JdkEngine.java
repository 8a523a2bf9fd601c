package io.github.tlsresumption.jsse;

import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import javax.net.ssl.SSLContext;

import io.github.tlsresumption.engine.ContextSource;
import io.github.tlsresumption.engine.EngineContext;
import io.github.tlsresumption.engine.TicketProtector;
import io.github.tlsresumption.engine.TlsEngine;

/**
 * The JDK's own TLS, SunJSSE.
 */
public final class JdkEngine implements TlsEngine
{
    @Override
    public String name()
    {
        return "jdk";
    }

    @Override
    public String provider()
    {
        return SunJsse.PROVIDER;
    }

    @Override
    public String description()
    {
        return "jdk, " + SunJsse.PROVIDER + " of JDK " + Runtime.version();
    }

    @Override
    public void acquire()
    {
        SunJsse.acquire();
    }

    @Override
    public void release()
    {
        SunJsse.release();
    }

    @Override
    public Optional<String> obstacle()
    {
        return SunJsse.obstacle();
    }

    @Override
    public Optional<String> sharingObstacle()
    {
        return SunJsse.sharingObstacle();
    }

    @Override
    public Optional<String> singleUseObstacle()
    {
        return SunJsse.singleUseObstacle();
    }

    @Override
    public Optional<String> requestTickets(int count)
    {
        return SunJsse.requestTickets(count);
    }

    @Override
    public Optional<String> ticketsObstacle(int count)
    {
        return SunJsse.ticketsObstacle(count);
    }

    @Override
    public OptionalInt ticketsPerConnection()
    {
        return SunJsse.ticketsPerConnection();
    }

    @Override
    public Optional<Duration> renewalPeriod()
    {
        return Optional.of(SunJsse.renewalPeriod());
    }

    @Override
    public EngineContext newContext(ContextSource source, TicketProtector protector, byte[] validation) throws GeneralSecurityException
    {
        return SunJsse.newContext(source.get(), protector, validation);
    }

    @Override
    public SSLContext newContextWithoutTickets(ContextSource source) throws GeneralSecurityException
    {
        return SunJsse.newContextWithoutTickets(source);
    }
}
