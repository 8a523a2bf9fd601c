package io.github.tlsresumption;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.security.GeneralSecurityException;
import java.security.NoSuchAlgorithmException;
import java.security.Principal;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSession;
import javax.net.ssl.X509ExtendedKeyManager;

import io.github.tlsresumption.crypto.AesGcmKey;
import io.github.tlsresumption.files.LibraryMismatch;
import io.github.tlsresumption.jetty.FactorySettings;
import io.github.tlsresumption.jetty.JettyVersion;
import io.github.tlsresumption.jetty.LoadedCertificates;
import io.github.tlsresumption.jetty.PromptIdentity;
import io.github.tlsresumption.jetty.SessionCustomizer;
import io.github.tlsresumption.keys.KeyRotation;
import io.github.tlsresumption.lean.PromptHandshakes;
import io.github.tlsresumption.policy.ConnectorTerms;
import io.github.tlsresumption.settings.Refusal;
import io.github.tlsresumption.settings.StartRefusals;
import org.eclipse.jetty.server.AbstractConnector;
import org.eclipse.jetty.util.Jetty;
import org.eclipse.jetty.util.annotation.ManagedObject;
import org.eclipse.jetty.util.annotation.Name;
import org.eclipse.jetty.util.component.Dumpable;
import org.eclipse.jetty.util.ssl.SniX509ExtendedKeyManager;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.eclipse.jetty.util.ssl.X509;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An {@link SslContextFactory.Server} that resumes sessions as the operator says: by tickets under keys that are
 * rotated, kept and shared, or by a cache of session keys, for a duration that counts from the full handshake.
 * <p>
 * Each setter is named as its property under {@code jetty.tlsResumption.}. Settings take effect at the next start.
 * Conflicting settings are rejected at the start, with an exception that names the setting and the fix.
 */
@ManagedObject("TLS session resumption of a connector")
public class ResumptionSslContextFactory extends ManagedSslContextFactory implements PromptHandshakes
{
    private static final Logger LOG = LoggerFactory.getLogger(ResumptionSslContextFactory.class);

    final SettingsCheck check = new SettingsCheck(settings, engine);
    final BlamedSetting blamed = new BlamedSetting(settings, policy, engine);
    private final List<ResumptionSslContextFactory> others = new CopyOnWriteArrayList<>();
    private volatile boolean prompt;

    /**
     * Puts a factory of this class in the place of the one that etc/jetty-ssl-context.xml has made, with all its
     * settings, before the server starts; and {@linkplain #customize customizes} the server.
     *
     * @param server the server that has the stock factory as a bean
     * @return the new factory, a bean of the server
     * @throws IllegalStateException when there is no stock factory, or the server has been started
     */
    public static ResumptionSslContextFactory install(@Name("server") org.eclipse.jetty.server.Server server)
    {
        return Installation.install(server);
    }

    /**
     * Lets the connectors that use a factory of this class show applications their session, by {@link SessionCustomizer}, and end
     * open connections where {@link #setCloseAtDeadline closeAtDeadline} says so: the connectors that the server has, and those that it
     * gets later, also while it runs. To call it again changes nothing. {@link #install} and {@link #secure} do it too.
     *
     * @param server the server, before its start
     * @throws IllegalStateException when the server has been started
     */
    public static void customize(org.eclipse.jetty.server.Server server)
    {
        Installation.customize(server);
    }

    /**
     * Gives TLS by this factory to each connector of a server that has HTTP/1.1 and no TLS, and {@linkplain #customize customizes} the
     * server: for servers that somebody else makes, such as Spring Boot.
     *
     * @param server the server, before its start
     * @throws IllegalStateException when the server has been started, or a connector has TLS already
     */
    public void secure(org.eclipse.jetty.server.Server server)
    {
        Installation.secure(server, this);
    }

    /**
     * @return whether it runs, is not being reloaded, and asks no store that is not in the memory of this process, no token, no trust
     * manager, and nobody of the application's own
     */
    @Override
    public boolean isHelloPrompt()
    {
        return prompt;
    }

    private boolean waitsForNothing()
    {
        return settings.asksNoStore() && !policy.isCustom() && getClass() == ResumptionSslContextFactory.class && PromptIdentity.of(this);
    }

