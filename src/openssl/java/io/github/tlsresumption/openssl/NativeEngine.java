package io.github.tlsresumption.openssl;

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
 * TLS of a native library. This class alone is compiled for older JDKs too, so that it can say what it needs: until {@link #obstacle} has
 * found none, no other class of this package is loaded.
 */
public final class NativeEngine implements TlsEngine
{
    /** The first JDK with {@code java.lang.foreign}. */
    private static final int OLDEST_JDK = 22;
    private static final int MOST_TICKETS = 10;

    private String library = "";
    private String crypto = "";
    private volatile int tickets = 1;

    @Override
    public String name()
    {
        return "native";
    }

    @Override
    public String provider()
    {
        return "TlsResumptionNative";
    }

    @Override
    public Optional<String> useLibrary(String ssl, String libcrypto)
    {
        library = ssl;
        crypto = libcrypto;
        return Optional.empty();
    }

    @Override
    public String description()
    {
        return obstacle().isPresent() ? name() : LibraryStart.of(library, crypto).description();
    }

    @Override
    public void acquire()
    {
        // The library stays loaded.
    }

    @Override
    public void release()
    {
        // The library stays loaded.
    }

    @Override
    public Optional<String> obstacle()
    {
        int jdk = Runtime.version().feature();
        return jdk < OLDEST_JDK
            ? Optional.of("the TLS engine native needs JDK " + OLDEST_JDK + " or later, and this is " + Runtime.version()
                + ": run the server with a newer JDK, or remove the module tls-resumption-native")
            : LibraryStart.of(library, crypto).obstacle();
    }

    @Override
    public boolean canFallBack()
    {
        return false;
    }

    @Override
    public Optional<String> sharingObstacle()
    {
        return Optional.empty();
    }

    @Override
    public Optional<String> singleUseObstacle()
    {
        return Optional.empty();
    }

    @Override
    public Optional<String> requestTickets(int count)
    {
        if (count < 1 || count > MOST_TICKETS)
        {
            return Optional.of("the number of tickets is " + count + ": set 1 to " + MOST_TICKETS);
        }
        tickets = count;
        return Optional.empty();
    }

    @Override
    public Optional<String> ticketsObstacle(int count)
    {
        return Optional.empty();
    }

    @Override
    public OptionalInt ticketsPerConnection()
    {
        return OptionalInt.of(tickets);
    }

    @Override
    public Optional<Duration> renewalPeriod()
    {
        return Optional.empty();
    }

    @Override
    public EngineContext newContext(ContextSource source, TicketProtector protector, byte[] validation) throws GeneralSecurityException
    {
        return LibraryStart.of(library, crypto).newContext(protector, validation, tickets);
    }

    @Override
    public SSLContext newContextWithoutTickets(ContextSource source) throws GeneralSecurityException
    {
        throw new GeneralSecurityException("the TLS engine native has no contexts without tickets");
    }
}
