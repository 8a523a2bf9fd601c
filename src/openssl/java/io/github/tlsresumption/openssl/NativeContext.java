package io.github.tlsresumption.openssl;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateEncodingException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManager;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.github.tlsresumption.crypto.Digests;
import io.github.tlsresumption.engine.ClientTrust;
import io.github.tlsresumption.engine.ContextDigest;
import io.github.tlsresumption.engine.TicketProtector;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the connections of one load of the key store share: certificates and keys, the trust manager, who decides about sessions, and the
 * library's contexts, one for each combination of settings. Thread-safe.
 */
final class NativeContext implements AutoCloseable
{
    private static final Logger LOG = LoggerFactory.getLogger(NativeContext.class);
    private static final long WARNING_PERIOD_NANOS = TimeUnit.MINUTES.toNanos(1);
    /** A connector has one combination of settings, or two while it is changed. */
    private static final int MAX_CONTEXTS = 16;
    private static final int MAX_DIGESTS = 1024;

    private final LibSsl lib;
    private final Supported supported;
    private final TicketProtector protector;
    private final SessionCache cache;
    private final byte[] validation;
    private final ClientTrust clientTrust;
    private final int stateFormat;
    private final Credentials credentials;
    private final ClientCertificates clientCertificates;
    private final int tickets;
    private final List<byte[]> authorities;
    private final Clock clock;
    private final LiveObjects live;
    private final Cache<Server, Long> digests = Caffeine.newBuilder().maximumSize(MAX_DIGESTS).executor(Runnable::run).build();
    /** Guarded by this; the least recently used first. */
    private final Map<TlsSettings.Key, NativeHandle> contexts = new LinkedHashMap<>(MAX_CONTEXTS, 0.75f, true);
    private boolean closed;
    private final AtomicLong lastWarning = new AtomicLong(System.nanoTime() - WARNING_PERIOD_NANOS);

    /**
     * @param lib a library
     * @param keyManagers the first for X.509 is taken
     * @param trustManagers the first for X.509 is taken
     * @param sessions decides about sessions, and keeps those with ids
     * @param tickets how many tickets a handshake of TLS 1.3 issues, 0 or more
     * @param clock tells when sessions were made
     * @param live counts native objects
     * @throws TlsLibraryException when the library does not take one of the keys
     */
    NativeContext(LibSsl lib, KeyManager[] keyManagers, TrustManager[] trustManagers, Sessions sessions, int tickets, Clock clock,
        LiveObjects live)
    {
        this.lib = lib;
        this.supported = new Supported(lib);
        this.protector = sessions.protector();
        this.cache = sessions.cache();
        this.validation = sessions.validation();
        this.stateFormat = stateFormat(lib);
        this.tickets = tickets;
        this.clock = clock;
        this.live = live;
        this.clientCertificates = new ClientCertificates(trustManagers);
        this.clientTrust = clientTrust(trustManagers);
        this.authorities = clientCertificates.authorities();
        this.credentials = new Credentials(lib, live, keyManagers);
        try
        {
            credentials.load();
        }
        catch (RuntimeException e)
        {
            credentials.close();
            throw e;
        }
    }

    /**
     * What is not the library's.
     *
     * @param protector decides about sessions
     * @param cache keeps those with ids
     * @param validation stands for the settings by which client certificates are validated
     */
    record Sessions(TicketProtector protector, SessionCache cache, byte[] validation)
    {
    }

    /**
     * The mark of tickets: 23 bits.
     */
    private static int stateFormat(LibSsl lib)
    {
        return (int)Digests.sha256ToLong("state format", lib.stateFormat().getBytes(StandardCharsets.UTF_8)) & 0x7FFFFF;
    }

    private static ClientTrust clientTrust(TrustManager[] trustManagers)
    {
        try
        {
            return new ClientTrust(trustManagers);
        }
        catch (GeneralSecurityException e)
        {
            throw new IllegalStateException(e);
        }
    }

    /**
     * @return an engine of a server
     */
    NativeSslEngine newEngine(String peerHost, int peerPort)
    {
        return new NativeSslEngine(this, peerHost, peerPort);
    }

    /**
     * To be asked before a server starts.
     *
     * @param parameters as engines will get them
     * @throws IllegalArgumentException when one of them cannot be honoured; the message names it
     * @throws TlsLibraryException when the library refuses them
     */
    void check(SSLParameters parameters)
    {
        TlsSettings settings = new TlsSettings(supported);
        settings.parameters(parameters);
        context(settings).release();
    }