    /**
     * Makes a factory for a second connector of the same server. It has all settings of this one, as they are now, but for scope, ticket
     * key file and forget log file, and for stores of the application's own; of shared stores it gets more of the same. It is reloaded
     * with this one.
     *
     * @return the new factory, which no connector has yet
     * @throws IllegalStateException when this factory has been started, or its shared stores are for one scope only
     */
    public ResumptionSslContextFactory another()
    {
        if (!isStopped())
        {
            throw new IllegalStateException("the factory has been started");
        }
        ResumptionSslContextFactory factory = new ResumptionSslContextFactory();
        FactorySettings.copy(this, factory);
        factory.settings.inherit(settings);
        factory.policy.inherit(policy);
        if (settings.sharedStores != null)
        {
            factory.setSharedStores(settings.sharedStores.again().orElseThrow(() -> StartRefusals.logged(new IllegalStateException(
                "the shared stores, " + settings.sharedStores.describe() + ", are for one connector only: make the second one's factory "
                + "yourself, with stores of its own"), settings.sharedStores.setting())));
        }
        others.add(factory);
        return factory;
    }

    /**
     * Gives a connector the protocols of another one of the same server, with TLS by this factory. What HTTP is configured with is the
     * same object for both.
     *
     * @param connector without protocols, before the server's start
     * @param model a connector with TLS, which has all its protocols
     * @throws IllegalStateException when the model has no TLS
     */
    public void secureLike(@Name("connector") AbstractConnector connector, @Name("model") AbstractConnector model)
    {
        Installation.secureLike(connector, model, this);
    }

    /**
     * @return the time in seconds for which the TLS engine keeps a session in its cache, and which it tells clients as the
     * lifetime of a ticket: never more than {@linkplain #setMaxSessionDuration the maximum session duration}
     */
    @Override
    public int getSslSessionTimeout()
    {
        // Before the start the setting as it is, for whoever copies or shows it.
        return isRunning() ? (int)settings.maxDuration().toSeconds() : super.getSslSessionTimeout();
    }

    @Override
    protected void doStart() throws Exception
    {
        boolean ours = true;
        try
        {
            requireJetty();
            begin(checkSettings(), check.rotation());
            ours = false;
            super.doStart();
            ours = true;
            if (!engine.isFallenBack())
            {
                engine.check();
                member.join(duties);
                member.report();
            }
        }
        catch (Throwable e)
        {
            closeAfter(e);
            if (e instanceof LinkageError)
            {
                IllegalStateException told = new IllegalStateException(LibraryMismatch.explain(e).orElseThrow(), e);
                StartRefusals.log(blamed.refusal(told));
                throw told;
            }
            // What Jetty finds wrong with the key store and with TLS it tells itself.
            if (ours)
            {
                StartRefusals.log(blamed.refusal(e));
            }
            throw e;
        }
    }

    private static void requireJetty()
    {
        JettyVersion.obstacle(Jetty.VERSION).ifPresent(obstacle ->
        {
            throw new IllegalStateException(obstacle);
        });
    }

    /**
     * Whatever it was, nothing stays open.
     */
    private void closeAfter(Throwable failure)
    {
        try
        {
            doStop();
        }
        catch (Throwable e)
        {
            failure.addSuppressed(e);
        }
    }

    /**
     * Does all that comes before the key store is loaded.
     */
    private void begin(ConnectorTerms terms, KeyRotation rotation)
    {
        AesGcmKey.chooseProvider();
        policy.start(terms);
        member.takeRules();
        Optional<String> obstacle = engine.begin(settings.ticketsPerConnection);
        if (obstacle.isPresent())
        {
            check.fallback(obstacle.get(), policy.decides());
            LOG.warn("{}; sessions are resumed by the TLS engine's own cache only, as jetty.tlsResumption.fallback says", obstacle.get());
            return;
        }
        engine.acquire();
        member.begin(terms, rotation);
        prompt = waitsForNothing();
    }

    /**
     * @return the terms of clients for whom no rule says otherwise
     * @throws IllegalStateException when settings do not go together
     */
    ConnectorTerms checkSettings()
    {
        return check.terms(super.getSslContext(), getProvider(), customization.isToldOfConnections());
    }

