package io.github.tlsresumption;

import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;

import io.github.tlsresumption.engine.ContextSource;
import io.github.tlsresumption.engine.EngineContext;
import io.github.tlsresumption.engine.TicketProtector;
import io.github.tlsresumption.engine.TlsEngine;

/**
 * The TLS engine of a factory, from its start to its stop: the one that the settings name, whether it works in this JVM, and the context
 * that it has made last. Thread-safe once it has begun.
 */
final class Engine
{
    private static final String TLS13 = "TLSv1.3";

    private final ResumptionSettings settings;
    private final Consumer<SSLEngine> customizer;
    private volatile TlsEngine tls;
    private volatile EngineContext context;
    private volatile boolean fallenBack;
    private volatile boolean acquired;

    /**
     * @param settings name the engine; they may still change until it begins
     * @param customizer applies the settings of the factory to an engine
     */
    Engine(ResumptionSettings settings, Consumer<SSLEngine> customizer)
    {
        this.settings = settings;
        this.customizer = customizer;
    }

    /**
     * @throws IllegalStateException when its classes are not here
     */
    private TlsEngine tls()
    {
        TlsEngine known = tls;
        if (known == null || !known.name().equals(settings.engine))
        {
            known = TlsEngine.find(settings.engine).orElseThrow(() -> new IllegalStateException("jetty.tlsResumption.engine is "
                + settings.engine + ", but the class path has no such engine: add its jar, which for native a build with JDK 22 or later "
                + "makes, or remove that setting"));
            tls = known;
        }
        return known;
    }

    /**
     * @return what it is, with the library and its version
     */
    String description()
    {
        return tls().description();
    }

    /**
     * @return whether it has contexts that work when there is an obstacle
     */
    boolean canFallBack()
    {
        return tls().canFallBack();
    }

    /**
     * @return the name of the JSSE provider that makes its contexts
     */
    String provider()
    {
        return tls().provider();
    }

    /**
     * @param tickets how many a client is to get after each handshake of TLS 1.3, 0 for as many as the engine sends by itself
     * @return why no context can resume sessions in this JVM, or empty; then {@link #newContext} makes contexts without tickets
     * @throws IllegalStateException when clients cannot get so many tickets, or settings are another engine's
     */
    Optional<String> begin(int tickets)
    {
        require(tls().useLibrary(settings.nativeLibrary, settings.nativeCrypto));
        if (tickets > 0)
        {
            require(tls().requestTickets(tickets));
        }
        Optional<String> obstacle = tls().obstacle();
        if (tickets > 0 && obstacle.isEmpty())
        {
            require(tls().ticketsObstacle(tickets));
        }
        fallenBack = obstacle.isPresent();
        return obstacle;
    }

    private static void require(Optional<String> obstacle)
    {
        if (obstacle.isPresent())
        {
            throw new IllegalStateException(obstacle.get());
        }
    }

    /**
     * Takes it into use, until it is {@linkplain #close() closed}.
     */
    void acquire()
    {
        acquired = true;
        tls().acquire();
    }

    /**
     * @return whether there was an obstacle at the last start
     */
    boolean isFallenBack()
    {
        return fallenBack;
    }

    /**
     * @param source makes a context
     * @param protector seals and opens its tickets
     * @param validation stands for all settings, beside the trust anchors, by which client certificates are validated
     * @return a context to be used in its place, from now on the current one
     * @throws GeneralSecurityException when it cannot be made, or is another provider's
     */
    SSLContext newContext(ContextSource source, TicketProtector protector, byte[] validation) throws GeneralSecurityException
    {
        if (fallenBack)
        {
            return tls().newContextWithoutTickets(source);
        }
        EngineContext made = tls().newContext(source, protector, validation);
        context = made;
        return made.sslContext();
    }

    /**
     * Settings of Jetty and of the JVM, such as {@code jdk.tls.client.protocols}, may leave a version out, or all of its cipher suites.
     *
     * @param protocol TLS 1.3, or TLS 1.2, for which earlier ones count too
     * @return whether clients can speak it
     */
    boolean enables(String protocol)
    {
        EngineContext current = context;
        if (current == null)
        {
            return false;
        }
        SSLEngine engine = engine(current);
        boolean is13 = TLS13.equals(protocol);
        return Stream.of(engine.getEnabledProtocols()).anyMatch(enabled -> is13 == TLS13.equals(enabled))
            && Stream.of(engine.getEnabledCipherSuites()).anyMatch(suite -> is13 != suite.contains("_WITH_") && !suite.endsWith("_SCSV"));
    }

    private SSLEngine engine(EngineContext current)
    {
        SSLEngine engine = current.sslContext().createSSLEngine();
        customizer.accept(engine);
        return engine;
    }

    /**
     * @throws IllegalStateException when a setting of Jetty cannot be honoured
     */
    void check()
    {
        EngineContext current = context;
        try
        {
            if (current != null)
            {
                current.check(engine(current));
            }
        }
        catch (IllegalArgumentException e)
        {
            throw new IllegalStateException("a setting of jetty.sslContext cannot be honoured: " + e.getMessage(), e);
        }
    }

    /**
     * @return how many tickets a client gets after a handshake of TLS 1.3; empty when it is not in use, or none was seen
     */
    OptionalInt ticketsPerConnection()
    {
        return acquired ? tls().ticketsPerConnection() : OptionalInt.empty();
    }

    /**
     * @return why tickets end with their context, or empty
     */
    Optional<String> sharingObstacle()
    {
        return tls().sharingObstacle();
    }

    /**
     * @return why a ticket of one use does not resume in TLS 1.3, or empty when it does
     */
    Optional<String> singleUseObstacle()
    {
        return tls().singleUseObstacle();
    }

    /**
     * @return how often {@link #renew()} is to be called, or empty when never
     */
    Optional<Duration> renewalPeriod()
    {
        return tls().renewalPeriod();
    }

    /**
     * Renews what the engine holds as its ticket key.
     *
     * @throws GeneralSecurityException when the engine does not come to us for its tickets any more
     */
    void renew() throws GeneralSecurityException
    {
        EngineContext current = context;
        if (current != null)
        {
            current.renew();
        }
    }

    /**
     * Ends the sessions in the engine's own cache, which are those of clients without tickets.
     */
    void forgetCachedSessions()
    {
        EngineContext current = context;
        if (current != null)
        {
            current.forgetCachedSessions();
        }
    }

    /**
     * Ends those of them that are over. They are screened when they are offered; what has ended leaves the cache without waiting for that.
     */
    void endCachedSessions()
    {
        EngineContext current = context;
        if (current != null)
        {
            current.endCachedSessions();
        }
    }

    /**
     * Does the same when the deadline of one has passed.
     *
     * @param now the time
     */
    void endExpiredSessions(Instant now)
    {
        EngineContext current = context;
        if (current != null)
        {
            current.endExpiredSessions(now);
        }
    }

    /**
     * Lets the context go, which may still serve connections.
     */
    void dropContext()
    {
        context = null;
    }

    /**
     * Gives back what {@link #acquire()} took. What failed to start is stopped all the same, so to do it again changes nothing.
     */
    void close()
    {
        if (acquired)
        {
            acquired = false;
            tls().release();
        }
    }
}
