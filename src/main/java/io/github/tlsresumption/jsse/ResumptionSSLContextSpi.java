package io.github.tlsresumption.jsse;

import java.security.GeneralSecurityException;
import java.security.KeyManagementException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLContextSpi;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLServerSocketFactory;
import javax.net.ssl.SSLSessionContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedKeyManager;

import io.github.tlsresumption.engine.ClientTrust;
import io.github.tlsresumption.engine.TicketProtector;
import io.github.tlsresumption.log.WarningThrottle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A SunJSSE context, made to take its ticket key from a {@link TicketProtector}. Thread-safe once initialized.
 */
final class ResumptionSSLContextSpi extends SSLContextSpi
{
    private static final Logger LOG = LoggerFactory.getLogger(ResumptionSSLContext.class);

    private final SSLContext context;
    private final TicketProtector protector;
    private final SessionCache cache;
    private final byte[] validation;
    private final Priming priming;
    private final Set<String> cutting;
    private final boolean withdrawing;
    private final WarningThrottle failures = new WarningThrottle(Duration.ofMinutes(1));
    private final AtomicLong lastPin = new AtomicLong();
    private final long pinAfterNanos = TimeUnit.SECONDS.toNanos(KeyNumber.periodSeconds()) / 2;
    private ServerIdentities identities;
    private ClientTrust clientTrust;
    private volatile boolean initialized;
    private volatile long lastPinMillis;

    /**
     * @param context of SunJSSE, not yet initialized
     * @param protector seals and opens the tickets
     * @param validation stands for the settings by which client certificates are validated
     * @param priming does the first handshake
     * @param cutting the protocols of whose states a {@link LocalChain} is cut out
     * @param withdrawing whether a resumption of TLS 1.2 can do without a new ticket
     */
    ResumptionSSLContextSpi(SSLContext context, TicketProtector protector, byte[] validation, Priming priming, Set<String> cutting,
        boolean withdrawing)
    {
        this.context = context;
        this.protector = protector;
        this.cache = new SessionCache(context, protector);
        this.validation = validation.clone();
        this.priming = priming;
        this.cutting = Set.copyOf(cutting);
        this.withdrawing = withdrawing;
    }

    /**
     * @return whether a resumption of TLS 1.2 can do without a new ticket, see {@link TicketOffer}
     */
    boolean withdraws()
    {
        return withdrawing;
    }

    /**
     * @return whether a {@link LocalChain} is cut out of that protocol's states
     */
    boolean cuts(String protocol)
    {
        return cutting.contains(protocol);
    }

    TicketProtector protector()
    {
        return protector;
    }

    SessionCache cache()
    {
        return cache;
    }

    private SSLSessionContext serverSessions()
    {
        return context.getServerSessionContext();
    }

    @Override
    protected void engineInit(KeyManager[] keyManagers, TrustManager[] trustManagers, SecureRandom random) throws KeyManagementException
    {
        X509ExtendedKeyManager keyManager = null;
        KeyManager[] ours = keyManagers == null ? null : keyManagers.clone();
        for (int i = 0; ours != null && i < ours.length; i++)
        {
            if (ours[i] instanceof X509ExtendedKeyManager extended)
            {
                EngineKeyManager wrapped = new EngineKeyManager(extended);
                ours[i] = wrapped;
                if (keyManager == null)
                {
                    keyManager = wrapped;
                }
            }
        }
        if (keyManager == null)
        {
            throw new KeyManagementException("no X509ExtendedKeyManager: set a key store, or use the plain SslContextFactory.Server");
        }
        TrustManager[] trust = trustManagers == null ? null
            : Stream.of(trustManagers).map(EngineTrustManager::of).toArray(TrustManager[]::new);
        context.init(ours, trust, new ContextRandom(random == null ? new SecureRandom() : random, this));
        try
        {
            clientTrust = new ClientTrust(trustManagers);
            identities = new ServerIdentities(keyManager, validation, clientTrust, this);
            if (!TicketKeyMap.install(serverSessions(), this))
            {
                LOG.debug("SunJSSE gets a cipher for each ticket of a ClientHello");
            }
            initialized = true;
            prime();
        }
        catch (SSLException | GeneralSecurityException e)
        {
            throw new KeyManagementException("the first handshake in memory failed: " + e.getMessage(), e);
        }
    }

