package io.github.tlsresumption;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.NoSuchAlgorithmException;
import java.security.Principal;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSession;
import javax.net.ssl.X509ExtendedKeyManager;

import io.github.tlsresumption.cluster.SharedStores;
import io.github.tlsresumption.crypto.AesGcmKey;
import io.github.tlsresumption.engine.TlsSession;
import io.github.tlsresumption.files.GuardedFile;
import io.github.tlsresumption.files.LibraryMismatch;
import io.github.tlsresumption.files.OwnDirectory;
import io.github.tlsresumption.forget.FileForgetLog;
import io.github.tlsresumption.forget.ForgetLog;
import io.github.tlsresumption.forget.LogIdentity;
import io.github.tlsresumption.jetty.ConnectorWatch;
import io.github.tlsresumption.jetty.FactorySettings;
import io.github.tlsresumption.jetty.HttpConfigurations;
import io.github.tlsresumption.jetty.JettyVersion;
import io.github.tlsresumption.jetty.LoadedCertificates;
import io.github.tlsresumption.jetty.OpenConnections;
import io.github.tlsresumption.jetty.SessionCustomizer;
import io.github.tlsresumption.jetty.SetUid;
import io.github.tlsresumption.keys.Exposure;
import io.github.tlsresumption.keys.FileRingMark;
import io.github.tlsresumption.keys.FileTicketKeyStore;
import io.github.tlsresumption.keys.KeyRotation;
import io.github.tlsresumption.keys.MemoryTicketKeyStore;
import io.github.tlsresumption.keys.Passphrases;
import io.github.tlsresumption.keys.RingMark;
import io.github.tlsresumption.keys.SecretTicketKeyStore;
import io.github.tlsresumption.keys.TicketKeyRing;
import io.github.tlsresumption.keys.TicketKeyStore;
import io.github.tlsresumption.keys.TicketKeyStoreException;
import io.github.tlsresumption.policy.ConnectorTerms;
import io.github.tlsresumption.policy.ResumptionMode;
import io.github.tlsresumption.policy.RulesException;
import io.github.tlsresumption.policy.SessionPolicy;
import io.github.tlsresumption.policy.SessionTerms;
import io.github.tlsresumption.resumption.ConnectorResumption;
import io.github.tlsresumption.resumption.Forgetting;
import io.github.tlsresumption.resumption.HandshakeResult;
import io.github.tlsresumption.resumption.ResumptionStatistics;
import io.github.tlsresumption.settings.Refusal;
import io.github.tlsresumption.settings.Setting;
import io.github.tlsresumption.settings.StartRefusals;
import io.github.tlsresumption.status.ConnectorStatus;
import io.github.tlsresumption.status.Distribution;
import io.github.tlsresumption.status.HandshakeCount;
import io.github.tlsresumption.status.KeyStatus;
import io.github.tlsresumption.status.RingStatus;
import io.github.tlsresumption.status.RuleStatus;
import io.github.tlsresumption.status.StoreHealth;
import io.github.tlsresumption.ticket.StableId;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.server.AbstractConnector;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.SecureRequestCustomizer;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.util.Jetty;
import org.eclipse.jetty.util.annotation.ManagedAttribute;
import org.eclipse.jetty.util.annotation.ManagedObject;
import org.eclipse.jetty.util.annotation.ManagedOperation;
import org.eclipse.jetty.util.annotation.Name;
import org.eclipse.jetty.util.component.Dumpable;
import org.eclipse.jetty.util.component.LifeCycle;
import org.eclipse.jetty.util.security.Password;
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
 * What does not go together is refused at start with an exception that names the setting and the mend.
 */
@ManagedObject("TLS session resumption of a connector")
public class ResumptionSslContextFactory extends SslContextFactory.Server
{
    private static final Logger LOG = LoggerFactory.getLogger(ResumptionSslContextFactory.class);
    private static final String TLS13 = "TLSv1.3";
    private static final String TLS12 = "TLSv1.2";
    private static final String ALLOW = "allow";
    private static final String FORBID = "forbid";
    private static final String KEY_FILE_SETTING = "jetty.tlsResumption.ticketKeyFile";
    private static final String FORGET_LOG_SETTING = "jetty.tlsResumption.forgetLogFile";
    private static final String PASSPHRASE_FILE = "jetty.tlsResumption.ticketKeyPassphraseFile";
    private static final String FILE = "file";
    private static final String SECRET = "secret";
    private static final String MEMORY = "memory";
    /** In the place of a list that all know: sessions of other processes are not resumed. */
    private static final String LIST_IN_MEMORY = LogIdentity.fresh();
    private static final String SHARED = "shared";
    private static final int DEFAULT_MAX_CACHED_SESSIONS = 100_000;
    private static final int DEFAULT_IPV4_PREFIX = 32;
    private static final int DEFAULT_IPV6_PREFIX = 64;
    private static final long DEFAULT_CLOCK_SKEW = 120;
    private static final long LONGEST_CLOCK_SKEW = 3_600;
    private static final int DEFAULT_MAX_FORGOTTEN = 100_000;
    private static final int DEFAULT_MAX_PRINCIPALS = 100_000;
    private static final int MOST_FORGOTTEN = 10_000_000;
    private static final int MOST_TICKETS = 10;
    private static final long DEFAULT_CLOSE_TIMEOUT = 30;
    private static final long LONGEST_CLOSE_TIMEOUT = 3_600;
    private static final long SWEEP_PERIOD = 1;
    /** How often, in seconds, it is noticed that a policy of the application's own has become stricter. */
    private static final long CACHE_PERIOD = 60;
    /** How often stores are tried again that the rules need by now, each time with a warning. */
    private static final long RETRY_PERIOD_NANOS = Duration.ofMinutes(10).toNanos();

    private ResumptionMode mode = ResumptionMode.TICKET;
    private ResumptionMode tls12Mode;
    private boolean tls12Tickets = true;
    private long maxSessionDuration = KeyRotation.DEFAULT.lifetime().toSeconds();
    private String scopeName;
    private String ownScope;
    private Path ticketKeyFile;
    private String ticketKeyStoreType = FILE;
    private Path forgetLogFile;
    private String ticketKeyPassphrase;
    private Path ticketKeyPassphraseFile;
    private long rotationSealPeriod = KeyRotation.DEFAULT.sealPeriod().toSeconds();
    private long rotationLead = KeyRotation.DEFAULT.lead().toSeconds();
    private long rotationLifetime;
    private int maxCachedSessions = DEFAULT_MAX_CACHED_SESSIONS;
    /** As SunJSSE does by itself. */
    private int ticketsPerConnection;
    private boolean closeAtDeadline;
    private long closeTimeout = DEFAULT_CLOSE_TIMEOUT;
    private Fallback fallback = Fallback.FAIL;
    private Clock clock = Clock.systemUTC();
    // The time to close a connection passes also when the system's clock is set back.
    private Supplier<Instant> elapsed = () -> Instant.EPOCH.plusNanos(System.nanoTime());
    private TicketKeyStore ticketKeyStore;
    private ForgetLog forgetLog;
    private SharedStores sharedStores;
    private int ipv4Prefix = DEFAULT_IPV4_PREFIX;
    private int ipv6Prefix = DEFAULT_IPV6_PREFIX;
    private long clockSkew = DEFAULT_CLOCK_SKEW;
    private int maxForgotten = DEFAULT_MAX_FORGOTTEN;
    private int maxPrincipals = DEFAULT_MAX_PRINCIPALS;