    LibSsl lib()
    {
        return lib;
    }

    Supported supported()
    {
        return supported;
    }

    TicketProtector protector()
    {
        return protector;
    }

    SessionCache cache()
    {
        return cache;
    }

    ClientTrust clientTrust()
    {
        return clientTrust;
    }

    /**
     * @return the 23-bit mark of the format of the library's states
     */
    int stateFormat()
    {
        return stateFormat;
    }

    /**
     * @param engine asks; its handshake session knows the host of the ClientHello
     * @param serverName that host, if it names one
     * @return the digest of what a session is bound to
     */
    long digest(NativeSslEngine engine, Optional<String> serverName)
    {
        Server server = new Server(serverName, engine.settings().verifyMode());
        Long known = digests.getIfPresent(server);
        if (known != null)
        {
            return known;
        }
        try
        {
            ContextDigest digest = new ContextDigest(engine.settings().needClientAuth(), engine.settings().wantClientAuth(), validation,
                clientTrust);
            credentials.addTo(digest, engine);
            digests.put(server, digest.value());
            return digest.value();
        }
        catch (CertificateEncodingException | RuntimeException e)
        {
            // A handshake that needs this key will fail by itself. A digest of its own is that of no ticket.
            warn(e);
            return ThreadLocalRandom.current().nextLong();
        }
    }

    private record Server(Optional<String> name, int verifyMode)
    {
    }

    Credentials credentials()
    {
        return credentials;
    }

    ClientCertificates clientCertificates()
    {
        return clientCertificates;
    }

    Clock clock()
    {
        return clock;
    }

    /**
     * @return a connection that waits for a ClientHello
     */
    NewConnection connect(TlsSettings settings)
    {
        NativeHandle context = context(settings);
        try
        {
            long connection = lib.newConnection(context.address());
            return new NewConnection(new NativeHandle(connection, live.connectionCounter(), freeing(lib, context)),
                new StateReader(lib, context));
        }
        catch (RuntimeException e)
        {
            context.release();
            throw e;
        }
    }

    private static LongConsumer freeing(LibSsl lib, NativeHandle context)
    {
        return connection ->
        {
            lib.freeConnection(connection);
            context.release();
        };
    }

    /**
     * A connection that waits for a ClientHello.
     *
     * @param handle with one owner
     * @param states reads states for it
     */
    record NewConnection(NativeHandle handle, StateReader states)
    {
        /**
         * @return the library's
         */
        long address()
        {
            return handle.address();
        }
    }

    /**
     * @return a context of the library, of which the caller is one more owner
     */
    private synchronized NativeHandle context(TlsSettings settings)
    {
        if (closed)
        {
            throw new IllegalStateException("the context is closed");
        }
        TlsSettings.Key key = settings.key();
        NativeHandle context = contexts.get(key);
        if (context == null)
        {
            context = newContext(settings);
            contexts.put(key, context);
            if (contexts.size() > MAX_CONTEXTS)
            {
                TlsSettings.Key eldest = contexts.keySet().iterator().next();
                contexts.remove(eldest).release();
            }
        }
        if (!context.acquire())
        {
            throw new IllegalStateException("a context that is kept was freed");
        }
        return context;
    }

    private NativeHandle newContext(TlsSettings settings)
    {
        long address = lib.newContext(settings.options(tickets, authorities));
        NativeHandle context = new NativeHandle(address, live.contextCounter(), lib::freeContext);
        try
        {
            credentials.showDefault(address);
            return context;
        }
        catch (RuntimeException e)
        {
            context.release();
            throw e;
        }
    }

    /**
     * Logs a failure that ends in a full handshake, at most once a minute. Clients can provoke it.
     */
    void warn(Throwable failure)
    {
        long last = lastWarning.get();
        long now = System.nanoTime();
        if (now - last >= WARNING_PERIOD_NANOS && lastWarning.compareAndSet(last, now))
        {
            LOG.warn("The handling of a session failed; the client gets a full handshake", failure);
        }
        else
        {
            LOG.debug("the handling of a session failed", failure);
        }
    }

    /**
     * Ends this: no connection begins any more. Connections that have begun go on, and what they need of the library lives until the
     * last of them has ended. Without this call all is freed some time after nobody can reach this any more.
     */
    @Override
    public synchronized void close()
    {
        if (!closed)
        {
            closed = true;
            List<NativeHandle> all = new ArrayList<>(contexts.values());
            contexts.clear();
            all.forEach(NativeHandle::release);
            credentials.close();
        }
    }
}