    /**
     * Makes SunJSSE's ticket key anew, with our number where the JVM allows it.
     *
     * @throws SSLException when the handshake fails, or did not come to us for its ticket
     * @throws GeneralSecurityException when this JDK has no usable SunJSSE
     */
    void prime() throws SSLException, GeneralSecurityException
    {
        pin();
        SSLContext clients = Priming.newClientContext();
        SSLException failure = null;
        for (String protocol : Priming.PROTOCOLS)
        {
            SSLEngine server = context.createSSLEngine();
            SSLEngine client = clients.createSSLEngine("priming", 0);
            try
            {
                if (Priming.agree(server, client, protocol) && priming.seals(server, client, protocol))
                {
                    return;
                }
            }
            catch (SSLException e)
            {
                LOG.debug("no handshake in memory with {}", protocol, e);
                failure = e;
            }
        }
        // Otherwise the self-test has told, or is about to tell, why there is none.
        if (priming.isProven())
        {
            throw failure != null ? failure : new SSLException("SunJSSE sealed no ticket by us: " + SelfTest.NOT_OURS);
        }
    }

    ServerIdentities identities()
    {
        return identities;
    }

    ClientTrust clientTrust()
    {
        return clientTrust;
    }

    /**
     * Sets the key number again in good time before SunJSSE makes a key with the next one, as it does where its keys expire.
     */
    void keepKeyNumber()
    {
        long last = lastPin.get();
        // SunJSSE goes by the wall clock, which may have been set or have stood still with the machine.
        boolean due = System.nanoTime() - last > pinAfterNanos
            || Math.abs(System.currentTimeMillis() - lastPinMillis) > TimeUnit.NANOSECONDS.toMillis(pinAfterNanos)
            || !KeyNumber.isPinned(serverSessions());
        if (due && lastPin.compareAndSet(last, System.nanoTime()))
        {
            pin();
        }
    }

    /**
     * The key that SunJSSE makes next is ours, with our number where the JVM allows it.
     */
    private void pin()
    {
        lastPin.set(System.nanoTime());
        lastPinMillis = System.currentTimeMillis();
        StekProvider.restore();
        KeyNumber.pin(serverSessions());
    }

    /**
     * Logs a failure of ours, at most once a minute. Clients can provoke it.
     */
    void warn(String what, Throwable failure)
    {
        warn(what, "the client gets a full handshake", failure);
    }

    void warn(String what, String consequence, Throwable failure)
    {
        if (failures.isDue(Instant.now()))
        {
            LOG.warn("{}; {}", what, consequence, failure);
        }
        else
        {
            LOG.debug("{}", what, failure);
        }
    }

    @Override
    protected SSLSocketFactory engineGetSocketFactory()
    {
        return context.getSocketFactory();
    }

    @Override
    protected SSLServerSocketFactory engineGetServerSocketFactory()
    {
        return context.getServerSocketFactory();
    }

    @Override
    protected SSLEngine engineCreateSSLEngine()
    {
        return new ResumptionSSLEngine(this, context.createSSLEngine());
    }

    @Override
    protected SSLEngine engineCreateSSLEngine(String host, int port)
    {
        return new ResumptionSSLEngine(this, context.createSSLEngine(host, port));
    }

    @Override
    protected SSLSessionContext engineGetServerSessionContext()
    {
        return context.getServerSessionContext();
    }

    @Override
    protected SSLSessionContext engineGetClientSessionContext()
    {
        return context.getClientSessionContext();
    }

    @Override
    protected SSLParameters engineGetDefaultSSLParameters()
    {
        return context.getDefaultSSLParameters();
    }

    @Override
    protected SSLParameters engineGetSupportedSSLParameters()
    {
        return context.getSupportedSSLParameters();
    }

    boolean isInitialized()
    {
        return initialized;
    }
}