    private final ConnectorPolicy policy = new ConnectorPolicy();
    private final ResumptionStatistics statistics = new ResumptionStatistics();
    private final OpenConnections openConnections =
        new OpenConnections(this::isOver, () -> elapsed.get(), () -> Duration.ofSeconds(closeTimeout));
    private volatile Scope scope;
    private final Engine engine = new Engine(created -> customize(created));
    private final CurrentProtector protector = new CurrentProtector();
    private final Scope.User user = new Scope.User()
    {
        @Override
        public void attach(ScopeParts parts)
        {
            ResumptionSslContextFactory.this.attach(parts);
        }

        @Override
        public void detach(ScopeParts parts)
        {
            ResumptionSslContextFactory.this.detach(parts);
        }
    };
    private final List<ScheduledFuture<?>> duties = new ArrayList<>();
    private final Runnable sweep = this::sweep;
    private final Runnable endCached = this::endCached;
    private final Runnable cache = engine::forgetCachedSessions;
    /** Whether connectors tell of their connections. */
    private volatile boolean attached;
    /** Whether the connectors are those that a watched server is yet to get. */
    private volatile boolean awaiting;
    private volatile boolean customized;
    private final AtomicBoolean warned = new AtomicBoolean();
    private String list = "";
    /** Once a session may have been resumed here the ticket keys matter, whatever the rules say later. */
    private volatile boolean resumes;
    private volatile Optional<Long> failedAt = Optional.empty();

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
        SslContextFactory.Server stock = server.getBeans(SslContextFactory.Server.class).stream()
            .filter(bean -> bean.getClass() == SslContextFactory.Server.class)
            .findFirst()
            .orElseThrow(() -> StartRefusals.logged(new IllegalStateException("there is no SslContextFactory.Server to replace: enable the "
                + "module ssl-context, or make a ResumptionSslContextFactory in your own XML"), "jetty.sslContext"));
        checkStopped(server);
        ResumptionSslContextFactory factory = new ResumptionSslContextFactory();
        FactorySettings.copy(stock, factory);
        server.removeBean(stock);
        server.addBean(factory);
        customize(server);
        server.addEventListener(new EndOfFailedStart());
        return factory;
    }

    /**
     * Jetty keeps the threads of a server of which a later part fails to start, and with them a process that serves nothing, and that no
     * service manager starts again.
     */
    private static final class EndOfFailedStart implements LifeCycle.Listener
    {
        @Override
        public void lifeCycleFailure(LifeCycle event, Throwable cause)
        {
            LifeCycle.stop(event);
        }
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
        checkStopped(server);
        if (server.getBean(ConnectorWatch.class) == null)
        {
            // Which makes it a bean, and tells it of all beans that there are.
            server.addEventListener(new ConnectorWatch(server, ResumptionSslContextFactory::customize, ResumptionSslContextFactory::await));
            server.addEventListener(new StartOfServer(server));
        }
    }

    /**
     * Comes behind the customizers.
     */
    private record StartOfServer(org.eclipse.jetty.server.Server server) implements LifeCycle.Listener
    {
        @Override
        public void lifeCycleStarting(LifeCycle event)
        {
            SetUid.prepare(server);
            Set<ResumptionSslContextFactory> factories = new LinkedHashSet<>();
            for (Connector connector : server.getConnectors())
            {
                Connectors.factory(connector).ifPresent(factories::add);
            }
            checkTogether(factories);
        }
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
        checkStopped(server);
        for (Connector connector : server.getConnectors())
        {
            if (connector.getConnectionFactory(SslConnectionFactory.class) != null)
            {
                throw new IllegalStateException(connector + " has TLS already: remove the settings that give it, such as server.ssl of "
                    + "Spring Boot, or use ResumptionSslContextFactory there");
            }
            if (connector instanceof AbstractConnector plain && plain.getConnectionFactory(HttpConnectionFactory.class) != null)
            {
                secure(plain);
            }
        }
        customize(server);
    }

    private void secure(AbstractConnector connector)
    {
        HttpConfigurations.of(connector)
            .filter(configuration -> configuration.getCustomizer(SecureRequestCustomizer.class) == null)
            .forEach(configuration -> configuration.addCustomizer(new SecureRequestCustomizer()));
        connector.addFirstConnectionFactory(new SslConnectionFactory(this, HttpVersion.HTTP_1_1.asString()));
    }

    /**
     * Before any of them starts: a server of which a later connector fails keeps its threads, and so its process, for ever.
     */
    private static void checkTogether(Collection<ResumptionSslContextFactory> factories)
    {
        Scope.Together together = new Scope.Together();
        for (ResumptionSslContextFactory factory : factories)
        {
            try
            {
                together.add(factory.scopeName, factory.scopeSettings(factory.checkSettings(), factory.rotation()));
                factory.passphrase().map(Supplier::get).ifPresent(secret -> Arrays.fill(secret, '\0'));
            }
            catch (RuntimeException e)
            {
                StartRefusals.log(factory.refusal(e));
                throw e;
            }
        }
    }

    private static void checkStopped(org.eclipse.jetty.server.Server server)
    {
        if (!server.isStopped())
        {
            throw new IllegalStateException("the server has been started");
        }
    }

    private static void customize(Connector connector)
    {
        Connectors.factory(connector)
            .ifPresent(factory -> factory.customize(connector, connector.getConnectionFactory(SslConnectionFactory.class)));
    }

    private static void await(SslContextFactory.Server bean)
    {
        if (bean instanceof ResumptionSslContextFactory factory)
        {
            factory.customized = true;
            factory.awaiting = true;
        }
    }

    private void customize(Connector connector, SslConnectionFactory ssl)
    {
        HttpConfigurations.of(connector)
            .filter(configuration -> configuration.getCustomizer(SessionCustomizer.class) == null)
            .forEach(configuration -> configuration.addCustomizer(new SessionCustomizer(ResumptionSslContextFactory::present,
                ResumptionSslContextFactory::acting)));
        customized = true;
        awaiting = false;
        attached = closeAtDeadline;
        if (closeAtDeadline)
        {
            openConnections.attach(connector, ssl);
        }
        else
        {
            openConnections.detach(connector, ssl);
        }
    }

    /**
     * @return what knows who was forgotten on a connector, if it has a factory of this class that has started
     */
    private static Optional<Forgetting> present(Connector connector)
    {
        return Connectors.factory(connector)
            .flatMap(factory -> Optional.ofNullable(factory.scope))
            .map(current -> current.parts().forgetting());
    }

    /**
     * @return the same, to forget somebody now, who may have sessions though the connector resumes none
     */
    private static Optional<Forgetting> acting(Connector connector)
    {
        return Connectors.factory(connector).filter(factory -> factory.scope != null).map(ResumptionSslContextFactory::forgetting);
    }

    /**
     * @return how sessions of TLS 1.3 are resumed
     */
    @ManagedAttribute(value = "How sessions of TLS 1.3 are resumed: ticket, cache or off", readonly = true)
    public String getMode()
    {
        return mode.toString();
    }

    /**
     * @param mode {@code ticket} (the default), {@code cache} or {@code off}
     * @throws IllegalArgumentException when it is none of them
     */
    public void setMode(String mode)
    {
        this.mode = ResumptionMode.of(Setting.MODE.require(mode));
    }

    /**
     * @return how sessions of TLS 1.2 are resumed, for clients that support tickets
     */
    @ManagedAttribute(value = "How sessions of TLS 1.2 are resumed: ticket, cache or off", readonly = true)
    public String getTls12Mode()
    {
        return tls12Mode().toString();
    }

    /**
     * @param mode {@code ticket}, {@code cache} or {@code off}; the default is {@code cache}, or {@code off} with
     * {@linkplain #setMode mode} off, since whoever has the key of a TLS 1.2 ticket can read its session's recorded traffic
     * @throws IllegalArgumentException when it is none of them
     */
    public void setTls12Mode(String mode)
    {
        this.tls12Mode = ResumptionMode.of(Setting.TLS12_MODE.require(mode));
    }

    /**
     * @return whether mode {@code ticket} is allowed for TLS 1.2
     */
    @ManagedAttribute(value = "Whether mode ticket is allowed for TLS 1.2: allow or forbid", readonly = true)
    public String getTls12TicketMode()
    {
        return tls12Tickets ? ALLOW : FORBID;
    }

    /**
     * @param permission {@code allow}, the default, or {@code forbid}: then neither {@linkplain #setTls12Mode the mode for TLS 1.2} nor
     * a rule may be {@code ticket} for TLS 1.2, and where a {@linkplain #setSessionPolicy policy} says so it is taken for {@code cache}
     * @throws IllegalArgumentException when it is neither
     */
    public void setTls12TicketMode(String permission)
    {
        this.tls12Tickets = ALLOW.equalsIgnoreCase(Setting.TLS12_TICKET_MODE.require(permission));
    }

    private ResumptionMode tls12Mode()
    {
        if (tls12Mode != null)
        {
            return tls12Mode;
        }
        return mode == ResumptionMode.OFF ? ResumptionMode.OFF : ResumptionMode.CACHE;
    }

    /**
     * @return for how long a session may be resumed, in seconds from its full handshake
     */
    @ManagedAttribute(value = "The maximum session duration in seconds, from the full handshake", readonly = true)
    public long getMaxSessionDuration()
    {
        return maxSessionDuration;
    }

    /**
     * @param duration how long a session may be resumed, in seconds or with its unit, such as {@code 90s}, {@code 30m} or
     * {@code 8h}
     * @throws IllegalArgumentException when it is no duration, or out of range
     * @see #setMaxSessionDuration(long)
     */
    public void setMaxSessionDuration(String duration)
    {
        setMaxSessionDuration(Setting.MAX_SESSION_DURATION.requireSeconds(duration));
    }

    /**
     * @param seconds 1 to 604800; the default is 86400. A positive {@linkplain #setSslSessionTimeout session timeout}
     * that is shorter holds in its place.
     */
    public void setMaxSessionDuration(long seconds)
    {
        this.maxSessionDuration = seconds;
    }

    /**
     * @return the scope, or null for one of this factory's own
     */
    @ManagedAttribute(value = "The scope within which sessions are resumed", readonly = true)
    public String getScope()
    {
        Scope current = scope;
        return current == null ? scopeName : current.name();
    }

    /**
     * @param scope connectors with the same scope, and nodes' connectors with the same scope and ticket keys, resume each
     * other's sessions; blank, the default, for one of this factory's own
     */
    public void setScope(String scope)
    {
        this.scopeName = scope == null || scope.isBlank() ? null : scope.strip();
    }

    /**
     * @return the file of the ticket keys, or null when they are in memory only
     */
    @ManagedAttribute(value = "The file of the ticket keys", readonly = true)
    public String getTicketKeyFile()
    {
        return ticketKeyFile == null ? null : ticketKeyFile.toString();
    }

    /**
     * @param file where the ticket keys are kept, made at the first start; without one, the default, they are in memory only,
     * and a restart ends all sessions
     */
    public void setTicketKeyFile(String file)
    {
        this.ticketKeyFile = file == null || file.isBlank() ? null : Path.of(file.strip());
    }

    /**
     * @return where the ticket keys are kept: {@code file}, {@code secret}, {@code memory} or {@code shared}
     */
    @ManagedAttribute(value = "Where the ticket keys are kept: file, secret, memory or shared", readonly = true)
    public String getTicketKeyStoreType()
    {
        if (SECRET.equals(ticketKeyStoreType))
        {
            return SECRET;
        }
        return sharedStores != null ? SHARED : ticketKeyFile == null ? MEMORY : ticketKeyStoreType;
    }

    /**
     * @param type {@code file}, the default, for {@linkplain #setTicketKeyFile the file} if there is one; {@code secret} for a file that
     * somebody else writes and rotates, and that is only read here; or {@code memory} in any case
     * @throws IllegalArgumentException when it is none of them
     */
    public void setTicketKeyStoreType(String type)
    {
        this.ticketKeyStoreType = Setting.TICKET_KEY_STORE.require(type).toLowerCase(Locale.ROOT);
    }

    /**
     * @return the file of who was forgotten, or null for the one that goes with the store of the ticket keys
     */
    @ManagedAttribute(value = "The file of who was forgotten, where it is not beside the ticket keys", readonly = true)
    public String getForgetLogFile()
    {
        return forgetLogFile == null ? null : forgetLogFile.toString();
    }

    /**
     * @param file where it is kept who was forgotten, made at the first start. Without one, the default, it is beside the file of the
     * ticket keys; and in memory where that is a {@code secret}: then no session is resumed that was established before this process
     * started, or by another one.
     */
    public void setForgetLogFile(String file)
    {
        this.forgetLogFile = file == null || file.isBlank() ? null : Path.of(file.strip());
    }

    /**
     * @return who rotates the ticket keys: {@code this server}, or {@code whoever writes their file}
     */
    @ManagedAttribute("Who rotates the ticket keys: this server, or whoever writes their file")
    public String getTicketKeyRotation()
    {
        return isSecret() ? "whoever writes their file" : "this server";
    }

    /**
     * @param passphrase encrypts the file of the ticket keys; may be obfuscated as {@link Password} does it
     */
    public void setTicketKeyPassphrase(String passphrase)
    {
        this.ticketKeyPassphrase = passphrase == null || passphrase.isEmpty() ? null : passphrase;
    }

    /**
     * @param file holds the passphrase, such as a mounted secret; line ends behind it do not count. It is refused when others may read or
     * replace it, see {@link Passphrases#guarded}.
     */
    public void setTicketKeyPassphraseFile(String file)
    {
        this.ticketKeyPassphraseFile = file == null || file.isBlank() ? null : Path.of(file.strip());
    }

    /**
     * @return for how many seconds a ticket key seals
     */
    @ManagedAttribute(value = "For how many seconds a ticket key seals", readonly = true)
    public long getRotationSealPeriod()
    {
        return rotationSealPeriod;
    }

    /**
     * @param duration for how long a ticket key seals, in seconds or with its unit, such as {@code 90s}, {@code 30m} or
     * {@code 8h}
     * @throws IllegalArgumentException when it is no duration, or out of range
     * @see #setRotationSealPeriod(long)
     */
    public void setRotationSealPeriod(String duration)
    {
        setRotationSealPeriod(Setting.ROTATION_SEAL_PERIOD.requireSeconds(duration));
    }

    /**
     * @param seconds for how long a ticket key seals; the default is 43200
     */
    public void setRotationSealPeriod(long seconds)
    {
        this.rotationSealPeriod = seconds;
    }

    /**
     * @return for how many seconds a ticket key is known before it seals
     */
    @ManagedAttribute(value = "For how many seconds a ticket key is known before it seals", readonly = true)
    public long getRotationLead()
    {
        return rotationLead;
    }

    /**
     * @param duration for how long a ticket key is known before it seals, in seconds or with its unit, such as {@code 90s}, {@code 30m} or
     * {@code 8h}
     * @throws IllegalArgumentException when it is no duration, or out of range
     * @see #setRotationLead(long)
     */
    public void setRotationLead(String duration)
    {
        setRotationLead(Setting.ROTATION_LEAD.requireSeconds(duration));
    }

    /**
     * @param seconds for how long a ticket key is known before it seals; the default is 600
     */
    public void setRotationLead(long seconds)
    {
        this.rotationLead = seconds;
    }

    /**
     * @return for how many seconds a ticket key opens after its last seal
     */
    @ManagedAttribute(value = "For how many seconds a ticket key opens after its last seal", readonly = true)
    public long getRotationLifetime()
    {
        return rotationLifetime == 0 ? maxSessionDuration : rotationLifetime;
    }

    /**
     * @param duration for how long a ticket key opens after its last seal, in seconds or with its unit, such as {@code 90s}, {@code 30m} or
     * {@code 8h}
     * @throws IllegalArgumentException when it is no duration, or out of range
     * @see #setRotationLifetime(long)
     */
    public void setRotationLifetime(String duration)
    {
        setRotationLifetime(Setting.ROTATION_LIFETIME.requireSeconds(duration));
    }

    /**
     * @param seconds for how long a ticket key opens after its last seal; the default, 0, is the maximum session duration.
     * To be set to the longest one where connectors share keys.
     */
    public void setRotationLifetime(long seconds)
    {
        this.rotationLifetime = seconds;
    }

    /**
     * @return how many sessions of mode cache there may be
     */
    @ManagedAttribute(value = "How many sessions of mode cache there may be", readonly = true)
    public int getMaxCachedSessions()
    {
        return maxCachedSessions;
    }

    /**
     * @param number how many sessions of mode cache there may be, as in XML
     * @throws IllegalArgumentException when it is no number, or out of range
     * @see #setMaxCachedSessions(int)
     */
    public void setMaxCachedSessions(String number)
    {
        setMaxCachedSessions(Setting.MAX_CACHED_SESSIONS.requireNumber(number));
    }

    /**
     * @param sessions how many sessions of mode cache there may be; the default is 100000
     */
    public void setMaxCachedSessions(int sessions)
    {
        this.maxCachedSessions = sessions;
    }

    /**
     * @return how many tickets a client gets after each handshake of TLS 1.3; 0 before the start when it was not set
     */
    @ManagedAttribute(value = "How many tickets a client gets after each handshake of TLS 1.3", readonly = true)
    public int getTicketsPerConnection()
    {
        return ticketsPerConnection > 0 ? ticketsPerConnection : engine.ticketsPerConnection().orElse(0);
    }

    /**
     * @param number how many tickets a client gets after each handshake of TLS 1.3, as in XML
     * @throws IllegalArgumentException when it is no number, or out of range
     * @see #setTicketsPerConnection(int)
     */
    public void setTicketsPerConnection(String number)
    {
        setTicketsPerConnection(Setting.TICKETS_PER_CONNECTION.requireNumber(number));
    }

    /**
     * @param tickets how many tickets a client gets after each handshake of TLS 1.3, 1 to 10; by default as many as SunJSSE sends, which is
     * one unless the system property {@code jdk.tls.server.newSessionTicketCount} says otherwise. It holds for the whole JVM. A JDK
     * without that property, such as JDK 17, only takes 1.
     */
    public void setTicketsPerConnection(int tickets)
    {
        if (tickets < 1 || tickets > MOST_TICKETS)
        {
            throw new IllegalArgumentException("jetty.tlsResumption.ticketsPerConnection is " + tickets + ": set 1 to " + MOST_TICKETS);
        }
        this.ticketsPerConnection = tickets;
    }

    /**
     * @return whether connections that are open when their session's deadline passes are ended
     */
    @ManagedAttribute(value = "Whether open connections end at their session's deadline", readonly = true)
    public boolean isCloseAtDeadline()
    {
        return closeAtDeadline;
    }

    /**
     * @param close {@code true} or {@code false}
     * @throws IllegalArgumentException when it is neither
     * @see #setCloseAtDeadline(boolean)
     */
    public void setCloseAtDeadline(String close)
    {
        setCloseAtDeadline(Setting.CLOSE_AT_DEADLINE.requireTruth(close));
    }

    /**
     * @param close whether connections that are open when their session's deadline passes, or it is forgotten, are ended, within
     * {@linkplain #setCloseTimeout the time to close}, also of sessions that are not resumed; the default is false. Needs
     * {@link #customize}.
     */
    public void setCloseAtDeadline(boolean close)
    {
        this.closeAtDeadline = close;
    }

    /**
     * @return for how many seconds after the deadline a connection that is ended may go on with what runs on it
     */
    @ManagedAttribute(value = "For how many seconds after the deadline a connection may finish what runs on it", readonly = true)
    public long getCloseTimeout()
    {
        return closeTimeout;
    }

    /**
     * @param duration for how long a connection that is ended may go on, in seconds or with its unit, such as {@code 90s}, {@code 30m} or
     * {@code 8h}
     * @throws IllegalArgumentException when it is no duration, or out of range
     * @see #setCloseTimeout(long)
     */
    public void setCloseTimeout(String duration)
    {
        setCloseTimeout(Setting.CLOSE_TIMEOUT.requireSeconds(duration));
    }

    /**
     * @param seconds for how long after the deadline a connection that is ended may go on with what runs on it, 1 to 3600; the
     * default is 30
     */
    public void setCloseTimeout(long seconds)
    {
        this.closeTimeout = seconds;
    }

    /**
     * @return what to do when this JDK's SunJSSE does not suit
     */
    @ManagedAttribute(value = "What to do when this JDK does not suit: fail or session-id", readonly = true)
    public String getFallback()
    {
        return fallback.toString();
    }

    /**
     * @param fallback what to do when this JDK's SunJSSE does not pass the self-test: {@code fail}, the default, or
     * {@code session-id} for SunJSSE's own cache
     */
    public void setFallback(String fallback)
    {
        this.fallback = Fallback.of(Setting.FALLBACK.require(fallback));
    }

    /**
     * @return the rules in force, in one line
     */
    @ManagedAttribute(value = "The rules for single clients", readonly = true)
    public String getRules()
    {
        return policy.describe();
    }

    /**
     * @param rules rules for single clients in place of those that there are, the first that matches wins; separated by {@code ;} or
     * line ends, as docs/policy.md describes them. More can be {@linkplain #addRule added}.
     */
    public void setRules(String rules)
    {
        policy.setRules(rules == null ? "" : rules);
    }

    /**
     * @param rule a rule for single clients, behind those that there are
     */
    public void addRule(String rule)
    {
        policy.addRules(rule);
    }

    /**
     * @return the file of the rules, or null
     */
    @ManagedAttribute(value = "The file of the rules", readonly = true)
    public String getRulesFile()
    {
        return policy.file() == null ? null : policy.file().toString();
    }

    /**
     * @param file has one rule for single clients in each line; looked at every second, and read again when it has changed
     */
    public void setRulesFile(String file)
    {
        policy.setFile(file == null || file.isBlank() ? null : Path.of(file.strip()));
    }

    /**
     * @param policy decides on each client's terms in place of rules; its durations must not be longer than
     * {@linkplain #setMaxSessionDuration the connector's}, which limits them
     */
    public void setSessionPolicy(SessionPolicy policy)
    {
        this.policy.setCustom(policy);
    }

    /**
     * @return how many bits of an IPv4 address tell clients without certificate apart
     */
    @ManagedAttribute(value = "How many bits of an IPv4 address tell clients apart", readonly = true)
    public int getClientIpv4Prefix()
    {
        return ipv4Prefix;
    }

    /**
     * @param number how many bits of an IPv4 address tell clients apart, as in XML
     * @throws IllegalArgumentException when it is no number, or out of range
     * @see #setClientIpv4Prefix(int)
     */
    public void setClientIpv4Prefix(String number)
    {
        setClientIpv4Prefix(Setting.CLIENT_IPV4_PREFIX.requireNumber(number));
    }

    /**
     * @param bits how many bits of an IPv4 address tell clients without certificate apart, 0 to 32; the default is 32
     */
    public void setClientIpv4Prefix(int bits)
    {
        this.ipv4Prefix = bits;
    }

    /**
     * @return how many bits of an IPv6 address tell clients without certificate apart
     */
    @ManagedAttribute(value = "How many bits of an IPv6 address tell clients apart", readonly = true)
    public int getClientIpv6Prefix()
    {
        return ipv6Prefix;
    }

    /**
     * @param number how many bits of an IPv6 address tell clients apart, as in XML
     * @throws IllegalArgumentException when it is no number, or out of range
     * @see #setClientIpv6Prefix(int)
     */
    public void setClientIpv6Prefix(String number)
    {
        setClientIpv6Prefix(Setting.CLIENT_IPV6_PREFIX.requireNumber(number));
    }

    /**
     * @param bits how many bits of an IPv6 address tell clients without certificate apart, 0 to 128; the default is 64
     */
    public void setClientIpv6Prefix(int bits)
    {
        this.ipv6Prefix = bits;
    }

    /**
     * @return by how many seconds the clocks of the nodes may be apart
     */
    @ManagedAttribute(value = "By how many seconds the clocks of the nodes may be apart", readonly = true)
    public long getClockSkew()
    {
        return clockSkew;
    }

    /**
     * @param duration how far the clocks of the nodes may be apart, in seconds or with its unit, such as {@code 90s}, {@code 30m} or
     * {@code 8h}
     * @throws IllegalArgumentException when it is no duration, or out of range
     * @see #setClockSkew(long)
     */
    public void setClockSkew(String duration)
    {
        setClockSkew(Setting.CLOCK_SKEW.requireSeconds(duration));
    }

    /**
     * @param seconds by how many the clocks of the nodes may be apart, 1 to 3600. Forgetting a client reaches its sessions of this long
     * a time to come as well where other nodes may establish some; more than that is reported. The default is 120.
     */
    public void setClockSkew(long seconds)
    {
        this.clockSkew = seconds;
    }

    /**
     * @return how many forgotten sessions, clients, principals and rules are told apart
     */
    @ManagedAttribute(value = "How many forgotten sessions, clients, users and rules are told apart", readonly = true)
    public int getMaxForgotten()
    {
        return maxForgotten;
    }

    /**
     * @param number how many are told apart on the forget list, as in XML
     * @throws IllegalArgumentException when it is no number, or out of range
     * @see #setMaxForgotten(int)
     */
    public void setMaxForgotten(String number)
    {
        setMaxForgotten(Setting.MAX_FORGOTTEN.requireNumber(number));
    }

    /**
     * @param entries how many forgotten sessions, clients, principals and rules are told apart; beyond it, all sessions that are older
     * than the oldest entries are forgotten. The default is 100000.
     */
    public void setMaxForgotten(int entries)
    {
        this.maxForgotten = entries;
    }

    /**
     * @return for how many sessions it is known who their user is
     */
    @ManagedAttribute(value = "For how many sessions it is known who their user is", readonly = true)
    public int getMaxPrincipals()
    {
        return maxPrincipals;
    }

    /**
     * @param number for how many sessions it is known who their user is, as in XML
     * @throws IllegalArgumentException when it is no number, or out of range
     * @see #setMaxPrincipals(int)
     */
    public void setMaxPrincipals(String number)
    {
        setMaxPrincipals(Setting.MAX_PRINCIPALS.requireNumber(number));
    }

    /**
     * @param sessions for how many sessions it is known who their user is; beyond it, to forget a user forgets all sessions that are
     * older than those known. The default is 100000.
     */
    public void setMaxPrincipals(int sessions)
    {
        this.maxPrincipals = sessions;
    }

    /**
     * @param log keeps the forget list in place of a file beside that of the ticket keys: for a {@linkplain #setTicketKeyStore store} that
     * outlives this process or is shared. Without one, such a store's sessions end with each restart, since it is not known who was
     * forgotten. Of connectors of one scope the first to start lends its own, which is closed when the last of them stops.
     */
    public void setForgetLog(ForgetLog log)
    {
        this.forgetLog = log;
    }

    /**
     * @param store keeps the ticket keys in place of the file. Of connectors of one scope the first to start lends its own,
     * which is closed when the last of them stops.
     */
    public void setTicketKeyStore(TicketKeyStore store)
    {
        this.ticketKeyStore = store;
    }

    /**
     * @param stores keep ticket keys, forget list and session keys for all nodes of a cluster, in place of the file of the ticket keys,
     * the one beside it, and the heap. Of connectors of one scope the first to start lends its own, which is closed when the last of
     * them stops. Null takes them away.
     * @throws IllegalStateException when there are some already
     */
    public void setSharedStores(SharedStores stores)
    {
        if (sharedStores != null && stores != null)
        {
            throw StartRefusals.logged(new IllegalStateException("shared stores are set already, " + sharedStores.describe() + ", and "
                + "would "
                + "be " + stores.describe() + ": enable one of the modules tls-resumption-redis and "
                + "tls-resumption-jdbc"), stores.setting());
        }
        this.sharedStores = stores;
    }

    /**
     * @return gives, at each call in a new array, what {@link #setTicketKeyPassphrase} or {@link #setTicketKeyPassphraseFile} says by
     * then: empty when neither has been called; an {@link IllegalStateException} when both have been, or the file holds none
     */
    public Supplier<char[]> newTicketKeyPassphraseSupplier()
    {
        return () -> passphrase().map(Supplier::get).orElseGet(() -> new char[0]);
    }

    /**
     * @param clock tells the time; the default is the system's
     */
    public void setClock(Clock clock)
    {
        this.clock = clock;
        elapsed = clock::instant;
    }

    /**
     * @return the time in seconds for which SunJSSE keeps a session in its cache, and which it tells clients as the
     * lifetime of a ticket: never more than {@linkplain #setMaxSessionDuration the maximum session duration}
     */
    @Override
    public int getSslSessionTimeout()
    {
        // Before the start the setting as it is, for whoever copies or shows it.
        return isRunning() ? (int)maxDuration().toSeconds() : super.getSslSessionTimeout();
    }

    private Duration maxDuration()
    {
        int timeout = super.getSslSessionTimeout();
        return Duration.ofSeconds(timeout > 0 ? Math.min(timeout, maxSessionDuration) : maxSessionDuration);
    }

    @Override
    protected void doStart() throws Exception
    {
        boolean ours = true;
        try
        {
            require(JettyVersion.obstacle(Jetty.VERSION));
            begin(checkSettings(), rotation());
            ours = false;
            super.doStart();
            ours = true;
            if (!engine.isFallenBack())
            {
                resume();
                logStart();
            }
        }
        catch (Throwable e)
        {
            closeAfter(e);
            if (e instanceof LinkageError)
            {
                IllegalStateException told = new IllegalStateException(LibraryMismatch.explain(e).orElseThrow(), e);
                StartRefusals.log(refusal(told));
                throw told;
            }
            // What Jetty finds wrong with the key store and with TLS it tells itself.
            if (ours)
            {
                StartRefusals.log(refusal(e));
            }
            throw e;
        }
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
     * Which protocols are enabled is known by now.
     */
    private void resume() throws TicketKeyStoreException
    {
        boolean mayResume = mayResume();
        // Who ends connections must know who was forgotten.
        if (mayResume || closeAtDeadline)
        {
            scope.wake();
        }
        warmSessionKeys(true);
        scope.parts().sessionKeysMismatch().ifPresent(mismatch ->
        {
            throw new IllegalStateException("the session keys of mode cache cannot be read or written: " + mismatch);
        });
        resumes = mayResume;
        scope.join(user);
    }

    /**
     * Does all that comes before the key store is loaded.
     */
    private void begin(ConnectorTerms terms, KeyRotation rotation) throws TicketKeyStoreException
    {
        AesGcmKey.chooseProvider();
        policy.start(terms);
        takeRules();
        Optional<String> obstacle = engine.begin(ticketsPerConnection);
        if (obstacle.isPresent())
        {
            fallBack(obstacle.get());
            return;
        }
        engine.acquire();
        scope = acquireScope(terms, rotation);
        list = forgetList();
        protector.set(newResumption(scope.parts()));
    }

    private void fallBack(String obstacle)
    {
        if (fallback == Fallback.FAIL)
        {
            throw new IllegalStateException(obstacle + "; or set jetty.tlsResumption.fallback=session-id to start with SunJSSE's own "
                + "cache and without tickets");
        }
        if (mode == ResumptionMode.OFF || tls12Mode() == ResumptionMode.OFF)
        {
            throw new IllegalStateException(obstacle + "; jetty.tlsResumption.fallback=session-id cannot turn resumption off, as "
                + "jetty.tlsResumption.mode or .tls12Mode says");
        }
        if (policy.decides())
        {
            throw new IllegalStateException(obstacle + "; jetty.tlsResumption.fallback=session-id cannot heed jetty.tlsResumption.rules, "
                + ".rulesFile or a SessionPolicy");
        }
        if (closeAtDeadline)
        {
            throw new IllegalStateException(obstacle + "; jetty.tlsResumption.fallback=session-id cannot end connections, as "
                + "jetty.tlsResumption.closeAtDeadline says");
        }
        LOG.warn("{}; sessions are resumed by SunJSSE's own cache only, as jetty.tlsResumption.fallback says", obstacle);
    }

    private ConnectorResumption newResumption(ScopeParts parts)
    {
        return new ConnectorResumption(scope.name(), list, policy, parts.ring()::ring, parts.sessionKeys(), parts.forgetting(),
            parts.clock(), parts.deadlines(), statistics);
    }

    private void attach(ScopeParts parts)
    {
        protector.set(newResumption(parts));
        ScheduledExecutorService executor = parts.executor();
        long period = Engine.renewalPeriod().toMillis();
        parts.forgetting().addCache(cache);
        duties.add(executor.scheduleAtFixedRate(this::renew, period, period, TimeUnit.MILLISECONDS));
        duties.add(executor.scheduleWithFixedDelay(this::watch, SWEEP_PERIOD, SWEEP_PERIOD, TimeUnit.SECONDS));
        parts.forgetting().addListener(endCached);
        duties.add(executor.scheduleWithFixedDelay(endCached, CACHE_PERIOD, CACHE_PERIOD, TimeUnit.SECONDS));
        if (closeAtDeadline)
        {
            parts.forgetting().bindAll();
            parts.forgetting().addListener(sweep);
            duties.add(executor.scheduleWithFixedDelay(sweep, SWEEP_PERIOD, SWEEP_PERIOD, TimeUnit.SECONDS));
        }
    }

    private Refusal refusal(Throwable failure)
    {
        if (failure instanceof RulesException rules)
        {
            String line = rules.line() == 0 ? "" : "line " + rules.line() + ": ";
            return policy.file() == null ? Refusal.of(line + rules.problem(), "jetty.tlsResumption.rules")
                : Refusal.of(policy.file() + ": " + line + rules.problem(), "jetty.tlsResumption.rulesFile");
        }
        return Refusal.of(failure, settingInDoubt());
    }

    /**
     * @return the setting that a message is about when it does not begin with one
     */
    private String settingInDoubt()
    {
        if (engine.isFallenBack())
        {
            return "jetty.tlsResumption.fallback";
        }
        if (sharedStores != null)
        {
            return sharedStores.setting();
        }
        if (ticketKeyStore != null)
        {
            return "setTicketKeyStore";
        }
        return MEMORY.equals(getTicketKeyStoreType()) ? "jetty.tlsResumption.ticketKeyStore" : "jetty.tlsResumption.ticketKeyFile";
    }

    private void detach(ScopeParts parts)
    {
        duties.forEach(duty -> duty.cancel(false));
        duties.clear();
        parts.forgetting().removeListener(sweep);
        parts.forgetting().removeListener(endCached);
        parts.forgetting().removeCache(cache);
    }

    /**
     * Takes the stores into use where the rules, or the protocols, have changed so that some client may resume after all. Throws nothing.
     */
    private synchronized void rouse()
    {
        Scope current = scope;
        if (current == null || resumes || !mayResume())
        {
            return;
        }
        try
        {
            current.wake();
            warmSessionKeys(false);
            resumes = true;
            failedAt = Optional.empty();
            logStart();
        }
        catch (TicketKeyStoreException | RuntimeException e)
        {
            failedAt = Optional.of(System.nanoTime());
            LOG.warn("Sessions of scope {} may be resumed now, but there are no ticket keys, so handshakes are full: {}. It is tried "
                + "again in 10 minutes, or when the rules are read again", current.name(), e.getMessage());
        }
    }

    @Override
    public void reload(Consumer<SslContextFactory> consumer) throws Exception
    {
        super.reload(consumer);
        rouse();
    }

    private static void require(Optional<String> obstacle)
    {
        if (obstacle.isPresent())
        {
            throw new IllegalStateException(obstacle.get());
        }
    }

    private static void requireBound(String setting, int value)
    {
        if (value < 1 || value > MOST_FORGOTTEN)
        {
            throw new IllegalStateException(setting + " is " + value + ": set 1 to " + MOST_FORGOTTEN);
        }
    }

    private ConnectorTerms checkSettings()
    {
        if (super.getSslSessionTimeout() > SessionTerms.LONGEST.toSeconds())
        {
            throw new IllegalStateException("jetty.sslContext.sslSessionTimeout is " + super.getSslSessionTimeout()
                + ": set at most " + SessionTerms.LONGEST.toSeconds() + ", beyond which SunJSSE breaks TLS 1.2 handshakes");
        }
        if (super.getSslContext() != null)
        {
            throw new IllegalStateException("an SSLContext was set: resumption needs one of its own, so set a key store instead");
        }
        if (getProvider() != null && !Engine.PROVIDER.equals(getProvider()))
        {
            throw new IllegalStateException("jetty.sslContext.provider is " + getProvider() + ", but resumption works with "
                + Engine.PROVIDER + " only: remove that setting (and the module conscrypt or bouncycastle that made it), "
                + "or the module tls-resumption");
        }
        if (sharedStores != null && (ticketKeyStore != null || forgetLog != null))
        {
            throw new IllegalStateException("both shared stores and a store of ticket keys or a forget log of their own are set: keep "
                + "setSharedStores, or setTicketKeyStore and setForgetLog");
        }
        if (sharedStores != null && MEMORY.equals(ticketKeyStoreType))
        {
            throw new IllegalStateException("jetty.tlsResumption.ticketKeyStore is memory, but the ticket keys are in "
                + sharedStores.describe() + ": remove that setting, or the module tls-resumption-redis or tls-resumption-jdbc");
        }
        if (SECRET.equals(ticketKeyStoreType) && (ticketKeyFile == null || ticketKeyStore != null))
        {
            throw new IllegalStateException("jetty.tlsResumption.ticketKeyStore is secret, but " + (ticketKeyFile == null
                ? "there is no jetty.tlsResumption.ticketKeyFile" : "setTicketKeyStore was called as well") + ": set the one, or remove"
                + " the other");
        }
        if (forgetLogFile != null && (sharedStores != null || forgetLog != null || MEMORY.equals(getTicketKeyStoreType())))
        {
            throw new IllegalStateException("jetty.tlsResumption.forgetLogFile is set, but who was forgotten is kept "
                + (sharedStores != null ? "in " + sharedStores.describe() : forgetLog != null ? "by setForgetLog"
                : "in memory, as the ticket keys are") + ": remove that setting");
        }
        requireBound("jetty.tlsResumption.maxForgotten", maxForgotten);
        requireBound("jetty.tlsResumption.maxPrincipals", maxPrincipals);
        if (clockSkew < 1 || clockSkew > LONGEST_CLOCK_SKEW)
        {
            throw new IllegalStateException("jetty.tlsResumption.clockSkew is " + clockSkew + " seconds: set 1 to "
                + LONGEST_CLOCK_SKEW);
        }
        if (closeTimeout < 1 || closeTimeout > LONGEST_CLOSE_TIMEOUT)
        {
            throw new IllegalStateException("jetty.tlsResumption.closeTimeout is " + closeTimeout + " seconds: set 1 to "
                + LONGEST_CLOSE_TIMEOUT);
        }
        if (closeAtDeadline && !attached && !awaiting)
        {
            throw new IllegalStateException("jetty.tlsResumption.closeAtDeadline is true, but no connector has told of its connections: "
                + "call ResumptionSslContextFactory.customize(server) before the server starts");
        }
        // The message is about the setting as it was made, so the limit by the session timeout comes after.
        new SessionTerms(mode, Duration.ofSeconds(maxSessionDuration));
        return new ConnectorTerms(mode, tls12Mode(), maxDuration(), tls12Tickets);
    }

    private KeyRotation rotation()
    {
        if (getRotationLifetime() < maxSessionDuration)
        {
            throw new IllegalStateException("jetty.tlsResumption.rotation.lifetime is " + rotationLifetime + " seconds, less than "
                + "jetty.tlsResumption.maxSessionDuration, " + maxSessionDuration + " seconds, so that keys would end before the sessions: "
                + "raise the first or lower the second");
        }
        if (getRotationLifetime() > SessionTerms.LONGEST.toSeconds())
        {
            throw new IllegalStateException("jetty.tlsResumption.rotation.lifetime is " + rotationLifetime + " seconds: set at most "
                + SessionTerms.LONGEST.toSeconds() + " (7 days, the longest session)");
        }
        return new KeyRotation(Duration.ofSeconds(rotationSealPeriod), Duration.ofSeconds(rotationLead),
            Duration.ofSeconds(getRotationLifetime()));
    }

    private ScopeSettings scopeSettings(ConnectorTerms terms, KeyRotation rotation)
    {
        String keys = sharedStores != null ? sharedStores.describe() : ticketKeyStore != null ? ticketKeyStore.describe()
            : MEMORY.equals(getTicketKeyStoreType()) ? "" : ticketKeyFile.toAbsolutePath().normalize().toString();
        return new ScopeSettings(terms, rotation, keys, maxCachedSessions, ipv4Prefix, ipv6Prefix, maxForgotten, maxPrincipals,
            Duration.ofSeconds(clockSkew));
    }

    private Scope acquireScope(ConnectorTerms terms, KeyRotation rotation) throws TicketKeyStoreException
    {
        ScopeSettings settings = scopeSettings(terms, rotation);
        if (scopeName == null && ownScope == null)
        {
            ownScope = Scope.newName();
        }
        return Scope.acquire(scopeName == null ? ownScope : scopeName, settings, clock, new Scope.Maker()
        {
            @Override
            public ScopeParts make() throws TicketKeyStoreException
            {
                return newParts(settings);
            }

            @Override
            public boolean mayHaveSessions()
            {
                return sharedStores != null || (ticketKeyStore != null ? ticketKeyStore.persistent() || ticketKeyStore.shared()
                    : hasKeyFile());
            }

            @Override
            public void discard()
            {
                closeLent();
            }
        });
    }

    private ScopeParts newParts(ScopeSettings settings) throws TicketKeyStoreException
    {
        if (sharedStores != null)
        {
            checkSharing(sharedStores.describe(), "disable the module that shares them");
            return isSecret() ? ScopeWiring.start(sharedStores, Optional.of(newSecretStore()), settings, clock, RingMark.NONE)
                : ScopeWiring.start(sharedStores, settings, clock, ringMark(sharedStores.describe()));
        }
        Optional<Path> keyFile = placeOfKeyFile();
        TicketKeyStore store = newTicketKeyStore(keyFile);
        RingMark mark;
        ForgetLog log;
        try
        {
            if (store.persistent() || store.shared())
            {
                checkSharing(store.describe(), "set jetty.tlsResumption.ticketKeyStore=memory to keep the keys in memory");
            }
            Optional<Path> place = placeOfForgetLog(keyFile);
            mark = newRingMark(store, keyFile, place);
            log = newForgetLog(place, settings.rotation());
        }
        catch (Throwable e)
        {
            store.close();
            throw e;
        }
        return ScopeWiring.start(store, log, settings, clock, mark);
    }

    private void closeLent()
    {
        if (sharedStores != null)
        {
            sharedStores.close();
        }
        if (ticketKeyStore != null)
        {
            ticketKeyStore.close();
        }
        if (forgetLog != null)
        {
            forgetLog.close();
        }
    }

    private boolean hasKeyFile()
    {
        if (MEMORY.equals(getTicketKeyStoreType()))
        {
            return false;
        }
        try
        {
            return Files.exists(OwnDirectory.find(ticketKeyFile));
        }
        catch (IOException e)
        {
            // Whoever takes it into use is told why it cannot be.
            return true;
        }
    }

    private boolean isSecret()
    {
        return SECRET.equals(getTicketKeyStoreType());
    }

    /**
     * Connectors of mode ticket alone leave the store of the session keys alone.
     */
    private void warmSessionKeys(boolean atStart)
    {
        Scope current = scope;
        if (current == null || !current.isAwake())
        {
            return;
        }
        boolean needed = mode == ResumptionMode.CACHE && engine.enables(TLS13)
            || tls12Mode() == ResumptionMode.CACHE && engine.enables(TLS12)
            || policy.mayChoose(ResumptionMode.CACHE);
        if (needed)
        {
            current.parts().needSessionKeys(this, atStart);
        }
        else
        {
            current.parts().releaseSessionKeys(this);
        }
    }

    /**
     * @return what tells sessions apart that were established by processes which do not know whom this one has forgotten
     */
    private String forgetList() throws TicketKeyStoreException
    {
        if (!isSecret() || sharedStores != null || forgetLog != null)
        {
            return "";
        }
        if (forgetLogFile == null)
        {
            return LIST_IN_MEMORY;
        }
        try
        {
            return LogIdentity.of(placed(forgetLogFile, FORGET_LOG_SETTING, "remove the setting to keep who was forgotten in memory"));
        }
        catch (IOException e)
        {
            throw new TicketKeyStoreException(TicketKeyStoreException.Kind.REFUSED, e.getMessage(), e);
        }
    }

    private RingMark newRingMark(TicketKeyStore store, Optional<Path> keyFile, Optional<Path> list)
    {
        if (keyFile.isPresent())
        {
            return FileRingMark.beside(keyFile.get());
        }
        if (isSecret())
        {
            return list.<RingMark>map(place -> new FileRingMark(FileRingMark.besides(place), store.describe())).orElse(RingMark.NONE);
        }
        return store.persistent() ? ringMark(store.describe()) : RingMark.NONE;
    }

    private static Path placed(Path file, String setting, String instead) throws TicketKeyStoreException
    {
        try
        {
            return OwnDirectory.place(file, setting, instead);
        }
        catch (IOException e)
        {
            throw new TicketKeyStoreException(TicketKeyStoreException.Kind.REFUSED, e.getMessage(), e);
        }
    }

    /**
     * @return where the file of who was forgotten is, or is to be, if it is in one
     */
    private Optional<Path> placeOfForgetLog(Optional<Path> keyFile) throws TicketKeyStoreException
    {
        if (forgetLogFile != null)
        {
            return Optional.of(placed(forgetLogFile, FORGET_LOG_SETTING, "remove the setting"));
        }
        return keyFile.map(file -> GuardedFile.beside(file, ".forgotten"));
    }

    /**
     * @return where the file of the ticket keys is, or is to be, if the keys are in one
     */
    private Optional<Path> placeOfKeyFile() throws TicketKeyStoreException
    {
        if (ticketKeyStore != null || !FILE.equals(getTicketKeyStoreType()))
        {
            return Optional.empty();
        }
        return Optional.of(placed(ticketKeyFile, KEY_FILE_SETTING, "name a file in another directory, or set"
            + " jetty.tlsResumption.ticketKeyStore=memory, or =secret where somebody else rotates the keys"));
    }

    /**
     * Where the key file would be, for keys that are elsewhere.
     */
    private RingMark ringMark(String store)
    {
        if (ticketKeyFile == null)
        {
            return RingMark.NONE;
        }
        try
        {
            Path place = OwnDirectory.place(ticketKeyFile, KEY_FILE_SETTING, "name a file in another directory");
            return new FileRingMark(FileRingMark.besides(place), store);
        }
        catch (IOException e)
        {
            LOG.warn("This node does not remember the version of the ring in {}, so that an old one is known by the list of who was "
                + "forgotten alone: {}", store, e.getMessage());
            return RingMark.NONE;
        }
    }

    private static void checkSharing(String place, String otherwise)
    {
        Engine.sharingObstacle().ifPresent(obstacle ->
        {
            throw new IllegalStateException("the ticket keys are in " + place + ", but " + obstacle
                + ", so no ticket would be good after a restart or on another node: add it, or " + otherwise);
        });
    }

    private ForgetLog newForgetLog(Optional<Path> place, KeyRotation rotation)
    {
        if (forgetLog != null)
        {
            return forgetLog;
        }
        if (place.isEmpty())
        {
            return ForgetLog.none();
        }
        try
        {
            return new FileForgetLog(place.get(), rotation.lifetime(), clock);
        }
        catch (IOException e)
        {
            throw new IllegalStateException(e.getMessage(), e);
        }
    }

    private TicketKeyStore newTicketKeyStore(Optional<Path> keyFile)
    {
        if (ticketKeyStore != null)
        {
            return ticketKeyStore;
        }
        if (isSecret())
        {
            return newSecretStore();
        }
        Optional<Supplier<char[]>> passphrase = passphrase();
        if (keyFile.isEmpty())
        {
            return new MemoryTicketKeyStore();
        }
        return passphrase.map(given -> new FileTicketKeyStore(keyFile.get(), given)).orElseGet(() -> new FileTicketKeyStore(keyFile.get()));
    }

    private TicketKeyStore newSecretStore()
    {
        return new SecretTicketKeyStore(ticketKeyFile, KEY_FILE_SETTING, passphrase());
    }

    private Optional<Supplier<char[]>> passphrase()
    {
        if (ticketKeyPassphrase != null && ticketKeyPassphraseFile != null)
        {
            throw new IllegalStateException("jetty.tlsResumption.ticketKeyPassphrase is set beside .ticketKeyPassphraseFile: keep one");
        }
        if (ticketKeyPassphraseFile != null)
        {
            return Optional.of(Passphrases.guarded(ticketKeyPassphraseFile, PASSPHRASE_FILE));
        }
        return Optional.ofNullable(ticketKeyPassphrase).map(text -> () -> new Password(text).toString().toCharArray());
    }

    @Override
    protected SSLContext getSSLContextInstance() throws NoSuchAlgorithmException
    {
        try
        {
            // Also told of each reload, which makes a new context with the same keys.
            return engine.newContext(super::getSSLContextInstance, protector, FactorySettings.validationDigest(this));
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
        if (!customized && !engine.isFallenBack() && warned.compareAndSet(false, true))
        {
            LOG.warn("TLS resumption of scope {}: applications find no session in their requests, and cannot forget any: call "
                + "ResumptionSslContextFactory.customize(server) before the server starts", getScope());
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
     * names, without which SunJSSE neither resumes the sessions of a host nor lets those that it establishes be resumed.
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

    private void renew()
    {
        try
        {
            engine.renew();
        }
        catch (Throwable e)
        {
            // What escapes would end the renewals for good.
            LOG.warn("SunJSSE's ticket key could not be renewed: resumption by ticket may fail until it is", e);
        }
    }

    /**
     * @return the time by which sessions and ticket keys end: the cluster's, where nodes share them
     */
    private Instant now()
    {
        Scope current = scope;
        return current == null ? clock.instant() : current.parts().clock().instant();
    }

    private boolean isOver(TlsSession session)
    {
        Scope current = scope;
        boolean expired = !now().isBefore(session.deadline());
        return expired || current != null && current.parts().forgetting().isForgotten(session);
    }

    private void takeRules()
    {
        synchronized (statistics)
        {
            statistics.setRules(policy.names());
        }
    }

    private void watch()
    {
        try
        {
            boolean isChanged = policy.poll();
            if (isChanged)
            {
                takeRules();
                endCached();
                warmSessionKeys(false);
            }
            if (isChanged || failedAt.isEmpty() || System.nanoTime() - failedAt.get() > RETRY_PERIOD_NANOS)
            {
                rouse();
            }
            engine.endExpiredSessions(now());
        }
        catch (Throwable e)
        {
            // What escapes would end the watch for good.
            LOG.warn("The rules could not be looked at: those in force stay", e);
        }
    }

    /**
     * The sessions of clients without tickets, in SunJSSE's cache, are screened when they are offered; what has ended leaves the cache
     * without waiting for that.
     */
    private void endCached()
    {
        try
        {
            engine.endCachedSessions();
        }
        catch (Throwable e)
        {
            // What escapes would end the listeners' calls, or this one's for good.
            LOG.warn("Sessions that have ended could not be taken out of SunJSSE's cache: they are refused until they are", e);
        }
    }

    private void sweep()
    {
        try
        {
            openConnections.sweep();
        }
        catch (Throwable e)
        {
            // What escapes would end the sweeps for good.
            LOG.warn("Open connections could not be looked through: those whose session is over stay open until they can", e);
        }
    }

    @Override
    protected void doStop() throws Exception
    {
        try
        {
            super.doStop();
        }
        finally
        {
            shutDown();
        }
    }

    private void shutDown()
    {
        engine.dropContext();
        if (scope != null)
        {
            scope.parts().releaseSessionKeys(this);
            scope.leave(user);
            scope.release();
            scope = null;
        }
        resumes = false;
        failedAt = Optional.empty();
        engine.close();
    }

    /**
     * @return whether some client may have its sessions resumed here, by the rules in force
     */
    private boolean mayResume()
    {
        return policy.mayResume(TLS13) && engine.enables(TLS13) || policy.mayResume(TLS12) && engine.enables(TLS12);
    }

    private String shown(String protocol, ResumptionMode asked)
    {
        return engine.enables(protocol) ? "by " + asked : "not at all, as it is not enabled";
    }

    private void logStart()
    {
        ScopeParts parts = scope.parts();
        if (!resumes)
        {
            LOG.info("TLS resumption of scope {} is off: TLS 1.3 {}, TLS 1.2 {}; no session is resumed, and {}", scope.name(),
                shown(TLS13, mode), shown(TLS12, tls12Mode()), scope.isAwake() ? "no ticket key seals anything here"
                    : "there are no ticket keys");
            return;
        }
        String exposure = parts.ring().ring().exposure(now())
            .map(window -> "a ticket key stolen now opens tickets from " + window.from() + " to " + window.until())
            .orElse("there is no ticket key");
        LOG.info("TLS resumption of scope {}: TLS 1.3 {}, TLS 1.2 {}, sessions last {} s at most, ticket keys in {}; {}",
            scope.name(), shown(TLS13, mode), shown(TLS12, tls12Mode()), maxDuration().toSeconds(), parts.store().describe()
            + (isSecret() ? ", rotated by whoever writes it" + shownList() : ""), exposure);
        if (parts.store().persistent() && ticketKeyFile == null)
        {
            LOG.info("An old ring that is put back into {} while no node runs is {}", parts.store().describe(), parts.forgetLog() ==
                ForgetLog.none() ? "not noticed: nothing else remembers its version. Set jetty.tlsResumption.ticketKeyFile, beside which "
                + "the node does, or a ForgetLog" : "noticed only if the list of who was forgotten is not put back with it: set "
                + "jetty.tlsResumption.ticketKeyFile, beside which the node remembers the version");
        }
        if (policy.decides() && Engine.singleUseObstacle().isPresent())
        {
            LOG.warn("With singleUse=true sessions of TLS 1.3 are not resumed, since {}: use a JDK that the module knows, or rules "
                + "without singleUse", Engine.singleUseObstacle().get());
        }
        if (Engine.sharingObstacle().isPresent())
        {
            LOG.info("Tickets end with a reload of the key store, since {}", Engine.sharingObstacle().get());
        }
    }

    private String shownList()
    {
        if (sharedStores != null || forgetLog != null)
        {
            return "";
        }
        return forgetLogFile != null ? ", sessions of other nodes not resumed, as they have a forget list of their own"
            : ", sessions of other nodes and of before this start not resumed, as the forget list is in memory";
    }

    /**
     * @return how many handshakes were full, by result of {@link HandshakeResult}
     */
    @ManagedAttribute("Completed handshakes by result")
    public Map<String, Long> getHandshakes()
    {
        Map<String, Long> counts = new TreeMap<>();
        for (HandshakeResult result : HandshakeResult.values())
        {
            counts.put(result.toString(), statistics.handshakes(result));
        }
        return counts;
    }

    /**
     * @return in how many handshakes each {@link io.github.tlsresumption.resumption.RefusalReason} was met
     */
    @ManagedAttribute("Handshakes in which resumption or a ticket was refused, by reason")
    public Map<String, Long> getRefusals()
    {
        return statistics.refusals();
    }

    /**
     * @return completed handshakes by protocol, and within it by result
     */
    @ManagedAttribute("Completed handshakes by protocol and result")
    public Map<String, Map<String, Long>> getHandshakesByProtocol()
    {
        Map<String, Map<String, Long>> counts = new TreeMap<>();
        for (HandshakeCount handshake : statistics.handshakes())
        {
            counts.computeIfAbsent(handshake.protocol(), protocol -> new TreeMap<>()).put(handshake.result(), handshake.count());
        }
        return counts;
    }

    /**
     * @return completed handshakes by the rule that the client's terms are by, and within it by result; {@code (default)} is for those that
     * no rule matches
     */
    @ManagedAttribute("Completed handshakes by rule and result")
    public Map<String, Map<String, Long>> getHandshakesByRule()
    {
        Map<String, Map<String, Long>> counts = new TreeMap<>();
        rules().forEach(rule -> counts.put(rule.rule(), new TreeMap<>(rule.handshakes())));
        return counts;
    }

    /**
     * @return live sessions of mode cache by the rule that gave them their terms, in the whole scope; none where nodes share them
     */
    @ManagedAttribute("Live sessions of mode cache by rule, where nodes do not share them")
    public Map<String, Long> getCachedSessionsByRule()
    {
        Map<String, Long> counts = new TreeMap<>();
        rules().forEach(rule -> rule.liveSessions().ifPresent(count -> counts.put(rule.rule(), count)));
        return counts;
    }

    private List<RuleStatus> rules()
    {
        Scope current = scope;
        return statistics.rules(rule -> current == null ? OptionalLong.empty() : current.parts().sessionKeys().size(rule));
    }

    /**
     * @return for how long opening a ticket took, in nanoseconds: {@code count}, {@code mean}, and the least bound of a bucket that is
     * not less than that share of the times, {@code p50}, {@code p90} and {@code p99}
     */
    @ManagedAttribute("Nanoseconds for which opening a ticket took: count, mean, and what most did not exceed")
    public Map<String, Long> getOpenTimes()
    {
        return summary(statistics.openTimes());
    }

    /**
     * @return for how long sealing a ticket took, as {@link #getOpenTimes}
     */
    @ManagedAttribute("Nanoseconds for which sealing a ticket took: count, mean, and what most did not exceed")
    public Map<String, Long> getSealTimes()
    {
        return summary(statistics.sealTimes());
    }

    /**
     * @return how old sessions were when they were resumed, in seconds since the full handshake; else as {@link #getOpenTimes}
     */
    @ManagedAttribute("Seconds since its full handshake that a session had when it was resumed: count, mean, and what most did not exceed")
    public Map<String, Long> getResumptionAge()
    {
        return summary(statistics.resumptionAge());
    }

    private static Map<String, Long> summary(Distribution distribution)
    {
        return new TreeMap<>(Map.of(
            "count", distribution.count(),
            "mean", Math.round(distribution.mean()),
            "p50", distribution.quantile(0.5),
            "p90", distribution.quantile(0.9),
            "p99", distribution.quantile(0.99)));
    }

    /**
     * @return how many connections ended after their session's deadline: {@code graceful}, by themselves when they were done or
     * {@code hard}, cut at the end of {@linkplain #setCloseTimeout the time to close} or for a protocol that is not HTTP
     */
    @ManagedAttribute("Connections that ended at their session's deadline: gracefully or hard")
    public Map<String, Long> getEndedConnections()
    {
        return new TreeMap<>(Map.of("graceful", openConnections.gracefulEnds(), "hard", openConnections.hardEnds()));
    }

    /**
     * @return how many sessions of mode cache there are: in this process, or in the cluster where they are shared
     */
    @ManagedAttribute("Live sessions of mode cache")
    public long getCachedSessions()
    {
        Scope current = scope;
        return current == null ? 0 : current.parts().sessionKeys().size();
    }

    /**
     * @return the key ring, without secrets
     */
    @ManagedAttribute("The ticket key ring")
    public String getTicketKeys()
    {
        return ring().toString();
    }

    /**
     * @return from when to when a ticket key stolen now would open tickets
     */
    @ManagedAttribute("From when to when the ticket keys of now open tickets")
    public String getExposure()
    {
        return ring().exposure(now()).map(window -> window.from() + "/" + window.until()).orElse("");
    }

    /**
     * @return how the last contact with the store of the ticket keys went
     */
    @ManagedAttribute("How the last contact with the store of the ticket keys went")
    public String getTicketKeyStoreHealth()
    {
        Scope current = scope;
        return current == null || !current.isAwake() ? "" : current.parts().ring().health().toString();
    }

    /**
     * @return how this node gets on with each of its stores outside the heap; empty before the start
     */
    public List<StoreHealth> storeHealth()
    {
        Scope current = scope;
        return current == null ? List.of() : current.health(now());
    }

    /**
     * @return the same for people, by the name of the store
     */
    @ManagedAttribute("For each store: what is wrong with it, when it last answered, how old what is known of it may be")
    public Map<String, String> getStoreHealth()
    {
        Map<String, String> health = new TreeMap<>();
        storeHealth().forEach(store -> health.put(store.store(), store.toString()));
        return health;
    }

    /**
     * @return what is wrong with the file of the rules, empty when nothing is
     */
    @ManagedAttribute("What is wrong with the file of the rules; those read before are in force")
    public String getRulesProblem()
    {
        return policy.problem();
    }

    /**
     * Reads the file of the rules again, which is done without asking when it has changed.
     *
     * @throws IllegalArgumentException when it is bad; the rules stay as they are
     * @throws IllegalStateException when there is no file
     */
    @ManagedOperation("Reads the file of the rules again")
    public void reloadRules()
    {
        policy.reload();
        takeRules();
        endCached();
        rouse();
        warmSessionKeys(false);
    }

    /**
     * @return how many are on the forget list
     */
    @ManagedAttribute("How many sessions, clients, users and rules are on the forget list")
    public int getForgotten()
    {
        Scope current = scope;
        return current == null ? 0 : current.parts().forgetList().entries();
    }

    /**
     * @return for how many sessions it is known who their user is
     */
    @ManagedAttribute("For how many sessions it is known who their user is")
    public int getPrincipals()
    {
        Scope current = scope;
        return current == null ? 0 : current.parts().forgetList().bindings();
    }

    /**
     * @return how often more was forgotten than asked for, since a bound was reached
     */
    @ManagedAttribute("How often more was forgotten than asked for, since maxForgotten or maxPrincipals was reached")
    public long getForgetOverflows()
    {
        Scope current = scope;
        return current == null ? 0 : current.parts().forgetList().overflows();
    }

    /**
     * @return what is wrong with the log of the forgotten, empty when nothing is
     */
    @ManagedAttribute("What is wrong with the log of the forgotten")
    public String getForgetLogProblem()
    {
        Scope current = scope;
        return current == null ? "" : current.parts().forgetList().problem().orElse("");
    }

    /**
     * @return when the ticket key that seals now stops; empty when none does
     */
    @ManagedAttribute("When the ticket key that seals now stops")
    public String getNextRotation()
    {
        return ring().nextRotation(now()).map(Instant::toString).orElse("");
    }

    /**
     * Reads what is in memory; a store that nodes share is asked how many sessions it has.
     *
     * @param name the connector's
     * @return all that is known of it now, without secrets
     */
    public ConnectorStatus status(String name)
    {
        Instant now = now();
        String scopeShown = getScope();
        return new ConnectorStatus(scopeShown == null ? "" : scopeShown, name,
            Map.of("TLSv1.3", getMode(), "TLSv1.2", getTls12Mode()), resumes, maxDuration(), statistics.handshakes(), statistics.refusals(),
            statistics.openTimes(), statistics.sealTimes(), statistics.resumptionAge(), getEndedConnections(), rules(),
            getCachedSessions(), status(ring(), now), getForgotten(),
            storeHealth());
    }

    private RingStatus status(TicketKeyRing ring, Instant now)
    {
        List<KeyStatus> keys = ring.keys().stream()
            .map(key -> new KeyStatus(HexFormat.of().toHexDigits(key.id()), key.created(), key.sealFrom(), key.sealUntil(),
                key.openUntil(), key.state(now).name().toLowerCase(Locale.ROOT)))
            .toList();
        Optional<Exposure> exposure = ring.exposure(now);
        return new RingStatus(ring.version(), exposure.map(Exposure::from), exposure.map(Exposure::until), ring.nextRotation(now), keys,
            !isSecret());
    }

    /**
     * @return the one that this connector's tickets are sealed under: empty where none are
     */
    private TicketKeyRing ring()
    {
        Scope current = scope;
        return current == null || !resumes ? TicketKeyRing.empty() : current.parts().ring().ring();
    }

    /**
     * Brings a new ticket key before its time; tickets sealed until then stay good.
     *
     * @throws TicketKeyStoreException when the store does not take it
     * @throws IllegalStateException when not started, or there are no ticket keys, since no session is resumed
     */
    @ManagedOperation("Brings a new ticket key before its time")
    public void rotateTicketKeys() throws TicketKeyStoreException
    {
        Scope current = started();
        if (!current.isAwake())
        {
            throw new IllegalStateException("no session of scope " + current.name() + " is resumed, so there are no ticket keys");
        }
        current.parts().ring().rotateNow();
    }

    /**
     * Drops every ticket key: all sessions end, here at once and elsewhere as soon as it is noticed; and those of this
     * connector's clients without tickets.
     *
     * @throws TicketKeyStoreException when the store does not take it
     * @throws IllegalStateException when not started
     */
    @ManagedOperation("Drops every ticket key: all sessions end")
    public void dropTicketKeys() throws TicketKeyStoreException
    {
        Scope current = started();
        // There may be some of before the modes were off, or others'.
        current.wakeToForget();
        if (current.isAwake())
        {
            current.parts().ring().dropAll();
        }
        engine.forgetCachedSessions();
        try
        {
            current.parts().forgetting().forgetDropped();
        }
        catch (IOException e)
        {
            LOG.warn("The ticket keys were dropped: {}", e.getMessage());
        }
    }

    /**
     * Forgets one session: its next handshake is full.
     *
     * @param id its stable id, 64 hexadecimal digits
     * @throws IOException when other processes have not been told yet
     * @throws IllegalArgumentException when it is no id
     * @throws IllegalStateException when not started
     */
    @ManagedOperation("Forgets one session")
    public void forgetSession(@Name("id") String id) throws IOException
    {
        forgetting().forgetSession(StableId.parse(id));
    }

    /**
     * Forgets the sessions of a client.
     *
     * @param client the address of a client without certificate; or of a client's key {@code sha256/} and base64, or {@code sha256:} and
     * hexadecimal digits, of SHA-256 of its SubjectPublicKeyInfo
     * @throws IOException when other processes have not been told yet
     * @throws IllegalArgumentException when it is neither
     * @throws IllegalStateException when not started
     */
    @ManagedOperation("Forgets the sessions of a client, by address or by SHA-256 of the key of its certificate")
    public void forgetClient(@Name("client") String client) throws IOException
    {
        forgetting().forgetClient(client);
    }

    /**
     * Forgets the sessions of a user, as applications have named it.
     *
     * @param principal the name
     * @throws IOException when other processes have not been told yet
     * @throws IllegalStateException when not started
     */
    @ManagedOperation("Forgets the sessions of a user, as applications have named it")
    public void forgetPrincipal(@Name("principal") String principal) throws IOException
    {
        forgetting().forgetPrincipal(principal);
    }

    /**
     * Forgets the sessions of the clients that a rule applies to.
     *
     * @param rule its name
     * @throws IOException when other processes have not been told yet
     * @throws IllegalArgumentException when there is no such rule
     * @throws IllegalStateException when not started
     */
    @ManagedOperation("Forgets the sessions of the clients that a rule applies to")
    public void forgetRule(@Name("rule") String rule) throws IOException
    {
        Forgetting forgetting = forgetting();
        List<String> names = policy.names().orElse(List.of(rule));
        if (!names.contains(rule))
        {
            throw new IllegalArgumentException("there is no rule '" + rule + "': " + (names.isEmpty() ? "there are none" : "use " + names));
        }
        forgetting.forgetRule(rule);
    }

    /**
     * Forgets all sessions. The ticket keys stay.
     *
     * @throws IOException when other processes have not been told yet
     * @throws IllegalStateException when not started
     */
    @ManagedOperation("Forgets all sessions")
    public void forgetEveryone() throws IOException
    {
        forgetting().forgetEveryone();
    }

    /**
     * @return what forgets sessions, for code that embeds Jetty
     * @throws IllegalStateException when not started, or the stores cannot be used that know of sessions to forget
     */
    public Forgetting forgetting()
    {
        Scope current = started();
        try
        {
            current.wakeToForget();
        }
        catch (TicketKeyStoreException e)
        {
            throw new IllegalStateException(e.getMessage(), e);
        }
        return current.parts().forgetting();
    }

    private Scope started()
    {
        Scope current = scope;
        if (current == null)
        {
            throw new IllegalStateException("not started");
        }
        return current;
    }

    @Override
    public void dump(Appendable out, String indent) throws IOException
    {
        super.dump(out, indent);
        Dumpable.dumpObjects(out, indent, "resumption",
            "scope=" + getScope(),
            "mode=" + mode,
            "tls12Mode=" + tls12Mode(),
            "tls12TicketMode=" + getTls12TicketMode(),
            "maxSessionDuration=" + maxDuration(),
            "ticketsPerConnection=" + getTicketsPerConnection(),
            "ticketKeys=" + ring(),
            "handshakes=" + getHandshakes(),
            "refusals=" + getRefusals(),
            "closeAtDeadline=" + closeAtDeadline,
            "endedConnections=" + getEndedConnections(),
            "storeHealth=" + getStoreHealth());
    }
}
