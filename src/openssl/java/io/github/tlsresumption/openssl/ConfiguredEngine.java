package io.github.tlsresumption.openssl;

import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Supplier;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;

/**
 * The settings of an engine of a server, which count until the handshake begins. Thread-safe.
 */
abstract class ConfiguredEngine extends SSLEngine
{
    private final ReentrantLock lock = new ReentrantLock();
    private final Supported supported;
    private final TlsSettings settings;
    private BiFunction<SSLEngine, List<String>, String> selector;

    /**
     * @param supported what the library can do
     * @param peerHost as JSSE says, or null
     * @param peerPort as JSSE says, or -1
     */
    ConfiguredEngine(Supported supported, String peerHost, int peerPort)
    {
        super(peerHost, peerPort);
        this.supported = supported;
        this.settings = new TlsSettings(supported);
    }

    /**
     * @return what guards all that an engine has; the thread that holds it may call into the library
     */
    final ReentrantLock lock()
    {
        return lock;
    }

    /**
     * To be called by the owner of the lock.
     */
    final TlsSettings settings()
    {
        return settings;
    }

    /**
     * Waits for the calls of other threads.
     */
    final <T> T get(Supplier<T> getter)
    {
        lock.lock();
        try
        {
            return getter.get();
        }
        finally
        {
            lock.unlock();
        }
    }

    private void set(Consumer<TlsSettings> setter)
    {
        lock.lock();
        try
        {
            setter.accept(settings);
        }
        finally
        {
            lock.unlock();
        }
    }

    @Override
    public String[] getSupportedCipherSuites()
    {
        return supported.suites().toArray(String[]::new);
    }

    @Override
    public String[] getEnabledCipherSuites()
    {
        return get(() -> settings.suites().toArray(String[]::new));
    }

    @Override
    public void setEnabledCipherSuites(String[] suites)
    {
        set(to -> to.suites(suites));
    }

    @Override
    public String[] getSupportedProtocols()
    {
        return Supported.PROTOCOLS.keySet().toArray(String[]::new);
    }

    @Override
    public String[] getEnabledProtocols()
    {
        return get(() -> settings.protocols().toArray(String[]::new));
    }

    @Override
    public void setEnabledProtocols(String[] protocols)
    {
        set(to -> to.protocols(protocols));
    }

    @Override
    public SSLParameters getSSLParameters()
    {
        return get(settings::parameters);
    }

    @Override
    public void setSSLParameters(SSLParameters parameters)
    {
        set(to -> to.parameters(parameters));
    }

    /**
     * @throws IllegalArgumentException for an engine of a client
     */
    @Override
    public void setUseClientMode(boolean client)
    {
        if (client)
        {
            throw new IllegalArgumentException("native TLS has engines of servers only");
        }
    }

    @Override
    public boolean getUseClientMode()
    {
        return false;
    }

    @Override
    public void setNeedClientAuth(boolean need)
    {
        set(to -> to.needClientAuth(need));
    }

    @Override
    public boolean getNeedClientAuth()
    {
        return get(settings::needClientAuth);
    }

    @Override
    public void setWantClientAuth(boolean want)
    {
        set(to -> to.wantClientAuth(want));
    }

    @Override
    public boolean getWantClientAuth()
    {
        return get(settings::wantClientAuth);
    }

    /**
     * @throws IllegalArgumentException for an engine that may only resume
     */
    @Override
    public void setEnableSessionCreation(boolean flag)
    {
        if (!flag)
        {
            throw new IllegalArgumentException("native TLS always allows new sessions");
        }
    }

    @Override
    public boolean getEnableSessionCreation()
    {
        return true;
    }

    @Override
    public void setHandshakeApplicationProtocolSelector(BiFunction<SSLEngine, List<String>, String> newSelector)
    {
        set(to -> selector = newSelector);
    }

    @Override
    public BiFunction<SSLEngine, List<String>, String> getHandshakeApplicationProtocolSelector()
    {
        return get(() -> selector);
    }
}