    @Override
    public void reload(Consumer<SslContextFactory> consumer) throws Exception
    {
        // New connections wait for the reload.
        prompt = false;
        try
        {
            super.reload(consumer);
        }
        finally
        {
            prompt = isRunning() && waitsForNothing();
        }
        member.rouse();
        for (ResumptionSslContextFactory other : others)
        {
            if (other.isRunning())
            {
                other.reload(consumer);
            }
            else
            {
                consumer.accept(other);
            }
        }
    }

    @Override
    protected SSLContext getSSLContextInstance() throws NoSuchAlgorithmException
    {
        try
        {
            // Also told of each reload, which makes a new context with the same keys.
            return engine.newContext(super::getSSLContextInstance, member.protector(), FactorySettings.validationDigest(this));
        }
        catch (NoSuchAlgorithmException e)
        {
            throw e;
        }
        catch (GeneralSecurityException e)
        {
            NoSuchAlgorithmException refused = new NoSuchAlgorithmException("jetty.tlsResumption: " + e.getMessage(), e);
            if (isStarting())
            {
                StartRefusals.log(Refusal.of(e, "jetty.sslContext.keyStorePath"));
            }
            throw refused;
        }
    }

    /**
     * @return one that goes on with the certificates it was made with while a reload changes those of the factory
     */
    @Override
    protected X509ExtendedKeyManager newSniX509ExtendedKeyManager(X509ExtendedKeyManager keyManager)
    {
        return LoadedCertificates.newKeyManager(keyManager, this);
    }

    @Override
    public String sniSelect(String keyType, Principal[] issuers, SSLSession session, String sniHost, Collection<X509> certificates)
    {
        if (sniHost == null || !(certificates instanceof LoadedCertificates.Candidates candidates) || candidates.anyMatches(sniHost))
        {
            return super.sniSelect(keyType, issuers, session, sniHost, certificates);
        }
        // As there, but not among the certificates of the factory, which may be those of another key store by now.
        return isSniRequired() || candidates.anyOfKeyStoreMatches(sniHost) ? null : SniX509ExtendedKeyManager.SniSelector.DELEGATE;
    }

    /**
     * As connectors call it.
     */
    @Override
    public SSLEngine newSSLEngine(InetSocketAddress address)
    {
        if (!engine.isFallenBack())
        {
            customization.warnIfMissing(getScope());
        }
        return super.newSSLEngine(address);
    }

    @Override
    public SSLEngine newSSLEngine()
    {
        return ofOneLoad(super::newSSLEngine);
    }

    @Override
    public SSLEngine newSSLEngine(String host, int port)
    {
        return ofOneLoad(() -> super.newSSLEngine(host, port));
    }

    /**
     * Jetty customizes an engine without its lock. In a reload that engine would miss protocols, cipher suites and the matcher of host
     * names, without which the engine neither resumes the sessions of a host nor lets those that it establishes be resumed.
     */
    private SSLEngine ofOneLoad(Supplier<SSLEngine> source)
    {
        while (true)
        {
            SSLContext before = getSslContext();
            SSLEngine engine = source.get();
            // Waits for a reload that has begun meanwhile.
            if (getSslContext() == before)
            {
                return engine;
            }
        }
    }

    @Override
    protected void doStop() throws Exception
    {
        prompt = false;
        try
        {
            super.doStop();
        }
        finally
        {
            engine.dropContext();
            member.leave(duties);
            engine.close();
        }
    }

    @Override
    public void dump(Appendable out, String indent) throws IOException
    {
        super.dump(out, indent);
        Dumpable.dumpObjects(out, indent, "resumption",
            "scope=" + getScope(),
            "mode=" + settings.mode,
            "tls12Mode=" + settings.tls12Mode(),
            "tls12TicketMode=" + getTls12TicketMode(),
            "maxSessionDuration=" + settings.maxDuration(),
            "ticketsPerConnection=" + getTicketsPerConnection(),
            "ticketKeys=" + getTicketKeys(),
            "handshakes=" + getHandshakes(),
            "refusals=" + getRefusals(),
            "closeAtDeadline=" + settings.closeAtDeadline,
            "endedConnections=" + getEndedConnections(),
            "checkConnections=" + getCheckConnections(),
            "storeHealth=" + getStoreHealth());
    }
}
